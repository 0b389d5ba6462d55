"""Taking work back before anybody begins it: what a person holds or cancels."""

from sqlalchemy import Connection, delete, select

from hub.dispatch.work import lock_lanes
from hub.errors import UsageError
from hub.store.incidents import resolve_incident
from hub.store.ports import Clock
from hub.store.tables import work


def withdraw(conn: Connection, clock: Clock, kind: str, subject_id: str) -> bool:
    """Whether there was such work, set aside or not; it is gone. UsageError HUB-6027: a worker has it.

    Nobody can claim it meanwhile: its lane is locked until the transaction ends, and tries says whether it was claimed.
    """
    wanted = (work.c.kind == kind, work.c.subject_id == subject_id)
    names = set(conn.execute(select(work.c.lane).where(*wanted)).scalars())
    if not names:
        return False
    lock_lanes(conn, names)
    rows = conn.execute(select(work.c.id, work.c.tries).where(*wanted)).all()
    if any(row.tries for row in rows):
        raise UsageError("HUB-6027", f"A worker is at it right now ({kind} of {subject_id}); look again in a moment.")
    conn.execute(delete(work).where(work.c.id.in_([row.id for row in rows])))
    for row in rows:
        resolve_incident(conn, clock.now(), f"work/{row.id}")
    return bool(rows)
