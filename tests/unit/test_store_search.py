"""A search finds what begins so, the newest first, however many there are and however far back they lie."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.event import listen

from hub.store import search
from hub.store.browse import MessageFilter, list_messages
from hub.store.chain import insert_search_keys
from hub.store.engine import Database, open_database
from hub.store.ports import ManualClock, new_id
from hub.store.tables import message

PREFIXES = ("PO-1", "PO-2", "SH-1", "X")


@pytest.fixture
def keys(database: Database) -> dict[str, list[str]]:
    """240 messages of four months by id, with one to three keys each; one kind of them lies far back."""
    clock, chance = ManualClock(), random.Random(5)  # noqa: S311 - the same messages every time
    made: dict[str, list[str]] = {}
    with database.begin() as conn:
        for number in range(240):
            clock.advance(timedelta(hours=chance.choice([0, 0, 1, 5, 40])).total_seconds())
            known = PREFIXES if number < 120 else PREFIXES[:2]
            values = [f"{chance.choice(known)}{chance.randrange(40):02}" for _ in range(chance.randrange(1, 4))]
            one = new_id(clock)
            row = {"id": one, "direction": "in", "standard": "x12", "type": "850", "number": values[0]}
            whose = {"partner": f"p{number % 7}", "account": "a", "connection": "c", "environment": "production"}
            conn.execute(insert(message), {**row, **whose, "created_at": clock.now()})
            insert_search_keys(conn, [(one, "order", value) for value in dict.fromkeys(values)])
            made[one] = values
    return made


def found(database: Database, wanted: MessageFilter, limit: int) -> list[str]:
    """Page by page."""
    ids: list[str] = []
    before = None
    with database.read() as conn:
        while True:
            page = list_messages(conn, wanted, before=before, limit=limit)
            ids += [row.id for row in page.messages]
            if page.before is None:
                return ids
            before = page.before


@pytest.mark.slow
@pytest.mark.parametrize(("few", "among"), [(2000, 400), (7, 5), (3, 40), (1, 1)])
def test_every_page_has_the_newest_that_fit(
    database: Database, keys: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, few: int, among: int
) -> None:
    monkeypatch.setattr(search, "FEW", few)
    monkeypatch.setattr(search, "AMONG", among)
    for query in ("PO-1", "po-1", "PO-10", "PO-107", "PO-", "SH-", "SH-13", "X", "P", "ZZ"):
        fits = [one for one in keys if any(value.startswith(query.upper()) for value in keys[one])]
        assert found(database, MessageFilter(query=query), 9) == sorted(fits, reverse=True), query
        of_partner = [one for place, one in enumerate(keys) if place % 7 == 3 and one in fits]
        assert found(database, MessageFilter(query=query, partner="p3"), 4) == sorted(of_partner, reverse=True), query


@pytest.mark.peer("postgres")
def test_postgresql_never_reads_the_whole_table(postgres_database_url: str) -> None:
    """Not even where so many keys fit that the planner takes it that some are met at once: they may lie last."""
    database, clock = open_database(postgres_database_url), ManualClock()
    with database.begin() as conn:
        ids = [new_id(clock) for _ in range(1000)]
        whose = {"partner": "p", "account": "a", "connection": "c", "environment": "production"}
        row = {"direction": "in", "standard": "x12", "type": "850", "number": "1", "created_at": clock.now(), **whose}
        conn.execute(insert(message), [{"id": one, **row} for one in ids])
        values = [(one, f"{'ZP'[at >= 500]}O-{at}-{line}") for at, one in enumerate(ids) for line in range(20)]
        insert_search_keys(conn, [(one, "order", value) for one, value in values])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")
    asked: list[tuple[str, Any]] = []
    listen(database.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    with database.read() as conn:
        assert list_messages(conn, MessageFilter(query="PO-")).messages
        text, values = next(one for one in asked if "FROM search_key" in one[0])
        plan = "".join(conn.exec_driver_sql(f"EXPLAIN {text}", values).scalars())
    assert "Seq Scan" not in plan, plan
    database.dispose()
