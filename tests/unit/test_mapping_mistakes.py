"""Thirty mistakes people make in mapping files: each is refused where it stands, with what was probably meant."""

from pathlib import Path

import pytest

from hub.mapping.faults import mapping_faults

ROOT = Path(__file__).parents[2]
SHIPPED = {
    path.relative_to(ROOT).as_posix(): path.read_bytes()
    for path in (ROOT / "mappings").rglob("*.yaml") if path.parent.name == "codes"
}  # fmt: skip
FILE = "mappings/x12/850.yaml"
GOOD = """mapping: x12/850
versions: ['004010']
document: Order
fields:
  number: BEG03
  issued: BEG05 | date
  currency: CUR(BY).02 | raw
  references: {each: REF, type: REF01 | code reference open, value: REF02}
  parties:
    each: N1
    role: N101 | code party-role open
    name: N102
  lines:
    each: PO1
    quantity: {value: PO102 | decimal, unit: PO103 | unit}
    ids: {slots: PO106..25, step: 2, scheme: 0 | code item-scheme open, value: 1}
computed: {CTT/CTT01: count lines}
"""

MISTAKES = [
    (
        "versions:",
        "verisons:",
        '2:1: HUB-3010 `versions` is missing, the releases to check against; is "verisons" meant to be it?',
    ),
    ("fields:", "feilds:", '4:1: HUB-3010 "feilds" is not a key of a mapping; did you mean "fields"?'),
    ("document: Order", "document: Ordre", '3:11: HUB-3018 there is no document "Ordre"; did you mean "Order"?'),
    ("number: BEG03", "nubmer: BEG03", '5:3: HUB-3005 Order has no field "nubmer"; did you mean "number"?'),
    ("name: N102", "nane: N102", '12:5: HUB-3005 Party has no field "nane"; did you mean "name"?'),
    ("number: BEG03", "number: BEG33", "5:11: HUB-3007 BEG has 12 elements, BEG33 asks for element 33"),
    ("number: BEG03", "number: BGM03", '5:11: HUB-3003 BGM is not in the message here; did you mean "BEG"?'),
    ("number: BEG03", "number: beg03", '5:11: HUB-3002 "beg03" is not a place; a place looks like BEG03'),
    ("number: BEG03", "number: BEG3", '5:11: HUB-3002 "BEG3" is not a place'),
    ("number: BEG03", "number: BEG03 | txt", '5:11: HUB-3011 no codec "txt"; did you mean "text"?'),
    ("BEG05 | date", "BEG05 | dte", '6:11: HUB-3011 no codec "dte"; did you mean "date"?'),
    ("BEG05 | date", "BEG05", "6:11: HUB-3008 issued is a moment, and `text` gives a text"),
    ("BEG05 | date", "BEG05 | date | time", "6:11: HUB-3011 a rule has one codec, not `date` and `time`"),
    ("CUR(BY).02 | raw", "CUR(BY.02 | raw", '7:13: HUB-3002 "CUR(BY.02" is not a place'),
    ("number: BEG03", "number: BEG01", "5:11: HUB-3009 BEG01 holds codes of the standard; say `| code TABLE`"),
    ("code reference open", "code refrence open", '8:33: HUB-3012 no code table "refrence"; did you mean "reference"?'),
    ("code reference open", "code reference opne", "8:33: HUB-3011 `code` takes a table and perhaps `open`"),
    ("code reference open", "code", "8:33: HUB-3011 `code` needs the name of a code table"),
    ("each: N1", "each: N101", '10:11: HUB-3002 `each` takes a segment or loop, and "N101" is an element'),
    ("each: PO1", "each: P01", '14:11: HUB-3003 P01 is not in the message here; did you mean "PO1"?'),
    ("  number: BEG03", "  number: PO101", "5:11: HUB-3004 PO1 opens a loop; write PO1/PO101 or each: PO1"),
    ("number: BEG03", "number: BEG03\n  number: BEG04", '6:3: HUB-3001 key "number" is given twice'),
    ("number: BEG03", "number: {value: BEG03}", "5:12: HUB-3006"),
    ("number: BEG03", "number: =PO1", "5:11: HUB-3021 a constant is one-way; write it under `read:` or `write:`"),
    ("number: BEG03", "number: [BEG03, BEG04]", "HUB-3008 number is one value, and more than one rule gives it"),
    ("PO102 | decimal", "PO102", "15:23: HUB-3008 quantity.value is a decimal, and `text` gives a text"),
    ("PO106..25, step: 2", "PO1, step: 2", '16:18: HUB-3002 "PO1" names no elements; slots look like PO106..25'),
    ("value: 1}", "value: 2}", "16:80: HUB-3007 offset 2 lies outside of a group of 2"),
    ("count lines", "number of lines", '17:23: HUB-3011 "number of lines" is not computed; say `count lines`'),
    ("CTT/CTT01:", "CTT01:", "17:12: HUB-3004 CTT opens a loop; write CTT/CTT01 or each: CTT"),
    (
        "each: N1\n",
        "each: N1(BY|ST)\n    set: {rolle: buyer}\n",
        'HUB-3005 Party has no field "rolle"; did you mean "role"?',
    ),
    ("document: Order", "document: Order\nextends: x12/805", 'HUB-3013 there is no mapping "x12/805"'),
    ("fields:", "fields: [", "HUB-3014 This is not YAML: "),
    ("fields:", "fields:\n\tnumber: BEG03", "HUB-3014 A tab stands here, and YAML is indented with blanks alone."),
    ("number: BEG03", "number: BEG03 | only 004011", None),
]


