"""What carriers are asked, answer, report and charge."""

from decimal import Decimal

from hub.canonical.document import GoodsDocument, GoodsLine
from hub.canonical.goods import Equipment, Leg, Packaging
from hub.canonical.shipping import Package
from hub.canonical.values import (
    Address,
    Carrier,
    Charge,
    Contact,
    DateAt,
    Description,
    Ext,
    Measure,
    Moment,
    Note,
    OrderRef,
    Part,
    Party,
    Place,
    Quantity,
    Reference,
    TypedQuantity,
)


class MovedOrder(Part):
    """An order on a truck, with what it takes up there. number: of the shipper for it."""

    number: str | None = None
    order: OrderRef | None = None
    references: list[Reference] = []
    dates: list[DateAt] = []
    quantity: Quantity | None = None
    weight: Quantity | None = None
    volume: Quantity | None = None
    measures: list[Measure] = []
    descriptions: list[Description] = []
    packaging: list[Packaging] = []
    goods: "list[GoodsItem]" = []
    error: str | None = None
    ext: Ext = {}


class RoutedShipment(Part):
    """What goes to one place: asked for in a RoutingRequest, with carrier and load in a RoutingInstruction, piece by
    piece (goods) in a FreightInvoice. party: who gets it."""

    number: str | None = None
    party: Party | None = None
    parties: list[Party] = []
    references: list[Reference] = []
    dates: list[DateAt] = []
    carrier: Carrier | None = None
    routing: list[Carrier] = []
    equipment: list[Equipment] = []
    quantities: list[TypedQuantity] = []
    measures: list[Measure] = []
    orders: list[MovedOrder] = []
    goods: "list[GoodsItem]" = []
    notes: list[Note] = []
    ext: Ext = {}


class RoutingRequest(GoodsDocument):
    """How shall this go? Supplier to retailer. references carry the authorisation where one exists."""

    shipments: list[RoutedShipment] = []


class RoutingInstruction(GoodsDocument):
    """So shall it go: the answer to a RoutingRequest, whose number is `request`."""

    request: str | None = None
    shipments: list[RoutedShipment] = []


class GoodsItem(GoodsLine):
    """Goods as a carrier sees them. packages of kind hold quantity; equipment: numbers of the equipment they are in."""

    packages: Decimal | None = None
    package_kind: str | None = None
    equipment: list[str] = []
    stop: str | None = None


class Stop(Part):
    """Where the vehicle stops. reason: load, unload, partial_load, complete_unload, drop, pick_up_empty, ..; dates:
    of type appointment, earliest_pickup, latest_delivery, .."""

    number: str | None = None
    reason: str | None = None
    parties: list[Party] = []
    places: list[Place] = []
    contacts: list[Contact] = []
    references: list[Reference] = []
    dates: list[DateAt] = []
    measures: list[Measure] = []
    quantities: list[TypedQuantity] = []
    orders: list[MovedOrder] = []
    goods: list[GoodsItem] = []
    equipment: list[Equipment] = []
    instructions: list[Note] = []
    notes: list[Note] = []
    charges: list[Charge] = []
    ext: Ext = {}


class TransportOrder(GoodsDocument):
    """Carry this. number: the shipper's shipment number. kind: tender, booking, instruction. stops in their order;
    goods that belong to no stop stand at the head. payment: who pays the freight. priority: express, normal, ..
    movement: from where to where: door_to_door, pier_to_door, .."""

    shipment: str | None = None
    order: OrderRef | None = None
    payment: str | None = None
    contract: str | None = None
    service: str | None = None
    priority: str | None = None
    movement: str | None = None
    stops: list[Stop] = []
    goods: list[GoodsItem] = []
    packages: list[Package] = []
    total: Decimal | None = None


class TransportResponse(GoodsDocument):
    """status: accepted, accepted_with_changes, declined, conditional, cancelled. shipment: the number of the order
    that is answered; number: the carrier's own."""

    shipment: str | None = None
    order: OrderRef | None = None
    status: str | None = None
    reason: str | None = None
    stops: list[Stop] = []
    goods: list[GoodsItem] = []


class FreightLine(GoodsLine):
    """What one thing carried, or one service, costs: its charges. tariff: by which it is reckoned; shipments: to whom
    it went, and from whom."""

    tariff: OrderRef | None = None
    equipment: list[Equipment] = []
    order: OrderRef | None = None
    shipments: list[RoutedShipment] = []


class FreightInvoice(GoodsDocument):
    """What the carrier asks. number: of the invoice; shipment: the shipper's number; payment: who pays."""

    shipment: str | None = None
    order: OrderRef | None = None
    payment: str | None = None
    correction: str | None = None
    delivered: Moment | None = None
    stops: list[Stop] = []
    lines: list[FreightLine] = []
    total: Decimal | None = None


class TrackingStatus(Part):
    """status: pending, picked_up, in_transit, out_for_delivery, ready_for_pickup, on_hold, delayed, delivery_failed,
    returned, delivered, cancelled, unknown; appointment where the message tells of an appointment alone, of which
    `appointment` says what became: pickup_appointment, delivery_appointment_secured, .. code and reason as the carrier
    sent them. shipment: where the message tells of several; number: its place among them. category: what the status is
    of: transport, ..; status_scheme, status_list: whose code the status is, and of which of its lists."""

    status: str
    status_scheme: str | None = None
    status_list: str | None = None
    category: str | None = None
    number: str | None = None
    at: Moment | None = None
    code: str | None = None
    reason: str | None = None
    appointment: str | None = None
    appointment_reason: str | None = None
    place: Address | None = None
    places: list[Place] = []
    equipment: str | None = None
    equipment_kind: str | None = None
    equipment_check_digit: str | None = None
    units: list[Equipment] = []
    shipment: str | None = None
    carrier: Carrier | None = None
    legs: list[Leg] = []
    dates: list[DateAt] = []
    references: list[Reference] = []
    measures: list[Measure] = []
    quantities: list[TypedQuantity] = []
    parties: list[Party] = []
    contacts: list[Contact] = []
    packages: list[Package] = []
    notes: list[Note] = []
    text: str | None = None
    ext: Ext = {}


class TrackingEvent(GoodsDocument):
    """number is the tracking (or pro) number; shipment the shipper's own shipment number. latest: how the carrier sums
    up where it stands; it repeats one of the events."""

    shipment: str | None = None
    order: OrderRef | None = None
    packages: list[Package] = []
    latest: TrackingStatus | None = None
    events: list[TrackingStatus] = []
