"""What carriers say. Late, repeated and out-of-order events add facts; none ever takes one away."""

from decimal import Decimal

from sqlalchemy import Connection

from hub.canonical import Moment, TrackingEvent, TrackingStatus
from hub.orders.facts import note_facts
from hub.orders.model import Context, Outcome
from hub.store import orders as store
from hub.store.events import record_event


def take_tracking(conn: Connection, event: TrackingEvent, context: Context) -> Outcome:
    """Keeps each status; gives it to the order whose package has the number, now or when that package becomes known."""
    number = event.number or ""
    packages = store.packages_tracked(conn, number, **context.scope)
    order_id = packages[0]["order_id"] if packages else None
    known = store.tracking_known(conn, number, **context.scope)
    fresh = [status for status in event.events if (status.status, _said(status)) not in known]
    if not fresh:
        return Outcome(order_id=order_id, note="nothing new", repeated=True)
    rows = [
        {
            "id": context.new_id(),
            "number": number,
            "order_id": order_id,
            "status": status.status,
            "at": context.now,
            "said": _said(status),
            "document_id": context.document_id,
            "created_at": context.now,
        }
        for status in fresh
    ]
    store.insert_tracking(conn, rows)
    if order_id is None:
        return Outcome(note=f"no package with tracking number {number} yet; kept until one is shipped")
    for status in fresh:
        record_event(
            conn, context.now, "order", order_id, "tracked", detail={"number": number, "status": status.status}
        )
    if any(status.status == "delivered" for status in fresh):
        settle_delivered(conn, number, context)
    return Outcome(order_id=order_id)


def settle_delivered(conn: Connection, number: str, context: Context) -> None:
    """A delivered package's quantities count as delivered, once."""
    if not store.delivered_said(conn, number, **context.scope):
        return
    for package in store.packages_tracked(conn, number, **context.scope):
        cause = f"delivered/{package['id']}"
        order_id = package["order_id"]
        if store.has_cause(conn, order_id, cause):
            continue
        line_ids = {row["number"]: row["id"] for row in store.order_lines(conn, order_id)}
        facts = [
            store.Fact(line_id=line_ids[share["line"]], kind="delivered", quantity=Decimal(share["quantity"]))
            for share in package["lines"]
        ]
        note_facts(conn, context.now, order_id, context.document_id, cause, facts)


def _said(status: TrackingStatus) -> dict[str, object]:
    at = status.at or Moment(date="")
    return {
        "date": at.date,
        "time": at.time,
        "zone": at.zone,
        "code": status.code,
        "reason": status.reason,
        "city": status.place.city if status.place else None,
        "text": status.text,
    }
