"""The audit log: whatever is done to it behind the hub's back is found, and writers take turns."""

import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text

from hub.store.audit import BEGINNING, Head, append, judge, list_audit, read_head, verify
from hub.store.engine import Database, open_database
from hub.store.ports import ManualClock
from hub.store.tables import audit, audit_head

NOW = ManualClock().now()
ROWS = 1000


def fill(database: Database, many: int, actor: str = "ann") -> None:
    with database.begin() as conn:
        for number in range(many):
            append(
                conn,
                NOW,
                actor=actor,
                action="hold",
                subject_type="message",
                subject_id=f"m{number}",
                reason="wrong price",
                before={"delivery": "queued"},
                after={"delivery": "held", "number": number},
            )


def test_a_chain_that_nobody_touched_is_right(database: Database) -> None:
    fill(database, 25)
    with database.read() as conn:
        verdict = verify(conn)
        assert (verdict.entries, verdict.fault) == (25, None)
        assert verdict.head == read_head(conn)
        newest = list_audit(conn, limit=2)
        assert [entry.seq for entry in newest] == [25, 24]
        assert newest[0].after == {"delivery": "held", "number": 24}
        assert [entry.seq for entry in list_audit(conn, subject_id="m3")] == [4]
        assert [entry.seq for entry in list_audit(conn, before=3)] == [2, 1]
        assert list_audit(conn, actor="bob") == []


def test_an_empty_log_is_right_and_emptying_one_is_not(database: Database) -> None:
    with database.read() as conn:
        assert verify(conn).fault is None
        assert read_head(conn) == Head(seq=0, digest=BEGINNING)
    fill(database, 3)
    with database.begin() as conn:
        noted = read_head(conn)
        conn.execute(delete(audit))
        assert verify(conn).broken_at == 1
        conn.execute(delete(audit_head))
        assert verify(conn).fault is None, "nothing in the database can tell"
        assert verify(conn, [noted]).broken_at == 3, "what was noted elsewhere does"


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> list[dict[str, Any]]:
    """The rows of a chain."""
    path = tmp_path_factory.mktemp("audit") / "hub.db"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    fill(database, ROWS)
    with database.read() as conn:
        rows = [dict(row) for row in conn.execute(select(audit).order_by(audit.c.seq)).mappings()]
        assert verify(conn).fault is None
    database.dispose()
    return rows


def damaged(rows: list[dict[str, Any]], how: str, place: int) -> list[dict[str, Any]]:
    """place: from 0 on. What comes out is in the order of its numbers, as the database gives it."""
    if how == "edit":
        return [*rows[:place], {**rows[place], "reason": "wrong prise"}, *rows[place + 1 :]]
    if how == "delete":
        return [*rows[:place], *rows[place + 1 :]]
    if how == "insert":
        forged = {**rows[place], "actor": "mallory"}
        return [*rows[:place], forged, *({**row, "seq": row["seq"] + 1} for row in rows[place:])]
    other = (place + 1) % len(rows)
    moved = {place: {**rows[other], "seq": place + 1}, other: {**rows[place], "seq": other + 1}}
    return [moved.get(index, row) for index, row in enumerate(rows)]


@pytest.mark.parametrize("how", ["edit", "delete", "insert", "reorder"])
def test_every_change_is_found_at_every_position(thousand: list[dict[str, Any]], how: str) -> None:
    """Found where it was made, and nothing that was right before it is called wrong."""
    head = Head(seq=ROWS, digest=thousand[-1]["digest"])
    missed = []
    for place in range(ROWS):
        first = 0 if how == "reorder" and place == ROWS - 1 else place
        before = thousand[first - 1] if first else None
        since = Head(seq=before["seq"], digest=before["digest"]) if before else None
        verdict = judge(damaged(thousand, how, place)[first:], head, since=since)
        if verdict.broken_at != first + 1:
            missed.append((place, verdict))
    assert missed == []


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE seq = 2", 2),
        ("UPDATE audit SET reason = '' WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 5", 5),
        ("UPDATE audit SET seq = 7 WHERE seq = 5", 5),
        ("UPDATE audit SET seq = 0 WHERE seq = 3", 1),
        ("UPDATE audit_head SET seq = 4", 6),
    ],
)
def test_a_change_in_the_database_is_found(database: Database, how: str, found: int) -> None:
    fill(database, 5)
    with database.begin() as conn:
        conn.execute(text(how))
        verdict = verify(conn)
    assert verdict.broken_at == found
    assert "was changed" in (verdict.fault or "")


def test_what_a_person_noted_finds_a_chain_made_anew(database: Database) -> None:
    fill(database, 5)
    with database.read() as conn:
        noted = read_head(conn)
    with database.begin() as conn:
        conn.execute(delete(audit))
        conn.execute(delete(audit_head))
    fill(database, 5, actor="mallory")
    with database.read() as conn:
        assert verify(conn).fault is None
        assert verify(conn, [noted]).broken_at == 5


def test_several_processes_write_one_chain(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    faults: list[Exception] = []
    together = threading.Barrier(4)

    def write(name: str) -> None:
        mine = open_database(url)
        together.wait()
        try:
            for _ in range(10):
                fill(mine, 2, actor=name)
        except Exception as error:  # noqa: BLE001 - any fault of a thread fails the test
            faults.append(error)
        mine.dispose()

    threads = [threading.Thread(target=write, args=(f"person-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.read() as conn:
        verdict = verify(conn)
        assert (verdict.entries, verdict.fault) == (80, None)
        by: dict[str, int] = dict(conn.execute(select(audit.c.actor, func.count()).group_by(audit.c.actor)).all())
    assert by == {f"person-{number}": 20 for number in range(4)}


def test_the_digest_does_not_depend_on_the_database(database: Database) -> None:
    at = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=UTC)
    with database.begin() as conn:
        head = append(
            conn, at, actor="ann", action="cancel", subject_type="message", subject_id="x", after={"b": 1, "a": "é"}
        )
        assert verify(conn).fault is None
    assert head.digest == "8449e0ce3a7c744430f08c986b1a51e960290f616050d8891475d21ad26c093d"
