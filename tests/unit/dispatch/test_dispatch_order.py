"""Lanes, batches and timers: who runs when."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from hub.dispatch import (
    Commit,
    Dispatcher,
    Item,
    NewItem,
    enqueue,
    enqueue_many,
)
from hub.store.engine import Database
from hub.store.ports import ManualClock
from tests.dispatching import Stage, complete, done, drain, incidents, lanes, put, waiting


def test_a_lane_is_done_in_order_and_leaves_nothing(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    subjects = [str(number) for number in range(450)]
    put(database, clock, "out/acme", *subjects)
    assert drain(worker) == 3
    assert done(database) == subjects
    assert [len(batch) for batch in stage.batches] == [200, 200, 50]
    assert waiting(database) == []
    assert lanes(database)["out/acme"].state == "asleep"


def test_lanes_share_a_batch(database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage) -> None:
    for number in range(30):
        put(database, clock, f"out/{number:02}", f"{number:02}a", f"{number:02}b")
    assert drain(worker) == 2
    assert [len(batch) for batch in stage.batches] == [40, 20]
    assert len(done(database)) == 60


def test_work_with_side_effects_goes_one_by_one_and_one_lane_at_a_time(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    leased: list[int] = []

    def look(items: Sequence[Item], commit: Commit) -> None:
        leased.append(sum(found.state == "leased" for found in lanes(database).values()))
        with commit() as conn:
            complete(conn, clock, items)

    deliver.instead = look
    for name in ("a", "b", "c"):
        put(database, clock, f"out/{name}", f"{name}1", f"{name}2", kind="deliver")
    assert drain(worker) == 3
    assert deliver.batches == [["a1"], ["a2"], ["b1"], ["b2"], ["c1"], ["c2"]]
    assert leased == [1] * 6


def test_kinds_in_one_lane_keep_their_order(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage, deliver: Stage
) -> None:
    for subject, kind in [("1", "map"), ("2", "map"), ("3", "deliver"), ("4", "map"), ("5", "deliver")]:
        put(database, clock, "out/acme", subject, kind=kind)
    drain(worker)
    assert done(database) == ["1", "2", "3", "4", "5"]


def test_work_written_by_a_stage_commits_with_it(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    def map_them(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            complete(conn, clock, items)
            enqueue_many(
                conn,
                clock.now(),
                [NewItem(lane="out/globex", kind="deliver", subject_id=f"{item.subject_id}!") for item in items],
            )

    stage.instead = map_them
    put(database, clock, "in/acme", "1", "2", arguments={"format": "x12"})
    drain(worker)
    assert done(database, "deliver") == ["1!", "2!"]


def test_items_carry_what_was_enqueued(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    got: list[Item] = []

    def take(items: Sequence[Item], commit: Commit) -> None:
        got.extend(items)
        with commit():
            pass

    stage.instead = take
    put(database, clock, "in/acme", "1", arguments={"n": 1, "list": ["a"]})
    worker.step()
    assert (got[0].lane, got[0].kind, got[0].subject_id, got[0].arguments) == (
        "in/acme",
        "map",
        "1",
        {"n": 1, "list": ["a"]},
    )
    assert (got[0].tries, got[0].created_at) == (1, clock.now())


def test_work_of_a_rolled_back_transaction_never_was(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    def break_off() -> None:
        with database.begin() as conn:
            enqueue(conn, clock.now(), lane="in/acme", kind="map", subject_id="1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert drain(worker) == 0
    assert lanes(database) == {}


def test_the_lane_that_waited_longest_goes_first(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    for name in ("c", "a", "b"):
        put(database, clock, f"out/{name}", *(f"{name}{number}" for number in range(25)), kind="deliver")
        clock.advance(1)

    def take_a_moment(items: Sequence[Item], commit: Commit) -> None:
        clock.advance(0.01)
        with commit() as conn:
            complete(conn, clock, items)

    deliver.instead = take_a_moment
    drain(worker)
    order = [batch[0] for batch in deliver.batches]
    assert [order[0], order[20], order[40], order[60], order[65], order[70]] == ["c0", "a0", "b0", "c20", "a20", "b20"]


def test_a_timer_runs_when_it_is_due_and_holds_up_nobody(
    database: Database, clock: ManualClock, worker: Dispatcher
) -> None:
    put(database, clock, "out/acme", "later", run_at=clock.now() + timedelta(minutes=5))
    put(database, clock, "out/acme", "now")
    drain(worker)
    assert done(database) == ["now"]
    assert lanes(database)["out/acme"].due_at == clock.now() + timedelta(minutes=5)
    clock.advance(299)
    assert not worker.step()
    clock.advance(1)
    drain(worker)
    assert done(database) == ["now", "later"]
    assert lanes(database)["out/acme"].state == "asleep"


def test_a_nearer_timer_brings_the_lane_forward(database: Database, clock: ManualClock, worker: Dispatcher) -> None:
    put(database, clock, "out/acme", "far", run_at=clock.now() + timedelta(hours=5))
    put(database, clock, "out/acme", "near", run_at=clock.now() + timedelta(minutes=1))
    clock.advance(60)
    drain(worker)
    assert done(database) == ["near"]
    clock.advance(5 * 3600)
    drain(worker)
    assert done(database) == ["near", "far"]


def test_retry_puts_an_item_off_and_its_lane_goes_on(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    def put_off(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            if items[0].subject_id == "1" and clock.now() == start:
                commit.retry(items[0], clock.now() + timedelta(seconds=30), "not there yet")
            else:
                complete(conn, clock, items)

    start = clock.now()
    deliver.instead = put_off
    put(database, clock, "out/acme", "1", "2", "3", kind="deliver")
    drain(worker)
    assert done(database) == ["2", "3"]
    clock.advance(30)
    drain(worker)
    assert done(database) == ["2", "3", "1"]


def test_putting_off_is_an_answer_and_not_a_try(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    def put_off(items: Sequence[Item], commit: Commit) -> None:
        tries.append(items[0].tries)
        with commit():
            commit.retry(items[0], clock.now() + timedelta(seconds=30))

    tries: list[int] = []
    deliver.instead = put_off
    put(database, clock, "out/acme", "1", kind="deliver")
    for _ in range(10):
        drain(worker)
        clock.advance(30)
    assert tries == [1] * 10
    assert incidents(database) == []
