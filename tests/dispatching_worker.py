"""A worker process for tests that race or kill real processes: dispatching_worker.py URL OWNER LEASE_SECONDS.

It runs three stages (map, route, deliver) with the loop the hub uses. A delivery is a line appended to the file
named by the work's arguments, so what really went out can be counted after the process is gone.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hub.dispatch import Commit, Dispatcher, Handler, Item, NewItem, enqueue_many, run_workers
from hub.store.engine import open_database
from hub.store.events import record_event
from hub.store.ports import SystemClock

CLOCK = SystemClock()


class Pass:
    """Hands its work on to the next lane."""

    batch = 200

    def __init__(self, kind: str, following: str) -> None:
        self.kind = kind
        self._following = following

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        with commit() as conn:
            enqueue_many(
                conn,
                CLOCK.now(),
                [
                    NewItem(
                        lane=f"{self._following}/{item.lane.rpartition('/')[2]}",
                        kind=self._following,
                        subject_id=item.subject_id,
                        arguments=item.arguments,
                    )
                    for item in items
                ],
            )


class Append:
    """Appends the subject to a file, then commits an event. `slow` seconds lie between the two."""

    kind = "deliver"
    batch = 1

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        [item] = items
        descriptor = os.open(item.arguments["file"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{item.lane} {item.subject_id}\n".encode())
        os.close(descriptor)
        time.sleep(item.arguments.get("slow", 0))
        with commit() as conn:
            record_event(conn, CLOCK.now(), "delivery", item.subject_id, "delivered", detail={"lane": item.lane})


def main(url: str, owner: str, lease: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    database = open_database(url)
    stages: list[Handler] = [Pass("map", "route"), Pass("route", "deliver"), Append()]
    workers = [
        Dispatcher(database, stages, CLOCK, f"{owner}/{number}", timedelta(seconds=float(lease))) for number in range(2)
    ]
    run_workers(workers, stop)
    database.dispose()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(*sys.argv[1:])
