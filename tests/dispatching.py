"""What the tests of dispatch share: a stage that notes what it did, and looks into the store.

Time stands still unless a test moves it.
"""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Connection, select

from hub.dispatch import (
    Commit,
    Dispatcher,
    Item,
    Lane,
    enqueue,
    list_lanes,
)
from hub.store.engine import Database
from hub.store.events import record_event
from hub.store.ports import ManualClock
from hub.store.tables import event, incident, work

Action = Callable[[Sequence[Item], Commit], None]


class Stage:
    """Writes one event for each item it completes; `fails` is what each subject raises until it is taken out."""

    def __init__(self, clock: ManualClock, kind: str = "map", batch: int = 200) -> None:
        self.kind = kind
        self.batch = batch
        self.batches: list[list[str]] = []
        self.fails: dict[str, BaseException] = {}
        self.instead: Action | None = None
        self._clock = clock

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        self.batches.append([item.subject_id for item in items])
        for item in items:
            if item.subject_id in self.fails:
                raise self.fails[item.subject_id]
        if self.instead:
            self.instead(items, commit)
            return
        with commit() as conn:
            complete(conn, self._clock, items)


def complete(conn: Connection, clock: ManualClock, items: Sequence[Item]) -> None:
    for item in items:
        record_event(conn, clock.now(), "message", item.subject_id, item.kind)


def put(database: Database, clock: ManualClock, lane: str, *subjects: str, kind: str = "map", **more: object) -> None:
    with database.begin() as conn:
        for subject in subjects:
            enqueue(conn, clock.now(), lane=lane, kind=kind, subject_id=subject, **more)  # type: ignore[arg-type]


def drain(worker: Dispatcher, rounds: int = 500) -> int:
    for count in range(rounds):
        if not worker.step():
            return count
    raise AssertionError(f"still busy after {rounds} rounds")


def done(database: Database, kind: str | None = None) -> list[str]:
    query = select(event.c.subject_id).where(event.c.subject_type == "message").order_by(event.c.seq)
    with database.read() as conn:
        return list(conn.execute(query if kind is None else query.where(event.c.name == kind)).scalars())


def lanes(database: Database) -> dict[str, Lane]:
    with database.read() as conn:
        return {found.name: found for found in list_lanes(conn)}


def waiting(database: Database) -> list[str]:
    with database.read() as conn:
        return list(conn.execute(select(work.c.subject_id).order_by(work.c.id)).scalars())


def incidents(database: Database) -> list[tuple[str, str, int]]:
    """Code, cause and count of the open ones."""
    open_ones = select(incident).where(incident.c.resolved_at.is_(None)).order_by(incident.c.opened_at)
    with database.read() as conn:
        return [(row["code"], row["cause"], row["count"]) for row in conn.execute(open_ones).mappings()]


def other_worker(worker: Dispatcher, clock: ManualClock, *stages: Stage) -> Dispatcher:
    return Dispatcher(worker.database, stages, clock, "two")


class Killed(BaseException):
    """The process ends here."""


def crash(worker: Dispatcher) -> None:
    with pytest.raises(Killed):
        worker.step()
