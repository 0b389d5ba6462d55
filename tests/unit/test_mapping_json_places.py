"""What JSON mappings say of APIs: the frame around a document, the first of a list, marks, functions, moments."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.canonical import DateAt, Invoice, Moment, Order, OrderLine, Party, Price, Quantity
from hub.errors import ConfigError
from hub.mapping import Library, Mapping
from hub.syntax.json import read_json


def mapping(body: str, tmp_path: Path, hook: str = "", document: str = "Order") -> Mapping:
    spec = f"mapping: json/shop\ndocument: {document}\n{body}"
    files = {"json/shop.yaml": spec.encode(), "json/shop.py": hook.encode()}
    return Library(files=files, cache=tmp_path).get("json/shop")


FRAMED = "inside: data/orders#1\nfields: {number: id, currency: money}\n"


def test_what_stands_around_a_document_is_kept_and_put_back(tmp_path: Path) -> None:
    one = mapping(FRAMED, tmp_path)
    tree = {"data": {"orders": [{"id": "7", "money": "USD"}], "next": "c2"}, "cost": {"asked": 4}}
    document = one.read_tree(tree).document
    assert document == Order(
        number="7",
        currency="USD",
        ext={"json/shop": {"=around": {"data": {"next": "c2"}, "cost": {"asked": 4}}}},
    )
    assert one.write_tree(document).tree == tree
    assert one.write_tree(Order(number="8")).tree == {"data": {"orders": [{"id": "8"}]}}


def test_a_document_without_its_frame_is_read_all_the_same(tmp_path: Path) -> None:
    assert mapping(FRAMED, tmp_path).read_tree({"id": "7"}).document == Order(number="7")


def test_several_documents_in_a_frame_hold(tmp_path: Path) -> None:
    reading = mapping(FRAMED, tmp_path).read_tree({"data": {"orders": [{"id": "7"}, {"id": "8"}]}})
    assert reading.document is None
    [found] = reading.findings
    assert (found.code, found.value) == ("HUB-3233", "2")
    assert found.message.startswith("data/orders holds 2 documents")


def test_each_document_of_a_payload_is_read_in_the_frame_of_them_all(tmp_path: Path) -> None:
    one = mapping(FRAMED, tmp_path)
    payload = b'{"data": {"orders": [{"id": "7"}, {"id": "8"}], "next": "c2"}, "cost": 4}'
    readings = one.read_flat(payload)
    assert [reading.document.number for reading in readings if reading.document] == ["7", "8"]
    assert [one.write_tree(reading.document).tree for reading in readings if reading.document] == [
        {"data": {"orders": [{"id": id}], "next": "c2"}, "cost": 4} for id in ("7", "8")
    ]


def test_a_list_of_documents_is_as_many(tmp_path: Path) -> None:
    one = mapping("fields: {number: id}\n", tmp_path)
    assert [reading.document for reading in one.read_flat(b'[{"id": "7"}, {"id": "8"}]')] == [
        Order(number="7"),
        Order(number="8"),
    ]
    assert one.read_payload(b'[{"id": "7"}]').document == Order(number="7")


def test_a_frame_that_is_no_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="HUB-3002"):
        mapping("inside: a(b=c)/d\nfields: {number: id}\n", tmp_path).read_tree({})


def test_the_first_of_a_list_and_the_rest_of_it(tmp_path: Path) -> None:
    one = mapping("fields: {number: id, contract: offers#1/contract}\n", tmp_path)
    tree = {"id": "7", "offers": [{"contract": "C9", "by": "A"}, {"contract": "C8"}]}
    document = one.read_tree(tree).document
    assert isinstance(document, Order)
    assert document.contract == "C9"
    assert one.write_tree(document).tree == tree
    assert one.write_tree(Order(number="1", contract="C1")).tree == {"id": "1", "offers": [{"contract": "C1"}]}


def test_an_object_seen_again_has_room_for_one(tmp_path: Path) -> None:
    one = mapping("fields:\n  parties: [{each: ., set: {role: buyer}, name: buyer}]\n", tmp_path)
    writing = one.write_tree(Order(parties=[Party(role="buyer", name="A"), Party(role="buyer", name="B")]))
    assert writing.tree == {"buyer": "A"}
    assert [found.code for found in writing.findings] == ["HUB-3223"]


def test_an_item_of_nothing_but_constants_is_none(tmp_path: Path) -> None:
    fields = "fields:\n  contacts: [{each: ., read: {role: =information}, name: who}]\n"
    assert mapping(fields, tmp_path).read_tree({"other": 1}).document == Order(ext={"json/shop": {"other": 1}})


MOMENTS = "fields:\n  issued: made | epoch\n  dates: [{each: ., set: {type: shipped}, at: sent | iso instant}]\n"


def test_moments_of_apis(tmp_path: Path) -> None:
    one = mapping(MOMENTS, tmp_path)
    tree = {"made": 1772464465123, "sent": "2026-03-03T21:02:11.000Z"}
    document = one.read_tree(tree).document
    assert document is not None
    assert document.issued == Moment(date="2026-03-02", time="15:14:25.123", zone="UTC")
    assert document.dates[0].at == Moment(date="2026-03-03", time="21:02:11", zone="UTC")
    assert one.write_tree(document).tree == tree


@pytest.mark.parametrize(
    ("at", "made", "sent"),
    [
        (Moment(date="2026-03-02"), 1772409600000, "2026-03-02T00:00:00Z"),
        (Moment(date="2026-03-02", time="09:14"), 1772442840000, "2026-03-02T09:14:00Z"),
        (Moment(date="2026-03-02", time="09:14:25", zone="-06:00"), 1772464465000, "2026-03-02T09:14:25-06:00"),
    ],
)
def test_apis_ask_for_a_whole_moment(tmp_path: Path, at: Moment, made: int, sent: str) -> None:
    written = mapping(MOMENTS, tmp_path).write_tree(Order(issued=at, dates=[DateAt(type="shipped", at=at)]))
    assert (written.findings, written.tree) == ([], {"made": made, "sent": sent})


def test_a_moment_that_is_none(tmp_path: Path) -> None:
    reading = mapping(MOMENTS, tmp_path).read_tree({"made": "soon", "sent": "tomorrow"})
    assert [found.code for found in reading.findings] == ["HUB-3204", "HUB-3203"]


SHAPED = "shape: apart together\nfields: {number: first, contract: second}\n"
HOOK = """
def apart(tree):
    first, _, second = tree["both"].partition("-")
    return {"first": first, "second": second}

