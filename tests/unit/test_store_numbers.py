"""Control numbers have no gaps and no repeats; incidents count up; the history says what happened."""

import threading

import pytest
from sqlalchemy import select

from hub.catalogue import CATALOGUE
from hub.store.engine import Database
from hub.store.events import record_event
from hub.store.incidents import open_incident, resolve_incident
from hub.store.numbers import next_control_number, seed
from hub.store.ports import ManualClock, SystemClock
from hub.store.tables import event, incident

NOW = ManualClock().now()


def take(database: Database, scope: str = "x12/interchange/ZZ:US/ZZ:THEM", width: int = 9) -> int:
    with database.begin() as conn:
        return next_control_number(conn, scope, now=NOW, width=width)


def events(database: Database) -> list[tuple[str, str]]:
    with database.read() as conn:
        return [(row.name, row.subject_id) for row in conn.execute(select(event).order_by(event.c.seq))]


def test_numbers_rise_by_one_in_each_scope(database: Database) -> None:
    assert [take(database, "a"), take(database, "a"), take(database, "b"), take(database, "a")] == [1, 2, 1, 3]
    with database.begin() as conn:
        assert next_control_number(conn, "c", now=NOW, start=1000) == 1000
        assert next_control_number(conn, "c", now=NOW, start=1000) == 1001
    assert events(database) == []


def test_a_rolled_back_number_is_given_again(database: Database) -> None:
    assert take(database) == 1

    def break_off() -> None:
        with database.begin() as conn:
            taken.append(next_control_number(conn, "x12/interchange/ZZ:US/ZZ:THEM", now=NOW))
            raise ZeroDivisionError

    taken: list[int] = []
    with pytest.raises(ZeroDivisionError):
        break_off()
    assert taken == [2]
    assert take(database) == 2


@pytest.mark.parametrize(("width", "last"), [(9, 999_999_999), (4, 9999), (1, 9)])
def test_after_the_highest_comes_one_with_an_event(database: Database, width: int, last: int) -> None:
    with database.begin() as conn:
        seed(conn, "a", last - 1)
    assert [take(database, "a", width) for _ in range(3)] == [last, 1, 2]
    assert events(database) == [("wrapped", "a")]


def test_seeding_goes_on_from_another_system(database: Database) -> None:
    take(database, "a")
    with database.begin() as conn:
        seed(conn, "a", 41)
    assert take(database, "a") == 42
    with database.begin() as conn:
        seed(conn, "a", 0)
    assert take(database, "a") == 1
    assert events(database) == []


def test_threads_share_a_scope_without_gap_or_repeat(database: Database) -> None:
    taken: list[int] = []

    def many() -> None:
        for _ in range(25):
            taken.append(take(database))

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 101))


def test_an_incident_of_one_cause_is_one_row_while_it_is_open(database: Database) -> None:
    clock = ManualClock()
    with database.begin() as conn:
        first = open_incident(conn, clock, "connection/acme", "HUB-6015", "Down.", "connection", "acme")
        clock.advance(60)
        again = open_incident(conn, clock, "connection/acme", "HUB-6015", "Still down.", "connection", "acme")
        other = open_incident(conn, clock, "connection/globex", "HUB-6015", "Down.", "connection", "globex", True)
        assert again == first != other
        assert resolve_incident(conn, clock.now(), "connection/acme")
        assert not resolve_incident(conn, clock.now(), "connection/acme")
        assert open_incident(conn, clock, "connection/acme", "HUB-6015", "Down.", "connection", "acme") not in {
            first,
            other,
        }
    with database.read() as conn:
        rows = {row["id"]: row for row in conn.execute(select(incident)).mappings()}
    assert len(rows) == 3
    assert (rows[first]["count"], rows[first]["message"], rows[first]["resolved_at"]) == (2, "Still down.", clock.now())
    assert (rows[first]["seen_at"] - rows[first]["opened_at"]).total_seconds() == 60
    assert rows[other]["security"]
    assert rows[other]["resolved_at"] is None


def test_threads_that_meet_the_same_cause_open_one_incident(database: Database) -> None:
    clock = SystemClock()
    together = threading.Barrier(4)

    def meet() -> None:
        together.wait()
        for _ in range(5):
            with database.begin() as conn:
                open_incident(conn, clock, "lane/x", "HUB-6012", "It failed.", "lane", "x")

    threads = [threading.Thread(target=meet) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as conn:
        assert list(conn.execute(select(incident.c.count)).scalars()) == [20]


def test_events_keep_order_actor_and_detail(database: Database) -> None:
    with database.begin() as conn:
        record_event(conn, NOW, "message", "1", "held", actor="kim", detail={"why": ["a", 1]})
        record_event(conn, NOW, "message", "1", "unheld")
    with database.read() as conn:
        rows = conn.execute(select(event).order_by(event.c.seq)).all()
    assert [(row.name, row.actor, row.detail) for row in rows] == [
        ("held", "kim", {"why": ["a", 1]}),
        ("unheld", "hub", None),
    ]


def test_every_code_of_the_store_says_what_to_do() -> None:
    rows = [row for code, row in CATALOGUE.items() if code.startswith("HUB-6")]
    assert rows
    assert all(row.meaning and row.fix for row in rows)
