"""CSV and fixed width by the mapping language: what makes a document, which columns are its own, and what is kept."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import pytest

from hub.canonical import Order
from hub.errors import ConfigError, UnreadableError
from hub.mapping import Library, Mapping
from hub.mapping.samples import run_sample, same_as_golden

MAPPINGS = Path(__file__).parents[2] / "mappings"
SAMPLES = sorted(path for kind in ("csv", "fixed") for path in (MAPPINGS / kind).rglob("samples/*.[ct][sx][vt]"))


@cache
def library() -> Library:
    return Library([MAPPINGS])


def mapping(spec: str, tmp_path: Path, id: str) -> Mapping:
    codes = {name: (MAPPINGS / name).read_bytes() for name in ("codes/csv.yaml", "codes/fixed.yaml")}
    return Library(files={f"{id}.yaml": f"mapping: {id}\n{spec}".encode(), **codes}, cache=tmp_path).get(id)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_sample_means_its_documents_and_is_written_back(path: Path) -> None:
    mapping = library().get(path.parent.parent.relative_to(MAPPINGS).as_posix())
    payload = path.read_bytes()
    found = run_sample(mapping, payload)
    assert [one for one in found if one.faulty] == []
    assert same_as_golden(found, msgspec.json.decode(path.with_suffix(".json").read_bytes()))
    documents = [reading.document for reading in mapping.read_flat(payload)]
    assert None not in documents
    written = mapping.write_flat([one for one in documents if one is not None])
    assert written.findings == []
    if path.name != "spreadsheet.csv":  # its interleaved cells hold spellings of units
        assert written.body == payload


ORDER = """document: Order
columns: {po: [PO, "PO #"], ordered: [Order Date], sku: [SKU], qty: [Qty, "Qty/Units"], unit: [UOM], store: [Store]}
group: po
fields:
  number: po
  issued: ordered | iso
  parties: [{each: ., set: {role: ship_to}, name: store}]
  lines:
    each: row
    ids:
      - {each: ., set: {scheme: vendor},
        value: sku}
    quantity: {value: qty | decimal, unit: unit | unit}
"""


def test_rows_of_one_order_may_lie_apart(tmp_path: Path) -> None:
    one = mapping(ORDER, tmp_path, "csv/acme")
    read = one.read_flat(b"po #,QTY/units,sku\n1,2,A\n2,3,B\n1,4,C\n")
    documents = [reading.document for reading in read]
    assert [document.number for document in documents if document] == ["1", "2"]
    first = documents[0]
    assert isinstance(first, Order)
    assert [(line.item("vendor"), line.quantity and line.quantity.value) for line in first.lines] == [
        ("A", Decimal(2)), ("C", Decimal(4)),
    ]  # fmt: skip
    assert first.parties == []


def test_a_later_row_that_says_another_thing_of_the_order_holds_it(tmp_path: Path) -> None:
    one = mapping(ORDER, tmp_path, "csv/acme")
    [held, fine] = one.read_flat(b"PO,Order Date,Qty\n1,2026-01-22,2\n2,2026-01-22,2\n1,2026-01-23,4\n")
    assert held.document is None
    [found] = held.findings
    assert found.code == "HUB-3232"
    assert found.message.startswith('Line 4 says "2026-01-23" in the column ordered, and line 2, the first of')
    assert fine.document is not None


def test_a_finding_names_its_line(tmp_path: Path) -> None:
    one = mapping(ORDER, tmp_path, "csv/acme")
    [reading] = one.read_flat(b"PO,Qty,UOM\n1,2,EA\n\n1,two,EA\n1,3,furlong\n")
    assert [found.code for found in reading.findings] == ["HUB-3204", "HUB-3202"]
    assert reading.findings[0].message.startswith('Line 4: qty (quantity.value): "two" is not a number')
    assert reading.findings[1].message.startswith("Line 5: unit (quantity.unit): ")


def test_unread_columns_stay_with_their_line_and_go_back(tmp_path: Path) -> None:
    one = mapping(ORDER, tmp_path, "csv/acme")
    payload = b"SKU;PO #;Colour/Tone;Qty/Units;UOM\r\nA;1;red;2.50;pcs\r\nB;1;;1;EA\r\n"
    [reading] = one.read_flat(payload)
    assert isinstance(reading.document, Order)
    assert list(reading.document.lines[0].ext["csv/acme"].values()) == [["pcs"], "red"]
    assert one.write_flat([reading.document]).body == payload


def test_a_document_from_elsewhere_is_written_by_the_first_names(tmp_path: Path) -> None:
    one = mapping(ORDER, tmp_path, "csv/acme")
    document = library().get("csv/order").read_flat(b"Order,SKU,Qty,Unit\nX1,A,5,carton\n")[0].document
    assert document is not None
    document.ext = {}
    written = one.write_flat([document], {"delimiter": ";"})
    assert written.body == b"PO;SKU;Qty;UOM\r\nX1;A;5;CT\r\n"


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No column is called PO, PO #; the header has Number, Qty"):
        mapping(ORDER, tmp_path, "csv/acme").read_flat(b"Number,Qty\n1,2\n")


def test_the_header_tells_which_mapping_is_meant() -> None:
    for path in SAMPLES:
        found = library().match_flat(path.read_bytes())
        assert found is not None
        assert found.id == path.parent.parent.relative_to(MAPPINGS).as_posix()
    assert library().match_flat(b"colour,shape\nred,round\n") is None


RECORDS = """document: Order
record: 1-2
group: '01'
fields:
  number: 01.3-10
  lines:
    each: '02'
    number: 02.3-3 | pad 3 0
    quantity: {value: 02.6-7 | decimal implied 2 | pad 7 0}
    notes: [{each: '03', lines: [03.3-20]}]
