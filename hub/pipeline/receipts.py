"""Receipts of the transport (MDNs): ours that go later, and those that far ends owe us for what we delivered."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.connector import Parcel, Receipt, RefusedError, Word
from hub.dispatch import enqueue
from hub.errors import HubError
from hub.partner import Connection
from hub.partner.schedule import RETRY
from hub.pipeline.context import Context, lane_out
from hub.pipeline.outbound import resolve_delivered
from hub.store import chain, receipts
from hub.store.blobs import body_of, store_payload
from hub.store.events import happened_since, record_event
from hub.store.incidents import open_incident, resolve_incident, resolve_settled
from hub.store.obligations import meet
from hub.store.status import move

Row = RowMapping | Mapping[str, Any]
KEPT = 10
"""Requests of one cause whose bytes are kept while its incident is open."""
LARGEST_KEPT = 1_000_000
"""Bytes: of a larger request that is refused nothing is kept."""
RECEIPT_DUE = timedelta(hours=1)
"""How long a far end's receipt may take where its connection says nothing."""


# -- ours, that go later -----------------------------------------------------------------------------------------------


def queue_receipt(
    conn: Transaction, context: Context, connection: Connection, parcel: Parcel, payload_id: str | None
) -> str:
    """Stores a receipt of ours and queues its delivery, in a lane of its own: no order waits for it. Its delivery's id.

    payload_id: of what it is about; None: that was refused, and is not kept.
    """
    now = context.now()
    whose = {name: getattr(connection, name) for name in ("partner", "account", "environment")}
    media_type = parcel.media_type.partition(";")[0].strip()
    content = body_of(conn, context.new_id(), parcel.body)
    columns: dict[str, Any] = {**whose, "connection": connection.name}
    file = {"file_name": parcel.file_name, "media_type": media_type}
    stored = store_payload(conn, now, content, direction="out", state="identified", **columns, **file)
    interchange_id = context.new_id()
    made = {"id": interchange_id, "payload_id": stored, "direction": "out", "standard": "mdn", "created_at": now}
    chain.insert_interchange(conn, {**made, **columns})
    kept = msgspec.to_builtins(parcel)
    del kept["body"]
    policy = {
        "retry": [step.total_seconds() for step in RETRY],
        "due": None,
        "obliged": True,
        "meets": [],
        "answers": payload_id,
    }
    return _queue(conn, context, interchange_id, connection.partner, connection.name, parcel.key, policy, kept)


def queue_receipt_again(conn: Transaction, context: Context, payload_id: str) -> str | None:
    """Delivers the receipt of a payload once more, byte for byte. Its delivery's id; None: there is nothing to do, as
    it goes by an answer or is on its way."""
    first = receipts.find_answer(conn, payload_id)
    if first is None or first.delivery_id is None:
        return None
    before = receipts.lock_delivery(conn, first.delivery_id)
    if before["state"] in ("queued", "in_doubt", "held"):
        return None
    same = (before["partner"], before["connection"], before["idempotency_key"], before["policy"], before["parcel"])
    made = _queue(conn, context, before["interchange_id"], *same, resend_of=before["id"])
    receipts.set_answer_delivery(conn, payload_id, made)
    return made


def _queue(
    conn: Transaction,
    context: Context,
    interchange_id: str,
    partner: str,
    connection: str,
    key: str,
    policy: Mapping[str, Any],
    parcel: Mapping[str, Any],
    resend_of: str | None = None,
) -> str:
    now, lane, delivery_id = context.now(), f"{lane_out(partner, connection)}/receipts"[:300], context.new_id()
    chain.insert_delivery(
        conn,
        {
            "id": delivery_id,
            "interchange_id": interchange_id,
            "partner": partner,
            "connection": connection,
            "lane": lane,
            "state": "queued",
            "sending": False,
            "tries": 0,
            "next_at": now,
            "created_at": now,
            "file_name": parcel["file_name"],
            "idempotency_key": key,
            "policy": policy,
            "parcel": parcel,
            "resend_of": resend_of,
        },
    )
    enqueue(conn, now, lane=lane, kind="deliver", subject_id=delivery_id, connection=connection)
    return delivery_id


# -- theirs ------------------------------------------------------------------------------------------------------------


def keep_receipt(conn: Transaction, context: Context, row: Row, body: bytes, said: Mapping[str, str]) -> dict[str, Any]:
    """What is to be kept of a far end's receipt with the delivery it is about: `said`, when, and its bytes' digest."""
    now = context.now()
    found: dict[str, Any] = {f"receipt_{name}": value for name, value in said.items() if name != "receipt"}
    found["receipt_at"] = now.isoformat()
    if body:
        whose = chain.get_interchange(conn, row["interchange_id"])
        names = ("partner", "account", "environment")
        content = body_of(conn, context.new_id(), body)
        columns = {**{name: whose[name] for name in names}, "connection": row["connection"]}
        found["receipt_payload"] = store_payload(
            conn, now, content, direction="in", state="receipt", file_name=f"{row['file_name']}.mdn", **columns
        )
        found["receipt_digest"] = hashlib.sha256(body).hexdigest()
    return found


