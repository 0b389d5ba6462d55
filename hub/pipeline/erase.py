"""Erase: what a message says is overwritten for good. Digests, statuses and the audit log stay, and prove nothing more.

Overwritten are its bytes (those of its neighbours in the interchange stay), its document, its search keys and business
number, and the texts that may quote it: findings, hold reason, what far ends answered, events. Pages that the
database let go of may hold it until hub.store.upkeep.compact. Copies beyond the database are not reached: archives,
backups, what partners have.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import delete, select, update

from hub.catalogue import CATALOGUE
from hub.pipeline.task import Task
from hub.store import chain
from hub.store.blobs import overwrite
from hub.store.tables import attempt, delivery, document, event, incident, order_line, sales_order, search_key, work

Made = Mapping[str, Any]
ERASED = "erased"


def erase(task: Task) -> Made:
    """For good. Not while it is worked on or waits to be sent."""
    row, conn = task.row, task.conn
    if row["validation"] == "pending" or row["delivery"] in ("queued", "in_doubt", "held"):
        raise task.refuse("is not dealt with yet; cancel or ignore it first.")
    if _is_to_be_routed(task):
        raise task.refuse("is being worked on; look again in a moment, or drop its work if that was set aside.")
    size = _bytes(task)
    documents = _documents(task)
    _texts(task)
    conn.execute(delete(search_key).where(search_key.c.message_id == task.message_id))
    chain.set_message(
        conn,
        task.message_id,
        number="",
        hold_reason=None,
        findings=[_blank(one) for one in row["findings"] or []],
        erased_at=task.context.now(),
    )
    task.note("erased")
    return {"bytes": size, "documents": documents}


def _is_to_be_routed(task: Task) -> bool:
    """What is read from it is still to change its order: whoever does that has the document in hand already."""
    read = select(document.c.id).where(document.c.message_id == task.message_id)
    waiting = select(work.c.id).where(work.c.kind == "route", work.c.subject_id.in_(read)).limit(1)
    return task.conn.execute(waiting).first() is not None


def _bytes(task: Task) -> int:
    row = task.row
    if row["interchange_id"] is None:
        return 0
    interchange = chain.get_interchange(task.conn, row["interchange_id"])
    found = chain.get_payload(task.conn, interchange["payload_id"])
    if found["archive"] is not None:
        return 0
    offset = row["offset"] or 0
    length = found["size"] - offset if row["length"] is None else row["length"]
    overwrite(task.conn, found["id"], offset, length)
    findings = [_blank(one) for one in interchange["findings"] or []]
    chain.set_interchange(task.conn, interchange["id"], findings=findings)
    return int(length)


def _documents(task: Task) -> int:
    """Every document read from the message, and the one it was written from; and what the order took over from it."""
    own = document.c.message_id == task.message_id
    if task.row["document_id"] is not None:
        own = own | (document.c.id == task.row["document_id"])
    rows = task.conn.execute(select(document.c.id, document.c.type).where(own)).all()
    for row in rows:
        body = msgspec.json.encode({"document": row.type, "number": ERASED})
        task.conn.execute(update(document).where(document.c.id == row.id).values(body=body, number=""))
    ids = [row.id for row in rows]
    taken = select(sales_order.c.id).where(sales_order.c.document_id.in_(ids))
    task.conn.execute(update(order_line).where(order_line.c.order_id.in_(taken)).values(description=""))
    # The key holds the ship-to; nothing is to be found to be the same order any more.
    task.conn.execute(
        update(sales_order).where(sales_order.c.document_id.in_(ids)).values(business_key=sales_order.c.id)
    )
    return len(rows)


def _texts(task: Task) -> None:
    """Details that may quote the message. That something happened, when and by whom, stays."""
    conn = task.conn
    deliveries = [one["id"] for one in chain.deliveries_of(conn, task.row["interchange_id"] or "")]
    conn.execute(update(attempt).where(attempt.c.delivery_id.in_(deliveries)).values(detail=None))
    conn.execute(update(delivery).where(delivery.c.id.in_(deliveries)).values(receipt=None))
    subjects = [task.message_id, *deliveries, task.row["interchange_id"] or ""]
    conn.execute(update(event).where(event.c.subject_id.in_(subjects)).values(detail=None))
    about = update(incident).where(incident.c.subject_id.in_(subjects))
    conn.execute(about.values(message=f"What this was about has been erased ({task.message_id})."))


def _blank(finding: Mapping[str, Any]) -> dict[str, Any]:
    """The code and the place; nothing the sender wrote."""
    row = CATALOGUE.get(str(finding["code"]))
    return {**finding, "value": None, "message": row.title if row else ERASED}
