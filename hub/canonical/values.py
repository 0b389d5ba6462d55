"""The small parts canonical documents are made of. Lists keep the order and repeats of the message they came from.

`ext`, on every struct that repeats, keeps what a partner sent that the model has no place for: mapping id -> place ->
value (JSON values only). Only the same mapping writes it back. Types, roles and schemes are words of ours
("requested_ship", "ship_to", "gtin"); a code nobody has named yet stays as "standard:place/code" ("x12:REF01/XY") and
goes back only there.
"""

from decimal import Decimal
from typing import Any

import msgspec

Ext = dict[str, dict[str, Any]]


class Part(msgspec.Struct, kw_only=True, omit_defaults=True, repr_omit_defaults=True, gc=False):
    """Base of every struct here: absent is None or empty, and absent fields are left out of JSON."""


class Moment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A point in time as its sender said it. date "2026-01-22", time "14:30" or "14:30:05", zone "+01:00", "UTC" or an
    IANA name. A date alone stays a date and is never shifted; zone is None where the sender gave none. until: of a
    period (a week, a month, from a day to another) its last day or moment; date and time are its first."""

    date: str
    time: str | None = None
    zone: str | None = None
    until: "Moment | None" = None


class Quantity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """unit: UN/ECE recommendation 20, packages X + recommendation 21 ("H87" piece, "XCT" carton)."""

    value: Decimal
    unit: str | None = None


class Id(Part):
    """A party's or item's identifier. scheme: gln, duns, scac, buyer_assigned, vendor_assigned, gtin, upc, ean, buyer,
    vendor, asin, isbn, mpn, hs (the customs tariff), commodity, .. code_list, agency: of which list it is and who
    keeps that, where the standard tells them beside the scheme. name: what that scheme calls it in words."""

    scheme: str
    value: str
    code_list: str | None = None
    agency: str | None = None
    name: str | None = None
    ext: Ext = {}


class Reference(Part):
    """type: customer_order, department, promotion, bill_of_lading, pro_number, vendor_number, contract, .. date: of the
    document referred to; uri: where it can be had. related: what tells it apart further (its suffix, its list)."""

    type: str
    value: str | None = None
    date: Moment | None = None
    issuer: str | None = None
    line: str | None = None
    text: str | None = None
    uri: str | None = None
    related: "Reference | None" = None
    ext: Ext = {}


class DateAt(Part):
    """type: requested_ship, ship_not_before, ship_not_after, cancel_after, requested_delivery, deliver_not_before,
    deliver_not_after, promised, appointment, shipped, estimated_delivery, delivered, .. time_type: what the time of
    day is, where it is told apart from the date: earliest, latest, .. until: its end; actual, actual_until: what
    came of it; zone, until_zone: as the sender calls those of `at` and `until`, where they have none. code, name: the
    sender's own for it, beside the type."""

    type: str
    at: Moment
    time_type: str | None = None
    until: Moment | None = None
    actual: Moment | None = None
    actual_until: Moment | None = None
    zone: str | None = None
    until_zone: str | None = None
    code: str | None = None
    name: str | None = None
    ext: Ext = {}


class Address(Part):
    """region and country are codes (ISO 3166), region_name and country_name the same in words, where both are told.
    location: a code for the place, of the list location_scheme (unlocode, splc, ..). latitude, longitude: degrees.
    label: what its owner calls the address."""

    lines: list[str] = []
    city: str | None = None
    region: str | None = None
    region_name: str | None = None
    postal_code: str | None = None
    country: str | None = None
    country_name: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    location: str | None = None
    location_scheme: str | None = None
    label: str | None = None


class Channel(Part):
    """scheme: phone, email, fax, url, .. label: what its owner calls it: work, private, ..; country:
    of a phone number, where it is told beside it."""

    scheme: str
    value: str
    label: str | None = None
    country: str | None = None


