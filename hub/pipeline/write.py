"""Write: an outbound message's document becomes bytes in an envelope with its control numbers."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub import schema, syntax
from hub.dispatch import Commit, Item
from hub.errors import DataError, Finding, HubError, NotYetError
from hub.partner import Agreement, envelope_for, group_scope, header_of, interchange_scope
from hub.pipeline import outbound
from hub.pipeline.attempt import Layout, connector_of
from hub.pipeline.children import PoisonError
from hub.pipeline.context import Content, Context, out_lane
from hub.pipeline.jobs_write import CANONICAL, Write, WriteAll, WriteResult, Written
from hub.pipeline.obligations import met_by
from hub.pipeline.packing import Ready, envelope_of, pack_ready
from hub.pipeline.translate import day_of, mapping_of
from hub.record import replace
from hub.store import chain, orders
from hub.store.events import record_event
from hub.store.incidents import open_incident
from hub.store.numbers import next_control_number
from hub.store.status import move
from hub.syntax import Envelope, Group, Interchange, MessageSpan, OutGroup
from hub.syntax.renumber import renumber

_Unnumbered = tuple[bytes, Interchange]


class _Work(NamedTuple):
    """A message to be written. job None: it cannot be, and written says why."""

    row: RowMapping
    agreement: Agreement | None
    job: Write | None
    written: Written


TOGETHER = 200
"""Messages that a child writes at once."""


class WriteStage:
    """Work of kind "write": an outbound message. Control numbers are taken in the transaction that stores the bytes."""

    kind = outbound.AT_ONCE
    batch = TOGETHER

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        context, content = self._context, self._context.content()
        with context.database.read() as conn:
            found = chain.get_messages(conn, [item.subject_id for item in items])
            rows = [found[item.subject_id] for item in items]
            made = chain.get_documents(conn, [row["document_id"] for row in rows])
            documents = [made[row["document_id"]] for row in rows]
            began = orders.began(conn, {row["order_id"] for row in rows if row["order_id"]})
        now = context.now()  # one for all: what goes out alike is proven together
        work = [
            self._planned(content, row, document, began.get(row["order_id"]), now)
            for row, document in zip(rows, documents, strict=True)
        ]
        jobs = [one.job for one in work if one.job is not None]
        slices = (jobs[start : start + TOGETHER] for start in range(0, len(jobs), TOGETHER))
        written = (one for part in slices for one in self._run(content, part))
        work = [one if one.job is None else one._replace(written=next(written)) for one in work]
        packed = [(together, _unnumbered(together)) for together in _packed(work)]
        kinds = {row["id"]: document["type"] for row, document in zip(rows, documents, strict=True)}
        with commit(items) as conn:
            at_once = self._at_once(conn, content, work, {item.lane for item in items})
            for item, one in zip(items, work, strict=True):
                if one.written.segments is None and one.written.body is None:
                    self._refuse(conn, commit, item, one.row, one.written.findings)
            for together, unnumbered in packed:
                meets = [
                    one
                    for ready in together
                    for one in met_by(conn, content, ready.row, kinds[ready.row["id"]], ready.written.keys)
                ]
                at_hand = together[0].agreement.connection in at_once
                self._store(conn, content, together, unnumbered, meets, at_once=at_hand)

    def _at_once(self, conn: Transaction, content: Content, work: Sequence[_Work], lanes: Collection[str]) -> set[str]:
        """The connections into mailboxes of our own whose lane is at work here, and where nothing waits to be
        delivered: what is written is laid out there in the same transaction, and overtakes nothing."""
        found = set()
        for agreement in {one.agreement.connection: one.agreement for one in work if one.agreement}.values():
            if out_lane(agreement) not in lanes:
                continue
            try:
                hosted = getattr(connector_of(content, agreement.connection), "hosted", False)
            except HubError:  # delivering tells what is wrong
                continue
            if hosted and not chain.has_work(conn, out_lane(agreement), "deliver"):
                found.add(agreement.connection)
        return found

    def _planned(
        self, content: Content, row: RowMapping, document: RowMapping, began: datetime | None, now: datetime
    ) -> _Work:
        """What a child has to do for it; no job: why nothing can be done."""
        try:
            return self._plan(content, row, document, began, now)
        except HubError as error:  # a secret that is nowhere: the others go on
            return _Work(row, None, None, Written(findings=[error.as_finding("error")]))

    def _plan(
        self, content: Content, row: RowMapping, document: RowMapping, began: datetime | None, now: datetime
    ) -> _Work:
        """began: when the order came; what follows it is written by the versions that counted then."""
        agreement = agreement_out(content, row, document["type"], self._context)
        if agreement is None:
            return _Work(row, None, None, Written(findings=[_gone(row, document["type"])]))
        mapping = _mapping(content, agreement, row["version"])
        if mapping is None:
            text = f"not yet: {row['type']} (there is no mapping that writes it)"
            refused = Written(findings=[NotYetError("HUB-3030", text).as_finding("error")])
            return _Work(row, agreement, None, refused)
        enveloped = agreement.standard in ("x12", "edifact")
        definition = schema.definition(agreement.standard, row["version"], row["type"]) if enveloped else None
        job = Write(
            document=bytes(document["body"]),
            mapping=mapping,
            version=row["version"],
            type=row["type"],
            options=header_of(agreement) if agreement.standard == "xml" else dict(agreement.options),
            envelope=self._envelope(agreement, row["version"], now) if enveloped else None,
            decimal=agreement.writing.decimal,
            functional_id=definition.functional_id if definition and agreement.standard == "x12" else None,
            group=agreement.group if agreement.standard == "x12" else ("", ""),
            alone=agreement.writing.most.messages == 1 and not agreement.writing.columns,
            association=agreement.options.get("association"),
            guide=agreement.guide,
            partner=agreement.partner,
            on=day_of(agreement, began or now),
        )
        return _Work(row, agreement, job, Written())

    def _envelope(self, agreement: Agreement, version: str, now: datetime) -> Envelope:
        named = agreement.writing.password
        password = self._context.secret(named) if named else ""
        return envelope_for(agreement, version, "1", now, password=password)

    def _run(self, content: Content, jobs: list[Write]) -> list[Written]:
        """What became of each; one that ends its process is found by running each alone."""
        if not jobs:
            return []
        try:
            result = content.children.run(WriteAll(jobs))
        except PoisonError as error:
            if len(jobs) > 1:
                return [self._run(content, [job])[0] for job in jobs]
            return [Written(findings=[error.as_finding("error")])]
        if not isinstance(result, WriteResult):
            raise TypeError(f"write answered {type(result).__name__}")
        return result.messages

    def _store(
        self,
        conn: Transaction,
        content: Content,
        together: Sequence[Ready],
        unnumbered: _Unnumbered | None,
        meets: Sequence[str],
        *,
        at_once: bool,
    ) -> None:
        """One interchange with all these messages, which one agreement sends. unnumbered: as of _unnumbered. meets: the
        obligations its delivery meets. at_once: it is laid out in our mailbox here and now."""
        now = self._context.now()
        first, agreement = together[0], together[0].agreement
        if first.job.envelope is None:
            body = first.written.body or b""
            written = Interchange(index=1, standard=agreement.standard, offset=0, length=len(body))
            places: list[dict[str, Any]] = [{"offset": 0, "length": len(body), "ordinal": 1}]
            number = first.row["number"] or first.row["id"]
        else:
            body, written = self._interchange(conn, together, unnumbered)
            places = [_place(span, written.groups[span.group - 1]) for span in written.messages]
            number = written.control_number
        sent = outbound.store_interchange(
            conn,
            self._context,
            agreement,
            body,
            written,
            type=first.row["type"],
            name_number=number,
            meets=meets,
            queue=not at_once,
        )
        for ready, place in zip(together, places, strict=True):
            message_id = ready.row["id"]
            chain.set_message(
                conn,
                message_id,
                interchange_id=sent.id,
                findings=ready.written.findings,
                mapping=_mapping(content, agreement, ready.row["version"]),
                revision=content.revision,
                **place,
            )
            move(conn, "validation", [message_id], "accepted")
            if agreement.is_awaited:
                move(conn, "acknowledgement", [message_id], "expected")
            chain.add_search_keys(conn, message_id, [*ready.written.keys, ("control", written.control_number)])
            detail = {"interchange": sent.id, "control_number": written.control_number}
            record_event(conn, now, "message", message_id, "written", detail=detail)
        if at_once and sent.delivery is not None:
            messages = [ready.row["id"] for ready in together]
            Layout(self._context, sent.delivery, sent.payload, messages).lay_out(conn)

    def _interchange(
        self, conn: Transaction, together: Sequence[Ready], unnumbered: _Unnumbered | None
    ) -> tuple[bytes, Interchange]:
        """Takes the control numbers, and gives them to what is written already, or writes the messages with them."""
        number, group_number = self._numbers(conn, together[0])
        if unnumbered is not None:
            return renumber(*unnumbered, number, group_number or 1)
        envelope, group = envelope_of(together)
        group.control_number = str(group_number or 1)
        return _whole(replace(envelope, control_number=str(number)), group)

    def _numbers(self, conn: Transaction, ready: Ready) -> tuple[int, int | None]:
        """The next control numbers: of the interchange, then in X12 of the group."""
        now, agreement = self._context.now(), ready.agreement
        number = next_control_number(conn, interchange_scope(agreement.standard, *agreement.envelope), now=now)
        if agreement.standard != "x12":
            return number, None
        scope = group_scope("x12", ready.job.functional_id or "", *ready.job.group)
        return number, next_control_number(conn, scope, now=now)

    def _refuse(self, conn: Transaction, commit: Commit, item: Item, row: RowMapping, findings: list[Finding]) -> None:
        """Our own fault: the message waits, and in a strict lane what is behind it; an incident says what to mend."""
        worst = next((one for one in findings if one.severity in ("reject", "error")), findings[0])
        text = f"Our {row['type']} {row['number']} to {row['partner']} cannot be sent: {worst.message}"
        if commit.is_strict(item):
            chain.set_message(conn, row["id"], findings=findings)
            text += f" What is behind it waits. Mend that, or cancel the message; then resume the lane {item.lane}."
            commit.set_aside(item, worst.code, text, subject_type="message")
            return
        chain.set_message(conn, row["id"], findings=findings, hold_reason=worst.message)
        move(conn, "validation", [row["id"]], "held")
        move(conn, "delivery", [row["id"]], "held")
        record_event(conn, self._context.now(), "message", row["id"], "held", detail={"finding": worst})
        cause = f"held/{row['partner']}/{row['type']}/{worst.code}"
        open_incident(conn, self._context.clock, cause, worst.code, text, "message", row["id"])


class DepartStage(WriteStage):
    """Work of kind "depart": an outbound message whose agreement has a window; all of a lane at that moment."""

    kind = outbound.IN_WINDOW
    batch = 10_000
    alone = True


def _packed(work: Sequence[_Work]) -> Iterator[Sequence[Ready]]:
    """What can be sent, by interchange."""
    return pack_ready(
        Ready(one.row, one.agreement, one.job, one.written)
        for one in work
        if one.agreement and one.job and not (one.written.segments is None and one.written.body is None)
    )


def _unnumbered(together: Sequence[Ready]) -> _Unnumbered | None:
    """The interchange of these messages, its control numbers still to be given, and what stands where in it. None: it
    has no envelope, or is broken into lines of one width, where other numbers move all that is behind them."""
    first = together[0]
    if first.written.body is not None and first.written.interchange is not None:
        return first.written.body, first.written.interchange
    if first.job.envelope is None or first.job.envelope.columns:
        return None
    return _whole(*envelope_of(together))


def _whole(envelope: Envelope, group: OutGroup) -> _Unnumbered:
    body = syntax.write(envelope, [group])
    return body, next(iter(syntax.cut(body)))


def _place(span: MessageSpan, group: Group) -> dict[str, Any]:
    """The columns that say where in its interchange a message is."""
    return {
        "offset": span.offset,
        "length": span.length,
        "ordinal": span.ordinal,
        "group_index": span.group,
        "group_ordinal": span.index,
        "group_functional_id": group.functional_id,
        "group_control_number": span.group_control_number,
        "control_number": span.control_number,
        "version": span.version,
        "association": span.association,
    }


def _mapping(content: Content, agreement: Agreement, version: str) -> str | None:
    return CANONICAL if agreement.reference == CANONICAL else mapping_of(content, agreement, version)


def agreement_out(content: Content, row: RowMapping, document_type: str, context: Context) -> Agreement | None:
    """The agreement an outbound message was routed by, as it stands in the revision in force."""
    found = content.partners.agreements_out(
        row["partner"], row["account"], document_type, row["environment"], now=context.now()
    )
    alike = [one for one in found if (one.standard, one.type) == (row["standard"], row["type"])]
    same = [one for one in alike if one.mapping == row["mapping"]] or [one for one in alike if one.mapping is None]
    return next(iter(same or alike), None)


def _gone(row: RowMapping, document_type: str) -> Finding:
    text = (
        f"The agreement to send {document_type} to {row['partner']} as {row['standard']} {row['type']} is gone. "
        f"Put it back into partners/{row['partner']}/partner.toml and replay, or cancel the message."
    )
    return DataError("HUB-4201", text).as_finding("error")
