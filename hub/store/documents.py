"""Documents that came before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from hub.store.tables import document, message


def came_before(
    conn: Connection, document_id: str, *, type: str, number: str, since: datetime, **whose: str
) -> Sequence[RowMapping]:
    """Documents of that type and number that other messages of the same sender brought since then, before this one, and
    that were accepted; the oldest first. whose: partner, account, environment."""
    own = select(document.c.message_id).where(document.c.id == document_id).scalar_subquery()
    query = (
        select(document.c.id, document.c.body, document.c.created_at, document.c.order_id)
        .join(message, message.c.id == document.c.message_id)
        .where(document.c.type == type, document.c.number == number[:200])
        .where(*(document.c[name] == value for name, value in whose.items()))
        .where(document.c.created_at >= since, document.c.id < document_id, document.c.message_id != own)
        .where(message.c.validation.in_(("accepted", "accepted_with_errors")), message.c.document_id == document.c.id)
    )
    return conn.execute(query.order_by(document.c.id)).mappings().all()
