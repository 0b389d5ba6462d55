"""Giving up work that was set aside: what it was about waits for a person then, who may still have it go on."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import select

from hub.errors import UsageError
from hub.pipeline import outbound
from hub.pipeline.context import Context
from hub.store import chain
from hub.store.events import record_event
from hub.store.incidents import resolve_incident
from hub.store.status import move
from hub.store.tables import work

TIMERS = ("collect", "due", "retain")
"""Kinds of work that put themselves off: without it nothing would ever be collected, due or retained again."""


def give_up(conn: Transaction, context: Context, work_id: int, actor: str, reason: str) -> None:
    """Settles what the work was about, if such work is set aside. UsageError HUB-6007: it is a timer."""
    wanted = select(work.c.kind, work.c.subject_id, work.c.arguments).where(work.c.id == work_id, work.c.set_aside)
    row = conn.execute(wanted).first()
    if row is None:
        return
    if row.kind in TIMERS:
        text = f"Work {work_id} ({row.kind} of {row.subject_id}) comes again and again; mend its cause and retry it."
        raise UsageError("HUB-6007", text)
    said = f"its work ({row.kind}) was given up by {actor}{f': {reason}' if reason else ''}"
    if row.kind == "identify":
        chain.set_payload(conn, row.subject_id, state="unreadable", note=f"Nobody looked into it, as {said}.")
        record_event(conn, context.now(), "payload", row.subject_id, "given_up", actor, {"note": said})
    elif row.kind == "acknowledge":
        resolve_incident(conn, context.now(), f"owed/{row.subject_id}", actor)
        record_event(conn, context.now(), "interchange", row.subject_id, "not_acknowledged", actor, {"note": said})
    elif row.kind == "deliver":
        _fail(conn, context, row.subject_id, actor, said)
    elif ids := _messages(conn, row.kind, row.subject_id, row.arguments or {}):
        _hold(conn, context, ids, row.kind in (outbound.AT_ONCE, outbound.IN_WINDOW), actor, said)


def _messages(conn: Transaction, kind: str, subject_id: str, arguments: Mapping[str, Any]) -> list[str]:
    """The messages that such work was to take further."""
    if kind == "translate":
        first, last = arguments["ordinals"]
        rows = chain.messages_of(conn, subject_id, range(first, last + 1))
        return [row["id"] for row in rows if row["validation"] == "pending"]
    if kind == "route":
        return [chain.get_document(conn, subject_id)["message_id"]]
    return [subject_id] if kind in (outbound.AT_ONCE, outbound.IN_WINDOW) else []


def _hold(conn: Transaction, context: Context, ids: Sequence[str], leaves: bool, actor: str, said: str) -> None:
    """They are held. leaves: they are to go out."""
    move(conn, "validation", ids, "held")
    if leaves:
        move(conn, "delivery", ids, "held")
    for one in ids:
        chain.set_message(conn, one, hold_reason=f"It went no further, as {said}.")
        record_event(conn, context.now(), "message", one, "held", actor, {"note": said})


def _fail(conn: Transaction, context: Context, delivery_id: str, actor: str, said: str) -> None:
    """The delivery is given up; where a try of it may have arrived, whoever sends it again is told."""
    now, row = context.now(), chain.get_deliveries(conn, [delivery_id])[delivery_id]
    if row["state"] not in ("queued", "in_doubt"):
        return
    for attempt in chain.open_attempts(conn, delivery_id):
        chain.end_attempt(conn, attempt["id"], outcome="in_doubt", ended_at=now, detail=said)
    unsure = {"maybe_duplicate": True} if row["sending"] or row["state"] == "in_doubt" else {}
    chain.set_delivery(conn, delivery_id, state="failed", sending=False, next_at=None, **unsure)
    ids = chain.message_ids_of(conn, [row["interchange_id"]])[row["interchange_id"]]
    move(conn, "delivery", ids, "failed")
    for one in ids:
        record_event(conn, now, "message", one, "failed", actor, {"detail": said})
