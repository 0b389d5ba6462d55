"""One order, one ship notice and one invoice through X12, EDIFACT, UBL, cXML, IDoc and GS1 XML, field by field.

Each format is asked for what it carries, and a chain through several of them keeps what they all carry.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical import (
    Address,
    Charge,
    Content,
    DateAt,
    Id,
    Invoice,
    InvoiceLine,
    Moment,
    Order,
    OrderLine,
    OrderRef,
    Package,
    Party,
    Price,
    Quantity,
    Reference,
    ShipNotice,
    ShippedOrder,
    Tax,
    Terms,
)
from tests.unit.test_mapping_across import VERSIONS, library, read, sent
from tests.unit.test_mapping_xml_samples import stripped

OPTIONS = {"currency": "EUR", "sender_domain": "GS1", "sender_identity": "4012345000016"}


def through(id: str, document: Any, options: dict[str, str] | None = None) -> Any:
    """The document as it comes out of one format, without what that format's mapping remembers for itself."""
    mapping = library().get(id)
    if mapping.standard in VERSIONS and not options:
        return stripped(read(mapping, sent(mapping, document)))
    if mapping.standard in VERSIONS:
        writing = mapping.write(document, VERSIONS[mapping.standard], options)
        assert [found.message for found in writing.findings if found.severity == "error"] == []
        return stripped(read(mapping, sent(mapping, document, options)))
    written = mapping.write_payload(document, OPTIONS)
    assert [found.message for found in written.findings if found.severity == "error"] == []
    reading = mapping.read_payload(written.body)
    assert reading.document is not None, reading.findings
    return stripped(reading.document)


def chain(ids: Sequence[str], document: Any) -> Any:
    for id in ids:
        document = through(id, document)
    return document


def money(text: str) -> Decimal:
    return Decimal(text)


def place(name: str, city: str, code: str) -> tuple[str, Address]:
    return name, Address(lines=["Quay Street 12"], city=city, region="HH", postal_code=code, country="DE")


def party(role: str, name: str, city: str, gln: str) -> Party:
    called, address = place(name, city, "20457")
    return Party(role=role, name=called, address=address, ids=[Id(scheme="gln", value=gln)])


PARTIES = [
    party("buyer", "Bluebird Stores", "Hamburg", "4012345000016"),
    party("seller", "Nordlicht Haushaltswaren", "Kiel", "4012345000023"),
    party("ship_to", "Bluebird Store 12", "Bremen", "4012345000030"),
    party("bill_to", "Bluebird Accounts", "Hamburg", "4012345000047"),
]


def order() -> Order:
    return Order(
        number="PO-48812", purpose="original", order_type="stand_alone", issued=Moment(date="2026-01-22"),
        currency="EUR",
        contract="C-77",
        references=[Reference(type="department", value="12"), Reference(type="vendor_number", value="V-9")],
        dates=[
            DateAt(type="requested_delivery", at=Moment(date="2026-02-02")),
            DateAt(type="deliver_not_after", at=Moment(date="2026-02-05")),
        ],
        parties=PARTIES,
        terms=[Terms(net_days=30)],
        lines=[
            OrderLine(
                number="1", quantity=Quantity(value=Decimal(24), unit="H87"), price=Price(amount=money("9.50")),
                ids=[
                    Id(scheme="gtin", value="04012345678901"), Id(scheme="buyer", value="B-1"),
                    Id(scheme="vendor", value="V-1"),
                ],
                description="Kettle, steel",
            ),
            OrderLine(
                number="2", quantity=Quantity(value=Decimal("2.5"), unit="KGM"), price=Price(amount=money("4.00")),
                ids=[Id(scheme="vendor", value="V-2")], description="Tea, loose",
            ),
        ],
    )  # fmt: skip


# ---- what is compared

Said = Callable[[Any], Any]


def number(document: Any) -> Any:
    return document.number


def issued(document: Any) -> Any:
    return document.issued and document.issued.date


def currency(document: Any) -> Any:
    return document.currency


def contract(document: Any) -> Any:
    return document.contract


