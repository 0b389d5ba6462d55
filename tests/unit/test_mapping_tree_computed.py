"""Counts and totals of JSON, tables and records: checked when read, made anew when written."""

from decimal import Decimal
from pathlib import Path

import pytest

from hub.canonical import Order, OrderLine, Quantity
from hub.errors import ConfigError
from hub.mapping import Library, Mapping
from hub.syntax.json import read_json

JSON = """document: Order
fields:
  number: id
  lines: {each: items, quantity: {value: qty | number}}
computed:
  totals/lines: count lines
  totals/quantity: sum lines.quantity.value | decimal
  hash: sum lines.quantity.value if_present
"""
CSV = """document: Order
columns: {number: [PO], quantity: [Qty], count: [Line Count]}
group: number
fields:
  number: number
  lines: {each: row, quantity: {value: quantity | decimal}}
computed: {count: count lines}
"""
FIXED = """document: Order
record: 1-3
group: HDR
fields:
  number: HDR.4-6
  lines: {each: LIN, quantity: {value: LIN.4-5 | decimal}}
computed: {TRL.4-3: count lines | decimal | pad 3 0}
"""


def mapping(id: str, spec: str, tmp_path: Path) -> Mapping:
    return Library(files={f"{id}.yaml": f"mapping: {id}\n{spec}".encode()}, cache=tmp_path).get(id)


def order(*quantities: int) -> Order:
    lines = [OrderLine(quantity=Quantity(value=Decimal(quantity))) for quantity in quantities]
    return Order(number="7", lines=lines)


def test_totals_of_json_are_written_and_checked(tmp_path: Path) -> None:
    one = mapping("json/shop", JSON, tmp_path)
    tree = one.write_tree(order(2, 3)).tree
    assert tree["totals"] == {"lines": 2, "quantity": "5"}
    assert "hash" not in tree
    reading = one.read_tree(tree)
    assert reading.findings == []
    assert reading.document == order(2, 3)


def test_a_wrong_total_is_told_and_never_kept(tmp_path: Path) -> None:
    one = mapping("json/shop", JSON, tmp_path)
    tree = read_json(b'{"id": "7", "items": [{"qty": 2}], "totals": {"lines": 4, "quantity": "2"}, "hash": 2}')
    reading = one.read_tree(tree)
    assert [(found.code, found.severity, found.value, found.expected) for found in reading.findings] == [
        ("HUB-3206", "warn", "4", "1")
    ]
    assert "totals/lines says 4, and count lines gives 1" in reading.findings[0].message
    assert reading.document is not None
    assert reading.document.ext == {"json/shop": {"=hash": ""}}
    assert one.write_tree(reading.document).tree["totals"] == {"lines": 1, "quantity": "2"}
    assert one.write_tree(reading.document).tree["hash"] == 2


@pytest.mark.parametrize(
    ("id", "spec", "payload"),
    [
        ("csv/acme", CSV, b"PO,Qty,Line Count\r\n7,2,2\r\n7,3,2\r\n"),
        ("fixed/acme", FIXED, b"HDR7\r\nLIN2\r\nLIN3\r\nTRL002\r\n"),
    ],
)
def test_counts_of_flat_files(id: str, spec: str, payload: bytes, tmp_path: Path) -> None:
    one = mapping(id, spec, tmp_path)
    [reading] = one.read_flat(payload)
    assert reading.document is not None
    assert reading.findings == []
    assert [line.quantity for line in reading.document.lines] == [line.quantity for line in order(2, 3).lines]
    assert one.write_flat([reading.document]).body == payload
    [wrong] = one.read_flat(payload.replace(b"002", b"009").replace(b",2\r", b",9\r"))
    assert [found.code for found in wrong.findings] == ["HUB-3206"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cont lines", '7:17: HUB-3011 "cont lines" is not computed; say `count lines`'),
        ("count line", 'HUB-3005 Order has no field "line"; did you mean "lines"?'),
        ("sum lines.quantity.vlaue", 'HUB-3005 Quantity has no field "vlaue"; did you mean "value"?'),
        ("check invoice-totl", 'HUB-3011 there is no check "invoice-totl"; did you mean "invoice-total"?'),
        ("count HL", "HUB-3011 `count HL` is of segments"),
    ],
)
def test_what_is_not_computed_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        mapping("json/shop", JSON.replace("count lines", text), tmp_path).read_tree({})
    assert told in str(error.value)
