"""Any interleaving of enqueue, work, retry, failure, crash, pause and time keeps dispatch's promises.

A model beside the database says what each lane may do next; the workers' real rounds are checked against it.
"""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from hub.dispatch import (
    Commit,
    Dispatcher,
    Item,
    enqueue,
    list_lanes,
    list_set_aside,
    pause_lane,
    resume_lane,
    resume_work,
)
from hub.errors import TransientError
from hub.store.engine import Database, open_database
from hub.store.ports import ManualClock
from hub.store.tables import incident, work
from hub.store.tables import lane as lane_table
from tests.dispatching import Killed

LANES = ["free/a", "free/b", "strict/a", "strict/b"]
KINDS = {"batch": 200, "single": 1}
FATES = ["done", "done", "done", "retry", "fail", "transient", "back_off", "crash"]


class Stage:
    """Does to each item what its fate says, and notes the order in which items were completed."""

    def __init__(self, kind: str, model: "Dispatching") -> None:
        self.kind = kind
        self.batch = KINDS[kind]
        self._model = model

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        model = self._model
        for item in items:
            model.begun(item)
            if model.fate[item.subject_id] == "crash":
                model.crashes[item.subject_id] += 1
                raise Killed
            if model.fate[item.subject_id] == "fail":
                raise ValueError(item.subject_id)
            if model.fate[item.subject_id] == "transient":
                model.fate[item.subject_id] = "done"
                raise TransientError("HUB-5001", "No answer.")
        held = {item.lane for item in items if model.fate[item.subject_id] == "back_off"}
        with commit(done=[item for item in items if item.lane not in held]):
            for item in items:
                if model.fate[item.subject_id] == "back_off":
                    model.fate[item.subject_id] = "done"
                    commit.back_off(item, model.clock.now() + timedelta(seconds=20))
                elif item.lane in held:
                    commit.back_off(item, model.clock.now() + timedelta(seconds=20))
                elif model.fate[item.subject_id] == "retry":
                    model.fate[item.subject_id] = "done"
                    commit.retry(item, model.clock.now() + timedelta(seconds=60))
                    model.put_off.add(item.subject_id)
        ended = [item.subject_id for item in items if item.lane not in held]
        model.completed.extend(subject for subject in ended if subject not in model.put_off)
        model.put_off_before |= model.put_off
        model.put_off.clear()


