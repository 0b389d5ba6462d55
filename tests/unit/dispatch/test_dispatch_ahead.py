"""What is due next is claimed by the commit before, and a claim takes much work of few lanes."""

import threading
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from hub.dispatch import Commit, Dispatcher, Item, enqueue, run_workers
from hub.dispatch.claim import ITEMS
from hub.store.engine import Database, open_database
from hub.store.ports import ManualClock, SystemClock
from hub.store.tables import work
from tests.dispatching import Stage, complete, done, drain, lanes, put, waiting


def handing_on(clock: ManualClock, following: str | None) -> Stage:
    """A stage that makes work of the next kind in a lane of its own."""
    kinds = ("map", "route", "deliver")
    stage = Stage(clock, kinds[kinds.index(following) - 1] if following else kinds[-1])

    def instead(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            complete(conn, clock, items)
            for item in items:
                if following is not None:
                    enqueue(conn, clock.now(), lane=following, kind=following, subject_id=item.subject_id)

    stage.instead = instead
    return stage


def made(database: Database, clock: ManualClock) -> tuple[Dispatcher, list[Stage]]:
    stages = [handing_on(clock, following) for following in ("route", "deliver", None)]
    return Dispatcher(database, stages, clock, "worker"), stages


def test_one_round_goes_on_with_what_its_commits_claim(database: Database, clock: ManualClock) -> None:
    worker, _ = made(database, clock)
    worker.ahead = timedelta(seconds=1)
    put(database, clock, "map", "a")
    assert worker.step()
    assert done(database, "deliver") == ["a"]
    assert not worker.step()
    assert {lane.state for lane in lanes(database).values()} == {"asleep"}


def test_without_it_a_round_ends_with_its_claim(database: Database, clock: ManualClock) -> None:
    worker, _ = made(database, clock)
    put(database, clock, "map", "a")
    assert worker.step()
    assert done(database) == ["a"]
    assert drain(worker) == 2


def test_a_worker_that_stops_gives_back_what_it_has_claimed(database: Database, clock: ManualClock) -> None:
    worker, (first, *_) = made(database, clock)
    worker.ahead = timedelta(seconds=1)
    inner = first.instead
    assert inner is not None

    def stopping(items: Sequence[Item], commit: Commit) -> None:
        inner(items, commit)
        worker.stop.set()

    first.instead = stopping
    put(database, clock, "map", "a")
    assert worker.step()
    assert done(database) == ["a"]
    assert lanes(database)["route"].state == "ready"
    with database.read() as conn:
        assert conn.execute(select(work.c.tries)).scalars().all() == [0]
    worker.stop.clear()
    drain(worker)
    assert done(database, "deliver") == ["a"]


def test_a_claim_takes_much_of_few_lanes_and_leaves_the_others(database: Database, clock: ManualClock) -> None:
    for lane in ("a", "b", "c"):
        put(database, clock, lane, *(f"{lane}{number}" for number in range(ITEMS - 10)))
        clock.advance(1)
    first, second = Stage(clock), Stage(clock)

    def meanwhile(items: Sequence[Item], commit: Commit) -> None:
        first.instead = None
        assert Dispatcher(database, [second], clock, "second").step()
        with commit() as conn:
            complete(conn, clock, items)

    first.instead = meanwhile
    assert Dispatcher(database, [first], clock, "first").step()
    assert [len(batch) for batch in first.batches] == [ITEMS]
    assert second.batches == [[f"c{number}" for number in range(ITEMS - 10)]]
    assert waiting(database) == [f"b{number}" for number in range(10, ITEMS - 10)]


def test_sleepers_hear_of_what_another_process_commits(database: Database, clock: ManualClock) -> None:
    system = SystemClock()
    stage = Stage(clock)
    stop, ended = threading.Event(), threading.Event()

    def note(items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            complete(conn, clock, items)
        ended.set()

    stage.instead = note
    thread = threading.Thread(target=run_workers, args=([Dispatcher(database, [stage], system, "worker")], stop))
    thread.start()
    other = open_database(database.engine.url.render_as_string(hide_password=False))
    with other.begin() as conn:
        enqueue(conn, system.now(), lane="map", kind="map", subject_id="a")
    heard = ended.wait(60)
    stop.set()
    thread.join()
    other.dispose()
    assert heard
