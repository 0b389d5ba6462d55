"""Read-only queries of the page and the API: the list of messages, search, the summary, incidents, connections."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    case,
    cast,
    extract,
    func,
    or_,
    select,
    text,
    true,
    type_coerce,
)

from hub.store.concern import IS_PROBLEM, IS_WAITING, PROBLEM, WAITING, Concern
from hub.store.ports import id_floor
from hub.store.search import Found
from hub.store.tables import (
    circuit,
    delivery,
    document,
    event,
    incident,
    lane,
    message,
    payload,
    work,
)


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message as lists show it. size: bytes. document: the canonical type it was read into or written from.

    tries and next_at are of its latest delivery; an inbound message has none.
    """

    id: str
    at: datetime
    direction: str
    partner: str
    account: str
    connection: str
    environment: str
    standard: str
    type: str
    version: str
    document: str | None
    number: str
    control_number: str
    size: int | None
    order_id: str | None
    validation: str
    delivery: str
    acknowledgement: str
    acknowledgement_due_at: datetime | None
    hold_reason: str | None
    concern: Concern
    tries: int = 0
    next_at: datetime | None = None


class MessageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What to list; empty is no restriction.

    query: a business key or control number, whole or its beginning. status: a Concern, or "field:value" with one of
    the three status fields ("delivery:failed").
    """

    query: str = ""
    partner: str = ""
    type: str = ""
    direction: str = ""
    status: str = ""


class MessagePage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. before: the cursor of the next, older page; None at the end."""

    messages: list[MessageRow]
    before: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a message, as far as the live stream needs it."""

    seq: int
    message_id: str


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """at: the start of the minute. problem: how many of its messages need a person."""

    at: datetime
    total: int
    problem: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by concern of the last 24 hours, incidents open now, the minutes of the last hour that had messages."""

    total: int
    problem: int
    waiting: int
    done: int
    incidents: int
    minutes: list[Minute]
    now: datetime


class ConnectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """waiting: work items that are due; set_aside: those a person must look at. The last times look back a week.
    circuit: closed, open (nothing is delivered until next_try_at) or half_open (one try is made). failures: in a row.
    incident: what the newest open one about it says.
    """

    connection: str
    lanes: int
    paused: int
    waiting: int
    set_aside: int
    oldest_at: datetime | None
    backoff_until: datetime | None
    circuit: str
    failures: int
    next_try_at: datetime | None
    error: str | None
    incident: str | None
    received_at: datetime | None
    delivered_at: datetime | None


_COMPUTED = {"at", "size", "document", "concern", "tries", "next_at"}
_COLUMNS = [name for name in MessageRow.__struct_fields__ if name not in _COMPUTED]


def _concern() -> ColumnElement[str]:
    return case((text(IS_PROBLEM), "problem"), (text(IS_WAITING), "waiting"), else_="done")


def _rows() -> Select[Any]:
    columns = [message.c[name] for name in (*_COLUMNS, "interchange_id")]
    return select(
        *columns,
        message.c.created_at.label("at"),
        message.c.length.label("size"),
        document.c.type.label("document"),
        _concern().label("concern"),
    ).outerjoin_from(message, document, document.c.id == message.c.document_id)


def next_try() -> ColumnElement[datetime | None]:
    """When a delivery is tried next; one that is done keeps the time of its last try, which says nothing."""
    return case((delivery.c.state.in_(("queued", "in_doubt")), delivery.c.next_at))


def _fetch(conn: Connection, query: Select[Any]) -> list[MessageRow]:
    found = [dict(row) for row in conn.execute(query).mappings()]
    outbound = {row["interchange_id"] for row in found if row["direction"] == "out" and row["interchange_id"]}
    tries: dict[str, dict[str, Any]] = {}
    if outbound:
        columns = (delivery.c.interchange_id, delivery.c.tries, next_try().label("next_at"))
        latest = select(*columns).where(delivery.c.interchange_id.in_(outbound)).order_by(delivery.c.id)
        tries = {row.interchange_id: {"tries": row.tries, "next_at": row.next_at} for row in conn.execute(latest)}
    return [MessageRow(**tries.get(row.pop("interchange_id"), {}), **row) for row in found]


