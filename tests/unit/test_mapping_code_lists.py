"""The code tables beside the code lists of the directories: a table names no code that its element does not have."""

import re
from pathlib import Path

import pytest

from hub.mapping import Library
from hub.schema.directory import directories, directory
from hub.schema.model import ElementDef

LIBRARY = Library([Path(__file__).parents[2] / "mappings"])

BESIDE = {
    # Codes EANCOM adds to the lists of UN/EDIFACT, and codes of directories later than those at hand.
    "edifact/characteristic": {"BRN", "ANM", "DSC", "SUB", "VAR", "FNC", "CU", "TU", "DU", "IN", "RC", "VQ"},
    "edifact/report-kind": {"73E", "78E"},
    "edifact/marking": {"33E"},
    "edifact/order-type": {"22E"},
    "edifact/party-role": {"ITO"},
    "edifact/item-lin": {"EAN"},
    "edifact/price-basis": {"NTP"},
    "edifact/measure": {"LAY", "ULY"},
    "edifact/mark": {"SRV"},
}
"""Codes no directory's list has, by table."""


def elements(standard: str, place: str) -> list[ElementDef]:
    """The element or component at a place, in every release that has it."""
    found = re.fullmatch(r"([A-Z][A-Z0-9]{1,2})(\d\d)(?:-(\d+))?", place)
    assert found, place
    tag, position, component = found[1], int(found[2]), int(found[3] or 1)
    known = []
    for name in directories(standard):
        segment = directory(f"{standard}-{name.lower()}").segment(tag)
        if segment is not None and len(segment.elements) >= position:
            element = segment.elements[position - 1]
            parts = element.components or [element]
            if len(parts) >= component:
                known.append(parts[component - 1])
    return known


@pytest.mark.parametrize("standard", ["x12", "edifact"])
def test_a_table_names_no_code_its_element_does_not_have(standard: str) -> None:
    beside = {}
    for name, table in LIBRARY.tables(standard).items():
        assert table.place, name
        lists = [one.codes for one in elements(standard, table.place) if one.codes]
        codes = set(table.words) - frozenset[str]().union(*lists) if lists else set[str]()
        if codes:
            beside[f"{standard}/{name}"] = codes
    assert beside == {name: codes for name, codes in BESIDE.items() if name.startswith(standard)}


def test_both_standards_list_most_of_the_elements_tables_are_for() -> None:
    for standard, share in (("x12", 0.9), ("edifact", 0.9)):
        tables = LIBRARY.tables(standard).values()
        listed = [table for table in tables if any(one.codes for one in elements(standard, table.place or ""))]
        assert len(listed) > share * len(tables)


def test_a_code_of_one_list_has_one_word_in_edifact_and_in_ubl() -> None:
    """UBL takes most of its lists from UN/CEFACT, as EDIFACT does: what they share means the same."""
    edifact, ubl = LIBRARY.tables("edifact"), LIBRARY.tables("ubl")
    same = {name: name for name in edifact.keys() & ubl.keys()} | {"id-agency": "id-scheme"}
    assert len(same) > 10
    for name, other in same.items():
        shared = ubl[name].words.keys() & edifact[other].words.keys()
        assert {code: ubl[name].words[code] for code in shared} == {code: edifact[other].words[code] for code in shared}
