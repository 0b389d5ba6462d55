"""Facts that a person enters: what was said by phone, what a mail's text holds. Each names its source and reason."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection

from hub.canonical import Order
from hub.errors import UsageError
from hub.orders.facts import note_facts
from hub.orders.intake import business_key, insert_lines, numbered_twice
from hub.orders.life import KINDS
from hub.orders.model import Context
from hub.store import orders as store
from hub.store.events import record_event


def enter_fact(
    conn: Connection,
    now: datetime,
    *,
    order_id: str,
    line: str,
    kind: str,
    quantity: Decimal,
    fact_id: str,
    actor: str,
    reason: str,
) -> dict[str, str]:
    """So much of an order line was accepted, shipped, cancelled, .. (negative: a correction). What the line has then.

    Nothing goes out because of it. fact_id: makes the fact one of its own. UsageError HUB-8011: there is no such line
    or kind, or the line would have less than nothing.
    """
    if kind not in KINDS or kind == "ordered":
        kinds = ", ".join(name for name in KINDS if name != "ordered")
        raise UsageError("HUB-8011", f'A line has no quantity "{kind}" that a person enters; it can be {kinds}.')
    rows = {row["number"]: row for row in store.order_lines(conn, order_id)}
    if line not in rows:
        raise UsageError("HUB-8011", f"The order has no line {line}; it has {', '.join(rows) or 'none'}.")
    line_id = rows[line]["id"]
    have = store.quantities(conn, order_id).get(line_id, {})
    after = have.get(kind, Decimal(0)) + quantity
    if quantity == 0 or after < 0:
        text = f"Line {line} has {have.get(kind, Decimal(0))} {kind}; {quantity} more would make {after}."
        raise UsageError("HUB-8011", text)
    cause = f"person/{fact_id}"
    note_facts(conn, now, order_id, None, cause, [store.Fact(line_id=line_id, kind=kind, quantity=quantity)])
    detail = {"line": line, "kind": kind, "quantity": str(quantity), "source": "person", "reason": reason}
    record_event(conn, now, "order", order_id, "fact_entered", actor, detail)
    return {name: str(value) for name, value in {**have, kind: after}.items()}


class OpenLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a line is in the system it comes from: so much of it accepted, shipped, invoiced, .."""

    line: str
    kind: str
    quantity: Decimal


class OpenFulfilment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a source was asked to ship and has not closed. number: ours towards the source, which it answers to."""

    number: str
    source: str
    lines: list[dict[str, str]]


def import_order(
    conn: Connection,
    order: Order,
    context: Context,
    facts: list[OpenLine],
    fulfilments: list[OpenFulfilment],
) -> str | None:
    """Takes over an order that another system has begun; nothing goes out because of it. Its id; None: it is here
    already. UsageError HUB-8011: a line or kind of the facts is not the order's."""
    key = business_key(order, context)
    if store.orders_of_keys(conn, [key]):
        return None
    if (twice := numbered_twice(order)) is not None:
        raise UsageError("HUB-8011", f"Order {order.number} has two lines {twice}.")
    order_id = context.new_id()
    lines = insert_lines(conn, order, order_id, key, context)
    named = [fact.line for fact in facts] + [share["line"] for one in fulfilments for share in one.lines]
    wrong = [name for name in named if name not in lines] + [fact.kind for fact in facts if fact.kind not in KINDS]
    if wrong:
        text = f"Order {order.number} has no line or quantity {wrong[0]}; its lines are {', '.join(lines)}."
        raise UsageError("HUB-8011", text)
    known = [store.Fact(line_id=lines[fact.line], kind=fact.kind, quantity=fact.quantity) for fact in facts]
    cause = f"import/{context.document_id}"
    note_facts(conn, context.now, order_id, context.document_id, cause, known)
    for one in fulfilments:
        _insert_fulfilment(conn, order_id, one, context)
    detail = {"number": order.number, "fulfilments": [one.number for one in fulfilments]}
    record_event(conn, context.now, "order", order_id, "imported", detail=detail)
    return order_id


def _insert_fulfilment(conn: Connection, order_id: str, given: OpenFulfilment, context: Context) -> None:
    row: dict[str, Any] = {
        "id": context.new_id(),
        "order_id": order_id,
        "number": given.number,
        "source": given.source,
        "document_id": None,
        "state": "released",
        "lines": given.lines,
        "reason": "taken over from another system",
        "created_at": context.now,
    }
    store.insert_fulfilment(conn, row)
