"""Read-only: the list of orders, for the page, the API and the command line."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, text, true

from hub.store.concern import IS_PROBLEM
from hub.store.search import Found, in_order, starts_with
from hub.store.tables import UNSHIPPED, fulfilment, message, order_line, sales_order

FEW, SORTED = 1000, 20_000
"""Orders whose numbers begin alike: so many are looked up, so many sorted."""

PROBLEMS = 2000
"""Messages that need a person are looked up up to so many."""


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order as lists show it. lines: how many. sources: the partners who ship it. problems: how many of its messages
    need a person. fulfilment, money and after_sales are the statuses of hub.orders.life."""

    id: str
    at: datetime
    number: str
    partner: str
    account: str
    environment: str
    order_type: str | None
    fulfilment: str
    money: str
    after_sales: str
    lines: int = 0
    sources: list[str] = []
    problems: int = 0


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What to list; empty is no restriction.

    query: the order's number or any key of its messages (shipment, invoice, SSCC, tracking), whole or its beginning.
    state: "open" (something is still to leave or to arrive), "problem" (a message of it needs a person), or a status of
    its fulfilment ("partly_shipped").
    """

    query: str = ""
    partner: str = ""
    state: str = ""


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. before: the cursor of the next, older page; None at the end. own_numbers: so many keys begin like
    the query that only orders' own numbers were compared."""

    orders: list[OrderRow]
    before: str | None
    own_numbers: bool = False


STATES = (
    *("open", "problem", "ordered", "partly_accepted", "accepted", "partly_released", "released"),
    *("partly_shipped", "shipped", "partly_delivered", "delivered", "cancelled"),
)


def list_orders(conn: Connection, wanted: OrderFilter, *, before: str | None = None, limit: int = 50) -> OrderPage:
    """The newest orders that fit, or those older than the cursor. ValueError: no such state."""
    conditions: list[ColumnElement[bool]] = [_has_state(conn, wanted.state)] if wanted.state else []
    if wanted.partner:
        conditions.append(sales_order.c.partner == wanted.partner)
    if before:
        conditions.append(sales_order.c.id < before)
    search = _search(conn, wanted.query) if wanted.query else _Search(true())
    conditions.append(search.condition)
    columns = [sales_order.c[name] for name in OrderRow.__struct_fields__ if name in sales_order.c]
    query = select(*columns, sales_order.c.created_at.label("at")).where(*conditions)
    found = [dict(row) for row in conn.execute(query.order_by(search.by.desc()).limit(limit + 1)).mappings()]
    shown = found[:limit]
    more = _more(conn, [row["id"] for row in shown])
    return OrderPage(
        orders=[OrderRow(**row, **more.get(row["id"], {})) for row in shown],
        before=shown[-1]["id"] if len(found) > limit else None,
        own_numbers=search.own_numbers,
    )


def _has_state(conn: Connection, state: str) -> ColumnElement[bool]:
    if state not in STATES:
        raise ValueError(state)
    if state == "open":
        return and_(text(UNSHIPPED))
    if state == "problem":
        return _has_problem(conn)
    return sales_order.c.fulfilment == state


def _has_problem(conn: Connection) -> ColumnElement[bool]:
    """A message of the order needs a person. Few such messages are looked up; among many, orders that have some are
    soon met by looking at each."""
    problem = text(f"({IS_PROBLEM})")
    few = select(message.c.id).where(problem).limit(PROBLEMS).subquery()
    if conn.execute(select(func.count()).select_from(few)).scalar_one() == PROBLEMS:
        return exists().where(message.c.order_id == sales_order.c.id, problem)
    return sales_order.c.id.in_(select(message.c.order_id).where(problem, message.c.order_id.is_not(None)))


class _Search(NamedTuple):
    """What a query finds. by: what the list is ordered by, so that a database goes the way it was chosen for."""

    condition: ColumnElement[bool]
    by: ColumnElement[str] = sales_order.c.id
    own_numbers: bool = False


def _search(conn: Connection, query: str) -> _Search:
    """Few are looked up by their ids; more are found by the index of numbers and sorted; of a great many the newest are
    met by going back from the newest order, which takes long only where all that fit are old."""
    number, spellings, few = sales_order.c.number, sorted({query, query.upper()}), Found(conn, query).few
    fits = [starts_with(conn, number, one) for one in spellings]
    found = [_ids(conn, one) for one in fits]
    if max(map(len, found)) < FEW:
        inside = select(message.c.order_id).where(message.c.id.in_(few or []), message.c.order_id.is_not(None))
        ids = {*itertools.chain(*found), *conn.execute(inside).scalars()}
        return _Search(sales_order.c.id.in_(sorted(ids)), own_numbers=few is None)
    if max(_count(conn, one) for one in fits) < SORTED:
        return _Search(or_(*fits), func.coalesce(sales_order.c.id, ""), own_numbers=True)
    plain = func.coalesce(number, "")
    return _Search(or_(*(starts_with(conn, plain, one) for one in spellings)), own_numbers=True)


def _count(conn: Connection, fits: ColumnElement[bool]) -> int:
    some = select(sales_order.c.id).where(fits).order_by(in_order(conn, sales_order.c.number)).limit(SORTED)
    return conn.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def _ids(conn: Connection, fits: ColumnElement[bool]) -> Sequence[str]:
    some = select(sales_order.c.id).where(fits).order_by(in_order(conn, sales_order.c.number)).limit(FEW)
    return conn.execute(some).scalars().all()


def _more(conn: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of each order what stands in other tables."""
    found: dict[str, dict[str, Any]] = {one: {} for one in ids}
    counts: dict[str, Select[Any]] = {
        "lines": select(order_line.c.order_id, func.count()).where(order_line.c.order_id.in_(ids)),
        "problems": select(message.c.order_id, func.count()).where(
            message.c.order_id.in_(ids), text(f"({IS_PROBLEM})")
        ),
    }
    for name, query in counts.items():
        for order_id, count in conn.execute(query.group_by(query.selected_columns[0])) if ids else ():
            found[order_id][name] = count
    ships = select(fulfilment.c.order_id, fulfilment.c.source).where(fulfilment.c.order_id.in_(ids))
    for order_id, source in conn.execute(ships.order_by(fulfilment.c.id)) if ids else ():
        sources = found[order_id].setdefault("sources", [])
        if source not in sources:
            sources.append(source)
    return found
