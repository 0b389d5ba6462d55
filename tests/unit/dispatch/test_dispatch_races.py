"""Several real worker processes on one database: nothing lost, nothing twice, nothing out of order, nothing stuck."""

import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from hub.dispatch import Commit, Dispatcher, Item, NewItem, enqueue, enqueue_many, list_lanes, run_workers
from hub.store.engine import Database, open_database
from hub.store.migrate import upgrade
from hub.store.ports import SystemClock
from hub.store.tables import event, work
from tests.postgres import new_database, postgres

CLOCK = SystemClock()
PATIENCE = 60.0
PROGRAM = Path(__file__).resolve().parents[2] / "dispatching_worker.py"


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


@contextmanager
def processes(url: str, count: int, lease: float = 30) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Worker processes that are stopped, by force if need be, at the end."""
    started = [subprocess.Popen([sys.executable, str(PROGRAM), url, f"w{n}", str(lease)]) for n in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def put(database: Database, file: Path, lanes: int, subjects: range, **arguments: object) -> None:
    items = [
        NewItem(lane=f"map/{n % lanes}", kind="map", subject_id=str(n), arguments={"file": str(file), **arguments})
        for n in subjects
    ]
    with database.begin() as conn:
        enqueue_many(conn, CLOCK.now(), items)


def delivered(database: Database) -> dict[str, list[int]]:
    """The subjects of each lane in the order of their commits."""
    found = defaultdict(list)
    query = select(event.c.subject_id, event.c.detail).where(event.c.name == "delivered").order_by(event.c.seq)
    with database.read() as conn:
        for subject, detail in conn.execute(query):
            found[detail["lane"]].append(int(subject))
    return found


def count(database: Database) -> int:
    with database.read() as conn:
        return conn.execute(select(func.count()).select_from(event).where(event.c.name == "delivered")).scalar_one()


def assert_all_at_rest(database: Database) -> None:
    with database.read() as conn:
        assert conn.execute(select(work.c.id)).all() == []
        assert {lane.state for lane in list_lanes(conn)} == {"asleep"}


@pytest.mark.slow
def test_processes_that_race_lose_nothing_and_keep_every_order(database: Database, tmp_path: Path) -> None:
    """Work arrives while three processes of two threads each are at it."""
    url = database.engine.url.render_as_string(hide_password=False)
    total, lanes = 400, 12
    with processes(url, 3):
        for begin in range(0, total, 50):
            put(database, tmp_path / "out", lanes, range(begin, begin + 50))
        until(lambda: count(database) >= total)
    by_lane = delivered(database)
    assert {name: list(range(int(name.rpartition("/")[2]), total, lanes)) for name in by_lane} == by_lane
    assert len(by_lane) == lanes
    lines = (tmp_path / "out").read_text().splitlines()
    assert (len(lines), len(set(lines))) == (total, total)
    assert_all_at_rest(database)


@pytest.mark.slow
def test_a_killed_process_loses_nothing(database: Database, tmp_path: Path) -> None:
    """kill -9 in the middle of deliveries, twice; what was under way may go out twice, everything else once."""
    url = database.engine.url.render_as_string(hide_password=False)
    total, lanes, out = 60, 6, tmp_path / "out"
    put(database, out, lanes, range(total), slow=0.01)
    kills = 0
    for killed_after in (8, 25):
        with processes(url, 1, lease=1) as [victim]:
            until(lambda at=killed_after: count(database) >= at)  # type: ignore[misc]
            victim.kill()
            kills += 1
    with processes(url, 1, lease=1):
        until(lambda: count(database) >= total)
    by_lane = delivered(database)
    assert {name: list(range(int(name.rpartition("/")[2]), total, lanes)) for name in by_lane} == by_lane
    lines = out.read_text().splitlines()
    assert len(set(lines)) == total
    assert len(lines) - total <= kills * 2  # two threads were in a delivery each time
    assert_all_at_rest(database)


class Count:
    """Completes everything; counts."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.batch = 200
        self.seen: list[int] = []

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        with commit():
            self.seen.extend(int(item.subject_id) for item in items)


