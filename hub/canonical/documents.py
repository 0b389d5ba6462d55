"""The canonical documents: one model for every standard. Constructors do not validate; `hub.canonical.check` finds.

Each is tagged: its JSON carries {"document": "Order", ..}. Money and quantities are Decimal, never float.
"""

from hub.canonical.document import Document
from hub.canonical.ordering import DeliverySchedule, Forecast, Order, OrderChange, OrderResponse, PriceCatalogue
from hub.canonical.paying import Invoice, Remittance
from hub.canonical.shipping import ShipNotice
from hub.canonical.telling import BusinessAnswer, PartyList, TextMessage
from hub.canonical.transport import (
    FreightInvoice,
    RoutingInstruction,
    RoutingRequest,
    TrackingEvent,
    TransportOrder,
    TransportResponse,
)
from hub.canonical.warehousing import (
    InboundAdvice,
    InventoryAdjustment,
    InventoryReport,
    ProductActivity,
    ReceiptAdvice,
    ReturnAuthorisation,
    ShipmentConfirmation,
    WarehouseOrder,
)

AnyDocument = (
    Order
    | OrderChange
    | OrderResponse
    | Forecast
    | DeliverySchedule
    | WarehouseOrder
    | ShipmentConfirmation
    | InboundAdvice
    | ReceiptAdvice
    | ShipNotice
    | InventoryReport
    | InventoryAdjustment
    | ProductActivity
    | Invoice
    | Remittance
    | RoutingRequest
    | RoutingInstruction
    | TransportOrder
    | TransportResponse
    | FreightInvoice
    | TrackingEvent
    | ReturnAuthorisation
    | PriceCatalogue
    | PartyList
    | TextMessage
    | BusinessAnswer
)

DOCUMENTS: dict[str, type[Document]] = {
    kind.__name__: kind
    for kind in (
        Order,
        OrderChange,
        OrderResponse,
        Forecast,
        DeliverySchedule,
        WarehouseOrder,
        ShipmentConfirmation,
        InboundAdvice,
        ReceiptAdvice,
        ShipNotice,
        InventoryReport,
        InventoryAdjustment,
        ProductActivity,
        Invoice,
        Remittance,
        RoutingRequest,
        RoutingInstruction,
        TransportOrder,
        TransportResponse,
        FreightInvoice,
        TrackingEvent,
        ReturnAuthorisation,
        PriceCatalogue,
        PartyList,
        TextMessage,
        BusinessAnswer,
    )
}
"""Every document by its name, in the order goods and money go."""
