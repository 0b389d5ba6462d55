"""Named queries of what should come at a cadence."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from hub.store.ports import id_floor
from hub.store.tables import cadence, message


def all_cadences(conn: Connection) -> Sequence[RowMapping]:
    return conn.execute(select(cadence).order_by(cadence.c.name)).mappings().all()


def replace_cadences(conn: Connection, gone: Collection[str], made: Sequence[Mapping[str, Any]]) -> None:
    """Removes and inserts rows."""
    if gone:
        conn.execute(delete(cadence).where(cadence.c.name.in_(gone)))
    if made:
        conn.execute(insert(cadence), list(made))


def cadences_due(conn: Connection, now: datetime, most: int = 200) -> Sequence[RowMapping]:
    query = select(cadence).where(cadence.c.look_at <= now).order_by(cadence.c.look_at).limit(most)
    return conn.execute(query).mappings().all()


def set_cadence(conn: Connection, name: str, **values: Any) -> None:
    conn.execute(update(cadence).where(cadence.c.name == name).values(**values))


def heard_since(conn: Connection, row: RowMapping) -> datetime | None:
    """When the newest message of that cadence came after the one it was last heard by; one of ours counts when it is
    delivered. None: there is none."""
    query = select(message.c.created_at).where(
        message.c.partner == row["partner"],
        message.c.id >= id_floor(row["heard_at"]),
        message.c.created_at > row["heard_at"],
        *(message.c[name] == row[name] for name in ("account", "environment", "direction", "standard", "type")),
        *([message.c.delivery == "delivered"] if row["direction"] == "out" else []),
    )
    return conn.execute(query.order_by(message.c.id.desc()).limit(1)).scalar()