def _has_status(status: str) -> ColumnElement[bool]:
    problem, waiting = text(f"({IS_PROBLEM})"), text(f"({IS_WAITING})")
    no_problem = text(f"NOT ({IS_PROBLEM})")
    if status == "problem":
        return and_(true(), problem)
    if status == "waiting":
        return and_(waiting, no_problem)
    if status == "done":
        return and_(no_problem, text(f"NOT ({IS_WAITING})"))
    field, _, value = status.partition(":")
    if field not in PROBLEM:
        raise ValueError(status)
    among = problem if value in PROBLEM[field] else waiting if value in WAITING[field] else true()
    return and_(among, message.c[field] == value)


def fitting(conn: Connection, wanted: MessageFilter) -> list[ColumnElement[bool]]:
    """The conditions on a message that the filter means. ValueError: no such status."""
    found = [Found(conn, wanted.query).condition] if wanted.query else []
    return [*found, *_besides(wanted)]


def _besides(wanted: MessageFilter) -> list[ColumnElement[bool]]:
    """What the filter means besides its query."""
    found = [message.c[name] == value for name in ("partner", "type", "direction") if (value := getattr(wanted, name))]
    return [*found, _has_status(wanted.status)] if wanted.status else found


def list_messages(
    conn: Connection, wanted: MessageFilter, *, before: str | None = None, limit: int = 50
) -> MessagePage:
    """The newest messages that fit, or those older than the cursor. ValueError: no such status."""
    conditions = _besides(wanted)
    if before:
        conditions.append(message.c.id < before)
    if wanted.query:
        conditions.append(_searched(conn, wanted, before, limit + 1))
    found = _fetch(conn, _rows().where(*conditions).order_by(message.c.id.desc()).limit(limit + 1))
    return MessagePage(messages=found[:limit], before=found[limit - 1].id if len(found) > limit else None)


def _searched(conn: Connection, wanted: MessageFilter, before: str | None, most: int) -> ColumnElement[bool]:
    """What narrows a list to those that the query finds: at least the newest most of them."""
    search = Found(conn, wanted.query)
    if search.few is not None:
        return search.condition
    ids: list[str] = []
    for piece in search.newest(before or None):
        ids += piece
        if ids and _besides(wanted):  # how many of them fit that as well is not known
            return and_(message.c.id <= ids[0], search.condition)
        if len(ids) >= most:
            break
    return message.c.id.in_(ids[:most])


def message_rows(conn: Connection, ids: Iterable[str]) -> list[MessageRow]:
    """The rows of these messages, oldest first; ids that do not exist are left out."""
    return _fetch(conn, _rows().where(message.c.id.in_(list(ids))).order_by(message.c.id))


def rows_where(conn: Connection, condition: ColumnElement[bool], *, limit: int = 200) -> list[MessageRow]:
    """The rows of the messages that meet the condition, oldest first."""
    return _fetch(conn, _rows().where(condition).order_by(message.c.id).limit(limit))


def last_event(conn: Connection) -> int:
    """The sequence number of the newest event; 0 when there is none."""
    return conn.execute(select(func.max(event.c.seq))).scalar() or 0


def changes_since(
    conn: Connection, seq: int, *, known: Collection[int] = (), limit: int = 1000
) -> tuple[list[int], list[Change]]:
    """The events after seq (at most limit of them): their sequence numbers, and which messages they changed.

    Events in known are left out. An event of an interchange or a delivery is one of every message in it.
    """
    columns = (event.c.seq, event.c.subject_type, event.c.subject_id)
    after = conn.execute(select(*columns).where(event.c.seq > seq).order_by(event.c.seq).limit(limit + len(known)))
    rows = [row for row in after if row.seq not in known][:limit]
    subjects: dict[str, dict[str, int]] = {"message": {}, "interchange": {}, "delivery": {}}
    for row in rows:
        if row.subject_type in subjects:
            subjects[row.subject_type][row.subject_id] = row.seq
    found, interchanges = dict(subjects["message"]), dict(subjects["interchange"])
    if subjects["delivery"]:
        carried = select(delivery.c.id, delivery.c.interchange_id).where(delivery.c.id.in_(subjects["delivery"]))
        for delivery_id, carries in conn.execute(carried):
            interchanges[carries] = max(interchanges.get(carries, 0), subjects["delivery"][delivery_id])
    if interchanges:
        inside = select(message.c.id, message.c.interchange_id).where(message.c.interchange_id.in_(interchanges))
        for message_id, carries in conn.execute(inside):
            found[message_id] = max(found.get(message_id, 0), interchanges[carries])
    changes = [Change(seq=last, message_id=message_id) for message_id, last in found.items()]
    return [row.seq for row in rows], sorted(changes, key=lambda change: change.seq)