"""


def test_records_nest_as_their_rules_do(tmp_path: Path) -> None:
    one = mapping(RECORDS, tmp_path, "fixed/acme")
    payload = b"01PO1\r\n020010000250\r\n03first\r\n03second\r\n020020000100\r\n01PO2\r\n"
    first, second = (reading.document for reading in one.read_flat(payload))
    assert isinstance(first, Order)
    assert isinstance(second, Order)
    assert [line.quantity and line.quantity.value for line in first.lines] == [Decimal("2.50"), Decimal("1.00")]
    assert [note.lines for note in first.lines[0].notes] == [["first"], ["second"]]
    assert second.lines == []
    assert one.write_flat([first, second]).body == payload


def test_nothing_is_cut_to_fit_a_record(tmp_path: Path) -> None:
    written = mapping(RECORDS, tmp_path, "fixed/acme").write_flat([Order(number="PO-12345678")])
    assert [found.code for found in written.findings] == ["HUB-3221"]


def test_a_file_that_begins_with_another_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match='Line 1 is a record "02", and a document begins with "01"'):
        mapping(RECORDS, tmp_path, "fixed/acme").read_flat(b"020010000250\r\n")


@pytest.mark.parametrize(
    ("id", "spec", "said"),
    [
        ("csv/acme", ORDER.replace("group: po", "group: pos"), 'no column "pos" to group by; did you mean "po"?'),
        (
            "csv/acme",
            ORDER.replace("value: sku", "value: sku_"),
            ':13:16: HUB-3003 there is no column "sku_"; did you mean "sku"?',
        ),
        (
            "csv/acme",
            ORDER.replace("group:", "groop:"),
            '"groop" is not a key of a mapping of csv; did you mean "group"?',
        ),
        ("fixed/acme", RECORDS.replace("record: 1-2", "record: 2"), "`record` says where each line names its kind"),
        ("fixed/acme", RECORDS.replace("01.3-10", "01.3"), "a place looks like HDR.4-15"),
        ("fixed/acme", RECORDS.replace("02.6-7", "02.5-7"), "02.5-7 overlaps 02.3-3"),
        ("fixed/acme", RECORDS.replace("01.3-10", "0123.3-10"), 'named by 2 characters, and "0123" has 4'),
        ("fixed/acme", RECORDS.replace("group: '01'\n", ""), "`group` names the record that begins a document"),
        ("fixed/acme", RECORDS.replace("pad 7 0", "pad seven"), "`pad` takes a width and a character"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(id: str, spec: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        mapping(spec, tmp_path, id).parts(b"x")
    assert said in str(refused.value)