def await_receipt(
    conn: Transaction, context: Context, row: Row, messages: Sequence[str], evidence: Mapping[str, str]
) -> tuple[dict[str, Any], str | None]:
    """A delivery was handed over, and its receipt comes later, unless it came already. The delivery's columns, and why
    that receipt refuses it."""
    now, fresh = context.now(), receipts.lock_delivery(conn, row["id"])
    early: dict[str, Any] = fresh["receipt"] if fresh["receipt_state"] in receipts.CAME else {}
    if early:
        told = _other_bytes(evidence.get("mic"), early.get("receipt_mic"))
        if told is None and fresh["receipt_state"] == "accepted":
            if row["policy"]["due"] is None:
                move(conn, "acknowledgement", messages, "accepted")
            return {"receipt": {**evidence, **early}}, None
        why = told or str(early["receipt_text"])
        return {"receipt": {**evidence, **early}, "receipt_state": "refused"}, why
    due = now + _patience(context, row["connection"])
    if row["policy"]["due"] is None:  # no other acknowledgement will come
        move(conn, "acknowledgement", messages, "expected")
        chain.set_due(conn, messages, due)
    state = "asked" if fresh["receipt_state"] == "asked" else "awaited"
    return {"receipt": evidence, "receipt_state": state, "receipt_due_at": due}, None


def refused_by(conn: Transaction, context: Context, row: Row, error: RefusedError) -> dict[str, Any]:
    """The columns of a delivery that the far end took and refuses at once."""
    said = {"text": error.message, **error.receipt.evidence}
    kept = keep_receipt(conn, context, row, error.receipt.body, said)
    return {"receipt": {"reference": error.receipt.reference, **kept}, "receipt_state": "refused"}


def accepted_at_once(
    conn: Transaction, context: Context, row: Row, messages: Sequence[str], receipt: Receipt
) -> dict[str, Any]:
    """The columns of a delivery whose far end's receipt came with its answer."""
    kept = keep_receipt(conn, context, row, receipt.body, {})
    if row["policy"]["due"] is None:
        move(conn, "acknowledgement", messages, "accepted")
    return {"receipt": {"reference": receipt.reference, **receipt.evidence, **kept}, "receipt_state": "accepted"}


def take_word(conn: Transaction, context: Context, connection: Connection, word: Word) -> None:
    """A far end's late receipt, in the caller's transaction. The same one twice is one."""
    row = receipts.delivery_of_key(conn, connection.name, word.key)
    if row is None:
        _never_sent(conn, context, connection, word)
        return
    messages = chain.message_ids_of(conn, [row["interchange_id"]])[row["interchange_id"]]
    if row["receipt_state"] in receipts.CAME:
        stands = row["receipt_state"]
        if (stands == "accepted") != word.accepted:
            for message_id in messages:
                detail = {"text": word.text, "stands": stands}
                record_event(conn, context.now(), "message", message_id, "receipt_contradicted", detail=detail)
        return
    sent: dict[str, Any] = row["receipt"] or {}
    told = _other_bytes(sent.get("mic"), word.evidence.get("mic")) if word.accepted else word.text
    said = {"text": told or word.text, **word.evidence}
    receipt = {**sent, **keep_receipt(conn, context, row, word.body, said)}
    state = "accepted" if told is None else "refused"
    chain.set_delivery(conn, row["id"], receipt=receipt, receipt_state=state, receipt_due_at=None)
    for message_id in messages:
        record_event(
            conn, context.now(), "message", message_id, f"receipt_{state}", detail={**said, "delivery": row["id"]}
        )
    if row["state"] == "delivered":
        if told is None:
            _accepted(conn, context, row, messages)
        else:
            refuse_delivered(conn, context, row, messages, told)
    elif row["state"] == "failed" and told is None:  # it was given up, and had arrived
        now = context.now()
        chain.set_delivery(conn, row["id"], state="delivered", delivered_at=now)
        move(conn, "delivery", messages, "delivered")
        meet(conn, now, row["policy"]["meets"], messages[0] if messages else "")
        _accepted(conn, context, row, messages)
        resolve_delivered(conn, now, [row["connection"]])
    resolve_overdue(conn, context.now(), row["connection"])


def _accepted(conn: Transaction, context: Context, row: Row, messages: Sequence[str]) -> None:
    if row["policy"]["due"] is None:
        move(conn, "acknowledgement", messages, "accepted")
    for message in chain.get_messages(conn, messages).values():
        resolve_settled(conn, context.now(), message)


def refuse_delivered(conn: Transaction, context: Context, row: Row, messages: Sequence[str], why: str) -> None:
    """The far end's late receipt refuses what was handed over: it is given up, and a person must look."""
    chain.set_delivery(conn, row["id"], state="failed")
    move(conn, "delivery", messages, "failed")
    if row["policy"]["due"] is None:
        move(conn, "acknowledgement", messages, "none")
    for message_id in messages:
        chain.set_message(conn, message_id, acknowledgement_due_at=None)
        record_event(conn, context.now(), "message", message_id, "failed", detail={"code": "HUB-4214", "detail": why})
    text = (
        f"{row['partner']} took {row['file_name']} by {row['connection']} and refuses it by its receipt: {why} "
        "Mend that, or ask what is wrong with it, then resend."
    )
    cause = f"delivery/{row['connection']}"
    open_incident(conn, context.clock, cause, "HUB-4214", text, "delivery", row["id"])


