"""Acknowledge: what the sender of an inbound interchange is told, once all its messages are checked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub import syntax
from hub.acknowledgement import MessageResult, acknowledge, answer_business, answered_groups, document_named
from hub.acknowledgement.x12 import acknowledged_groups
from hub.dispatch import Commit, Item
from hub.errors import DataError, Finding
from hub.partner import Agreement, group_scope, interchange_scope
from hub.pipeline import outbound
from hub.pipeline.context import Content, Context
from hub.pipeline.identify import agreement_for
from hub.pipeline.jobs import BUSINESS_FROM
from hub.pipeline.repeats import NUMBER
from hub.pipeline.restore import restore
from hub.store import chain
from hub.store.events import record_event
from hub.store.incidents import is_open, open_incident, resolve_incident
from hub.store.numbers import next_control_number
from hub.store.status import move
from hub.syntax import Interchange
from hub.syntax.charset import EBCDIC, to_ebcdic
from hub.syntax.model import MessageSpan

LOOK_AGAIN = timedelta(minutes=1)
OWED = timedelta(hours=24)
"""What came in is acknowledged within this."""
_GUIDE = "HUB-331"
"""What the codes of findings against a guide begin with."""


class AcknowledgeStage:
    """Work of kind "acknowledge": an inbound interchange. again: it came twice, so its answer goes out twice."""

    kind = "acknowledge"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        content = self._context.content()
        for item in items:
            with commit([item]) as conn:
                if item.arguments.get("again"):
                    self._again(conn, item.subject_id)
                elif chain.messages_pending(conn, item.subject_id):  # their check waits for a person, and so does this
                    self._wait(conn, item.subject_id)
                    commit.retry(item, self._context.now() + LOOK_AGAIN, "not all messages are checked yet")
                else:
                    resolve_incident(conn, self._context.now(), f"owed/{item.subject_id}")
                    self._acknowledge(conn, content, item.subject_id)

    def _wait(self, conn: Transaction, interchange_id: str) -> None:
        """Whoever sent it is owed its acknowledgement at once; a day is too long."""
        row, cause = chain.get_interchange(conn, interchange_id), f"owed/{interchange_id}"
        if self._context.now() - row["created_at"] >= OWED and not is_open(conn, cause):
            text = (
                f"Interchange {row['control_number']} of {row['partner']} came {row['created_at']:%Y-%m-%d %H:%M} UTC "
                "and is not acknowledged: not all of its messages are checked. See what is set aside: hub lane list"
            )
            open_incident(conn, self._context.clock, cause, "HUB-4212", text, "interchange", interchange_id)

    def _again(self, conn: Transaction, interchange_id: str) -> None:
        for sent in chain.acknowledgements_sent(conn, interchange_id):
            for delivery in chain.deliveries_of(conn, sent["id"])[:1]:
                outbound.send_again(conn, self._context, delivery)

    def _acknowledge(self, conn: Transaction, content: Content, interchange_id: str) -> None:
        row = chain.get_interchange(conn, interchange_id)
        messages = chain.messages_of(conn, interchange_id)
        agreement = self._agreement(content, row, messages)
        if agreement is None:
            return
        whole = restore(row, messages)
        whole.findings = msgspec.convert(row["findings"] or [], list[Finding])
        asked = agreement.acknowledge != "asked" or whole.acknowledgement == "1"
        if agreement.acknowledge != "none" and asked:
            self._technically(conn, content, row, whole, messages, agreement)
        if agreement.business_answer is not None:
            self._answer(conn, content, row, whole, messages, agreement)

    def _technically(
        self,
        conn: Transaction,
        content: Content,
        row: RowMapping,
        whole: Interchange,
        messages: Sequence[RowMapping],
        agreement: Agreement,
    ) -> None:
        """The technical acknowledgement, if one is due."""
        by_ordinal = {message["ordinal"]: message for message in messages}
        results = [MessageResult(span, None, _technical(by_ordinal[span.ordinal])) for span in whole.messages]
        try:
            body = self._body(conn, whole, results, agreement)
        except DataError as error:
            self._unanswerable(conn, row, error)
            return
        if body is not None:
            sent = self._send(conn, content, row, agreement, body, answers_id=row["id"])
            _told(conn, row, messages)
            detail = {"by": sent}
            record_event(conn, self._context.now(), "interchange", row["id"], "acknowledged", detail=detail)

    def _answer(
        self,
        conn: Transaction,
        content: Content,
        row: RowMapping,
        whole: Interchange,
        messages: Sequence[RowMapping],
        agreement: Agreement,
    ) -> None:
        """The business answer to what the partner's guide has against the messages, where the agreement asks for it."""
        by_ordinal = {message["ordinal"]: message for message in messages}
        results = [_of_guide(span, by_ordinal[span.ordinal]) for span in whole.messages]
        kind, now = str(agreement.business_answer), self._context.now()
        try:
            if answer_business(whole, results, kind=kind, at=now) is None:
                return
            number = next_control_number(conn, interchange_scope(whole.standard, whole.receiver, whole.sender), now=now)
            groups = [
                next_control_number(conn, group_scope("x12", "AG", each.receiver or "", each.sender or ""), now=now)
                for each in (answered_groups(whole, results) if whole.standard == "x12" else [])
            ]
            body = answer_business(
                whole, results, kind=kind, control_number=number, group_control_number=groups, at=now
            )
        except DataError as error:
            self._unanswerable(conn, row, error)
            return
        if body is not None:
            sent = self._send(conn, content, row, agreement, body, answers_id=None)
            detail = {"by": sent, "kind": kind}
            record_event(conn, now, "interchange", row["id"], "answered", detail=detail)

    def _agreement(self, content: Content, row: RowMapping, messages: Sequence[RowMapping]) -> Agreement | None:
        """The rule comes from the agreement of the first message that has one, else from the partner's others."""
        for message in messages:
            if (found := agreement_for(content, message, self._context.now())) is not None:
                return found
        others = content.partners.agreements(row["partner"], row["account"], row["environment"], "in")
        return next((one for one in others if one.standard == row["standard"]), None)

    def _body(
        self, conn: Transaction, whole: Interchange, results: Sequence[MessageResult], agreement: Agreement
    ) -> bytes | None:
        """Written once to see whether anything is due; only then are control numbers taken, so none is lost."""
        kind = "999" if agreement.acknowledge == "999" else None
        now = self._context.now()
        if acknowledge(whole, results, kind=kind, at=now, detail=agreement.acknowledge_detail) is None:
            return None
        scope = interchange_scope(whole.standard, whole.receiver, whole.sender)
        number = next_control_number(conn, scope, now=now)
        groups = []
        for group in acknowledged_groups(whole, results) if whole.standard == "x12" else []:
            scope = group_scope("x12", "FA", group.receiver or "", group.sender or "")
            groups.append(next_control_number(conn, scope, now=now))
        return acknowledge(
            whole,
            results,
            kind=kind,
            control_number=number,
            group_control_number=groups or 1,
            at=now,
            detail=agreement.acknowledge_detail,
        )

    def _owed(self, agreement: Agreement) -> datetime | None:
        """By when an answer must have reached the partner, whatever it waits for."""
        return self._context.now() + OWED if agreement.environment == "production" else None

    def _unanswerable(self, conn: Transaction, row: RowMapping, error: DataError) -> None:
        """The sender's own envelope cannot be written back: a person must tell the partner."""
        text = f"{row['partner']} sent interchange {row['control_number']}, which cannot be answered: {error.message}"
        cause = f"unanswerable/{row['partner']}/{error.code}"
        open_incident(conn, self._context.clock, cause, error.code, text, "interchange", row["id"])

    def _send(
        self,
        conn: Transaction,
        content: Content,
        row: RowMapping,
        agreement: Agreement,
        body: bytes,
        *,
        answers_id: str | None,
    ) -> str:
        """Sends what answers an interchange. answers_id: the interchange, if the answer is a technical one: only such
        are never acknowledged themselves."""
        written = next(iter(syntax.cut(body)))
        charset = msgspec.convert(row["header"], Interchange).charset
        if charset in EBCDIC:
            body, written.charset = to_ebcdic(body, charset), charset
        types = [span.type for span in written.messages]
        sent = outbound.store_interchange(
            conn,
            self._context,
            agreement,
            body,
            written,
            answers_id=answers_id,
            type=types[0] if types else "TA1",
            name_number=written.control_number,
        ).id
        for span in written.messages:
            group = written.groups[span.group - 1]
            made = outbound.message_row(self._context, agreement, span.type, span.version)
            message = {
                **made,
                "deliver_by": made["deliver_by"] or self._owed(agreement),
                "interchange_id": sent,
                "ordinal": span.ordinal,
                "group_index": span.group,
                "group_ordinal": span.index,
                "group_functional_id": group.functional_id,
                "group_control_number": span.group_control_number,
                "control_number": span.control_number,
                "offset": span.offset,
                "length": span.length,
                "number": row["control_number"],
                "validation": "accepted",
                "revision": content.revision,
            }
            chain.insert_messages(conn, [message])
            keys = [("control", row["control_number"]), ("control", written.control_number)]
            chain.add_search_keys(conn, message["id"], keys)
        return sent


