"""An order comes in: seen before? may it go on? who ships it? what is said to whom?"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Connection

from hub.canonical import Order, OrderLine, decode
from hub.orders import compose
from hub.orders.difference import differences
from hub.orders.facts import note_statuses
from hub.orders.model import Context, Outcome, Outward
from hub.store import orders as store
from hub.store.events import record_event
from hub.store.numbers import next_control_number

REUSE_AFTER = timedelta(days=540)
"""PO numbers are used again; after this long the same number is a new order."""

REPEATS = ("confirm", "duplicate", "copy", "information", "resubmission", "retransmission")
"""Purposes (X12 BEG01 06, 07, 15, 22; EDIFACT 1225 7, 31, 35) that repeat an order and never make one."""

CREATES = (None, "original", "original_no_response")
"""Purposes that make an order. Changes and cancellations come as documents of their own."""


def business_key(order: Order, context: Context) -> str:
    """What makes an order the same order: whose, from whom, number, release and ship-to."""
    ship_to = order.party("ship_to")
    place = next((entry.value for entry in ship_to.ids), ship_to.name or "") if ship_to else ""
    parts = (context.account, context.partner, context.environment, order.number or "", order.release or "", place)
    return "/".join(parts)


def look_up(conn: Connection, orders: Iterable[tuple[Order, Context]]) -> None:
    """Looks up what is known of several orders at once."""
    keys = {business_key(order, context): context for order, context in orders}
    found = store.orders_of_keys(conn, keys) if keys else {}
    for key, context in keys.items():
        context.known[key] = found.get(key)


def own_number(conn: Connection, context: Context, kind: str) -> int:
    """Our next number of that kind of document. What sources answer to is numbered across all accounts and both
    environments, so that an answer never means two things; anything else for each of them."""
    whose = "" if kind == "fulfilment" else f"/{context.account}/{context.environment}"
    return next_control_number(conn, f"number{whose}/{kind}", now=context.now, start=100001)


def take_order(conn: Connection, order: Order, context: Context) -> Outcome:
    """Takes an order once; the same again changes nothing, the same number with other content waits for a person."""
    key = business_key(order, context)
    if key not in context.known:
        context.known[key] = store.orders_of_keys(conn, [key]).get(key)
    known = context.known[key]
    if known is not None and known["created_at"] >= context.now - REUSE_AFTER:
        return _seen_before(conn, order, known["id"], known["document_id"], context)
    if order.purpose not in CREATES:
        text = (
            f"Order {order.number} is sent with the purpose {order.purpose}, and no original is known. "
            f"Ask {context.partner} for the original."
        )
        return Outcome(hold=text, code="HUB-8002")
    if (twice := numbered_twice(order)) is not None:
        text = f"Order {order.number} has two lines {twice}: what is said of one could be meant for the other."
        return Outcome(hold=text, code="HUB-8009")
    shares: dict[str, list[OrderLine]] = {}
    for line in order.lines:
        source = context.choose_source(order, line)
        if source is None:
            items = ", ".join(f"{entry.scheme} {entry.value}" for entry in line.ids) or "no item number"
            text = (
                f"No rule says who ships line {line.number} ({items}) of order {order.number}. "
                "Add a [[source]] to hub.toml, then replay."
            )
            return Outcome(hold=text, code="HUB-8007")
        shares.setdefault(source, []).append(line)
    if known is not None:
        store.release_key(conn, key)
    order_id = context.new_id()
    lines = insert_lines(conn, order, order_id, key, context)
    return _release_all(conn, order, order_id, lines, shares, context)


def _seen_before(conn: Connection, order: Order, order_id: str, document_id: str, context: Context) -> Outcome:
    if document_id == context.document_id:  # derived again: everything it causes exists already
        return Outcome(order_id=order_id, note="derived again", repeated=True)
    changed = differences(decode(store.document_body(conn, document_id)), order)
    if order.purpose in REPEATS:
        changed = [text for text in changed if not text.startswith("purpose:")]
    if changed:
        return _changed(conn, order, order_id, "; ".join(changed), context)
    record_event(conn, context.now, "order", order_id, "repeated", detail={"document": context.document_id})
    return Outcome(order_id=order_id, note="the same order again: nothing done", repeated=True)


def _changed(conn: Connection, order: Order, order_id: str, changed: str, context: Context) -> Outcome:
    """The same number with other content: what the agreement says."""
    text = f"Order {order.number} came before with other content ({changed})."
    wanted = context.duplicate()
    if wanted == "hold":
        return Outcome(order_id=order_id, hold=f"{text} Decide which one counts.", code="HUB-8001")
    detail = {"document": context.document_id, "changed": changed}
    record_event(conn, context.now, "order", order_id, "repeated", detail=detail)
    if wanted == "ignore":
        return Outcome(order_id=order_id, note=f"{text} The first one counts.", repeated=True)
    number = f"R{own_number(conn, context, 'response')}"
    response = compose.order_response(order, context.own, number, context.now, "rejected")
    told = Outward(document=response, partner=context.partner, reason="an order that comes twice is rejected")
    return Outcome(order_id=order_id, outward=[told], rejected=f"{text} It is rejected.", code="HUB-8001")


def numbered_twice(order: Order) -> str | None:
    """A line number that two lines have; a line without one takes its position."""
    seen = Counter(line.number or str(ordinal) for ordinal, line in enumerate(order.lines, 1))
    return next((number for number, times in seen.items() if times > 1), None)


def insert_lines(conn: Connection, order: Order, order_id: str, key: str, context: Context) -> dict[str, str]:
    """The order's rows: line number -> line id. A line without a number takes its position."""
    line_ids: dict[str, str] = {}
    rows = []
    for ordinal, line in enumerate(order.lines, 1):
        line.number = line.number or str(ordinal)
        line_ids[line.number] = context.new_id()
        rows.append(
            {
                "id": line_ids[line.number],
                "order_id": order_id,
                "number": line.number,
                "ordinal": ordinal,
                "item": line.item("vendor", "gtin", "upc", "ean", "buyer") or next((i.value for i in line.ids), ""),
                "description": line.description or "",
                "unit": line.quantity.unit if line.quantity else None,
                "price": line.price.amount if line.price else None,
            }
        )
    row = {
        "id": order_id,
        "partner": context.partner,
        "account": context.account,
        "connection": "",
        "environment": context.environment,
        "number": order.number or "",
        "business_key": key,
        "order_type": order.order_type,
        "document_id": context.document_id,
        "review": "approved",
        "created_at": context.now,
    }
    store.insert_order(conn, row, rows)
    context.known[key] = row
    facts = [
        store.Fact(line_id=line_ids[line.number or ""], kind="ordered", quantity=_value(line)) for line in order.lines
    ]
    store.add_facts(conn, context.now, order_id, context.document_id, f"order/{context.document_id}", facts)
    record_event(conn, context.now, "order", order_id, "taken", detail={"number": order.number, "lines": len(rows)})
    return line_ids


