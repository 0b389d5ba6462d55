"""Named queries of obligations. Open ones have partial indexes; what has ended is never scanned."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select, text, update

from hub.store.events import record_event
from hub.store.incidents import resolve_incident
from hub.store.rows import insert_if_absent
from hub.store.tables import message, obligation, order_line, quantity_event, sales_order
from hub.store.tables_due import AWAITED, OPEN

FIRST = 2000
"""As many open obligations, the first due, are ranked by money."""


def cause_of(partner: str, kind: str) -> str:
    """What missed obligations are incidents of: one for each partner and kind."""
    return f"obligation/{partner}/{kind}"


def open_obligations(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Opens those that what opens them has not opened before."""
    if rows:
        insert_if_absent(conn, obligation, rows)


def answered(conn: Connection, partner: str, wants: str, numbers: Collection[str]) -> Sequence[RowMapping]:
    """Of each kind the open obligation first due that something with one of these numbers meets."""
    query = (
        select(obligation.c.id, obligation.c.kind)
        .where(
            text(OPEN),
            obligation.c.partner == partner,
            obligation.c.number.in_(numbers),
            obligation.c.wants == wants,
        )
        .order_by(obligation.c.due_at, obligation.c.id)
    )
    first: dict[str, RowMapping] = {}
    for row in conn.execute(query).mappings():
        first.setdefault(row["kind"], row)
    return list(first.values())


def meet(conn: Connection, now: datetime, ids: Collection[str], met_by: str) -> None:
    """What they want has happened, by that message. Those no longer open stay as they are."""
    values = {"state": "met", "met_by": met_by}
    _end(conn, now, obligation.c.id.in_(ids), values, "hub")


def close(conn: Connection, now: datetime, obligation_id: str, actor: str, reason: str) -> RowMapping | None:
    """A person says that it is settled. Its row; None: it is not open."""
    values = {"state": "closed", "actor": actor, "reason": reason}
    ended = _end(conn, now, obligation.c.id == obligation_id, values, actor)
    return ended[0] if ended else None


def reviewed(conn: Connection, now: datetime, message_id: str, actor: str) -> None:
    """A person dealt with a message that was held."""
    waiting = (obligation.c.cause == message_id, obligation.c.wants.startswith("review "))
    _end(conn, now, and_(*waiting), {"state": "met", "met_by": message_id, "actor": actor}, actor)


def release(conn: Connection, now: datetime, message_id: str, actor: str, reason: str) -> None:
    """Nothing is to come of a message: what it opened is owed no more."""
    values = {"state": "closed", "actor": actor, "reason": reason}
    _end(conn, now, obligation.c.id.in_(select(obligation.c.id).where(obligation.c.cause == message_id)), values, actor)


def _end(conn: Connection, now: datetime, which: Any, values: Mapping[str, Any], actor: str) -> Sequence[RowMapping]:
    ended = update(obligation).where(which, text(OPEN)).values(ended_at=now, look_at=None, **values)
    rows = conn.execute(ended.returning(*obligation.c)).mappings().all()
    for row in rows:
        if row["message_id"]:
            detail = {"obligation": row["id"], "kind": row["kind"], "late": now > row["due_at"]}
            record_event(conn, now, "message", row["message_id"], f"obligation_{row['state']}", actor, detail)
    for partner, kind in {(row["partner"], row["kind"]) for row in rows if row["missed_at"] is not None}:
        if not _any_missed(conn, partner, kind):
            resolve_incident(conn, now, cause_of(partner, kind), actor)
    return rows


def _any_missed(conn: Connection, partner: str, kind: str) -> bool:
    missed = (obligation.c.partner == partner, obligation.c.kind == kind, obligation.c.missed_at.is_not(None))
    return conn.execute(select(obligation.c.id).where(text(OPEN), *missed).limit(1)).first() is not None


def to_look_at(conn: Connection, now: datetime, most: int) -> Sequence[RowMapping]:
    """Open obligations of which something is to be said, the longest due first."""
    query = select(obligation).where(text(AWAITED), obligation.c.look_at <= now)
    return conn.execute(query.order_by(obligation.c.look_at).limit(most)).mappings().all()


def set_obligation(conn: Connection, obligation_id: str, **values: Any) -> None:
    conn.execute(update(obligation).where(obligation.c.id == obligation_id).values(**values))


def open_ones(conn: Connection, *, partner: str = "") -> Sequence[RowMapping]:
    """Those due first, at most FIRST."""
    query = select(obligation).where(text(OPEN)).order_by(obligation.c.due_at, obligation.c.id).limit(FIRST)
    return conn.execute(query.where(obligation.c.partner == partner) if partner else query).mappings().all()


def newest(conn: Connection, *, partner: str = "", limit: int = 200) -> Sequence[RowMapping]:
    """Open and ended ones, the newest first."""
    query = select(obligation).order_by(obligation.c.id.desc()).limit(limit)
    return conn.execute(query.where(obligation.c.partner == partner) if partner else query).mappings().all()


def find(conn: Connection, part: str) -> Sequence[RowMapping]:
    """Those whose id is that, or begins or ends so; two at the most."""
    alike = or_(obligation.c.id.startswith(part, autoescape=True), obligation.c.id.endswith(part, autoescape=True))
    return conn.execute(select(obligation).where(alike).limit(2)).mappings().all()


def unacknowledged(conn: Connection, until: datetime, *, limit: int = 200) -> Sequence[RowMapping]:
    """What we sent that is overdue, or should be acknowledged until then, the first due on top."""
    names = ("id", "partner", "type", "number", "control_number", "acknowledgement", "acknowledgement_due_at")
    columns = [message.c[name] for name in names]
    found: list[RowMapping] = []
    for status in ("overdue", "expected"):
        query = select(*columns).where(
            message.c.acknowledgement == status,
            message.c.acknowledgement_due_at <= until,
            message.c.validation != "ignored",
        )
        found += conn.execute(query.order_by(message.c.acknowledgement_due_at).limit(limit)).mappings()
    return found[:limit]


def orders_told(conn: Connection, order_ids: Iterable[str]) -> dict[str, RowMapping]:
    """Whose those orders are, and their numbers."""
    columns = (sales_order.c.id, sales_order.c.partner, sales_order.c.number)
    query = select(*columns).where(sales_order.c.id.in_(set(order_ids)))
    return {row["id"]: row for row in conn.execute(query).mappings()}


def order_value(conn: Connection, order_id: str) -> Decimal:
    """What an order is worth: its ordered quantities at its prices."""
    query = (
        select(order_line.c.price, quantity_event.c.quantity)
        .join(quantity_event, quantity_event.c.line_id == order_line.c.id)
        .where(order_line.c.order_id == order_id, quantity_event.c.kind == "ordered")
    )
    return sum((row.price * row.quantity for row in conn.execute(query) if row.price is not None), Decimal(0))
