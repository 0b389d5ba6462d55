"""Read-only: the list of orders, for the page, the API and the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, text

from hub.store.concern import IS_PROBLEM
from hub.store.search import Found, in_order, starts_with
from hub.store.tables import UNSHIPPED, fulfilment, message, order_line, sales_order

SORTED = 20_000
"""Orders whose numbers begin alike are looked up up to so many; more are met by going back from the newest, which takes
long only where all of them are old."""

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
    few: Sequence[str] | None = []
    if wanted.query:
        few = Found(conn, wanted.query).few
        conditions.append(_found(conn, wanted.query, few))
    columns = [sales_order.c[name] for name in OrderRow.__struct_fields__ if name in sales_order.c]
    query = select(*columns, sales_order.c.created_at.label("at")).where(*conditions)
    found = [dict(row) for row in conn.execute(query.order_by(sales_order.c.id.desc()).limit(limit + 1)).mappings()]
    shown = found[:limit]
    more = _more(conn, [row["id"] for row in shown])
    return OrderPage(
        orders=[OrderRow(**row, **more.get(row["id"], {})) for row in shown],
        before=shown[-1]["id"] if len(found) > limit else None,
        own_numbers=few is None,
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
    return sales_order.c.id.in_(select(message.c.order_id).where(problem, _of_an_order()))


def _of_an_order() -> ColumnElement[bool]:
    return message.c.order_id.is_not(None)


def _found(conn: Connection, query: str, few: Sequence[str] | None) -> ColumnElement[bool]:
    """Of orders. few: the messages that the query finds; None: too many to look up."""
    numbered = _numbered(conn, query)
    if few is None:
        return numbered
    return or_(numbered, sales_order.c.id.in_(select(message.c.order_id).where(message.c.id.in_(few), _of_an_order())))


def _numbered(conn: Connection, query: str) -> ColumnElement[bool]:
    """The orders whose own number begins so."""
    number, spellings = sales_order.c.number, sorted({query, query.upper()})
    fitting = [select(sales_order.c.id).where(starts_with(conn, number, one)) for one in spellings]
    for some in fitting:
        few = some.order_by(in_order(conn, number)).limit(SORTED).subquery()
        if conn.execute(select(func.count()).select_from(few)).scalar_one() == SORTED:
            plain = func.coalesce(number, "")  # looked at from the newest back, not by the index of numbers
            return or_(*(starts_with(conn, plain, one) for one in spellings))
    return or_(*(sales_order.c.id.in_(some) for some in fitting))


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
