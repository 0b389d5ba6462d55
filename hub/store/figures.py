"""Figures of the whole hub for those who watch it, out of the database: the same whichever process is asked.

Every query is bounded by an index: work that waits, incidents and obligations that are open, the last minutes' traffic.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, case, func, select, text

from hub.store.ports import id_floor
from hub.store.tables import cadence, circuit, delivery, incident, lane, message, obligation, work
from hub.store.tables_due import OPEN

LATELY = timedelta(minutes=5)


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number with its labels."""

    name: str
    value: float
    labels: dict[str, str] = {}


HELP = {
    "hub_work_waiting": "Work that is due, by stage and connection.",
    "hub_work_oldest_seconds": "Age of the oldest work that is due.",
    "hub_work_set_aside": "Work that waits for a person.",
    "hub_lanes_paused": "Lanes that are paused.",
    "hub_circuits_open": "Connections whose far end is left alone.",
    "hub_incidents_open": "Open incidents by code.",
    "hub_obligations_open": "Open obligations by partner: missed, or still in time.",
    "hub_silent": "Cadences at which nothing comes any more.",
    "hub_messages_lately": "Messages of the last five minutes by partner and direction.",
    "hub_deliveries_lately": "Deliveries queued in the last five minutes by partner and state.",
    "hub_delivery_seconds_lately": "Mean time from queued to delivered of the last five minutes, by partner.",
    "hub_delivery_slowest_seconds_lately": "The longest of them.",
}


def figures(conn: Connection, now: datetime) -> list[Figure]:
    """All of them, as things stand."""
    return [*_work(conn, now), *_troubles(conn, now), *_lately(conn, now)]


def _work(conn: Connection, now: datetime) -> list[Figure]:
    due = and_(work.c.set_aside.is_(False), (work.c.run_at.is_(None)) | (work.c.run_at <= now))
    columns = (work.c.kind, lane.c.connection, func.count().label("n"))
    oldest = func.min(func.coalesce(work.c.run_at, work.c.created_at), type_=work.c.created_at.type).label("oldest")
    query = select(*columns, oldest).join_from(work, lane, lane.c.name == work.c.lane).where(due)
    found: list[Figure] = []
    for row in conn.execute(query.group_by(work.c.kind, lane.c.connection)):
        labels = {"stage": row.kind, "connection": row.connection}
        found.append(Figure(name="hub_work_waiting", value=row.n, labels=labels))
        age = max((now - row.oldest).total_seconds(), 0.0)
        found.append(Figure(name="hub_work_oldest_seconds", value=age, labels=labels))
    aside = select(work.c.kind, func.count()).where(work.c.set_aside).group_by(work.c.kind)
    found += [Figure(name="hub_work_set_aside", value=n, labels={"stage": kind}) for kind, n in conn.execute(aside)]
    paused = conn.execute(select(func.count()).select_from(lane).where(lane.c.paused)).scalar_one()
    return [*found, Figure(name="hub_lanes_paused", value=paused)]


def _troubles(conn: Connection, now: datetime) -> list[Figure]:
    opened = conn.execute(select(func.count()).select_from(circuit).where(circuit.c.state != "closed")).scalar_one()
    silent = conn.execute(select(func.count()).select_from(cadence).where(cadence.c.silent)).scalar_one()
    found = [Figure(name="hub_circuits_open", value=opened), Figure(name="hub_silent", value=silent)]
    incidents = select(incident.c.code, func.count()).where(incident.c.resolved_at.is_(None)).group_by(incident.c.code)
    found += [Figure(name="hub_incidents_open", value=n, labels={"code": code}) for code, n in conn.execute(incidents)]
    state = case((obligation.c.due_at <= now, "missed"), else_="in_time").label("state")
    owed = select(obligation.c.partner, state, func.count()).where(text(OPEN)).group_by(obligation.c.partner, state)
    return [
        *found,
        *(
            Figure(name="hub_obligations_open", value=n, labels={"partner": partner, "state": said})
            for partner, said, n in conn.execute(owed)
        ),
    ]


def _lately(conn: Connection, now: datetime) -> list[Figure]:
    floor = id_floor(now - LATELY)
    traffic = select(message.c.partner, message.c.direction, func.count()).where(message.c.id >= floor)
    found = [
        Figure(name="hub_messages_lately", value=n, labels={"partner": partner, "direction": direction})
        for partner, direction, n in conn.execute(traffic.group_by(message.c.partner, message.c.direction))
    ]
    took = _seconds_between(conn, delivery.c.created_at, delivery.c.delivered_at)
    sent = (
        select(delivery.c.partner, delivery.c.state, func.count(), func.avg(took), func.max(took))
        .where(delivery.c.id >= floor)
        .group_by(delivery.c.partner, delivery.c.state)
    )
    for partner, state, n, mean, longest in conn.execute(sent):
        found.append(Figure(name="hub_deliveries_lately", value=n, labels={"partner": partner, "state": state}))
        if state == "delivered" and mean is not None:
            whose = {"partner": partner}
            found.append(Figure(name="hub_delivery_seconds_lately", value=float(mean), labels=whose))
            found.append(Figure(name="hub_delivery_slowest_seconds_lately", value=float(longest), labels=whose))
    return found


def _seconds_between(conn: Connection, begin: Any, end: Any) -> Any:
    if conn.dialect.name == "sqlite":  # moments are microseconds there
        return text("(delivery.delivered_at - delivery.created_at) / 1000000.0")
    return func.extract("epoch", end - begin)
