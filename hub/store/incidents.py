"""Incidents: what a person must look at. One row a cause while it is open; the same cause again counts it up."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from hub.store.ports import Clock, new_id
from hub.store.tables import incident


def open_incident(
    conn: Connection,
    clock: Clock,
    cause: str,
    code: str,
    message: str,
    subject_type: str,
    subject_id: str,
    security: bool = False,
) -> str:
    """The incident's id. An open incident of the same cause takes the newer message and counts one more.

    cause: what makes two incidents the same one, such as "connection/acme/sftp" or "work/1234". code: HUB-nnnn.
    """
    if conn.dialect.name == "postgresql":  # two transactions must not both find the cause new
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"incident/{cause}", 0))))
    now = clock.now()
    again = (
        update(incident)
        .where(incident.c.cause == cause, incident.c.resolved_at.is_(None))
        .values(count=incident.c.count + 1, seen_at=now, message=message, code=code)
        .returning(incident.c.id)
    )
    known: str | None = conn.execute(again).scalar_one_or_none()
    if known is not None:
        return known
    made = new_id(clock)
    row = {"cause": cause, "code": code, "message": message, "subject_type": subject_type, "subject_id": subject_id}
    conn.execute(insert(incident), {"id": made, "opened_at": now, "seen_at": now, "security": security, **row})
    return made


def resolve_incident(conn: Connection, now: datetime, cause: str) -> bool:
    """Whether an incident of this cause was open; it is resolved now."""
    open_one = update(incident).where(incident.c.cause == cause, incident.c.resolved_at.is_(None))
    return bool(conn.execute(open_one.values(resolved_at=now)).rowcount)
