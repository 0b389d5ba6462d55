"""The directories: found by the version as sent, complete, and quick to load."""

import json
from pathlib import Path

import pytest

import hub.schema
from hub.schema import Loop, MessageDef, definition
from hub.schema.directory import directory, read_row

FOLDER = Path(hub.schema.__file__).parent / "directories"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def found(standard: str, version: str, type: str) -> tuple[str, bool]:
    made = definition(standard, version, type)
    assert made is not None
    return made.version, made.exact


@pytest.mark.parametrize(
    ("standard", "version", "type", "expected"),
    [
        ("x12", "004010", "850", ("004010", True)),
        ("x12", "004010VICS", "850", ("004010", True)),
        ("x12", "4010", "850", ("004010", True)),
        ("x12", "00401", "850", ("004010", True)),
        ("x12", "04010", "850", ("004010", True)),
        ("x12", "005010X231A1", "999", ("005010", True)),
        ("x12", "003040", "850", ("004010", False)),
        ("x12", "004060", "856", ("004010", False)),
        ("x12", "007010", "850", ("005010", False)),
        ("x12", "", "850", ("004010", False)),
        ("x12", "004010", "753", ("005010", False)),
        ("edifact", "D.96A", "ORDERS", ("D.96A", True)),
        ("edifact", "D. 96A", "ORDERS", ("D.96A", True)),
        ("edifact", "D:96A", "ORDERS", ("D.96A", True)),
        ("edifact", "d96a", "ORDERS", ("D.96A", True)),
        ("edifact", "D.99B", "ORDERS", ("D.00B", False)),
        ("edifact", "D.01A", "ORDERS", ("D.01B", False)),
        ("edifact", "S.93A", "ORDERS", ("D.93A", False)),
        ("edifact", "D.01C", "ORDERS", ("D.01B", False)),
        ("edifact", "D.99Z", "ORDERS", ("D.00B", False)),
        ("edifact", "D.", "ORDERS", ("D.93A", False)),
        ("edifact", "D.96AEN", "ORDERS", ("D.96A", False)),
        ("edifact", "0.96A", "DESADV", ("D.96A", False)),
        ("edifact", "97A.D", "ORDERS", ("D.97A", False)),
        ("edifact", "1.911", "ORDERS", ("D.93A", False)),
        ("edifact", "D.30A", "ORDERS", ("D.21B", False)),
        ("edifact", "D.93A", "APERAK", ("D.96A", False)),
        ("edifact", "D.3", "CONTRL", ("3", True)),
        ("edifact", "4.1", "CONTRL", ("4", True)),
    ],
)
def test_a_version_is_found_exactly_or_the_nearest(
    standard: str, version: str, type: str, expected: tuple[str, bool]
) -> None:
    assert found(standard, version, type) == expected


@pytest.mark.parametrize(
    ("standard", "type"), [("x12", "837"), ("edifact", "BAPLIE"), ("edifact", "850"), ("xml", "Order")]
)
def test_an_unknown_type_has_no_definition(standard: str, type: str) -> None:
    assert definition(standard, "004010", type) is None


def test_a_definition_is_made_once() -> None:
    assert definition("x12", "004010", "850") is definition("x12", "004010", "850")


def loops(loop: Loop) -> list[Loop]:
    return [loop, *(inner for slot in loop.slots if slot.loop for inner in loops(slot.loop))]


@pytest.mark.parametrize("name", NAMES)
def test_every_message_is_well_formed(name: str) -> None:
    standard = name.split("-")[0]
    first, last = ("ST", "SE") if standard == "x12" else ("UNH", "UNT")
    for type in directory(name).types():
        made = directory(name).message(type, exact=True)
        assert isinstance(made, MessageDef)
        assert (made.root.slots[0].tag, made.root.slots[-1].tag) == (first, last)
        for loop in loops(made.root):
            keys = [slot.key for slot in loop.slots]
            assert len(set(keys)) == len(keys), (type, loop.name)
            for slot in loop.slots:
                assert slot.key in (slot.tag, f"{slot.tag}@{loop.by[slot.tag].index(slot) + 1}")
                assert slot.loop is None or slot.loop.slots[0].tag == slot.tag
                assert slot.tag in made.segments or slot.tag in ("ASI", "CMC", "MSI", "USI"), (type, slot.tag)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_read_as_json_reads_it(name: str) -> None:
    for table in json.loads((FOLDER / f"{name}.json").read_text()).values():
        for row in table.values() if isinstance(table, dict) else [table]:
            assert read_row(json.dumps(row, separators=(",", ":"), ensure_ascii=False)) == row


@pytest.mark.parametrize("name", NAMES)
def test_syntax_notes_name_elements_that_exist(name: str) -> None:
    tables = json.loads((FOLDER / f"{name}.json").read_text())
    for tag, shape in (tables["segments"] | tables["composites"]).items():
        for note in shape.get("notes", []):
            places = [int(note[at : at + 2]) for at in range(1, len(note), 2)]
            assert note[0] in "PRECL"
            assert len(set(places)) == len(places) >= 2, (tag, note)
            assert max(places) <= len(shape["elements"]), (tag, note)


def test_the_counts_of_what_is_here() -> None:
    counts = {name: len(directory(name).types()) for name in NAMES}
    assert counts["x12-004010"] == 46
    assert counts["x12-005010"] == 34
    assert counts["edifact-d.93a"] == 23
    assert counts["edifact-d.21b"] == 36
    assert sum(name.startswith("edifact-d") for name in NAMES) == 11


def test_ls_and_le_are_one_loop() -> None:
    order = definition("x12", "004010", "940")
    assert order is not None
    bounded = [slot for loop in loops(order.root) for slot in loop.slots if slot.tag == "LS"]
    assert [[inner.tag for inner in slot.loop.slots] for slot in bounded if slot.loop] == [["LS", "LX", "LE"]]


def test_second_slots_of_a_tag_have_keys_of_their_own() -> None:
    order = definition("edifact", "D.96A", "ORDERS")
    assert order is not None
    assert [slot.key for slot in order.root.by["ALC"]] == ["ALC", "ALC@2"]


def test_repeating_elements_stand_one_after_the_other_as_syntax_3_writes_them() -> None:
    made = definition("edifact", "D.01B", "ORDERS")
    assert made is not None
    assert [(each.id, each.repeat) for each in made.segments["COM"].elements] == [("C076", 3), ("C076", 1), ("C076", 1)]
