"""A warehouse or a supplier says what it shipped: quantities grow, the buyer gets a ship notice and an invoice."""

import hashlib
from collections.abc import Mapping, Sequence
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
    encode,
)
from hub.orders import compose
from hub.orders.compose import Parcel, Shipment, Shipped
from hub.orders.difference import differences
from hub.orders.facts import note_facts
from hub.orders.intake import own_number
from hub.orders.life import Quantities
from hub.orders.model import Context, Outcome, Outward
from hub.orders.tracking import settle_delivered
from hub.store import orders as store
from hub.store.events import record_event

LATER = ("bill_of_lading", "pro_number", "shipment")


class _HeldError(Exception):
    """A shipped line that cannot be counted; the text says which and why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def take_confirmation(conn: Connection, confirmation: ShipmentConfirmation, context: Context) -> Outcome:
    """A 945: several add up per (warehouse order, line); partial_closed and complete close a line, short or not."""
    number = confirmation.warehouse_order or ""
    found = store.fulfilment_by_number(conn, number, source=context.partner, **context.scope)
    if found is None:
        return _unknown(f"Shipment {confirmation.number} is for warehouse order {number or '(none)'}", context)
    order = _order(conn, found)
    try:
        contents, closed = _confirmed(confirmation, order)
    except _HeldError as error:
        return Outcome(order_id=found["order_id"], hold=str(error), code=error.code)
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
    return _ship(conn, confirmation, order, found, shipment, closed, context)


def take_ship_notice(conn: Connection, notice: ShipNotice, context: Context) -> Outcome:
    """A supplier's ship notice for our purchase orders. One notice is for one purchase order here; more hold it."""
    numbers = {shipped.id: (shipped.order.number if shipped.order else None) for shipped in notice.orders}
    purchase_orders = {number for number in numbers.values() if number}
    if len(purchase_orders) != 1:
        named = len(purchase_orders)
        text = f"Ship notice {notice.number} names {named} of our purchase orders; exactly one is understood."
        return Outcome(hold=text, code="HUB-8005")
    number = purchase_orders.pop()
    found = store.fulfilment_by_number(conn, number, source=context.partner, **context.scope)
    if found is None:
        return _unknown(f"Ship notice {notice.number} is for purchase order {number}", context)
    order = _order(conn, found)
    try:
        contents = [
            _shipped(_match(entry, order), _quantity(entry.quantity), entry.package, entry.lot)
            for entry in notice.contents
        ]
    except _HeldError as error:
        return Outcome(order_id=found["order_id"], hold=str(error), code=error.code)
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
    return _ship(conn, notice, order, found, shipment, [], context)


def _unknown(what: str, context: Context) -> Outcome:
    text = f"{what}, which {context.partner} was never asked for. Check the number with {context.partner}, then replay."
    return Outcome(hold=text, code="HUB-8003")


def _order(conn: Connection, found: RowMapping) -> Order:
    """The order, with the lines that this source was asked for."""
    row = store.get_order(conn, found["order_id"])
    order = decode(store.document_body(conn, row["document_id"]))
    if not isinstance(order, Order):
        raise TypeError(f"order {row['id']} was taken from a {type(order).__name__}")
    for ordinal, line in enumerate(order.lines, 1):
        line.number = line.number or str(ordinal)
    asked = {share["line"] for share in found["lines"]}
    order.lines = [line for line in order.lines if line.number in asked]
    return order


def _quantity(quantity: Quantity | None) -> Quantity:
    return quantity or Quantity(value=Decimal(0))


def _package(line: ShippedLine) -> str | None:
    """The package a shipped line is in: named by the line, or marked on it with SSCC or tracking number."""
    return next(iter(line.packages), None) or _mark(line, "sscc") or _mark(line, "tracking")


def _mark(line: ShippedLine, type: str) -> str | None:
    return next((entry.value for entry in line.references if entry.type == type), None)


def _items(line: Line) -> set[tuple[str, str]]:
    """A line's item numbers; GTIN, UPC and EAN are one kind of number, compared with 14 digits."""
    return {
        ("gtin", entry.value.zfill(14)) if entry.scheme in ("gtin", "upc", "ean") else (entry.scheme, entry.value)
        for entry in line.ids
    }


def _match(shipped: Line, order: Order) -> OrderLine:
    """The order line a shipped line is about: by item, and by line number only where no item is named, because
    warehouses number the lines of what they ship anew."""
    alike = [line for line in order.lines if _items(shipped) & _items(line)]
    numbered = [line for line in order.lines if shipped.number and line.number == shipped.number]
    both = [line for line in alike if line in numbered]
    for candidates in (both, alike) if shipped.ids else (numbered,):
        if candidates:
            return candidates[0]
    items = ", ".join(f"{entry.scheme} {entry.value}" for entry in shipped.ids) or "no item number"
    text = f"Line {shipped.number or '?'} ({items}) shipped, which order {order.number} has no line for."
    raise _HeldError("HUB-8004", text)


def _shipped(line: OrderLine, quantity: Quantity, package: str | None, lot: str | None) -> Shipped:
    """So much of the line, in the unit it was ordered in."""
    ordered = line.quantity.unit if line.quantity else None
    if quantity.unit and ordered and quantity.unit != ordered:
        text = f"Line {line.number} was ordered in {ordered} and shipped in {quantity.unit}: nobody says how many."
        raise _HeldError("HUB-8010", text)
    return Shipped(line=line, quantity=Quantity(value=quantity.value, unit=ordered), package=package, lot=lot)


