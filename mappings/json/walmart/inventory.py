"""Walmart's stock feed tells of each item how much lies at each node; a report has a line for each item and node."""

from typing import Any


def spread(tree: Any) -> Any:
    """The feed with a line for each item and node."""
    lines = []
    for item in tree.get("inventory") or []:
        own = {name: value for name, value in item.items() if name != "shipNodes"}
        lines += [{**own, **node} for node in item.get("shipNodes") or [{}]]
    return {**tree, "inventory": lines}


def gathered(tree: Any) -> Any:
    """The feed as Walmart takes it. ValueError: an item is told with and without a node."""
    items: dict[str, dict[str, Any]] = {}
    for line in tree.get("inventory") or []:
        own = {name: value for name, value in line.items() if name not in ("shipNode", "quantity")}
        node = {name: line[name] for name in ("shipNode", "quantity") if name in line}
        sku = str(line.get("sku"))
        known = items.setdefault(sku, {**own, "shipNodes": []} if "shipNode" in node else {**own, **node})
        if ("shipNode" in node) != ("shipNodes" in known):
            raise ValueError(f"{sku} is told with and without a node")
        if "shipNodes" in known:
            known["shipNodes"].append(node)
    return {**tree, "inventory": list(items.values())}
