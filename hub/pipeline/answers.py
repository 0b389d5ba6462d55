"""Technical acknowledgements that come in: each finds the very messages we sent and settles their status."""

from collections.abc import Sequence

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.acknowledgement import Acknowledgement, Answer
from hub.pipeline.context import Context
from hub.store import chain
from hub.store.events import record_event
from hub.store.incidents import open_incident, resolve_incident
from hub.store.status import move


def take_answers(
    conn: Transaction, context: Context, interchange: RowMapping, row: RowMapping, acknowledgement: Acknowledgement
) -> None:
    """Applies an acknowledgement to what we sent to its sender. row is its own message, interchange its envelope."""
    whole = acknowledgement.answers[0]
    sent = _sent(conn, interchange, whole)
    if not sent:
        text = (
            f"{interchange['partner']} acknowledges {whole.level} {whole.type or ''} {whole.control_number}, "
            f"which was never sent to {interchange['sender']}. Ask what it refers to."
        )
        cause = f"answer/{interchange['partner']}/{whole.control_number}"
        open_incident(conn, context.clock, cause, "HUB-4204", text, "message", row["id"])
        return
    chain.set_interchange(conn, interchange["id"], answers_id=sent[0]["interchange_id"])
    chain.add_search_keys(conn, row["id"], [("control", whole.control_number)])
    named = {(answer.type, answer.control_number): answer for answer in acknowledgement.answers[1:]}
    for message in sent:
        answer = named.get((message["type"], message["control_number"])) or named.get((None, message["control_number"]))
        status = answer.status if answer else ("accepted" if whole.status.startswith("accepted") else "rejected")
        _settle(conn, context, row, message, status, answer or whole, acknowledgement.kind)


def _sent(conn: Transaction, interchange: RowMapping, whole: Answer) -> Sequence[RowMapping]:
    """Our messages the acknowledgement is about; it came from whom we sent to."""
    sender, receiver = interchange["receiver"], interchange["sender"]
    if whole.level == "group":
        return chain.sent_in_group(
            conn,
            sender=sender,
            receiver=receiver,
            functional_id=whole.type or "",
            group_number=whole.control_number,
        )
    rows = chain.sent_messages(conn, sender=sender, receiver=receiver, interchange_number=whole.control_number)
    return [row for row in rows if row["interchange_id"] == rows[0]["interchange_id"]] if rows else []


def _settle(
    conn: Transaction,
    context: Context,
    row: RowMapping,
    message: RowMapping,
    status: str,
    answer: Answer,
    kind: str,
) -> None:
    now = context.now()
    moved = move(conn, "acknowledgement", [message["id"]], status)
    detail = {"status": status, "by": row["id"], "kind": kind, "findings": answer.findings}
    record_event(conn, now, "message", message["id"], "acknowledged", detail=detail)
    resolve_incident(conn, now, f"overdue/{message['id']}")
    if moved and status in ("rejected", "partially"):
        said = " ".join(f"{found.location}: {found.message}" for found in answer.findings) or "It does not say why."
        text = f"{message['partner']} rejects our {message['type']} {message['number']} ({kind}). {said}"
        cause = f"refused/{message['partner']}/{message['type']}"
        open_incident(conn, context.clock, cause, "HUB-4205", text, "message", message["id"])
