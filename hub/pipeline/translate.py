"""Translate: check messages and read them into documents; match the acknowledgements among them to what we sent."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.canonical import decode
from hub.dispatch import Commit, Item, enqueue
from hub.errors import DataError, Finding, NotYetError
from hub.partner import Agreement, Identified
from hub.pipeline.answers import take_answers
from hub.pipeline.children import PoisonError
from hub.pipeline.context import Content, Context
from hub.pipeline.cut import mapping_by_name
from hub.pipeline.identify import agreement_for
from hub.pipeline.jobs import Plan, Translate, Translated, TranslateResult, TranslateTree
from hub.pipeline.obligations import Opening
from hub.pipeline.restore import restore
from hub.record import replace
from hub.store import chain
from hub.store.blobs import read_slice
from hub.store.events import record_event
from hub.store.incidents import open_incident
from hub.store.status import move

ORDER_LANES = 16
LARGE = 20_000
"""Bytes: what routes documents is told how large those are, so that it does not hold too many at once."""
TECHNICAL = ("997", "999", "TA1", "CONTRL")


class TranslateStage:
    """messages -> documents. Work of kind "translate": an interchange and the ordinals of some of its messages."""

    kind = "translate"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            self._translate(item, commit)

    def _translate(self, item: Item, commit: Commit) -> None:
        context = self._context
        content = context.content_of(item.arguments.get("revision", ""))
        first, last = item.arguments["ordinals"]
        with context.database.read() as conn:
            interchange = chain.get_interchange(conn, item.subject_id)
            rows = chain.messages_of(conn, item.subject_id, range(first, last + 1))
            rows = [row for row in rows if row["validation"] == "pending"]
            bodies = _bodies(conn, interchange["payload_id"], rows)
        agreements = [agreement_for(content, row, context.now()) for row in rows]
        plans = [_plan(content, row, agreement) for row, agreement in zip(rows, agreements, strict=True)]
        results = self._run(content, interchange, rows, bodies, plans)
        found = list(zip(rows, agreements, results, strict=True))
        try:
            with commit([item]) as conn:
                for row, agreement, result in found:
                    _Outcome(conn, context, content, interchange, row, agreement).settle(result)
        except DataError:  # one of them says something that the store has no room for
            for row, agreement, result in found:
                self._settle_alone(commit, content, interchange, row, agreement, result)
            with commit([item]):
                pass

    def _settle_alone(
        self,
        commit: Commit,
        content: Content,
        interchange: RowMapping,
        row: RowMapping,
        agreement: Agreement | None,
        result: Translated,
    ) -> None:
        try:
            with commit(()) as conn:
                _Outcome(conn, self._context, content, interchange, row, agreement).settle(result)
        except DataError as error:
            held = Translated(technical=result.technical, business=[error.as_finding("error")])
            with commit(()) as conn:
                _Outcome(conn, self._context, content, interchange, row, agreement).settle(held)

    def _run(
        self,
        content: Content,
        interchange: RowMapping,
        rows: Sequence[RowMapping],
        bodies: Sequence[bytes],
        plans: Sequence[Plan],
    ) -> list[Translated]:
        if not rows:
            return []
        if interchange["standard"] in ("x12", "edifact"):
            whole = restore(interchange, rows)
            job: Translate | TranslateTree = Translate(
                replace(whole, groups=[]), whole.messages, list(bodies), list(plans)
            )
        elif plans[0].mapping is None:
            return [Translated()]
        else:
            parts = [row["ordinal"] for row in rows]
            job = TranslateTree(bodies[0], plans[0].mapping, plans[0].partner, plans[0].on, parts)
        try:
            result = content.children.run(job)
        except PoisonError as error:
            if len(rows) > 1:  # one of them does it: alone, it harms nobody else
                alone = zip(rows, bodies, plans, strict=True)
                return [self._run(content, interchange, [row], [body], [plan])[0] for row, body, plan in alone]
            return [Translated(business=[error.as_finding("error")])]
        if not isinstance(result, TranslateResult):
            raise TypeError(f"translate answered {type(result).__name__}")
        return result.messages


def _bodies(conn: Transaction, payload_id: str, rows: Sequence[RowMapping]) -> list[bytes]:
    """The bytes of messages that follow each other, read at once."""
    if not rows:
        return []
    start = rows[0]["offset"]
    if all((row["offset"], row["length"]) == (start, rows[0]["length"]) for row in rows):  # parts of one table
        return [read_slice(conn, payload_id, start, rows[0]["length"])] * len(rows)
    whole = memoryview(read_slice(conn, payload_id, start, rows[-1]["offset"] + rows[-1]["length"] - start))
    return [bytes(whole[row["offset"] - start :][: row["length"]]) for row in rows]


def _plan(content: Content, row: RowMapping, agreement: Agreement | None) -> Plan:
    if agreement is None or row["type"] in TECHNICAL:
        return Plan()
    mapping = mapping_of(content, agreement, row["version"])
    return Plan(
        mapping=mapping,
        guide=agreement.guide,
        severities=dict(agreement.severities),
        partner=agreement.partner,
        on=day_of(agreement, row["created_at"]),
    )


def day_of(agreement: Agreement, at: datetime) -> date:
    """The day by the calendar of the partner: it chooses versions of mappings and rows of crosswalks."""
    return at.astimezone(ZoneInfo(agreement.zone)).date()


def mapping_of(content: Content, agreement: Agreement, version: str) -> str | None:
    """The agreement's own mapping, else the one that fits type and version; None: there is none yet."""
    if agreement.mapping is not None:
        return agreement.mapping
    if agreement.standard not in ("x12", "edifact", "xml"):
        return mapping_by_name(content, agreement)
    try:
        version = agreement.version if agreement.standard == "xml" else version
        return content.library.find(agreement.standard, agreement.type, version).id
    except NotYetError:
        return None


