"""Ship notices: one tree of packages through every shape of the 856 and through CPS."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from hub.canonical import Content, Id, Moment, OrderRef, Package, Quantity, ShipNotice, ShippedOrder
from hub.mapping import Library, Mapping
from hub.mapping.results import Writing
from hub.syntax.model import X12_SEPARATORS, Message, MessageSpan

MAPPINGS = Path(__file__).parents[2] / "mappings"


@cache
def mapping(id: str) -> Mapping:
    return Library([MAPPINGS]).get(id)


def content(package: str | None, order: str, number: str, upc: str, quantity: int) -> Content:
    return Content(
        number=number, ids=[Id(scheme="upc", value=upc)], package=package, order=order,
        quantity=Quantity(value=Decimal(quantity), unit="H87"),
    )  # fmt: skip


def notice() -> ShipNotice:
    """A pallet with two cartons, one of which holds two orders, and a loose carton."""
    return ShipNotice(
        number="A1", purpose="original", issued=Moment(date="2026-01-16", time="09:30"),
        orders=[ShippedOrder(id=f"o{n}", order=OrderRef(number=f"PO{n}")) for n in (1, 2)],
        packages=[
            Package(id="p1", kind="pallet", sscc="100000000000000000"),
            Package(id="p2", parent="p1", kind="carton", sscc="200000000000000000"),
            Package(id="p3", parent="p1", kind="carton", sscc="300000000000000000"),
            Package(id="p4", kind="carton", sscc="400000000000000000"),
        ],
        contents=[
            content("p2", "o1", "1", "111", 10), content("p3", "o1", "1", "111", 5),
            content("p3", "o2", "1", "222", 2), content("p4", "o2", "2", "333", 7),
        ],
    )  # fmt: skip


def message(writing: Writing) -> Message:
    segments = [[str(element) for element in segment] for segment in writing.segments]
    span = MessageSpan(
        index=1, ordinal=1, type="856", version="004010", control_number="1", offset=0, length=0,
        segments=len(segments) + 2, group=1,
    )  # fmt: skip
    whole = [["ST", "856", "1"], *segments, ["SE", "1", "1"]]
    return Message(span=span, standard="x12", separators=X12_SEPARATORS, segments=whole, offsets=[0] * len(whole))


def facts(notice: ShipNotice) -> tuple[list[object], list[object], list[object]]:
    """Contents, packages and orders by what they say, not by our ids."""
    sscc = {package.id: package.sscc for package in notice.packages}
    numbers = {order.id: order.order.number for order in notice.orders if order.order}
    contents: list[object] = [
        (sscc.get(row.package or ""), numbers.get(row.order or ""), row.number, row.ids[0].value, row.quantity)
        for row in notice.contents
    ]
    packages: list[object] = [(p.sscc, sscc.get(p.parent or ""), p.kind) for p in notice.packages]
    return sorted(contents, key=str), sorted(packages, key=str), sorted(numbers.values(), key=str)


@pytest.mark.parametrize("shape", ["S O T P I", "S T O P I", "S O T I P"])
def test_a_tree_comes_back_from_every_shape_with_pallets(shape: str) -> None:
    writing = mapping("x12/856").write(notice(), "004010", {"shape": shape})
    assert writing.findings == []
    reading = mapping("x12/856").read(message(writing))
    assert reading.findings == []
    assert isinstance(reading.document, ShipNotice)
    assert facts(reading.document) == facts(notice())


@pytest.mark.parametrize("shape", ["S O P I", "S O I P"])
def test_a_shape_without_pallets_says_so_and_keeps_the_contents(shape: str) -> None:
    writing = mapping("x12/856").write(notice(), "004010", {"shape": shape})
    assert [found.code for found in writing.findings] == ["HUB-3226"]
    reading = mapping("x12/856").read(message(writing))
    assert isinstance(reading.document, ShipNotice)
    assert facts(reading.document)[0] == facts(notice())[0]


def test_levels_are_numbered_parented_and_counted() -> None:
    writing = mapping("x12/856").write(notice(), "004010", {"shape": "S O T P I"})
    levels = [tuple(segment[1:5]) for segment in writing.segments if segment[0] == "HL"]
    assert levels[:5] == [
        ("1", "", "S", "1"), ("2", "1", "O", "1"), ("3", "2", "T", "1"), ("4", "3", "P", "1"), ("5", "4", "I", "0"),
    ]  # fmt: skip
    assert [segment[1] for segment in writing.segments if segment[0] == "SN1"] == [""] * 4


def test_a_parent_that_is_not_there_is_a_finding() -> None:
    writing = mapping("x12/856").write(notice(), "004010")
    for segment in writing.segments:
        if segment[0] == "HL" and segment[1] == "3":
            segment[2] = "9"
    reading = mapping("x12/856").read(message(writing))
    assert reading.document is None
    assert [found.code for found in reading.findings] == ["HUB-3207"]


def test_an_entry_for_equal_packages_is_split_if_its_quantities_divide() -> None:
    ids = [Id(scheme="sscc", value="200000000000000000")]
    package = Package(id="1", kind="carton", count=2, sscc="100000000000000000", ids=ids)
    order = ShippedOrder(id="o1", order=OrderRef(number="PO1"))
    even = ShipNotice(number="A", orders=[order], packages=[package], contents=[content("1", "o1", "1", "111", 10)])
    segments = mapping("x12/856").write(even, "004010").segments
    assert [s[2] for s in segments if s[0] == "MAN"] == ["100000000000000000", "200000000000000000"]
    assert [s[2] for s in segments if s[0] == "SN1"] == ["5", "5"]
    odd = ShipNotice(number="A", orders=[order], packages=[package], contents=[content("1", "o1", "1", "111", 5)])
    assert "HUB-3227" in [found.code for found in mapping("x12/856").write(odd, "004010").findings]


def test_a_notice_from_x12_is_written_as_cps() -> None:
    read = (
        mapping("x12/856").read(message(mapping("x12/856").write(notice(), "004010", {"shape": "S O T P I"}))).document
    )
    assert isinstance(read, ShipNotice)
    segments = mapping("edifact/DESADV").write(read, "D.96A").segments
    assert [tuple(segment[1:]) for segment in segments if segment[0] == "CPS"] == [
        ("1",), ("2", "1"), ("3", "2"), ("4", "2"), ("5", "1"),
    ]  # fmt: skip
    assert [segment[1] for segment in segments if segment[0] == "RFF"] == [
        ("ON", n) for n in ("PO1", "PO1", "PO2", "PO2")
    ]
