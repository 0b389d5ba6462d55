"""The one document model everything is read into and written from."""

from functools import cache
from typing import Any, cast

import msgspec

from hub.canonical.check import check
from hub.canonical.document import Document, GoodsDocument, GoodsLine, Line, SubLine
from hub.canonical.documents import DOCUMENTS, AnyDocument
from hub.canonical.goods import Condition, Equipment, Gift, Hazmat, Leg, Lot, Packaging, Schedule, Seal, Temperature
from hub.canonical.ordering import (
    AnsweredOrder,
    CatalogueLine,
    ChangedLine,
    DeliverySchedule,
    Forecast,
    LineResponse,
    Order,
    OrderChange,
    OrderLine,
    OrderResponse,
    PriceCatalogue,
    PriceFactor,
    ResponseLine,
    ScheduledLine,
)
from hub.canonical.paying import Adjustment, Invoice, InvoiceLine, Payment, Remittance, RemittanceLine
from hub.canonical.shipping import Content, Package, ShipNotice, ShippedOrder
from hub.canonical.telling import AnsweredMessage, AnswerFinding, BusinessAnswer, ListedParty, PartyList, TextMessage
from hub.canonical.transport import (
    FreightInvoice,
    FreightLine,
    GoodsItem,
    MovedOrder,
    RoutedShipment,
    RoutingInstruction,
    RoutingRequest,
    Stop,
    TrackingEvent,
    TrackingStatus,
    TransportOrder,
    TransportResponse,
)
from hub.canonical.values import (
    Address,
    Amount,
    BankAccount,
    Carrier,
    Channel,
    Charge,
    Contact,
    DateAt,
    DeliveryTerms,
    Description,
    ExchangeRate,
    Ext,
    Id,
    Measure,
    Moment,
    Note,
    OrderRef,
    Part,
    Party,
    Percentage,
    Place,
    Price,
    Quantity,
    Reference,
    Registration,
    Split,
    Tax,
    Terms,
    TypedQuantity,
)
from hub.canonical.warehousing import (
    ActivityLine,
    AdjustedLine,
    InboundAdvice,
    InboundLine,
    InventoryAdjustment,
    InventoryReport,
    ProductActivity,
    ReceiptAdvice,
    ReceivedLine,
    ReturnAuthorisation,
    ReturnedLine,
    ShipmentConfirmation,
    ShippedLine,
    StockLine,
    WarehouseLine,
    WarehouseOrder,
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
    "ActivityLine",
    "Address",
    "AdjustedLine",
    "Adjustment",
    "Amount",
    "AnswerFinding",
    "AnsweredMessage",
    "AnsweredOrder",
    "AnyDocument",
    "BankAccount",
    "BusinessAnswer",
    "Carrier",
    "CatalogueLine",
    "ChangedLine",
    "Channel",
    "Charge",
    "Condition",
    "Contact",
    "Content",
    "DateAt",
    "DeliverySchedule",
    "DeliveryTerms",
    "Description",
    "Document",
    "Equipment",
    "ExchangeRate",
    "Ext",
    "Forecast",
    "FreightInvoice",
    "FreightLine",
    "Gift",
    "GoodsDocument",
    "GoodsItem",
    "GoodsLine",
    "Hazmat",
    "Id",
    "InboundAdvice",
    "InboundLine",
    "InventoryAdjustment",
    "InventoryReport",
    "Invoice",
    "InvoiceLine",
    "Leg",
    "Line",
    "LineResponse",
    "ListedParty",
    "Lot",
    "Measure",
    "Moment",
    "MovedOrder",
    "Note",
    "Order",
    "OrderChange",
    "OrderLine",
    "OrderRef",
    "OrderResponse",
    "Package",
    "Packaging",
    "Part",
    "Party",
    "PartyList",
    "Payment",
    "Percentage",
    "Place",
    "Price",
    "PriceCatalogue",
    "PriceFactor",
    "ProductActivity",
    "Quantity",
    "ReceiptAdvice",
    "ReceivedLine",
    "Reference",
    "Registration",
    "Remittance",
    "RemittanceLine",
    "ResponseLine",
    "ReturnAuthorisation",
    "ReturnedLine",
    "RoutedShipment",
    "RoutingInstruction",
    "RoutingRequest",
    "Schedule",
    "ScheduledLine",
    "Seal",
    "ShipNotice",
    "ShipmentConfirmation",
    "ShippedLine",
    "ShippedOrder",
    "Split",
    "StockLine",
    "Stop",
    "SubLine",
    "Tax",
    "Temperature",
    "Terms",
    "TextMessage",
    "TrackingEvent",
    "TrackingStatus",
    "TransportOrder",
    "TransportResponse",
    "TypedQuantity",
    "WarehouseLine",
    "WarehouseOrder",
    "check",
    "decode",
    "encode",
    "from_builtins",
    "to_builtins",
]
