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
        number="PO-48812", purpose="original", order_type="stand_alone", issued=Moment(date="2026-01-22"), currency="EUR",
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
        number, issued, currency, contract, delivery, parties("ship_to", "bill_to"), own_items, net_days, *LINES,
    ],
    "idoc/ORDERS": [number, issued, currency, delivery, ALL, glns, items, amounts, prices],
    "gs1/order": [number, issued, contract, delivery, ALL, glns, items, *LINES],
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
