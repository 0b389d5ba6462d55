"""Claiming: which lanes a worker leases, and which of their work it takes."""

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Update, bindparam, false, or_, select, true, update
from sqlalchemy.sql.dml import ReturningUpdate

from hub.dispatch.work import Item
from hub.store.tables import lane, work

LANES = 20
ITEMS = 200


class Claim:
    """Lanes leased by one worker: the epoch each lease has, and the work taken that has not ended yet."""

    def __init__(self) -> None:
        self.epochs: dict[str, int] = {}
        self.waiting: dict[str, list[Item]] = {}
        self.strict: set[str] = set()
        self._begun: set[int] = set()

    def take(self, name: str, epoch: int, strict: bool, items: list[Item]) -> None:
        self.epochs[name] = epoch
        self.waiting[name] = items
        if strict:
            self.strict.add(name)

    def begin(self, items: Iterable[Item]) -> None:
        self._begun.update(item.id for item in items)

    def leave(self, items: Iterable[Item]) -> None:
        """They were not begun after all."""
        self._begun.difference_update(item.id for item in items)

    def end(self, ids: Collection[int], let_go: Collection[str] = ()) -> None:
        """These have ended; the lanes let_go belong to somebody else now or to nobody."""
        for name in {*self.epochs}:
            self.waiting[name] = [item for item in self.waiting[name] if item.id not in ids]
        for name in let_go:
            self.epochs.pop(name, None)
            self.waiting.pop(name, None)

    def under_way(self, name: str, ended: Collection[int]) -> bool:
        """Whether work of the lane was begun and is neither in ended nor has ended before."""
        return any(item.id in self._begun and item.id not in ended for item in self.waiting[name])

    def untouched(self, names: Collection[str]) -> list[int]:
        """Ids of work in these lanes that was taken and never begun."""
        items = (item for name in names for item in self.waiting.get(name, ()))
        return [item.id for item in items if item.id not in self._begun]

    def next_batch(self, size_of: Callable[[str], int]) -> list[Item]:
        """Work of one kind from the heads of the lanes: no more than a batch, and one of a strict lane.

        Work that was begun before and never ended comes alone.
        """
        batch: list[Item] = []
        for name, items in self.waiting.items():
            for item in takewhile(lambda item: item.id not in self._begun, items):
                if not batch:
                    batch.append(item)
                elif item.kind != batch[0].kind or max(item.tries, batch[0].tries) > 1:
                    break
                elif len(batch) < size_of(item.kind):
                    batch.append(item)
                else:
                    return batch
                if name in self.strict:
                    break
        return batch


def claim(conn: Connection, now: datetime, owner: str, lease: timedelta, alone: Callable[[str], int]) -> Claim:
    """Lease lanes that are due, the longest waiting first, and take work from them; an empty claim if none is.

    Either several lanes, or one lane of a kind of work that is claimed alone: whoever waits for a partner's system must
    not hold other lanes, and work that may end the process must not take others down with it. alone says how much of
    such a kind is taken, 0 of others.
    """
    taken = Claim()
    found = _due_work(conn, now)
    if not found:
        return taken
    chosen = _choose(found, alone)
    if len(chosen) == 1 and (most := _most(chosen, alone)) > ITEMS:
        chosen = _choose(_work_of(conn, now, list(chosen), most), alone)
    rows_of = _lease(conn, list(chosen), owner, now + lease, [row.id for rows in chosen.values() for row in rows])
    for name, rows in chosen.items():
        taken.take(name, rows_of[name].epoch, rows_of[name].strict, [_item(row) for row in rows])
    return taken


def _lease(
    conn: Connection, names: Sequence[str], owner: str, until: datetime, ids: Sequence[int]
) -> dict[str, Row[Any]]:
    """The lanes, which are leased now, and the work with these ids counts as tried."""
    leased, tried, both = _leasing()
    given = {"names": names, "by": owner, "until": until}
    if conn.dialect.name == "postgresql":
        return {row.name: row for row in conn.execute(both, {**given, "ids": ids})}
    conn.execute(tried, {"ids": ids})
    return {row.name: row for row in conn.execute(leased, given)}


@functools.cache
def _leasing() -> tuple[ReturningUpdate[Any], Update, Select[Any]]:
    """Built once, as building takes longer than running: what leases, what counts, and both in one statement."""
    until = bindparam("until", type_=lane.c.leased_until.type)
    values = {"state": "leased", "owner": bindparam("by"), "epoch": lane.c.epoch + 1, "leased_until": until}
    leased = update(lane).where(lane.c.name.in_(bindparam("names", expanding=True))).values(**values)
    returned = leased.returning(lane.c.name, lane.c.epoch, lane.c.strict)
    tried = update(work).where(work.c.id.in_(bindparam("ids", expanding=True))).values(tries=work.c.tries + 1)
    return returned, tried, select(returned.cte("leased")).add_cte(tried.cte("tried"))


