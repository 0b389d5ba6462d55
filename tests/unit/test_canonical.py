"""The canonical model: whole, of one kind, and sound where its parts point at each other."""

from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from hub.canonical import (
    DOCUMENTS,
    AnyDocument,
    Document,
    InboundAdvice,
    InboundLine,
    Invoice,
    Order,
    OrderChange,
    OrderLine,
    OrderResponse,
    Package,
    Part,
    Quantity,
    Split,
    SubLine,
    TrackingEvent,
    check,
    decode,
    encode,
)
from hub.errors import DataError
from hub.mapping.fields import inner


def parts() -> dict[str, type[msgspec.Struct]]:
    """Every struct that documents are made of, found through the fields that hold it."""
    found: dict[str, type[msgspec.Struct]] = {}
    todo: list[Any] = list(DOCUMENTS.values())
    while todo:
        kind = inner(todo.pop())
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__name__ not in found:
            found[kind.__name__] = kind
            todo += get_type_hints(kind).values()
    return found


def test_every_document_is_in_the_union_and_tagged_with_its_name() -> None:
    assert set(get_args(AnyDocument)) == set(DOCUMENTS.values())
    for name, kind in DOCUMENTS.items():
        assert decode(encode(kind())) == kind()
        assert msgspec.json.decode(encode(kind())) == {"document": name}


def test_what_repeats_keeps_what_no_field_is_for() -> None:
    without = {"Split", "Channel"}  # a line's shares and a contact's numbers are whole as they are
    repeated = {
        inner(annotation)
        for part in parts().values()
        for annotation in get_type_hints(part).values()
        if get_origin(annotation) is list
    }
    structs = {kind for kind in repeated if isinstance(kind, type) and issubclass(kind, Part)}
    assert {kind.__name__ for kind in structs if "ext" not in get_type_hints(kind)} == without


def test_no_money_and_no_quantity_is_a_float() -> None:
    for part in parts().values():
        assert float not in [inner(annotation) for annotation in get_type_hints(part).values()], part


def test_components_hold_components() -> None:
    screw = SubLine(number="1.1.1", quantity=Quantity(value=Decimal("4"), unit="H87"))
    kit = Order(number="A", lines=[OrderLine(sublines=[SubLine(number="1.1", sublines=[screw])])])
    assert decode(encode(kit)) == kit


def test_exact_numbers_are_text() -> None:
    line = OrderLine(splits=[Split(location="0012", quantity=Quantity(value=Decimal("1.50"), unit="KGM"))])
    assert b'"value":"1.50"' in encode(Order(number="A", lines=[line]))


def test_a_field_nobody_knows_is_named() -> None:
    with pytest.raises(DataError, match="quantity"):
        decode(b'{"document": "Order", "lines": [{"quantity": 5}]}')


def codes(document: Document) -> list[str]:
    return [found.code for found in check(document)]


def test_documents_need_a_number_unless_they_are_known_by_what_they_are_about() -> None:
    assert codes(Order()) == ["HUB-3110"]
    assert codes(OrderResponse()) == codes(TrackingEvent()) == []  # an 855 names the order, a 214 the shipment
    assert codes(OrderChange()) == []


def test_an_invoice_without_a_total_is_found() -> None:
    assert codes(Invoice(number="1")) == ["HUB-3114"]
    assert codes(Invoice(number="1", total=Decimal(5))) == []


def test_what_lies_in_no_package_that_exists_is_found() -> None:
    advice = InboundAdvice(
        number="1",
        packages=[Package(id="a"), Package(id="b", parent="c"), Package(id="d", sscc="340123450000000015")],
        lines=[InboundLine(number="1", package="a"), InboundLine(number="2", package="z")],
    )
    assert codes(advice) == ["HUB-3113", "HUB-3115", "HUB-3113"]
