"""Named queries of the order's life."""

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, bindparam, func, or_, select, update

from hub.store.batch import change, insert
from hub.store.rows import among
from hub.store.tables import (
    document,
    fulfilment,
    message,
    order_line,
    package,
    quantity_event,
    sales_order,
    tracking,
)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity a line gained (or, negative, lost). The same (line, kind, cause) counts once."""

    line_id: str
    kind: str
    quantity: Decimal


def orders_of_keys(conn: Connection, business_keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """The orders that have these keys now, by key."""
    rows = conn.execute(among(sales_order.c.business_key), {"values": list(business_keys)}).mappings()
    return {row["business_key"]: dict(row) for row in rows}


def release_key(conn: Connection, business_key: str) -> None:
    """An order of that key that is too old to be meant any more gives it up to the one that is taken now."""
    old = update(sales_order).where(sales_order.c.business_key == business_key)
    conn.execute(old.values(business_key=sales_order.c.id))


def get_order(conn: Connection, order_id: str) -> RowMapping:
    return conn.execute(select(sales_order).where(sales_order.c.id == order_id)).mappings().one()


def began(conn: Connection, order_ids: Collection[str]) -> dict[str, datetime]:
    """When those orders came."""
    query = among(sales_order.c.id, sales_order.c.id, sales_order.c.created_at)
    return {row.id: row.created_at for row in conn.execute(query, {"values": list(order_ids)})} if order_ids else {}


def order_lines(conn: Connection, order_id: str) -> Sequence[RowMapping]:
    query = select(order_line).where(order_line.c.order_id == order_id).order_by(order_line.c.ordinal)
    return conn.execute(query).mappings().all()


def quantities(conn: Connection, order_id: str) -> dict[str, dict[str, Decimal]]:
    """line id -> kind -> quantity."""
    sums: dict[str, dict[str, Decimal]] = {}
    query = select(quantity_event.c.line_id, quantity_event.c.kind, quantity_event.c.quantity)
    for line_id, kind, quantity in conn.execute(query.where(quantity_event.c.order_id == order_id)):
        line = sums.setdefault(line_id, {})
        line[kind] = line.get(kind, Decimal(0)) + quantity
    return sums


def has_cause(conn: Connection, order_id: str, cause: str) -> bool:
    """Whether a fact with that cause is already known of the order."""
    query = select(quantity_event.c.seq).where(quantity_event.c.order_id == order_id, quantity_event.c.cause == cause)
    return conn.execute(query.limit(1)).first() is not None


def document_of_cause(conn: Connection, order_id: str, cause: str) -> str | None:
    """The document that brought the facts of that cause; None: they are not known."""
    query = select(quantity_event.c.document_id)
    query = query.where(quantity_event.c.order_id == order_id, quantity_event.c.cause == cause)
    return conn.execute(query.limit(1)).scalar()


def add_facts(
    conn: Connection, now: datetime, order_id: str, document_id: str | None, cause: str, facts: Sequence[Fact]
) -> None:
    """Records quantities; facts of one line and kind are added up first, so that one cause is one row."""
    added: dict[tuple[str, str], Decimal] = {}
    for fact in facts:
        key = (fact.line_id, fact.kind)
        added[key] = added.get(key, Decimal(0)) + fact.quantity
    rows = [
        {
            "order_id": order_id,
            "line_id": line_id,
            "kind": kind,
            "quantity": quantity,
            "document_id": document_id,
            "cause": cause,
            "at": now,
        }
        for (line_id, kind), quantity in added.items()
        if quantity
    ]
    insert(conn, quantity_event, rows)


def set_statuses(conn: Connection, order_id: str, *, fulfilment: str, money: str, after_sales: str) -> None:
    """Where the order stands, with the transaction's other writes."""
    change(conn, sales_order, order_id, {"fulfilment": fulfilment, "money": money, "after_sales": after_sales})


