"""A worker: claims lanes, runs their work through handlers, and answers whatever comes out of them."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, select, update

from hub.dispatch.claim import LANES, Claim, claim
from hub.dispatch.commit import OUTAGE, Commit, LeaseLostError, give_back
from hub.dispatch.lanes import draining, pause_drained, settle, sweep
from hub.dispatch.loop import DATABASE_TROUBLE, run_workers
from hub.dispatch.watch import WATCH
from hub.dispatch.work import Item, lock_lanes
from hub.errors import HubError, TransientError
from hub.store.engine import Database, now
from hub.store.events import record_event
from hub.store.incidents import open_incident
from hub.store.ports import Clock, new_id
from hub.store.tables import lane, work

MAX_TRIES = 3
TROUBLES = 10
"""How often in a row the database may refuse one piece of work before its lane backs off."""
LEASE = timedelta(seconds=30)
_FIRST_BACKOFF, _LONGEST_BACKOFF, _LONGEST_ASKED = 5.0, 600.0, 86_400.0


class Handler(Protocol):
    """Does one kind of work. batch: 1 for work with side effects, up to 200 for work without. A kind of batch 1, or one
    that says `alone = True`, is claimed one lane at a time.

    run computes first, without a transaction, and then writes within `with commit() as conn`. It may raise
    TransientError (the lane's connection backs off and the work is tried again); any other error of a batch has its
    items run again one by one, and of a single item sets it aside with an incident.
    """

    @property
    def kind(self) -> str: ...

    @property
    def batch(self) -> int: ...

    def run(self, items: Sequence[Item], commit: Commit) -> None: ...


class Dispatcher:
    """One worker for one thread; start several for more. It must be given every kind of handler there is work for."""

    def __init__(
        self, database: Database, handlers: Sequence[Handler], clock: Clock, owner: str, lease: timedelta = LEASE
    ) -> None:
        self.owner = f"{owner[:60]}/{new_id(clock)}"
        self.lease = lease
        self.database = database
        self._handlers = {handler.kind: handler for handler in handlers}
        self._clock = clock
        self._claim = Claim()
        self._following: Claim | None = None
        self._begun = clock.now()
        self._troubles = (0, 0)
        self.stop = threading.Event()
        self.ahead = timedelta(0)

    def step(self) -> bool:
        """One round: claim lanes and run what was taken. False: nothing was due.

        For as long as `ahead` says, what is due next is claimed by the commit that ends what was taken, and is done in
        the same round: one commit fewer, and nobody has to be woken.
        """
        self._let_go()  # of a round that the database broke off
        with self.database.begin(durable=False) as conn:
            self._claim = self._take(conn, now(conn, self._clock))
        if not self._claim.epochs:
            return False
        self._begun = self._clock.now()
        while True:
            if batch := self._claim.next_batch(self._size_of):
                self._run(batch)
            elif self._following is not None:
                self._claim, self._following = self._following, None
            else:
                break
            if self._is_late(self.lease / 3):
                break
        self._let_go()
        return True

    def _take(self, conn: Connection, moment: datetime) -> Claim:
        return claim(conn, moment, self.owner, self.lease, self._alone)

    def _is_late(self, most: timedelta) -> bool:
        """Whether the round is to end: it has taken so long, or the worker is to stop."""
        return self.stop.is_set() or self._clock.now() - self._begun >= most

    def run(self, stop: threading.Event) -> None:
        """Step until stop is set; sleep while nothing is due; keep leases alive and sweep meanwhile."""
        run_workers([self], stop)

    def renew(self) -> None:
        """Extend the leases of what is under way."""
        mine = lane.c.owner == self.owner
        with self.database.begin() as conn:
            until = now(conn, self._clock) + self.lease
            names = conn.execute(select(lane.c.name).where(mine, lane.c.state == "leased")).scalars().all()
            lock_lanes(conn, names)
            conn.execute(update(lane).where(lane.c.name.in_(names), mine).values(leased_until=until))

    def sweep(self) -> int:
        """Let go lanes whose worker is gone, and wake lanes that sleep over work. How many. Those that were to be
        drained and are empty are paused."""
        with self.database.begin() as conn:
            count, drained = sweep(conn, now(conn, self._clock)), draining(conn)
        for name in drained:
            with self.database.begin() as conn:
                pause_drained(conn, now(conn, self._clock), name)
        return count

    def _size_of(self, kind: str) -> int:
        handler = self._handlers.get(kind)
        return handler.batch if handler else 1

    def _alone(self, kind: str) -> int:
        size = self._size_of(kind)
        return max(LANES, size) if size == 1 or getattr(self._handlers.get(kind), "alone", False) else 0

    def _run(self, batch: Sequence[Item]) -> None:
        self._claim.begin(batch)
        ahead = None if self._is_late(self.ahead) else self._take
        commit = Commit(self.database, self._clock, self.owner, self._claim, batch, self.stop, ahead)
        try:
            self._attempt(batch, commit)
        except LeaseLostError as error:
            self._claim.end((), error.names)
        except DATABASE_TROUBLE as error:
            self._trouble(commit.open, error)
            raise
        except Exception as error:  # noqa: BLE001 - whatever a stage raises must end as a retry or an incident
            if len(batch) == 1:
                self._fail(batch[0], error)
            else:
                self._run_alone(commit.open)
        finally:
            self._following = commit.following or self._following

    def _attempt(self, batch: Sequence[Item], commit: Commit) -> None:
        first = batch[0]
        if first.tries > MAX_TRIES:
            message = f"{first.kind} of {first.subject_id} was begun {MAX_TRIES} times and never ended."
            raise HubError("HUB-6011", message)
        if first.kind not in self._handlers:
            raise HubError("HUB-6013", f"This worker does not know how to do {first.kind} of {first.subject_id}.")
        with WATCH.over(batch):
            self._handlers[first.kind].run(batch, commit)
        if commit.open:
            left = ", ".join(item.subject_id for item in commit.open[:5])
            raise HubError("HUB-6012", f"The stage {first.kind} returned without an answer for {left}.")

    def _trouble(self, items: Sequence[Item], error: Exception) -> None:
        """The database is at fault, so nothing counts as tried. What meets it again and again backs off, so that people
        learn of it, whether the disk is full or one statement can never work."""
        if not items:
            return
        self._claim.leave(items)
        first = items[0]
        known, times = self._troubles
        self._troubles = (first.id, times + 1 if known == first.id else 1)
        if self._troubles[1] % TROUBLES == 0:
            self._claim.begin([first])
            text = f"The database did not take what {first.kind} of {first.subject_id} is to write: {error}"
            self._back_off(first, TransientError("HUB-6016", text))

    def _run_alone(self, items: Sequence[Item]) -> None:
        """Find what failed a batch. A lane goes no further than the item that fails in a way that stops the lane."""
        for item in items:
            if item.lane in self._claim.epochs:
                self._run([item])

    def _fail(self, item: Item, error: Exception) -> None:
        try:
            if isinstance(error, TransientError):
                self._back_off(item, error)
                return
            code = error.code if isinstance(error, HubError) else "HUB-6012"
            text = error.message if isinstance(error, HubError) else f"{type(error).__name__}: {error}"
            message = f"{item.kind} of {item.subject_id} in lane {item.lane} failed: {text}"
            commit = Commit(self.database, self._clock, self.owner, self._claim, [item], self.stop)
            with commit():
                commit.set_aside(item, code, message)
        except LeaseLostError as lost:
            self._claim.end((), lost.names)

    def _back_off(self, item: Item, error: TransientError) -> None:
        """All lanes of the connection wait, longer with every failure in a row, or as long as the far end asked for."""
        with self.database.begin() as conn:
            moment = now(conn, self._clock)
            known = conn.execute(select(lane.c.connection, lane.c.failures).where(lane.c.name == item.lane)).one()
            failures = known.failures + 1
            until = moment + timedelta(seconds=_seconds(failures, error.retry_after))
            self._note_failure(conn, item, known.connection or item.lane, failures, until, error)
            of_it = lane.c.connection == known.connection if known.connection else lane.c.name == item.lane
            names = conn.execute(select(lane.c.name).where(of_it)).scalars().all()
            row = lock_lanes(conn, names)[item.lane]
            if (row.owner, row.epoch) != (self.owner, self._claim.epochs.get(item.lane)):
                raise LeaseLostError([item.lane])
            conn.execute(update(lane).where(lane.c.name.in_(names)).values(backoff_until=until))
            conn.execute(update(work).where(work.c.id == item.id).values(tries=0, note=error.message))
            give_back(conn, self._claim, [item.lane])
            settle(conn, moment, [item.lane], failures=failures)
        self._claim.end((), [item.lane])

    def _note_failure(
        self, conn: Connection, item: Item, subject: str, failures: int, until: datetime, error: TransientError
    ) -> None:
        moment = now(conn, self._clock)
        detail = {"lane": item.lane, "failures": failures, "until": until.isoformat(), "error": str(error)}
        record_event(conn, moment, "connection", subject, "backed_off", detail=detail)
        if failures >= OUTAGE:
            said = f"{subject} failed {failures} times in a row; the next try is at {until:%Y-%m-%d %H:%M:%S} UTC."
            message = f"{said} The last error: {error.message}"
            code = error.code if error.code.startswith("HUB-6") else "HUB-6015"  # what the hub itself needs is away
            open_incident(conn, self._clock, f"connection/{subject}", code, message, "connection", subject)

    def _let_go(self) -> None:
        """Give back lanes that are still held and work that was not begun."""
        if self._following is not None:
            self._give_back()
            self._claim, self._following = self._following, None
        self._give_back()

    def _give_back(self) -> None:
        held = self._claim.epochs
        if not held:
            return
        with self.database.begin() as conn:
            rows = lock_lanes(conn, held).values()
            mine = [row.name for row in rows if (row.owner, row.epoch) == (self.owner, held[row.name])]
            give_back(conn, self._claim, mine)
            settle(conn, now(conn, self._clock), mine)
        self._claim = Claim()


def _seconds(failures: int, asked: float | None) -> float:
    """How long to back off after this many failures in a row, if the far end has not asked for a time."""
    if asked is not None:
        return min(max(asked, 0.0), _LONGEST_ASKED)
    return min(_FIRST_BACKOFF * 2.0 ** min(failures - 1, 20), _LONGEST_BACKOFF)