def _of_guide(span: MessageSpan, message: RowMapping) -> MessageResult:
    """What a guide has against a message; other reasons to hold it are ours, and no business of the partner's."""
    found = [one for one in msgspec.convert(message["findings"] or [], list[Finding]) if one.code.startswith(_GUIDE)]
    document = document_named(message["standard"], span.type, message["number"] or "")
    return MessageResult(span, None, [], found, document)


def _technical(message: RowMapping) -> list[Finding]:
    """The message's findings that may be told, in the order of its segments."""
    return [one for one in msgspec.convert(message["findings"] or [], list[Finding]) if one.code < BUSINESS_FROM]


def _is_numbered_twice(message: RowMapping) -> bool:
    """Rejected with its interchange, before anybody looked into it."""
    codes = [one["code"] for one in message["findings"] or []]
    return message["validation"] == "rejected" and NUMBER in codes


def _told(conn: Transaction, row: RowMapping, messages: Sequence[RowMapping]) -> None:
    """What we answered is the acknowledgement status of what came in; a business hold was accepted technically."""
    told: dict[str, list[str]] = {}
    for message in messages:
        technical = _technical(message)
        if any(one.severity == "reject" for one in technical) or _is_numbered_twice(message):
            status = "rejected"
        else:
            status = "accepted_with_errors" if any(one.severity == "error" for one in technical) else "accepted"
        told.setdefault(status, []).append(message["id"])
    for status, ids in told.items():
        move(conn, "acknowledgement", ids, status)
    whole = next(iter(told)) if len(told) == 1 else "partially" if "rejected" in told else "accepted_with_errors"
    chain.set_interchange(conn, row["id"], acknowledgement=whole if told else "accepted")
