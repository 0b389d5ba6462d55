"""Under which business numbers a document can be found."""

from hub.canonical import (
    Document,
    Invoice,
    Order,
    OrderRef,
    OrderResponse,
    ShipmentConfirmation,
    ShipNotice,
    TrackingEvent,
    WarehouseOrder,
)

_REFERENCES = {
    "bill_of_lading": "bill_of_lading",
    "pro_number": "tracking",
    "customer_order": "order",
    "tracking": "tracking",
}


def search_keys(document: Document) -> list[tuple[str, str]]:
    """(scheme, value): order, shipment, invoice, bill_of_lading, sscc, tracking, and number for its own number where it
    is none of those; each once, cut to 200 characters."""
    found: list[tuple[str, str | None]] = [
        (_REFERENCES[entry.type], entry.value) for entry in document.references if entry.type in _REFERENCES
    ]
    match document:
        case Order():
            found.append(("order", document.number))
        case OrderResponse():
            found += _order(document.order)
        case WarehouseOrder():
            found += [("order", document.number), *_order(document.order)]
        case ShipmentConfirmation():
            found += [("shipment", document.number), ("order", document.warehouse_order), *_order(document.order)]
            found += _packages([(package.sscc, package.tracking) for package in document.packages])
        case ShipNotice():
            found.append(("shipment", document.number))
            for order in document.orders:
                found += _order(order.order)
            found += _packages([(package.sscc, package.tracking) for package in document.packages])
        case Invoice():
            found += [("invoice", document.number), ("shipment", document.shipment), *_order(document.order)]
        case TrackingEvent():
            found += [("tracking", document.number), ("shipment", document.shipment), *_order(document.order)]
        case _:
            found += _order(getattr(document, "order", None))
    if document.number not in {value for _, value in found}:
        found.append(("number", document.number))
    return list(dict.fromkeys((scheme, value[:200]) for scheme, value in found if value))


_OWN = {"Invoice": "invoice", "TrackingEvent": "tracking", "ShipmentConfirmation": "shipment", "ShipNotice": "shipment"}


def scheme_of(document: str) -> str:
    """Under which scheme the own number of a kind of document ("Order") is found."""
    return _OWN.get(document, "order")


def _order(reference: OrderRef | None) -> list[tuple[str, str | None]]:
    return [("order", reference.number)] if reference else []


def _packages(packages: list[tuple[str | None, str | None]]) -> list[tuple[str, str | None]]:
    return [pair for sscc, number in packages for pair in (("sscc", sscc), ("tracking", number))]
