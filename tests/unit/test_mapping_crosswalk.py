"""Crosswalks of partners and dated versions of mappings: which words count for whom and on which day."""

from datetime import date
from pathlib import Path

import pytest

from hub.canonical import Order, Quantity
from hub.errors import ConfigError
from hub.mapping import Library, Mapping
from hub.mapping.faults import mapping_faults
from hub.mapping.samples import rewritten
from tests.unit.edi import messages, x12

ROOT = Path(__file__).parents[2]
SHIPPED = {
    path.relative_to(ROOT).as_posix(): path.read_bytes()
    for path in (ROOT / "mappings").rglob("*.yaml") if path.parent.name in ("x12", "codes")
}  # fmt: skip
UNIT = "partners/acme/crosswalks/unit.csv"
JANUARY, MARCH, MAY = date(2026, 1, 20), date(2026, 3, 5), date(2026, 5, 1)


def order(unit: str = "EA", routing: str = "") -> bytes:
    return x12(["BEG*00*SA*PO1**20260122", f"TD5*****{routing}", f"PO1*1*10*{unit}*9.5**UP*012345678905", "CTT*1"])


@pytest.fixture
def library(tmp_path: Path) -> "Library":
    rows = "theirs,ours,active_from,active_to\nBX12,XBX,,\nQ9,H87,2026-03-01,2026-03-31\nQ9,XBX,2026-04-01,\n"
    rows += "EA,XCT,2026-05-01,\n"
    every = "rows: [{theirs: BX12, ours: XPX}, {theirs: QQ, ours: KGM}]"
    return Library(files=SHIPPED | {UNIT: rows.encode(), "crosswalks/unit.yaml": every.encode()}, cache=tmp_path)


def unit_of(mapping: Mapping, unit: str) -> str | None:
    document = mapping.read(messages(order(unit))[0]).document
    if not isinstance(document, Order) or document.lines[0].quantity is None:
        return None
    return document.lines[0].quantity.unit


@pytest.mark.parametrize(
    ("partner", "on", "unit", "word"),
    [
        ("acme", None, "BX12", "XBX"),
        ("acme", JANUARY, "EA", "H87"),
        ("acme", JANUARY, "Q9", None),
        ("acme", MARCH, "Q9", "H87"),
        ("acme", date(2026, 3, 31), "Q9", "H87"),
        ("acme", date(2026, 4, 1), "Q9", "XBX"),
        ("acme", MAY, "EA", "XCT"),
        ("acme", MAY, "QQ", "KGM"),
        ("other", MAY, "BX12", "XPX"),
        ("other", MAY, "EA", "H87"),
        ("", None, "QQ", "KGM"),
    ],
)
def test_a_row_counts_for_its_partner_on_its_days(
    library: Library, partner: str, on: date | None, unit: str, word: str | None
) -> None:
    assert unit_of(library.get("x12/850", partner=partner, on=on), unit) == word


def test_the_partners_own_code_is_written_and_read_back(library: Library) -> None:
    mapping = library.get("x12/850", partner="acme", on=MARCH)
    message = messages(order("BX12"))[0]
    document = mapping.read(message).document
    assert document is not None
    writing = mapping.write(document, "004010")
    assert writing.findings == []
    assert next(one[:4] for one in writing.segments if one[0] == "PO1") == ["PO1", "1", "10", "BX12"]
    assert mapping.read(rewritten(message, writing.segments)).document == document
    assert isinstance(document, Order)
    document.lines[0].quantity = Quantity(value=document.lines[0].quantity.value, unit="H87")  # type: ignore[union-attr]
    written = mapping.write(document, "004010").segments
    assert next(one[3] for one in written if one[0] == "PO1") == "Q9"


def test_a_code_that_means_another_thing_is_no_longer_written_for_the_old_one(library: Library) -> None:
    document = library.get("x12/850").read(messages(order("EA"))[0]).document
    assert document is not None
    written = library.get("x12/850", partner="acme", on=MAY).write(document, "004010")
    assert written.findings == []
    assert next(one[3] for one in written.segments if one[0] == "PO1") == "PC"


def test_an_unknown_unit_holds_and_names_the_row_to_add(library: Library) -> None:
    reading = library.get("x12/850", partner="acme", on=JANUARY).read(messages(order("Q9"))[0])
    assert reading.document is None
    [found] = reading.findings
    assert found.code == "HUB-3202"
    assert 'add the row "Q9,<our word>" to partners/acme/crosswalks/unit.csv' in found.message