def faults(spec: str) -> list[str]:
    return [str(fault) for fault in mapping_faults(SHIPPED | {FILE: spec.encode()}, "x12/850")]


def test_the_example_is_right() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(("right", "slip", "said"), MISTAKES, ids=[str(n) for n in range(1, len(MISTAKES) + 1)])
def test_a_mistake_is_refused_where_it_stands(right: str, slip: str, said: str | None) -> None:
    assert right in GOOD
    found = faults(GOOD.replace(right, slip, 1))
    if said is None:
        assert found == []  # a rule for a release the mapping does not list is left out
        return
    assert len(found) == 1
    assert found[0].startswith(FILE), found
    assert said in found[0], found


JSON = """mapping: json/shop
document: Order
inside: payload/order
fields:
  number: id
  issued: created_at | iso
  parties:
    - {each: shipping_address, set: {role: ship_to}, name: name}
  lines:
    each: items
    ids: [{each: ., set: {scheme: vendor}, value: sku}]
    quantity: {value: qty | number}
    price: {amount: price | decimal}
"""
CSV = """mapping: csv/acme
document: Order
columns: {number: [PO Number, PO], sku: [SKU], quantity: [Qty]}
group: number
fields:
  number: number
  lines: {each: row, ids: [{each: ., set: {scheme: vendor}, value: sku}], quantity: {value: quantity | decimal}}
"""
FIXED = """mapping: fixed/acme
document: Order
record: 1-3
group: HDR
fields:
  number: HDR.4-20
  lines: {each: LIN, quantity: {value: LIN.44-9 | decimal implied 2 | pad 9 0}}
"""
ELSEWHERE = [
    (JSON, "number: id", "nummer: id", '5:3: HUB-3005 Order has no field "nummer"; did you mean "number"?'),
    (JSON, "number: id", "number: id | decimal", "5:11: HUB-3008 number is a text, and `decimal` gives a decimal"),
    (JSON, "created_at | iso", "created_at", "HUB-3008 issued is a moment and no text; name a codec, as in `| iso`"),
    (JSON, "qty | number", "qty", "HUB-3008 quantity.value is a decimal and no text; name a codec, as in `| number`"),
    (JSON, "{role: ship_to}", "{rolle: ship_to}", '8:38: HUB-3005 Party has no field "rolle"; did you mean "role"?'),
    (JSON, "each: items", "each: items[0]", '10:11: HUB-3002 "items[0]" is not a place; a place looks like'),
    (JSON, "each: items", "eech: items", 'HUB-3006 lines has no parts; a list of parts needs `each`'),
    (JSON, "{amount: price | decimal}", "price | decimal", "13:12: HUB-3008 price has parts, each with a place"),
    (JSON, "inside:", "insde:", '3:1: HUB-3010 "insde" is not a key of a mapping of json; did you mean "inside"?'),
    (JSON, "document: Order\n", "", "1:1: HUB-3014 document is missing"),
    (CSV, "number: number\n", "number: nmber\n", '6:11: HUB-3003 there is no column "nmber"; did you mean "number"?'),
    (CSV, "group: number", "group: nubmer", '4:8: HUB-3010 there is no column "nubmer" to group by'),
    (CSV, "each: row", "each: rows", '7:17: HUB-3003 there is no column "rows"'),
    (CSV, "columns:", "colums:", '3:1: HUB-3010 "colums" is not a key of a mapping of csv; did you mean "columns"?'),
    (CSV, "sku: [SKU]", "sku: [PO]", '3:42: HUB-3010 a column "PO" would be both "number" and "sku"'),
    (FIXED, "HDR.4-20", "HDR.4", '6:11: HUB-3002 "HDR.4" is not a place; a place looks like HDR.4-15'),
    (FIXED, "HDR.4-20", "HRD.4-20", '4:8: HUB-3010 no rule reads the record "HDR", with which a document begins'),
    (FIXED, "LIN.44-9", "LIN44-9", '7:40: HUB-3002 "LIN44-9" is not a place'),
    (FIXED, "each: LIN", "each: LINE", '7:17: HUB-3002 a record is named by 3 characters, and "LINE" has 4'),
    (FIXED, "record: 1-3", "record: 3", "3:9: HUB-3010 `record` says where each line names its kind"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "right", "mistake", "told"), ELSEWHERE)
def test_so_are_those_in_json_tables_and_records(spec: str, right: str, mistake: str, told: str) -> None:
    assert spec.count(right) == 1
    id = spec.split()[1]
    assert mapping_faults({f"mappings/{id}.yaml": spec.encode()}) == []
    faults = mapping_faults({f"mappings/{id}.yaml": spec.replace(right, mistake).encode()})
    assert [told in str(fault) for fault in faults] == [True], [str(fault) for fault in faults]
