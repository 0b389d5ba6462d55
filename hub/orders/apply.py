"""Which document changes what."""

from sqlalchemy import Connection

from hub.canonical import (
    AnyDocument,
    FreightInvoice,
    InventoryAdjustment,
    Invoice,
    Order,
    OrderResponse,
    ReceiptAdvice,
    Remittance,
    ShipmentConfirmation,
    ShipNotice,
    TrackingEvent,
)
from hub.orders.intake import take_order
from hub.orders.model import Context, Outcome
from hub.orders.once import take_once
from hub.orders.shipping import take_confirmation, take_ship_notice
from hub.orders.tracking import take_tracking
from hub.store import orders as store


def apply(conn: Connection, document: AnyDocument, context: Context) -> Outcome:
    """Changes the order the document is about and says what must go out, all in the caller's transaction."""
    match document:
        case Order():
            return take_order(conn, document, context)
        case ShipmentConfirmation():
            return take_confirmation(conn, document, context)
        case ShipNotice():
            return take_ship_notice(conn, document, context)
        case TrackingEvent():
            return take_tracking(conn, document, context)
        case OrderResponse():
            return _note_response(conn, document, context)
        case Invoice() | FreightInvoice() | Remittance() | ReceiptAdvice() | InventoryAdjustment():
            return take_once(conn, document, context)
        case _:
            return Outcome(note=f"a {type(document).__name__} changes no order yet; it is kept")


def _note_response(conn: Connection, response: OrderResponse, context: Context) -> Outcome:
    """A supplier's answer to our purchase order is linked to the order; anything but yes waits for a person."""
    number = response.order.number if response.order else None
    found = store.fulfilment_by_number(conn, number or "", source=context.partner, **context.scope)
    if found is None:
        text = (
            f"Order response {response.number} answers purchase order {number}, which {context.partner} was never sent."
        )
        return Outcome(hold=text, code="HUB-8003")
    said = response.status or response.purpose  # EDIFACT has a place for each, and partners use the one or the other
    if said not in ("accepted", "acknowledged", "accepted_signed"):
        text = f"{context.partner} answers {said} to purchase order {number}: find another source."
        return Outcome(order_id=found["order_id"], hold=text, code="HUB-8006")
    return Outcome(order_id=found["order_id"])
