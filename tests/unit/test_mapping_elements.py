"""Whole numbers, texts in two parts and composites of segments: there and back, and what is no such value."""

from pathlib import Path

import pytest

from hub.canonical import Measure, Order, OrderLine, Reference, Terms
from hub.mapping import Library, Mapping
from hub.mapping.compare import compare
from hub.mapping.samples import rewritten
from hub.syntax import cut, parse
from tests.unit.edi import edifact, messages, x12

HEAD = "mapping: {id}\nversions: ['{version}']\ndocument: Order\nfields:\n  number: {number}\n"


def mapping(id: str, version: str, number: str, fields: str, tmp_path: Path) -> Mapping:
    spec = HEAD.format(id=id, version=version, number=number) + fields
    return Library(files={f"{id}.yaml": spec.encode()}, cache=tmp_path).get(id)


def test_whole_numbers_keep_how_they_were_spelled(tmp_path: Path) -> None:
    one = mapping("x12/850", "004010", "BEG03", "  terms: {each: ITD, net_days: ITD07 | int}\n", tmp_path)
    for spelled, again in (("30", "30"), ("030", "030")):
        [message] = messages(x12(["BEG*00*SA*7**20260122", f"ITD*******{spelled}", "PO1*1*1*EA"]))
        document = one.read(message).document
        assert isinstance(document, Order)
        assert [terms.net_days for terms in document.terms] == [30]
        assert ["ITD", "", "", "", "", "", "", again] in one.write(document, "004010").segments
    written = one.write(Order(number="7", terms=[Terms(net_days=30)]), "004010").segments
    assert ["ITD", "", "", "", "", "", "", "30"] in written


def test_what_is_no_whole_number_is_a_finding_with_its_place(tmp_path: Path) -> None:
    one = mapping("x12/850", "004010", "BEG03", "  terms: {each: ITD, net_days: ITD07 | int}\n", tmp_path)
    [message] = messages(x12(["BEG*00*SA*7**20260122", "ITD*******3.5", "PO1*1*1*EA"]))
    reading = one.read(message)
    assert reading.document is None
    [found] = reading.findings
    assert (found.code, found.value, found.location.tag, found.location.element) == ("HUB-3204", "3.5", "ITD", 7)


JOINED = "  lines: {each: LIN, number: LIN01, description: IMD(F).03-4..5 | joined}\n"


@pytest.mark.parametrize("length", [1, 35, 36, 70])
def test_a_text_in_two_components(length: int, tmp_path: Path) -> None:
    one = mapping("edifact/ORDERS", "D.96A", "BGM02", JOINED, tmp_path)
    text = "".join(chr(ord("A") + at % 26) for at in range(length))
    document = Order(number="7", lines=[OrderLine(number="1", description=text)])
    [message] = messages(edifact(["BGM+220+7", "LIN+1", "UNS+S"]))
    writing = one.write(document, "D.96A")
    parts = ("", "", "", text[:35], text[35:]) if length > 35 else ("", "", "", text)
    assert ["IMD", "F", "", parts] in writing.segments
    assert one.read(rewritten(message, writing.segments)).document == document


def test_a_text_too_long_for_two_components_is_told_and_not_cut(tmp_path: Path) -> None:
    one = mapping("edifact/ORDERS", "D.96A", "BGM02", JOINED, tmp_path)
    writing = one.write(Order(number="7", lines=[OrderLine(number="1", description="x" * 71)]), "D.96A")
    assert [found.code for found in writing.findings] == ["HUB-3221"]
    assert not any(segment[0] == "IMD" for segment in writing.segments)


@pytest.mark.parametrize("held", ["A\x1fB", "\x1f", "A\x1eB", "\x1e"])
def test_what_stands_between_parts_is_never_taken_from_a_value(held: str, tmp_path: Path) -> None:
    one = mapping("edifact/ORDERS", "D.96A", "BGM02", JOINED, tmp_path)
    document = Order(number="7", lines=[OrderLine(number="1", description=held)])
    writing = one.write(document, "D.96A")
    assert not writing.joined
    assert ["IMD", "F", "", ("", "", "", held)] in writing.segments


def test_binary_data_is_not_joined(tmp_path: Path) -> None:
    spec = "mapping: x12/214\nversions: ['004010']\ndocument: Order\nfields:\n  number: B1001\n"
    spec += "  references: {each: LX/EFI, type: BIN01 | raw, value: BIN02}\n"
    one = Library(files={"x12/214.yaml": spec.encode()}, cache=tmp_path).get("x12/214")
    writing = one.write(Order(number="7", references=[Reference(type="4", value="A*~B")]), "004010")
    assert not writing.joined
    assert ["BIN", "4", "A*~B"] in writing.segments


def test_components_of_x12(tmp_path: Path) -> None:
    measures = "{each: MEA, type: MEA02 | raw, value: MEA03 | decimal, unit: MEA04-1 | raw}"
    fields = f"  lines: {{each: PO1, number: PO101, measures: {measures}}}\n"
    one = mapping("x12/850", "004010", "BEG03", fields, tmp_path)
    [message] = messages(x12(["BEG*00*SA*7**20260122", "PO1*1*1*EA", "MEA**WT*2.50*LB>2"]))
    document = one.read(message).document
    assert isinstance(document, Order)
    [measure] = document.lines[0].measures
    assert isinstance(measure, Measure)
    assert (measure.unit, measure.ext) == ("LB", {"x12/850": {"MEA.04-2": "2"}})
    assert ["MEA", "", "WT", "2.50", ("LB", "2")] in one.write(document, "004010").segments
    measure.ext = {}
    assert ["MEA", "", "WT", "2.50", "LB"] in one.write(document, "004010").segments


def test_a_repeated_composite_of_slots_is_read_once_and_comes_back_whole() -> None:
    mapping = Library([Path(__file__).parents[2] / "mappings"]).get("edifact/ORDERS")
    segments = ["BGM+220+PO-7+9", "NAD+BY+1::9", "LIN+1", "PIA+5+123:SA*456:IN+78:BP", "UNS+S"]
    body = b"".join(f"{one}'".encode() for one in ("UNH+1+ORDERS:D:01B:UN", *segments, "UNT+7+1"))
    payload = b"UNB+UNOC:4+A:14+B:14+20260122:1430+1'" + body + b"UNZ+1+1'"
    interchange = next(iter(cut(payload)))
    span = interchange.messages[0]
    message = parse(payload[span.offset : span.offset + span.length], span, interchange)
    document = mapping.read(message).document
    assert isinstance(document, Order)
    [line] = document.lines
    assert [(one.scheme, one.value) for one in line.ids] == [("vendor", "123"), ("buyer_part", "78")]
    assert set(mapping.loss(message)) == {"PIA(5)#1.02"}
    written = mapping.write(document, "D.01B").segments
    assert compare(message, written, mapping, same_document=True).kind == "identical"


def test_a_measure_of_x12_may_be_a_least_and_a_most() -> None:
    one = Library([Path(__file__).parents[2] / "mappings"]).get("x12/850")
    told = ["MEA*PD*WT*2*LB", "MEA**AV**YR*18", "MEA**LN**IN*5*9"]
    [message] = messages(x12(["BEG*00*SA*7**20260122", "PO1*1*1*EA", *told]))
    document = one.read(message).document
    assert isinstance(document, Order)
    found = [(one.significance, one.value, one.most) for one in document.lines[0].measures]
    assert found == [(None, 2, None), ("at_least", 18, None), ("at_least", 5, 9)]
    written = ["*".join(map(str, segment)) for segment in one.write(document, "004010").segments if segment[0] == "MEA"]
    assert written == told
