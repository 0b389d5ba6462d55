"""Named queries of the chain: payload, interchange, message, document, delivery, attempt."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from hub.store.tables import attempt, delivery, document, interchange, message, payload, search_key, work


def payload_by_protocol_id(conn: Connection, connection: str, protocol_id: str) -> str | None:
    """The payload that came over that connection under that protocol id, if one did."""
    query = select(payload.c.id).where(payload.c.connection == connection, payload.c.protocol_id == protocol_id)
    return conn.execute(query).scalar()


def get_payload(conn: Connection, payload_id: str) -> RowMapping:
    """Its row without its body."""
    columns = [column for column in payload.c if column.name != "body"]
    return conn.execute(select(*columns).where(payload.c.id == payload_id)).mappings().one()


def set_payload(conn: Connection, payload_id: str, **values: Any) -> None:
    conn.execute(update(payload).where(payload.c.id == payload_id).values(**values))


def get_interchange(conn: Connection, interchange_id: str) -> RowMapping:
    return conn.execute(select(interchange).where(interchange.c.id == interchange_id)).mappings().one()


def interchanges_of(conn: Connection, payload_id: str) -> Sequence[RowMapping]:
    query = select(interchange).where(interchange.c.payload_id == payload_id).order_by(interchange.c.ordinal)
    return conn.execute(query).mappings().all()


def repeated_interchange(
    conn: Connection, sender: str, receiver: str, control_number: str, standard: str, since: datetime
) -> RowMapping | None:
    """An inbound interchange of these identities with that control number, received since then."""
    query = select(interchange).where(
        interchange.c.direction == "in",
        interchange.c.standard == standard,
        interchange.c.sender == sender,
        interchange.c.receiver == receiver,
        interchange.c.control_number == control_number,
        interchange.c.created_at >= since,
    )
    return conn.execute(query.order_by(interchange.c.created_at).limit(1)).mappings().first()


def insert_interchange(conn: Connection, row: dict[str, Any]) -> None:
    conn.execute(interchange.insert(), row)


def set_interchange(conn: Connection, interchange_id: str, **values: Any) -> None:
    conn.execute(update(interchange).where(interchange.c.id == interchange_id).values(**values))


def insert_messages(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(message.insert(), rows)


def get_message(conn: Connection, message_id: str) -> RowMapping:
    return conn.execute(select(message).where(message.c.id == message_id)).mappings().one()


def find_message(conn: Connection, message_id: str) -> RowMapping | None:
    return conn.execute(select(message).where(message.c.id == message_id)).mappings().first()


def messages_of(conn: Connection, interchange_id: str, ordinals: Iterable[int] | None = None) -> Sequence[RowMapping]:
    query = select(message).where(message.c.interchange_id == interchange_id).order_by(message.c.ordinal)
    if ordinals is not None:
        query = query.where(message.c.ordinal.in_(list(ordinals)))
    return conn.execute(query).mappings().all()


def set_message(conn: Connection, message_id: str, **values: Any) -> None:
    """Anything but the three statuses: those move by hub.store.status.move alone."""
    conn.execute(update(message).where(message.c.id == message_id).values(**values))


def sent_messages(
    conn: Connection, *, sender: str, receiver: str, interchange_number: str | None = None
) -> Sequence[RowMapping]:
    """Outbound messages under our envelopes from sender to receiver; with the interchange's control number if given."""
    query = (
        select(message, interchange.c.control_number.label("interchange_number"))
        .join(interchange, message.c.interchange_id == interchange.c.id)
        .where(
            interchange.c.direction == "out",
            interchange.c.sender == sender,
            interchange.c.receiver == receiver,
            interchange.c.answers_id.is_(None),
        )
        .order_by(message.c.created_at.desc(), message.c.ordinal)
    )
    if interchange_number is not None:
        query = query.where(interchange.c.control_number == interchange_number)
    return conn.execute(query).mappings().all()


def sent_in_group(
    conn: Connection, *, sender: str, receiver: str, functional_id: str, group_number: str
) -> Sequence[RowMapping]:
    """Messages we sent from sender to receiver in that functional group, those of the newest such group."""
    query = (
        select(message)
        .join(interchange, message.c.interchange_id == interchange.c.id)
        .where(
            interchange.c.direction == "out",
            interchange.c.sender == sender,
            interchange.c.receiver == receiver,
            message.c.group_functional_id == functional_id,
            message.c.group_control_number == group_number,
        )
        .order_by(message.c.created_at.desc(), message.c.ordinal)
    )
    rows = conn.execute(query).mappings().all()
    return [row for row in rows if row["interchange_id"] == rows[0]["interchange_id"]] if rows else []


