"""What a person does with a message: resend, reissue, replay. Each is recorded with who did it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.dispatch import enqueue
from hub.errors import UsageError
from hub.partner import Unidentified
from hub.pipeline import outbound
from hub.pipeline.context import Context, in_lane, out_lane
from hub.pipeline.write import agreement_out
from hub.store import chain
from hub.store.events import record_event
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
            if row["direction"] != "out" or row["document_id"] is None:
                text = f"Message {message_id} is not one we wrote from a document; resend or replay it."
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
        now = self._context.now()
        if row["validation"] == "pending":
            raise UsageError("HUB-6023", f"Message {row['id']} is being worked on; look again in a moment.")
        self._identify_again(conn, row)
        move(conn, "validation", [row["id"]], "pending")
        enqueue(
            conn,
            now,
            lane=in_lane(row["connection"]),
            kind="translate",
            subject_id=row["interchange_id"],
            arguments={"ordinals": [row["ordinal"], row["ordinal"]]},
            connection=row["connection"],
        )
        record_event(conn, now, "message", row["id"], "replayed", actor)

    def _identify_again(self, conn: Transaction, row: RowMapping) -> None:
        """A message held for its envelope's identity goes on only if that identity is allowed by now."""
        interchange = chain.get_interchange(conn, row["interchange_id"])
        if interchange["standard"] not in ("x12", "edifact"):
            return
        header = msgspec.convert(interchange["header"], Interchange)
        group = header.groups[0] if header.groups else None
        whose = self._context.content().partners.identify(
            row["connection"],
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
        chain.set_message(conn, row["id"], **values)

    def _write_again(self, conn: Transaction, row: RowMapping, actor: str) -> None:
        now = self._context.now()
        document = chain.get_document(conn, row["document_id"])
        agreement = agreement_out(self._context.content(), row, document["type"], self._context)
        lane = out_lane(agreement) if agreement else f"out/{row['connection']}"
        move(conn, "validation", [row["id"]], "pending")
        move(conn, "delivery", [row["id"]], "queued")
        chain.set_message(conn, row["id"], hold_reason=None, findings=None)
        enqueue(conn, now, lane=lane, kind="write", subject_id=row["id"], connection=row["connection"])
        record_event(conn, now, "message", row["id"], "replayed", actor)
