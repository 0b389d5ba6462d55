"""Crashes, poison, zombies and a database that fails."""

from collections.abc import Sequence

import pytest
from sqlalchemy import event as hooks
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hub.dispatch import (
    Commit,
    Dispatcher,
    Item,
    enqueue,
)
from hub.dispatch.dispatcher import MAX_TRIES, TROUBLES
from hub.store.engine import Database
from hub.store.ports import ManualClock
from hub.store.tables import lane, work
from tests.dispatching import Killed, Stage, complete, crash, done, drain, incidents, lanes, other_worker, put, waiting


def test_after_a_crash_everything_runs_again_and_nothing_twice(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    put(database, clock, "in/acme", *"123456")
    put(database, clock, "in/globex", "7")
    stage.fails["4"] = Killed()
    crash(worker)
    stage.fails.clear()
    heir = other_worker(worker, clock, stage)
    assert not heir.step()
    assert heir.sweep() == 0
    clock.advance(31)
    assert heir.sweep() == 2
    drain(heir)
    assert [name for name in done(database) if name != "7"] == list("123456")
    assert len(done(database)) == 7


def test_a_poison_item_is_found_and_its_neighbours_flow(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    """Each of its tries ends the process: it runs alone after the first, and not at all after the third."""
    put(database, clock, "in/acme", *"1234")
    put(database, clock, "in/globex", *"567")
    stage.fails["2"] = Killed()
    killed = 0
    for _ in range(40):
        try:
            busy = worker.step()
        except Killed:
            killed += 1
            clock.advance(31)
            worker = other_worker(worker, clock, stage)
            worker.sweep()
            continue
        if not busy:
            break
    assert killed == MAX_TRIES
    assert sorted(done(database)) == list("134567")
    [(code, _cause, _count)] = incidents(database)
    assert code == "HUB-6011"
    assert [batch for batch in stage.batches if "2" in batch][1:] == [["2"], ["2"]]


def test_a_zombie_cannot_commit(database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage) -> None:
    heir_stage = Stage(clock)
    heir = other_worker(worker, clock, heir_stage)

    def sleep_too_long(items: Sequence[Item], commit: Commit) -> None:
        clock.advance(60)
        assert heir.sweep() == 1
        drain(heir)
        with commit() as conn:
            complete(conn, clock, items)
            enqueue(conn, clock.now(), lane="out/x", kind="deliver", subject_id="zombie's")

    stage.instead = sleep_too_long
    put(database, clock, "in/acme", "1", "2")
    assert worker.step()
    assert done(database) == ["1", "2"]
    assert waiting(database) == []
    assert incidents(database) == []


def test_a_zombie_whose_lane_is_leased_by_another_gives_nothing_back(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    """The other worker is in the middle of its own try when the zombie wakes up."""
    heir_stage = Stage(clock)
    heir = other_worker(worker, clock, heir_stage)

    def take_over(items: Sequence[Item], commit: Commit) -> None:
        clock.advance(60)
        assert worker.sweep() == 1
        heir_stage.instead = lambda theirs, his: zombie_wakes(items, commit, theirs, his)
        heir.step()

    def zombie_wakes(items: Sequence[Item], commit: Commit, theirs: Sequence[Item], his: Commit) -> None:
        with pytest.raises(Exception, match="HUB-6010"), commit() as conn:
            complete(conn, clock, items)
        with his() as conn:
            complete(conn, clock, theirs)

    stage.instead = take_over
    put(database, clock, "in/acme", "1")
    worker.step()
    heir_stage.instead = None
    drain(heir)
    assert done(database) == ["1"]


def test_renewing_keeps_a_long_lease_alive(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    heir = other_worker(worker, clock, Stage(clock))

    def take_long(items: Sequence[Item], commit: Commit) -> None:
        for _ in range(10):
            clock.advance(20)
            worker.renew()
            assert heir.sweep() == 0
        with commit() as conn:
            complete(conn, clock, items)

    stage.instead = take_long
    put(database, clock, "in/acme", "1")
    worker.step()
    assert done(database) == ["1"]


def test_a_worker_that_took_long_gives_the_rest_back_untried(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    def take_long(items: Sequence[Item], commit: Commit) -> None:
        clock.advance(11)
        with commit() as conn:
            complete(conn, clock, items)

    deliver.instead = take_long
    put(database, clock, "out/acme", "1", "2", "3", kind="deliver")
    worker.step()
    assert done(database) == ["1"]
    with database.read() as conn:
        assert list(conn.execute(select(work.c.tries)).scalars()) == [0, 0]
    drain(worker)
    assert done(database) == ["1", "2", "3"]


def test_trouble_with_the_database_blames_no_item(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    stage.fails["2"] = OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))
    put(database, clock, "in/acme", "1", "2", "3")
    with pytest.raises(OperationalError):
        worker.step()
    stage.fails.clear()
    drain(worker)
    assert done(database) == ["1", "2", "3"]
    assert incidents(database) == []


def test_a_database_that_refuses_for_long_blames_no_item_and_people_learn_of_it(
    database: Database, clock: ManualClock, worker: Dispatcher, stage: Stage
) -> None:
    stage.fails["1"] = OperationalError("INSERT", {}, Exception("database or disk is full"))
    put(database, clock, "in/acme", "1", "2")
    for _ in range(3):
        for _ in range(TROUBLES):
            with pytest.raises(OperationalError):
                worker.step()
        assert not worker.step()
        clock.advance(60)
    assert incidents(database) == [("HUB-6016", "connection/in/acme", 1)]
    with database.read() as conn:
        assert list(conn.execute(select(work.c.tries, work.c.set_aside))) == [(0, False), (0, False)]
    stage.fails.clear()
    drain(worker)
    assert done(database) == ["1", "2"]
    assert incidents(database) == []


def test_a_checkpoint_before_a_side_effect_stays_when_the_process_ends(
    database: Database, clock: ManualClock, worker: Dispatcher, deliver: Stage
) -> None:
    def note_then_die(items: Sequence[Item], commit: Commit) -> None:
        with commit(done=()) as conn:
            complete(conn, clock, items)
        raise Killed

    deliver.instead = note_then_die
    put(database, clock, "out/acme", "1", kind="deliver")
    crash(worker)
    assert done(database) == ["1"]
    assert waiting(database) == ["1"]


def test_the_sweeper_wakes_a_lane_that_sleeps_over_work(
    database: Database, clock: ManualClock, worker: Dispatcher
) -> None:
    put(database, clock, "in/acme", "1")
    with database.begin() as conn:
        conn.execute(lane.update().values(state="asleep", due_at=None))
    assert not worker.step()
    assert worker.sweep() == 1
    drain(worker)
    assert done(database) == ["1"]


class GoneError(OperationalError):
    """The database refuses a statement or a commit."""

    def __init__(self) -> None:
        super().__init__("statement", {}, Exception("the database is gone"))


def broken_off(worker: Dispatcher, hook: str, nth: int) -> bool:
    """Whether a round met the nth call of an engine's hook, which refuses it."""
    count = 0

    def refuse(*_arguments: object) -> None:
        nonlocal count
        count += 1
        if count == nth:
            raise GoneError

    hooks.listen(worker.database.engine, hook, refuse)
    try:
        worker.step()
    except GoneError:
        return True
    finally:
        hooks.remove(worker.database.engine, hook, refuse)
    return False


@pytest.mark.parametrize("hook", ["before_cursor_execute", "commit"])
def test_whatever_the_database_refuses_nothing_is_lost(
    database: Database, clock: ManualClock, stage: Stage, hook: str
) -> None:
    """Fail the n-th statement, or commit, of a round for every n: the next rounds bring all to its end, in order."""
    worker = Dispatcher(database, [stage], clock, "one")
    nth, subjects = 1, 0
    while True:
        put(database, clock, "in/acme", *(str(subjects + number) for number in range(3)))
        subjects += 3
        met = broken_off(worker, hook, nth)
        for _ in range(2):
            clock.advance(31)
            worker.sweep()
            drain(worker)
        assert done(database) == [str(number) for number in range(subjects)]
        assert incidents(database) == []
        assert lanes(database)["in/acme"].state == "asleep"
        if not met:
            break
        nth += 1
    assert nth > (6 if hook == "before_cursor_execute" else 2)
