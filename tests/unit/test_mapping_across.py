"""One document in two standards: fields stay what they are, and no code of the one standard shows up in the other."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hub.canonical import Document, Invoice, Order, ShipNotice
from hub.mapping import Library, Mapping
from hub.schema import check
from hub.syntax import Envelope, OutGroup, OutMessage, write
from hub.syntax.model import Message
from tests.unit.edi import messages

MAPPINGS = Path(__file__).parents[2] / "mappings"
VERSIONS = {"x12": "004010", "edifact": "D.96A"}
LATER = {"33E", "402", "73E", "AEK", "SRV"}
"""Codes of EANCOM and of later directories, which the code lists of D.96A lack."""


@cache
def library() -> Library:
    return Library([MAPPINGS])


def read(mapping: Mapping, message: Message) -> Any:
    reading = mapping.read(message)
    assert reading.document is not None, reading.findings
    return reading.document


def samples(id: str) -> list[tuple[str, Message]]:
    """The sample messages of a mapping that are read."""
    mapping = library().get(id)
    return [
        (path.stem, message)
        for path in sorted((MAPPINGS / id / "samples").glob("*.edi"))
        for message in messages(path.read_bytes())
        if message.type == mapping.type and mapping.read(message).document is not None
    ]


def sent(mapping: Mapping, document: Document, options: dict[str, str] | None = None) -> Message:
    """The document as a message of the mapping's standard, as it comes out of the wire again."""
    version = VERSIONS[mapping.standard]
    envelope = Envelope(
        standard=mapping.standard, sender="ZZ:A", receiver="ZZ:B", control_number="1", test=True,
        prepared=datetime(2026, 1, 22, 14, 30, tzinfo=UTC), version="00401" if mapping.standard == "x12" else "3",
    )  # fmt: skip
    segments = mapping.write(document, version, options).segments
    message = OutMessage(type=mapping.type, version=version, control_number="0001", segments=segments)
    group = OutGroup(
        functional_id=mapping.definition(version).functional_id, sender="A", receiver="B", control_number="1",
        version=version, messages=[message],
    )  # fmt: skip
    return messages(write(envelope, [group]))[0]


def foreign_codes(mapping: Mapping, message: Message) -> list[str]:
    """Values of coded elements that the standard's own lists do not have."""
    found = check(message, mapping.definition(message.version))
    return [one.message for one in found if one.code in ("HUB-2027", "HUB-2028") and one.value not in LATER]


def across(source: str, target: str, document: Document) -> Any:
    """The document read from a message of the target standard."""
    message = sent(library().get(target), document)
    assert foreign_codes(library().get(target), message) == []
    return read(library().get(target), message)


def shared(entries: list[Any], table: str, name: str, *more: str) -> list[tuple[Any, ...]]:
    """Some fields of the entries whose word (in field `name`) both standards have a code for, sorted."""
    both = set(library().tables("x12")[table].words.values()) & set(library().tables("edifact")[table].words.values())
    return sorted(
        (tuple(getattr(entry, field) for field in (name, *more)) for entry in entries if getattr(entry, name) in both),
        key=repr,
    )


def address(party: Any) -> Any:
    return party.address and (party.address.lines, party.address.city, party.address.country)


ORDERS = samples("x12/850")


@pytest.mark.parametrize("message", [m for _, m in ORDERS], ids=[name for name, _ in ORDERS])
def test_an_order_goes_to_edifact_and_back(message: Message) -> None:
    order: Order = read(library().get("x12/850"), message)
    there: Order = across("x12/850", "edifact/ORDERS", order)
    back: Order = across("edifact/ORDERS", "x12/850", there)
    for copy in (there, back):
        assert (copy.number, copy.issued, copy.currency) == (order.number, order.issued, order.currency)
        assert [line.quantity for line in copy.lines] == [line.quantity for line in order.lines]
        assert [line.price and line.price.amount for line in copy.lines] == [
            line.price and line.price.amount for line in order.lines
        ]
        assert [p.name for p in copy.parties] == [p.name for p in order.parties]
        assert [address(p) for p in copy.parties] == [address(p) for p in order.parties]
        assert shared(copy.dates, "date-type", "type") == shared(order.dates, "date-type", "type")
        assert shared(copy.parties, "party-role", "role") == shared(order.parties, "party-role", "role")
        for line, original in zip(copy.lines, order.lines, strict=True):
            ids, before = (shared(one.ids, "item-scheme", "scheme", "value") for one in (line, original))
            assert set(before) <= set(ids)
            assert {one.value for one in line.ids} <= {one.value for one in original.ids}


NOTICES = samples("x12/856")


@pytest.mark.parametrize("message", [m for _, m in NOTICES], ids=[name for name, _ in NOTICES])
def test_a_ship_notice_goes_to_edifact(message: Message) -> None:
    notice: ShipNotice = read(library().get("x12/856"), message)
    there: ShipNotice = across("x12/856", "edifact/DESADV", notice)
    assert (there.number, there.issued) == (notice.number, notice.issued)
    assert [one.order and one.order.number for one in there.orders] == [
        one.order and one.order.number for one in notice.orders
    ]
    assert sorted(package.sscc or "" for package in there.packages if package.sscc) == sorted(
        package.sscc or "" for package in notice.packages if package.sscc
    )
    assert sorted(repr(part.quantity) for part in there.contents) == sorted(
        repr(part.quantity) for part in notice.contents
    )


INVOICES = samples("x12/810")


@pytest.mark.parametrize("message", [m for _, m in INVOICES], ids=[name for name, _ in INVOICES])
def test_an_invoice_goes_to_edifact(message: Message) -> None:
    invoice: Invoice = read(library().get("x12/810"), message)
    there: Invoice = across("x12/810", "edifact/INVOIC", invoice)
    assert (there.number, there.issued, there.currency) == (invoice.number, invoice.issued, invoice.currency)
    assert there.total == invoice.total
    assert [line.quantity for line in there.lines] == [line.quantity for line in invoice.lines]
    assert [line.price and line.price.amount for line in there.lines] == [
        line.price and line.price.amount for line in invoice.lines
    ]
    assert [[c.amount for c in line.charges] for line in there.lines] == [
        [c.amount for c in line.charges] for line in invoice.lines
    ]
    assert [charge.amount for charge in there.charges] == [charge.amount for charge in invoice.charges]
    assert [tax.amount for tax in there.taxes] == [tax.amount for tax in invoice.taxes]


PAIRS = [
    ("edifact/ORDERS", "x12/850"), ("edifact/INVOIC", "x12/810"), ("edifact/DESADV", "x12/856"),
    ("x12/855", "edifact/ORDRSP"), ("edifact/ORDRSP", "x12/855"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_no_code_of_one_standard_reaches_the_other(source: str, target: str) -> None:
    found = samples(source)
    assert found
    for name, message in found:
        mapping = library().get(target)
        assert foreign_codes(mapping, sent(mapping, read(library().get(source), message))) == [], name
