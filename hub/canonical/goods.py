"""Parts that say what goods are, how they are packed, when they are wanted and how they travel."""

from decimal import Decimal

from hub.canonical.values import (
    Carrier,
    DateAt,
    Description,
    Ext,
    Id,
    Measure,
    Moment,
    Note,
    Part,
    Party,
    Place,
    Quantity,
    Reference,
    Split,
    TypedQuantity,
)


class Leg(Part):
    """A part of the way. stage: pre_carriage, main, on_carriage, .. conveyance: the vehicle, vessel or flight; voyage:
    its journey. conveyance_list: of which of its scheme's lists the conveyance is."""

    stage: str | None = None
    carrier: Carrier | None = None
    conveyance: str | None = None
    conveyance_scheme: str | None = None
    conveyance_list: str | None = None
    conveyance_name: str | None = None
    voyage: str | None = None
    places: list[Place] = []
    dates: list[DateAt] = []
    references: list[Reference] = []
    measures: list[Measure] = []
    ext: Ext = {}


class Seal(Part):
    """issuer: carrier, shipper, customs, .."""

    number: str
    issuer: str | None = None
    ext: Ext = {}


class Temperature(Part):
    """A temperature asked for or measured. type: storage, transport, recorded, flash_point, .. value, or from least to
    most; unit CEL or FAH."""

    type: str | None = None
    value: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    unit: str | None = None
    at: Moment | None = None
    ext: Ext = {}


class Equipment(Part):
    """A trailer, a container, a wagon or what else goods travel in. initials: the letters of its number, where the
    standard parts them, and check_digit its last; length in `measures`. size_scheme, size_list: whose code
    the size is, and of which of its lists. traffic: what it is in: export, import,
    domestic, ..; service: how it is served: from door to door, ramp to ramp, .."""

    kind: str | None = None
    initials: str | None = None
    number: str | None = None
    check_digit: str | None = None
    owner: str | None = None
    size: str | None = None
    size_scheme: str | None = None
    size_list: str | None = None
    traffic: str | None = None
    service: str | None = None
    status: str | None = None
    count: int | None = None
    seals: list[Seal] = []
    measures: list[Measure] = []
    temperatures: list[Temperature] = []
    references: list[Reference] = []
    notes: list[Note] = []
    ext: Ext = {}


class Hazmat(Part):
    """Dangerous goods. un_number "UN1263"; hazard_class "3"; packing_group I, II or III; name: the proper shipping
    name, of the list name_scheme; contact: whom to ask."""

    un_number: str | None = None
    hazard_class: str | None = None
    more_classes: list[str] = []
    packing_group: str | None = None
    name: str | None = None
    name_scheme: str | None = None
    technical_names: list[str] = []
    code: str | None = None
    scheme: str | None = None
    page: str | None = None
    quantity: Quantity | None = None
    packages: int | None = None
    package_kind: str | None = None
    emergency_phone: str | None = None
    contact: str | None = None
    contact_role: str | None = None
    measures: list[Measure] = []
    temperatures: list[Temperature] = []
    references: list[Reference] = []
    notes: list[Note] = []
    ext: Ext = {}


class Packaging(Part):
    """How goods are packed. kind: carton, pallet, drum, .., kind_name: the same in plain words; count such
    packages, `quantity` in each. marks: what is written on them. return_payment: who pays when they go back empty."""

    number: str | None = None
    kind: str | None = None
    kind_name: str | None = None
    level: str | None = None
    count: Decimal | None = None
    quantity: Quantity | None = None
    returnable: str | None = None
    return_payment: str | None = None
    descriptions: list[Description] = []
    marks: list[Id] = []
    measures: list[Measure] = []
    ext: Ext = {}


class Lot(Part):
    """A lot or batch of an item; serials: the single pieces of it. marking: what the package shows of it: its expiry
    date, .., where the standard tells."""

    marking: str | None = None
    number: str | None = None
    quantity: Quantity | None = None
    dates: list[DateAt] = []
    serials: list[str] = []
    origin: str | None = None
    ext: Ext = {}


class Condition(Part):
    """How (part of) a line came. status: accepted, damaged, short, over, rejected, wrong_item, on_hold, .. decision:
    what is done about it."""

    status: str
    quantity: Quantity | None = None
    reason: str | None = None
    decision: str | None = None
    lot: str | None = None
    text: str | None = None
    dates: list[DateAt] = []
    references: list[Reference] = []
    notes: list[Note] = []
    ext: Ext = {}


class Gift(Part):
    """What the consumer who gets the parcel shall read and see."""

    sender: str | None = None
    recipient: str | None = None
    message: list[str] = []
    wrap: str | None = None


class Schedule(Part):
    """A bucket of a line: so much, then and there. kind: firm, planning, released, immediate, .. pattern: weekly,
    monthly, ..; dates: start and end of the bucket, or its requested_delivery; cumulative: since the count began."""

    number: str | None = None
    kind: str | None = None
    pattern: str | None = None
    time_pattern: str | None = None
    quantity: Quantity | None = None
    cumulative: Quantity | None = None
    quantities: list[TypedQuantity] = []
    dates: list[DateAt] = []
    carrier: Carrier | None = None
    places: list[Place] = []
    parties: list[Party] = []
    references: list[Reference] = []
    splits: list[Split] = []
    notes: list[Note] = []
    ext: Ext = {}
