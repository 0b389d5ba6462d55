"""Work: what is to be done, written in the transaction that makes it necessary."""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, select, update

from hub.store.engine import at_commit, wake_after_commit
from hub.store.rows import insert_if_absent
from hub.store.rowwise import insert_rows
from hub.store.tables import lane, work

CHANNEL = "hub_work"
_PROCESS = uuid4().hex


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work as a handler gets it. tries counts this try: 1 unless an earlier one never ended."""

    id: int
    lane: str
    kind: str
    subject_id: str
    arguments: dict[str, Any]
    tries: int
    created_at: datetime


class NewItem(msgspec.Struct, frozen=True, kw_only=True):
    """Work to be written. run_at None: as soon as its turn comes; else a timer, which stands outside the lane's order.

    connection: whose back-off the lane shares ("partner/name"). strict: whether work that fails pauses the lane; None
    leaves the lane as it is.
    """

    lane: str
    kind: str
    subject_id: str
    arguments: Mapping[str, Any] | None = None
    run_at: datetime | None = None
    connection: str = ""
    strict: bool | None = None


def enqueue(
    conn: Connection,
    now: datetime,
    *,
    lane: str,
    kind: str,
    subject_id: str,
    arguments: Mapping[str, Any] | None = None,
    run_at: datetime | None = None,
    connection: str = "",
    strict: bool | None = None,
) -> None:
    """Write one piece of work when conn's transaction (Database.begin) commits; NewItem says what the parts mean."""
    item = NewItem(
        lane=lane,
        kind=kind,
        subject_id=subject_id,
        arguments=arguments,
        run_at=run_at,
        connection=connection,
        strict=strict,
    )
    enqueue_many(conn, now, [item])


def enqueue_many(conn: Connection, now: datetime, items: Iterable[NewItem]) -> None:
    """Write several pieces of work, in their order, when conn's transaction (Database.begin) commits."""
    at_commit(conn, write_work).extend((now, item) for item in items)


def write_work(conn: Connection, pending: Sequence[tuple[datetime, NewItem]]) -> None:
    """Lock the lanes, then insert the work: so ids in one lane rise in the order of the commits."""
    names = {item.lane for _, item in pending}
    make_lanes(conn, pending)
    if insert_work(conn, pending, lock_lanes(conn, names)):
        ring(conn)


def make_lanes(conn: Connection, pending: Sequence[tuple[datetime, NewItem]]) -> None:
    """Insert the lanes that are not there yet. Before any lane is locked, or two transactions could wait for each
    other."""
    wanted = {item.lane: item for _, item in pending}
    if not wanted:
        return
    known = set(conn.execute(select(lane.c.name).where(lane.c.name.in_(wanted))).scalars())
    missing = [
        {"name": name, "connection": wanted[name].connection, "strict": bool(wanted[name].strict)}
        for name in sorted(wanted.keys() - known)
    ]
    if missing:
        blank = {"state": "asleep", "epoch": 0, "failures": 0, "paused": False}
        insert_if_absent(conn, lane, [{**blank, **row} for row in missing])


def lock_lanes(conn: Connection, names: Collection[str]) -> dict[str, Row[Any]]:
    """The rows of these lanes, locked until the transaction ends, always in one order."""
    return {row.name: row for row in conn.execute(_locking(conn.dialect.name), {"names": list(names)})}


@functools.cache
def _locking(dialect: str) -> Select[Any]:
    query = select(lane).where(lane.c.name.in_(bindparam("names", expanding=True))).order_by(lane.c.name)
    return query.with_for_update(key_share=True) if dialect == "postgresql" else query


def insert_work(
    conn: Connection, pending: Sequence[tuple[datetime, NewItem]], locked: Mapping[str, Row[Any]]
) -> set[str]:
    """Insert the work and wake its lanes, which are locked. Those that slept: somebody is to be told of them."""
    rows = [
        {
            "lane": item.lane,
            "kind": item.kind,
            "subject_id": item.subject_id,
            "arguments": dict(item.arguments) if item.arguments else None,
            "run_at": item.run_at,
            "tries": 0,
            "set_aside": False,
            "created_at": now,
        }
        for now, item in pending
    ]
    insert_rows(conn, work, rows)
    due: dict[str, datetime] = {}
    for now, item in pending:
        at = item.run_at or now
        due[item.lane] = min(at, due.get(item.lane, at))
        row = locked[item.lane]
        if item.connection not in ("", row.connection) or item.strict not in (None, row.strict):
            strict = row.strict if item.strict is None else item.strict
            changed = {"connection": item.connection or row.connection, "strict": strict}
            conn.execute(update(lane).where(lane.c.name == item.lane).values(**changed))
    return _wake(conn, due, locked)


def _wake(conn: Connection, due: Mapping[str, datetime], locked: Mapping[str, Row[Any]]) -> set[str]:
    """Lanes asleep become ready and ready ones due earlier; a leased or paused one looks for work when it is let go."""
    moved: dict[datetime, list[str]] = {}
    for name, at in due.items():
        row = locked[name]
        if row.state == "asleep" or (row.state == "ready" and (row.due_at is None or row.due_at > at)):
            moved.setdefault(at, []).append(name)
    for at, names in moved.items():
        conn.execute(update(lane).where(lane.c.name.in_(names)).values(state="ready", due_at=at))
    return {name for name in due if locked[name].state == "asleep"}


def ring(conn: Connection) -> None:
    """Wake sleeping workers when the transaction commits: those of this process, and on PostgreSQL of all machines."""
    wake_after_commit(conn)
    if conn.dialect.name == "postgresql":
        conn.execute(_ringing(), {"channel": CHANNEL, "by": ringer(conn.engine)})


@functools.cache
def _ringing() -> Select[Any]:
    return select(func.pg_notify(bindparam("channel"), bindparam("by")))


def ringer(engine: Engine) -> str:
    """Who rings, so that nobody is woken by a bell of his own twice."""
    return f"{_PROCESS}/{id(engine)}"