def test_ship_methods_are_free_text_until_a_partner_has_a_table_of_them(tmp_path: Path) -> None:
    rows = "theirs,ours\nUPS GND,ground\n"
    files = SHIPPED | {"partners/acme/crosswalks/ship-method.csv": rows.encode()}
    library = Library(files=files, cache=tmp_path)
    method = messages(order(routing="UPS GND"))[0]
    free = library.get("x12/850").read(method).document
    bound = library.get("x12/850", partner="acme").read(method).document
    assert isinstance(free, Order)
    assert isinstance(bound, Order)
    assert free.carrier is not None
    assert bound.carrier is not None
    assert (free.carrier.routing, bound.carrier.routing) == ("UPS GND", "ground")
    held = library.get("x12/850", partner="acme").read(messages(order(routing="BY MULE"))[0])
    assert held.document is None
    assert "partners/acme/crosswalks/ship-method.csv" in (held.findings[0].expected or "")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (UNIT, "their,ours\nA,B\n", ':1:1: HUB-3040 the header has a column "their"'),
        (UNIT, "theirs,active_from\nA,\n", "the first line names the columns"),
        (UNIT, "theirs,ours\nA\n", ':2:1: HUB-3040 this row has no "ours"'),
        (UNIT, "theirs,ours\nA,B,C\n", "this row has 3 cells, and the header 2"),
        (UNIT, "theirs,ours,active_from\nA,B,1.3.2026\n", '"1.3.2026" is not a day; write it like 2026-03-01'),
        (UNIT, "theirs,ours,active_from,active_to\nA,B,2026-03-02,2026-03-01\n", "before it begins"),
        (UNIT, "theirs,ours\nA,B\nA,C\n", ':3:1: HUB-3040 "A" of the table unit means "B" too (line 2)'),
        (UNIT, b"theirs,ours\n\xff,B\n", "This file is not UTF-8"),
        ("partners/acme/crosswalks/unti.csv", "theirs,ours\nA,B\n", 'no code table "unti"; did you mean "unit"?'),
        ("partners/acme/crosswalks/unit.yaml", "row: []\n", '"row" is none'),
        ("partners/acme/crosswalks/unit.yaml", "rows: [{theirs: A, our: B}]\n", 'no "our"; did you mean "ours"?'),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(path: str, body: str | bytes, said: str) -> None:
    source = body if isinstance(body, bytes) else body.encode()
    [fault] = mapping_faults(SHIPPED | {path: source})
    assert fault.code == "HUB-3040"
    assert path in str(fault)
    assert said in str(fault)


VERSION = b"mapping: x12/850-acme\nextends: x12/850\n"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Library:
    files = SHIPPED | {
        "mappings/x12/850-acme.yaml": VERSION + b"fields: {contract: BEG06}\n",
        "mappings/x12/850-acme-march.yaml": VERSION + b"active_from: 2026-03-01\nfields: {contract: BEG04}\n",
    }
    assert mapping_faults(files) == []
    return Library(files=files, cache=tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(
    ("on", "contract"),
    [(None, "SIX"), (JANUARY, "SIX"), (date(2026, 2, 28), "SIX"), (date(2026, 3, 1), "FOUR"), (MAY, "FOUR")],
)
def test_the_day_chooses_the_version_of_a_mapping(versions: Library, on: date | None, contract: str) -> None:
    message = messages(x12(["BEG*00*SA*PO1*FOUR*20260122*SIX", "PO1*1*10*EA*9.5", "CTT*1"]))[0]
    document = versions.get("x12/850-acme", on=on).read(message).document
    assert isinstance(document, Order)
    assert document.contract == contract


def test_two_versions_from_one_day_are_refused() -> None:
    files = SHIPPED | {"mappings/x12/one.yaml": VERSION, "mappings/x12/two.yaml": VERSION}
    [fault] = mapping_faults(files)
    assert isinstance(fault, ConfigError)
    assert "another `active_from`" in str(fault)


def test_a_fault_of_a_later_version_is_found() -> None:
    later = VERSION + b"active_from: 2027-01-01\nfields: {nubmer: BEG03}\n"
    [fault] = mapping_faults(SHIPPED | {"mappings/x12/one.yaml": VERSION, "mappings/x12/two.yaml": later})
    assert 'Order has no field "nubmer"' in str(fault)
