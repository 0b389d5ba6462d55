"""GS1 XML: its header, trees of logistic units, and what becomes of documents of other standards."""

from typing import Any

import pytest

from hub.canonical import ShipNotice, WarehouseOrder
from hub.mapping.recognise import recognise
from tests.unit.test_mapping_across import library, read, samples
from tests.unit.test_mapping_xml_samples import MAPPINGS, stripped

OPTIONS = {"currency": "EUR", "sender_domain": "GS1", "sender_identity": "4012345000016"}


def through(id: str, document: Any) -> Any:
    """The document as it comes out of GS1 XML."""
    written = library().get(id).write_payload(stripped(document), OPTIONS)
    assert [found for found in written.findings if found.severity == "error"] == []
    reading = library().get(id).read_payload(written.body)
    assert reading.document is not None, reading.findings
    return reading.document


def sample(id: str, name: str) -> bytes:
    return (MAPPINGS / id / "samples" / f"{name}.xml").read_bytes()


def test_the_header_names_both_sides() -> None:
    found = recognise(sample("gs1/order", "season-opening"), library())
    assert found is not None
    assert (found.mapping, found.version) == ("gs1/order", "3.4")
    assert (found.sender, found.receiver) == ("GS1:4012345000016", "GS1:4012345000023")
    assert found.control_number == "M-2026-0001"


def test_a_header_without_its_namespace_is_read_too() -> None:
    [path] = (MAPPINGS / "gs1/warehousingInboundNotification/samples").glob("*-03.xml")
    found = recognise(path.read_bytes(), library())
    assert found is not None
    assert (found.sender, found.receiver) == ("GS1:123456789", "GS1:987654321")


def test_two_documents_in_one_message_are_refused() -> None:
    one = sample("gs1/order", "season-opening")
    begin, end = one.index(b"  <order>"), one.index(b"</order:orderMessage>")
    two = one[:end] + one[begin:end] + one[end:]
    reading = library().get("gs1/order").read_payload(two)
    assert reading.document is None
    assert [found.code for found in reading.findings] == ["HUB-3233"]


def test_a_copy_is_refused() -> None:
    copy = sample("gs1/order", "season-opening").replace(b"ORIGINAL", b"COPY")
    reading = library().get("gs1/order").read_payload(copy)
    assert [found.code for found in reading.findings] == ["HUB-3205"]


def test_a_line_lies_in_the_unit_around_it() -> None:
    notice = (
        library().get("gs1/despatchAdvice").read_payload(sample("gs1/despatchAdvice", "pallet-of-cartons")).document
    )
    assert isinstance(notice, ShipNotice)
    assert [(one.id, one.parent, one.kind) for one in notice.packages] == [
        ("p1", None, "pallet"), ("p2", "p1", "carton"), ("p3", "p1", "carton"),
    ]  # fmt: skip
    assert [(one.package, one.number) for one in notice.contents] == [
        ("p2", "1"), ("p3", "1"), ("p3", "2"), (None, "3"),
    ]  # fmt: skip
    assert [one.order and one.order.number for one in notice.orders] == ["PO-48812"]


NOTICES = [(name, one) for name, one in samples("x12/856") if read(library().get("x12/856"), one).contents]


@pytest.mark.parametrize("message", [m for _, m in NOTICES], ids=[name for name, _ in NOTICES])
def test_a_ship_notice_keeps_its_tree(message: Any) -> None:
    notice = read(library().get("x12/856"), message)
    back = through("gs1/despatchAdvice", notice)

    def tree(document: ShipNotice) -> list[Any]:
        known = {one.id: number for number, one in enumerate(document.packages)}
        return [(one.sscc, known.get(one.parent or "")) for one in document.packages]

    def inside(document: ShipNotice) -> list[Any]:
        known = {one.id: number for number, one in enumerate(document.packages)}
        orders = {one.id: one.order.number for one in document.orders if one.order}
        rows = [
            (known.get(one.package or ""), orders.get(one.order or ""), one.quantity and one.quantity.value)
            for one in document.contents
        ]
        return sorted(rows, key=repr)

    assert tree(back) == tree(notice)
    assert inside(back) == inside(notice)


ORDERS = samples("x12/940")


@pytest.mark.parametrize("message", [m for _, m in ORDERS], ids=[name for name, _ in ORDERS])
def test_a_warehouse_order_comes_back(message: Any) -> None:
    order = read(library().get("x12/940"), message)
    back = through("gs1/warehousingOutboundInstruction", order)
    assert isinstance(back, WarehouseOrder)
    assert (back.number, back.order and back.order.number) == (order.number, order.order and order.order.number)
    assert [line.quantity for line in back.lines] == [line.quantity for line in order.lines]
    for line, original in zip(back.lines, order.lines, strict=True):
        wanted = [id.value.rjust(14, "0") for id in original.ids if id.scheme in ("upc", "ean", "gtin")]
        assert wanted == [id.value for id in line.ids if id.scheme == "gtin"]
    roles = {"ship_to", "ship_from", "depositor", "warehouse"}
    assert sorted((one.role, one.name or "") for one in back.parties if one.role in roles) == sorted(
        (one.role, one.name or "") for one in order.parties if one.role in roles
    )