def _value(line: OrderLine) -> Decimal:
    return line.quantity.value if line.quantity else Decimal(0)


def _release_all(
    conn: Connection,
    order: Order,
    order_id: str,
    lines: dict[str, str],
    shares: dict[str, list[OrderLine]],
    context: Context,
) -> Outcome:
    """Answers the buyer and asks each source for its share."""
    number = f"R{own_number(conn, context, 'response')}"
    response = compose.order_response(order, context.own, number, context.now)
    outward = [Outward(document=response, partner=context.partner, reason="whoever orders is answered")]
    outward += [_release(conn, order, order_id, source, share, context) for source, share in shares.items()]
    reached = ("accepted", "released")
    facts = [
        store.Fact(line_id=lines[line.number or ""], kind=kind, quantity=_value(line))
        for line in order.lines
        for kind in reached
    ]
    store.add_facts(conn, context.now, order_id, context.document_id, f"intake/{context.document_id}", facts)
    note_statuses(conn, order_id, [dict.fromkeys(("ordered", *reached), _value(line)) for line in order.lines])
    return Outcome(order_id=order_id, outward=outward)


def _release(
    conn: Connection, order: Order, order_id: str, source: str, share: Sequence[OrderLine], context: Context
) -> Outward:
    warehouse = context.is_warehouse(source)
    number = f"{'W' if warehouse else 'P'}{own_number(conn, context, 'fulfilment')}"
    document = (
        compose.warehouse_order(order, context.own, number, context.now, context.party_of(source), share)
        if warehouse
        else compose.drop_ship_order(order, context.own, number, context.now, context.party_of(source), share)
    )
    row = {
        "id": context.new_id(),
        "order_id": order_id,
        "number": number,
        "source": source,
        "document_id": None,
        "state": "released",
        "lines": [{"line": line.number, "quantity": str(_value(line))} for line in share],
        "reason": f"the sourcing rules name {source} for {'line' if len(share) == 1 else 'lines'} "
        + ", ".join(line.number or "" for line in share),
        "created_at": context.now,
    }
    store.insert_fulfilment(conn, row)
    record_event(conn, context.now, "order", order_id, "released", detail={"to": source, "as": number})
    return Outward(document=document, partner=source, reason=str(row["reason"]))
