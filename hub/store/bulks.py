"""Named queries of bulk operations: one operation on every message that fits a filter, with progress."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, func, select, update

from hub.store.browse import MessageFilter, fitting
from hub.store.tables import bulk, message

REFUSALS = 20
"""As many refusals are kept with their text; all are counted."""


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """So many messages of one partner and type are in one state."""

    partner: str
    direction: str
    type: str
    validation: str
    delivery: str
    acknowledgement: str
    count: int


class BulkRow(msgspec.Struct, frozen=True, kw_only=True):
    """done + refused of total are dealt with. state: running, done, cancelled."""

    id: str
    action: str
    wanted: dict[str, Any]
    options: dict[str, Any]
    actor: str
    reason: str
    state: str
    upto: str
    reached: str
    total: int
    done: int
    refused: int
    refusals: list[dict[str, Any]]
    created_at: datetime
    ended_at: datetime | None


def count_alike(conn: Connection, wanted: MessageFilter, upto: str) -> list[Alike]:
    """The messages up to that one, counted by partner, type and statuses; most first."""
    columns = [message.c[name] for name in Alike.__struct_fields__ if name != "count"]
    count = func.count().label("count")
    query = select(*columns, count).where(*fitting(conn, wanted), message.c.id <= upto).group_by(*columns)
    rows = conn.execute(query.order_by(count.desc(), *columns)).mappings()
    return [Alike(**row) for row in rows]


def newest_message(conn: Connection) -> str:
    """The greatest id; "" where there is no message."""
    return conn.execute(select(func.max(message.c.id))).scalar() or ""


def next_messages(conn: Connection, wanted: MessageFilter, *, after: str, upto: str, limit: int) -> Sequence[str]:
    """Ids that fit, in their order."""
    query = select(message.c.id).where(*fitting(conn, wanted), message.c.id > after, message.c.id <= upto)
    return conn.execute(query.order_by(message.c.id).limit(limit)).scalars().all()


def insert_bulk(conn: Connection, row: dict[str, Any]) -> None:
    conn.execute(bulk.insert(), row)


def find_bulk(conn: Connection, bulk_id: str) -> BulkRow | None:
    row = conn.execute(select(bulk).where(bulk.c.id == bulk_id)).mappings().first()
    return BulkRow(**row) if row else None


def list_bulks(conn: Connection, limit: int = 50) -> list[BulkRow]:
    """Newest first."""
    return [BulkRow(**row) for row in conn.execute(select(bulk).order_by(bulk.c.id.desc()).limit(limit)).mappings()]


def lock_bulk(conn: Connection, bulk_id: str, *, reached: str) -> RowMapping | None:
    """Its row, locked, if it still runs and has not gone on from there."""
    query = select(bulk).where(bulk.c.id == bulk_id, bulk.c.state == "running", bulk.c.reached == reached)
    return conn.execute(query.with_for_update()).mappings().first()


def advance(conn: Connection, row: RowMapping, message_id: str, refusal: str | None = None) -> None:
    """One more message is dealt with: done, or refused for that reason."""
    values: dict[str, Any] = {"reached": message_id}
    if refusal is None:
        values["done"] = row["done"] + 1
    else:
        values["refused"] = row["refused"] + 1
        values["refusals"] = [*row["refusals"], {"message": message_id, "text": refusal}][:REFUSALS]
    conn.execute(update(bulk).where(bulk.c.id == row["id"]).values(**values))


def end_bulk(conn: Connection, now: datetime, bulk_id: str, state: str) -> bool:
    """Whether it was running."""
    running = update(bulk).where(bulk.c.id == bulk_id, bulk.c.state == "running")
    return bool(conn.execute(running.values(state=state, ended_at=now)).rowcount)
