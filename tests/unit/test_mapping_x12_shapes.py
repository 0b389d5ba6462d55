"""Every order of HL levels an 856 is written in: the notice comes back, and BSN05 says which order it was."""

from typing import Any

import pytest

from hub.canonical import OrderRef, Package, ShipNotice, ShippedOrder
from tests.unit.test_mapping_hierarchy import content, facts, mapping, message

ORDERS = [ShippedOrder(id=f"o{n}", order=OrderRef(number=f"PO{n}")) for n in (1, 2)]


def package(id: str, kind: str, parent: str | None = None) -> Package:
    return Package(id=id, kind=kind, parent=parent, sscc=id[1:].rjust(18, "0"))


LOOSE: dict[str, Any] = {"contents": [content(None, "o1", "1", "111", 10), content(None, "o2", "1", "222", 3)]}
CARTONS: dict[str, Any] = {
    "packages": [package("p1", "carton"), package("p2", "carton"), package("p3", "carton")],
    "contents": [
        content("p1", "o1", "1", "111", 6), content("p2", "o1", "1", "111", 4), content("p3", "o2", "1", "222", 3),
    ],
}  # fmt: skip
PALLETS: dict[str, Any] = {
    "packages": [package("p1", "pallet"), package("p2", "pallet")],
    "contents": [content("p1", "o1", "1", "111", 10), content("p2", "o2", "1", "222", 3)],
}
BOTH: dict[str, Any] = {
    "packages": [
        package("p1", "pallet"), package("p2", "carton", "p1"), package("p3", "carton", "p1"), package("p4", "carton"),
    ],
    "contents": [
        content("p2", "o1", "1", "111", 6), content("p3", "o1", "2", "333", 4), content("p3", "o2", "1", "222", 3),
        content("p4", "o2", "1", "222", 5),
    ],
}  # fmt: skip
SHAPES = [
    ("S O I", LOOSE, "0004"),
    ("S O P I", CARTONS, "0001"),
    ("S O I P", CARTONS, "0002"),
    ("S P O I", CARTONS, "0003"),
    ("S O T I", PALLETS, "0001"),
    ("S T O I", PALLETS, "0003"),
    ("S O T P I", BOTH, "0001"),
    ("S O T I P", BOTH, "0002"),
    ("S T O P I", BOTH, ""),
    ("S T P O I", BOTH, "0003"),
]


@pytest.mark.parametrize(("shape", "parts", "structure"), SHAPES, ids=[shape for shape, _, _ in SHAPES])
def test_a_notice_comes_back_from_every_order_of_levels(shape: str, parts: dict[str, Any], structure: str) -> None:
    notice = ShipNotice(number="A1", purpose="original", orders=ORDERS, **parts)
    writing = mapping("x12/856").write(notice, "004010", {"shape": shape})
    assert writing.findings == []
    assert "".join(map(str, writing.segments[0][5:6])) == structure
    reading = mapping("x12/856").read(message(writing))
    assert reading.findings == []
    assert isinstance(reading.document, ShipNotice)
    assert facts(reading.document) == facts(notice)
