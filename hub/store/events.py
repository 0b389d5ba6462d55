"""The history: one row for everything that happened, written in the transaction in which it happened."""

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


def last_event(conn: Connection, subject_type: str, subject_id: str, name: str) -> RowMapping | None:
    """The newest event of that name about a subject."""
    about = (event.c.subject_type == subject_type, event.c.subject_id == subject_id, event.c.name == name)
    return conn.execute(select(event).where(*about).order_by(event.c.seq.desc()).limit(1)).mappings().first()
