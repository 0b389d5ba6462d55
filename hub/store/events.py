"""The history: one row for everything that happened, written in the transaction in which it happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from hub.store.batch import insert
from hub.store.tables import event


def record_event(
    conn: Connection,
    now: datetime,
    subject_type: str,
    subject_id: str,
    name: str,
    actor: str = "hub",
    detail: Any = None,
) -> None:
    """subject_type: payload, interchange, message, delivery, order, connection, lane, .. detail: JSON or None."""
    row = {"subject_type": subject_type, "subject_id": subject_id, "name": name, "actor": actor, "detail": detail}
    insert(conn, event, [{"at": now, **row}])


def happened_since(conn: Connection, name: str, message_ids: Sequence[str], at: datetime) -> bool:
    """Whether one of the messages has an event of that name, then or later."""
    about = (event.c.subject_type == "message", event.c.subject_id.in_(message_ids), event.c.name == name)
    return conn.execute(select(event.c.seq).where(*about, event.c.at >= at).limit(1)).first() is not None


def last_event(conn: Connection, subject_type: str, subject_id: str, name: str) -> RowMapping | None:
    """The newest event of that name about a subject."""
    about = (event.c.subject_type == subject_type, event.c.subject_id == subject_id, event.c.name == name)
    return conn.execute(select(event).where(*about).order_by(event.c.seq.desc()).limit(1)).mappings().first()
