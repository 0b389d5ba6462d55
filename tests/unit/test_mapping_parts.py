"""Qualified parts, texts in two parts, several slots in one segment, codes that are only read, and BSN05."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hub.canonical import (
    Charge,
    Id,
    Invoice,
    Measure,
    Order,
    OrderLine,
    Price,
    Quantity,
    ShipmentConfirmation,
    ShipNotice,
)
from hub.errors import ConfigError
from hub.mapping import Library
from tests.unit.edi import edifact, messages, x12

MAPPINGS = Path(__file__).parents[2] / "mappings"


@cache
def library() -> Library:
    return Library([MAPPINGS])


def read(id: str, payload: bytes) -> Any:
    reading = library().get(id).read(messages(payload)[0])
    assert reading.findings == []
    return reading.document


def written(id: str, document: Any, version: str, **options: str) -> list[str]:
    standard = id.partition("/")[0]
    element, component = ("*", ">") if standard == "x12" else ("+", ":")
    segments = library().get(id).write(document, version, options).segments
    return [element.join(e if isinstance(e, str) else component.join(map(str, e)) for e in s) for s in segments]


@pytest.mark.parametrize(("sent", "currency"), [("CUR*BY*USD", "USD"), ("CUR*SE*USD", "USD"), ("CUR*PE*USD", None)])
def test_a_value_counts_where_its_qualifier_is_one_of_those(sent: str, currency: str | None) -> None:
    order = read("x12/850", x12(["BEG*00*SA*PO1**20260122", sent, "PO1*1*1*EA"]))
    assert order.currency == currency
    assert sent in written("x12/850", order, "004010"), "what was read, or kept, goes back as it was"


def test_the_first_qualifier_is_written() -> None:
    assert "CUR*SE*EUR" in written("x12/810", Invoice(number="1", currency="EUR"), "004010")


def test_an_amount_by_any_of_its_qualifiers() -> None:
    body = ["BGM+380+I1+9", "DTM+137:20260122:102", "ALC+C++++FC", "MOA+23:12.50", "UNS+S", "MOA+77:12.50"]
    invoice = read("edifact/INVOIC", edifact(body, type="INVOIC"))
    assert invoice.charges == [
        Charge(kind="charge", code="freight", amount=Decimal("12.50"), ext=invoice.charges[0].ext)
    ]
    fresh = Invoice(number="I1", charges=[Charge(kind="charge", amount=Decimal("12.50"))])
    assert "MOA+8:12.50" in written("edifact/INVOIC", fresh, "D.96A")


def test_net_days_by_a_qualifier_of_three_parts() -> None:
    body = ["BGM+380+I1+9", "DTM+137:20260122:102", "PAT+1++5:3:D:30", "UNS+S", "MOA+77:1"]
    invoice = read("edifact/INVOIC", edifact(body, type="INVOIC"))
    assert [terms.net_days for terms in invoice.terms] == [30]
    assert "PAT+1++5:3:D:30" in written("edifact/INVOIC", invoice, "D.96A")


def test_a_text_goes_on_in_the_second_part_where_the_first_is_full() -> None:
    text = "A lantern for two candles, red, with a brass handle"
    order = Order(number="1", lines=[OrderLine(number="1", description=text)])
    assert f"IMD+F++:::{text[:35]}:{text[35:]}" in written("edifact/ORDERS", order, "D.96A")
    body = ["BGM+220+1+9", "LIN+1", f"IMD+F++:::{text[:20]}:{text[20:]}", "UNS+S"]
    again = read("edifact/ORDERS", edifact(body))
    assert again.lines[0].description == text
    assert body[2] in written("edifact/ORDERS", again, "D.96A"), "split where the sender split it"


def test_several_slots_in_one_segment() -> None:
    measures = [
        Measure(type="gross_weight", value=Decimal("22.5"), unit="LBR"),
        Measure(type="volume", value=Decimal("1.5"), unit="FTQ"),
    ]
    segment = written("x12/945", ShipmentConfirmation(number="S", measures=measures), "004010")[-1]
    assert segment == "W03**22.5*LB*1.5*CF"
    assert read("x12/945", x12(["W06*F*W1**S", segment], type="945", group="SW")).measures == measures
    assert written("x12/945", ShipmentConfirmation(number="S", measures=measures[1:]), "004010")[-1] == "W03****1.5*CF"


def test_a_code_that_is_only_read_goes_back_where_it_was_and_nowhere_else() -> None:
    order = read("edifact/ORDERS", edifact(["BGM+220+1+9", "LIN+1++ABC:IN", "PIA+5+4000862141404:EN", "UNS+S"]))
    assert [(id.scheme, id.value) for id in order.lines[0].ids] == [("buyer", "ABC"), ("ean", "4000862141404")]
    assert "LIN+1++ABC:IN" in written("edifact/ORDERS", order, "D.96A")
    fresh = Order(
        number="1", lines=[OrderLine(number="1", ids=[Id(scheme="buyer", value="ABC"), Id(scheme="ean", value="4")])]
    )
    assert written("edifact/ORDERS", fresh, "D.96A")[1:3] == ["LIN+1++4:EN", "PIA+5+ABC:IN"]


def test_a_charge_whose_code_has_no_equal_keeps_its_amount() -> None:
    charge = Charge(kind="charge", code="x12:SAC02/Z999", amount=Decimal(5))
    writing = library().get("edifact/INVOIC").write(Invoice(number="1", charges=[charge]), "D.96A")
    assert [found.code for found in writing.findings if found.severity == "error"] == ["HUB-3220"]
    assert ["MOA", ("8", "5")] in writing.segments


def test_a_line_that_says_nothing_says_its_number() -> None:
    line = OrderLine(quantity=Quantity(value=Decimal(1)), price=Price(amount=Decimal(2)))
    assert "LIN+2" in written("edifact/ORDERS", Order(number="1", lines=[line, line]), "D.96A")


@pytest.mark.parametrize(
    ("shape", "structure"),
    [("S O P I", "0001"), ("S O I P", "0002"), ("S O I", "0004"), ("S P O I", "0003"), ("S T O P I", "")],
)
def test_the_structure_of_an_856_follows_its_shape(shape: str, structure: str) -> None:
    segment = written("x12/856", ShipNotice(number="A1", purpose="original"), "004010", shape=shape)[0]
    assert segment == f"BSN*00*A1***{structure}".rstrip("*")


@pytest.mark.parametrize("rule", ["CUR02 | qualified SE", "CUR01..02 | qualified", "CUR01..03 | qualified A/B C"])
def test_a_qualifier_that_does_not_fit_its_parts_is_refused(rule: str, tmp_path: Path) -> None:
    spec = f"mapping: x12/850\nversions: ['004010']\ndocument: Order\nfields:\n  currency: {rule} | raw\n"
    with pytest.raises(ConfigError, match="HUB-3011"):
        Library(files={"x12/850.yaml": spec.encode()}, cache=tmp_path).get("x12/850").plan("004010")
