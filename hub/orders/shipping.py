"""A warehouse or a supplier says what it shipped: quantities grow, the buyer gets a ship notice and an invoice."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from hub.canonical import (
    Line,
    Order,
    OrderLine,
    Quantity,
    Reference,
    ShipmentConfirmation,
    ShipNotice,
    ShippedLine,
    decode,
)
from hub.orders import compose
from hub.orders.compose import Parcel, Shipment, Shipped
from hub.orders.intake import own_number
from hub.orders.model import Context, Outcome, Outward
from hub.orders.tracking import settle_delivered
from hub.store import orders as store
from hub.store.events import record_event

LATER = ("bill_of_lading", "pro_number", "shipment")


class _UnmatchedError(Exception):
    """A shipped line that no order line is like; the text says which."""


def take_confirmation(conn: Connection, confirmation: ShipmentConfirmation, context: Context) -> Outcome:
    """A 945: several add up per (warehouse order, line); partial_closed and complete close a line, short or not."""
    number = confirmation.warehouse_order or ""
    found = store.fulfilment_by_number(conn, number, context.partner)
    if found is None:
        return _unknown(f"Shipment {confirmation.number} is for warehouse order {number or '(none)'}", context)
    order = _order(conn, found)
    try:
        contents, closed = _confirmed(confirmation, order)
    except _UnmatchedError as error:
        return Outcome(order_id=found["order_id"], hold=str(error), code="HUB-8004")
    parcels = {
        package.id: Parcel(id=package.id, sscc=package.sscc, tracking=package.tracking, measures=package.measures)
        for package in confirmation.packages
    }
    for line in confirmation.lines:
        name = _package(line)
        if name is not None and name not in parcels:
            parcels[name] = Parcel(id=name, sscc=_mark(line, "sscc"), tracking=_mark(line, "tracking"))
    shipment = Shipment(
        number="",
        shipped=confirmation.date("shipped") or confirmation.issued or compose.moment(context.now),
        carrier=confirmation.carrier,
        parcels=list(parcels.values()),
        contents=contents,
        measures=confirmation.measures,
        references=[entry for entry in confirmation.references if entry.type in LATER],
        ship_from=confirmation.party("ship_from") or confirmation.party("warehouse"),
    )
    cause = f"shipment/{context.partner}/{number}/{confirmation.number}"
    return _ship(conn, order, found, shipment, cause, closed, context)


def take_ship_notice(conn: Connection, notice: ShipNotice, context: Context) -> Outcome:
    """A supplier's ship notice for our purchase orders. One notice is for one purchase order here; more hold it."""
    numbers = {shipped.id: (shipped.order.number if shipped.order else None) for shipped in notice.orders}
    purchase_orders = {number for number in numbers.values() if number}
    if len(purchase_orders) != 1:
        named = len(purchase_orders)
        text = f"Ship notice {notice.number} names {named} of our purchase orders; exactly one is understood."
        return Outcome(hold=text, code="HUB-8005")
    number = purchase_orders.pop()
    found = store.fulfilment_by_number(conn, number, context.partner)
    if found is None:
        return _unknown(f"Ship notice {notice.number} is for purchase order {number}", context)
    order = _order(conn, found)
    try:
        contents = [
            Shipped(line=_match(entry, order), quantity=_quantity(entry.quantity), package=entry.package, lot=entry.lot)
            for entry in notice.contents
        ]
    except _UnmatchedError as error:
        return Outcome(order_id=found["order_id"], hold=str(error), code="HUB-8004")
    used = {part.package for part in contents}
    shipment = Shipment(
        number="",
        shipped=notice.date("shipped") or notice.issued or compose.moment(context.now),
        carrier=notice.carrier,
        parcels=[
            Parcel(id=package.id, sscc=package.sscc, tracking=package.tracking, measures=package.measures)
            for package in notice.packages
            if package.id in used
        ],
        contents=contents,
        measures=notice.measures,
        references=[Reference(type=e.type, value=e.value) for e in notice.references if e.type in LATER],
        ship_from=notice.party("ship_from") or notice.party("seller"),
    )
    cause = f"shipment/{context.partner}/{number}/{notice.number}"
    return _ship(conn, order, found, shipment, cause, [], context)


def _unknown(what: str, context: Context) -> Outcome:
    text = f"{what}, which {context.partner} was never asked for. Check the number with {context.partner}, then replay."
    return Outcome(hold=text, code="HUB-8003")


def _order(conn: Connection, found: RowMapping) -> Order:
    row = store.get_order(conn, found["order_id"])
    order = decode(store.document_body(conn, row["document_id"]))
    if not isinstance(order, Order):
        raise TypeError(f"order {row['id']} was taken from a {type(order).__name__}")
    for ordinal, line in enumerate(order.lines, 1):
        line.number = line.number or str(ordinal)
    return order


def _quantity(quantity: Quantity | None) -> Quantity:
    return quantity or Quantity(value=Decimal(0))


def _package(line: ShippedLine) -> str | None:
    """The package a shipped line is in: named by the line, or marked on it with SSCC or tracking number."""
    return next(iter(line.packages), None) or _mark(line, "sscc") or _mark(line, "tracking")


def _mark(line: ShippedLine, type: str) -> str | None:
    return next((entry.value for entry in line.references if entry.type == type), None)


