"""What proves how an obligation went: what opened it, what met it, and what the other side said of that."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, and_, case, func, or_, select

from hub.store.ports import id_floor
from hub.store.tables import delivery, event, interchange, message, obligation, payload


class ObligationRow(msgspec.Struct, frozen=True, kw_only=True):
    """An obligation. late: it is open past its time, or ended so. penalty: the money at risk, in currency."""

    id: str
    kind: str
    partner: str
    account: str
    wants: str
    number: str
    state: str
    opened_at: datetime
    due_at: datetime
    ended_at: datetime | None
    message_id: str | None
    met_by: str | None
    order_id: str | None
    penalty: Decimal | None
    currency: str | None
    actor: str | None
    reason: str | None
    late: bool


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How punctual we, or a partner, were: so many of a kind were due, and so many of them met in time."""

    partner: str
    kind: str
    wants: str
    due: int
    in_time: int

    @property
    def share(self) -> float:
        return self.in_time / self.due


def kept(conn: Connection, now: datetime, since: datetime) -> list[Kept]:
    """Of the obligations opened since then, the least punctual first. What a person closed counts neither way."""
    row = obligation.c
    in_time = func.sum(case((and_(row.state == "met", row.ended_at <= row.due_at), 1), else_=0)).label("in_time")
    due = func.count().label("due")
    query = (
        select(row.partner, row.kind, row.wants, due, in_time)
        .where(row.id >= id_floor(since), or_(row.state == "met", and_(row.state == "open", row.due_at <= now)))
        .group_by(row.partner, row.kind, row.wants)
        .order_by(in_time * 1.0 / due, row.partner, row.kind)
    )
    return [Kept(**{**one, "in_time": int(one["in_time"])}) for one in conn.execute(query).mappings()]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of the record: when, what, and the SHA-256 of the bytes where there are any."""

    at: datetime
    what: str
    message_id: str | None = None
    digest: str | None = None
    detail: Any = None


def obligation_row(row: RowMapping, now: datetime) -> ObligationRow:
    names = [name for name in ObligationRow.__struct_fields__ if name != "late"]
    return ObligationRow(**{name: row[name] for name in names}, late=(row["ended_at"] or now) > row["due_at"])


def by_money(rows: list[ObligationRow]) -> list[ObligationRow]:
    """Those with the most at risk first, then those due first; amounts count as they stand, whatever the currency."""
    return sorted(rows, key=lambda row: (-(row.penalty or Decimal(0)), row.due_at))


def proofs(conn: Connection, row: RowMapping) -> list[Proof]:
    """In the order in which it happened."""
    found = [Proof(at=row["due_at"], what="due")]
    if row["message_id"]:
        found += _of_message(conn, row["message_id"], f"opened by {row['kind']}'s first document")
    if row["met_by"]:
        found += _of_message(conn, row["met_by"], "met by")
    if row["missed_at"]:
        found.append(Proof(at=row["missed_at"], what="found missed"))
    if row["state"] == "closed":
        found.append(Proof(at=row["ended_at"], what=f"closed by {row['actor']}", detail=row["reason"]))
    return sorted(found, key=lambda one: one.at)


def _of_message(conn: Connection, message_id: str, what: str) -> list[Proof]:
    query = (
        select(
            message, interchange.c.control_number.label("envelope"), payload.c.digest, payload.c.created_at.label("at")
        )
        .join(interchange, interchange.c.id == message.c.interchange_id)
        .join(payload, payload.c.id == interchange.c.payload_id)
        .where(message.c.id == message_id)
    )
    row = conn.execute(query).mappings().first()
    if row is None:
        return []
    verb = "received" if row["direction"] == "in" else "written"
    text = f"{what}: {row['type']} {row['number']} {verb}, interchange {row['envelope']}"
    found = [Proof(at=row["at"], what=text, message_id=message_id, digest=row["digest"])]
    sent = select(delivery.c.delivered_at, delivery.c.connection, delivery.c.receipt).where(
        delivery.c.interchange_id == row["interchange_id"], delivery.c.delivered_at.is_not(None)
    )
    found += [
        Proof(at=one.delivered_at, what=f"delivered by {one.connection}", message_id=message_id, detail=one.receipt)
        for one in conn.execute(sent)
    ]
    taken = select(event.c.at).where(
        event.c.subject_type == "delivery",
        event.c.subject_id.in_(select(delivery.c.id).where(delivery.c.interchange_id == row["interchange_id"])),
        event.c.name == "mailbox.collected",
    )
    found += [
        Proof(at=at, what="collected from the mailbox", message_id=message_id) for at in conn.execute(taken).scalars()
    ]
    said = select(event.c.at, event.c.detail).where(
        event.c.subject_type == "message", event.c.subject_id == message_id, event.c.name == "acknowledged"
    )
    found += [
        Proof(at=one.at, what=f"acknowledged: {one.detail['status']} ({one.detail['kind']})", message_id=message_id)
        for one in conn.execute(said)
    ]
    return found