def together(tree):
    if "second" not in tree:
        raise ValueError("there is no contract")
    return {"both": tree["first"] + "-" + tree["second"]}
"""


def test_functions_give_a_payload_another_shape(tmp_path: Path) -> None:
    one = mapping(SHAPED, tmp_path, HOOK)
    document = one.read_tree({"both": "7-C9"}).document
    assert document == Order(number="7", contract="C9")
    assert one.write_tree(document).tree == {"both": "7-C9"}


def test_what_a_function_cannot_shape_is_told(tmp_path: Path) -> None:
    one = mapping(SHAPED, tmp_path, HOOK)
    [found] = one.read_tree({}).findings
    assert found.code == "HUB-3230"
    assert "apart failed: KeyError" in found.message
    [found] = one.write_tree(Order(number="7")).findings
    assert found.code == "HUB-3230"
    assert "together failed: ValueError: there is no contract" in found.message


def test_a_shape_is_two_functions(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="HUB-3011"):
        mapping("shape: apart\nfields: {number: id}\n", tmp_path, HOOK).read_tree({})


def test_a_currency_is_repeated_where_nothing_stands(tmp_path: Path) -> None:
    given = "given: {price/currency: currency}\nfields:\n  number: id\n  currency: money\n  lines:\n    each: lines\n"
    rules = "    price: {amount: price/amount | decimal, currency: price/currency}\n    quantity: {value: n | number}\n"
    lines = [
        OrderLine(quantity=Quantity(value=Decimal(1)), price=Price(amount=Decimal(2))),
        OrderLine(quantity=Quantity(value=Decimal(1)), price=Price(amount=Decimal(3), currency="CAD")),
    ]
    written: Any = mapping(given + rules, tmp_path).write_tree(Order(number="1", currency="USD", lines=lines)).tree
    assert [line["price"]["currency"] for line in written["lines"]] == ["USD", "CAD"]


MARKED = {
    "json/a.yaml": b"mapping: json/a\ndocument: Order\nmarks: [id, object=order]\nfields: {number: id}\n",
    "json/b.yaml": b"mapping: json/b\ndocument: Order\nmarks: [id, object=order, rows/sku=B-*]\nfields: {number: id}\n",
    "json/c.yaml": b"mapping: json/c\ndocument: Order\nfields: {number: id}\n",
    "json/d.yaml": b"mapping: json/d\ndocument: Order\nmarks: [code]\nfields: {number: code}\n",
    "json/e.yaml": b"mapping: json/e\ndocument: Order\nmarks: [id, code]\nfields: {number: code}\n",
    "json/f.yaml": b"mapping: json/f\ndocument: Order\nmarks: [code, kind]\nfields: {number: code}\n",
}


@pytest.mark.parametrize(
    ("payload", "id"),
    [
        (b'{"id": 1, "object": "order"}', "json/a"),
        (b'{"id": 1, "object": "order", "rows": [{"sku": "B-1"}, {"sku": "C-1"}]}', "json/b"),
        (b'{"id": 1, "object": "order", "rows": []}', "json/a"),
        (b'{"id": 1, "object": "refund"}', None),
        (b'{"code": 1}', "json/d"),
        (b'{"id": 1, "code": 1, "kind": 2}', None),
        (b"[]", None),
    ],
)
def test_marks_tell_what_a_payload_is(payload: bytes, id: str | None) -> None:
    found = Library(files=MARKED).match_json(read_json(payload))
    assert (found and found.id) == id


def test_marks_are_looked_for_among_the_mappings_named() -> None:
    tree = read_json(b'{"id": 1, "code": 1, "kind": 2}')
    found = Library(files=MARKED).match_json(tree, ["json/c", "json/e"])
    assert found is not None
    assert found.id == "json/e"


def test_every_shipped_sample_is_known_by_its_marks() -> None:
    folder = Path(__file__).parents[2] / "mappings"
    library = Library([folder])
    wrong = {}
    for path in folder.rglob("json/**/*.payload.json"):
        id = path.parent.parent.relative_to(folder).as_posix()
        found = library.match_json(read_json(path.read_bytes()))
        if id != "json/roadrunner/tracking" and (found is None or found.id != id):
            wrong[id] = found and found.id
    assert wrong == {}


def test_no_unknown_status_of_a_carrier_passes() -> None:
    folder = Path(__file__).parents[2] / "mappings"
    tree = {"trackingNumber": "1", "trackingEvents": [{"eventCode": "Q9", "eventTimestamp": "2026-03-03T10:00:00"}]}
    reading = Library([folder]).get("json/usps/tracking").read_tree(tree)
    assert reading.document is None
    [found] = reading.findings
    assert (found.code, found.value) == ("HUB-3201", "Q9")


def test_an_invoice_for_amazon_from_a_document_of_any_origin() -> None:
    folder = Path(__file__).parents[2] / "mappings"
    written = (
        Library([folder])
        .get("json/amazon-vendor/invoice")
        .write_tree(
            Invoice(number="I1", kind="invoice", issued=Moment(date="2026-03-09"), currency="USD", total=Decimal(5))
        )
    )
    assert written.findings == []
    assert written.tree == {
        "invoices": [
            {"invoiceType": "Invoice", "id": "I1", "date": "2026-03-09T00:00:00Z",
             "invoiceTotal": {"amount": "5", "currencyCode": "USD"}}
        ]
    }  # fmt: skip
