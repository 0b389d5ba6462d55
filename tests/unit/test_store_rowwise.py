"""Rows go to the driver as they are: types, defaults and errors are as if SQLAlchemy had rendered each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from hub.errors import DataError
from hub.store.batch import change, insert
from hub.store.engine import Database, open_database
from hub.store.rowwise import insert_rows, update_rows
from hub.store.status import move
from hub.store.tables import document, lane, message, order_line, payload, sales_order

AT = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=UTC)


def a_message(id: str, **values: Any) -> dict[str, Any]:
    return {"id": id, "direction": "in", "standard": "x12", "type": "850", "created_at": AT, **values}


def a_lane(name: str, **values: Any) -> dict[str, Any]:
    return {"name": name, **values}


@pytest.mark.parametrize("many", [1, 3])
def test_every_type_comes_back_as_it_went(database: Database, many: int) -> None:
    found = [{"code": "HUB-1001", "value": None}]
    ids = [f"m{number}" for number in range(many)]
    lines = [
        {"id": f"l{id}", "order_id": "o", "number": id, "ordinal": 1, "price": Decimal("12.50"), "unit": None}
        for id in ids
    ]
    order = {"id": "o", "number": "1", "business_key": "1", "document_id": "d", "created_at": AT}
    with database.begin() as conn:
        insert_rows(conn, message, [a_message(id, findings=found, offset=2**40, hold_reason=None) for id in ids])
        insert_rows(conn, document, [{"id": id, "type": "Order", "body": b"\x00\xff", "created_at": AT} for id in ids])
        insert_rows(conn, lane, [a_lane(id, strict=True) for id in ids])
        insert_rows(conn, sales_order, [order])
        insert_rows(conn, order_line, lines)
    with database.read() as conn:
        for row in conn.execute(select(message)).mappings():
            assert (row["findings"], row["offset"], row["created_at"], row["hold_reason"]) == (found, 2**40, AT, None)
            assert (row["validation"], row["ordinal"], row["number"]) == ("pending", 1, "")
        assert conn.execute(select(document.c.body)).scalars().all() == [b"\x00\xff"] * many
        assert conn.execute(select(lane.c.strict, lane.c.paused)).all() == [(True, False)] * many
        assert conn.execute(select(order_line.c.price)).scalars().all() == [Decimal("12.50")] * many


def test_what_is_there_is_left_where_only_missing_rows_are_wanted(database: Database) -> None:
    with database.begin() as conn:
        insert_rows(conn, lane, [a_lane("a", connection="first")])
        insert_rows(conn, lane, [a_lane("a", connection="second"), a_lane("b")], missing=True)
        assert conn.execute(select(lane.c.name, lane.c.connection).order_by(lane.c.name)).all() == [
            ("a", "first"),
            ("b", ""),
        ]


def test_a_guarded_column_changes_where_it_may(database: Database) -> None:
    with database.begin() as conn:
        insert_rows(conn, message, [a_message("a"), a_message("b", validation="rejected")])
        rows = [{"id": id, "number": id, "validation": "held"} for id in ("a", "b")]
        update_rows(conn, message, "id", rows, {"validation": ("pending", "accepted")})
        query = select(message.c.id, message.c.number, message.c.validation).order_by(message.c.id)
        assert conn.execute(query).all() == [("a", "a", "held"), ("b", "b", "rejected")]


def test_a_status_moves_with_the_other_changes_of_its_message(database: Database) -> None:
    with database.begin() as conn:
        insert(conn, message, [a_message("a"), a_message("b", validation="rejected"), a_message("c")])
    with database.begin() as conn:
        for one in ("a", "b"):
            change(conn, message, one, {"number": one})
        move(conn, "validation", ["a", "b", "c"], "accepted")
    with database.read() as conn:
        query = select(message.c.number, message.c.validation).order_by(message.c.id)
        assert conn.execute(query).all() == [("a", "accepted"), ("b", "rejected"), ("", "accepted")]


@pytest.mark.parametrize("many", [1, 3])
def test_a_text_too_long_is_told_by_its_column(postgres_database_url: str, many: int) -> None:
    rows = [
        {"id": str(place), "direction": "in", "size": 1, "digest": "d" * 65, "state": "received", "created_at": AT}
        for place in range(many)
    ]
    database = open_database(postgres_database_url)
    told = pytest.raises(DataError, match=r"payload\.digest has room for 64 characters, and this has 65")
    with told, database.begin() as conn:
        insert_rows(conn, payload, rows)
    database.dispose()


def test_transactions_about_the_same_messages_never_wait_in_a_circle(database: Database) -> None:
    ids = [f"m{number:03}" for number in range(120)]
    with database.begin() as conn:
        insert_rows(conn, message, [a_message(id) for id in ids])
    together = Barrier(2, timeout=60)

    def route(order: list[str]) -> None:
        for turn in range(20):
            together.wait()
            with database.begin() as conn:
                for id in order:
                    change(conn, message, id, {"number": str(turn)})

    def acknowledge() -> None:
        for _ in range(20):
            together.wait()
            with database.begin() as conn:
                move(conn, "acknowledgement", ids, "accepted")

    with ThreadPoolExecutor() as pool:
        done = [pool.submit(route, ids[::-1]), pool.submit(acknowledge)]
        assert [one.result() for one in done] == [None, None]