@contextmanager
def running(workers: Sequence[Dispatcher]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run_workers, args=(workers, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_no_wake_up_is_lost(database: Database) -> None:
    """The next item is written while the worker lets go the lane, and the sweeper never has to help."""

    class Swept(Dispatcher):
        def sweep(self) -> int:
            found.append(super().sweep())
            return found[-1]

    class Tell(Count):
        def run(self, items: Sequence[Item], commit: Commit) -> None:
            with commit():
                self.seen.extend(int(item.subject_id) for item in items)
                begun.release()

    found: list[int] = []
    begun = threading.Semaphore(0)
    stage = Tell("map")
    workers = [Swept(database, [stage], CLOCK, f"w{n}", timedelta(seconds=6)) for n in range(2)]
    with running(workers):
        for number in range(200):
            with database.begin() as conn:
                enqueue(conn, CLOCK.now(), lane="in/acme", kind="map", subject_id=str(number))
            assert begun.acquire(timeout=PATIENCE)
    assert stage.seen == list(range(200))
    assert sum(found) == 0
    assert_all_at_rest(database)


def test_lanes_that_feed_each_other_never_deadlock(database: Database) -> None:
    """Every lane's work enqueues into the others, from several threads: the lane locks have one order."""

    class Spread:
        kind = "spread"
        batch = 5

        def run(self, items: Sequence[Item], commit: Commit) -> None:
            with commit() as conn:
                for item in items:
                    for target in range(3 if int(item.subject_id) else 0):
                        lane, left = f"lane/{(target * 7 + item.id) % 5}", str(int(item.subject_id) - 1)
                        enqueue(conn, CLOCK.now(), lane=lane, kind="spread", subject_id=left)
            ended.extend(items)

    ended: list[Item] = []
    workers = [Dispatcher(database, [Spread()], CLOCK, f"w{n}") for n in range(4)]
    with database.begin() as conn:
        for number in range(5):
            enqueue(conn, CLOCK.now(), lane=f"lane/{number}", kind="spread", subject_id="4")
    total = 5 * (1 + 3 + 9 + 27 + 81)
    with running(workers):
        until(lambda: len(ended) >= total)
    assert len({item.id for item in ended}) == total or database.dialect == "sqlite"  # which may use an id again
    assert len(ended) == total
    assert_all_at_rest(database)


def test_a_stop_lets_work_end_and_gives_the_rest_back(database: Database) -> None:
    class Slow:
        kind = "deliver"
        batch = 1

        def run(self, items: Sequence[Item], commit: Commit) -> None:
            begun.set()
            go_on.wait(PATIENCE)
            with commit():
                ended.extend(item.subject_id for item in items)

    begun, go_on, stop = threading.Event(), threading.Event(), threading.Event()
    ended: list[str] = []
    with database.begin() as conn:
        for number in range(5):
            enqueue(conn, CLOCK.now(), lane="out/acme", kind="deliver", subject_id=str(number))
    worker = Dispatcher(database, [Slow()], CLOCK, "one")
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    assert begun.wait(PATIENCE)
    stop.set()
    go_on.set()
    thread.join(PATIENCE)
    assert ended == ["0"]
    with database.read() as conn:
        assert list(conn.execute(select(work.c.tries)).scalars()) == [0] * 4
        assert [lane.state for lane in list_lanes(conn)] == ["ready"]


def test_a_long_delivery_keeps_its_lease(database: Database) -> None:
    """The work takes several leases; the heartbeat keeps a second worker from running it too."""
    runs: list[str] = []

    class Long:
        kind = "deliver"
        batch = 1

        def run(self, items: Sequence[Item], commit: Commit) -> None:
            runs.append(items[0].subject_id)
            time.sleep(2.6)
            with commit():
                pass

    workers = [Dispatcher(database, [Long()], CLOCK, f"w{n}", timedelta(seconds=1.2)) for n in range(2)]
    with database.begin() as conn:
        enqueue(conn, CLOCK.now(), lane="out/acme", kind="deliver", subject_id="1")
    with running(workers):
        until(lambda: waiting(database) == 0)
    assert runs == ["1"]


def waiting(database: Database) -> int:
    with database.read() as conn:
        return conn.execute(select(func.count()).select_from(work)).scalar_one()


@pytest.mark.peer("postgres")
def test_workers_survive_connections_that_are_cut(postgres_database_url: str) -> None:
    """Every connection of every worker is ended again and again while work flows."""
    database = open_database(postgres_database_url)
    admin = open_database(postgres_database_url)
    stage = Count("map")
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    workers = [Dispatcher(database, [stage], CLOCK, f"w{n}", timedelta(seconds=2)) for n in range(2)]
    with running(workers):
        for begin in range(0, 200, 20):
            with admin.begin() as conn:
                for number in range(begin, begin + 20):
                    enqueue(conn, CLOCK.now(), lane=f"in/{number % 4}", kind="map", subject_id=str(number))
            with admin.begin() as conn:
                conn.execute(cut)
        until(lambda: waiting(admin) == 0)
    assert set(stage.seen) == set(range(200))
    database.dispose()
    admin.dispose()


@pytest.mark.slow
@pytest.mark.peer("postgres")
def test_a_server_that_crashes_under_load_is_used_again_in_seconds(tmp_path: Path) -> None:
    with postgres(durable=True) as server:
        url = new_database(server.url)
        database = open_database(url)
        upgrade(database)
        out, total, lanes = tmp_path / "out", 160, 8
        with processes(url, 2):
            put(database, out, lanes, range(total))
            until(lambda: count(database) > 20)
            server.restart("immediate")
            back = time.monotonic()
            database.dispose()
            before = count(database)
            until(lambda: count(database) > min(before, total - 1))
            print(f"of {total} {before} were done; work went on {time.monotonic() - back:.1f} s after the restart")
            until(lambda: count(database) >= total)
        by_lane = delivered(database)
        assert {name: list(range(int(name.rpartition("/")[2]), total, lanes)) for name in by_lane} == by_lane
        assert len(set(out.read_text().splitlines())) == total
        assert_all_at_rest(database)
        database.dispose()
