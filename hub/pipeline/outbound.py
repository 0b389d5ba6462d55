"""What leaves: rows of outbound messages; an interchange with its payload, its delivery and the work to deliver it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.dispatch import enqueue, withdraw
from hub.partner import Agreement
from hub.partner.schedule import RETRY
from hub.partner.window import deliver_by
from hub.pipeline.context import Context, lane_out, out_lane
from hub.record import replace
from hub.store import chain
from hub.store.blobs import body_of, store_payload
from hub.store.events import record_event
from hub.store.incidents import resolve_incident
from hub.store.receipts import waive
from hub.store.status import move
from hub.syntax import Interchange

AT_ONCE, IN_WINDOW = "write", "depart"
"""Kinds of work: a message to be written."""

MEDIA_TYPES = {
    "x12": "application/edi-x12",
    "edifact": "application/edifact",
    "json": "application/json",
    "xml": "application/xml",
    "csv": "text/csv",
    "fixed": "text/plain",
}


class Stored(NamedTuple):
    """What was stored of an outbound interchange: its id, its payload's id and size, and the row of its delivery."""

    id: str
    payload: Mapping[str, Any]
    delivery: Mapping[str, Any] | None


def whose(agreement: Agreement) -> dict[str, str]:
    """The columns that say whose a row is."""
    return {
        "partner": agreement.partner,
        "account": agreement.account,
        "connection": agreement.connection,
        "environment": agreement.environment,
    }


def is_shadow(context: Context, agreement: Agreement) -> bool:
    """Whether the agreement's connection sends nothing."""
    return context.content().partners.connection(agreement.connection).shadow


def message_row(context: Context, agreement: Agreement, type: str, version: str) -> dict[str, Any]:
    """A new outbound message that is still to be written; its delivery is queued from the start, or none in shadow."""
    return {
        "id": context.new_id(),
        "direction": "out",
        **whose(agreement),
        "standard": agreement.standard,
        "type": type,
        "version": version,
        "delivery": "none" if is_shadow(context, agreement) else "queued",
        "deliver_by": deliver_by(agreement.window, agreement.deadline, context.now()),
        "created_at": context.now(),
    }


def queue_writing(conn: Transaction, context: Context, agreement: Agreement, message_id: str) -> None:
    """It is written in its turn, or waits with others like it for the agreement's window."""
    now, lane, window = context.now(), out_lane(agreement), agreement.window
    enqueue(
        conn,
        now,
        lane=f"{lane}/window/{agreement.reference}"[:300] if window else lane,
        kind=AT_ONCE if window is None else IN_WINDOW,
        subject_id=message_id,
        run_at=window.next(now) if window else None,
        connection=agreement.connection,
        strict=_is_strict(context, agreement),
    )


def _is_strict(context: Context, agreement: Agreement) -> bool:
    """Whether any agreement that sends by its lane wants the order kept."""
    one = agreement
    out = context.content().partners.agreements(one.partner, one.account, one.environment, "out")
    return any(each.strict and each.connection == one.connection for each in out)


def withdraw_writing(conn: Transaction, context: Context, message_id: str) -> None:
    """It is not written. UsageError HUB-6027: a worker is at it."""
    for kind in (AT_ONCE, IN_WINDOW):
        withdraw(conn, context.clock, kind, message_id)


def store_interchange(
    conn: Transaction,
    context: Context,
    agreement: Agreement,
    body: bytes,
    interchange: Interchange,
    *,
    type: str,
    name_number: str,
    answers_id: str | None = None,
    meets: Sequence[str] = (),
    queue: bool = True,
) -> Stored:
    """Stores an outbound interchange, its payload and its delivery, and queues the delivery, unless queue says that the
    caller makes it at once. A shadow connection gets no delivery.

    name_number: what the file name says as control number (the business number where the standard has none).
    meets: the obligations that its delivery meets.
    """
    now = context.now()
    media_type = MEDIA_TYPES[agreement.standard]
    file_name = agreement.file_name_of(name_number, now, type=type)
    content = body_of(conn, context.new_id(), body)
    payload_id = store_payload(
        conn,
        now,
        content,
        direction="out",
        state="identified",
        file_name=file_name,
        media_type=media_type,
        **whose(agreement),
    )
    interchange_id = context.new_id()
    header = replace(interchange, groups=[replace(group, messages=[]) for group in interchange.groups])
    chain.insert_interchange(
        conn,
        {
            "id": interchange_id,
            "payload_id": payload_id,
            "direction": "out",
            **whose(agreement),
            "standard": agreement.standard,
            "sender": interchange.sender,
            "receiver": interchange.receiver,
            "control_number": interchange.control_number,
            "answers_id": answers_id,
            "header": header,
            "created_at": now,
        },
    )
    payload = {"id": payload_id, "size": content.size}
    if is_shadow(context, agreement):
        return Stored(interchange_id, payload, None)
    expects = agreement.direction == "out" and agreement.is_awaited
    policy = {
        "retry": [step.total_seconds() for step in (agreement.retry if agreement.direction == "out" else RETRY)],
        "due": agreement.due.total_seconds() if expects else None,
        "obliged": expects or answers_id is not None or bool(meets),
        "meets": list(meets),
    }
    delivery = _deliver(
        conn,
        context,
        interchange_id,
        partner=agreement.partner,
        connection=agreement.connection,
        lane=out_lane(agreement),
        file_name=file_name,
        policy=policy,
        strict=_is_strict(context, agreement),
        queue=queue,
    )
    return Stored(interchange_id, payload, delivery)


