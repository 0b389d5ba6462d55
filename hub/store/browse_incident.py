"""Read-only queries of the page and the command line: incidents, and what each of them is about."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, func, or_, select

from hub.store.tables import incident, interchange, message, payload


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """about: its subject in words, such as "850 4500012901 from acme". message_id: the message it is about, or the
    first of its interchange."""

    id: str
    cause: str
    code: str
    message: str
    subject_type: str
    subject_id: str
    about: str
    message_id: str | None
    count: int
    security: bool
    opened_at: datetime
    seen_at: datetime
    resolved_at: datetime | None


def list_incidents(conn: Connection, *, limit: int = 200) -> list[IncidentRow]:
    """Open incidents first, the latest seen on top."""
    query = select(incident).order_by(incident.c.resolved_at.is_not(None), incident.c.seen_at.desc()).limit(limit)
    return _rows(conn, conn.execute(query).mappings().all())


def find_incidents(conn: Connection, part: str) -> list[IncidentRow]:
    """Those whose id is that, or begins or ends so; two at the most."""
    alike = or_(incident.c.id.startswith(part, autoescape=True), incident.c.id.endswith(part, autoescape=True))
    return _rows(conn, conn.execute(select(incident).where(alike).limit(2)).mappings().all())


def _rows(conn: Connection, found: Sequence[RowMapping]) -> list[IncidentRow]:
    ids = [row["subject_id"] for row in found]
    words, inside = _words(conn, ids), _messages(conn, ids)
    return [
        IncidentRow(
            **row,
            about=words.get(row["subject_id"]) or f"{row['subject_type']} {row['subject_id']}",
            message_id=row["subject_id"] if row["subject_type"] == "message" else inside.get(row["subject_id"]),
        )
        for row in found
    ]


def _messages(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The first message of each interchange among the subjects."""
    first = select(message.c.interchange_id, func.min(message.c.id)).where(message.c.interchange_id.in_(ids))
    return dict(conn.execute(first.group_by(message.c.interchange_id)).all())


def _words(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """What messages, interchanges and payloads among the subjects are called."""
    words = {}
    messages = select(message.c.id, message.c.type, message.c.number, message.c.partner, message.c.direction)
    for row in conn.execute(messages.where(message.c.id.in_(ids))).mappings():
        name = " ".join(part for part in (row["type"], row["number"]) if part)
        words[row["id"]] = f"{name} {_whose(row)}"
    envelope = interchange.c
    interchanges = select(envelope.id, envelope.control_number, envelope.partner, envelope.direction)
    for row in conn.execute(interchanges.where(envelope.id.in_(ids))).mappings():
        words[row["id"]] = f"interchange {row['control_number']} {_whose(row)}"
    payloads = select(payload.c.id, payload.c.file_name, payload.c.partner, payload.c.direction)
    for row in conn.execute(payloads.where(payload.c.id.in_(ids))).mappings():
        words[row["id"]] = f"{row['file_name'] or 'a payload'} {_whose(row)}"
    return words


def _whose(row: RowMapping) -> str:
    return f"{'from' if row['direction'] == 'in' else 'to'} {row['partner'] or 'nobody known'}"
