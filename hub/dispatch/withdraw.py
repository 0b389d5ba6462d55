"""Work that nobody has begun: taken back, because a person holds or cancels it, or brought forward."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from hub.dispatch.lanes import settle
from hub.dispatch.work import lock_lanes, ring
from hub.errors import UsageError
from hub.store.circuit import try_now
from hub.store.incidents import resolve_incident
from hub.store.ports import Clock
from hub.store.tables import lane, work


def withdraw(conn: Connection, clock: Clock, kind: str, subject_id: str) -> bool:
    """Whether there was such work, set aside or not; it is gone. UsageError HUB-6027: a worker has it."""
    rows, _ = _not_begun(conn, kind, subject_id)
    if rows:
        conn.execute(delete(work).where(work.c.id.in_([row.id for row in rows])))
    for row in rows:
        resolve_incident(conn, clock.now(), f"work/{row.id}")
    return bool(rows)


def bring_forward(conn: Connection, clock: Clock, kind: str, subject_id: str) -> str:
    """Such work, which waits for its time, its connection's back-off or a person, is due now. Its lane, if that is
    paused and holds it up. UsageError HUB-6027: a worker has it, or it is done."""
    now = clock.now()
    rows, lanes = _not_begun(conn, kind, subject_id)
    if not rows:
        raise _under_way(kind, subject_id)
    conn.execute(
        update(work).where(work.c.id.in_([row.id for row in rows])).values(run_at=None, set_aside=False, tries=0)
    )
    for row in rows:
        resolve_incident(conn, now, f"work/{row.id}")
    for one in lanes:
        conn.execute(update(lane).where(lane.c.name == one.name).values(backoff_until=None))
        try_now(conn, now, one.connection)
    settle(conn, now, [one.name for one in lanes if one.state != "leased"])
    ring(conn)
    return next((str(one.name) for one in lanes if one.paused), "")


def _not_begun(conn: Connection, kind: str, subject_id: str) -> tuple[Sequence[Any], Sequence[Row[Any]]]:
    """The rows of such work, and of its lanes. UsageError HUB-6027: a worker has it.

    Nobody can claim it meanwhile: its lanes are locked until the transaction ends, and tries says whether it was
    claimed.
    """
    wanted = (work.c.kind == kind, work.c.subject_id == subject_id)
    names = set(conn.execute(select(work.c.lane).where(*wanted)).scalars())
    if not names:
        return [], []
    lanes = list(lock_lanes(conn, names).values())
    rows = conn.execute(select(work.c.id, work.c.tries).where(*wanted)).all()
    if any(row.tries for row in rows):
        raise _under_way(kind, subject_id)
    return rows, lanes


def _under_way(kind: str, subject_id: str) -> UsageError:
    return UsageError("HUB-6027", f"A worker is at it right now ({kind} of {subject_id}); look again in a moment.")
