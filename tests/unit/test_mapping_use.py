"""`use`: parts that several mappings share, written once."""

from pathlib import Path

import pytest

from hub.canonical import Order
from hub.errors import ConfigError
from hub.mapping import Library, Mapping
from tests.unit.test_mapping_language import CODES, order, written

PARTS = """parts:
  party: {each: N1, role: N101 | code party-role open, name: N102, contacts: {use: x12/contact}}
  contact: {each: PER, role: PER01 | code contact-role open, name: PER02}
  noted:
    - {each: N9, type: N901 | code note-type open, reference: N902}
  itself: {each: N1, contacts: {use: x12/itself}}
"""


def mapping(tmp_path: Path, fields: str, parts: str = PARTS) -> Mapping:
    spec = f"mapping: x12/850\nversions: ['004010']\ndocument: Order\nfields:\n  number: BEG03\n{fields}\n"
    files = {"x12/850.yaml": spec.encode(), "x12/parts.yaml": parts.encode()} | CODES
    return Library(files=files, cache=tmp_path).get("x12/850")


def test_a_part_stands_for_what_it_holds(tmp_path: Path) -> None:
    made = mapping(tmp_path, "  parties: {use: x12/party}\n  notes: {use: x12/noted}")
    read = made.read(order("BEG*00*SA*PO1**20260122", "N9*L1*A7", "N1*ST*Shop 7", "PER*DC*Ann"))
    assert isinstance(read.document, Order)
    party = read.document.parties[0]
    assert (party.role, party.name, party.contacts[0].name) == ("ship_to", "Shop 7", "Ann")
    assert read.document.notes[0].reference == "A7"
    assert "PER*DC*Ann" in written(made, read.document)


def test_what_stands_beside_changes_it(tmp_path: Path) -> None:
    made = mapping(tmp_path, "  parties: {use: x12/party, contacts: remove, more_names: N2#*.01..02}")
    read = made.read(order("BEG*00*SA*PO1**20260122", "N1*ST*Shop 7", "N2*Back door", "PER*DC*Ann"))
    assert isinstance(read.document, Order)
    assert read.document.parties[0].more_names == ["Back door"]
    assert read.document.parties[0].contacts == []


def test_a_list_of_alternatives_joins_the_list(tmp_path: Path) -> None:
    made = mapping(tmp_path, "  notes: [{each: PKG(F), set: {type: package}, lines: PKG05..05}, {use: x12/noted}]")
    read = made.read(order("BEG*00*SA*PO1**20260122", "PKG*F****flat", "N9*L1*A7"))
    assert isinstance(read.document, Order)
    assert [(note.type, note.reference) for note in read.document.notes] == [("package", None), ("remarks", "A7")]


def test_another_part_makes_another_mapping(tmp_path: Path) -> None:
    fields = "  parties: {use: x12/party}"
    message = order("BEG*00*SA*PO1**20260122", "N1*ST*Shop 7*92*0007")
    for parts, name in ((PARTS, "Shop 7"), (PARTS.replace("name: N102", "name: N104"), "0007")):
        document = mapping(tmp_path, fields, parts).read(message).document
        assert isinstance(document, Order)
        assert document.parties[0].name == name


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ("  parties: {use: x12/partie}", '6:18: HUB-3015 x12/parts.yaml has no part "partie"; did you mean "party"?'),
        ("  parties: {use: party}", '6:18: HUB-3015 there is no file /parts.yaml for the part "party"'),
        ("  parties: {use: x12/itself}", 'x12/parts.yaml:6:38: HUB-3015 the part "x12/itself" uses itself'),
        ("  parties: {use: x12/party, names: remove}", '6:29: HUB-3015 there is no "names" to change here'),
        ("  notes: {use: x12/noted, type: remove}", '6:27: HUB-3015 the part "x12/noted" is a list'),
    ],
)
def test_errors_point_at_the_place(tmp_path: Path, fields: str, error: str) -> None:
    with pytest.raises(ConfigError) as caught:
        mapping(tmp_path, fields)
    assert error in str(caught.value)


def test_explain_names_the_part_s_own_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        mapping(tmp_path, "  parties: {use: x12/party}", PARTS.replace("N102", "N199")).plan("004010")
    assert "x12/parts.yaml:2:" in str(caught.value)
