"""Opens the database: one file of SQLite, or PostgreSQL by its address.

Both sides promise the same: begin() is one write transaction, durable when it returns; read() sees one state.
"""

import contextlib
import fcntl
import importlib
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from select import POLLIN
from select import poll as poller
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, OperationalError

from hub.errors import ConfigError, UsageError
from hub.store import batch
from hub.store.lengths import tell_lengths
from hub.store.objects import Objects
from hub.store.ports import Clock, SystemClock
from hub.store.types import UtcTime

T = TypeVar("T")

BUSY_SECONDS = 30
_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "gpfs",
    "ocfs2",
    "ncpfs",
}
_FUSE_NETWORK = {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.cifs"}
_AT_COMMIT = "hub.at_commit"
_WOKEN = "hub.woken"
_OBJECTS = "hub_objects"
_LET_GO = "hub.let_go"
_MODE = "hub.mode"
_LEFT = "hub.left"
_CLOCK = "hub.clock"
_COUNTED = 10.0
"""Seconds for which a machine's own clock is trusted to count on from the database's."""
_TRUSTED = 1.0
"""Seconds after which a pooled connection is asked whether it still is one."""


class Wakeups:
    """Counts what may have made a worker's sleep pointless; a sleeper waits for a count it has not seen."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def ring(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, seconds)


class Database:
    """A pool of connections to one database. Threads may share it; a connection belongs to one thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.wakeups = Wakeups()
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._queue: int | None = None
        weakref.finalize(self, engine.dispose)  # at the end of the process, too: the server is told goodbye

    @property
    def dialect(self) -> str:
        """sqlite or postgresql."""
        return self.engine.dialect.name

    @property
    def objects(self) -> Objects | None:
        """Where the bytes of large payloads are, if not in the database."""
        return objects_of(self.engine)

    @contextlib.contextmanager
    def begin(self, *, durable: bool = True) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back by an exception. durable False: a machine
        that loses its power may forget it, unless a durable one followed; what was to happen then is as if not begun.

        UsageError HUB-6006: this thread is already writing (SQLite, where the second would wait for the first).
        """
        with self._turn(), self.engine.connect() as conn:
            conn.info[_AT_COMMIT] = {}
            conn.info[_WOKEN] = False
            conn.info[_LET_GO] = []
            batch.gather(conn, begin=True)
            try:
                with conn.execution_options(hub_lasting=durable).begin():
                    if not durable and self.dialect == "postgresql":
                        conn.exec_driver_sql("SET LOCAL synchronous_commit TO off")
                    yield conn
                    batch.send(conn)
                    _flush(conn)
            finally:
                batch.gather(conn, begin=False)
            woken, let_go = conn.info[_WOKEN], conn.info[_LET_GO]
        if woken:
            self.wakeups.ring()
        if let_go and self.objects is not None:
            self.objects.delete_or_leave(let_go)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading, rolled back at the end. Keep it short: on SQLite it can hold up writers."""
        options: dict[str, Any] = {"hub_read": True}
        if self.dialect == "postgresql":
            options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        with self.engine.connect() as conn:
            yield conn.execution_options(**options)

    @contextlib.contextmanager
    def version(self) -> Iterator[Callable[[], int]]:
        """Of SQLite: a number that is another one when anybody has committed; to ask for it takes microseconds."""
        with contextlib.closing(self.engine.raw_connection()) as raw:
            cursor: Any = raw.cursor()

            def ask() -> int:
                try:
                    found = cursor.execute("PRAGMA data_version").fetchone()
                    return int(found[0])
                except self.engine.dialect.loaded_dbapi.OperationalError as error:
                    raise OperationalError("PRAGMA data_version", None, error) from error

            yield ask

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer: threads and processes queue here, which is fairer and quicker than its busy loop."""
        if self.dialect != "sqlite":
            yield
            return
        if self._writer == threading.get_ident():
            raise UsageError(
                "HUB-6006", "This thread has already begun a write transaction and began another inside it."
            )
        with self._writing:
            self._writer = threading.get_ident()
            try:
                with self._among_processes():
                    yield
            finally:
                self._writer = None

    @contextlib.contextmanager
    def _among_processes(self) -> Iterator[None]:
        """A lock beside the file, which the kernel hands on at once and takes back from a process that dies. SQLite's
        own locks decide; where this one cannot be had, they do so alone."""
        if self._queue is None:
            with contextlib.suppress(OSError):
                self._queue = os.open(f"{self.engine.url.database}-turn", os.O_RDWR | os.O_CREAT, 0o600)
        if self._queue is None:
            yield
            return
        fcntl.flock(self._queue, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._queue, fcntl.LOCK_UN)

    def dispose(self) -> None:
        """Close the pooled connections. The next use opens new ones."""
        self.engine.dispose()
        with self._writing:
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None


def at_commit(conn: Connection, flush: Callable[[Connection, list[T]], None]) -> list[T]:
    """The list which flush gets right before this transaction of Database.begin commits; one list for each flush.

    So the locks that many transactions want (the lanes) are taken last, in one order, and held briefly.
    """
    waiting: dict[Callable[[Connection, list[T]], None], list[T]] | None = conn.info.get(_AT_COMMIT)
    if waiting is None:
        raise UsageError("HUB-6006", "Work can only be written in a transaction of Database.begin().")
    return waiting.setdefault(flush, [])


def wake_after_commit(conn: Connection) -> None:
    """Ring the workers of this process once the transaction is committed."""
    conn.info[_WOKEN] = True


def let_go_after_commit(conn: Connection, names: Sequence[str]) -> None:
    """Delete objects that no row names any more once the transaction is committed."""
    conn.info[_LET_GO].extend(names)


def objects_of(one: Engine | Connection) -> Objects | None:
    """The object store a database was opened with."""
    found: Objects | None = one.get_execution_options().get(_OBJECTS)
    return found


def _flush(conn: Connection) -> None:
    waiting = conn.info[_AT_COMMIT]
    conn.info[_AT_COMMIT] = None
    for flush, items in waiting.items():
        if items:
            flush(conn, items)


def now(conn: Connection, clock: Clock) -> datetime:
    """The present moment: the database's own clock where machines share it, else (and in simulation) the port's.

    The database is asked every few seconds; meanwhile this machine counts on from what it said.
    """
    if conn.dialect.name != "postgresql" or not isinstance(clock, SystemClock):
        return clock.now()
    asked, said = conn.info.get(_CLOCK, (0.0, None))
    passed = time.monotonic() - asked
    if said is None or passed > _COUNTED:
        said = conn.execute(select(func.clock_timestamp(type_=UtcTime()))).scalar_one()
        conn.info[_CLOCK], passed = (time.monotonic(), said), 0.0
    moment: datetime = said + timedelta(seconds=passed)
    return moment


# -- opening -----------------------------------------------------------------------------------------------------------


def open_database(url: str, objects: Objects | None = None) -> Database:
    """Open sqlite:///relative/or//absolute/path or postgresql://...; a SQLite file is made if it is not there.

    objects: where the bytes of large payloads go; None: into the database too.

    ConfigError HUB-6001: not such an address, or the file cannot be opened. HUB-6002: the file is on a network file
    system. HUB-6003: the SQLite library is too old for how the file is kept.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("HUB-6001", "The database's address is not a URL such as sqlite:///var/hub.db.") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return Database(_gathering(_open_sqlite(parsed), objects))
    if backend in ("postgresql", "postgres"):
        return Database(_gathering(_open_postgres(parsed), objects))
    raise ConfigError("HUB-6001", f"The hub keeps its database in SQLite or PostgreSQL, and not in {backend}.")


def _gathering(engine: Engine, objects: Objects | None) -> Engine:
    """What a transaction has gathered is sent before anything else of it runs."""
    engine.update_execution_options(**{_OBJECTS: objects})
    event.listen(engine, "before_execute", batch.send)
    tell_lengths(engine)
    return engine


def _open_postgres(url: URL) -> Engine:
    options = "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=60s"
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=20,
        max_overflow=20,
        pool_use_lifo=True,  # what a connection has prepared is used again
        connect_args={"options": options, "connect_timeout": 10},
    )

    @event.listens_for(engine, "checkin")
    def left(_connection: Any, record: Any) -> None:
        record.info[_LEFT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get(_LEFT, 0.0) < _TRUSTED and not _says_something(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return engine


def _says_something(connection: Any) -> bool:
    """Whether a server that was asked nothing has sent something: that it hangs up, most likely."""
    poll = poller()
    poll.register(connection.fileno(), POLLIN)
    return bool(poll.poll(0))


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigError("HUB-6001", "A database in memory would lose what it accepted: name a file, sqlite:///path.")
    path = Path(url.database).resolve()
    check_local(path)
    _make_private(path)
    module = sqlite_module()
    wal = wal_is_safe(module.sqlite_version_info)
    engine = create_engine(
        url.set(drivername="sqlite", database=str(path)),
        module=module,
        pool_size=20,
        max_overflow=20,
        connect_args={"timeout": BUSY_SECONDS},
    )

    lasting, passing = ("FULL", "NORMAL") if wal else ("EXTRA", "EXTRA")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; begin() below does
        mode = _set_journal_mode(connection, module, "wal" if wal else "delete")
        if not wal and mode != "delete":
            raise ConfigError(
                "HUB-6003",
                f"{path} is in {mode.upper()} mode, in which SQLite {module.sqlite_version} can lose committed rows.",
            )
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        options = conn.get_execution_options()
        reading = options.get("hub_read", False)
        mode = (reading, lasting if reading or options.get("hub_lasting", True) else passing)
        if conn.info.get(_MODE) != mode:
            conn.info.pop(_MODE, None)  # should one of the next two fail, it is in neither
            conn.exec_driver_sql(f"PRAGMA query_only={int(reading)}")
            conn.exec_driver_sql(f"PRAGMA synchronous={mode[1]}")
            conn.info[_MODE] = mode
        conn.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _set_journal_mode(connection: Any, module: ModuleType, wanted: str) -> str:
    """The mode the file has then. SQLite does not wait for other connections here, so this does."""
    end = time.monotonic() + BUSY_SECONDS
    while (mode := str(connection.execute("PRAGMA journal_mode").fetchone()[0])) != wanted:
        try:
            return str(connection.execute(f"PRAGMA journal_mode={wanted}").fetchone()[0])
        except module.OperationalError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.02)
    return mode


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite release keeps committed rows when a commit meets a checkpoint (mended in 3.51.3, and in the
    branches 3.50.7 and 3.44.6)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def sqlite_module() -> ModuleType:
    """The standard library's sqlite3 if its SQLite is safe in WAL mode, else the newer of it and pysqlite3."""
    if wal_is_safe(sqlite3.sqlite_version_info):
        return sqlite3
    try:
        pysqlite3 = importlib.import_module("pysqlite3")
    except ImportError:
        return sqlite3
    newer: ModuleType = max((sqlite3, pysqlite3), key=lambda module: module.sqlite_version_info)
    return newer


def check_local(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """ConfigError HUB-6002: the file system of path is a network's. Knows nothing where there is no /proc."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return
    best, kind = Path("/"), ""
    for line in lines:
        _, folder, found, *_ = line.split(" ")
        mount = Path(folder.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if path.is_relative_to(mount) and len(mount.parts) >= len(best.parts):
            best, kind = mount, found
    if kind in _NETWORK | _FUSE_NETWORK:
        raise ConfigError(
            "HUB-6002", f"{path} is on {best}, a network file system ({kind}). Use a local disk, or PostgreSQL."
        )


def _make_private(path: Path) -> None:
    """The file exists and only its owner may open it; SQLite gives its journal the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
    except OSError as error:
        raise ConfigError("HUB-6001", f"The database file {path} cannot be opened: {error.strerror}.") from error
