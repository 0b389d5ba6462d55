"""Opening a database: what is refused, what is durable, who waits for whom."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import InternalError, OperationalError

from hub.errors import ConfigError, UsageError
from hub.store.engine import Database, at_commit, check_local, now, open_database, sqlite_module, wal_is_safe
from hub.store.events import record_event
from hub.store.ports import Ids, ManualClock, SystemClock, id_floor, new_id
from hub.store.tables import event

MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    opened.dispose()


def names(database: Database) -> list[str]:
    with database.read() as conn:
        return list(conn.execute(select(event.c.name).order_by(event.c.seq)).scalars())


def test_a_block_that_ends_is_committed_and_one_that_raises_is_not(database: Database) -> None:
    with database.begin() as conn:
        record_event(conn, MOMENT, "payload", "1", "kept")

    def break_off() -> None:
        with database.begin() as conn:
            record_event(conn, MOMENT, "payload", "1", "lost")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert names(database) == ["kept"]


def test_moments_come_back_to_the_microsecond_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=UTC)
    with database.begin() as conn:
        conn.execute(insert(event), {"at": moment, "subject_type": "x", "subject_id": "x", "name": "x", "actor": "x"})
    with database.read() as conn:
        assert conn.execute(select(event.c.at)).scalar_one() == moment


def test_a_read_that_fails_as_it_begins_leaves_no_connection_that_cannot_write(on_sqlite: Database) -> None:
    with on_sqlite.begin() as conn:
        record_event(conn, MOMENT, "payload", "1", "before")

    def refuse(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("PRAGMA synchronous"):
            raise OperationalError(statement, {}, Exception("disk I/O error"))

    listen(on_sqlite.engine, "before_cursor_execute", refuse)
    with pytest.raises(OperationalError, match="disk I/O error"):
        names(on_sqlite)
    remove(on_sqlite.engine, "before_cursor_execute", refuse)
    with on_sqlite.begin() as conn:
        record_event(conn, MOMENT, "payload", "1", "after")
    assert names(on_sqlite) == ["before", "after"]


def test_reading_connections_cannot_write(database: Database) -> None:
    with database.read() as conn, pytest.raises((OperationalError, InternalError), match=r"(?i)read-?only"):
        record_event(conn, MOMENT, "payload", "1", "sneaked in")
    with database.begin() as conn:
        record_event(conn, MOMENT, "payload", "1", "written")
    assert names(database) == ["written"]


def test_a_reader_sees_one_state(database: Database) -> None:
    with database.read() as conn:
        assert conn.execute(select(event.c.name)).all() == []
        with database.begin() as writing:
            record_event(writing, MOMENT, "payload", "1", "later")
        assert conn.execute(select(event.c.name)).all() == []
    assert names(database) == ["later"]


def test_what_waits_for_the_commit_runs_once_and_never_after_a_rollback(database: Database) -> None:
    got: list[list[int]] = []

    def flush(_conn: object, items: list[int]) -> None:
        got.append(list(items))

    with database.begin() as conn:
        at_commit(conn, flush).append(1)
        at_commit(conn, flush).append(2)
        assert got == []

    def break_off() -> None:
        with database.begin() as conn:
            at_commit(conn, flush).append(3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with database.begin() as conn:
        at_commit(conn, flush).append(4)
    assert got == [[1, 2], [4]]


def test_work_cannot_wait_for_a_commit_outside_a_write_transaction(database: Database) -> None:
    with database.read() as conn, pytest.raises(UsageError, match=r"Database\.begin"):
        at_commit(conn, lambda _conn, _items: None)


def test_a_second_write_inside_a_first_is_refused_at_once(on_sqlite: Database) -> None:
    with on_sqlite.begin(), pytest.raises(UsageError, match="HUB-6006"), on_sqlite.begin():
        pass
    with on_sqlite.begin() as conn:
        record_event(conn, MOMENT, "payload", "1", "the first let go")


def test_threads_write_one_after_the_other(database: Database) -> None:
    def write() -> None:
        for _ in range(25):
            with database.begin() as conn:
                record_event(conn, MOMENT, "payload", "1", "written")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(database)) == 100


def test_two_processes_write_one_file(sqlite_url: str, on_sqlite: Database) -> None:
    code = (
        "import sys; from datetime import datetime, UTC\n"
        "from hub.store.engine import open_database; from hub.store.events import record_event\n"
        "database = open_database(sys.argv[1])\n"
        "for _ in range(50):\n"
        "    with database.begin() as conn: record_event(conn, datetime.now(UTC), 'payload', '1', 'theirs')\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code, sqlite_url])
    for _ in range(50):
        with on_sqlite.begin() as conn:
            record_event(conn, MOMENT, "payload", "1", "ours")
    assert other.wait(60) == 0
    assert sorted(names(on_sqlite)) == ["ours"] * 50 + ["theirs"] * 50


def test_the_file_is_durable_and_private(on_sqlite: Database) -> None:
    with on_sqlite.read() as conn:
        pragmas = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    safe = wal_is_safe(sqlite_module().sqlite_version_info)
    wanted = {"journal_mode": "wal", "synchronous": 2} if safe else {"journal_mode": "delete", "synchronous": 3}
    assert pragmas == {**wanted, "foreign_keys": 1, "busy_timeout": 30_000}
    assert on_sqlite.engine.url.database is not None
    file = Path(on_sqlite.engine.url.database)
    for path in (file, *file.parent.glob(f"{file.name}-*")):
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_only_what_is_not_durable_waits_for_no_disk(database: Database) -> None:
    ask = "SHOW synchronous_commit" if database.dialect == "postgresql" else "PRAGMA synchronous"
    found = []
    for durable in (True, False, True):
        with database.begin(durable=durable) as conn:
            found.append(str(conn.exec_driver_sql(ask).scalar()))
    if database.dialect == "postgresql":
        assert found == ["on", "off", "on"]
    else:
        assert found == (["2", "1", "2"] if wal_is_safe(sqlite_module().sqlite_version_info) else ["3"] * 3)


def test_the_version_of_a_file_is_another_after_a_commit(on_sqlite: Database) -> None:
    with on_sqlite.version() as version:
        before = version()
        assert version() == before
        with on_sqlite.begin() as conn:
            record_event(conn, MOMENT, "payload", "1", "written")
        assert version() != before


def test_a_full_disk_loses_nothing_that_was_committed(on_sqlite: Database) -> None:
    def fill() -> None:
        while True:
            with on_sqlite.begin() as conn:
                record_event(conn, MOMENT, "payload", "1", "written", detail="x" * 5000)
            committed.append("written")

    committed: list[str] = []
    with on_sqlite.begin() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 40}")
    with pytest.raises(OperationalError, match="full"):
        fill()
    assert committed
    assert names(on_sqlite) == committed
    with on_sqlite.begin() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count=1000000")
    with on_sqlite.begin() as conn:
        record_event(conn, MOMENT, "payload", "1", "afterwards")
    assert names(on_sqlite)[-1] == "afterwards"


def test_a_file_others_could_read_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.touch(mode=0o644)
    open_database(f"sqlite:///{path}").dispose()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_only_where_it_keeps_what_is_committed(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_an_old_library_uses_a_rollback_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.store.engine.wal_is_safe", lambda _version: False)
    database = open_database(f"sqlite:///{tmp_path / 'hub.db'}")
    with database.read() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar() == 3
    database.dispose()


def test_an_old_library_refuses_a_file_that_stays_in_wal_mode(
    sqlite_url: str, on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not wal_is_safe(sqlite3.sqlite_version_info) and sqlite_module() is sqlite3:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("no SQLite here is safe in WAL mode; on x86-64 the lock brings one")
    with on_sqlite.read() as conn:
        conn.execute(select(event.c.seq)).all()
        monkeypatch.setattr("hub.store.engine.wal_is_safe", lambda _version: False)
        monkeypatch.setattr("hub.store.engine.BUSY_SECONDS", 0)
        other = open_database(sqlite_url)
        with pytest.raises((ConfigError, OperationalError), match=r"HUB-6003|locked"), other.read():
            pass
        other.dispose()


@pytest.mark.parametrize(
    "url", ["", "hub.db", "sqlite://", "sqlite:///:memory:", "mysql://root@localhost/hub", "sqlite:////proc/no/hub.db"]
)
def test_an_address_that_cannot_hold_the_hub_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="HUB-6001"):
        open_database(url)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "9p", "fuse.sshfs", "ceph"])
def test_a_network_file_system_is_refused(tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x /srv/my\\040share {kind} rw 0 0\n")
    with pytest.raises(ConfigError, match=f"network file system \\({kind}\\)"):
        check_local(Path("/srv/my share/var/hub.db"), mounts)
    check_local(Path("/srv/my"), mounts)
    check_local(Path("/srv/my share, not/hub.db"), mounts)


def test_a_local_disk_mounted_below_a_network_one_is_taken(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("server:/x /srv nfs rw 0 0\n/dev/vdb /srv/disk ext4 rw 0 0\n")
    check_local(Path("/srv/disk/hub.db"), mounts)


def test_now_is_the_ports_value_in_simulation(database: Database) -> None:
    clock = ManualClock(MOMENT)
    with database.read() as conn:
        assert now(conn, clock) == MOMENT
        clock.advance(90)
        assert (now(conn, clock) - MOMENT).total_seconds() == 90
        assert abs((now(conn, SystemClock()) - datetime.now(UTC)).total_seconds()) < 60


def test_ids_are_uuid7_and_rise_whatever_the_clock_does() -> None:
    clock = ManualClock(MOMENT)
    made = [new_id(clock) for _ in range(1000)]
    clock.advance(-3600)
    made += [new_id(clock) for _ in range(1000)]
    clock.advance(7200)
    made.append(new_id(clock))
    assert made == sorted(set(made))
    assert all(len(text) == 36 and text[14] == "7" and text[19] in "89ab" for text in made)


def test_the_same_seed_gives_the_same_ids() -> None:
    assert new_id(ManualClock(MOMENT, seed=3)) == new_id(ManualClock(MOMENT, seed=3))
    assert new_id(ManualClock(MOMENT, seed=3)) != new_id(ManualClock(MOMENT, seed=4))


def test_threads_never_get_the_same_id() -> None:
    ids = Ids()
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(ids.new(MOMENT) for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000


def test_a_forked_process_makes_ids_of_its_own() -> None:
    ids = Ids()
    ids.new(MOMENT)
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.write(writing, ids.new(MOMENT).encode())
        os._exit(0)
    os.waitpid(process, 0)
    assert os.read(reading, 100).decode() != ids.new(MOMENT)
    os.close(reading)
    os.close(writing)


def test_an_id_says_when_it_was_made() -> None:
    clock = ManualClock(MOMENT)
    made = new_id(clock)
    assert id_floor(MOMENT) <= made
    clock.advance(0.001)
    assert made < id_floor(clock.now())


def test_a_connection_that_the_server_closed_is_replaced_unseen(postgres_database_url: str) -> None:
    """However short it was idle."""
    database = open_database(postgres_database_url)
    with database.read() as conn:
        ended = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with psycopg.connect(postgres_database_url.replace("+psycopg", "")) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    with database.begin() as conn:
        assert conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != ended
    database.dispose()