def any_due(conn: Connection, now: datetime) -> bool:
    """Whether there is a lane to claim."""
    return conn.execute(_due().limit(1), {"now": now}).first() is not None


@functools.cache
def _due() -> Select[str]:
    now = bindparam("now", type_=lane.c.due_at.type)
    backed_off = or_(lane.c.backoff_until.is_(None), lane.c.backoff_until <= now)
    return select(lane.c.name).where(lane.c.state == "ready", lane.c.due_at <= now, backed_off)


def _choose(found: dict[str, list[Row[Any]]], alone: Callable[[str], int]) -> dict[str, list[Row[Any]]]:
    """The lanes to lease and their work. A lane that turns out to have none is leased too: letting it go settles it."""
    chosen: dict[str, list[Row[Any]]] = {}
    for name, rows in found.items():
        if rows and (rows[0].tries or alone(rows[0].kind)):
            if not any(chosen.values()):
                return {name: _leading(rows, lambda row: alone(row.kind) > 0)[: alone(rows[0].kind) or 1]}
        else:
            chosen[name] = _leading(rows, lambda row: not alone(row.kind))
    return chosen


def _most(chosen: dict[str, list[Row[Any]]], alone: Callable[[str], int]) -> int:
    """How much to take of the one lane that is chosen."""
    return max((alone(rows[0].kind) for rows in chosen.values() if rows), default=0)


def _leading(rows: list[Row[Any]], wanted: Callable[[Row[Any]], bool]) -> list[Row[Any]]:
    """The head alone if it was begun before and never ended, else the leading ones that were not."""
    if rows and rows[0].tries:
        return rows[:1]
    return list(takewhile(lambda row: wanted(row) and not row.tries, rows))


def _due_work(conn: Connection, now: datetime) -> dict[str, list[Row[Any]]]:
    """Lanes that are due, the longest waiting first, and their first work; locked on PostgreSQL, where nobody waits for
    a lane that another worker looks at."""
    if conn.dialect.name != "postgresql":
        names = conn.execute(_first_due(), {"now": now}).scalars().all()
        return _work_of(conn, now, names, ITEMS) if names else {}
    found: dict[str, list[Row[Any]]] = {}
    for row in conn.execute(_first_due_with_work(), {"now": now}):
        rows = found.setdefault(row.name, [])
        if row.id is not None:
            rows.append(row)
    return found


@functools.cache
def _first_due() -> Select[str]:
    return _due().order_by(lane.c.due_at, lane.c.name).limit(LANES)


@functools.cache
def _first_due_with_work() -> Select[Any]:
    due = _first_due().add_columns(lane.c.due_at).with_for_update(skip_locked=True, key_share=True).subquery("due")
    heads = _heads(ITEMS).where(work.c.lane == due.c.name).correlate(due).lateral()
    both = select(due.c.name, heads).select_from(due.outerjoin(heads, true()))
    return both.order_by(due.c.due_at, due.c.name, heads.c.id).limit(ITEMS)


def _work_of(conn: Connection, now: datetime, names: Sequence[str], most: int) -> dict[str, list[Row[Any]]]:
    """The first due work, by id, of these lanes in their order: of as many as it takes to have `most` in all."""
    rows: list[Row[Any]] = []
    if conn.dialect.name == "postgresql":
        heads = _heads(most).where(work.c.lane == lane.c.name).correlate(lane).lateral()
        query = select(heads).select_from(lane.join(heads, true())).where(lane.c.name.in_(names))
        rows.extend(conn.execute(query.order_by(lane.c.due_at, lane.c.name, heads.c.id).limit(most), {"now": now}))
    else:
        query = _heads_of_one()
        for name in names:
            rows.extend(conn.execute(query, {"now": now, "name": name, "most": most - len(rows)}))
            if len(rows) == most:
                break
    reached = names if len(rows) < most else names[: names.index(rows[-1].lane) + 1]
    found: dict[str, list[Row[Any]]] = {name: [] for name in reached}
    for row in rows:
        found[row.lane].append(row)
    return found


@functools.cache
def _heads_of_one() -> Select[Any]:
    return _heads(bindparam("most")).where(work.c.lane == bindparam("name"))


def _heads(limit: int | ColumnElement[int]) -> Select[Any]:
    columns = (
        work.c.id,
        work.c.lane,
        work.c.kind,
        work.c.subject_id,
        work.c.arguments,
        work.c.tries,
        work.c.created_at,
    )
    due = or_(work.c.run_at.is_(None), work.c.run_at <= bindparam("now", type_=work.c.run_at.type))
    return select(*columns).where(work.c.set_aside == false(), due).order_by(work.c.id).limit(limit)


def _item(row: Row[Any]) -> Item:
    return Item(
        id=row.id,
        lane=row.lane,
        kind=row.kind,
        subject_id=row.subject_id,
        arguments=row.arguments or {},
        tries=row.tries + 1,
        created_at=row.created_at,
    )