def _match(shipped: Line, order: Order) -> OrderLine:
    """The order line a shipped line is about: by item first (warehouses renumber lines), by line number else."""
    values = {(entry.scheme, entry.value) for entry in shipped.ids}
    alike = [line for line in order.lines if values & {(entry.scheme, entry.value) for entry in line.ids}]
    numbered = [line for line in order.lines if shipped.number and line.number == shipped.number]
    both = [line for line in alike if line in numbered]
    for candidates in (both, alike, numbered):
        if candidates:
            return candidates[0]
    items = ", ".join(f"{entry.scheme} {entry.value}" for entry in shipped.ids) or "no item number"
    raise _UnmatchedError(f"Line {shipped.number or '?'} ({items}) shipped, but order {order.number} has no such line.")


def _confirmed(confirmation: ShipmentConfirmation, order: Order) -> tuple[list[Shipped], list[str]]:
    """What shipped, and the numbers of the order lines that the warehouse closed."""
    contents, closed = [], []
    for line in confirmation.lines:
        matched = _match(line, order)
        shipped = _quantity(line.shipped)
        if shipped.value > 0:
            unit = shipped.unit or (line.ordered.unit if line.ordered else None)
            quantity = Quantity(value=shipped.value, unit=unit)
            contents.append(Shipped(line=matched, quantity=quantity, package=_package(line), lot=line.lot))
        if line.status in ("complete", "partial_closed", "over", "not_shipped"):
            closed.append(matched.number or "")
    return contents, closed


def _ship(
    conn: Connection,
    order: Order,
    found: RowMapping,
    shipment: Shipment,
    cause: str,
    closed: Sequence[str],
    context: Context,
) -> Outcome:
    order_id = found["order_id"]
    if store.has_cause(conn, order_id, cause):
        record_event(conn, context.now, "order", order_id, "repeated", detail={"document": context.document_id})
        return Outcome(order_id=order_id, note="the same shipment again: nothing done", repeated=True)
    line_ids = {row["number"]: row["id"] for row in store.order_lines(conn, order_id)}
    facts = [
        store.Fact(line_id=line_ids[part.line.number or ""], kind=kind, quantity=part.quantity.value)
        for part in shipment.contents
        for kind in ("shipped", "invoiced")
    ]
    facts += _short(conn, order_id, found, line_ids, shipment, closed)
    store.add_facts(conn, context.now, order_id, context.document_id, cause, facts)
    _close(conn, found, line_ids)
    if not shipment.contents:
        return Outcome(order_id=order_id, note="nothing shipped")
    shipment.number = f"S{own_number(conn, context, 'shipment')}"
    numbers = [mark for parcel in shipment.parcels for mark in (parcel.tracking, parcel.sscc) if mark]
    store.insert_packages(conn, context.new_id, _package_rows(order_id, found["id"], shipment, context))
    if store.claim_tracking(conn, order_id, numbers):
        for number in numbers:
            settle_delivered(conn, number, context)
    invoice_number = f"INV{own_number(conn, context, 'invoice')}"
    buyer = store.get_order(conn, order_id)["partner"]
    record_event(conn, context.now, "order", order_id, "shipped", detail={"by": context.partner, "as": shipment.number})
    notice = compose.ship_notice(order, context.own, shipment, context.now)
    bill = compose.invoice(order, context.own, invoice_number, shipment, context.now)
    return Outcome(
        order_id=order_id, outward=[Outward(document=notice, partner=buyer), Outward(document=bill, partner=buyer)]
    )


def _close(conn: Connection, found: RowMapping, line_ids: dict[str, str]) -> None:
    """A fulfilment is closed once every line of it has shipped or never will."""
    sums = store.quantities(conn, found["order_id"])
    for share in found["lines"]:
        line = sums.get(line_ids[share["line"]], {})
        if line.get("shipped", Decimal(0)) + line.get("cancelled", Decimal(0)) < Decimal(share["quantity"]):
            return
    store.close_fulfilment(conn, found["id"])


def _short(
    conn: Connection,
    order_id: str,
    found: RowMapping,
    line_ids: dict[str, str],
    shipment: Shipment,
    closed: Sequence[str],
) -> list[store.Fact]:
    """A closed line's rest never ships: it counts as cancelled."""
    sums = store.quantities(conn, order_id)
    facts = []
    for number in dict.fromkeys(closed):
        line = sums.get(line_ids[number], {})
        now_shipped = sum((part.quantity.value for part in shipment.contents if part.line.number == number), Decimal(0))
        asked = sum((Decimal(share["quantity"]) for share in found["lines"] if share["line"] == number), Decimal(0))
        rest = asked - line.get("shipped", Decimal(0)) - now_shipped - line.get("cancelled", Decimal(0))
        if rest > 0:
            facts.append(store.Fact(line_id=line_ids[number], kind="cancelled", quantity=rest))
    return facts


def _package_rows(order_id: str, fulfilment_id: str, shipment: Shipment, context: Context) -> list[dict[str, object]]:
    return [
        {
            "order_id": order_id,
            "fulfilment_id": fulfilment_id,
            "shipment": shipment.number,
            "sscc": parcel.sscc,
            "tracking": parcel.tracking,
            "lines": [
                {"line": part.line.number, "quantity": str(part.quantity.value)}
                for part in shipment.contents
                if part.package == parcel.id
            ],
            "created_at": context.now,
        }
        for parcel in shipment.parcels
    ]
