"""One document through X12, EDIFACT and UBL and back: fields all three carry stay what they are."""

from pathlib import Path
from typing import Any

import pytest

from hub.canonical import Invoice, Order, ShipNotice
from tests.unit.test_mapping_across import address, library, read, samples, sent
from tests.unit.test_mapping_xml_samples import stripped


def through_ubl(type: str, document: Any) -> Any:
    """The document as it comes out of UBL, without what X12 or EDIFACT kept for themselves."""
    mapping = library().get(f"ubl/{type}")
    written = mapping.write_payload(stripped(document), {"currency": "USD"})
    reading = mapping.read_payload(written.body)
    assert reading.document is not None, reading.findings
    return reading.document


def across(target: str, document: Any) -> Any:
    return read(library().get(target), sent(library().get(target), document))


def roles(document: Any, wanted: set[str]) -> list[tuple[str, str | None, Any]]:
    return sorted(
        (party.role, party.name, address(party)) for party in document.parties if party.role in wanted
    )  # fmt: skip


ORDERS = samples("x12/850")
CARRIED = {"buyer", "seller", "ship_to", "bill_to", "ordered_by", "forwarder"}


@pytest.mark.parametrize("message", [m for _, m in ORDERS], ids=[name for name, _ in ORDERS])
def test_an_order_goes_to_edifact_and_ubl_and_back(message: Any) -> None:
    order: Order = read(library().get("x12/850"), message)
    edifact: Order = across("edifact/ORDERS", order)
    ubl: Order = through_ubl("Order", edifact)
    back: Order = across("x12/850", ubl)
    for copy in (ubl, back):
        assert (copy.number, copy.issued) == (edifact.number, edifact.issued)
        assert [line.quantity for line in copy.lines] == [line.quantity for line in edifact.lines]
        assert [line.price and line.price.amount for line in copy.lines] == [
            line.price and line.price.amount for line in edifact.lines
        ]
        once = {role: [p.role for p in edifact.parties].count(role) == 1 for role in CARRIED}
        assert roles(copy, {role for role in CARRIED if once[role]}) == roles(
            edifact, {role for role in CARRIED if once[role]}
        )
        for line, original in zip(copy.lines, edifact.lines, strict=True):
            wanted = {
                (one.scheme, one.value) for one in original.ids if one.scheme in ("gtin", "upc", "buyer", "vendor")
            }
            found = {(one.scheme, one.value) for one in line.ids}
            assert {value for _, value in wanted} <= {value for _, value in found}
        for field in FIELDS:
            assert said(copy, field) == said(edifact, field)
        for line, original in zip(copy.lines, edifact.lines, strict=True):
            assert item_ids(line) == item_ids(original)
            assert line.description == original.description
            assert (line.price and line.price.basis) == (original.price and original.price.basis)
        if any(line.price for line in edifact.lines):
            assert copy.currency == (edifact.currency or "USD"), "the agreement's, where the order names none"
    assert codes(ubl) == []


FIELDS = ("dates", "references", "charges", "contract", "delivery_terms")
CARRIED_DATES = {
    "requested_delivery",
    "deliver_not_before",
    "deliver_not_after",
    "requested_ship",
    "ship_not_before",
    "ship_not_after",
}
CARRIED_IDS = {"gtin", "upc", "ean", "buyer", "vendor", "buyer_part", "vendor_part", "sku", "isbn", "manufacturer"}
CARRIED_REFERENCES = {"department", "promotion", "vendor_number", "contract", "customer_order", "price_list"}


def item_ids(line: Any) -> list[tuple[str, str]]:
    return sorted((one.scheme, one.value) for one in line.ids if one.scheme in CARRIED_IDS)


def said(document: Any, field: str) -> Any:
    """What a document says of it, as far as UBL has a place for that."""
    value = getattr(document, field)
    if field == "dates":
        return {(one.type, one.at) for one in value if one.type in CARRIED_DATES}
    if field == "references":
        return {(one.type, one.value) for one in value if one.type in CARRIED_REFERENCES and one.value}
    if field == "charges":
        return sorted((one.kind, str(one.amount)) for one in value)
    if field == "delivery_terms":
        return value and value.code
    return value


def codes(part: Any) -> list[str]:
    """Values that still name another standard."""
    text = repr(part)
    return [mark for mark in ("x12:", "edifact:") if mark in text]


INVOICES = samples("x12/810")


@pytest.mark.parametrize("message", [m for _, m in INVOICES], ids=[name for name, _ in INVOICES])
def test_an_invoice_goes_to_edifact_and_ubl(message: Any) -> None:
    invoice: Invoice = read(library().get("x12/810"), message)
    ubl: Invoice = through_ubl("Invoice", across("edifact/INVOIC", invoice))
    assert (ubl.number, ubl.issued, ubl.total) == (invoice.number, invoice.issued, invoice.total)
    assert [line.quantity for line in ubl.lines] == [line.quantity for line in invoice.lines]
    assert [line.price and line.price.amount for line in ubl.lines] == [
        line.price and line.price.amount for line in invoice.lines
    ]
    assert [charge.amount for charge in ubl.charges] == [charge.amount for charge in invoice.charges]
    assert codes(ubl) == []


NOTICES = samples("x12/856")


@pytest.mark.parametrize("message", [m for _, m in NOTICES], ids=[name for name, _ in NOTICES])
def test_a_ship_notice_goes_to_ubl(message: Any) -> None:
    notice: ShipNotice = read(library().get("x12/856"), message)
    if not notice.contents:
        found = library().get("ubl/DespatchAdvice").write_payload(stripped(notice)).findings
        assert "HUB-3231" in [one.code for one in found]
        return
    ubl: ShipNotice = through_ubl("DespatchAdvice", notice)
    assert (ubl.number, ubl.issued) == (notice.number, notice.issued)
    assert [one.order and one.order.number for one in ubl.orders] == [
        one.order and one.order.number for one in notice.orders
    ]
    assert [part.quantity for part in ubl.contents] == [part.quantity for part in notice.contents]
    orders = {one.id: one.order and one.order.number for one in notice.orders}
    again = {one.id: one.order and one.order.number for one in ubl.orders}
    assert [again.get(part.order or "") for part in ubl.contents] == [
        orders.get(part.order or "") for part in notice.contents
    ]
    assert [one.sscc for one in ubl.packages if one.sscc] == [one.sscc for one in notice.packages if one.sscc]


def test_an_order_that_replaces_another_is_no_order_of_ubl() -> None:
    [message] = [m for name, m in ORDERS if name == "x12-850-issue135"]
    order = read(library().get("x12/850"), message)
    assert order.purpose == "replace"
    findings = library().get("ubl/Order").write_payload(stripped(order), {"currency": "USD"}).findings
    assert [found.value for found in findings if found.severity == "error"] == ["replace"]


PURE = Path(__file__).parents[2] / "mappings" / "ubl" / "Order" / "samples" / "UBL-Order-2.1-Example.xml"


def test_no_code_of_ubl_reaches_edifact() -> None:
    order = library().get("ubl/Order").read_payload(PURE.read_bytes()).document
    assert order is not None
    segments = library().get("edifact/ORDERS").write(order, "D.96A").segments
    assert "ubl:" not in repr(segments)