def dates(document: Any) -> Any:
    return sorted((one.type, one.at.date) for one in document.dates)


def delivery(document: Any) -> Any:
    """The day by which the goods are wanted."""
    return [one.at.date for one in document.dates if one.type == "requested_delivery"]


def line_delivery(document: Any) -> Any:
    """The same where it is said of each line."""
    return delivery(document) or sorted({one.at.date for line in document.lines for one in line.dates})


def references(document: Any) -> Any:
    return sorted((one.type, one.value) for one in document.references if one.type in ("department", "vendor_number"))


def amounts(document: Any) -> Any:
    return [(line.number, line.quantity) for line in document.lines]


def prices(document: Any) -> Any:
    return [line.price and line.price.amount for line in document.lines]


def descriptions(document: Any) -> Any:
    return [line.description for line in document.lines]


def items(document: Any) -> Any:
    same = {"ean": "gtin", "upc": "gtin"}
    return [
        sorted((same.get(one.scheme, one.scheme), one.value.lstrip("0")) for one in line.ids) for line in document.lines
    ]


def own_items(document: Any) -> Any:
    """What buyer and seller call the items."""
    return [[pair for pair in line if pair[0] in ("buyer", "vendor")] for line in items(document)]


def parties(*roles: str) -> Said:
    def said(document: Any) -> Any:
        return sorted(
            (one.role, one.name, one.address and (one.address.lines, one.address.city, one.address.postal_code))
            for one in document.parties
            if one.role in roles
        )

    said.__name__ = f"parties {' '.join(roles)}"
    return said


def glns(document: Any) -> Any:
    return sorted((one.role, id.value) for one in document.parties for id in one.ids if id.scheme == "gln")


def net_days(document: Any) -> Any:
    return [one.net_days for one in document.terms if one.net_days]


ALL = parties("buyer", "seller", "ship_to", "bill_to")
LINES: list[Said] = [amounts, prices, descriptions]
ORDERS: dict[str, list[Said]] = {
    "x12/850": [number, issued, currency, contract, dates, references, ALL, glns, items, net_days, *LINES],
    "edifact/ORDERS": [number, issued, currency, contract, dates, references, ALL, glns, items, net_days, *LINES],
    "ubl/Order": [number, issued, currency, contract, dates, references, ALL, glns, items, *LINES],
    "cxml/OrderRequest": [
        number, issued, currency, contract, delivery, references, parties("ship_to", "bill_to"), own_items, net_days,
        *LINES,
    ],
    "idoc/ORDERS": [number, issued, currency, delivery, ALL, glns, items, amounts, prices],
    "gs1/order": [number, issued, currency, contract, dates, references, ALL, glns, items, *LINES],
}  # fmt: skip


@pytest.mark.parametrize("id", ORDERS)
def test_an_order_comes_out_of_each_format_as_it_went_in(id: str) -> None:
    before, after = order(), through(id, order())
    for said in ORDERS[id]:
        assert said(after) == said(before), said.__name__
    assert foreign(after, id) == []


CHAINS = [
    ("edifact/ORDERS", "ubl/Order", "x12/850"),
    ("ubl/Order", "edifact/ORDERS", "x12/850"),
    ("x12/850", "edifact/ORDERS", "ubl/Order", "x12/850"),
    ("idoc/ORDERS", "x12/850", "gs1/order", "edifact/ORDERS"),
    ("cxml/OrderRequest", "ubl/Order", "x12/850"),
]


@pytest.mark.parametrize("ids", CHAINS, ids="-".join)
def test_an_order_keeps_what_all_formats_of_a_chain_carry(ids: Sequence[str]) -> None:
    before, after = order(), chain(ids, order())
    kept = [said for said in ORDERS[ids[0]] if all(said in ORDERS[id] for id in ids)]
    assert number in kept
    assert amounts in kept
    for said in kept:
        assert said(after) == said(before), said.__name__


def foreign(part: Any, id: str) -> list[str]:
    """Words that still name a format other than the one they came through."""
    family = id.partition("/")[0]
    marks = ("x12:", "edifact:", "ubl:", "cxml:", "idoc:", "gs1:")
    return [mark for mark in marks if mark != f"{family}:" and mark in repr(part)]


