"""The canonical documents: one model for every standard. Constructors do not validate; `hub.canonical.check` finds.

Each is tagged: its JSON carries {"document": "Order", ..}. Money and quantities are Decimal, never float.
"""

from decimal import Decimal

from hub.canonical.values import (
    Address,
    Amount,
    Carrier,
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


class Document(Part, tag_field="document", tag=True):
    """What every document has. number is the sender's own document number (PO, invoice, shipment, ..).

    purpose: original, duplicate, copy, replace, change, confirm, cancel, proposal, test. Purposes duplicate, copy and
    information never create a second order. account is our own side ("northwind"); set by the hub, not by mappings.
    """

    number: str | None = None
    id: str | None = None
    purpose: str | None = None
    account: str | None = None
    issued: Moment | None = None
    currency: str | None = None
    dates: list[DateAt] = []
    references: list[Reference] = []
    parties: list[Party] = []
    contacts: list[Contact] = []
    notes: list[Note] = []
    ext: Ext = {}

    def date(self, type: str) -> Moment | None:
        """The first date of that type."""
        return next((entry.at for entry in self.dates if entry.type == type), None)

    def party(self, role: str) -> Party | None:
        """The first party in that role."""
        return next((party for party in self.parties if party.role == role), None)

    def reference(self, type: str) -> str | None:
        """The value of the first reference of that type."""
        return next((entry.value for entry in self.references if entry.type == type), None)


class Split(Part):
    """A share of a line for one store or place (X12 SDQ)."""

    location: str
    quantity: Quantity
    scheme: str | None = None


class SubLine(Part):
    """A component of a kit or an assortment."""

    number: str | None = None
    ids: list[Id] = []
    quantity: Quantity | None = None
    price: Price | None = None
    description: str | None = None
    ext: Ext = {}


class Line(Part):
    """What lines of every document share. number is the line number of the order the document is about."""

    number: str | None = None
    ids: list[Id] = []
    description: str | None = None
    dates: list[DateAt] = []
    references: list[Reference] = []
    measures: list[Measure] = []
    notes: list[Note] = []
    ext: Ext = {}

    def item(self, *schemes: str) -> str | None:
        """The value of the first identifier in one of the schemes, the schemes in order of preference."""
        return next((id.value for scheme in schemes for id in self.ids if id.scheme == scheme), None)


class OrderLine(Line):
    """pack: how many inner units one ordered unit holds; pack_size: the size of one of them."""

    quantity: Quantity | None = None
    price: Price | None = None
    charges: list[Charge] = []
    taxes: list[Tax] = []
    parties: list[Party] = []
    splits: list[Split] = []
    sublines: list[SubLine] = []
    pack: Decimal | None = None
    pack_size: Quantity | None = None
    amount: Decimal | None = None
    amounts: list[Amount] = []


class Order(Document):
    """order_type: stand_alone, new_store, drop_ship, release, blanket, ..: it chooses the flow."""

    order_type: str | None = None
    release: str | None = None
    contract: str | None = None
    carrier: Carrier | None = None
    charges: list[Charge] = []
    taxes: list[Tax] = []
    terms: list[Terms] = []
    lines: list[OrderLine] = []
    total: Decimal | None = None
    amounts: list[Amount] = []


class LineResponse(Part):
    """What becomes of (part of) a line. status: accepted, changed, backordered, rejected, cancelled, scheduled. ids:
    what comes in place of the item.
    """

    status: str
    ids: list[Id] = []
    quantity: Quantity | None = None
    dates: list[DateAt] = []
    reason: str | None = None
    ext: Ext = {}


class ResponseLine(Line):
    """status: what becomes of the line as a whole; responses: of its parts, where the standard tells (X12 ACK)."""

    status: str | None = None
    quantity: Quantity | None = None
    price: Price | None = None
    responses: list[LineResponse] = []


class OrderResponse(Document):
    """status: accepted, changed, rejected, acknowledged (with or without detail, see X12 BAK02 and EDIFACT BGM
    4343).
    """

    status: str | None = None
    order: OrderRef | None = None
    carrier: Carrier | None = None
    charges: list[Charge] = []
    terms: list[Terms] = []
    lines: list[ResponseLine] = []
    total: Decimal | None = None


class WarehouseLine(Line):
    quantity: Quantity | None = None
    lot: str | None = None
    pack: Decimal | None = None


class WarehouseOrder(Document):
    """Ship this: depositor to warehouse. number is the depositor's, order the customer's."""

    order: OrderRef | None = None
    carrier: Carrier | None = None
    measures: list[Measure] = []
    lines: list[WarehouseLine] = []
    charges: list[Charge] = []


class ShippedLine(Line):
    """ordered less shipped is difference. status: complete, partial_closed, partial_open, over, substitute,
    not_shipped. packages: ids of the packages it went in."""

    ordered: Quantity | None = None
    shipped: Quantity | None = None
    difference: Quantity | None = None
    status: str | None = None
    lot: str | None = None
    packages: list[str] = []


class Package(Part):
    """One package (or count equal ones) of a tree. id is ours within the document; parent is another package's id.

    kind: pallet, carton, case, .. sscc and tracking are also what receivers search for. order: the id of the shipped
    order the whole package is for, where no content says it.
    """

    id: str
    parent: str | None = None
    order: str | None = None
    kind: str | None = None
    count: int | None = None
    sscc: str | None = None
    tracking: str | None = None
    ids: list[Id] = []
    measures: list[Measure] = []
    references: list[Reference] = []
    ext: Ext = {}


class ShipmentConfirmation(Document):
    """What the warehouse shipped; authoritative. number is the warehouse's shipment number; warehouse_order our
    number.
    """

    warehouse_order: str | None = None
    order: OrderRef | None = None
    carrier: Carrier | None = None
    measures: list[Measure] = []
    packages: list[Package] = []
    lines: list[ShippedLine] = []


class ShippedOrder(Part):
    """An order (for one store) inside a ship notice. id is ours within the document."""

    id: str
    order: OrderRef | None = None
    store: str | None = None
    parties: list[Party] = []
    references: list[Reference] = []
    dates: list[DateAt] = []
    measures: list[Measure] = []
    ext: Ext = {}


class Content(Line):
    """So much of an item, of one order, in one package. order and package are ids within the document."""

    package: str | None = None
    order: str | None = None
    quantity: Quantity | None = None
    ordered: Quantity | None = None
    lot: str | None = None
    serials: list[str] = []
    pack: Decimal | None = None
    pack_size: Quantity | None = None
    parties: list[Party] = []


class ShipNotice(Document):
    """A tree of packages plus contents. The order of HL levels or the CPS shape is rendering, chosen by the
    agreement.
    """

    carrier: Carrier | None = None
    measures: list[Measure] = []
    orders: list[ShippedOrder] = []
    packages: list[Package] = []
    contents: list[Content] = []


class InvoiceLine(Line):
    quantity: Quantity | None = None
    price: Price | None = None
    amount: Decimal | None = None
    charges: list[Charge] = []
    taxes: list[Tax] = []
    order: OrderRef | None = None
    parties: list[Party] = []
    splits: list[Split] = []
    amounts: list[Amount] = []


class Invoice(Document):
    """kind: invoice, credit_note, debit_note, corrected, self_billed. total: what is to be paid, all in."""

    kind: str | None = None
    order: OrderRef | None = None
    shipment: str | None = None
    carrier: Carrier | None = None
    terms: list[Terms] = []
    charges: list[Charge] = []
    taxes: list[Tax] = []
    lines: list[InvoiceLine] = []
    lines_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None
    amounts: list[Amount] = []


class TrackingStatus(Part):
    """status: pending, picked_up, in_transit, out_for_delivery, ready_for_pickup, on_hold, delayed, delivery_failed,
    returned, delivered, cancelled, unknown. code and reason as the carrier sent them."""

    status: str
    at: Moment | None = None
    code: str | None = None
    reason: str | None = None
    place: Address | None = None
    equipment: str | None = None
    references: list[Reference] = []
    measures: list[Measure] = []
    text: str | None = None
    ext: Ext = {}


class TrackingEvent(Document):
    """number is the tracking (or pro) number; shipment the shipper's own shipment number."""

    shipment: str | None = None
    order: OrderRef | None = None
    carrier: Carrier | None = None
    measures: list[Measure] = []
    events: list[TrackingStatus] = []


AnyDocument = Order | OrderResponse | WarehouseOrder | ShipmentConfirmation | ShipNotice | Invoice | TrackingEvent

DOCUMENTS: dict[str, type[Document]] = {
    kind.__name__: kind
    for kind in (Order, OrderResponse, WarehouseOrder, ShipmentConfirmation, ShipNotice, Invoice, TrackingEvent)
}