def order_lane(account: str, key: str) -> str:
    """Documents of one business key keep their order: they share a lane."""
    return f"orders/{crc32(f'{account}/{key}'.encode()) % ORDER_LANES}"


class _Outcome:
    """Settles what became of one message, in the caller's transaction."""

    def __init__(
        self,
        conn: Transaction,
        context: Context,
        content: Content,
        interchange: RowMapping,
        row: RowMapping,
        agreement: Agreement | None,
    ) -> None:
        self._conn = conn
        self._context = context
        self._content = content
        self._interchange = interchange
        self._row = row
        self._agreement = agreement
        self._now = context.now()

    def settle(self, result: Translated) -> None:
        """Statuses, findings, document, keys, and the work that follows."""
        row = self._row
        hold = None
        if any(one.severity == "reject" for one in result.technical):
            validation = "rejected"
        else:
            hold = self._hold(result)
            validation = "held" if hold else _accepted(result.technical)
        values: dict[str, Any] = {
            "findings": [
                *result.technical,
                *result.business,
                *([hold] if hold and hold not in result.business else []),
            ],
            "hold_reason": hold.message if hold else None,
            "number": _number(result)[:200],
            "mapping": self._agreement and mapping_of(self._content, self._agreement, row["version"]),
            "revision": self._content.revision,
        }
        chain.set_message(self._conn, row["id"], **values)
        chain.add_search_keys(self._conn, row["id"], result.keys)
        move(self._conn, "validation", [row["id"]], validation)
        detail = {"validation": validation, "findings": len(values["findings"])}
        record_event(self._conn, self._now, "message", row["id"], "translated", detail=detail)
        self._incident(hold)
        if result.body is not None and validation != "rejected":
            self._document(result, hold)
        if result.answers is not None and validation not in ("rejected", "held"):
            take_answers(self._conn, self._context, self._interchange, row, result.answers)

    def _hold(self, result: Translated) -> Finding | None:
        """Why the message may not go on, if it may not."""
        row = self._row
        worst = next((one for one in result.business if one.severity in ("reject", "error")), None)
        if row["type"] in TECHNICAL:
            return worst
        if self._agreement is None:
            whose = Identified(
                partner=row["partner"],
                account=row["account"],
                environment=row["environment"],
                connection=row["connection"],
            )
            return self._content.partners.no_agreement(
                whose, row["standard"], row["type"], row["version"], row["association"]
            ).finding
        if result.body is None and not result.business and result.answers is None:
            return NotYetError("HUB-3030", f"not yet: {row['type']} (there is no mapping that reads it)").as_finding(
                "error"
            )
        return worst

    def _incident(self, hold: Finding | None) -> None:
        """One incident a partner, message type and kind of fault; a message that goes through closes nothing."""
        row = self._row
        cause = f"held/{row['partner']}/{row['type']}/{hold.code if hold else ''}"
        if hold is not None:
            open_incident(self._conn, self._context.clock, cause, hold.code, hold.message, "message", row["id"])

    def _document(self, result: Translated, hold: Finding | None) -> None:
        row = self._row
        document_id = self._context.new_id()
        chain.insert_document(
            self._conn,
            {
                "id": document_id,
                "type": result.document_type,
                "number": result.number[:200],
                **{name: row[name] for name in ("partner", "account", "connection", "environment")},
                "message_id": row["id"],
                "body": result.body,
                "created_at": self._now,
            },
        )
        chain.set_message(self._conn, row["id"], document_id=document_id)
        if hold is not None:  # what is owed is owed while it waits
            opening = Opening(self._conn, self._context, self._content)
            document = decode(result.body or b"")
            opening.received(document, {**row, "message_id": row["id"]}, None)
            opening.held(document, {**row, "message_id": row["id"]}, None)
            opening.write()
        else:
            enqueue(
                self._conn,
                self._now,
                lane=order_lane(row["account"], _business_key(result)),
                kind="route",
                subject_id=document_id,
                arguments={"size": size} if (size := len(result.body or b"")) > LARGE else None,
            )


def _business_key(result: Translated) -> str:
    """The order number all documents of one order share; its own number where a document names no order."""
    return next((value for scheme, value in result.keys if scheme == "order"), result.number)


def _number(result: Translated) -> str:
    """Its business number; of an acknowledgement, that of what it answers."""
    return result.answers.answers[0].control_number if result.answers and not result.number else result.number


def _accepted(technical: Sequence[Finding]) -> str:
    return "accepted_with_errors" if any(one.severity == "error" for one in technical) else "accepted"
