"""Messages that were read or written by mappings, for trying other rules on them."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from hub.store.tables import document, interchange, message


def mapped_messages(conn: Connection, since: datetime, most: int) -> Iterator[RowMapping]:
    """The newest messages with a mapping, not erased: their rows, payload_id and header of their interchange, and
    for outbound ones the document (body)."""
    query = (
        select(message, interchange.c.payload_id, interchange.c.header, document.c.body)
        .join(interchange, interchange.c.id == message.c.interchange_id)
        .outerjoin(document, document.c.id == message.c.document_id)
        .where(message.c.mapping.is_not(None), message.c.erased_at.is_(None), message.c.created_at >= since)
        .order_by(message.c.created_at.desc(), message.c.id.desc())
        .limit(most)
    )
    yield from conn.execute(query).mappings()
