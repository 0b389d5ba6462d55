"""What an order costs the database: statements, counted. Rows are cheap, statements are not."""

from typing import Any

from sqlalchemy import event

from hub.store.tables import delivery
from tests.hubs import Bench, order, x12


def statements(bench: Bench, orders: int, number: int) -> int:
    """How many it takes until everything that orders cause is delivered."""
    count = 0

    def note(*_: Any) -> None:
        nonlocal count
        count += 1

    bench.receive("bluebird/mailbox", x12(*(order(f"PO-{number}-{place}") for place in range(orders)), number=number))
    event.listen(bench.hub.database.engine, "before_cursor_execute", note)
    bench.run()
    event.remove(bench.hub.database.engine, "before_cursor_execute", note)
    return count


def test_orders_that_come_together_share_statements(bench: Bench) -> None:
    """An order makes four deliveries to bare folders, one commit of some nine statements each; the rest is shared."""
    few, many = statements(bench, 10, 1), statements(bench, 60, 2)
    assert {row["state"] for row in bench.rows(delivery)} == {"delivered"}
    assert (many - few) / 50 < 50
