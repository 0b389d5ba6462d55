"""The history: one row for everything that happened, written in the transaction in which it happened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

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
