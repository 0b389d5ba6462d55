"""Read-only: one message with all of its chain, for the page and the API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from hub.errors import Finding
from hub.store.browse import MessageRow, message_rows, next_try, rows_where
from hub.store.tables import answer, attempt, delivery, document, event, interchange, message, payload

T = TypeVar("T", bound=msgspec.Struct)


class PayloadRow(msgspec.Struct, frozen=True, kw_only=True):
    """size: bytes. digest: sha-256, hex. protocol_id: what the sender's transport called it. archive: the bytes are not
    here any more but in that file, or nowhere if it is empty."""

    id: str
    direction: str
    connection: str
    created_at: datetime
    size: int
    digest: str
    file_name: str
    protocol_id: str | None
    media_type: str
    state: str
    note: str | None
    archive: str | None


class InterchangeRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    direction: str
    standard: str
    sender: str
    receiver: str
    control_number: str
    acknowledgement: str
    created_at: datetime


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """body: the canonical JSON as it is stored."""

    id: str
    type: str
    number: str
    created_at: datetime
    body: msgspec.Raw


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    code: str | None
    detail: str | None


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery of the message's interchange. attempts: oldest first. next_at: when the next try is due.
    receipt_state: of the far end's own receipt (MDN), hub.store.receipts; None: none was spoken of."""

    id: str
    partner: str
    connection: str
    state: str
    sending: bool
    tries: int
    next_at: datetime | None
    file_name: str
    maybe_duplicate: bool
    created_at: datetime
    delivered_at: datetime | None
    receipt: dict[str, Any] | None
    receipt_state: str | None
    receipt_due_at: datetime | None
    attempts: list[AttemptRow]


class AnswerRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the request was answered with that brought a message. size: bytes of its receipt (MDN). delivery: the state
    of the receipt's delivery, where it goes later (asynchronous MDN)."""

    status: int
    size: int
    delivery: str | None
    delivered_at: datetime | None


class AcknowledgementRow(msgspec.Struct, frozen=True, kw_only=True):
    """A technical acknowledgement. direction in: the partner answered us; out: we answered. type: 997, TA1, CONTRL, ..

    message_id: its own message, None for one that is only an envelope (TA1).
    """

    interchange_id: str
    message_id: str | None
    direction: str
    type: str
    control_number: str
    sender: str
    receiver: str
    at: datetime


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    at: datetime
    subject_type: str
    subject_id: str
    name: str
    actor: str
    detail: Any


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a partner refused a message of ours. kind: what it said it with (997, CONTRL, 824, ..). said: sentences, each
    with the field of the document it is about."""

    kind: str
    said: list[str]
    findings: list[Finding]
    at: datetime


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message's bytes lie. separators: of the interchange, as hub.syntax writes them; None: not known."""

    payload_id: str
    standard: str
    offset: int
    length: int
    charset: str
    separators: dict[str, Any] | None
    file_name: str


class MessageChain(msgspec.Struct, frozen=True, kw_only=True):
    """A message and everything it is tied to.

    findings are its own, interchange_findings the rest of those of its envelope. produced: the outbound messages that
    came of it. cause: the inbound message it came of. acknowledgements answer its interchange; answers: when it is
    itself an acknowledgement, the messages it answers. refusal: why the partner refused it, if it did. related: the
    other messages of the same order.
    """

    message: MessageRow
    mapping: str | None
    revision: str | None
    reissue_of: str | None
    edited_from: str | None
    erased_at: datetime | None
    group_control_number: str | None
    payload: PayloadRow | None
    interchange: InterchangeRow | None
    place: Place | None
    answer: AnswerRow | None
    findings: list[Finding]
    interchange_findings: list[Finding]
    document: DocumentRow | None
    cause: MessageRow | None
    produced: list[MessageRow]
    deliveries: list[DeliveryRow]
    acknowledgements: list[AcknowledgementRow]
    answers: list[MessageRow]
    refusal: Refusal | None
    related: list[MessageRow]
    events: list[EventRow]


