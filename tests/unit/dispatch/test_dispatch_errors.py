"""Errors out of stages, outages, work set aside, and what people do then."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.dispatch import (
    Commit,
    Dispatcher,
    Item,
    drop_work,
    enqueue,
    list_set_aside,
    pause_lane,
    resume_lane,
    resume_work,
)
from hub.errors import TransientError, UsageError
from hub.store.engine import Database
from hub.store.events import record_event
from hub.store.ports import ManualClock
from hub.store.tables import incident, work
from tests.dispatching import Stage, complete, done, drain, incidents, lanes, put, waiting


def test_a_bad_item_is_set_aside_and_its_neighbours_flow(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    stage.fails["3"] = ValueError("no such unit")
    put(database, clock, "out/acme", "1", "2", "3", "4")
    put(database, clock, "out/globex", "5")
    drain(worker)
    assert sorted(done(database)) == ["1", "2", "4", "5"]
    assert [name for name in done(database) if name != "5"] == ["1", "2", "4"]
    with database.read() as conn:
        [aside] = list_set_aside(conn, "out/acme")
        assert list_set_aside(conn, "out/globex") == []
    assert aside.subject_id == "3"
    assert aside.note == "map of 3 in lane out/acme failed: ValueError: no such unit"
    assert incidents(database) == [("HUB-6012", f"work/{aside.id}", 1)]
    assert (lanes(database)["out/acme"].state, lanes(database)["out/acme"].set_aside) == ("asleep", 1)


def test_nothing_of_a_failed_batch_is_committed(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    def write_then_fail(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            complete(conn, clock, items)
            enqueue(conn, clock.now(), lane="out/x", kind="deliver", subject_id="never")
            if "2" in [item.subject_id for item in items]:
                raise ValueError("after writing")

    stage.instead = write_then_fail
    put(database, clock, "in/acme", "1", "2", "3")
    drain(worker)
    assert done(database, "map") == ["1", "3"]
    assert done(database, "deliver") == ["never", "never"]


def test_a_partners_outage_backs_off_all_lanes_of_the_connection(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    deliver.fails["1"] = TransientError("HUB-5001", "No answer.")
    put(database, clock, "out/acme/a", "1", "2", kind="deliver", connection="acme/sftp")
    put(database, clock, "out/acme/b", "3", kind="deliver", connection="acme/sftp")
    put(database, clock, "out/globex", "4", kind="deliver", connection="globex/sftp")
    drain(worker)
    assert deliver.batches == [["1"], ["4"]]
    seconds = []
    for _ in range(9):
        until = lanes(database)["out/acme/b"].backoff_until
        assert until is not None
        seconds.append((until - clock.now()).total_seconds())
        clock.set(until)
        deliver.batches.clear()
        worker.step()
        assert deliver.batches == [["1"]] or deliver.batches == [["3"]]
        if deliver.batches == [["3"]]:
            worker.step()
    assert seconds[0] == 5
    assert max(seconds) == 600
    assert seconds[1:] == sorted(seconds[1:])
    assert incidents(database)[0][:2] == ("HUB-6015", "connection/acme/sftp")
    del deliver.fails["1"]
    clock.advance(600)
    drain(worker)
    assert sorted(done(database)) == ["1", "2", "3", "4"]
    assert done(database).index("1") < done(database).index("2")
    assert incidents(database) == []
    assert lanes(database)["out/acme/a"].failures == 0


def test_a_stage_may_back_off_the_connection_with_what_it_notes(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    def hold_off(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            if clock.now() == start and items[0].lane != "out/globex":
                record_event(conn, clock.now(), "delivery", items[0].subject_id, "failed")
                commit.back_off(items[0], clock.now() + timedelta(minutes=5), "connection refused")
            else:
                complete(conn, clock, items)

    start = clock.now()
    deliver.instead = hold_off
    put(database, clock, "out/acme/a", "1", "2", kind="deliver", connection="acme/sftp")
    put(database, clock, "out/acme/b", "3", kind="deliver", connection="acme/sftp")
    put(database, clock, "out/globex", "4", kind="deliver")
    drain(worker)
    assert deliver.batches == [["1"], ["4"]]
    assert done(database) == ["4"]
    with database.read() as conn:
        assert set(conn.execute(select(work.c.tries)).scalars()) == {0}
    clock.advance(299)
    assert drain(worker) == 0
    clock.advance(1)
    drain(worker)
    assert sorted(done(database)) == ["1", "2", "3", "4"]
    assert done(database).index("1") < done(database).index("2")


@pytest.mark.parametrize(("asked", "waits"), [(42.0, 42), (0.0, 0), (-5.0, 0), (1e9, 86_400)])
def test_what_the_far_end_asks_for_is_honoured_within_reason(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage, asked: float, waits: int
) -> None:
    deliver.fails["1"] = TransientError("HUB-5001", "Too many requests.", retry_after=asked)
    put(database, clock, "out/acme", "1", kind="deliver", connection="acme/api")
    worker.step()
    assert lanes(database)["out/acme"].backoff_until == clock.now() + timedelta(seconds=waits)


def test_outages_never_set_work_aside(database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage) -> None:
    stage.fails["2"] = TransientError("HUB-5001", "No answer.")
    put(database, clock, "out/acme", "1", "2", "3")
    for _ in range(6):
        drain(worker)
        clock.advance(3600)
    assert done(database) == ["1"]
    assert waiting(database) == ["2", "3"]
    stage.fails.clear()
    drain(worker)
    assert done(database) == ["1", "2", "3"]


def test_a_strict_lane_pauses_where_it_failed(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    stage.fails["2"] = ValueError("bad")
    put(database, clock, "out/acme", "1", "2", "3", strict=True)
    put(database, clock, "out/globex", "4")
    drain(worker)
    assert done(database) == ["1", "4"] or done(database) == ["4", "1"]
    assert lanes(database)["out/acme"].state == "paused"
    assert incidents(database) == [("HUB-6012", "lane/out/acme", 1)]
    stage.fails.clear()
    with database.begin() as conn:
        resume_lane(conn, clock.now(), "out/acme", "kim")
    drain(worker)
    assert [name for name in done(database) if name != "4"] == ["1", "2", "3"]
    assert incidents(database) == []


def test_a_lane_takes_connection_and_strictness_from_the_latest_work_that_names_them(
    database: Database, clock: ManualClock
) -> None:
    put(database, clock, "out/acme", "1")
    assert (lanes(database)["out/acme"].connection, lanes(database)["out/acme"].strict) == ("", False)
    put(database, clock, "out/acme", "2", connection="acme/sftp", strict=True)
    put(database, clock, "out/acme", "3")
    assert (lanes(database)["out/acme"].connection, lanes(database)["out/acme"].strict) == ("acme/sftp", True)
    put(database, clock, "out/acme", "4", strict=False)
    assert (lanes(database)["out/acme"].connection, lanes(database)["out/acme"].strict) == ("acme/sftp", False)


def test_a_strict_lane_waits_for_the_item_that_was_put_off(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    def put_off(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            if items[0].subject_id == "1" and clock.now() == start:
                commit.retry(items[0], clock.now() + timedelta(seconds=30))
            else:
                complete(conn, clock, items)

    start = clock.now()
    stage.instead = put_off
    put(database, clock, "out/acme", "1", "2", "3", strict=True)
    drain(worker)
    assert done(database) == []
    clock.advance(30)
    drain(worker)
    assert done(database) == ["1", "2", "3"]


def test_a_stage_may_set_items_of_a_batch_aside(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    def sort_out(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            commit.set_aside(items[1], "HUB-6012", "No mapping for 850.", subject_type="message", security=True)
            complete(conn, clock, [items[0], *items[2:]])

    stage.instead = sort_out
    put(database, clock, "in/acme", "1", "2", "3")
    drain(worker)
    assert done(database) == ["1", "3"]
    with database.read() as conn:
        [aside] = list_set_aside(conn)
        [row] = conn.execute(select(incident)).mappings().all()
    assert (aside.subject_id, aside.note) == ("2", "No mapping for 850.")
    assert (row["subject_type"], row["subject_id"], row["security"]) == ("message", "2", True)


def test_a_kind_nobody_knows_is_an_incident(database: Database, clock: ManualClock, worker: Dispatcher) -> None:
    put(database, clock, "in/acme", "1", kind="teleport")
    put(database, clock, "in/acme", "2")
    drain(worker)
    assert done(database) == ["2"]
    assert incidents(database)[0][0] == "HUB-6013"


def test_a_stage_that_forgets_to_answer_is_an_incident(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    stage.instead = lambda _items, _commit: None
    put(database, clock, "in/acme", "1")
    drain(worker)
    with database.read() as conn:
        [aside] = list_set_aside(conn)
    assert aside.note is not None
    assert "without an answer for 1" in aside.note


def test_answering_outside_the_transaction_is_refused(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    stage.instead = lambda items, commit: commit.retry(items[0], clock.now())
    put(database, clock, "in/acme", "1")
    drain(worker)
    with database.read() as conn:
        [aside] = list_set_aside(conn)
    assert aside.note is not None
    assert "inside `with commit()`" in aside.note


def test_work_set_aside_can_be_resumed_or_dropped(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    stage.fails = {"1": ValueError("bad"), "2": ValueError("worse")}
    put(database, clock, "in/acme", "1", "2")
    drain(worker)
    stage.fails.clear()
    with database.read() as conn:
        first, second = list_set_aside(conn)
    with database.begin() as conn:
        resume_work(conn, clock.now(), first.id, "kim")
        drop_work(conn, clock.now(), second.id, "kim")
    assert incidents(database) == []
    drain(worker)
    assert done(database) == ["1"]
    assert waiting(database) == []
    for act in (resume_work, drop_work):
        with database.begin() as conn, pytest.raises(UsageError, match="HUB-6007"):
            act(conn, clock.now(), first.id)


def test_a_paused_lane_begins_nothing(database: Database, clock: ManualClock, worker: Dispatcher) -> None:
    put(database, clock, "in/acme", "1")
    with database.begin() as conn:
        pause_lane(conn, clock.now(), "in/acme", "kim")
    put(database, clock, "in/acme", "2")
    assert drain(worker) == 0
    assert (lanes(database)["in/acme"].state, lanes(database)["in/acme"].waiting) == ("paused", 2)
    with database.begin() as conn:
        resume_lane(conn, clock.now(), "in/acme", "kim")
    drain(worker)
    assert done(database) == ["1", "2"]
    with database.begin() as conn, pytest.raises(UsageError, match="There is no lane out/nobody"):
        pause_lane(conn, clock.now(), "out/nobody")


def test_pausing_lets_the_item_under_way_end_and_gives_the_rest_back(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    def pause_then_complete(items: Sequence[Item], commit: Commit) -> None:
        with database.begin() as conn:
            pause_lane(conn, clock.now(), "out/acme")
        with commit(done=()):
            pass
        with commit() as conn:
            complete(conn, clock, items)

    deliver.instead = pause_then_complete
    put(database, clock, "out/acme", "1", "2", "3", kind="deliver")
    drain(worker)
    assert done(database) == ["1"]
    assert lanes(database)["out/acme"].state == "paused"
    with database.read() as conn:
        assert list(conn.execute(select(work.c.tries)).scalars()) == [0, 0]


def test_resuming_a_lane_ends_its_back_off(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    deliver.fails["1"] = TransientError("HUB-5001", "No answer.", retry_after=3600)
    put(database, clock, "out/acme", "1", kind="deliver", connection="acme/sftp")
    drain(worker)
    deliver.fails.clear()
    assert drain(worker) == 0
    with database.begin() as conn:
        resume_lane(conn, clock.now(), "out/acme")
    drain(worker)
    assert done(database) == ["1"]
