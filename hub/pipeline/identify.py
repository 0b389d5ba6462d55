"""Identify: cut a payload into interchanges and messages, and find out whose they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.acknowledgement import read_ta1
from hub.acknowledgement.verdict import refusals
from hub.dispatch import Commit, Item, enqueue
from hub.errors import DataError, Finding
from hub.mapping.marks import marks_of
from hub.partner import Agreement, Identified, Unidentified
from hub.partner.reference import COPY
from hub.pipeline.answers import take_answers
from hub.pipeline.context import Content, Context, in_lane
from hub.pipeline.cut import cut_payload, mapping_by_name, readable_body, whose_is
from hub.pipeline.repeats import cause_of, compared, numbered_alike, numbered_twice
from hub.record import replace
from hub.store import chain
from hub.store.batch import send
from hub.store.events import record_event
from hub.store.incidents import open_incident
from hub.syntax import Group, Interchange, MessageSpan

SLICE = 200
"""Messages translated in one piece of work."""

SLICE_BYTES = 4 << 20
"""Their bytes, unless one alone has more."""

AT_A_TIME = 1000
"""Rows of messages in memory at a time."""


class Identify:
    """payload -> interchanges, messages. Work of kind "identify", one payload at a time."""

    kind = "identify"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            self._identify(item, commit)

    def _identify(self, item: Item, commit: Commit) -> None:
        context = self._context
        with context.database.read() as conn:
            payload = chain.get_payload(conn, item.subject_id)
        content = context.content()
        with readable_body(context.database, payload) as body:
            result = cut_payload(content, payload, body, context.now())
        unreadable = result.unreadable
        if unreadable is None:
            try:
                with commit([item]) as conn:
                    chain.set_payload(conn, payload["id"], state="identified")
                    for interchange in result.interchanges:
                        _Store(conn, context, content, payload).interchange(interchange)
                return
            except DataError as error:  # an envelope that the store has no room for
                unreadable = error.as_finding()
        with commit([item]) as conn:
            _unreadable(conn, context, payload, unreadable)


def _unreadable(conn: Transaction, context: Context, payload: RowMapping, found: Finding) -> None:
    where = f"{payload['file_name'] or payload['id']} from {payload['partner']} by {payload['connection']}"
    text = f"Nothing here can read {where}: {found.message}"
    chain.set_payload(conn, payload["id"], state="unreadable", note=text)
    record_event(conn, context.now(), "payload", payload["id"], "unreadable", detail={"finding": found})
    open_incident(
        conn, context.clock, f"unreadable/{payload['connection']}", found.code, text, "payload", payload["id"]
    )


class _Store:
    """Stores the interchanges of one payload in one transaction."""

    def __init__(self, conn: Transaction, context: Context, content: Content, payload: RowMapping) -> None:
        self._conn = conn
        self._context = context
        self._content = content
        self._payload = payload
        self._now = context.now()

    def interchange(self, interchange: Interchange) -> None:
        """Its row, its messages' rows, and the work that follows; or a hold when it is not certain whose it is."""
        if interchange.standard in ("x12", "edifact"):
            whose = whose_is(self._content, self._payload, interchange)
            messages = interchange.messages
        else:
            whose, messages = self._whole(interchange)
        before = [] if isinstance(whose, Unidentified) else numbered_alike(self._conn, interchange, self._now)
        same, differs = compared(self._conn, self._payload["id"], interchange, before)
        agreement = self._agreement(whose, interchange)
        policy = agreement.repeated_number if agreement and before and same is None else "hold"
        if agreement is not None:
            _as_agreed(interchange, agreement)
        hold = None if same else self._hold(interchange, whose, before, differs)
        row = self._row(interchange, whose, hold if policy != "ignore" else None)
        chain.insert_interchange(self._conn, row)
        if same is not None:
            note_repeat(self._conn, self._now, row, same)
            return
        if policy == "ignore":
            note_repeat(self._conn, self._now, row, before[0], differs)
            return
        refused = {group.index: refusals(interchange, group) for group in interchange.groups}
        for start in range(0, len(messages), AT_A_TIME):
            part = messages[start : start + AT_A_TIME]
            rows = [self._message_row(row, interchange, span, hold, refused.get(span.group, [])) for span in part]
            if policy == "reject":
                rows = [{**one, "validation": "rejected", "hold_reason": None} for one in rows]
            chain.insert_messages(self._conn, rows)
            chain.insert_search_keys(self._conn, [(one["id"], "control", interchange.control_number) for one in rows])
            if len(messages) > AT_A_TIME:
                send(self._conn)
        detail = {"control_number": interchange.control_number, "messages": len(messages)}
        record_event(self._conn, self._now, "interchange", row["id"], "identified", detail=detail)
        if policy == "reject":
            enqueue_in(self._conn, self._now, row["connection"], "acknowledge", row["id"], {})
            return
        if hold is not None:
            self._incident(row, hold, whose)
            return
        work_on(self._conn, self._context, row, [(span.ordinal, span.length) for span in messages])

    def _whole(self, interchange: Interchange) -> tuple[Identified | Unidentified, list[MessageSpan]]:
        """A payload without an envelope: the connection says whose it is, the agreement for the standard says what."""
        payload = self._payload
        whose = Identified(
            partner=payload["partner"],
            account=payload["account"],
            environment=payload["environment"],
            connection=payload["connection"],
        )
        said = interchange.messages[0] if interchange.messages else None
        if said is not None and interchange.standard == "xml":
            found = self._by_name(interchange)
            if isinstance(found, Unidentified):
                return found, [said]
            kind = (found.partner, found.account, found.environment, "xml", said.type, said.version, said.association)
            if self._content.partners.agreement_in(*kind, now=self._now) is not None:
                return found, [said]
            whose = found
        agreed = self._content.partners.agreements(whose.partner, whose.account, whose.environment, "in")
        fitting = [one for one in agreed if one.standard == interchange.standard and one.is_active(self._now)]
        if said is not None and interchange.standard in ("csv", "fixed", "json"):
            named = {mapping_by_name(self._content, one): one for one in fitting}
            if (meant := named.get(said.version)) is not None:
                spans = [replace(span, type=meant.type, version=meant.version) for span in interchange.messages]
                return whose, spans
        if said is not None and said.association is not None:  # a mapping knows it, and no agreement is for it
            return whose, [said]
        if interchange.standard == "json" and len(fitting) > 1:  # what bears its marks would have been known by them
            fitting = [one for one in fitting if not self._marked(one)]
        agreement = fitting[0] if fitting else None
        span = MessageSpan(
            index=1,
            ordinal=1,
            type=agreement.type if agreement else interchange.standard,
            version=agreement.version if agreement else "",
            control_number="",
            offset=interchange.offset,
            length=interchange.length,
            segments=0,
            group=1,
        )
        return whose, [span]

    def _marked(self, agreement: Agreement) -> bool:
        """Whether payloads of that agreement are known by their content."""
        id = mapping_by_name(self._content, agreement)
        return id == COPY or (id is not None and bool(marks_of(self._content.library.get(id).spec)))

    def _by_name(self, interchange: Interchange) -> Identified | Unidentified:
        """Whose an XML payload is: the partner it names, where it names one the connection may carry."""
        return self._content.partners.identify(
            self._payload["connection"],
            interchange.sender,
            interchange.receiver,
            test=interchange.test,
            standard="xml",
        )

    def _agreement(self, whose: Identified | Unidentified, interchange: Interchange) -> Agreement | None:
        """What speaks for the envelope: the agreement on its first message."""
        span = next(iter(interchange.messages), None)
        if isinstance(whose, Unidentified) or span is None:
            return None
        kind = (interchange.standard, span.type, span.version, span.association)
        return self._content.partners.agreement_in(
            whose.partner, whose.account, whose.environment, *kind, now=self._now
        )

    def _hold(
        self,
        interchange: Interchange,
        whose: Identified | Unidentified,
        before: Sequence[RowMapping],
        differs: str,
    ) -> Finding | None:
        if isinstance(whose, Unidentified):
            return whose.finding
        return numbered_twice(whose.partner, interchange, before[0], differs) if before else None

    def _row(self, interchange: Interchange, whose: Identified | Unidentified, hold: Finding | None) -> dict[str, Any]:
        groups = [replace(group, messages=[], findings=[]) for group in interchange.groups]
        return {
            "id": self._context.new_id(),
            "payload_id": self._payload["id"],
            "direction": "in",
            "partner": whose.partner,
            "account": whose.account,
            "connection": self._payload["connection"],
            "environment": whose.environment,
            "ordinal": interchange.index,
            "standard": interchange.standard,
            "sender": interchange.sender,
            "receiver": interchange.receiver,
            "control_number": interchange.control_number,
            "header": replace(interchange, groups=groups, findings=[]),
            "findings": [
                *interchange.findings,
                *(one for group in interchange.groups for one in group.findings),
                *([hold] if hold else []),
            ],
            "created_at": self._now,
        }

    def _message_row(
        self,
        row: dict[str, Any],
        interchange: Interchange,
        span: MessageSpan,
        hold: Finding | None,
        refused: Sequence[Finding],
    ) -> dict[str, Any]:
        """refused: the faults of its interchange or group that reject it, whatever it says itself."""
        group = next((group for group in interchange.groups if group.index == span.group), None)
        return {
            "id": self._context.new_id(),
            "interchange_id": row["id"],
            **{
                name: row[name] for name in ("direction", "partner", "account", "connection", "environment", "standard")
            },
            "type": span.type,
            "version": span.version,
            "ordinal": span.ordinal,
            "association": span.association,
            "group_index": span.group,
            "group_ordinal": span.index,
            "group_functional_id": group.functional_id if group else None,
            "group_control_number": span.group_control_number,
            "control_number": span.control_number,
            "offset": span.offset,
            "length": span.length,
            "revision": self._content.revision,
            "validation": "held" if hold else "pending",
            "hold_reason": hold.message if hold else None,
            "findings": [*span.findings, *refused, *([hold] if hold else [])],
            "created_at": self._now,
        }

    def _incident(self, row: dict[str, Any], hold: Finding, whose: Identified | Unidentified) -> None:
        security = isinstance(whose, Unidentified) and whose.security
        chain.set_payload(self._conn, self._payload["id"], state="held", note=hold.message)
        open_incident(
            self._conn,
            self._context.clock,
            cause_of(row, hold.code),
            hold.code,
            hold.message,
            "interchange",
            row["id"],
            security,
        )