# ---- ship notices


def notice() -> ShipNotice:
    """Two orders: a pallet with two cartons, a carton that holds some of both, and a carton on its own."""
    packages = [
        Package(id="a", kind="pallet", sscc="340123450000000018"),
        Package(id="b", parent="a", kind="carton", sscc="340123450000000025"),
        Package(id="c", parent="a", kind="carton", sscc="340123450000000032"),
        Package(id="d", kind="carton", sscc="340123450000000049"),
    ]
    inside = [("1", "o1", "b", 4), ("2", "o1", "c", 2), ("1", "o2", "c", 5), ("2", "o2", "d", 1)]
    return ShipNotice(
        number="S-1", purpose="original", issued=Moment(date="2026-01-22"),
        dates=[DateAt(type="shipped", at=Moment(date="2026-01-22"))],
        parties=[party("ship_from", "Nordlicht Lager", "Kiel", "4012345000054"), PARTIES[2]],
        orders=[
            ShippedOrder(id="o1", order=OrderRef(number="PO-1")), ShippedOrder(id="o2", order=OrderRef(number="PO-2")),
        ],
        packages=packages,
        contents=[
            Content(
                number=line, order=of, package=package, ids=[Id(scheme="vendor", value=f"V-{line}")],
                quantity=Quantity(value=Decimal(count), unit="H87"),
            )
            for line, of, package, count in inside
        ],
    )  # fmt: skip


def tree(document: Any) -> Any:
    called = {one.id: one.sscc for one in document.packages}
    return sorted((one.sscc, called.get(one.parent or "") or "") for one in document.packages)


def packed(document: Any) -> Any:
    """Of which order and line how much lies in which package."""
    called = {one.id: one.sscc for one in document.packages}
    numbers = {one.id: one.order.number for one in document.orders}
    return sorted(
        (numbers[one.order], one.number, called.get(one.package or "") or "", one.quantity.value)
        for one in document.contents
    )


def shipping(document: Any) -> Any:
    return [one.at.date for one in document.dates if one.type == "shipped"]


def between(document: Any) -> Any:
    """From whom to whom."""
    return parties("ship_from", "ship_to")(document)


HEAD: list[Said] = [number, issued, shipping]
NOTICES: dict[tuple[str, str], list[Said]] = {
    ("x12/856", "S O T P I"): [*HEAD, between, tree, packed],
    ("x12/856", "S T O P I"): [*HEAD, between, tree, packed],
    ("x12/856", "S O T I P"): [*HEAD, between, tree, packed],
    ("x12/856", "S O P I"): [*HEAD, between, packed],  # of pallets these two shapes do not tell
    ("x12/856", "S O I P"): [*HEAD, between, packed],
    ("edifact/DESADV", ""): [*HEAD, between, tree, packed],
    ("ubl/DespatchAdvice", ""): [*HEAD, between, tree, packed],
    ("gs1/despatchAdvice", ""): [*HEAD, between, tree, packed],
    ("idoc/DESADV", ""): [*HEAD, between, tree, packed],
    ("cxml/ShipNoticeRequest", ""): [*HEAD, between, packed],  # it knows packages by their items alone
}


def noticed(id: str, shape: str, document: Any) -> Any:
    return through(id, document, {"shape": shape} if shape else None)


@pytest.mark.parametrize(("id", "shape"), NOTICES, ids=" ".join)
def test_a_ship_notice_comes_out_of_each_format_and_shape_as_it_went_in(id: str, shape: str) -> None:
    before, after = notice(), noticed(id, shape, notice())
    for said in NOTICES[(id, shape)]:
        assert said(after) == said(before), said.__name__
    assert foreign(after, id) == []


