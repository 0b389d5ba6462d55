"""The loop around Dispatcher.step: sleeping, waking up, keeping leases alive. A simulation calls step itself."""

import gc
import logging
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import psycopg
from sqlalchemy.exc import InterfaceError, OperationalError

from hub.dispatch.claim import any_due
from hub.dispatch.work import CHANNEL, ringer
from hub.store.engine import Database

log = logging.getLogger(__name__)

DATABASE_TROUBLE = (OperationalError, InterfaceError)
"""The database is away, busy or full: nobody's work is at fault."""

_POLL = {"sqlite": 0.25, "postgresql": 1.0}
"""Seconds after which a sleeper looks by itself, for timers."""
_GLANCE = 0.01
"""Seconds after which SQLite is asked whether anybody has committed anything; that takes microseconds."""
_AHEAD = timedelta(seconds=1)
"""How long a worker claims what is next by the commit before."""
_FIRST_NAP, _TROUBLE_NAP = 0.02, 0.5
_SWITCH = 0.0002
"""Seconds a thread may compute while another one waits."""
_GARBAGE = (50_000, 20, 50)
"""How many new objects the collector lets pass, and how many of its rounds, before it looks at older ones."""


class Worker(Protocol):
    """What the loop needs of a Dispatcher."""

    database: Database
    lease: timedelta
    stop: threading.Event
    ahead: timedelta

    def step(self) -> bool: ...

    def renew(self) -> None: ...

    def sweep(self) -> int: ...


def tune_interpreter() -> None:
    """Sets this process up for threads that work with a database.

    A statement lets another thread run, and a batch makes thousands of rows that stay until it ends. With the
    interpreter's own settings whoever has an answer, and the database's lock, waits 5 ms for a thread that computes;
    and after every 700 objects garbage is looked for that is not there.
    """
    sys.setswitchinterval(_SWITCH)
    gc.set_threshold(*_GARBAGE)


def run_workers(workers: Sequence[Worker], stop: threading.Event) -> None:
    """Run each worker in a thread of its own until stop is set and what they have begun has ended.

    The workers share one database. Trouble with it is logged and tried again.
    """
    tune_interpreter()
    database = workers[0].database
    threads = [threading.Thread(target=_step_and_sleep, args=(worker, stop), daemon=True) for worker in workers]
    listen = _listen if database.dialect == "postgresql" else _look
    threading.Thread(target=listen, args=(database, stop), name="hub-listen", daemon=True).start()
    for thread in threads:
        thread.start()
    heartbeat = workers[0].lease.total_seconds() / 3
    while not stop.is_set():
        _keep_up(workers)
        stop.wait(heartbeat)
    database.wakeups.ring()
    for thread in threads:
        while thread.is_alive():
            thread.join(heartbeat)
            if thread.is_alive():
                _keep_up(workers)


def _step_and_sleep(worker: Worker, stop: threading.Event) -> None:
    worker.stop, worker.ahead = stop, _AHEAD
    wakeups = worker.database.wakeups
    nap = _FIRST_NAP
    while not stop.is_set():
        seen = wakeups.count
        try:
            busy = worker.step()
        except DATABASE_TROUBLE as error:
            log.warning("The database cannot be used now; trying again: %s", error)
            stop.wait(_TROUBLE_NAP)
            continue
        except Exception:
            log.exception("A worker's round failed; trying again")
            stop.wait(_TROUBLE_NAP)
            continue
        if busy:
            nap = _FIRST_NAP
        else:
            wakeups.wait(seen, nap)
            nap = min(nap * 2, _POLL[worker.database.dialect])


def _keep_up(workers: Sequence[Worker]) -> None:
    try:
        for worker in workers:
            worker.renew()
        workers[0].sweep()
    except DATABASE_TROUBLE as error:
        log.warning("Leases could not be renewed; trying again: %s", error)


def _listen(database: Database, stop: threading.Event) -> None:
    """Ring for what other machines write. After a lost connection ring once, for what was missed."""
    arguments, options = database.engine.dialect.create_connect_args(database.engine.url)
    while not stop.is_set():
        try:
            with psycopg.connect(*arguments, **options, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                database.wakeups.ring()
                while not stop.is_set():
                    for bell in connection.notifies(timeout=1.0, stop_after=1):
                        if bell.payload != ringer(database.engine):
                            database.wakeups.ring()
        except psycopg.OperationalError as error:
            log.warning("The database cannot be listened to; trying again: %s", error)
            stop.wait(_TROUBLE_NAP)


def _look(database: Database, stop: threading.Event) -> None:
    """Ring for what is due when anybody has committed: SQLite tells the work of other processes to nobody."""
    while not stop.is_set():
        try:
            with database.version() as version:
                seen = version()
                while not stop.wait(_GLANCE):
                    if (found := version()) != seen:
                        seen = found
                        with database.read() as conn:
                            if any_due(conn, datetime.now(UTC)):
                                database.wakeups.ring()
        except DATABASE_TROUBLE as error:
            log.warning("The database cannot be looked at; trying again: %s", error)
            stop.wait(_TROUBLE_NAP)