def _minute(conn: Connection) -> ColumnElement[int]:
    """The minute of a message, counted from 1970."""
    if conn.dialect.name == "sqlite":
        return type_coerce(message.c.created_at, BigInteger) // 60_000_000
    return cast(func.floor(extract("epoch", message.c.created_at) / 60), Integer)


def summary(conn: Connection, now: datetime) -> Summary:
    """How things stand."""
    concern = _concern().label("concern")
    since = select(concern, func.count()).where(message.c.created_at >= now - timedelta(days=1)).group_by(concern)
    counts = dict(conn.execute(since).all())
    minute = _minute(conn).label("minute")
    hour = (
        select(minute, func.count(), func.sum(case((text(IS_PROBLEM), 1), else_=0)))
        .where(message.c.created_at >= now - timedelta(hours=1))
        .group_by(minute)
        .order_by(minute)
    )
    minutes = [
        Minute(at=datetime.fromtimestamp(int(start) * 60, now.tzinfo), total=total, problem=int(problem))
        for start, total, problem in conn.execute(hour)
    ]
    incidents = conn.execute(select(func.count()).select_from(incident).where(incident.c.resolved_at.is_(None)))
    return Summary(
        total=sum(counts.values()),
        problem=counts.get("problem", 0),
        waiting=counts.get("waiting", 0),
        done=counts.get("done", 0),
        incidents=incidents.scalar_one(),
        minutes=minutes,
        now=now,
    )


def _latest(conn: Connection, query: Select[Any]) -> dict[str, datetime]:
    return dict(conn.execute(query).all())


def list_connections(conn: Connection, now: datetime) -> list[ConnectionRow]:
    """Every connection that has a lane, or traffic of the last week, by name."""
    week = id_floor(now - timedelta(days=7))
    received = _latest(
        conn,
        select(payload.c.connection, func.max(payload.c.created_at, type_=payload.c.created_at.type))
        .where(payload.c.id >= week, payload.c.direction == "in")
        .group_by(payload.c.connection),
    )
    delivered = _latest(
        conn,
        select(delivery.c.connection, func.max(delivery.c.delivered_at, type_=delivery.c.delivered_at.type))
        .where(delivery.c.id >= week)
        .group_by(delivery.c.connection),
    )
    columns = (
        lane.c.connection,
        func.count().label("lanes"),
        func.sum(case((lane.c.paused, 1), else_=0)).label("paused"),
        func.max(lane.c.backoff_until, type_=lane.c.backoff_until.type).label("backoff_until"),
    )
    lanes = {row["connection"]: dict(row) for row in _mappings(conn, select(*columns).group_by(lane.c.connection))}
    items = (
        lane.c.connection,
        func.sum(case((work.c.set_aside, 0), else_=1)).label("waiting"),
        func.sum(case((work.c.set_aside, 1), else_=0)).label("set_aside"),
        func.min(work.c.created_at, type_=work.c.created_at.type).label("oldest_at"),
    )
    joined = (
        select(*items)
        .join_from(work, lane, lane.c.name == work.c.lane)
        .where(or_(work.c.run_at.is_(None), work.c.run_at <= now))  # None: at once
        .group_by(lane.c.connection)
    )
    waiting = {row["connection"]: dict(row) for row in _mappings(conn, joined)}
    states = (circuit.c.connection, circuit.c.state.label("circuit"), circuit.c.failures, circuit.c.error)
    tried = select(*states, circuit.c.next_at.label("next_try_at"))
    circuits = {row["connection"]: dict(row) for row in _mappings(conn, tried)}
    open_ones = select(incident.c.subject_id, incident.c.message).order_by(incident.c.seen_at)
    about = open_ones.where(incident.c.subject_type == "connection", incident.c.resolved_at.is_(None))
    incidents = {row["subject_id"]: row["message"] for row in _mappings(conn, about)}
    closed = {"circuit": "closed", "failures": 0, "error": None, "next_try_at": None}
    none_waiting = {"waiting": 0, "set_aside": 0, "oldest_at": None}
    return [
        ConnectionRow(
            **{"lanes": 0, "paused": 0, "backoff_until": None, **lanes.get(name, {})}
            | {**none_waiting, **waiting.get(name, {}), **closed, **circuits.get(name, {}), "connection": name},
            incident=incidents.get(name),
            received_at=received.get(name),
            delivered_at=delivered.get(name),
        )
        for name in sorted({*received, *delivered, *lanes} - {""})
    ]


def _mappings(conn: Connection, query: Select[Any]) -> Sequence[Any]:
    return conn.execute(query).mappings().all()