class Contact(Part):
    """given_name, middle_name, family_name: of the person, where they are told apart; job: what it does there."""

    role: str | None = None
    name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    job: str | None = None
    id: str | None = None
    channels: list[Channel] = []
    references: list[Reference] = []
    ext: Ext = {}


class Registration(Part):
    """A party's entry in a register: of taxes or of companies. type: vat, gst, sales, excise, legal, ..; kind: of the
    tax, where the standard tells it beside its name; scheme: of the value; exempt: why no tax is taken; address: as
    entered there."""

    type: str
    kind: str | None = None
    value: str | None = None
    scheme: str | None = None
    name: str | None = None
    exempt: str | None = None
    address: Address | None = None
    ext: Ext = {}


class BankAccount(Part):
    """Where money comes from or goes to. scheme: of the number: iban, demand_deposit, savings, ..; bank_scheme: bic,
    aba, swift, sort_code, ..; bank_issuer: whose list that is. role: receiving, originating, .., where the party's
    own does not say it. kind: of the account: current, .. method, due, reference: how, by when and under which
    number is paid, where the standard says it with the account. iban: beside the number within the bank.
    institution: the bank the branch is of."""

    role: str | None = None
    number: str | None = None
    scheme: str | None = None
    iban: str | None = None
    holder: str | None = None
    bank: str | None = None
    bank_scheme: str | None = None
    bank_issuer: str | None = None
    bank_name: str | None = None
    branch: str | None = None
    address: Address | None = None
    institution: str | None = None
    institution_name: str | None = None
    institution_address: Address | None = None
    kind: str | None = None
    method: str | None = None
    due: Moment | None = None
    reference: str | None = None
    currency: str | None = None
    country: str | None = None
    ext: Ext = {}


class Party(Part):
    """role: buyer, seller, ship_to, ship_from, bill_to, remit_to, mark_for, carrier, warehouse, return_to, .. kind:
    person or organisation, where it is told. lines: name and address, where they come as one text."""

    role: str
    kind: str | None = None
    ids: list[Id] = []
    lines: list[str] = []
    name: str | None = None
    more_names: list[str] = []
    address: Address | None = None
    references: list[Reference] = []
    registrations: list[Registration] = []
    banks: list[BankAccount] = []
    contacts: list[Contact] = []
    dates: list[DateAt] = []
    places: "list[Place]" = []
    notes: "list[Note]" = []
    ext: Ext = {}


class Place(Part):
    """type: what happens there or what it is for: delivery, loading, discharge, department, origin, destination, ..
    scheme: gln, unlocode, iata, buyer_assigned, ..; code_list: which of its lists; within: the part of it that is meant
    (a dock, a shelf), within_scheme and within_list: whose code that is, and of which of its lists.
    quantities: how much of a line is for it."""

    type: str | None = None
    id: str | None = None
    scheme: str | None = None
    code_list: str | None = None
    name: str | None = None
    within: str | None = None
    within_scheme: str | None = None
    within_list: str | None = None
    address: Address | None = None
    dates: list[DateAt] = []
    quantities: "list[TypedQuantity]" = []
    ext: Ext = {}


class Note(Part):
    """reference: an identifier the note is about, or found under. code: a text agreed on, of the list `scheme`;
    code_list: which of its lists. function: what the text is for: immediate_use, .. answer: yes, no, unknown, .., where
    the note is a question's or a statement's."""

    type: str | None = None
    function: str | None = None
    reference: str | None = None
    title: str | None = None
    code: str | None = None
    code_list: str | None = None
    scheme: str | None = None
    answer: str | None = None
    language: str | None = None
    lines: list[str] = []
    ext: Ext = {}


class Description(Part):
    """One thing said of an item. type: what it tells of: colour, size, style, material, brand, condition, ..; code (of
    the list `scheme`, code_list: which of its lists) or text, or both; form: free, structured or semi_structured, where
    the standard tells."""

    number: str | None = None
    form: str | None = None
    type: str | None = None
    code: str | None = None
    code_list: str | None = None
    scheme: str | None = None
    text: str | None = None
    language: str | None = None
    measure: "Measure | None" = None
    ext: Ext = {}


