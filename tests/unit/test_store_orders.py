"""The list of orders: how far each is, what finds it, page by page; on both databases."""

from decimal import Decimal
from importlib import import_module
from random import Random

import pytest
from sqlalchemy import insert, text, update

from hub.orders.facts import note_facts
from hub.orders.life import KINDS, statuses
from hub.store import browse_orders
from hub.store.browse_orders import STATES, OrderFilter, OrderPage, list_orders
from hub.store.orders import Fact, quantities
from hub.store.tables import fulfilment, message, order_line, sales_order
from tests.hubs import Bench, confirmation, order, x12


def find(bench: Bench, query: str = "", **more: str) -> OrderPage:
    with bench.hub.database.read() as conn:
        return list_orders(conn, OrderFilter(query=query, **more))


def numbers(page: OrderPage) -> list[str]:
    """Sorted: orders that come together are taken in any order."""
    return sorted(row.number for row in page.orders)


def test_an_order_is_listed_as_far_as_it_is(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("1", "NW-100", "10", "1.00")), order("PO-2"), order("po-3")))
    (one, *_) = (row for row in find(bench).orders if row.number == "PO-1")
    assert (one.fulfilment, one.money, one.after_sales) == ("released", "not_invoiced", "none")
    assert (one.partner, one.lines, one.sources, one.problems) == ("bluebird", 1, ["harbor"], 0)
    asked = bench.row(fulfilment, order_id=one.id)
    said = confirmation(asked["number"], "SHP-77", ("BP", "10", "6", "NW-100"), mark="1Z9")
    bench.pass_by(x12(said, number=7, sender="01:123456789"), "harbor/drop")
    assert numbers(find(bench, state="partly_shipped")) == ["PO-1"]
    assert numbers(find(bench, state="open")) == ["PO-1", "PO-2", "po-3"]
    said = confirmation(asked["number"], "SHP-78", ("CC", "4", "4", "NW-100"))
    bench.pass_by(x12(said, number=8, sender="01:123456789"), "harbor/drop")
    assert numbers(find(bench, state="shipped", partner="bluebird")) == ["PO-1"]
    assert numbers(find(bench, state="shipped", partner="harbor")) == []
    assert numbers(find(bench, state="open")) == ["PO-2", "po-3"]
    for query, found in {
        "PO-": ["PO-1", "PO-2"],
        "SHP-7": ["PO-1"],
        "1Z91": ["PO-1"],
        asked["number"]: ["PO-1"],
        "po-3": ["po-3"],
        "PO-9": [],
    }.items():
        assert numbers(find(bench, query)) == found, query
    with bench.hub.database.begin() as conn:
        conn.execute(
            update(message).where(message.c.order_id == one.id, message.c.type == "856").values(delivery="failed")
        )
    (found,) = find(bench, state="problem").orders
    assert (found.number, found.problems) == ("PO-1", 2)
    with pytest.raises(ValueError, match="sold"):
        find(bench, state="sold")


@pytest.mark.parametrize(("few", "most", "problems"), [(1000, 20_000, 2000), (2, 20_000, 1), (2, 3, 1)])
def test_pages_of_orders_follow_without_gap_or_repeat(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, few: int, most: int, problems: int
) -> None:
    """Whichever way is gone, of those that depend on how many there are."""
    for name, value in {"FEW": few, "SORTED": most, "PROBLEMS": problems}.items():
        monkeypatch.setattr(browse_orders, name, value)
    bench.pass_by(x12(*(order(f"PO-{number}") for number in range(7))))
    every = sorted(bench.rows(sales_order), key=lambda row: str(row["id"]), reverse=True)
    with bench.hub.database.read() as conn:
        page = list_orders(conn, OrderFilter(query="PO"), limit=3)
        walked = page.orders
        while page.before:
            page = list_orders(conn, OrderFilter(query="PO"), before=page.before, limit=3)
            walked += page.orders
    assert [row.number for row in walked] == [row["number"] for row in every]
    assert len(every) == 7
    with bench.hub.database.begin() as conn:
        conn.execute(
            update(message).where(message.c.type == "850", message.c.number != "PO-3").values(delivery="failed")
        )
    assert numbers(find(bench, "PO-", state="problem")) == [f"PO-{number}" for number in (0, 1, 2, 4, 5, 6)]


def test_the_upgrade_derives_what_orders_of_before_have_reached(bench: Bench) -> None:
    """Many orders with chance quantities: what the migration makes of them is what noting each fact makes of them."""
    chance = Random(5)  # noqa: S311 - repeatable, not secret
    derive = import_module("hub.store.migrations.versions.0005_how_far_orders_are").derive
    bench.pass_by(x12(order("PO-1")))
    (made,) = [dict(row) for row in bench.rows(sales_order)]
    with bench.hub.database.begin() as conn:
        for place in range(60):
            order_id = f"{place:036d}"
            conn.execute(insert(sales_order), {**made, "id": order_id, "business_key": order_id})
            for line in ("1", "2"):
                line_id = f"{place:034d}-{line}"
                conn.execute(insert(order_line), {"id": line_id, "order_id": order_id, "number": line, "ordinal": 1})
                kinds = ["ordered", *chance.sample(KINDS[1:], 4)]
                facts = [
                    Fact(line_id=line_id, kind=kind, quantity=Decimal(chance.choice("125")) / 10) for kind in kinds
                ]
                note_facts(conn, bench.clock.now(), order_id, None, line_id, facts)
        names = (sales_order.c.id, sales_order.c.fulfilment, sales_order.c.money, sales_order.c.after_sales)
        query = sales_order.select().with_only_columns(*names).order_by(sales_order.c.id)
        noted = conn.execute(query).all()
        for order_id, *reached in noted:
            derived = statuses(list(quantities(conn, order_id).values()))
            assert [derived.fulfilment, derived.money, derived.after_sales] == reached
            assert derived.fulfilment in STATES
        assert len({row[1:] for row in noted}) > 10
        conn.execute(update(sales_order).values(fulfilment="ordered", money="not_invoiced", after_sales="none"))
        conn.execute(text(derive()))
        assert conn.execute(query).all() == noted