def _one(conn: Connection, table: Any, row_id: str | None) -> RowMapping | None:
    if row_id is None:
        return None
    columns = [column for column in table.c if table is not payload or column.name != "body"]
    return conn.execute(select(*columns).where(table.c.id == row_id)).mappings().one_or_none()


def _only(kind: type[T], row: RowMapping, **more: Any) -> T:
    return kind(**{name: row[name] for name in kind.__struct_fields__ if name not in more}, **more)


def _findings(stored: Any) -> list[Finding]:
    return msgspec.convert(stored or [], list[Finding])


def message_chain(conn: Connection, message_id: str) -> MessageChain | None:
    """The message with its chain; None: no such message."""
    row = _one(conn, message, message_id)
    if row is None:
        return None
    own = message_rows(conn, [message_id])[0]
    envelope = _one(conn, interchange, row["interchange_id"])
    bytes_of = _one(conn, payload, envelope["payload_id"]) if envelope else None
    read_into = _one(conn, document, row["document_id"])
    deliveries = _deliveries(conn, envelope["id"]) if envelope else []
    related = rows_where(conn, message.c.order_id == row["order_id"]) if row["order_id"] else []
    findings = _findings(row["findings"])
    events = _events(conn, row, envelope, [entry.id for entry in deliveries])
    of_envelope = _findings(envelope["findings"]) if envelope else []
    return MessageChain(
        message=own,
        mapping=row["mapping"],
        revision=row["revision"],
        reissue_of=row["reissue_of"],
        edited_from=row["edited_from"],
        erased_at=row["erased_at"],
        group_control_number=row["group_control_number"],
        payload=_only(PayloadRow, bytes_of) if bytes_of else None,
        interchange=_only(InterchangeRow, envelope) if envelope else None,
        place=_place(row, envelope, bytes_of) if envelope and bytes_of else None,
        answer=_answer(conn, bytes_of["id"]) if bytes_of and own.direction == "in" else None,
        findings=findings,
        interchange_findings=[one for one in of_envelope if one not in findings],
        document=_only(DocumentRow, read_into, body=msgspec.Raw(read_into["body"])) if read_into else None,
        cause=_cause(conn, read_into) if own.direction == "out" else None,
        produced=_produced(conn, read_into) if own.direction == "in" else [],
        deliveries=deliveries,
        acknowledgements=_acknowledgements(conn, envelope["id"]) if envelope else [],
        answers=_answers(conn, envelope) if envelope else [],
        related=[other for other in related if other.id != message_id],
        refusal=_refusal(events) if own.acknowledgement in _REFUSED else None,
        events=events,
    )


_REFUSED = ("partially", "rejected")


def _refusal(events: Iterable[EventRow]) -> Refusal | None:
    told = [one for one in events if one.name == "acknowledged" and (one.detail or {}).get("status") in _REFUSED]
    if not told:
        return None
    detail = told[-1].detail
    findings = _findings(detail["findings"])
    said = detail.get("said") or [one.message for one in findings]
    return Refusal(kind=detail["kind"], said=said, findings=findings, at=told[-1].at)


def _answer(conn: Connection, payload_id: str) -> AnswerRow | None:
    state = (delivery.c.state.label("delivery"), delivery.c.delivered_at, payload.c.size.label("later"))
    query = (
        select(answer.c.status, func.length(answer.c.body).label("size"), *state)
        .outerjoin_from(answer, delivery, delivery.c.id == answer.c.delivery_id)
        .outerjoin(interchange, interchange.c.id == delivery.c.interchange_id)
        .outerjoin(payload, payload.c.id == interchange.c.payload_id)
    )
    row = conn.execute(query.where(answer.c.payload_id == payload_id)).mappings().first()
    return _only(AnswerRow, row, size=row["later"] or row["size"]) if row else None


