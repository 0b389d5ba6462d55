"""Named queries of retention: payloads whose bytes need not be kept any longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select, text, update

from hub.store.blobs import delete_chunks
from hub.store.concern import IS_PROBLEM, IS_WAITING
from hub.store.ports import id_floor
from hub.store.tables import interchange, mailbox_file, message, payload

_COLUMNS = ("id", "direction", "connection", "created_at", "size", "digest", "file_name", "media_type")


class Old(msgspec.Struct, frozen=True, kw_only=True):
    """A partner's payloads of one direction from before a moment."""

    partner: str
    direction: str
    before: datetime


def _conditions(old: Old) -> list[ColumnElement[Any]]:
    """Their bytes are here, they are dealt with, nothing in them waits or needs a person, and no partner is still to
    collect them."""
    inside = select(interchange.c.id).where(interchange.c.payload_id == payload.c.id).correlate(payload)
    open_ones = or_(text(f"({IS_PROBLEM})"), text(f"({IS_WAITING})"))
    busy = select(message.c.id).where(message.c.interchange_id.in_(inside), open_ones)
    uncollected = select(mailbox_file.c.id).where(
        mailbox_file.c.payload_id == payload.c.id, mailbox_file.c.state.in_(("waiting", "uploaded"))
    )
    return [
        payload.c.partner == old.partner,
        payload.c.direction == old.direction,
        payload.c.id < id_floor(old.before),
        payload.c.archive.is_(None),
        payload.c.state.in_(("identified", "duplicate", "ignored", "receipt", "refused")),
        ~busy.exists(),
        ~uncollected.exists(),
    ]


def count_old(conn: Connection, old: Old) -> tuple[int, int]:
    """How many, and their bytes."""
    query = select(func.count(), func.coalesce(func.sum(payload.c.size), 0)).where(*_conditions(old))
    count, size = conn.execute(query).one()
    return int(count), int(size)


def list_old(conn: Connection, old: Old, limit: int) -> Sequence[RowMapping]:
    """The oldest of them."""
    query = select(*(payload.c[name] for name in _COLUMNS)).where(*_conditions(old))
    return conn.execute(query.order_by(payload.c.id).limit(limit)).mappings().all()


def remove_bytes(conn: Connection, ids: Sequence[str], archive: str) -> int:
    """Their rows stay, with the archive file that has the bytes ("": none has). How many had theirs."""
    delete_chunks(conn, ids)
    here = update(payload).where(payload.c.id.in_(ids), payload.c.archive.is_(None))
    return conn.execute(here.values(body=None, archive=archive)).rowcount