def fulfilment_by_number(
    conn: Connection, number: str, *, source: str, account: str, environment: str
) -> RowMapping | None:
    """The fulfilment we asked that source for under that number."""
    query = (
        select(fulfilment)
        .join(sales_order, fulfilment.c.order_id == sales_order.c.id)
        .where(
            fulfilment.c.number == number,
            fulfilment.c.source == source,
            sales_order.c.account == account,
            sales_order.c.environment == environment,
        )
    )
    return conn.execute(query).mappings().first()


def document_body(conn: Connection, document_id: str) -> bytes:
    return bytes(conn.execute(select(document.c.body).where(document.c.id == document_id)).scalar_one())


def packages_tracked(conn: Connection, number: str, *, account: str, environment: str) -> Sequence[RowMapping]:
    """Packages of the account that a carrier knows by that number: its own, or the SSCC."""
    query = (
        select(package)
        .join(sales_order, package.c.order_id == sales_order.c.id)
        .where(
            or_(package.c.tracking == number, package.c.sscc == number),
            sales_order.c.account == account,
            sales_order.c.environment == environment,
        )
    )
    return conn.execute(query).mappings().all()


def _tracked(numbers: Sequence[str], account: str, environment: str) -> ColumnElement[bool]:
    """Tracking events of these numbers that came to the account in that environment."""
    came = select(document.c.id).where(document.c.account == account, document.c.environment == environment)
    return and_(tracking.c.number.in_(numbers), tracking.c.document_id.in_(came))


def claim_tracking(conn: Connection, order_id: str, numbers: Sequence[str], *, account: str, environment: str) -> bool:
    """Gives the order the tracking events that came before their shipment, with their documents and messages; whether
    there were any."""
    waiting = and_(_tracked(numbers, account, environment), tracking.c.order_id.is_(None))
    claimed = update(tracking).where(waiting).values(order_id=order_id).returning(tracking.c.document_id)
    documents = conn.execute(claimed).scalars().all()
    conn.execute(update(document).where(document.c.id.in_(documents)).values(order_id=order_id))
    conn.execute(update(message).where(message.c.document_id.in_(documents)).values(order_id=order_id))
    return bool(documents)


def insert_order(conn: Connection, row: dict[str, Any], lines: Sequence[dict[str, Any]]) -> None:
    insert(conn, sales_order, [row])
    insert(conn, order_line, lines)


def insert_fulfilment(conn: Connection, row: dict[str, Any]) -> None:
    insert(conn, fulfilment, [row])


def close_fulfilment(conn: Connection, fulfilment_id: str) -> None:
    conn.execute(update(fulfilment).where(fulfilment.c.id == fulfilment_id).values(state="closed"))


def insert_packages(conn: Connection, new_id: Callable[[], str], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(package.insert(), [{"id": new_id(), **row} for row in rows])


def insert_tracking(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(tracking.insert(), rows)


def delivered_said(conn: Connection, number: str, *, account: str, environment: str) -> bool:
    """Whether a carrier ever said that the package was delivered."""
    query = select(tracking.c.id).where(_tracked([number], account, environment), tracking.c.status == "delivered")
    return conn.execute(query.limit(1)).first() is not None


def lock_accounts(conn: Connection, accounts: Iterable[str]) -> None:
    """Until the transaction ends nobody else changes orders of these accounts: so a shipment and a tracking event of
    one package never miss each other, and document numbers are taken without anybody waiting in a circle."""
    if conn.dialect.name == "postgresql":
        for account in sorted(set(accounts)):
            conn.execute(_lock_of(), {"name": f"orders/{account}"})


@functools.cache
def _lock_of() -> Select[Any]:
    return select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))


def tracking_known(
    conn: Connection, number: str, *, account: str, environment: str
) -> list[tuple[str, dict[str, Any]]]:
    """What was said of a tracking number: status and the carrier's words."""
    query = select(tracking.c.status, tracking.c.said).where(_tracked([number], account, environment))
    return [(status, said) for status, said in conn.execute(query)]
