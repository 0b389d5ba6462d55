"""Incidents: what a person must look at. One row a cause while it is open; the same cause again counts it up.

Opening and resolving are each one event, so whoever tells people of them tells them twice and not at every retry.
"""

import functools
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    RowMapping,
    and_,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from hub.store.batch import ASIDE
from hub.store.concern import IS_PROBLEM
from hub.store.events import record_event
from hub.store.ports import Clock, new_id
from hub.store.tables import incident, interchange, message

log = logging.getLogger("hub.incidents")
log.addHandler(logging.NullHandler())  # commands say by themselves what came of them


def open_incident(
    conn: Connection,
    clock: Clock,
    cause: str,
    code: str,
    message: str,
    subject_type: str,
    subject_id: str,
    security: bool = False,
) -> str:
    """The incident's id. An open incident of the same cause takes the newer message and counts one more.

    cause: what makes two incidents the same one, such as "connection/acme/sftp" or "work/1234". code: HUB-nnnn.
    """
    if conn.dialect.name == "postgresql":  # two transactions must not both find the cause new
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"incident/{cause}", 0))))
    now = clock.now()
    again = (
        update(incident)
        .where(incident.c.cause == cause, incident.c.resolved_at.is_(None))
        .values(count=incident.c.count + 1, seen_at=now, message=message, code=code)
        .returning(incident.c.id)
    )
    known: str | None = conn.execute(again).scalar_one_or_none()
    if known is not None:
        return known
    made = new_id(clock)
    row = {"cause": cause, "code": code, "message": message, "subject_type": subject_type, "subject_id": subject_id}
    conn.execute(insert(incident), {"id": made, "opened_at": now, "seen_at": now, "security": security, **row})
    record_event(conn, now, "incident", made, "opened", detail={"cause": cause, "code": code})
    about = {"code": code, "cause": cause, "subject": f"{subject_type} {subject_id}", "said": message}
    log.warning("incident opened", extra=about)
    return made


def resolve_incident(conn: Connection, now: datetime, cause: str, actor: str = "hub") -> bool:
    """Whether an incident of this cause was open; it is resolved now."""
    return _resolved(conn, now, conn.execute(_resolving(), {"causes": [cause], "now": now}), actor)


def resolve_incidents(conn: Connection, now: datetime, causes: Collection[str]) -> None:
    """Those of these causes that are open are resolved now."""
    if causes:
        _resolved(conn, now, conn.execute(_resolving(), {"causes": sorted(causes), "now": now}), "hub")


def close_incident(conn: Connection, now: datetime, incident_id: str, actor: str) -> bool:
    """A person says that it is dealt with. False: it is not open. Should its cause come again, a new one opens."""
    return _resolve(conn, now, incident.c.id == incident_id, actor)


def is_open(conn: Connection, cause: str) -> bool:
    """Whether an incident of this cause is open."""
    query = select(incident.c.id).where(incident.c.cause == cause, incident.c.resolved_at.is_(None))
    return conn.execute(query.limit(1)).first() is not None


def last_seen(conn: Connection, cause: str) -> datetime | None:
    """When an incident of this cause, open or not, was last told."""
    found: datetime | None = conn.execute(
        select(func.max(incident.c.seen_at)).where(incident.c.cause == cause)
    ).scalar()
    return found


def resolve_settled(conn: Connection, now: datetime, row: RowMapping, actor: str = "hub") -> None:
    """After something was done about a message: resolves what it was an incident of, unless others still are."""
    partner, type_ = row["partner"], row["type"]
    alike = and_(message.c.partner == partner, message.c.type == type_)
    causes: list[tuple[str, ColumnElement[bool]]] = [
        (f"refused/{partner}/{type_}", and_(alike, message.c.acknowledgement.in_(("rejected", "partially")))),
        (f"overdue/{partner}", and_(message.c.partner == partner, message.c.acknowledgement == "overdue")),
    ]
    held = and_(alike, message.c.validation == "held")
    causes += [(f"held/{partner}/{type_}/{code}", held) for code in {one["code"] for one in row["findings"] or []}]
    for cause, condition in causes:
        others = select(message.c.id).where(condition, text(f"({IS_PROBLEM})"))
        if conn.execute(others.limit(1)).first() is None:
            resolve_incident(conn, now, cause, actor)
    own = and_(incident.c.subject_type == "message", incident.c.subject_id == row["id"])
    _resolve(conn, now, and_(own, incident.c.cause.startswith("answer/")), actor)


def resolve_whole(conn: Connection, now: datetime, cause: str, code: str, row: RowMapping, actor: str) -> None:
    """After something was done about an interchange that was held as a whole for that code: resolves what it was an
    incident of, unless one of its identities is held for it by its connection still."""
    alike = [interchange.c[name] == row[name] for name in ("connection", "sender", "receiver")]
    held = select(message.c.interchange_id).where(message.c.validation == "held", text(f"({IS_PROBLEM})"))
    for findings in conn.execute(select(interchange.c.findings).where(*alike, interchange.c.id.in_(held))).scalars():
        if any(one["code"] == code for one in findings or []):
            return
    resolve_incident(conn, now, cause, actor)


def _resolve(conn: Connection, now: datetime, which: ColumnElement[bool], actor: str) -> bool:
    open_ones = update(incident).where(which, incident.c.resolved_at.is_(None)).values(resolved_at=now)
    found = conn.execute(open_ones.returning(incident.c.id), execution_options={ASIDE: True})
    return _resolved(conn, now, found, actor)


@functools.cache
def _resolving() -> ReturningUpdate[Any]:
    """Built once, as building takes longer than running."""
    caused = incident.c.cause.in_(bindparam("causes", expanding=True))
    at = bindparam("now", type_=incident.c.resolved_at.type)
    open_ones = update(incident).where(caused, incident.c.resolved_at.is_(None)).values(resolved_at=at)
    return open_ones.returning(incident.c.id).execution_options(**{ASIDE: True})


def _resolved(conn: Connection, now: datetime, found: CursorResult[Any], actor: str) -> bool:
    """Tells of each, if any."""
    ids = found.scalars().all()
    for one in ids:
        record_event(conn, now, "incident", one, "resolved", actor)
    return bool(ids)