def overdue_messages(conn: Connection, now: datetime, most: int = 200) -> Sequence[RowMapping]:
    """Messages whose acknowledgement should have come by now."""
    query = select(message).where(message.c.acknowledgement == "expected", message.c.acknowledgement_due_at <= now)
    return conn.execute(query.order_by(message.c.acknowledgement_due_at).limit(most)).mappings().all()


def insert_document(conn: Connection, row: dict[str, Any]) -> None:
    conn.execute(document.insert(), row)


def get_document(conn: Connection, document_id: str) -> RowMapping:
    return conn.execute(select(document).where(document.c.id == document_id)).mappings().one()


def document_of_message(conn: Connection, message_id: str) -> RowMapping | None:
    query = select(document).where(document.c.message_id == message_id).order_by(document.c.created_at.desc()).limit(1)
    return conn.execute(query).mappings().first()


def set_document(conn: Connection, document_id: str, **values: Any) -> None:
    conn.execute(update(document).where(document.c.id == document_id).values(**values))


def add_search_keys(conn: Connection, message_id: str, keys: Iterable[tuple[str, str]]) -> None:
    """Adds the keys the message does not have yet."""
    have = set(
        conn.execute(
            select(search_key.c.scheme, search_key.c.value).where(search_key.c.message_id == message_id)
        ).tuples()
    )
    rows = [
        {"scheme": scheme, "value": value, "message_id": message_id}
        for scheme, value in dict.fromkeys(keys)
        if value and (scheme, value) not in have
    ]
    if rows:
        conn.execute(search_key.insert(), rows)


def insert_delivery(conn: Connection, row: dict[str, Any]) -> None:
    conn.execute(delivery.insert(), row)


def get_delivery(conn: Connection, delivery_id: str) -> RowMapping:
    return conn.execute(select(delivery).where(delivery.c.id == delivery_id)).mappings().one()


def deliveries_of(conn: Connection, interchange_id: str) -> Sequence[RowMapping]:
    query = select(delivery).where(delivery.c.interchange_id == interchange_id).order_by(delivery.c.created_at)
    return conn.execute(query).mappings().all()


def set_delivery(conn: Connection, delivery_id: str, **values: Any) -> None:
    conn.execute(update(delivery).where(delivery.c.id == delivery_id).values(**values))


def insert_attempt(conn: Connection, row: dict[str, Any]) -> None:
    conn.execute(attempt.insert(), row)


def end_attempt(conn: Connection, attempt_id: str, **values: Any) -> None:
    conn.execute(update(attempt).where(attempt.c.id == attempt_id).values(**values))


def open_attempts(conn: Connection, delivery_id: str) -> Sequence[RowMapping]:
    """Attempts that began and whose outcome nobody recorded."""
    query = select(attempt).where(attempt.c.delivery_id == delivery_id, attempt.c.outcome == "started")
    return conn.execute(query).mappings().all()


def acknowledgements_sent(conn: Connection, interchange_id: str) -> Sequence[RowMapping]:
    """Outbound interchanges that acknowledge an inbound one."""
    query = select(interchange).where(interchange.c.answers_id == interchange_id, interchange.c.direction == "out")
    return conn.execute(query.order_by(interchange.c.created_at)).mappings().all()


def set_due(conn: Connection, message_ids: Sequence[str], due: datetime) -> None:
    """Until when an acknowledgement that is expected should come."""
    expected = update(message).where(message.c.id.in_(message_ids), message.c.acknowledgement == "expected")
    conn.execute(expected.values(acknowledgement_due_at=due))


def has_work(conn: Connection, lane: str) -> bool:
    """Whether a lane holds any work, set aside or not."""
    return conn.execute(select(work.c.id).where(work.c.lane == lane).limit(1)).first() is not None


def search_keys_of(conn: Connection, message_id: str) -> list[tuple[str, str]]:
    """A message's business keys; control numbers are its own and not among them."""
    query = select(search_key.c.scheme, search_key.c.value).where(search_key.c.message_id == message_id)
    return [(scheme, value) for scheme, value in conn.execute(query) if scheme != "control"]
