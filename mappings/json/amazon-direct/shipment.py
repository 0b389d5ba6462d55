"""Amazon's direct fulfillment confirmation tells its items as a whole (`items`) and again inside of `containers`."""

from typing import Any

KEY = "itemSequenceNumber"
OWN = ("package", "order", "quantity", "pieceNumber")


def packed(tree: Any) -> Any:
    """The confirmation with its order, `packages`, and `contents`: each item as often as it lies in a container."""
    items = {item.get(KEY): item for item in tree.get("items") or []}
    containers = tree.get("containers") or []
    inside = [(box, entry) for box in containers for entry in box.get("packedItems") or []]
    contents = [
        _content(items.get(entry.get(KEY), {}), entry, box.get("containerIdentifier"), entry.get("packedQuantity"))
        for box, entry in inside
    ]
    packed_numbers = {entry.get(KEY) for _, entry in inside}
    contents += [
        _content(item, {}, None, item.get("shippedQuantity"))
        for name, item in items.items() if name not in packed_numbers
    ]  # fmt: skip
    details = dict(tree.get("shipmentDetails") or {})
    vendor_number = details.pop("vendorOrderNumber", None)
    order = {"id": "1", "number": tree.get("purchaseOrderNumber"), "vendorOrderNumber": vendor_number}
    packages = [{name: value for name, value in box.items() if name != "packedItems"} for box in containers]
    own = {"items", "containers", "purchaseOrderNumber", "shipmentDetails"}
    rest = {name: value for name, value in tree.items() if name not in own}
    return {
        **rest, "number": tree.get("purchaseOrderNumber"), "shipmentDetails": details, "orders": [order],
        "packages": packages, "contents": contents,
    }  # fmt: skip


def _content(item: Any, entry: Any, package: str | None, quantity: Any) -> dict[str, Any]:
    whole = {**item, **entry, "package": package, "quantity": quantity, "order": "1"}
    own = ("shippedQuantity", "packedQuantity")
    return {name: value for name, value in whole.items() if value is not None and name not in own}


def confirmed(tree: Any) -> Any:
    """The confirmation as Amazon takes it. A carrier said of the whole is that of each container. ValueError: it
    carries none of them, or a line tells of different items."""
    scac, boxes = tree.get("scacCode"), tree.get("packages") or []
    if scac and all(box.get("scacCode") not in (None, scac) for box in boxes):
        raise ValueError(f"{scac} carries none of the containers")
    own = ("number", "orders", "packages", "contents", "scacCode")
    whole = {name: value for name, value in tree.items() if name not in own}
    order = next(iter(tree.get("orders") or []), {})
    whole["purchaseOrderNumber"] = order.get("number")
    details = dict(tree.get("shipmentDetails") or {})
    if order.get("vendorOrderNumber"):
        details["vendorOrderNumber"] = order["vendorOrderNumber"]
    whole["shipmentDetails"] = {"shipmentStatus": "SHIPPED", **details}
    items: dict[Any, dict[str, Any]] = {}
    entries: dict[Any, list[dict[str, Any]]] = {}
    for content in tree.get("contents") or []:
        ids = {name: value for name, value in content.items() if name not in OWN}
        quantity = content.get("quantity") or {}
        item = items.setdefault(content.get(KEY), {**ids, "shippedQuantity": {**quantity, "amount": 0}})
        if ids != {name: value for name, value in item.items() if name != "shippedQuantity"}:
            raise ValueError(f"line {content.get(KEY)} tells different items in different packages")
        item["shippedQuantity"]["amount"] += quantity.get("amount", 0)
        if content.get("package"):
            piece = {"pieceNumber": content["pieceNumber"]} if "pieceNumber" in content else {}
            entries.setdefault(content["package"], []).append({**ids, **piece, "packedQuantity": quantity})
    whole["items"] = list(items.values())
    carrier = {"scacCode": tree["scacCode"]} if tree.get("scacCode") else {}
    boxes = [
        {"containerType": "Carton", **carrier, **box, "packedItems": entries.get(box.get("containerIdentifier"), [])}
        for box in tree.get("packages") or []
    ]
    return whole | ({"containers": boxes} if boxes else {})
