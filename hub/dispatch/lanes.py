"""Lanes: settling what a lane is after its work changed, and what people do to lanes and to work set aside."""

import functools
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Update, and_, bindparam, case, delete, exists, false, func, null, select, update

from hub.dispatch.work import lock_lanes, ring
from hub.errors import UsageError
from hub.store.circuit import try_now
from hub.store.events import record_event
from hub.store.incidents import resolve_incident
from hub.store.tables import lane, work
from hub.store.types import UtcTime


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """A lane as people see it. waiting and set_aside count its work. drain_by: who wants it paused once it is empty."""

    name: str
    connection: str
    state: str
    drain_by: str | None
    strict: bool
    due_at: datetime | None
    owner: str | None
    backoff_until: datetime | None
    failures: int
    waiting: int
    set_aside: int


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits for a person."""

    id: int
    lane: str
    kind: str
    subject_id: str
    note: str | None
    created_at: datetime


def settle(conn: Connection, now: datetime, names: Collection[str], **also: Any) -> None:
    """End the lease of these locked lanes and set state and due_at by the work they hold. also: further columns.

    A lane that still has work to do at once is due from now on, behind the lanes that have waited longer.
    """
    given = {"names": list(names), "moment": now, **{f"to_{name}": value for name, value in also.items()}}
    conn.execute(_settling(tuple(also)), given)


@functools.cache
def _settling(also: tuple[str, ...]) -> Update:
    """Built once, as building takes longer than running."""
    waiting = and_(work.c.lane == lane.c.name, work.c.set_aside == false())
    at_once = exists().where(waiting, work.c.run_at.is_(None))
    earliest = select(func.min(work.c.run_at)).where(waiting).scalar_subquery()
    state = case((lane.c.paused, "paused"), (exists().where(waiting), "ready"), else_="asleep")
    due_at = case((at_once, bindparam("moment", type_=UtcTime())), else_=earliest)
    let_go = {"owner": null(), "leased_until": null(), "state": state, "due_at": due_at}
    more = {name: bindparam(f"to_{name}", type_=lane.c[name].type) for name in also}
    return update(lane).where(lane.c.name.in_(bindparam("names", expanding=True))).values({**let_go, **more})


def sweep(conn: Connection, now: datetime) -> int:
    """Let go the lanes whose lease has expired, and wake lanes asleep that have work. How many."""
    expired = and_(lane.c.state == "leased", lane.c.leased_until < now)
    has_work = exists().where(work.c.lane == lane.c.name, work.c.set_aside == false())
    forgotten = and_(lane.c.state == "asleep", has_work)
    names = conn.execute(select(lane.c.name).where(expired | forgotten).limit(100)).scalars().all()
    if not names:
        return 0
    rows = lock_lanes(conn, names).values()
    stale = [row.name for row in rows if row.state == "asleep" or (row.state == "leased" and row.leased_until < now)]
    settle(conn, now, stale)
    return len(stale)


def pause_lane(conn: Connection, now: datetime, name: str, actor: str = "hub") -> None:
    """Begin no further work of the lane. What a worker is doing right now comes to its end. UsageError HUB-6007."""
    row = _locked(conn, name)
    state = row.state if row.state == "leased" else "paused"
    conn.execute(update(lane).where(lane.c.name == name).values(paused=True, drain_by=None, state=state))
    record_event(conn, now, "lane", name, "paused", actor)


def drain_lane(conn: Connection, now: datetime, name: str, actor: str) -> bool:
    """Pause the lane once it holds no work but what is set aside; whether it is so at once. UsageError HUB-6007."""
    row = _locked(conn, name)
    if _pause_empty(conn, now, name, actor):
        return True
    if row.paused:
        raise UsageError("HUB-6007", f"Lane {name} is paused with work in it. Resume it; then it can be drained.")
    conn.execute(update(lane).where(lane.c.name == name).values(drain_by=actor))
    record_event(conn, now, "lane", name, "draining", actor)
    return False


def draining(conn: Connection) -> Sequence[str]:
    """The lanes that are to be paused once they are empty."""
    return conn.execute(select(lane.c.name).where(lane.c.drain_by.is_not(None))).scalars().all()


def pause_drained(conn: Connection, now: datetime, name: str) -> None:
    """Pause the lane if it is still to be drained and is empty now."""
    row = _locked(conn, name)
    if row.drain_by is not None:
        _pause_empty(conn, now, name, row.drain_by)


def _pause_empty(conn: Connection, now: datetime, name: str, actor: str) -> bool:
    if conn.execute(select(work.c.id).where(work.c.lane == name, work.c.set_aside == false()).limit(1)).first():
        return False
    pause_lane(conn, now, name, actor)
    return True


def resume_lane(conn: Connection, now: datetime, name: str, actor: str = "hub") -> None:
    """Let the lane go on at once, whether it was paused or is backing off. UsageError HUB-6007."""
    row = _locked(conn, name)
    conn.execute(update(lane).where(lane.c.name == name).values(paused=False, drain_by=None, backoff_until=None))
    try_now(conn, now, row.connection)
    if row.state != "leased":
        settle(conn, now, [name])
    resolve_incident(conn, now, f"lane/{name}")
    record_event(conn, now, "lane", name, "resumed", actor)
    ring(conn)


def list_lanes(conn: Connection) -> list[Lane]:
    """All lanes by name, with the counts of their work."""
    count = select(work.c.lane, work.c.set_aside, func.count()).group_by(work.c.lane, work.c.set_aside)
    counts = {(name, aside): number for name, aside, number in conn.execute(count)}
    return [
        Lane(
            waiting=counts.get((row.name, False), 0),
            set_aside=counts.get((row.name, True), 0),
            **{field: row[field] for field in ("name", "connection", "state", "drain_by", "strict", "due_at", "owner")},
            **{field: row[field] for field in ("backoff_until", "failures")},
        )
        for row in conn.execute(select(lane).order_by(lane.c.name)).mappings()
    ]


def list_set_aside(conn: Connection, lane_name: str | None = None) -> Sequence[SetAside]:
    """Work set aside, oldest first, of one lane or of all."""
    query = select(work).where(work.c.set_aside).order_by(work.c.id)
    if lane_name is not None:
        query = query.where(work.c.lane == lane_name)
    names = SetAside.__struct_fields__
    return [SetAside(**{name: row[name] for name in names}) for row in conn.execute(query).mappings()]


def resume_work(conn: Connection, now: datetime, work_id: int, actor: str = "hub") -> None:
    """Put work that was set aside back into its lane, at its old place. UsageError HUB-6007."""
    name = _aside(conn, work_id)
    conn.execute(update(work).where(work.c.id == work_id).values(set_aside=False, tries=0, run_at=None))
    if _locked(conn, name).state in ("asleep", "ready"):
        settle(conn, now, [name])
        ring(conn)
    _looked_at(conn, now, work_id, name, "work_resumed", actor)


def drop_work(conn: Connection, now: datetime, work_id: int, actor: str = "hub") -> None:
    """Give up work that was set aside; an event keeps that it was. UsageError HUB-6007."""
    name = _aside(conn, work_id)
    conn.execute(delete(work).where(work.c.id == work_id))
    _looked_at(conn, now, work_id, name, "work_dropped", actor)


def _looked_at(conn: Connection, now: datetime, work_id: int, name: str, event: str, actor: str) -> None:
    resolve_incident(conn, now, f"work/{work_id}")
    record_event(conn, now, "lane", name, event, actor, {"work": work_id})


def _locked(conn: Connection, name: str) -> Any:
    row = lock_lanes(conn, [name]).get(name)
    if row is None:
        raise UsageError("HUB-6007", f"There is no lane {name}.")
    return row


def _aside(conn: Connection, work_id: int) -> str:
    name = conn.execute(select(work.c.lane).where(work.c.id == work_id, work.c.set_aside)).scalar()
    if name is None:
        raise UsageError("HUB-6007", f"No work {work_id} is set aside.")
    return str(name)
