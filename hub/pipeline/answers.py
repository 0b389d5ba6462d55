"""Acknowledgements that come in, technical and business: each settles the status of the very messages we sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.acknowledgement import Acknowledgement, Answer
from hub.pipeline.context import Context
from hub.pipeline.named import name_fields
from hub.pipeline.outbound import resolve_delivered
from hub.store import chain
from hub.store.events import last_event, record_event
from hub.store.incidents import open_incident, resolve_settled
from hub.store.obligations import meet
from hub.store.status import move_counted

BUSINESS = ("824", "APERAK")
"""What speaks of documents; a technical acceptance, which speaks of their syntax alone, takes nothing of it back."""


def take_answers(
    conn: Transaction,
    context: Context,
    interchange: RowMapping | Mapping[str, Any],
    row: RowMapping | None,
    acknowledgement: Acknowledgement,
) -> None:
    """Applies an acknowledgement to what we sent to its sender. interchange is its envelope, row its own message; a TA1
    has none."""
    if acknowledgement.kind in BUSINESS:
        _take_business(conn, context, interchange, row, acknowledgement)
        return
    whole = acknowledgement.answers[0]
    sent = _sent(conn, interchange, whole)
    if not sent:
        _never_sent(conn, context, interchange, row, whole)
        return
    chain.set_interchange(conn, interchange["id"], answers_id=sent[0]["interchange_id"])
    if row is not None:
        chain.add_search_keys(conn, row["id"], [("control", whole.control_number)])
    named = {
        (answer.type, answer.control_number): answer
        for answer in acknowledgement.answers[1:]
        if answer.level == "message"
    }
    by = row["id"] if row else interchange["id"]
    for message in sent:
        answer = named.get((message["type"], message["control_number"])) or named.get((None, message["control_number"]))
        status = answer.status if answer else ("accepted" if whole.status.startswith("accepted") else "rejected")
        if acknowledgement.kind == "TA1" and status != "rejected":
            # It says that the envelope is right, and nothing of what is in it: that acknowledgement is still to come.
            detail = {"status": whole.status, "by": by, "kind": "TA1", "findings": whole.findings}
            record_event(conn, context.now(), "message", message["id"], "envelope_accepted", detail=detail)
        else:
            _settle(conn, context, by, message, status, answer or whole, acknowledgement.kind)


def _sent(conn: Transaction, interchange: RowMapping | Mapping[str, Any], whole: Answer) -> Sequence[RowMapping]:
    """Our messages the acknowledgement is about; it came from whom we sent to."""
    sender, receiver = interchange["receiver"], interchange["sender"]
    number = whole.control_number
    if whole.level == "group":
        return chain.sent_in_group(
            conn, sender=sender, receiver=receiver, functional_id=whole.type or "", group_number=number
        )
    return chain.sent_in_interchange(conn, sender=sender, receiver=receiver, control_number=number)


def _take_business(
    conn: Transaction,
    context: Context,
    interchange: RowMapping | Mapping[str, Any],
    row: RowMapping | None,
    acknowledgement: Acknowledgement,
) -> None:
    """An 824 or APERAK: each of its answers is about a document, a message or a group of ours."""
    by = row["id"] if row else interchange["id"]
    for answer in acknowledgement.answers:
        sent = chain.sent_as(
            conn,
            **{name: interchange[name] for name in ("partner", "account", "environment")},
            document=answer.document,
            group_number=answer.group_control_number if answer.level == "message" else answer.control_number,
            control_number=answer.control_number if answer.level == "message" else None,
            type=answer.type,
        )
        if not sent:
            _never_sent(conn, context, interchange, row, answer)
        for message in sent:
            _settle(conn, context, by, message, answer.status, answer, acknowledgement.kind)


def _never_sent(
    conn: Transaction,
    context: Context,
    interchange: RowMapping | Mapping[str, Any],
    row: RowMapping | None,
    whole: Answer,
) -> None:
    what = f"{whole.level} {whole.type or ''} {whole.document or whole.control_number}"
    text = f"{interchange['partner']} acknowledges {what}, which was never sent to {interchange['sender']}."
    cause = f"answer/{interchange['partner']}/{whole.control_number}"
    subject = ("message", row["id"]) if row else ("interchange", interchange["id"])
    open_incident(conn, context.clock, cause, "HUB-4204", f"{text} Ask what it refers to.", *subject)


def _settle(
    conn: Transaction,
    context: Context,
    by: str,
    message: RowMapping,
    status: str,
    answer: Answer,
    kind: str,
) -> None:
    now = context.now()
    said = name_fields(conn, context, message, answer.findings) if status in ("rejected", "partially") else []
    detail = {"status": status, "by": by, "kind": kind, "findings": answer.findings, **({"said": said} if said else {})}
    if message["delivery"] == "failed":
        _arrived(conn, now, message, {"reference": f"{message['partner']} answered it with a {kind}", "by": by})
    refused = message["acknowledgement"] in ("rejected", "partially")
    if refused and status.startswith("accepted") and kind not in BUSINESS and _refused_as_business(conn, message):
        record_event(conn, now, "message", message["id"], "acknowledged", detail={**detail, "stands": "refused"})
        return
    moved = move_counted(conn, "acknowledgement", [message["id"]], status)
    record_event(conn, now, "message", message["id"], "acknowledged", detail=detail)
    if message["acknowledgement"] in ("overdue", "rejected", "partially"):
        resolve_settled(conn, now, message)
    if moved and status in ("rejected", "partially"):
        why = " ".join(said) or "It does not say why."
        text = f"{message['partner']} rejects our {message['type']} {message['number']} ({kind}). {why}"
        cause = f"refused/{message['partner']}/{message['type']}"
        open_incident(conn, context.clock, cause, "HUB-4205", text, "message", message["id"])


def _arrived(conn: Transaction, now: datetime, message: RowMapping, receipt: Mapping[str, str]) -> None:
    """A delivery that was given up had arrived after all: who answers has it, and need not be sent it again."""
    failed = [each for each in chain.deliveries_of(conn, message["interchange_id"]) if each["state"] == "failed"]
    if not failed:  # settled with another message of the interchange
        return
    ids = [each["id"] for each in chain.messages_of(conn, message["interchange_id"])]
    for each in failed:
        chain.set_delivery(conn, each["id"], state="delivered", delivered_at=now, receipt=receipt)
        record_event(
            conn, now, "message", message["id"], "delivered", detail={"connection": each["connection"], **receipt}
        )
    move_counted(conn, "delivery", ids, "delivered")
    meet(conn, now, [one for each in failed for one in each["policy"]["meets"]], message["id"])
    resolve_delivered(conn, now, (each["connection"] for each in failed))


def _refused_as_business(conn: Transaction, message: RowMapping) -> bool:
    """Whether what refused the message was an 824 or APERAK."""
    said = last_event(conn, "message", message["id"], "acknowledged")
    return said is not None and said["detail"]["kind"] in BUSINESS
