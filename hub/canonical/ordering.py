"""Orders, what changes and answers them, what is forecast, and what may be ordered."""

from decimal import Decimal

from hub.canonical.document import GoodsDocument, GoodsLine
from hub.canonical.goods import Gift
from hub.canonical.values import (
    DateAt,
    Ext,
    Id,
    Note,
    OrderRef,
    Part,
    Party,
    Quantity,
    Reference,
    TypedQuantity,
)


class OrderLine(GoodsLine):
    """What is ordered: quantity at price."""


class Order(GoodsDocument):
    """order_type: stand_alone, new_store, drop_ship, release, blanket, ..: it chooses the flow. reply: the answer
    that is asked for. total: all in."""

    order_type: str | None = None
    release: str | None = None
    contract: str | None = None
    reply: str | None = None
    gift: Gift | None = None
    lines: list[OrderLine] = []
    total: Decimal | None = None


class ChangedLine(GoodsLine):
    """action says what becomes of the line. quantity: as it is now to be; left: what is still to come of it."""

    left: Quantity | None = None


class OrderChange(GoodsDocument):
    """number is the change's own, where it has one; sequence counts the changes of one order. purpose: change,
    replace, cancel, confirm. extent: delta (lines not named stay as they are) or full."""

    order: OrderRef | None = None
    order_type: str | None = None
    sequence: str | None = None
    contract: str | None = None
    extent: str | None = None
    lines: list[ChangedLine] = []
    total: Decimal | None = None


class LineResponse(Part):
    """What becomes of (part of) a line. status: accepted, changed, backordered, rejected, cancelled, scheduled,
    shipped, .. category: what the status is of: transport, order_administration, .. ids: what comes in place of the
    item. reason_agency, reason_list: whose code the reason is, and of which of its lists; request: the number of the
    request that is answered.
    """

    status: str
    category: str | None = None
    ids: list[Id] = []
    quantity: Quantity | None = None
    quantities: list[TypedQuantity] = []
    dates: list[DateAt] = []
    reason: str | None = None
    reason_agency: str | None = None
    reason_list: str | None = None
    request: str | None = None
    parties: list[Party] = []
    references: list[Reference] = []
    notes: list[Note] = []
    ext: Ext = {}


class ResponseLine(GoodsLine):
    """status: what becomes of the line as a whole; responses: of its parts, where the standard tells (X12 ACK, ISR).
    order: where the response is of several orders. reason: why the line is not as it was ordered."""

    status: str | None = None
    reason: str | None = None
    responses: list[LineResponse] = []
    left: Quantity | None = None
    order: OrderRef | None = None


class AnsweredOrder(Part):
    """One order of a status report, with its own lines (X12 870, EDIFACT OSTRPT). level: order, or item where an
    entry tells of items alone; parent: the number of the entry that names their order."""

    number: str | None = None
    parent: str | None = None
    level: str | None = None
    order: OrderRef | None = None
    status: str | None = None
    responses: list[LineResponse] = []
    parties: list[Party] = []
    references: list[Reference] = []
    dates: list[DateAt] = []
    notes: list[Note] = []
    lines: list[ResponseLine] = []
    ext: Ext = {}


class OrderResponse(GoodsDocument):
    """status: accepted, changed, rejected, acknowledged (with or without detail, see X12 BAK02 and EDIFACT BGM
    4343). kind: response (the default), change_response, status_report. orders: of a report on several orders.
    request: the number of the request that is answered. reason: why it is not as it was ordered.
    """

    status: str | None = None
    reason: str | None = None
    order: OrderRef | None = None
    order_type: str | None = None
    request: str | None = None
    sequence: str | None = None
    lines: list[ResponseLine] = []
    orders: list[AnsweredOrder] = []
    total: Decimal | None = None


class ScheduledLine(GoodsLine):
    """An item and its buckets (schedules). quantities: what was shipped and received so far, cumulative or last.
    order: what the schedule draws on; horizon: dates of type start and end. unit: of its quantities; pattern and
    time_pattern: on which days and when on the day."""

    unit: str | None = None
    pattern: str | None = None
    time_pattern: str | None = None
    order: OrderRef | None = None
    release: str | None = None
    status: str | None = None


class Schedules(GoodsDocument, tag=None):
    """What documents of buckets share. basis: of quantities: actual, cumulative, net, ..; horizon: dates of type start
    and end. forecast_of: shipments, deliveries, sales."""

    release: str | None = None
    order: OrderRef | None = None
    contract: str | None = None
    basis: str | None = None
    forecast_of: str | None = None
    lines: list[ScheduledLine] = []


class Forecast(Schedules):
    """What is likely to be needed, by bucket."""


class DeliverySchedule(Schedules):
    """What is called off, by bucket."""


class CatalogueLine(GoodsLine):
    """An item and its prices. action: added, changed, deleted, unchanged. group: of the catalogue it stands in;
    group_type: what makes the group: price, product, promotion, .."""

    group: str | None = None
    group_type: str | None = None
    status: str | None = None
    minimum: Quantity | None = None


class PriceFactor(Part):
    """What the prices of a catalogue are multiplied by for a class of trade. change: what the multiplier is: discount,
    selling, ..; basis: of which prices."""

    class_of_trade: str | None = None
    basis: str | None = None
    change: str | None = None
    multiplier: Decimal | None = None
    ext: Ext = {}


class PriceCatalogue(GoodsDocument):
    """valid: dates of type effective and expiry. factors: for all its prices."""

    version: str | None = None
    title: str | None = None
    contract: str | None = None
    factors: list[PriceFactor] = []
    lines: list[CatalogueLine] = []
