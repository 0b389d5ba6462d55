"""Edit and continue: a person corrects what came in or what goes out. The original stays as it is.

What is corrected becomes a message of its own, linked to the original by edited_from, and goes on through the checks
like any other. Of the original nothing more is to come.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from hub import canonical
from hub.canonical import AnyDocument
from hub.canonical.names import refuse_unknown
from hub.errors import HubError, UsageError
from hub.pipeline import keys, outbound
from hub.pipeline.again import route, write_new
from hub.pipeline.identify import enqueue_in
from hub.pipeline.task import Task
from hub.record import replace
from hub.store import chain
from hub.store.blobs import body_of, store_payload
from hub.store.events import record_event
from hub.store.incidents import resolve_settled
from hub.syntax import Interchange

Made = Mapping[str, Any]

_WHOSE = ("partner", "account", "connection", "environment")
_SAME = ("direction", *_WHOSE, "standard", "type", "version", "ordinal", "association", "control_number", "order_id")
_GROUP = ("group_index", "group_ordinal", "group_functional_id", "group_control_number")


def edit(task: Task) -> Made:
    """options: payload (the message's corrected bytes or text) or document (corrected canonical JSON)."""
    if ("payload" in task.options) == ("document" in task.options):
        raise UsageError("HUB-6028", "Give the corrected payload or the corrected document, one of the two.")
    row = task.row
    if row["direction"] == "in" and row["validation"] not in ("held", "rejected"):
        raise task.refuse(f"is {row['validation']}; only what is held or rejected is corrected.")
    made, digest = _edit_payload(task) if "payload" in task.options else _edit_document(task)
    record_event(
        task.conn,
        task.context.now(),
        "message",
        made,
        "edited_from",
        task.actor,
        {"original": task.message_id, "reason": task.reason, "digest": digest},
    )
    task.note("edited", {"as": made, "digest": digest})
    task.move("validation", "ignored")
    chain.set_message(task.conn, task.message_id, hold_reason=None)
    resolve_settled(task.conn, task.context.now(), row, task.actor)
    return {"edited_as": made, "digest": digest}


def _edit_payload(task: Task) -> tuple[str, str]:
    """The id of the new message, and the digest of its bytes."""
    row, conn, context = task.row, task.conn, task.context
    if row["direction"] != "in" or row["interchange_id"] is None:
        raise task.refuse("has no bytes of a partner's to correct; correct its document.")
    interchange = chain.get_interchange(conn, row["interchange_id"])
    before = chain.get_payload(conn, interchange["payload_id"])
    header = msgspec.convert(interchange["header"], Interchange)
    given = task.options["payload"]
    content = given if isinstance(given, bytes) else str(given).encode(header.charset or "utf-8")
    if not content.strip():
        raise UsageError("HUB-6028", "The corrected payload is empty.")
    now = context.now()
    body = body_of(conn, context.new_id(), content)
    payload_id = store_payload(
        conn,
        now,
        body,
        direction="in",
        state="identified",
        file_name=before["file_name"],
        media_type=before["media_type"],
        note=f"one message of payload {before['id']}, corrected by {task.actor}",
        **{name: before[name] for name in _WHOSE},
    )
    interchange_id = context.new_id()
    copied = {name: value for name, value in interchange.items() if name not in ("acknowledgement", "answers_id")}
    header = replace(header, offset=0, length=len(content))
    chain.insert_interchange(
        conn,
        # Without a number of its own: it is nobody's interchange, and never taken for a repeat of one.
        {**copied, "id": interchange_id, "payload_id": payload_id, "control_number": "", "header": header}
        | {"findings": [], "created_at": now},
    )
    made = context.new_id()
    place = {"interchange_id": interchange_id, "offset": 0, "length": len(content)}
    _insert(task, made, {**{name: row[name] for name in _GROUP}, **place})
    ordinals = {"ordinals": [row["ordinal"], row["ordinal"]]}
    enqueue_in(conn, now, row["connection"], "translate", interchange_id, ordinals)
    return made, body.digest


def _edit_document(task: Task) -> tuple[str, str]:
    """The id of the new message, and the digest of its document."""
    row, conn, context = task.row, task.conn, task.context
    if row["document_id"] is None:
        raise task.refuse("has no document; correct its payload.")
    original = chain.get_document(conn, row["document_id"])
    document = read_document(task.options["document"])
    if type(document).__name__ != original["type"]:
        text = (
            f"The corrected document is of the type {type(document).__name__}, and the original a {original['type']}."
        )
        raise UsageError("HUB-6028", text)
    body = canonical.encode(document)
    new_row = {
        **{name: value for name, value in original.items() if name != "body"},
        "id": context.new_id(),
        "number": (document.number or "")[:200],
        "body": body,
        "created_at": context.now(),
    }
    if row["direction"] == "out":
        made = _write_corrected(task, new_row)
    else:
        made = context.new_id()
        new_row["message_id"] = made
        chain.insert_document(conn, new_row)
        _insert(task, made, {"document_id": new_row["id"], "number": new_row["number"], "validation": "accepted"})
        chain.add_search_keys(conn, made, keys.search_keys(document))
        route(task, new_row)
    return made, hashlib.sha256(body).hexdigest()


def _write_corrected(task: Task, new_row: dict[str, Any]) -> str:
    """What was not sent yet is not sent any more; the corrected one is."""
    row = task.row
    if row["interchange_id"] is None:
        outbound.withdraw_writing(task.conn, task.context, task.message_id)
        task.move("delivery", "cancelled")
    elif row["delivery"] in ("queued", "in_doubt", "held"):
        raise task.refuse("still waits to be sent; cancel it first.")
    chain.insert_document(task.conn, new_row)
    return write_new(task, new_row, edited_from=task.message_id, number=new_row["number"])


def read_document(given: object) -> AnyDocument:
    """The document in this JSON. UsageError: it is none, or a rule of its kind is broken."""
    body = given if isinstance(given, bytes) else str(given).encode()
    try:
        document = canonical.decode(body)
        refuse_unknown(msgspec.json.decode(body), document)
    except HubError as error:
        raise UsageError("HUB-6028", f"This is no canonical document: {error}") from error
    worst = next((one for one in canonical.check(document) if one.severity in ("reject", "error")), None)
    if worst is not None:
        raise UsageError("HUB-6028", f"The document is not right yet: {worst.message}")
    return document


def _insert(task: Task, made: str, columns: Mapping[str, Any]) -> None:
    """The corrected message's row."""
    row = {name: task.row[name] for name in _SAME}
    given = {
        "id": made,
        "edited_from": task.message_id,
        "created_at": task.context.now(),
        "mapping": task.row["mapping"],
    }
    revision = {"revision": task.context.content().revision, "number": task.row["number"]}
    chain.insert_messages(task.conn, [{**row, **given, **revision, **columns}])
    chain.add_search_keys(task.conn, made, chain.search_keys_of(task.conn, task.message_id))
