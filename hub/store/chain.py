"""Named queries of the chain: payload, interchange, message, document, delivery, attempt."""

import functools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)

from hub.store.batch import change, insert, insert_missing
from hub.store.rows import among, of
from hub.store.tables import (
    IS_BEHIND,
    PERIOD,
    attempt,
    delivery,
    document,
    interchange,
    message,
    payload,
    search_key,
    work,
)

MANY = 1000
"""As many messages of one number are looked at."""


def payload_by_protocol_id(conn: Connection, connection: str, protocol_id: str) -> str | None:
    """The payload that came over that connection under that protocol id, if one did."""
    query = select(payload.c.id).where(payload.c.connection == connection, payload.c.protocol_id == protocol_id)
    return conn.execute(query).scalar()


def get_payload(conn: Connection, payload_id: str) -> RowMapping:
    """Its row without its body."""
    columns = [column for column in payload.c if column.name != "body"]
    return conn.execute(of(payload.c.id, *columns), {"value": payload_id}).mappings().one()


def set_payload(conn: Connection, payload_id: str, **values: Any) -> None:
    change(conn, payload, payload_id, values)


def get_interchange(conn: Connection, interchange_id: str) -> RowMapping:
    return conn.execute(of(interchange.c.id), {"value": interchange_id}).mappings().one()


def interchanges_of(conn: Connection, payload_id: str) -> Sequence[RowMapping]:
    """A payload's interchanges, in its order."""
    query = select(interchange).where(interchange.c.payload_id == payload_id)
    return conn.execute(query.order_by(interchange.c.ordinal)).mappings().all()


def past_deadline(conn: Connection, now: datetime) -> Sequence[RowMapping]:
    """Messages that should be delivered by now, whether they are or not; the first of them."""
    query = select(message).where(message.c.deliver_by.is_not(None), message.c.deliver_by <= now)
    return conn.execute(query.order_by(message.c.deliver_by).limit(MANY)).mappings().all()


def forget_deadlines(conn: Connection, ids: Sequence[str]) -> None:
    """They have been looked at."""
    conn.execute(update(message).where(message.c.id.in_(ids)).values(deliver_by=None))


def interchanges_numbered(
    conn: Connection, sender: str, receiver: str, control_number: str, standard: str, since: datetime
) -> Sequence[RowMapping]:
    """Inbound interchanges of these identities with that control number, received since then, the oldest first."""
    given = {"sender": sender, "receiver": receiver, "control_number": control_number, "standard": standard}
    return conn.execute(_numbered_since(), {**given, "since": since}).mappings().all()


@functools.cache
def _numbered_since() -> Select[Any]:
    named = ("standard", "sender", "receiver", "control_number")
    since = interchange.c.created_at >= bindparam("since", type_=interchange.c.created_at.type)
    query = select(interchange).where(interchange.c.direction == "in", since)
    query = query.where(*(interchange.c[name] == bindparam(name) for name in named))
    return query.order_by(interchange.c.created_at, interchange.c.id)


def insert_interchange(conn: Connection, row: dict[str, Any]) -> None:
    insert(conn, interchange, [row])


def set_interchange(conn: Connection, interchange_id: str, **values: Any) -> None:
    change(conn, interchange, interchange_id, values)


