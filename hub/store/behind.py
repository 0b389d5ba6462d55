"""Named queries about what waits for its next try, and what of the same orders would overtake it."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select, text

from hub.store.tables import IS_BEHIND, delivery, message


def orders_waiting(conn: Connection, connection: str) -> dict[str, str]:
    """Orders of which something was tried by that connection and waits for its next try -> the first such delivery."""
    query = (
        select(message.c.order_id, func.min(delivery.c.id))
        .join(delivery, delivery.c.interchange_id == message.c.interchange_id)
        .where(delivery.c.connection == connection, text(f"({IS_BEHIND})"), delivery.c.state != "failed")
        .where(message.c.order_id.is_not(None))
        .group_by(message.c.order_id)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def orders_in(conn: Connection, interchange_ids: Collection[str]) -> dict[str, set[str]]:
    """Interchange id -> the orders its messages are about."""
    found: dict[str, set[str]] = {}
    query = select(message.c.interchange_id, message.c.order_id).where(
        message.c.interchange_id.in_(interchange_ids), message.c.order_id.is_not(None)
    )
    for owner, order_id in conn.execute(query):
        found.setdefault(owner, set()).add(order_id)
    return found