def send_again(
    conn: Transaction,
    context: Context,
    delivery: RowMapping,
    *,
    actor: str = "hub",
    by: str | None = None,
    event: str = "resent",
) -> str:
    """Queues the same bytes once more, as a delivery of its own. Its id. by: another connection than before.

    What was given up goes on under its name and key: nobody knows for sure that it has not arrived, and a far end that
    has it recognises it. Where an attempt ended in the dark the far end is asked first, even if it had nothing when it
    was asked before: whoever made the attempt may have stood still and gone on since. What was delivered is meant to be
    there twice; and what the far end took and refused by its receipt is another parcel for it.
    """
    now = context.now()
    before = len(chain.deliveries_of(conn, delivery["interchange_id"]))
    given_up = delivery["state"] == "failed" and by is None and delivery["receipt_state"] != "refused"
    waive(conn, delivery["interchange_id"])
    unsure = given_up and (delivery["maybe_duplicate"] or chain.went_dark(conn, delivery["id"]))
    state = "in_doubt" if unsure else "queued"
    made = _deliver(
        conn,
        context,
        delivery["interchange_id"],
        partner=delivery["partner"],
        connection=by or delivery["connection"],
        lane=lane_out(delivery["partner"], by) if by else delivery["lane"],
        state=state,
        file_name=delivery["file_name"] if given_up else again_name(delivery["file_name"], before),
        policy=delivery["policy"],
        resend_of=delivery["id"],
        key=delivery["idempotency_key"] if given_up else None,
    )
    ids = [row["id"] for row in chain.messages_of(conn, delivery["interchange_id"])]
    for step in dict.fromkeys(("queued", state)):
        move(conn, "delivery", ids, step)
    for message_id in ids:
        record_event(conn, now, "message", message_id, event, actor, {"delivery": made["id"]})
    return str(made["id"])


def again_name(file_name: str, times: int) -> str:
    """A name for the same bytes again: files of the earlier names may still lie there."""
    stem, dot, suffix = file_name.rpartition(".")
    return f"{stem}_again{times}{dot}{suffix}" if dot else f"{file_name}_again{times}"


def resolve_delivered(conn: Transaction, now: datetime, connections: Iterable[str], actor: str = "hub") -> None:
    """Resolves the incident of each connection by which nothing is given up any more."""
    for name in set(connections):
        if not chain.deliveries_failed(conn, name):
            resolve_incident(conn, now, f"delivery/{name}", actor)


def _deliver(
    conn: Transaction,
    context: Context,
    interchange_id: str,
    *,
    partner: str,
    connection: str,
    lane: str,
    file_name: str,
    policy: dict[str, Any],
    strict: bool | None = None,
    state: str = "queued",
    resend_of: str | None = None,
    key: str | None = None,
    queue: bool = True,
) -> Mapping[str, Any]:
    now = context.now()
    delivery_id = context.new_id()
    row = {
        "id": delivery_id,
        "interchange_id": interchange_id,
        "partner": partner,
        "connection": connection,
        "lane": lane,
        "state": state,
        "sending": False,
        "tries": 0,
        "next_at": now,
        "file_name": file_name,
        "idempotency_key": key or delivery_id,
        "policy": policy,
        "resend_of": resend_of,
        "created_at": now,
    }
    chain.insert_delivery(conn, row)
    if queue:
        enqueue(
            conn,
            now,
            lane=lane,
            kind="deliver",
            subject_id=delivery_id,
            connection=connection,
            strict=strict,
        )
    return row