SHAPES = [shape for id, shape in NOTICES if id == "x12/856"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("second", ["ubl/DespatchAdvice", "gs1/despatchAdvice", "idoc/DESADV"])
def test_a_ship_notice_of_every_shape_goes_on_through_edifact_and_xml(shape: str, second: str) -> None:
    before = notice()
    after = noticed("x12/856", shape, before)
    for id in ("edifact/DESADV", second):
        after = through(id, after)
    after = noticed("x12/856", shape, after)
    for said in NOTICES[("x12/856", shape)]:
        if said in NOTICES[(second, "")]:
            assert said(after) == said(before), said.__name__


# ---- invoices


def invoice() -> Invoice:
    return Invoice(
        number="INV-7", kind="invoice", purpose="original", issued=Moment(date="2026-01-24"), currency="EUR",
        order=OrderRef(number="PO-1", date=Moment(date="2026-01-22")), parties=PARTIES, terms=[Terms(net_days=30)],
        charges=[Charge(kind="charge", code="freight", amount=money("12.00"), description="Freight")],
        taxes=[Tax(type="vat", rate=money("19"), amount=money("47.60"), base=money("250.50"), category="standard")],
        lines=[
            InvoiceLine(
                number="1", quantity=Quantity(value=Decimal(24), unit="H87"), price=Price(amount=money("9.50")),
                amount=money("228.00"),
                ids=[Id(scheme="gtin", value="04012345678901"), Id(scheme="vendor", value="V-1")],
                description="Kettle, steel",
            ),
            InvoiceLine(
                number="2", quantity=Quantity(value=Decimal("2.625"), unit="KGM"), price=Price(amount=money("4.00")),
                amount=money("10.50"), ids=[Id(scheme="vendor", value="V-2")], description="Tea, loose",
            ),
        ],
        lines_total=money("238.50"), tax_total=money("47.60"), total=money("298.10"),
    )  # fmt: skip


def total(document: Any) -> Any:
    return document.total


def taxes(document: Any) -> Any:
    return [(one.type, one.amount) for one in document.taxes]


def charges(document: Any) -> Any:
    return [(one.kind, one.amount) for one in document.charges]


def order_number(document: Any) -> Any:
    """Of the whole invoice, or of each line."""
    of = document.order and document.order.number
    return of or next((line.order.number for line in document.lines if line.order), None)


def due(document: Any) -> Any:
    return [one.net_days for one in document.terms if one.net_days]


def line_amounts(document: Any) -> Any:
    return [line.amount for line in document.lines]


TOTALS: list[Said] = [number, issued, currency, total, taxes, charges]
INVOICES: dict[str, list[Said]] = {
    "x12/810": [*TOTALS, order_number, ALL, items, due, *LINES],
    "edifact/INVOIC": [*TOTALS, order_number, ALL, items, due, line_amounts, *LINES],
    "ubl/Invoice": [*TOTALS, order_number, ALL, items, line_amounts, *LINES],
    "idoc/INVOIC": [*TOTALS, order_number, ALL, items, line_amounts, amounts, prices],
    "cxml/InvoiceDetailRequest": [*TOTALS, order_number, ALL, own_items, due, line_amounts, *LINES],
}  # fmt: skip


@pytest.mark.parametrize("id", INVOICES)
def test_an_invoice_comes_out_of_each_format_as_it_went_in(id: str) -> None:
    before, after = invoice(), through(id, invoice())
    for said in INVOICES[id]:
        assert said(after) == said(before), said.__name__
    assert foreign(after, id) == []


@pytest.mark.parametrize(
    "ids",
    [
        ("x12/810", "edifact/INVOIC", "ubl/Invoice", "x12/810"),
        ("edifact/INVOIC", "idoc/INVOIC", "ubl/Invoice"),
        ("cxml/InvoiceDetailRequest", "ubl/Invoice", "edifact/INVOIC"),
    ],
    ids="-".join,
)  # fmt: skip
def test_an_invoice_keeps_what_all_formats_of_a_chain_carry(ids: Sequence[str]) -> None:
    before, after = invoice(), chain(ids, invoice())
    kept = [said for said in INVOICES[ids[0]] if all(said in INVOICES[id] for id in ids)]
    assert total in kept
    for said in kept:
        assert said(after) == said(before), said.__name__
