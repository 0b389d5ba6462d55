"""Write: an outbound message's document becomes bytes in an envelope with its control numbers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub import schema, syntax
from hub.dispatch import Commit, Item
from hub.errors import DataError, Finding, NotYetError
from hub.partner import Agreement, envelope_for, group_scope, interchange_scope
from hub.pipeline import outbound
from hub.pipeline.children import PoisonError
from hub.pipeline.context import Content, Context
from hub.pipeline.jobs import CANONICAL, Write, WriteAll, WriteResult, Written
from hub.pipeline.translate import mapping_of
from hub.store import chain
from hub.store.events import record_event
from hub.store.incidents import open_incident
from hub.store.numbers import next_control_number
from hub.store.status import move
from hub.syntax import Interchange, OutGroup, OutMessage


class _Work(NamedTuple):
    """A message to be written. job None: it cannot be, and written says why."""

    row: RowMapping
    agreement: Agreement | None
    job: Write | None
    written: Written


def _numbering(work: _Work) -> tuple[str, str]:
    """Whoever numbers several envelopes takes their numbers in one order, or two could wait for each other."""
    return work.agreement.envelope if work.agreement and work.agreement.identity else ("", "")


class WriteStage:
    """Work of kind "write": an outbound message. Control numbers are taken in the transaction that stores the bytes."""

    kind = "write"
    batch = 50

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        context, content = self._context, self._context.content()
        with context.database.read() as conn:
            rows = [chain.get_message(conn, item.subject_id) for item in items]
            documents = [chain.get_document(conn, row["document_id"]) for row in rows]
        work = [self._planned(content, row, document) for row, document in zip(rows, documents, strict=True)]
        jobs = [one.job for one in work if one.job is not None]
        written = iter(self._run(content, jobs))
        work = [one if one.job is None else one._replace(written=next(written)) for one in work]
        with commit(items) as conn:
            for row, agreement, _, result in sorted(work, key=_numbering):
                if agreement is None or (result.segments is None and result.body is None):
                    self._refuse(conn, row, result.findings)
                else:
                    self._store(conn, content, row, agreement, result)

    def _planned(self, content: Content, row: RowMapping, document: RowMapping) -> _Work:
        """What a child has to do for it; no job: why nothing can be done."""
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
            options=dict(agreement.options),
            envelope=envelope_for(agreement, row["version"], "1", self._context.now()) if enveloped else None,
            functional_id=definition.functional_id if definition and agreement.standard == "x12" else None,
            association=agreement.options.get("association"),
            guide=agreement.guide,
        )
        return _Work(row, agreement, job, Written())

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
        self, conn: Transaction, content: Content, row: RowMapping, agreement: Agreement, result: Written
    ) -> None:
        now = self._context.now()
        if result.segments is None:
            written = Interchange(index=1, standard=agreement.standard, offset=0, length=len(result.body or b""))
            body = result.body or b""
            place: dict[str, Any] = {"offset": 0, "length": len(body), "ordinal": 1}
            number = row["number"] or row["id"]
        else:
            body = self._bytes(conn, row, agreement, result.segments)
            written = next(iter(syntax.cut(body)))
            span, group = written.messages[0], written.groups[0]
            number = written.control_number
            place = {
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
        sent = outbound.store_interchange(
            conn, self._context, agreement, body, written, type=row["type"], name_number=number
        )
        chain.set_message(
            conn,
            row["id"],
            interchange_id=sent,
            findings=result.findings,
            mapping=_mapping(content, agreement, row["version"]),
            revision=content.revision,
            **place,
        )
        move(conn, "validation", [row["id"]], "accepted")
        if agreement.obligation:
            move(conn, "acknowledgement", [row["id"]], "expected")
        chain.add_search_keys(conn, row["id"], [*result.keys, ("control", written.control_number)])
        detail = {"interchange": sent, "control_number": written.control_number}
        record_event(conn, now, "message", row["id"], "written", detail=detail)

    def _bytes(self, conn: Transaction, row: RowMapping, agreement: Agreement, segments: list[list[object]]) -> bytes:
        """Takes the control numbers (interchange, then group) and writes the interchange."""
        now = self._context.now()
        sender, receiver = agreement.envelope
        number = next_control_number(conn, interchange_scope(agreement.standard, sender, receiver), now=now)
        message = OutMessage(
            type=row["type"],
            version=row["version"],
            control_number="0001" if agreement.standard == "x12" else "1",
            association=agreement.options.get("association"),
            segments=segments,  # type: ignore[arg-type] # elements came back from the child as plain lists
        )
        group = OutGroup(messages=[message])
        if agreement.standard == "x12":
            definition = schema.definition("x12", row["version"], row["type"])
            functional_id = definition.functional_id if definition else None
            ours, theirs = agreement.group
            scope = group_scope("x12", functional_id or "", ours, theirs)
            group = OutGroup(
                functional_id=functional_id,
                sender=ours,
                receiver=theirs,
                control_number=str(next_control_number(conn, scope, now=now)),
                version=row["version"],
                messages=[message],
            )
        return syntax.write(envelope_for(agreement, row["version"], str(number), now), [group])

    def _refuse(self, conn: Transaction, row: RowMapping, findings: list[Finding]) -> None:
        """Our own fault: the message waits, and an incident says what to mend."""
        worst = next((one for one in findings if one.severity in ("reject", "error")), findings[0])
        chain.set_message(conn, row["id"], findings=findings, hold_reason=worst.message)
        move(conn, "validation", [row["id"]], "held")
        move(conn, "delivery", [row["id"]], "held")
        record_event(conn, self._context.now(), "message", row["id"], "held", detail={"finding": worst})
        text = f"Our {row['type']} {row['number']} to {row['partner']} cannot be sent: {worst.message}"
        cause = f"held/{row['partner']}/{row['type']}/{worst.code}"
        open_incident(conn, self._context.clock, cause, worst.code, text, "message", row["id"])


def _mapping(content: Content, agreement: Agreement, version: str) -> str | None:
    return CANONICAL if agreement.reference == CANONICAL else mapping_of(content, agreement, version)


def agreement_out(content: Content, row: RowMapping, document_type: str, context: Context) -> Agreement | None:
    """The agreement an outbound message was routed by, as it stands in the revision in force."""
    found = content.partners.agreements_out(
        row["partner"], row["account"], document_type, row["environment"], now=context.now()
    )
    return next((one for one in found if (one.standard, one.type) == (row["standard"], row["type"])), None)


def _gone(row: RowMapping, document_type: str) -> Finding:
    text = (
        f"The agreement to send {document_type} to {row['partner']} as {row['standard']} {row['type']} is gone. "
        f"Put it back into partners/{row['partner']}/partner.toml and replay, or cancel the message."
    )
    return DataError("HUB-4201", text).as_finding("error")
