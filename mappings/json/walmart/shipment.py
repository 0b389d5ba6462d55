"""Walmart's shipping call tells of each line in which parcels it went; a ship notice has parcels, and lines in them."""

from typing import Any


def packed(tree: Any) -> Any:
    """The call with `packages` and `contents`; what all parcels share (day, carrier, method) stands at the top."""
    lines = (tree.get("orderLines") or {}).get("orderLine") or []
    statuses = [
        (line, status)
        for line in lines
        for status in (line.get("orderLineStatuses") or {}).get("orderLineStatus") or []
    ]
    packages: dict[str, dict[str, Any]] = {}
    contents = []
    first: dict[str, Any] = {}
    for line, status in statuses:
        tracking = status.get("trackingInfo") or {}
        id = tracking.get("trackingNumber")
        carrier = tracking.get("carrierName") or {}
        info = {name: value for name, value in tracking.items() if name not in ("carrierName", "methodCode")}
        rest = {name: value for name, value in carrier.items() if name != "carrier" and value is not None}
        told = {**info, "carrier": carrier.get("carrier"), **rest}
        first = first or told
        if id is not None:
            packages.setdefault(id, {"id": id, **told})
        more = {name: value for name, value in status.items() if name not in ("trackingInfo", "status")}
        own = {name: value for name, value in line.items() if name not in ("orderLineStatuses", "sellerOrderId")}
        contents.append({**own, **more, "package": id})
    shared = {name: first.get(name) for name in ("shipDateTime", "carrier")}
    for package in packages.values():
        for name, value in shared.items():
            if package.get(name) == value:
                package.pop(name, None)
    methods = [(status.get("trackingInfo") or {}).get("methodCode") for _, status in statuses]
    sellers = [line["sellerOrderId"] for line in lines if "sellerOrderId" in line]
    rest = {name: value for name, value in tree.items() if name != "orderLines"}
    return {
        **rest, **shared, "number": first.get("trackingNumber"), "methodCode": next(iter(methods), None),
        "sellerOrderId": next(iter(sellers), None), "packages": list(packages.values()), "contents": contents,
    }  # fmt: skip


TOP = ("number", "shipDateTime", "carrier", "methodCode", "sellerOrderId", "packages", "contents")
STATUS = ("statusQuantity", "asn", "returnCenterAddress", "currentTrackingInfo")


def shipped(tree: Any) -> Any:
    """The call as Walmart takes it. A parcel without day or carrier has those of the whole; the method is Standard
    where none is known. ValueError: a parcel has no lines, or no tracking number."""
    packages = {package.get("id"): package for package in tree.get("packages") or []}
    only = next(iter(packages)) if len(packages) == 1 else None
    filled = {content.get("package", only) for content in tree.get("contents") or []}
    if not filled or any(id not in filled for id in packages):
        raise ValueError("a parcel without lines, or none at all, is nothing Walmart can be told")
    if any(not package.get("trackingNumber") for package in packages.values()):
        raise ValueError("a parcel has no tracking number, and Walmart asks for one")
    lines: dict[str, dict[str, Any]] = {}
    for content in tree.get("contents") or []:
        package = dict(packages.get(content.get("package", only), {}))
        carrier = {"carrier": package.pop("carrier", tree.get("carrier"))}
        if "otherCarrier" in package:
            carrier["otherCarrier"] = package.pop("otherCarrier")
        package.pop("id", None)
        tracking = {"shipDateTime": tree.get("shipDateTime"), **package, "carrierName": carrier}
        tracking["methodCode"] = tree.get("methodCode") or "Standard"
        status = {name: content[name] for name in STATUS if name in content}
        status = {"status": "Shipped", **status, "trackingInfo": tracking}
        own = {name: value for name, value in content.items() if name not in (*STATUS, "package", "lineNumber")}
        number = str(content.get("lineNumber"))
        seller = {"sellerOrderId": tree["sellerOrderId"]} if tree.get("sellerOrderId") else {}
        line = lines.setdefault(
            number, {"lineNumber": number, **own, **seller, "orderLineStatuses": {"orderLineStatus": []}}
        )
        line["orderLineStatuses"]["orderLineStatus"].append(status)
    rest = {name: value for name, value in tree.items() if name not in TOP}
    return {**rest, "orderLines": {"orderLine": list(lines.values())}}