def _never_sent(conn: Transaction, context: Context, connection: Connection, word: Word) -> None:
    text = (
        f"{connection.partner} sends a receipt by {connection.name} for something never sent by it ({word.key}). "
        f"It says: {word.text} Ask what it refers to."
    )
    cause = f"receipt/unknown/{connection.name}"
    open_incident(conn, context.clock, cause, "HUB-4204", text, "connection", connection.name)
    keep_refused(conn, context, connection, word.body, cause, text)


def keep_refused(
    conn: Transaction, context: Context, connection: Connection, body: bytes, cause: str, why: str
) -> str | None:
    """Keeps the bytes of a request that was not let in, unless enough of that cause are kept. Their payload's id."""
    if not body or len(body) > LARGEST_KEPT or receipts.times_open(conn, cause) > KEPT:
        return None
    now = context.now()
    columns = {name: getattr(connection, name) for name in ("partner", "account", "environment")}
    content = body_of(conn, context.new_id(), body)
    made = store_payload(
        conn, now, content, direction="in", state="refused", connection=connection.name, note=why, **columns
    )
    record_event(conn, now, "payload", made, "refused", detail={"connection": connection.name, "why": why})
    return made


def _other_bytes(sent: str | None, got: str | None) -> str | None:
    """Why a receipt speaks of other bytes than were sent; None: it does not."""
    if not sent or not got or sent == got:
        return None
    return f"its receipt is for other bytes than were sent: its MIC is {got}, and that of what was sent {sent}."


def _patience(context: Context, name: str) -> timedelta:
    try:
        return context.content().partners.connection(name).receipt_due or RECEIPT_DUE
    except KeyError:
        return RECEIPT_DUE


# -- those that do not come --------------------------------------------------------------------------------------------


def look_for_receipts(conn: Transaction, context: Context) -> None:
    """A receipt that is due: the parcel is sent once more where the far end takes it twice as once, and knows what it
    said the first time; when that has no answer either, a person must look."""
    now = context.now()
    for row in receipts.receipts_moot(conn):
        chain.set_delivery(conn, row["id"], receipt_state="waived", receipt_due_at=None)
        resolve_overdue(conn, now, row["connection"])
    for row in receipts.receipts_due(conn, now):
        messages = chain.message_ids_of(conn, [row["interchange_id"]])[row["interchange_id"]]
        if happened_since(conn, "acknowledged", messages, row["created_at"]):
            chain.set_delivery(conn, row["id"], receipt_state="waived", receipt_due_at=None)
        elif row["receipt_state"] == "awaited" and row["state"] == "delivered" and _repeatable(context, row):
            _ask_again(conn, context, row, messages)
        else:
            _overdue(conn, context, row, messages)


def _repeatable(context: Context, row: Row) -> bool:
    content = context.content()
    try:
        return bool(getattr(content.connector(content.partners.connection(row["connection"])), "repeatable", False))
    except (KeyError, HubError):
        return False


def _ask_again(conn: Transaction, context: Context, row: Row, messages: Sequence[str]) -> None:
    now = context.now()
    chain.set_delivery(conn, row["id"], state="queued", next_at=now, receipt_state="asked", receipt_due_at=None)
    move(conn, "delivery", messages, "queued")
    for message_id in messages:
        if row["policy"]["due"] is None:
            chain.set_message(conn, message_id, acknowledgement_due_at=None)
        detail = {"due": str(row["receipt_due_at"])}
        record_event(conn, now, "message", message_id, "sent_again_unanswered", detail=detail)
    where = {"lane": row["lane"], "subject_id": row["id"], "connection": row["connection"]}
    enqueue(conn, now, kind="deliver", **where)


def _overdue(conn: Transaction, context: Context, row: Row, messages: Sequence[str]) -> None:
    due = f"{row['receipt_due_at']:%Y-%m-%d %H:%M} UTC"
    chain.set_delivery(conn, row["id"], receipt_state="overdue", receipt_due_at=None)
    if row["policy"]["due"] is None:
        move(conn, "acknowledgement", messages, "overdue")
    for message_id in messages:
        record_event(conn, context.now(), "message", message_id, "receipt_overdue", detail={"due": due})
    text = (
        f"{row['partner']} took {row['file_name']} by {row['connection']}, and its receipt (MDN), due {due}, has not "
        "come. Ask whether it arrived and whether its MDNs can reach us, then resend or confirm it."
    )
    cause = f"receipt/{row['connection']}"
    open_incident(conn, context.clock, cause, "HUB-4215", text, "delivery", row["id"])


def resolve_overdue(conn: Transaction, now: datetime, connection: str) -> None:
    """Resolves the connection's incident once none of its receipts is overdue."""
    if not receipts.has_overdue(conn, connection):
        resolve_incident(conn, now, f"receipt/{connection}")
