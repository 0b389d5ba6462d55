"""What a warehouse is told, what it tells, and what is in stock and sold."""

from hub.canonical.document import GoodsDocument, GoodsLine
from hub.canonical.goods import Condition
from hub.canonical.shipping import Package
from hub.canonical.values import Id, OrderRef, Quantity


class WarehouseLine(GoodsLine):
    """So much of an item to be picked."""


class WarehouseOrder(GoodsDocument):
    """Ship this: depositor to warehouse. number is the depositor's, order the customer's."""

    order: OrderRef | None = None
    lines: list[WarehouseLine] = []


class ShippedLine(GoodsLine):
    """ordered less shipped is difference. status: complete, partial_closed, partial_open, over, substitute,
    not_shipped. packages: ids of the packages it went in."""

    ordered: Quantity | None = None
    shipped: Quantity | None = None
    difference: Quantity | None = None
    status: str | None = None
    packages: list[str] = []


class ShipmentConfirmation(GoodsDocument):
    """What the warehouse shipped; authoritative. number is the warehouse's shipment number; warehouse_order our
    number.
    """

    warehouse_order: str | None = None
    order: OrderRef | None = None
    packages: list[Package] = []
    lines: list[ShippedLine] = []


class InboundLine(GoodsLine):
    """So much of an item that will come. package: the id of the package it lies in. hold: why it shall not be sold as
    soon as it is there: quality_hold, committed_hold, .."""

    hold: str | None = None
    package: str | None = None
    order: OrderRef | None = None


class InboundAdvice(GoodsDocument):
    """Expect this: depositor to warehouse. number is the depositor's order number, shipment the shipment's."""

    shipment: str | None = None
    order: OrderRef | None = None
    packages: list[Package] = []
    lines: list[InboundLine] = []


class ReceivedLine(GoodsLine):
    """quantity: received; expected less received is difference; accepted: fit for stock. conditions: of the rest."""

    expected: Quantity | None = None
    accepted: Quantity | None = None
    difference: Quantity | None = None
    order: OrderRef | None = None
    package: str | None = None
    conditions: list[Condition] = []


class ReceiptAdvice(GoodsDocument):
    """What came. number: of the receipt; ship_notice, shipment and order: what it answers."""

    ship_notice: str | None = None
    shipment: str | None = None
    order: OrderRef | None = None
    packages: list[Package] = []
    lines: list[ReceivedLine] = []


class StockLine(GoodsLine):
    """An item at a location. quantities by status: on_hand, available, reserved, on_order, in_transit, damaged,
    quarantine, hold, back_ordered, safety_stock, ..; location: of this line alone."""

    location: str | None = None
    location_scheme: str | None = None


class InventoryReport(GoodsDocument):
    """Stock as of `issued`, or of the date of type as_of. extent: full (items not named are none) or delta."""

    extent: str | None = None
    lines: list[StockLine] = []


class AdjustedLine(GoodsLine):
    """quantity is signed: what the stock grew or shrank by. reason: damage, count, theft, recall, ..; from_status and
    to_status where goods only change their status."""

    reason: str | None = None
    from_status: str | None = None
    to_status: str | None = None
    direction: str | None = None


class InventoryAdjustment(GoodsDocument):
    """What changed in stock without a receipt or a shipment. number is the warehouse's, depositor_number ours."""

    depositor_number: str | None = None
    lines: list[AdjustedLine] = []


class ActivityLine(GoodsLine):
    """quantities: sold, returned, on_hand, on_order, .. of the item, at the location, in the period (dates of type
    start and end; those of the document where the line has none). splits of a quantity are stores. activity: what
    `quantity` counts, where the line has one alone; action: what became of it."""

    activity: str | None = None
    location: str | None = None
    location_scheme: str | None = None
    order: OrderRef | None = None


class ProductActivity(GoodsDocument):
    """What was sold or moved, per item, location and period. extent: what of it is told."""

    extent: str | None = None
    lines: list[ActivityLine] = []


class ReturnedLine(GoodsLine):
    """reason: why it comes back; disposition: what shall be done with it: return, destroy, repair, ..; status:
    authorised, refused, .."""

    reason: str | None = None
    disposition: str | None = None
    status: str | None = None
    explanation: str | None = None
    order: OrderRef | None = None
    replacement: list[Id] = []
    conditions: list[Condition] = []


class ReturnAuthorisation(GoodsDocument):
    """number: of the authorisation. purpose: request, response (with a status), instruction. reason, disposition: of
    the whole."""

    order: OrderRef | None = None
    status: str | None = None
    reason: str | None = None
    disposition: str | None = None
    explanation: str | None = None
    packages: list[Package] = []
    lines: list[ReturnedLine] = []
