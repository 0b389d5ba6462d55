"""Mappings of JSON and of tables drafted from an example: they compile, read it as meant, and write it back."""

from decimal import Decimal

import pytest

from hub.canonical import Address, Document, Id, Moment, Order, OrderLine, Party, Price, Quantity
from hub.mapping import Library
from hub.mapping.draft_tree import draft_tree
from hub.mapping.faults import mapping_faults
from hub.mapping.samples import run_sample

SHOP = b"""{"id": 4711, "created_at": "2026-03-01T10:00:00Z", "customer": {"name": "Ann Lee", "city": "Oslo"},
 "items": [{"sku": "A-1", "qty": 2, "price": "9.50"}, {"sku": "B-2", "qty": 1, "price": "20.00"}],
 "paid": true, "tags": ["new"]}"""
TABLE = (
    b"PO Number,Ordered,SKU,Qty,Price,Ship To\r\n"
    b"P1,2026-03-01,A-1,2,9.50,Ann Lee\r\nP1,2026-03-01,B-2,1,20.00,Ann Lee\r\n"
)


def order(number: str, issued: Moment, address: Address | None) -> Order:
    lines = [
        OrderLine(
            ids=[Id(scheme="vendor", value=sku)],
            quantity=Quantity(value=Decimal(quantity)),
            price=Price(amount=Decimal(price)),
        )
        for sku, quantity, price in (("A-1", 2, "9.50"), ("B-2", 1, "20.00"))
    ]
    return Order(
        number=number, issued=issued, parties=[Party(role="ship_to", name="Ann Lee", address=address)], lines=lines
    )


EXAMPLES = {
    "json/acme/order": (
        SHOP,
        order("4711", Moment(date="2026-03-01", time="10:00:00", zone="UTC"), Address(city="Oslo")),
    ),
    "csv/acme/order": (TABLE, order("P1", Moment(date="2026-03-01"), None)),
}


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_draft_reads_its_example_as_meant_and_writes_it_back(id: str) -> None:
    payload, wanted = EXAMPLES[id]
    made = draft_tree(id, "Order", [EXAMPLES[id]])
    assert made.missing == []
    assert mapping_faults({f"mappings/{id}.yaml": made.source}) == []
    mapping = Library(files={f"mappings/{id}.yaml": made.source}).get(id)
    [reading] = mapping.read_flat(payload)
    assert reading.document is not None
    reading.document.ext = {}
    assert reading.document == wanted
    [sample] = run_sample(mapping, payload)
    assert not sample.faulty, sample


def test_what_the_example_does_not_say_is_named() -> None:
    document: Document = order("4711", Moment(date="2030-01-01"), None)
    made = draft_tree("json/acme/order", "Order", [(SHOP, document)])
    assert made.missing == ["issued"]


def test_values_that_stand_twice_go_by_the_name_of_the_field() -> None:
    payload = b'{"ref": "7", "order_number": "7", "other": "7"}'
    made = draft_tree("json/acme/order", "Order", [(payload, Order(number="7"))])
    assert made.found == ["number: order_number"]