def note_repeat(
    conn: Transaction, now: datetime, row: RowMapping | Mapping[str, Any], same: RowMapping, differs: str = ""
) -> None:
    """A repeat is acknowledged again, and no more. differs: where it is no repeat by the letter."""
    note = f"repeats interchange {same['control_number']} of payload {same['payload_id']}"
    if differs:
        note += f" with other content ({differs}); the first one counts"
    chain.set_payload(conn, row["payload_id"], state="duplicate", note=note)
    record_event(conn, now, "interchange", row["id"], "repeated", detail={"of": same["id"]})
    for message in chain.messages_of(conn, same["id"]):
        detail = {"payload": row["payload_id"], **({"differs": differs} if differs else {})}
        record_event(conn, now, "message", message["id"], "repeated", detail=detail)
    enqueue_in(conn, now, row["connection"], "acknowledge", same["id"], {"again": True})


def _as_agreed(interchange: Interchange, agreement: Agreement) -> None:
    """Faults of the envelope are as grave as the agreement says."""
    levels: list[Interchange | Group] = [interchange, *interchange.groups]
    for level in levels:
        level.findings = [
            replace(one, severity=agreement.severities.get(one.code, one.severity)) for one in level.findings
        ]


def work_on(
    conn: Transaction, context: Context, row: RowMapping | Mapping[str, Any], messages: Iterable[tuple[int, int]]
) -> None:
    """What follows once it is certain whose an interchange is: take its TA1s, translate in slices, acknowledge.

    messages: ordinal and length of each.
    """
    now = context.now()
    for told in read_ta1(msgspec.convert(msgspec.to_builtins(row["header"]), Interchange)):
        take_answers(conn, context, row, None, told)
    enveloped = row["standard"] in ("x12", "edifact")  # else all are parts of one whole, which is read at once
    for part in _slices((ordinal, length if enveloped else 0) for ordinal, length in messages):
        enqueue_in(conn, now, row["connection"], "translate", row["id"], {"ordinals": [part[0], part[-1]]})
    if row["standard"] in ("x12", "edifact"):
        enqueue_in(conn, now, row["connection"], "acknowledge", row["id"], {})


def enqueue_in(
    conn: Transaction, now: datetime, connection: str, kind: str, subject_id: str, arguments: dict[str, Any]
) -> None:
    """Work in the lane of what comes over a connection."""
    enqueue(
        conn,
        now,
        lane=in_lane(connection),
        kind=kind,
        subject_id=subject_id,
        arguments=arguments,
        connection=connection,
    )


def _slices(messages: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Ordinals of messages that are translated together: no more than SLICE, nor than SLICE_BYTES if there are two."""
    part: list[int] = []
    size = 0
    for ordinal, length in messages:
        if part and (len(part) == SLICE or size + length > SLICE_BYTES):
            yield part
            part, size = [], 0
        part.append(ordinal)
        size += length
    if part:
        yield part


def agreement_for(content: Content, message: RowMapping, now: datetime) -> Agreement | None:
    """The agreement an inbound message comes under."""
    return content.partners.agreement_in(
        message["partner"],
        message["account"],
        message["environment"],
        message["standard"],
        message["type"],
        message["version"],
        message["association"],
        now=now,
    )