def insert_messages(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    insert(conn, message, rows)


def get_message(conn: Connection, message_id: str) -> RowMapping:
    return conn.execute(of(message.c.id), {"value": message_id}).mappings().one()


def get_messages(conn: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    """The rows by id."""
    return _by_id(conn, message, ids)


def find_message(conn: Connection, message_id: str) -> RowMapping | None:
    """Its row, locked until the transaction ends: two people do not do the same with it at once."""
    return conn.execute(select(message).where(message.c.id == message_id).with_for_update()).mappings().first()


def messages_of(conn: Connection, interchange_id: str, ordinals: range | None = None) -> Sequence[RowMapping]:
    """In their order. ordinals: of these alone."""
    first, last = (ordinals[0], ordinals[-1]) if ordinals is not None else (0, 2**31 - 1)
    given = {"value": interchange_id, "first": first, "last": last}
    return conn.execute(_messages_of(), given).mappings().all()


@functools.cache
def _messages_of() -> Select[Any]:
    wanted = message.c.ordinal.between(bindparam("first"), bindparam("last"))
    return of(message.c.interchange_id).where(wanted).order_by(message.c.ordinal)


def set_message(conn: Connection, message_id: str, **values: Any) -> None:
    """Anything but the three statuses: those move by hub.store.status.move alone."""
    change(conn, message, message_id, values)


def sent_in_interchange(conn: Connection, *, sender: str, receiver: str, control_number: str) -> Sequence[RowMapping]:
    """Messages of the newest interchange we sent from sender to receiver under that control number."""
    return _sent(conn, sender, receiver, _numbered(interchange.c.control_number, control_number))


def sent_in_group(
    conn: Connection, *, sender: str, receiver: str, functional_id: str, group_number: str
) -> Sequence[RowMapping]:
    """Messages of the newest functional group of that kind and number we sent from sender to receiver."""
    numbered = _numbered(message.c.group_control_number, group_number)
    return _sent(conn, sender, receiver, numbered, message.c.group_functional_id == functional_id)


def sent_as(
    conn: Connection,
    *,
    partner: str,
    account: str,
    environment: str,
    document: str | None,
    group_number: str | None,
    control_number: str | None,
    type: str | None,
) -> Sequence[RowMapping]:
    """The messages of ours a business answer is about, by whatever it tells of them: the number of the document, that
    of the group, the message's own. Those of the newest interchange that fits; without any number, none."""
    ours = and_(
        text("message.direction = 'out'"),
        message.c.partner == partner,
        message.c.account == account,
        message.c.environment == environment,
        message.c.interchange_id.is_not(None),
        *([message.c.type == type] if type else []),
    )
    named: list[ColumnElement[bool]] = [_known_as(conn, document)] if document else []
    numbered = [_numbered(message.c.group_control_number, group_number)] if group_number else []
    if control_number and (document or group_number):
        numbered.append(message.c.control_number == control_number)
    for wanted in ([*named, *numbered], named, numbered if group_number else []):  # few have all our numbers right
        if wanted:
            query = select(message).where(ours, *wanted).order_by(message.c.id.desc()).limit(MANY)
            rows = conn.execute(query).mappings().all()
            if rows:
                return [row for row in reversed(rows) if row["interchange_id"] == rows[0]["interchange_id"]]
    return []


def _known_as(conn: Connection, number: str) -> ColumnElement[bool]:
    """The newest messages with that business number, their own or one of those they name."""
    own = select(message.c.id).where(message.c.number == number).order_by(message.c.id.desc()).limit(MANY)
    keyed = select(search_key.c.message_id).where(search_key.c.value == number)
    keyed = keyed.order_by(search_key.c.message_id.desc()).limit(MANY)
    return message.c.id.in_({*conn.execute(own).scalars(), *conn.execute(keyed).scalars()})


def _sent(conn: Connection, sender: str, receiver: str, *wanted: ColumnElement[bool]) -> Sequence[RowMapping]:
    """Those that are no acknowledgements themselves."""
    query = (
        select(message)
        .join(interchange, message.c.interchange_id == interchange.c.id)
        .where(
            text("message.direction = 'out'"),  # as the partial index of groups has it
            interchange.c.direction == "out",
            interchange.c.sender == sender,
            interchange.c.receiver == receiver,
            interchange.c.answers_id.is_(None),
            *wanted,
        )
        .order_by(message.c.created_at.desc(), message.c.id.desc())
    )
    rows = conn.execute(query).mappings().all()
    return [row for row in reversed(rows) if row["interchange_id"] == rows[0]["interchange_id"]]


def _numbered(column: Column[str], number: str) -> ColumnElement[bool]:
    """The control number, with or without the zeros in front that partners add or drop."""
    return column.in_({number, number.lstrip("0") or "0", number.zfill(9)})


def overdue_messages(conn: Connection, now: datetime, most: int = 200) -> Sequence[RowMapping]:
    """Messages whose acknowledgement should have come by now."""
    query = select(message).where(message.c.acknowledgement == "expected", message.c.acknowledgement_due_at <= now)
    return conn.execute(query.order_by(message.c.acknowledgement_due_at).limit(most)).mappings().all()


def messages_pending(conn: Connection, interchange_id: str) -> bool:
    """Whether any message of an interchange is still to be checked."""
    return conn.execute(_pending(), {"value": interchange_id}).first() is not None


@functools.cache
def _pending() -> Select[Any]:
    return of(message.c.interchange_id, message.c.id).where(message.c.validation == "pending").limit(1)


def insert_document(conn: Connection, row: dict[str, Any]) -> None:
    insert(conn, document, [row])


def get_document(conn: Connection, document_id: str) -> RowMapping:
    return conn.execute(of(document.c.id), {"value": document_id}).mappings().one()


def get_documents(conn: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    """The rows by id."""
    return _by_id(conn, document, ids)


def derived_again(conn: Connection, message_ids: Sequence[str]) -> set[str]:
    """Those of the messages that more than one document was read from."""
    return set(conn.execute(_derived_again(), {"values": message_ids}).scalars())


@functools.cache
def _derived_again() -> Select[Any]:
    read_from = document.c.message_id
    return among(read_from, read_from).group_by(read_from).having(func.count() > 1)


def was_routed(conn: Connection, message_id: str, document_id: str) -> bool:
    """Whether an earlier document read from that message, which was derived again since, went out as a copy."""
    earlier = select(document.c.id).where(document.c.message_id == message_id, document.c.id != document_id)
    query = select(message.c.id).where(message.c.document_id.in_(earlier), message.c.direction == "out")
    return conn.execute(query.limit(1)).first() is not None


def documents_unsent(conn: Connection, message_id: str) -> Sequence[RowMapping]:
    """Outward documents caused by a message, however often it was derived, for which their partner has no message."""
    causes = select(document.c.id).where(document.c.message_id == message_id)
    sent = select(message.c.id).where(
        message.c.document_id == document.c.id, message.c.partner == document.c.partner, message.c.direction == "out"
    )
    query = select(document).where(document.c.source_id.in_(causes), ~sent.exists()).order_by(document.c.id)
    return conn.execute(query).mappings().all()


def set_document(conn: Connection, document_id: str, **values: Any) -> None:
    change(conn, document, document_id, values)


def add_search_keys(conn: Connection, message_id: str, keys: Iterable[tuple[str, str]]) -> None:
    """Adds the keys the message does not have yet."""
    insert_search_keys(conn, ((message_id, scheme, value) for scheme, value in keys))


def insert_search_keys(conn: Connection, rows: Iterable[tuple[str, str, str]]) -> None:
    """(message id, scheme, value) of messages, those that they do not have yet; empty values are left out."""
    made = [
        {"message_id": owner, "scheme": scheme, "value": value, "dated": owner[:PERIOD] + value}
        for owner, scheme, value in rows
        if value
    ]
    insert_missing(conn, search_key, made)


def insert_delivery(conn: Connection, row: dict[str, Any]) -> None:
    insert(conn, delivery, [row])


def get_deliveries(conn: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    """The rows by id."""
    return _by_id(conn, delivery, ids)


def payloads_of(conn: Connection, interchange_ids: Sequence[str]) -> dict[str, RowMapping]:
    """Interchange id -> its payload's id, size, media type and (unless it is large) body."""
    rows = conn.execute(_payloads_of(), {"values": interchange_ids}).mappings()
    return {row["of"]: row for row in rows}


@functools.cache
def _payloads_of() -> Select[Any]:
    columns = (payload.c.id, payload.c.size, payload.c.media_type, payload.c.body, interchange.c.id.label("of"))
    return among(interchange.c.id, *columns).where(interchange.c.payload_id == payload.c.id)


def message_ids_of(conn: Connection, interchange_ids: Sequence[str]) -> dict[str, list[str]]:
    """Interchange id -> its messages' ids in their order."""
    found: dict[str, list[str]] = {one: [] for one in interchange_ids}
    for owner, message_id in conn.execute(_message_ids_of(), {"values": interchange_ids}):
        found[owner].append(message_id)
    return found


@functools.cache
def _message_ids_of() -> Select[Any]:
    owner = message.c.interchange_id
    return among(owner, owner, message.c.id).order_by(owner, message.c.ordinal)


def deliveries_of(conn: Connection, interchange_id: str) -> Sequence[RowMapping]:
    query = select(delivery).where(delivery.c.interchange_id == interchange_id).order_by(delivery.c.created_at)
    return conn.execute(query).mappings().all()


def deliveries_failed(conn: Connection, connection: str) -> bool:
    """Whether a delivery by that connection failed for good and was not made up for by a resend."""
    again = delivery.alias("again")
    made_up_for = select(again.c.id).where(
        again.c.interchange_id == delivery.c.interchange_id, again.c.state == "delivered"
    )
    failed = select(delivery.c.id).where(
        delivery.c.connection == connection, text(f"({IS_BEHIND})"), delivery.c.state == "failed", ~made_up_for.exists()
    )
    return conn.execute(failed.limit(1)).first() is not None


def set_delivery(conn: Connection, delivery_id: str, **values: Any) -> None:
    change(conn, delivery, delivery_id, values)


def insert_attempt(conn: Connection, row: dict[str, Any]) -> None:
    insert(conn, attempt, [row])


def end_attempt(conn: Connection, attempt_id: str, **values: Any) -> None:
    change(conn, attempt, attempt_id, values)


def delete_attempt(conn: Connection, attempt_id: str) -> None:
    conn.execute(delete(attempt).where(attempt.c.id == attempt_id))


def open_attempts(conn: Connection, delivery_id: str) -> Sequence[RowMapping]:
    """Attempts that began and whose outcome nobody recorded."""
    query = select(attempt).where(attempt.c.delivery_id == delivery_id, attempt.c.outcome == "started")
    return conn.execute(query).mappings().all()


def went_dark(conn: Connection, delivery_id: str) -> bool:
    """Whether nobody recorded what became of one of its attempts when it ended."""
    dark = select(attempt.c.id).where(attempt.c.delivery_id == delivery_id, attempt.c.outcome == "in_doubt")
    return conn.execute(dark.limit(1)).first() is not None


def acknowledgements_sent(conn: Connection, interchange_id: str) -> Sequence[RowMapping]:
    """Outbound interchanges that acknowledge an inbound one."""
    query = select(interchange).where(interchange.c.answers_id == interchange_id, interchange.c.direction == "out")
    return conn.execute(query.order_by(interchange.c.created_at)).mappings().all()


def _by_id(conn: Connection, table: Table, ids: Sequence[str]) -> dict[str, RowMapping]:
    return {row["id"]: row for row in conn.execute(among(table.c.id), {"values": ids}).mappings()}


def set_due(conn: Connection, message_ids: Sequence[str], due: datetime | None) -> None:
    """Until when an acknowledgement of messages that expect one should come."""
    for message_id in message_ids:
        change(conn, message, message_id, {"acknowledgement_due_at": due})


def lock_polls(conn: Connection) -> None:
    """Until the transaction ends nobody else gives connections their polls."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("polls", 0))))


def has_work(conn: Connection, lane: str, kind: str | None = None) -> bool:
    """Whether a lane holds any work, or any of that kind, set aside or not."""
    query = select(work.c.id).where(work.c.lane == lane, *([work.c.kind == kind] if kind else []))
    return conn.execute(query.limit(1)).first() is not None


def search_keys_of(conn: Connection, message_id: str) -> list[tuple[str, str]]:
    """A message's business keys; control numbers are its own and not among them."""
    query = select(search_key.c.scheme, search_key.c.value).where(search_key.c.message_id == message_id)
    return [(scheme, value) for scheme, value in conn.execute(query) if scheme != "control"]
