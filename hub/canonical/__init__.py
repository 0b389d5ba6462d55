"""The one document model everything is read into and written from."""

from functools import cache
from typing import Any, cast

import msgspec

from hub.canonical.check import check
from hub.canonical.documents import (
    DOCUMENTS,
    AnyDocument,
    Content,
    Document,
    Invoice,
    InvoiceLine,
    Line,
    LineResponse,
    Order,
    OrderLine,
    OrderResponse,
    Package,
    ResponseLine,
    ShipmentConfirmation,
    ShipNotice,
    ShippedLine,
    ShippedOrder,
    Split,
    SubLine,
    TrackingEvent,
    TrackingStatus,
    WarehouseLine,
    WarehouseOrder,
)
from hub.canonical.values import (
    Address,
    Amount,
    Carrier,
    Channel,
    Charge,
    Contact,
    DateAt,
    Ext,
    Id,
    Measure,
    Moment,
    Note,
    OrderRef,
    Part,
    Party,
    Price,
    Quantity,
    Reference,
    Tax,
    Terms,
)
from hub.errors import DataError


@cache
def _decoder() -> msgspec.json.Decoder[AnyDocument]:
    return msgspec.json.Decoder(AnyDocument, strict=True)


def encode(document: Document) -> bytes:
    """Canonical JSON, fields in the model's order, decimals as strings."""
    return msgspec.json.encode(document)


def decode(body: bytes) -> AnyDocument:
    """A document out of canonical JSON. DataError HUB-3101: it is no canonical document; says which field is wrong."""
    try:
        return _decoder().decode(body)
    except msgspec.ValidationError as error:
        raise DataError(
            "HUB-3101", f"This is not a canonical document: {error}. Compare it with the published JSON Schema."
        ) from error
    except msgspec.DecodeError as error:
        raise DataError("HUB-3101", f"This is not JSON: {error}.") from error


def to_builtins(document: Part) -> dict[str, Any]:
    """The document as plain dicts and lists; decimals become strings."""
    return cast(dict[str, Any], msgspec.to_builtins(document, str_keys=True))


def from_builtins(body: object) -> AnyDocument:
    """The inverse of to_builtins. DataError HUB-3101 as decode."""
    try:
        return cast(AnyDocument, msgspec.convert(body, AnyDocument, strict=True, str_keys=True))
    except msgspec.ValidationError as error:
        raise DataError(
            "HUB-3101", f"This is not a canonical document: {error}. Compare it with the published JSON Schema."
        ) from error


__all__ = [
    "DOCUMENTS",
    "Address",
    "Amount",
    "AnyDocument",
    "Carrier",
    "Channel",
    "Charge",
    "Contact",
    "Content",
    "DateAt",
    "Document",
    "Ext",
    "Id",
    "Invoice",
    "InvoiceLine",
    "Line",
    "LineResponse",
    "Measure",
    "Moment",
    "Note",
    "Order",
    "OrderLine",
    "OrderRef",
    "OrderResponse",
    "Package",
    "Part",
    "Party",
    "Price",
    "Quantity",
    "Reference",
    "ResponseLine",
    "ShipNotice",
    "ShipmentConfirmation",
    "ShippedLine",
    "ShippedOrder",
    "Split",
    "SubLine",
    "Tax",
    "Terms",
    "TrackingEvent",
    "TrackingStatus",
    "WarehouseLine",
    "WarehouseOrder",
    "check",
    "decode",
    "encode",
    "from_builtins",
    "to_builtins",
]