class Price(Part):
    """amount per `per` units of `unit` (both None: per one ordered unit). basis: net, gross, contract, catalogue, ..
    currency: only where it is not the document's. class_of_trade, least, most and dates: for whom, for how much and
    when it holds. type: catalogue, contract, .., where the standard tells it beside the basis; specification: what
    kind of price it is: new, reference, .. rebate: what is paid back of it. charges: what
    was added to it or taken off already.
    """

    amount: Decimal
    basis: str | None = None
    type: str | None = None
    specification: str | None = None
    per: Decimal | None = None
    unit: str | None = None
    currency: str | None = None
    class_of_trade: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    change: str | None = None
    multiplier: Decimal | None = None
    rebate: Decimal | None = None
    charges: "list[Charge]" = []
    dates: list[DateAt] = []
    ext: Ext = {}


class TypedQuantity(Part):
    """A quantity that has no field of its own. type: ordered, received, free_goods, on_hand, available, reserved,
    in_transit, damaged, sold, returned, cumulative, .. The rest says when (time: of the day, within a
    bucket), where, of which lot and for which stores; direction: into or out of stock."""

    type: str
    value: Decimal
    unit: str | None = None
    direction: str | None = None
    reason: str | None = None
    time: str | None = None
    lot: str | None = None
    dates: list[DateAt] = []
    places: list[Place] = []
    references: list[Reference] = []
    prices: list[Price] = []
    splits: "list[Split]" = []
    ext: Ext = {}


class Split(Part):
    """A share of a line for one store or place (X12 SDQ)."""

    location: str
    quantity: Quantity
    scheme: str | None = None


class Percentage(Part):
    """value in percent. type: discount, moisture, overage_allowed, .."""

    type: str
    value: Decimal
    basis: str | None = None
    ext: Ext = {}


class ExchangeRate(Part):
    """One unit of `currency` (the document's, where none is named) is worth `rate` of `into`. type: what `into` is the
    currency of: payment, home, .."""

    currency: str | None = None
    into: str | None = None
    rate: Decimal | None = None
    type: str | None = None
    dates: list[DateAt] = []
    ext: Ext = {}


class Charge(Part):
    """kind: allowance (lowers what is paid) or charge (raises it); amount is never negative for either, but what
    a carrier takes back of a charge is. percent in percent, of base or percent_basis; rate per rate_basis. sequence:
    the step of the reckoning it belongs to; a later step takes its percent of what the earlier ones leave. number: of
    the line it belongs to, where that is said again. currency: only where it is not the document's. code_agency: who
    keeps the list `code` is of; agency_code: what a list of the agency's own calls it, beside `code`; option: which of
    several offers it is part of; amounts: the same in other currencies, and what it was before.
    """

    kind: str
    number: str | None = None
    code: str | None = None
    agency: str | None = None
    agency_code: str | None = None
    code_agency: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    percent: Decimal | None = None
    percent_basis: str | None = None
    base: Decimal | None = None
    rate: Decimal | None = None
    rate_basis: str | None = None
    sequence: int | None = None
    quantity: Quantity | None = None
    settlement: str | None = None
    reference: str | None = None
    option: str | None = None
    description: str | None = None
    language: str | None = None
    dates: list[DateAt] = []
    taxes: "list[Tax]" = []
    amounts: "list[Amount]" = []
    ext: Ext = {}


