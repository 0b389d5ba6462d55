"""Facts of an order's lines, and the statuses that follow from them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from hub.orders.life import Quantities, statuses
from hub.store import orders as store


def note_facts(
    conn: Connection, now: datetime, order_id: str, document_id: str | None, cause: str, facts: Sequence[store.Fact]
) -> Mapping[str, Quantities]:
    """Records quantities that lines gained or lost, and where the order stands now. What each line has then, by id."""
    store.add_facts(conn, now, order_id, document_id, cause, facts)
    sums = store.quantities(conn, order_id)
    note_statuses(conn, order_id, list(sums.values()))
    return sums


def note_statuses(conn: Connection, order_id: str, lines: Sequence[Quantities]) -> None:
    """Records where the order stands, of what its lines have."""
    derived = statuses(lines)
    store.set_statuses(
        conn, order_id, fulfilment=derived.fulfilment, money=derived.money, after_sales=derived.after_sales
    )