class Dispatching(RuleBasedStateMachine):
    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.fate: dict[str, str] = {}
        self.lane_of: dict[str, str] = {}
        self.timers: dict[str, datetime] = {}
        self.completed: list[str] = []
        self.put_off: set[str] = set()
        self.put_off_before: set[str] = set()
        self.resumed: set[str] = set()
        self.crashes: dict[str, int] = {}
        self.paused: set[str] = set()
        self.workers = [self.worker(), self.worker()]
        with self.database.begin() as conn:
            conn.execute(work.delete())
            conn.execute(lane_table.delete())
            conn.execute(incident.delete())

    def worker(self) -> Dispatcher:
        return Dispatcher(self.database, [Stage(kind, self) for kind in KINDS], self.clock, "worker")

    def begun(self, item: Item) -> None:
        """What must hold whenever an item is handed to a stage."""
        subject = item.subject_id
        assert subject not in self.completed, "completed twice"
        assert self.lane_of[subject] == item.lane
        assert self.clock.now() >= self.timers.get(subject, self.clock.now()), "before its time"
        assert item.lane not in self.paused, "in a paused lane"
        assert self.crashes[subject] < 3, "a poison item was begun again"

    @rule(
        name=st.sampled_from(LANES),
        kind=st.sampled_from(list(KINDS)),
        fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=4),
        wait=st.sampled_from([None, None, 30, 90]),
    )
    def put(self, name: str, kind: str, fates: list[str], wait: int | None) -> None:
        run_at = None if wait is None else self.clock.now() + timedelta(seconds=wait)
        with self.database.begin() as conn:
            for fate in fates:
                subject = str(len(self.fate))
                self.fate[subject], self.lane_of[subject], self.crashes[subject] = fate, name, 0
                if run_at:
                    self.timers[subject] = run_at
                strict = name.startswith("strict")
                enqueue(
                    conn,
                    self.clock.now(),
                    lane=name,
                    kind=kind,
                    subject_id=subject,
                    run_at=run_at,
                    strict=strict,
                    connection=name[-1],
                )

    @rule(which=st.integers(0, 1), rounds=st.integers(1, 4))
    def work(self, which: int, rounds: int) -> None:
        for _ in range(rounds):
            try:
                if not self.workers[which].step():
                    return
            except Killed:
                self.workers[which] = self.worker()
                return

    @rule(seconds=st.sampled_from([1, 31, 61, 700]))
    def pass_time(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.workers[0].sweep()

    @rule(name=st.sampled_from(LANES))
    def pause(self, name: str) -> None:
        if name in self.lane_of.values():
            with self.database.begin() as conn:
                pause_lane(conn, self.clock.now(), name)
            self.paused.add(name)

    @rule(name=st.sampled_from(LANES))
    def resume(self, name: str) -> None:
        if name in self.lane_of.values():
            with self.database.begin() as conn:
                resume_lane(conn, self.clock.now(), name)
            self.paused.discard(name)

    @precondition(lambda self: any(fate == "fail" for fate in self.fate.values()))
    @rule()
    def mend(self) -> None:
        """What made items fail or crash is mended, and a person resumes what was set aside."""
        for subject, fate in self.fate.items():
            if fate in ("fail", "crash"):
                self.fate[subject] = "done"
            self.crashes[subject] = 0
        with self.database.begin() as conn:
            for aside in list_set_aside(conn):
                resume_work(conn, self.clock.now(), aside.id)
                self.resumed.add(aside.subject_id)

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.database.read() as conn:
            held = set(conn.execute(select(work.c.subject_id)).scalars())
        assert held | set(self.completed) == set(self.fate)
        assert not held & set(self.completed)

    @invariant()
    def lanes_keep_their_order(self) -> None:
        """Only timers, and in lanes that are not strict items put off or resumed, may be overtaken."""
        for name in LANES:
            moved = (
                self.timers.keys()
                if name.startswith("strict")
                else self.timers.keys() | self.put_off_before | self.resumed
            )
            order = [int(one) for one in self.completed if self.lane_of[one] == name and one not in moved]
            assert order == sorted(order)

    @invariant()
    def no_lane_sleeps_over_work(self) -> None:
        with self.database.read() as conn:
            for lane in list_lanes(conn):
                assert lane.state != "asleep" or lane.waiting == 0, lane
                assert lane.state != "ready" or lane.due_at is not None, lane

    def teardown(self) -> None:
        """Whatever happened: once everything is mended and time passes, everything is completed."""
        for subject in self.fate:
            self.fate[subject] = "done"
        for _ in range(30):
            self.clock.advance(3600)
            self.workers[0].sweep()
            self.mend()
            for name in {*self.lane_of.values()}:
                self.resume(name)
            for _ in range(1000):
                if not self.workers[0].step():
                    break
            if len(self.completed) == len(self.fate):
                break
        assert sorted(map(int, self.completed)) == list(range(len(self.fate)))
        self.lanes_keep_their_order()
        with self.database.read() as conn:
            assert {lane.state for lane in list_lanes(conn)} <= {"asleep"}


STEPS = settings(max_examples=settings().max_examples // 2, stateful_step_count=25)


def test_promises_hold_on_sqlite(sqlite_template: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(f"sqlite:///{shutil.copy(sqlite_template, Path(folder) / 'hub.db')}")
        machine = type("OnSqlite", (Dispatching,), {"database": opened})
        run_state_machine_as_test(machine, settings=STEPS)
        opened.dispose()


@pytest.mark.peer("postgres")
def test_promises_hold_on_postgres(postgres_database_url: str) -> None:
    opened = open_database(postgres_database_url)
    machine = type("OnPostgres", (Dispatching,), {"database": opened})
    run_state_machine_as_test(machine, settings=STEPS)
    opened.dispose()
