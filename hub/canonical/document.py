"""What documents and their lines share."""

from decimal import Decimal

from hub.canonical.goods import (
    Equipment,
    Gift,
    Hazmat,
    Leg,
    Lot,
    Packaging,
    Schedule,
    Temperature,
)
from hub.canonical.values import (
    Amount,
    Carrier,
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
    Split,
    Tax,
    Terms,
    TypedQuantity,
)


class Document(Part, tag_field="document", tag=True):
    """What every document has. number is the sender's own document number (PO, invoice, shipment, ..).

    purpose: original, duplicate, copy, replace, change, confirm, cancel, proposal, test. Purposes duplicate, copy and
    information never create a second order. account is our own side ("northwind"); set by the hub, not by mappings.
    id: what its sender tells it apart by from all others, beside its number (the payloadID of cXML). kind: what sort of
    document of its type it is, in words the type names; kind_scheme, kind_list: who keeps the list that is from, and
    which of its lists it is; kind_name: the same in plain words, where the standard tells. language: of its texts
    (ISO 639).
    currency_use: what the currency is that of: order, invoice, payment, .., where the standard tells.
    """

    number: str | None = None
    id: str | None = None
    purpose: str | None = None
    kind: str | None = None
    kind_scheme: str | None = None
    kind_list: str | None = None
    kind_name: str | None = None
    account: str | None = None
    language: str | None = None
    issued: Moment | None = None
    currency: str | None = None
    currency_use: str | None = None
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


class GoodsDocument(Document, tag=None):
    """A document about goods that are sold or moved: what its head may say of the way, the terms and the totals.

    carrier: who carries, or the first who does; legs: the parts of the way. amounts, quantities, percentages: those
    that have no field of their own; totals among them. origin: the country all goods are from. exchange: what its
    currency is worth in another; rates: of other currencies. charge_totals: sums of the charges of head and lines.
    """

    origin: str | None = None
    carrier: Carrier | None = None
    delivery_terms: DeliveryTerms | None = None
    legs: list[Leg] = []
    equipment: list[Equipment] = []
    places: list[Place] = []
    descriptions: list[Description] = []
    packaging: list[Packaging] = []
    hazmat: list[Hazmat] = []
    temperatures: list[Temperature] = []
    instructions: list[Note] = []
    measures: list[Measure] = []
    quantities: list[TypedQuantity] = []
    percentages: list[Percentage] = []
    prices: list[Price] = []
    charges: list[Charge] = []
    charge_totals: list[Charge] = []
    taxes: list[Tax] = []
    terms: list[Terms] = []
    amounts: list[Amount] = []
    exchange: ExchangeRate | None = None
    rates: list[ExchangeRate] = []


class Line(Part):
    """What lines of every document share. number is the line number of the order the document is about.
    description_code: of a list agreed on, beside or instead of the description."""

    number: str | None = None
    ids: list[Id] = []
    description: str | None = None
    description_code: str | None = None
    dates: list[DateAt] = []
    references: list[Reference] = []
    measures: list[Measure] = []
    notes: list[Note] = []
    ext: Ext = {}

    def item(self, *schemes: str) -> str | None:
        """The value of the first identifier in one of the schemes, the schemes in order of preference."""
        return next((id.value for scheme in schemes for id in self.ids if id.scheme == scheme), None)


class GoodsLine(Line):
    """A line about an item that is sold or moved.

    description is its name in plain words, descriptions what else is told of it. pack: how many inner units one
    ordered unit holds, pack_unit: what those are; pack_size: the size of one of them. price is what the line is
    reckoned with, prices are others. origin: the country (ISO 3166). currency: of its amounts, where it is not the
    document's. action: in a change or a catalogue what becomes of the line: added, deleted, changed,
    quantity_changed, price_changed, date_changed, unchanged, .. sublines: a kit's or assortment's components;
    parent, level: the number of the line it is a component of and how deep, where the standard tells components as
    lines of their own. substitutes: what comes in its place; substitute_for: what it comes in place of.
    """

    action: str | None = None
    parent: str | None = None
    level: int | None = None
    substitutes: list[Id] = []
    substitute_for: list[Id] = []
    quantity: Quantity | None = None
    price: Price | None = None
    amount: Decimal | None = None
    currency: str | None = None
    pack: Decimal | None = None
    pack_kind: str | None = None
    pack_unit: str | None = None
    pack_size: Quantity | None = None
    lot: str | None = None
    lots: list[Lot] = []
    serials: list[str] = []
    origin: str | None = None
    descriptions: list[Description] = []
    packaging: list[Packaging] = []
    hazmat: list[Hazmat] = []
    temperatures: list[Temperature] = []
    instructions: list[Note] = []
    quantities: list[TypedQuantity] = []
    percentages: list[Percentage] = []
    prices: list[Price] = []
    charges: list[Charge] = []
    taxes: list[Tax] = []
    terms: list[Terms] = []
    amounts: list[Amount] = []
    carrier: Carrier | None = None
    delivery_terms: DeliveryTerms | None = None
    legs: list[Leg] = []
    places: list[Place] = []
    parties: list[Party] = []
    contacts: list[Contact] = []
    splits: list[Split] = []
    schedules: list[Schedule] = []
    sublines: "list[SubLine]" = []
    gift: Gift | None = None


class SubLine(GoodsLine):
    """A component of a kit or an assortment. relation: included, additional, substitute, deleted, .."""

    relation: str | None = None
    order: OrderRef | None = None
