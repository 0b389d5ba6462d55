"""How fast dispatch is by itself: work passes through three lanes and every stage only enqueues the next one.

dispatch.py [ITEMS] [LANES]. Prints items per second: writing them, and one or two worker processes running all three
stages. SQLite and PostgreSQL are durable, as in earnest.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import insert

from hub.dispatch import Commit, Dispatcher, Handler, Item, NewItem, enqueue_many
from hub.store.engine import Database, open_database
from hub.store.migrate import upgrade
from hub.store.ports import SystemClock
from hub.store.tables import event
from tests.postgres import new_database, postgres

CLOCK = SystemClock()
STAGES = {"map": "route", "route": "deliver", "deliver": None}


class Pass:
    """Hands its work on, with one event for each item, as a real stage writes at least."""

    batch = 200

    def __init__(self, kind: str, following: str | None) -> None:
        self.kind = kind
        self._following = following

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        now = CLOCK.now()
        with commit() as conn:
            subject = {"at": now, "subject_type": "message", "name": self.kind, "actor": "hub"}
            conn.execute(insert(event), [{**subject, "subject_id": item.subject_id} for item in items])
            if self._following:
                enqueue_many(conn, now, [self._next(item, self._following) for item in items])

    def _next(self, item: Item, kind: str) -> NewItem:
        return NewItem(lane=f"{kind}/{item.lane.rpartition('/')[2]}", kind=kind, subject_id=item.subject_id)


def drain(url: str) -> None:
    """One worker: until everything is done, then end. Prints when its first and its last round were (seconds)."""
    database = open_database(url)
    handlers: list[Handler] = [Pass(kind, following) for kind, following in STAGES.items()]
    worker = Dispatcher(database, handlers, CLOCK, "bench")
    begin = end = time.time()
    idle = 0
    while idle < 5:
        if worker.step():
            idle, end = 0, time.time()
        else:
            idle += 1
            time.sleep(0.01)
    print(begin, end)
    database.dispose()


def fill(database: Database, items: int, lanes: int) -> float:
    begin = time.perf_counter()
    for first in range(0, items, 500):
        with database.begin() as conn:
            new = [
                NewItem(lane=f"map/{number % lanes}", kind="map", subject_id=str(number))
                for number in range(first, min(first + 500, items))
            ]
            enqueue_many(conn, CLOCK.now(), new)
    return items / (time.perf_counter() - begin)


def measure(name: str, url: str, items: int, lanes: int) -> None:
    database = open_database(url)
    upgrade(database)
    for workers in (1, 2):
        written = fill(database, items, lanes)
        command = [sys.executable, __file__, "--drain", url]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
        times = [[float(word) for word in process.communicate()[0].split()] for process in processes]
        rate = items * len(STAGES) / (max(end for _, end in times) - min(begin for begin, _ in times))
        with database.read() as conn:
            left = conn.exec_driver_sql("SELECT count(*) FROM work").scalar()
        assert left == 0, f"{left} items left"
        print(f"{name:<10} {lanes:>4} lanes  written {written:>7,.0f}/s  {workers} worker(s) {rate:>7,.0f} items/s")
    database.dispose()


def main(items: int, lanes: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    try:
        measure("sqlite", f"sqlite:///{folder / 'hub.db'}", items, lanes)
        with postgres(durable=True) as server:
            measure("postgresql", new_database(server.url), items, lanes)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--drain"]:
        drain(sys.argv[2])
    else:
        main(*map(int, sys.argv[1:3])) if len(sys.argv) > 2 else main(10_000, 50)