def _confirmed(confirmation: ShipmentConfirmation, order: Order) -> tuple[list[Shipped], list[str]]:
    """What shipped, and the numbers of the order lines that the warehouse closed."""
    contents, closed = [], []
    for line in confirmation.lines:
        matched = _match(line, order)
        shipped = _quantity(line.shipped)
        if shipped.value > 0:
            unit = shipped.unit or (line.ordered.unit if line.ordered else None)
            quantity = Quantity(value=shipped.value, unit=unit)
            contents.append(_shipped(matched, quantity, _package(line), line.lot))
        if line.status in ("complete", "partial_closed", "over", "not_shipped"):
            closed.append(matched.number or "")
    return contents, closed


def _cause(document: ShipmentConfirmation | ShipNotice, found: RowMapping) -> str:
    """What makes a shipment the same one: its sender's number of it, or, where there is none, what is said of it."""
    number = document.number or hashlib.sha256(encode(document)).hexdigest()[:32]
    return f"shipment/{found['source']}/{found['number']}/{number}"


def _seen_before(
    conn: Connection, document: ShipmentConfirmation | ShipNotice, order_id: str, cause: str, context: Context
) -> Outcome | None:
    """What to do with a shipment that was told before; None: it was not."""
    before = store.document_of_cause(conn, order_id, cause)
    if before is None:
        return None
    changed = differences(decode(store.document_body(conn, before)), document)
    if changed:
        text = (
            f"Shipment {document.number} came before with other content ({'; '.join(changed)}). Ask which one counts."
        )
        return Outcome(order_id=order_id, hold=text, code="HUB-8008")
    record_event(conn, context.now, "order", order_id, "repeated", detail={"document": context.document_id})
    return Outcome(order_id=order_id, note="the same shipment again: nothing done", repeated=True)


def _ship(
    conn: Connection,
    document: ShipmentConfirmation | ShipNotice,
    order: Order,
    found: RowMapping,
    shipment: Shipment,
    closed: Sequence[str],
    context: Context,
) -> Outcome:
    order_id = found["order_id"]
    cause = _cause(document, found)
    if (seen := _seen_before(conn, document, order_id, cause, context)) is not None:
        return seen
    line_ids = {row["number"]: row["id"] for row in store.order_lines(conn, order_id)}
    facts = [
        store.Fact(line_id=line_ids[part.line.number or ""], kind=kind, quantity=part.quantity.value)
        for part in shipment.contents
        for kind in ("shipped", "invoiced")
    ]
    facts += _rest(conn, order_id, found, line_ids, shipment, closed)
    sums = note_facts(conn, context.now, order_id, context.document_id, cause, facts)
    _close(conn, found, line_ids, sums)
    if not shipment.contents:
        return Outcome(order_id=order_id, note="nothing shipped")
    shipment.number = f"S{own_number(conn, context, 'shipment')}"
    numbers = [mark for parcel in shipment.parcels for mark in (parcel.tracking, _sscc(parcel.sscc)) if mark]
    store.insert_packages(conn, context.new_id, _package_rows(order_id, found["id"], shipment, context))
    if store.claim_tracking(conn, order_id, numbers, **context.scope):
        for number in numbers:
            settle_delivered(conn, number, context)
    invoice_number = f"INV{own_number(conn, context, 'invoice')}"
    buyer = store.get_order(conn, order_id)["partner"]
    record_event(conn, context.now, "order", order_id, "shipped", detail={"by": context.partner, "as": shipment.number})
    notice = compose.ship_notice(order, context.own, shipment, context.now)
    bill = compose.invoice(order, context.own, invoice_number, shipment, context.now)
    return Outcome(
        order_id=order_id,
        outward=[
            Outward(document=notice, partner=buyer, reason="whoever ordered hears what left"),
            Outward(document=bill, partner=buyer, reason="whoever ordered pays for what left"),
        ],
    )


def _close(conn: Connection, found: RowMapping, line_ids: dict[str, str], sums: Mapping[str, Quantities]) -> None:
    """A fulfilment is closed once every line of it has shipped or never will."""
    for share in found["lines"]:
        line = sums.get(line_ids[share["line"]], {})
        if line.get("shipped", Decimal(0)) + line.get("cancelled", Decimal(0)) < Decimal(share["quantity"]):
            return
    store.close_fulfilment(conn, found["id"])


def _rest(
    conn: Connection,
    order_id: str,
    found: RowMapping,
    line_ids: dict[str, str],
    shipment: Shipment,
    closed: Sequence[str],
) -> list[store.Fact]:
    """A closed line's rest never ships: it counts as cancelled, unless it ships after all."""
    sums = store.quantities(conn, order_id)
    facts = []
    for number in dict.fromkeys([*closed, *(part.line.number or "" for part in shipment.contents)]):
        line = sums.get(line_ids[number], {})
        now_shipped = sum((part.quantity.value for part in shipment.contents if part.line.number == number), Decimal(0))
        asked = sum((Decimal(share["quantity"]) for share in found["lines"] if share["line"] == number), Decimal(0))
        cancelled = line.get("cancelled", Decimal(0))
        rest = asked - line.get("shipped", Decimal(0)) - now_shipped - cancelled
        if rest < 0:
            rest = max(rest, -cancelled)
        elif number not in closed:
            continue
        facts.append(store.Fact(line_id=line_ids[number], kind="cancelled", quantity=rest))
    return facts


def _sscc(mark: str | None) -> str | None:
    """The 18 digits of a serial shipping container code; some write its application identifier (00) in front."""
    return (
        mark[2:] if mark and len(mark) == 20 and mark.startswith("00") else mark if mark and len(mark) <= 18 else None
    )


def _package_rows(order_id: str, fulfilment_id: str, shipment: Shipment, context: Context) -> list[dict[str, object]]:
    return [
        {
            "order_id": order_id,
            "fulfilment_id": fulfilment_id,
            "shipment": shipment.number,
            "sscc": _sscc(parcel.sscc),
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
