"""Packages, and the notice of what is on its way."""

from decimal import Decimal

from hub.canonical.document import GoodsDocument, GoodsLine
from hub.canonical.goods import Condition, Equipment, Hazmat, Packaging, Temperature
from hub.canonical.values import (
    Carrier,
    Charge,
    DateAt,
    Ext,
    Id,
    Measure,
    Note,
    OrderRef,
    Part,
    Party,
    Place,
    Quantity,
    Reference,
    TypedQuantity,
)


class Package(Part):
    """One package (or count equal ones) of a tree. id is ours within the document; parent is another package's id.

    kind: pallet, carton, case, .. level: inner, outer, .., where the standard tells it beside the tree. sscc and
    tracking are also what receivers search for; sscc_until: the last of a range that begins with sscc. order: the id of
    the shipped order the whole package is for, where no content says it.
    """

    id: str
    parent: str | None = None
    order: str | None = None
    kind: str | None = None
    level: str | None = None
    count: int | None = None
    sscc: str | None = None
    sscc_until: str | None = None
    tracking: str | None = None
    ids: list[Id] = []
    measures: list[Measure] = []
    references: list[Reference] = []
    dates: list[DateAt] = []
    parties: list[Party] = []
    packaging: list[Packaging] = []
    hazmat: list[Hazmat] = []
    temperatures: list[Temperature] = []
    charges: list[Charge] = []
    quantities: list[TypedQuantity] = []
    carrier: Carrier | None = None
    notes: list[Note] = []
    instructions: list[Note] = []
    ext: Ext = {}


class ShippedOrder(Part):
    """An order (for one store) inside a ship notice. id is ours within the document. invoice and total: where the
    notice bills it too."""

    id: str
    order: OrderRef | None = None
    store: str | None = None
    carrier: Carrier | None = None
    parties: list[Party] = []
    references: list[Reference] = []
    dates: list[DateAt] = []
    measures: list[Measure] = []
    quantities: list[TypedQuantity] = []
    packaging: list[Packaging] = []
    equipment: list[Equipment] = []
    places: list[Place] = []
    charges: list[Charge] = []
    notes: list[Note] = []
    invoice: str | None = None
    total: Decimal | None = None
    ext: Ext = {}


class Content(GoodsLine):
    """So much of an item, of one order, in one package. order and package are ids within the document. left: what is
    still to come; shipped_to_date: of the line, this notice included. entry: its own number in the notice; order_line:
    the order's, where it is told beside that. conditions: how much is other than it was ordered, and why."""

    entry: str | None = None
    order_line: str | None = None
    package: str | None = None
    order: str | None = None
    ordered: Quantity | None = None
    shipped_to_date: Decimal | None = None
    left: Quantity | None = None
    status: str | None = None
    conditions: list[Condition] = []
    equipment: list[Equipment] = []


class ShipNotice(GoodsDocument):
    """A tree of packages plus contents. The order of HL levels or the CPS shape is rendering, chosen by the
    agreement.
    """

    shipment: str | None = None
    orders: list[ShippedOrder] = []
    packages: list[Package] = []
    contents: list[Content] = []