def message_place(conn: Connection, message_id: str) -> Place | None:
    """Where the message's bytes lie; None: there is no such message, or it is not written yet."""
    row = _one(conn, message, message_id)
    envelope = _one(conn, interchange, row["interchange_id"]) if row else None
    bytes_of = _one(conn, payload, envelope["payload_id"]) if envelope else None
    return _place(row, envelope, bytes_of) if row and envelope and bytes_of else None


def payload_name(conn: Connection, payload_id: str) -> str | None:
    """What the payload's file is called, "" if it is none; None: there is no such payload."""
    return conn.execute(select(payload.c.file_name).where(payload.c.id == payload_id)).scalar()


def _place(row: RowMapping, envelope: RowMapping, bytes_of: RowMapping) -> Place:
    """A message without a span of its own is the whole payload."""
    header = envelope["header"] or {}
    offset = row["offset"] or 0
    return Place(
        payload_id=bytes_of["id"],
        standard=row["standard"],
        offset=offset,
        length=bytes_of["size"] - offset if row["length"] is None else row["length"],
        charset=header.get("charset") or "utf-8",
        separators=header.get("separators"),
        file_name=bytes_of["file_name"],
    )


def _cause(conn: Connection, written_from: RowMapping | None) -> MessageRow | None:
    source = _one(conn, document, written_from["source_id"]) if written_from else None
    rows = message_rows(conn, [source["message_id"]]) if source and source["message_id"] else []
    return rows[0] if rows else None


def _produced(conn: Connection, read_into: RowMapping | None) -> list[MessageRow]:
    if read_into is None:
        return []
    caused = select(document.c.id).where(document.c.source_id == read_into["id"])
    same = and_(message.c.document_id == read_into["id"], message.c.direction == "out")  # forwarded as it came
    return rows_where(conn, or_(message.c.document_id.in_(caused), same))


def _deliveries(conn: Connection, interchange_id: str) -> list[DeliveryRow]:
    columns = [column for column in delivery.c if column.name != "next_at"]
    query = select(*columns, next_try().label("next_at")).where(delivery.c.interchange_id == interchange_id)
    rows = conn.execute(query.order_by(delivery.c.id)).mappings().all()
    tries: dict[str, list[AttemptRow]] = {row["id"]: [] for row in rows}
    made = select(attempt).where(attempt.c.delivery_id.in_(tries)).order_by(attempt.c.number, attempt.c.id)
    for row in conn.execute(made).mappings() if tries else ():
        tries[row["delivery_id"]].append(_only(AttemptRow, row))
    return [_only(DeliveryRow, row, attempts=tries[row["id"]]) for row in rows]


def _acknowledgements(conn: Connection, interchange_id: str) -> list[AcknowledgementRow]:
    query = (
        select(
            interchange,
            message.c.id.label("message_id"),
            message.c.type.label("type"),
        )
        .outerjoin_from(interchange, message, message.c.interchange_id == interchange.c.id)
        .where(interchange.c.answers_id == interchange_id)
        .order_by(interchange.c.id, message.c.ordinal)
    )
    return [
        _only(
            AcknowledgementRow,
            row,
            interchange_id=row["id"],
            type=row["type"] or "TA1",
            at=row["created_at"],
        )
        for row in conn.execute(query).mappings()
    ]


def _answers(conn: Connection, envelope: RowMapping) -> list[MessageRow]:
    if envelope["answers_id"] is None:
        return []
    return rows_where(conn, message.c.interchange_id == envelope["answers_id"], limit=50)


def _events(
    conn: Connection, row: RowMapping, envelope: RowMapping | None, deliveries: Iterable[str]
) -> list[EventRow]:
    subjects = [("message", row["id"]), *(("delivery", one) for one in deliveries)]
    if envelope:
        subjects += [("interchange", envelope["id"])]
        subjects += [("payload", envelope["payload_id"])] if envelope["payload_id"] else []
    fits = (and_(event.c.subject_type == kind, event.c.subject_id == subject) for kind, subject in subjects)
    query = select(event).where(or_(*fits)).order_by(event.c.seq).limit(500)
    return [_only(EventRow, entry) for entry in conn.execute(query).mappings()]