class Tax(Part):
    """type: vat, sales, gst, .. rate in percent. number: of the item it is for, where the standard tells;
    registration: the number it is paid under; payer: who owes it. kind: of the tax, where the standard tells it
    beside its name; exempt, exempt_code: why none is taken; point: when it falls due. currency: only where it is
    not the document's; amounts: the same in other currencies."""

    type: str
    number: str | None = None
    rate: Decimal | None = None
    amount: Decimal | None = None
    base: Decimal | None = None
    currency: str | None = None
    category: str | None = None
    kind: str | None = None
    exempt: str | None = None
    exempt_code: str | None = None
    point: Moment | None = None
    jurisdiction: str | None = None
    jurisdiction_scheme: str | None = None
    registration: str | None = None
    payer: str | None = None
    amounts: "list[Amount]" = []
    ext: Ext = {}


class Amount(Part):
    """An amount of money that has no field of its own. type: line_total, taxable, prepaid, charges_total, ..
    direction: credit or debit, where the standard tells; currency_use: as of a document; status: how far it may change.
    references: to what it was paid with or is for; parts: what it is made of."""

    type: str
    value: Decimal
    parts: "list[Amount]" = []
    direction: str | None = None
    currency: str | None = None
    currency_use: str | None = None
    status: str | None = None
    references: list[Reference] = []
    ext: Ext = {}


class Terms(Part):
    """Payment terms. discount_percent within discount_days, net due within net_days, on the due date or on a
    day of the month. dates, amounts, percentages: those that have no field of their own (what an instalment comes to, a
    penalty). start: from when days count. method: how it is to be paid; banks: from or to which account."""

    type: str | None = None
    basis: str | None = None
    start: Moment | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None
    discount_due: Moment | None = None
    discount_amount: Decimal | None = None
    net_days: int | None = None
    day: int | None = None
    due: Moment | None = None
    text: str | None = None
    method: str | None = None
    dates: list[DateAt] = []
    amounts: list[Amount] = []
    percentages: list[Percentage] = []
    banks: list[BankAccount] = []
    ext: Ext = {}


class Carrier(Part):
    """Who carries and how. scac: Standard Carrier Alpha Code. mode: motor, parcel, air, ocean, rail, .. account: the
    freight account that pays. status: of the shipment: complete, partial, .. transit: how long it takes. scheme: whose
    code `scac` is, where the standard tells, code_list: which of its lists. conveyance: the vehicle, vessel or flight;
    voyage: its journey; dates, places and references: of that journey."""

    scac: str | None = None
    code_list: str | None = None
    scheme: str | None = None
    ids: list[Id] = []
    name: str | None = None
    mode: str | None = None
    service: str | None = None
    more_services: list[str] = []
    stage: str | None = None
    routing: str | None = None
    account: str | None = None
    payment: str | None = None
    equipment: str | None = None
    seals: list[str] = []
    status: str | None = None
    transit: Quantity | None = None
    conveyance: str | None = None
    conveyance_scheme: str | None = None
    conveyance_list: str | None = None
    conveyance_name: str | None = None
    voyage: str | None = None
    place: Place | None = None
    places: list[Place] = []
    dates: list[DateAt] = []
    references: list[Reference] = []
    ext: Ext = {}


class DeliveryTerms(Part):
    """Where cost and risk pass. code: of the list `scheme` (an incoterm such as DAP), code_list: which of its lists;
    title_place: where the goods change owner."""

    code: str | None = None
    code_list: str | None = None
    scheme: str | None = None
    payment: str | None = None
    place: Place | None = None
    title_place: Place | None = None
    text: str | None = None
    ext: Ext = {}


class Measure(Part):
    """type: gross_weight, net_weight, volume, length, width, height, packages, units, .. purpose: what it is a measure
    of, where the standard tells: physical, weight, count, .. significance: how the value is meant: approximate,
    at_least, ..; most: of a range, whose least is the value."""

    type: str
    value: Decimal
    unit: str | None = None
    purpose: str | None = None
    significance: str | None = None
    most: Decimal | None = None
    ext: Ext = {}


class OrderRef(Part):
    """The order (or other document, of that type, or line of it) a document speaks of."""

    number: str | None = None
    release: str | None = None
    line: str | None = None
    date: Moment | None = None
    seller_number: str | None = None
    type: str | None = None
