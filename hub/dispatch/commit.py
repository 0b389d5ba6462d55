"""The one transaction in which a handler's results, its further work and the end of its work are written."""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from hub.dispatch.claim import Claim
from hub.dispatch.lanes import settle
from hub.dispatch.work import Item, insert_work, lock_lanes, make_lanes, ring, write_work
from hub.errors import HubError, UsageError
from hub.store.engine import Database, at_commit, now
from hub.store.incidents import open_incident, resolve_incident
from hub.store.ports import Clock
from hub.store.tables import lane, work

OUTAGE = 3
"""Failures in a row after which a connection's back-off opens an incident."""


class LeaseLostError(HubError):
    """Another worker has the lane now. Nothing was committed."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__("HUB-6010", f"Another worker has taken over: {', '.join(sorted(names))}.")
        self.names = names


class Commit:
    """Handed to a handler with its items.

        with commit() as conn:           # write results, enqueue further work; all items are done
        with commit(done=[item]) as conn:  # only these are done; done=() notes something before a side effect

    Inside the block, retry, put_off, back_off and set_aside say that an item is not done. The block commits only if
    this worker still holds every lane of the items; LeaseLostError otherwise, and nothing is written.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        owner: str,
        taken: Claim,
        items: Sequence[Item],
        stop: threading.Event,
        ahead: Callable[[Connection, datetime], Claim] | None = None,
    ) -> None:
        """ahead: claims what comes next, in the transaction that ends the last work of the claim there is."""
        self.open = list(items)
        self.following: Claim | None = None
        self._ahead = ahead
        self._stop = stop
        self._database = database
        self._clock = clock
        self._owner = owner
        self._claim = taken
        self._conn: Connection | None = None
        self._not_done: set[int] = set()
        self._holding: dict[str, datetime | None] = {}
        self._backing_off: dict[str, datetime] = {}
        self._woken: set[str] = set()
        self._moment: datetime | None = None

    @contextlib.contextmanager
    def __call__(self, done: Sequence[Item] | None = None) -> Iterator[Connection]:
        self._not_done, self._holding, self._backing_off = set(), {}, {}
        self._woken, self._moment = set(), None
        with self._database.begin() as conn:
            self._conn = conn
            try:
                yield conn
            finally:
                self._conn = None
            items = self.open if done is None else done
            ids = {item.id for item in items} - self._not_done
            let_go = self._end(conn, ids)
            following = None
            if self._ahead is not None and self._claim.epochs.keys() <= let_go:
                following = self._ahead(conn, self._now(conn))
            if self._woken - (following.epochs.keys() if following else set()):
                ring(conn)
        self.following = following or self.following
        self._claim.end(ids | self._not_done, let_go)
        self.open = [item for item in self.open if item.id not in ids | self._not_done]

    @property
    def stopping(self) -> bool:
        """The worker is to end: begin nothing more, and leave what is not begun."""
        return self._stop.is_set()

    def is_strict(self, item: Item) -> bool:
        """Whether what is behind the item may not overtake it."""
        return item.lane in self._claim.strict

    def pause(self, seconds: float) -> None:
        """Sleep in the middle of work, unless the worker is to end."""
        self._stop.wait(seconds)

    def leave(self, items: Sequence[Item]) -> None:
        """These were not begun: another round takes them."""
        self._claim.leave(items)
        left = {item.id for item in items}
        self.open = [item for item in self.open if item.id not in left]

    def retry(self, item: Item, run_at: datetime, note: str = "") -> None:
        """Run the item again at run_at. Other work of the lane goes on meanwhile, unless the lane is strict."""
        conn = self._inside(item)
        strict = item.lane in self._claim.strict
        conn.execute(
            update(work)
            .where(work.c.id == item.id)
            .values(run_at=None if strict else run_at, tries=0, note=note or None)
        )
        if strict:
            self._holding[item.lane] = run_at

    def put_off(self, item: Item, until: datetime, note: str = "") -> None:
        """The lane waits, and then the item is first again; it was not tried."""
        conn = self._inside(item)
        conn.execute(update(work).where(work.c.id == item.id).values(run_at=None, tries=0, note=note or None))
        self._holding[item.lane] = until

    def back_off(self, item: Item, until: datetime, note: str = "") -> None:
        """The partner's system is at fault: the connection's lanes all wait, and then the item is first again."""
        self.put_off(item, until, note)
        self._backing_off[item.lane] = until

    def set_aside(
        self, item: Item, code: str, message: str, *, subject_type: str = "work", security: bool = False
    ) -> None:
        """A person must look: the item waits with an incident and the lane goes on; a strict lane pauses instead."""
        conn = self._inside(item)
        strict = item.lane in self._claim.strict
        conn.execute(update(work).where(work.c.id == item.id).values(set_aside=not strict, tries=0, note=message))
        cause = f"lane/{item.lane}" if strict else f"work/{item.id}"
        open_incident(conn, self._clock, cause, code, message, subject_type, item.subject_id, security)
        if strict:
            self._holding[item.lane] = None

    def _inside(self, item: Item) -> Connection:
        if self._conn is None:
            raise UsageError("HUB-6012", f"Work {item.id} can only be answered inside `with commit()`.")
        self._not_done.add(item.id)
        return self._conn

    def _end(self, conn: Connection, done: set[int]) -> set[str]:
        """Fence, write further work, delete what is done, and let go the lanes that have no more. Those lanes."""
        own = {item.lane for item in self.open}
        waiting = at_commit(conn, write_work)
        pending = list(waiting)
        waiting.clear()
        make_lanes(conn, pending)
        held = self._of_connections(conn)
        locked = lock_lanes(conn, own | {item.lane for _, item in pending} | held.keys())
        self._fence(locked, own)
        if pending:
            self._woken = insert_work(conn, pending, locked)
        if done:
            conn.execute(delete(work).where(work.c.id.in_(done)))
        ended = done | self._not_done
        let_go = {name for name in own if self._may_let_go(name, ended, paused=locked[name].paused)}
        recovered = {item.lane for item in self.open if item.id in done and locked[item.lane].failures}
        if not (let_go or held or self._holding or recovered):
            return let_go
        moment = self._now(conn)
        give_back(conn, self._claim, let_go)
        settle(conn, moment, let_go)
        for name, until in sorted((held | self._holding).items()):
            waits = {"backoff_until": until} if until else {"paused": True, "state": "paused"}
            conn.execute(update(lane).where(lane.c.name == name).values(**waits))
        for name in sorted(recovered):
            self._recover(conn, moment, locked[name])
        return let_go

    def _now(self, conn: Connection) -> datetime:
        """The moment of this transaction's end."""
        self._moment = self._moment or now(conn, self._clock)
        return self._moment

    def _of_connections(self, conn: Connection) -> dict[str, datetime | None]:
        """The lanes that share a connection with a lane that backs off, and until when."""
        held: dict[str, datetime | None] = {}
        for name, until in self._backing_off.items():
            connection = select(lane.c.connection).where(lane.c.name == name, lane.c.connection != "").scalar_subquery()
            for other in conn.execute(select(lane.c.name).where(lane.c.connection == connection)).scalars():
                held[other] = until
        return held

    def _fence(self, locked: Mapping[str, Row[Any]], own: Collection[str]) -> None:
        epochs = self._claim.epochs
        lost = {name for name in own if (locked[name].owner, locked[name].epoch) != (self._owner, epochs.get(name))}
        if lost:
            raise LeaseLostError(lost)

    def _may_let_go(self, name: str, ended: set[int], *, paused: bool) -> bool:
        """Nothing of the lane is under way, and there is no more of it, or it is to stop here."""
        if name in self._holding:
            return True
        more = any(item.id not in ended for item in self._claim.waiting[name])
        return not more or (paused and not self._claim.under_way(name, ended))

    def _recover(self, conn: Connection, moment: datetime, row: Row[Any]) -> None:
        """The partner's system answers again."""
        conn.execute(update(lane).where(lane.c.name == row.name).values(failures=0, backoff_until=None))
        if row.failures >= OUTAGE:
            resolve_incident(conn, moment, f"connection/{row.connection or row.name}")


def give_back(conn: Connection, taken: Claim, names: Collection[str]) -> None:
    """Work of these lanes that was taken and not begun counts as never tried."""
    ids = taken.untouched(names)
    if ids:
        conn.execute(update(work).where(work.c.id.in_(ids)).values(tries=work.c.tries - 1))
