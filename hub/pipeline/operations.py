"""What a person does with a message: resend, reissue, replay. Each is recorded with who did it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.dispatch import enqueue
from hub.errors import UsageError
from hub.partner import Unidentified
from hub.pipeline import outbound
from hub.pipeline.context import Context, out_lane
from hub.pipeline.identify import HELD_WHOLE, cause_of, enqueue_in, work_on
from hub.pipeline.write import agreement_out
from hub.store import chain
from hub.store.events import record_event
from hub.store.incidents import resolve_incident
from hub.store.status import move
from hub.syntax import Interchange


class Operations:
    """UsageError, of all of them: there is no such message, or this cannot be done with it; says what can."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def resend(self, message_id: str, actor: str) -> Mapping[str, object]:
        """The same bytes again: the partner sees the same control numbers."""
        with self._context.database.begin() as conn:
            row = self._message(conn, message_id)
            sent = chain.deliveries_of(conn, row["interchange_id"]) if row["interchange_id"] else []
            if row["direction"] != "out" or not sent:
                raise UsageError(
                    "HUB-6023", f"Message {message_id} was never sent, so it cannot be sent again; replay it."
                )
            made = outbound.send_again(conn, self._context, sent[-1], actor=actor)
        return {"message": message_id, "delivery": made}

    def reissue(self, message_id: str, actor: str) -> Mapping[str, object]:
        """The same document as a new message, in a new envelope with new control numbers."""
        with self._context.database.begin() as conn:
            row = self._message(conn, message_id)
            if row["direction"] != "out" or row["document_id"] is None or row["interchange_id"] is None:
                text = f"Message {message_id} is not one we wrote from a document and sent; resend or replay it."
                raise UsageError("HUB-6023", text)
            document = chain.get_document(conn, row["document_id"])
            content = self._context.content()
            agreement = agreement_out(content, row, document["type"], self._context)
            if agreement is None:
                text = f"No agreement in force sends {document['type']} to {row['partner']} as {row['type']}."
                raise UsageError("HUB-4201", text)
            copied = ("number", "document_id", "order_id")
            made: dict[str, Any] = {
                **outbound.message_row(self._context, agreement, row["type"], row["version"]),
                **{name: row[name] for name in copied},
                "reissue_of": message_id,
                "revision": content.revision,
            }
            chain.insert_messages(conn, [made])
            chain.add_search_keys(conn, made["id"], chain.search_keys_of(conn, message_id))
            now = self._context.now()
            enqueue(
                conn,
                now,
                lane=out_lane(agreement),
                kind="write",
                subject_id=made["id"],
                connection=agreement.connection,
            )
            record_event(conn, now, "message", message_id, "reissued", actor, {"as": made["id"]})
        return {"message": message_id, "reissued_as": made["id"]}

    def replay(self, message_id: str, actor: str) -> Mapping[str, object]:
        """Derives the message again with the revision in force: an inbound one from its bytes, an outbound one from its
        document. What it caused before is not caused twice."""
        with self._context.database.begin() as conn:
            row = self._message(conn, message_id)
            if row["direction"] == "in":
                self._read_again(conn, row, actor)
            elif row["interchange_id"] is None:
                self._write_again(conn, row, actor)
            else:
                text = f"Message {message_id} was written already; reissue it to send it under new control numbers."
                raise UsageError("HUB-6023", text)
        return {"message": message_id, "replayed": True}

    def _message(self, conn: Transaction, message_id: str) -> RowMapping:
        row = chain.find_message(conn, message_id)
        if row is None:
            raise UsageError("HUB-6024", f"There is no message {message_id}; hub message list shows what there is.")
        return row

    def _read_again(self, conn: Transaction, row: RowMapping, actor: str) -> None:
        if row["validation"] == "pending":
            raise UsageError("HUB-6023", f"Message {row['id']} is being worked on; look again in a moment.")
        interchange = chain.get_interchange(conn, row["interchange_id"])
        self._identify_again(conn, interchange)
        held = [one["code"] for one in interchange["findings"] or [] if one["code"].startswith(HELD_WHOLE)]
        if held:
            self._release(conn, interchange, held, actor)
            return
        now = self._context.now()
        move(conn, "validation", [row["id"]], "pending")
        ordinals = {"ordinals": [row["ordinal"], row["ordinal"]]}
        enqueue_in(conn, now, row["connection"], "translate", interchange["id"], ordinals)
        record_event(conn, now, "message", row["id"], "replayed", actor)
        _resolve(conn, now, row)

    def _release(self, conn: Transaction, interchange: RowMapping, held: Sequence[str], actor: str) -> None:
        """What was held as a whole, before anybody looked into it, goes on as a whole, and is acknowledged."""
        now = self._context.now()
        rest = [one for one in interchange["findings"] if one["code"] not in held]
        chain.set_interchange(conn, interchange["id"], findings=rest)
        chain.set_payload(conn, interchange["payload_id"], state="identified", note=None)
        rows = chain.messages_of(conn, interchange["id"])
        move(conn, "validation", [row["id"] for row in rows], "pending")
        for row in rows:
            chain.set_message(conn, row["id"], hold_reason=None, findings=_without(row["findings"], held))
            record_event(conn, now, "message", row["id"], "replayed", actor)
        work_on(conn, self._context, chain.get_interchange(conn, interchange["id"]), [row["ordinal"] for row in rows])
        for code in held:
            resolve_incident(conn, now, cause_of(interchange, code))

    def _identify_again(self, conn: Transaction, interchange: RowMapping) -> None:
        """What was held for its envelope's identity goes on only if that identity is allowed by now."""
        if interchange["standard"] not in ("x12", "edifact"):
            return
        header = msgspec.convert(interchange["header"], Interchange)
        group = header.groups[0] if header.groups else None
        whose = self._context.content().partners.identify(
            interchange["connection"],
            header.sender,
            header.receiver,
            (group.sender or "") if group else "",
            (group.receiver or "") if group else "",
            test=header.test,
            standard=header.standard,
        )
        if isinstance(whose, Unidentified):
            raise UsageError(whose.finding.code, whose.finding.message)
        values = {"partner": whose.partner, "account": whose.account, "environment": whose.environment}
        chain.set_interchange(conn, interchange["id"], **values)
        for row in chain.messages_of(conn, interchange["id"]):
            chain.set_message(conn, row["id"], **values)

    def _write_again(self, conn: Transaction, row: RowMapping, actor: str) -> None:
        if row["validation"] != "held":
            raise UsageError("HUB-6023", f"Message {row['id']} is being worked on; look again in a moment.")
        now = self._context.now()
        document = chain.get_document(conn, row["document_id"])
        agreement = agreement_out(self._context.content(), row, document["type"], self._context)
        lane = out_lane(agreement) if agreement else f"out/{row['connection']}"
        move(conn, "validation", [row["id"]], "pending")
        move(conn, "delivery", [row["id"]], "queued")
        chain.set_message(conn, row["id"], hold_reason=None, findings=None)
        enqueue(conn, now, lane=lane, kind="write", subject_id=row["id"], connection=row["connection"])
        record_event(conn, now, "message", row["id"], "replayed", actor)
        _resolve(conn, now, row)


def _without(findings: Sequence[Mapping[str, Any]] | None, codes: Sequence[str]) -> list[Mapping[str, Any]]:
    return [one for one in findings or [] if one["code"] not in codes]


def _resolve(conn: Transaction, now: datetime, row: RowMapping) -> None:
    """What a message was held for is no incident while it is tried again, unless others are held like it."""
    if chain.messages_held(conn, row["partner"], row["type"]):
        return
    for code in {one["code"] for one in row["findings"] or []}:
        resolve_incident(conn, now, f"held/{row['partner']}/{row['type']}/{code}")
