"""Real faults of real databases, under the whole hub: nothing is lost, nothing is blamed, work goes on by itself."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from hub.dispatch.dispatcher import MAX_TRIES
from hub.store import engine
from hub.store.tables import sales_order
from tests.hubs import Bench, order, x12


@contextmanager
def at_begin(bench: Bench, statement: str) -> Iterator[None]:
    """Every transaction begins with this pragma."""

    def run(conn: Connection) -> None:
        conn.exec_driver_sql(statement)

    bench.hub.database.engine.dispose()
    event.listen(bench.hub.database.engine, "begin", run)
    try:
        yield
    finally:
        event.remove(bench.hub.database.engine, "begin", run)
        bench.hub.database.engine.dispose()


def is_well(bench: Bench, number: str = "PO-1") -> None:
    """The order went all the way, once."""
    bench.restart()
    bench.run()
    assert [row["number"] for row in bench.rows(sales_order)] == [number]
    assert {row["delivery"] for row in bench.messages("out")} == {"delivered"}
    assert len(bench.lying("harbor")) == 1
    assert bench.incidents() == []
    assert bench.left() == []


def test_a_locked_file(sqlite_bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SQLITE_BUSY: another program holds the file for longer than we wait."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    bench = Bench(sqlite_bench.folder, sqlite_bench.url)
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    file = bench.url.removeprefix("sqlite:///")
    with closing(engine.sqlite_module().connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            bench.worker.step()
        with pytest.raises(OperationalError, match="locked"):
            bench.receive("bluebird/mailbox", x12(order("PO-2"), number=2))
        other.execute("ROLLBACK")
    is_well(bench)
    bench.hub.stop()


def test_a_file_that_cannot_be_written(sqlite_bench: Bench) -> None:
    """SQLITE_READONLY."""
    bench = sqlite_bench
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    with at_begin(bench, "PRAGMA query_only=1"):
        for _ in range(5):
            with pytest.raises(OperationalError, match="readonly"):
                bench.worker.step()
    is_well(bench)


def test_a_full_disk(sqlite_bench: Bench) -> None:
    """SQLITE_FULL, for longer than an item may be begun; what was not taken is sent again by whoever sent it."""
    bench = sqlite_bench
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    with bench.hub.database.read() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    refused = 0
    with at_begin(bench, f"PRAGMA max_page_count={pages}"):
        for _ in range(12):
            try:
                bench.worker.step()
            except OperationalError:
                refused += 1
    assert refused > MAX_TRIES
    is_well(bench)


def test_commits_whose_connection_is_cut(tmp_path: Path, postgres_database_url: str) -> None:
    """PostgreSQL ends the connection at the commit, again and again."""
    bench = Bench(tmp_path / "workspace", postgres_database_url)
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    seen = 0

    def cut(conn: Connection) -> None:
        nonlocal seen
        seen += 1
        if seen % 5 == 0:
            pid = conn.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
            with psycopg.connect(postgres_database_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    event.listen(bench.hub.database.engine, "commit", cut)
    failed = 0
    for _ in range(40):
        try:
            if not bench.worker.step():
                break
        except OperationalError:
            failed += 1
    event.remove(bench.hub.database.engine, "commit", cut)
    assert failed > 2
    is_well(bench)
    bench.hub.stop()
