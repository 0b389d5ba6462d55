"""Receipts of the transport (MDNs), given and awaited: what requests were answered with, and what far ends still owe.

A delivery's receipt_state: awaited (it was handed over, the far end's own receipt comes later); asked (none came in
time, and it was sent once more); overdue (none came then either: an incident); accepted or refused (it came); waived
(nobody waits for it any more). All but the last three have a way out by time, and every one by the receipt itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, func, or_, select, text, update

from hub.store.batch import insert
from hub.store.tables import answer, delivery, incident, message
from hub.store.tables_answer import IS_OPEN

CAME = ("accepted", "refused")
OPEN = ("awaited", "asked", "overdue")
MANY = 200
"""As many receipts that are due are looked at together."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What the request that brought a payload was answered with. delivery_id: of the receipt that goes later."""

    status: int
    headers: dict[str, str]
    body: bytes
    delivery_id: str | None


def store_answer(
    conn: Connection,
    payload_id: str,
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    delivery_id: str | None,
) -> None:
    """Keeps the first answer for ever, in the transaction that accepts the payload."""
    row = {"status": status, "headers": dict(headers), "body": body, "delivery_id": delivery_id}
    insert(conn, answer, [{"payload_id": payload_id, **row}])


def find_answer(conn: Connection, payload_id: str) -> Answered | None:
    """What was answered when the payload came; None: nothing but that it is received."""
    query = select(answer).where(answer.c.payload_id == payload_id)
    row = conn.execute(query).mappings().first()
    return None if row is None else Answered(**{name: row[name] for name in Answered.__struct_fields__})


def set_answer_delivery(conn: Connection, payload_id: str, delivery_id: str) -> None:
    """The receipt of a payload is delivered by that delivery now."""
    conn.execute(update(answer).where(answer.c.payload_id == payload_id).values(delivery_id=delivery_id))


def lock_delivery(conn: Connection, delivery_id: str) -> RowMapping:
    """Its row, locked until the transaction ends: a receipt may come while the try that it is about still settles."""
    return conn.execute(select(delivery).where(delivery.c.id == delivery_id).with_for_update()).mappings().one()


def delivery_of_key(conn: Connection, connection: str, key: str) -> RowMapping | None:
    """The newest delivery by that connection under that key, locked; a resend of what was given up shares its key."""
    first = select(delivery.c.interchange_id).where(delivery.c.id == key)
    query = select(delivery).where(
        delivery.c.interchange_id.in_(first), delivery.c.idempotency_key == key, delivery.c.connection == connection
    )
    return conn.execute(query.order_by(delivery.c.id.desc()).limit(1).with_for_update()).mappings().first()


def receipts_due(conn: Connection, now: datetime) -> Sequence[RowMapping]:
    """Deliveries whose far end's receipt should have come by now, locked: it may come this very moment."""
    query = select(delivery).where(text(IS_OPEN), delivery.c.receipt_due_at <= now)
    query = query.order_by(delivery.c.receipt_due_at).limit(MANY).with_for_update()
    return conn.execute(query).mappings().all()


def receipts_moot(conn: Connection) -> Sequence[RowMapping]:
    """Deliveries whose receipt is overdue though a message in them was acknowledged or ignored since; locked."""
    answered = ("accepted", "accepted_with_errors", "partially", "rejected")
    known = select(message.c.id).where(
        message.c.interchange_id == delivery.c.interchange_id,
        or_(message.c.acknowledgement.in_(answered), message.c.validation == "ignored"),
    )
    query = select(delivery).where(text(IS_OPEN), delivery.c.receipt_state == "overdue", known.exists())
    return conn.execute(query.limit(MANY).with_for_update(of=delivery)).mappings().all()


def has_overdue(conn: Connection, connection: str) -> bool:
    """Whether a receipt of that connection's far end is overdue."""
    wanted = (text(IS_OPEN), delivery.c.receipt_state == "overdue", delivery.c.connection == connection)
    return conn.execute(select(delivery.c.id).where(*wanted).limit(1)).first() is not None


def waive(conn: Connection, interchange_id: str) -> None:
    """Nobody waits any more for the far end's receipt of the interchange."""
    own = (delivery.c.interchange_id == interchange_id, delivery.c.receipt_state.in_(OPEN))
    conn.execute(update(delivery).where(*own).values(receipt_state="waived", receipt_due_at=None))


def times_open(conn: Connection, cause: str) -> int:
    """How often the cause of an open incident came; 0: none is open."""
    query = select(func.sum(incident.c.count)).where(incident.c.cause == cause, incident.c.resolved_at.is_(None))
    return conn.execute(query).scalar() or 0
