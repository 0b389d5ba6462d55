"""Windows of time: Amazon writes `from--to` in one text (ISO 8601 has `/` there)."""

from typing import Any


def parted(tree: Any) -> Any:
    """The order with its windows as objects."""
    details = dict(tree.get("orderDetails") or {})
    for name in ("shipWindow", "deliveryWindow"):
        start, dashes, end = str(details.get(name) or "").partition("--")
        if dashes:
            details[name] = {"from": start, "to": end}
    return {**tree, "orderDetails": details}


def joined(tree: Any) -> Any:
    """The order as Amazon has it. A window with one end is that moment."""
    details = dict(tree.get("orderDetails") or {})
    for name in ("shipWindow", "deliveryWindow"):
        if isinstance(details.get(name), dict):
            start, end = details[name].get("from"), details[name].get("to")
            details[name] = f"{start or end}--{end or start}"
    return {**tree, "orderDetails": details}
