"""Stopping, sending elsewhere, and saying how it ended: hold, cancel, reroute, confirm, ignore."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from hub.dispatch import withdraw
from hub.errors import UsageError
from hub.partner import Connection
from hub.pipeline import outbound
from hub.pipeline.repeats import held_whole, settle_whole
from hub.pipeline.task import Task
from hub.store import chain
from hub.store.incidents import resolve_settled
from hub.store.obligations import meet, release

Made = Mapping[str, Any]

_OPEN = ("queued", "in_doubt", "held")


def hold(task: Task) -> Made:
    """Nothing more is done with it until it is unheld. Messages of one interchange wait together."""
    row = task.row
    if row["direction"] == "in":
        return _hold_document(task)
    if row["interchange_id"] is None and row["delivery"] == "queued":
        outbound.withdraw_writing(task.conn, task.context, task.message_id)
        ids = [task.message_id]
    else:
        waiting = [one for one in _deliveries(task) if one["state"] in ("queued", "in_doubt")]
        if not waiting:
            raise task.refuse(f"does not wait to be sent: its delivery is {row['delivery']}.")
        _stop(task, waiting, "held")
        ids = task.together()
    task.move("delivery", "held", ids)
    for one in ids:
        chain.set_message(task.conn, one, hold_reason=f"{task.reason} ({task.actor})")
    task.note("held", ids=ids)
    return {"messages": len(ids)}


def _hold_document(task: Task) -> Made:
    """An inbound message can be held until its document is routed."""
    row = task.row
    if row["validation"] == "pending":
        raise task.refuse(f"is not checked yet; pause its lane instead: hub lane pause in/{row['connection']}")
    found = row["document_id"] and withdraw(task.conn, task.context.clock, "route", row["document_id"])
    if not found:
        raise task.refuse("was dealt with already; hold what goes out because of it.")
    task.move("validation", "held")
    chain.set_message(task.conn, task.message_id, hold_reason=f"{task.reason} ({task.actor})")
    task.note("held")
    return {"messages": 1}


def cancel(task: Task) -> Made:
    """It is never sent. Messages of one interchange are cancelled together."""
    row, conn = task.row, task.conn
    if row["direction"] != "out":
        raise task.refuse("came in, so there is nothing to cancel; ignore it, or cancel what goes out because of it.")
    if row["interchange_id"] is None:
        if row["delivery"] not in ("queued", "held"):
            raise task.refuse(f"is not to be sent: its delivery is {row['delivery']}.")
        outbound.withdraw_writing(conn, task.context, task.message_id)
        task.move("validation", "ignored")
        ids = [task.message_id]
    else:
        waiting = [one for one in _deliveries(task) if one["state"] in (*_OPEN, "failed")]
        if not waiting or row["delivery"] == "delivered":
            raise task.refuse(f"cannot be cancelled: its delivery is {row['delivery']}. Tell the partner instead.")
        _stop(task, waiting, "cancelled")
        ids = task.together()
        task.move("acknowledgement", "none", ids)
    task.move("delivery", "cancelled", ids)
    for one in ids:
        chain.set_message(conn, one, hold_reason=None)
    doubt = {"may_have_arrived": True} if row["delivery"] == "in_doubt" else {}
    task.note("cancelled", doubt, ids)
    _settled(task)
    return {"messages": len(ids), **doubt}


def reroute(task: Task) -> Made:
    """The same bytes by another connection. What waits to go by the old one is cancelled there."""
    row = task.row
    to = task.option("connection")
    deliveries = _deliveries(task)
    if row["direction"] != "out" or not deliveries:
        raise task.refuse("is not written yet; change the connection in the agreement, then replay it.")
    connection = _connection(task, to)
    if deliveries[-1]["connection"] == connection.name:
        raise task.refuse(f"goes by {connection.name} already; resend it.")
    _stop(task, [one for one in deliveries if one["state"] in (*_OPEN, "failed")], "cancelled")
    ids = task.together()
    made = outbound.send_again(
        task.conn, task.context, deliveries[-1], actor=task.actor, by=connection.name, event="rerouted"
    )
    for one in ids:
        chain.set_message(task.conn, one, connection=connection.name, hold_reason=None)
    _settled(task)
    return {"sent_as": made, "messages": len(ids), "connection": connection.name}


def _connection(task: Task, name: str) -> Connection:
    """One that may carry the message: of its account and environment, and its partner's or a network's."""
    row, partners = task.row, task.context.content().partners
    known = {one.name: one for one in partners.connections()}
    connection = known.get(name) or known.get(f"{row['partner']}/{name}")
    fitting = [
        one.name
        for one in known.values()
        if (one.account, one.environment) == (row["account"], row["environment"]) and row["partner"] in one.carries
    ]
    if connection is None or connection.name not in fitting:
        text = f'"{name}" cannot carry what goes to {row["partner"]}; these can: {", ".join(fitting) or "none"}.'
        raise UsageError("HUB-6028", text)
    return connection


def confirm(task: Task) -> Made:
    """The partner says that it has it: by phone, by mail. The reason is the evidence."""
    row, deliveries = task.row, _deliveries(task)
    unsure = [one for one in deliveries if one["state"] in ("in_doubt", "failed")]
    awaited = row["acknowledgement"] in ("expected", "overdue")
    if row["direction"] != "out" or not (unsure or awaited):
        open_ = row["delivery"] in ("queued", "held")
        raise task.refuse("is not sent yet; cancel it if the partner has it." if open_ else "awaits no confirmation.")
    ids = task.together()
    now = task.context.now()
    if unsure:
        _stop(task, unsure, "delivered", delivered_at=now, receipt={"reference": task.reason, "by": task.actor})
        meet(task.conn, now, [one for row in unsure for one in row["policy"]["meets"]], task.message_id)
        task.move("delivery", "delivered", ids)
    if awaited:
        task.move("acknowledgement", "accepted")
    task.note("confirmed")
    _settled(task)
    return {"messages": len(ids)}


def ignore(task: Task) -> Made:
    """Nothing is to come of it: it is no problem any more, and says who decided that."""
    row = task.row
    if row["validation"] == "pending":
        raise task.refuse("is being worked on; look again in a moment.")
    if row["direction"] == "out" and row["delivery"] in _OPEN:
        raise task.refuse("still waits to be sent; cancel it.")
    wrong = (
        row["validation"] in ("rejected", "held"),
        row["delivery"] == "failed",
        row["acknowledgement"] in ("rejected", "partially", "overdue"),
    )
    if not any(wrong):
        raise task.refuse("is no problem: there is nothing to ignore.")
    if row["delivery"] == "failed":  # given up for good
        _stop(task, [one for one in _deliveries(task) if one["state"] == "failed"], "cancelled")
        task.move("delivery", "cancelled", task.together())
    task.move("validation", "ignored")
    chain.set_message(task.conn, task.message_id, hold_reason=None)
    release(task.conn, task.context.now(), task.message_id, task.actor, task.reason)
    task.note("ignored")
    _settled(task)
    if row["direction"] == "in" and row["interchange_id"] is not None:
        interchange = chain.get_interchange(task.conn, row["interchange_id"])
        settle_whole(task.conn, task.context.now(), interchange, held_whole(interchange), task.actor)
    return {}


def _deliveries(task: Task) -> Sequence[RowMapping]:
    return chain.deliveries_of(task.conn, task.row["interchange_id"]) if task.row["interchange_id"] else []


def _stop(task: Task, deliveries: Sequence[RowMapping], state: str, **values: Any) -> None:
    """Takes back the work of these deliveries. UsageError: a worker is at one of them."""
    for one in deliveries:
        if one["sending"] and one["state"] != "in_doubt":
            raise task.refuse("is being sent right now; look again in a moment.")
        withdraw(task.conn, task.context.clock, "deliver", one["id"])
        chain.set_delivery(task.conn, one["id"], state=state, next_at=None, sending=False, **values)


def _settled(task: Task) -> None:
    """Resolves the incidents that nobody needs to look at any more."""
    conn, now = task.conn, task.context.now()
    resolve_settled(conn, now, task.row, task.actor)
    outbound.resolve_delivered(conn, now, (one["connection"] for one in _deliveries(task)), task.actor)
