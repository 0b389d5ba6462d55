"""Amazon's shipment confirmation tells its items as a whole (`shippedItems`) and again inside of `cartons`."""

from typing import Any

TWICE = ("itemSequenceNumber", "shippedQuantity", "itemDetails")
OWN = ("id", "kind", "sscc")


def packed(tree: Any) -> Any:
    """The confirmation with `orders`, `packages`, and `contents`: each item as often as it lies in a carton."""
    items = {str(item.get("itemSequenceNumber")): item for item in tree.get("shippedItems") or []}
    cartons = tree.get("cartons") or []
    inside = [(carton, packing) for carton in cartons for packing in carton.get("items") or []]
    contents = [
        _content(items.get(str(packing.get("itemReference")), {}), packing, str(carton.get("cartonSequenceNumber")))
        for carton, packing in inside
    ]
    cartoned = {str(packing.get("itemReference")) for _, packing in inside}
    contents += [_content(item, {}, None) for name, item in items.items() if name not in cartoned]
    rest = {name: value for name, value in tree.items() if name not in ("shippedItems", "cartons")}
    numbers = dict.fromkeys(content["order"] for content in contents if content.get("order"))
    orders = [{"id": number, "number": number} for number in numbers]
    return {**rest, "orders": orders, "packages": [_package(carton) for carton in cartons], "contents": contents}


def _content(item: Any, packing: Any, package: str | None) -> dict[str, Any]:
    details = {**(item.get("itemDetails") or {}), **(packing.get("itemDetails") or {})}
    order = details.pop("purchaseOrderNumber", None)
    number = item.get("itemSequenceNumber") or packing.get("itemReference")
    quantity = packing.get("shippedQuantity") or item.get("shippedQuantity")
    content = {**item, "itemSequenceNumber": number, "shippedQuantity": quantity}
    content |= {"itemDetails": details or None, "order": order, "package": package}
    return {name: value for name, value in content.items() if value is not None}


def _package(carton: Any) -> dict[str, Any]:
    rest = {name: value for name, value in carton.items() if name not in ("items", "cartonSequenceNumber")}
    marks = rest.get("cartonIdentifiers") or []
    sscc = [mark for mark in marks if mark.get("containerIdentificationType") == "SSCC"]
    others = [mark for mark in marks if mark not in sscc[:1]]
    rest.pop("cartonIdentifiers", None)
    found = {"id": str(carton.get("cartonSequenceNumber")), "kind": "carton", **rest}
    if sscc:
        found["sscc"] = sscc[0].get("containerIdentificationNumber")
    return found | ({"cartonIdentifiers": others} if others else {})


def confirmed(tree: Any) -> Any:
    """The confirmation as Amazon takes it. ValueError: a line tells of different items, or an order of none."""
    numbers = {entry.get("id"): entry.get("number") for entry in tree.get("orders") or []}
    whole = {name: value for name, value in tree.items() if name not in ("orders", "packages", "contents")}
    shipped: dict[str, dict[str, Any]] = {}
    packings: dict[str, list[dict[str, Any]]] = {}
    for position, content in enumerate(tree.get("contents") or [], 1):
        number = str(content.get("itemSequenceNumber") or position)
        details = dict(content.get("itemDetails") or {})
        if order := numbers.get(content.get("order")):
            details["purchaseOrderNumber"] = order
        quantity = content.get("shippedQuantity") or {}
        if package := content.get("package"):
            packing = {"itemReference": number, "shippedQuantity": dict(quantity)}
            packings.setdefault(package, []).append(packing | ({"itemDetails": details} if details else {}))
        item = shipped.get(number)
        own = {name: value for name, value in content.items() if name not in (*TWICE, "order", "package")}
        if item is not None and own != {name: value for name, value in item.items() if name not in TWICE}:
            raise ValueError(f"line {number} tells different items in different packages")
        if item is None:
            item = shipped[number] = {"itemSequenceNumber": number, **own, "shippedQuantity": dict(quantity)}
            if details:
                item["itemDetails"] = details
        else:
            item["shippedQuantity"]["amount"] += quantity.get("amount", 0)
    told = {content.get("order") for content in tree.get("contents") or []}
    if empty := [str(number) for id, number in numbers.items() if id not in told]:
        raise ValueError(f"nothing is shipped of order {', '.join(empty)}")
    whole["shippedItems"] = list(shipped.values())
    packages = tree.get("packages") or []
    cartons = [_carton(package, number, packings) for number, package in enumerate(packages, 1)]
    return whole | ({"cartons": cartons} if cartons else {})


def _carton(package: Any, number: int, packings: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    id = package.get("id")
    rest = {name: value for name, value in package.items() if name not in (*OWN, "cartonIdentifiers")}
    marks = list(package.get("cartonIdentifiers") or [])
    if sscc := package.get("sscc"):
        marks.insert(0, {"containerIdentificationType": "SSCC", "containerIdentificationNumber": sscc})
    sequence = id if str(id).isdigit() else str(number)
    found = {"cartonSequenceNumber": sequence, **rest, "items": packings.get(id, [])}
    return found | ({"cartonIdentifiers": marks} if marks else {})
