"""Doing it again: resend, retry, reissue, replay, unhold."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from hub.canonical import decode
from hub.dispatch import bring_forward, enqueue
from hub.errors import UsageError
from hub.partner import Unidentified
from hub.pipeline import keys, outbound
from hub.pipeline.cut import whose_is
from hub.pipeline.identify import enqueue_in, note_repeat, work_on
from hub.pipeline.repeats import (
    IDENTITY,
    cause_of,
    compared,
    held_whole,
    numbered_alike,
    numbered_twice,
    settle_whole,
)
from hub.pipeline.task import Task
from hub.pipeline.translate import order_lane
from hub.pipeline.write import agreement_out
from hub.store import chain, revisions
from hub.store.incidents import open_incident, resolve_settled
from hub.store.status import move
from hub.syntax import Interchange

Made = Mapping[str, Any]

WAITING = ("queued", "in_doubt")
"""States of a delivery that will be tried, or asked after, without anybody doing anything."""


def resend(task: Task) -> Made:
    """The same bytes again: the partner sees the same control numbers."""
    row, conn = task.row, task.conn
    sent = chain.deliveries_of(conn, row["interchange_id"]) if row["interchange_id"] else []
    if row["direction"] != "out" or not sent:
        raise task.refuse("was never sent, so it cannot be sent again; replay it.")
    if sent[-1]["state"] == "held":
        raise task.refuse("is held and was not sent yet; unhold it.")
    if sent[-1]["state"] in WAITING:
        raise task.refuse("still waits to be sent, and would then go twice; retry it.")
    interchange = chain.get_interchange(conn, row["interchange_id"])
    if chain.get_payload(conn, interchange["payload_id"])["archive"] is not None:
        raise task.refuse("has no bytes here any more: they were archived or deleted. Reissue it.")
    task.move("validation", "accepted")  # if it was ignored
    together = chain.messages_of(conn, row["interchange_id"])
    overdue = [one["id"] for one in together if one["acknowledgement"] == "overdue"]
    task.move("acknowledgement", "expected", overdue)
    chain.set_due(conn, overdue, None)  # its time begins anew when it is delivered
    return {"sent_as": outbound.send_again(conn, task.context, sent[-1], actor=task.actor)}


def retry(task: Task) -> Made:
    """What waits for its next try is tried at once, as the same delivery under its name and key."""
    row, conn, context = task.row, task.conn, task.context
    sent = chain.deliveries_of(conn, row["interchange_id"]) if row["interchange_id"] else []
    waiting = [one for one in sent if one["state"] in WAITING]
    if row["direction"] != "out" or not waiting:
        raise task.refuse("waits for no try: resend what was sent or given up, unhold what is held.")
    for one in waiting:
        if paused := bring_forward(conn, context.clock, "deliver", one["id"]):
            raise task.refuse(f"waits because its lane {paused} is paused; resume that.")
        chain.set_delivery(conn, one["id"], next_at=context.now())
    task.note("retried", ids=task.together())
    return {"deliveries": len(waiting)}


def reissue(task: Task) -> Made:
    """The same document as a new message, in a new envelope with new control numbers."""
    row, conn, context = task.row, task.conn, task.context
    if row["direction"] != "out" or row["document_id"] is None or row["interchange_id"] is None:
        raise task.refuse("is not one we wrote from a document and sent; resend or replay it.")
    document = chain.get_document(conn, row["document_id"])
    made = write_new(task, document, reissue_of=task.message_id)
    task.note("reissued", {"as": made})
    if row["acknowledgement"] in ("rejected", "partially", "overdue"):  # what it says counts in the new one's place
        task.move("validation", "ignored")
        resolve_settled(conn, context.now(), row, task.actor)
    return {"reissued_as": made}


def write_new(task: Task, document: RowMapping | Mapping[str, Any], **columns: Any) -> str:
    """A new outbound message of that document under the agreement this one was written by. Its id."""
    row, conn, context = task.row, task.conn, task.context
    content = context.content()
    agreement = agreement_out(content, row, document["type"], context)
    if agreement is None:
        text = f"No agreement in force sends {document['type']} to {row['partner']} as {row['type']}."
        raise UsageError("HUB-4201", text)
    made: dict[str, Any] = {
        **outbound.message_row(context, agreement, row["type"], row["version"]),
        "number": row["number"],
        "document_id": document["id"],
        "order_id": row["order_id"],
        "revision": content.revision,
        **columns,
    }
    chain.insert_messages(conn, [made])
    chain.add_search_keys(conn, made["id"], chain.search_keys_of(conn, task.message_id))
    outbound.queue_writing(conn, context, agreement, made["id"])
    return str(made["id"])


def replay(task: Task) -> Made:
    """Derives the message again: an inbound one from its bytes, with the revision in force or the one that the option
    revision names; an outbound one from its document. What it caused before is not caused twice."""
    if "revision" in task.options:
        return _read_by(task, revisions.find(task.conn, task.option("revision")))
    if task.row["direction"] == "in":
        return _read_again(task)
    if task.row["interchange_id"] is None:
        _write_again(task)
    else:
        raise task.refuse("was written already; reissue it to send it under new control numbers.")
    return {"replayed": True}


def unhold(task: Task) -> Made:
    """What was held goes on: an inbound message is derived again, an outbound one is written or sent."""
    row, conn = task.row, task.conn
    if "held" not in (row["validation"], row["delivery"]):
        raise task.refuse("is not held.")
    if row["direction"] == "in" or row["interchange_id"] is None:
        return replay(task)
    ids = task.together()
    held = [one for one in chain.deliveries_of(conn, row["interchange_id"]) if one["state"] == "held"]
    for delivery in held:
        chain.set_delivery(conn, delivery["id"], state="queued", next_at=task.context.now())
        enqueue(
            conn,
            task.context.now(),
            lane=delivery["lane"],
            kind="deliver",
            subject_id=delivery["id"],
            connection=delivery["connection"],
        )
    task.move("delivery", "queued", ids)
    for one in ids:
        chain.set_message(conn, one, hold_reason=None)
    task.note("unheld", ids=ids)
    return {"messages": len(ids)}


def _read_again(task: Task) -> Made:
    row, conn = task.row, task.conn
    if row["interchange_id"] is None:
        _idle(task)
        _route_again(task)
        return {"replayed": True}
    interchange = chain.get_interchange(conn, row["interchange_id"])
    held = held_whole(interchange)
    if not held:
        _translate_again(task, interchange, {})
        return {"replayed": True}
    _idle(task)
    _has_bytes(task, interchange)
    _identify_again(task, interchange)
    if any(code.startswith(IDENTITY) for code in held) and (made := _came_before(task, interchange)):
        return made
    _release(task, interchange, held)
    return {"replayed": True}


def _came_before(task: Task, interchange: RowMapping) -> Made:
    """What waited for its sender to become known took no control number then: who waits for an answer sends it again.
    Of those only the first goes on; what came of this one, if it was not the first."""
    conn, now = task.conn, task.context.now()
    header = msgspec.convert(interchange["header"], Interchange)
    before = numbered_alike(conn, header, now)
    if not before:
        return {}
    same, differs = compared(conn, interchange["payload_id"], header, before)
    rows = chain.messages_of(conn, interchange["id"])
    ids = [row["id"] for row in rows]
    if same is not None:
        note_repeat(conn, now, interchange, same)
        task.move("validation", "ignored", ids)
        for one in ids:
            chain.set_message(conn, one, hold_reason=None)
        made, causes = {"repeats": same["id"]}, held_whole(interchange)
    else:
        found = numbered_twice(str(rows[0]["partner"]), header, before[0], differs)
        causes = [code for code in held_whole(interchange) if code.startswith(IDENTITY)]
        rest = [one for one in interchange["findings"] if one["code"] not in causes]
        chain.set_interchange(conn, interchange["id"], findings=[*rest, found])
        for row in rows:
            findings = [*_without(row["findings"], causes), found]
            chain.set_message(conn, row["id"], hold_reason=found.message, findings=findings)
        cause, about = cause_of(interchange, found.code), ("interchange", interchange["id"])
        open_incident(conn, task.context.clock, cause, found.code, found.message, *about)
        made = {"held": found.code}
    task.note("replayed", made, ids)
    settle_whole(conn, now, interchange, causes, task.actor)
    return made


def _idle(task: Task) -> None:
    if task.row["validation"] == "pending":
        raise task.refuse("is being worked on; look again in a moment.")


def _has_bytes(task: Task, interchange: RowMapping) -> None:
    if chain.get_payload(task.conn, interchange["payload_id"])["archive"] is not None:
        raise task.refuse("has no bytes here any more: they were archived or removed.")


def _translate_again(task: Task, interchange: RowMapping, arguments: Mapping[str, Any]) -> None:
    row, conn, now = task.row, task.conn, task.context.now()
    _idle(task)
    _has_bytes(task, interchange)
    _identify_again(task, interchange)
    task.move("validation", "pending")
    chain.set_message(conn, task.message_id, hold_reason=None)
    ordinals = {"ordinals": [row["ordinal"], row["ordinal"]], **arguments}
    enqueue_in(conn, now, row["connection"], "translate", interchange["id"], ordinals)
    task.note("replayed", arguments)
    resolve_settled(conn, now, row, task.actor)


def _read_by(task: Task, revision: str) -> Made:
    """With a chosen revision, if its mapping can be used by this release. What follows goes by the one in force."""
    row, conn = task.row, task.conn
    if row["direction"] != "in" or row["interchange_id"] is None:
        raise task.refuse("is not read from bytes, so no other revision can read them; replay it without one.")
    interchange = chain.get_interchange(conn, row["interchange_id"])
    if held_whole(interchange):
        raise task.refuse("is held with its whole interchange; replay it without a revision first.")
    task.context.content_of(revision)  # now, so that a person is told of what is wrong with it
    _translate_again(task, interchange, {"revision": revision})
    return {"replayed": True, "revision": revision}


def _route_again(task: Task) -> None:
    """A message that a person entered or corrected as a document has no bytes to read."""
    task.move("validation", "accepted")
    chain.set_message(task.conn, task.message_id, hold_reason=None, findings=None)
    route(task, chain.get_document(task.conn, task.row["document_id"]))
    task.note("replayed")
    resolve_settled(task.conn, task.context.now(), task.row, task.actor)


def route(task: Task, document: RowMapping | Mapping[str, Any]) -> None:
    """Queues a document in the lane of its order."""
    read = decode(document["body"])
    order = next((value for scheme, value in keys.search_keys(read) if scheme == "order"), read.number or "")
    lane = order_lane(document["account"], order)
    enqueue(task.conn, task.context.now(), lane=lane, kind="route", subject_id=document["id"])


def _release(task: Task, interchange: RowMapping, held: Sequence[str]) -> None:
    """What was held as a whole, before anybody looked into it, goes on as a whole, and is acknowledged."""
    conn = task.conn
    rest = [one for one in interchange["findings"] if one["code"] not in held]
    chain.set_interchange(conn, interchange["id"], findings=rest)
    chain.set_payload(conn, interchange["payload_id"], state="identified", note=None)
    rows = chain.messages_of(conn, interchange["id"])
    ids = [row["id"] for row in rows]
    move(conn, "validation", ids, "pending")
    for row in rows:
        chain.set_message(conn, row["id"], hold_reason=None, findings=_without(row["findings"], held))
    task.note("replayed", ids=ids)
    work_on(
        conn,
        task.context,
        chain.get_interchange(conn, interchange["id"]),
        [(row["ordinal"], row["length"]) for row in rows],
    )
    settle_whole(conn, task.context.now(), interchange, held, task.actor)


def _identify_again(task: Task, interchange: RowMapping) -> None:
    """What was held for its envelope's identity goes on only if that identity is allowed by now."""
    if interchange["standard"] not in ("x12", "edifact"):
        return
    header = msgspec.convert(interchange["header"], Interchange)
    whose = whose_is(task.context.content(), interchange, header)
    if isinstance(whose, Unidentified):
        raise UsageError(whose.finding.code, whose.finding.message)
    values = {"partner": whose.partner, "account": whose.account, "environment": whose.environment}
    chain.set_interchange(task.conn, interchange["id"], **values)
    for row in chain.messages_of(task.conn, interchange["id"]):
        chain.set_message(task.conn, row["id"], **values)


def _write_again(task: Task) -> None:
    row, conn, now = task.row, task.conn, task.context.now()
    if "held" not in (row["validation"], row["delivery"]):
        raise task.refuse("is being worked on; look again in a moment.")
    document = chain.get_document(conn, row["document_id"])
    agreement = agreement_out(task.context.content(), row, document["type"], task.context)
    task.move("validation", "pending")
    task.move("delivery", "queued")
    chain.set_message(conn, task.message_id, hold_reason=None, findings=None)
    if agreement is not None:
        outbound.queue_writing(conn, task.context, agreement, row["id"])
    else:  # writing it says that the agreement is gone
        lane = f"out/{row['connection']}"
        enqueue(conn, now, lane=lane, kind=outbound.AT_ONCE, subject_id=row["id"], connection=row["connection"])
    task.note("replayed")
    resolve_settled(conn, now, row, task.actor)


def _without(findings: Sequence[Mapping[str, Any]] | None, codes: Sequence[str]) -> list[Mapping[str, Any]]:
    return [one for one in findings or [] if one["code"] not in codes]
