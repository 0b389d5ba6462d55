"""The audit log: what people did, in a chain of digests that an edit, a deletion or a changed order breaks.

Only what people do is written here; what the hub does by itself is in the event table. An entry is
written in the transaction of what it tells. Entries are numbered without a gap, so their transactions take turns:
lock_audit comes before any other lock, or two people could wait for each other.

The digest of an entry is SHA-256 over its fields as one JSON array and the digest before it. Whoever can write to the
database could make the whole chain anew; therefore note its head elsewhere now and then, and verify against that.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from hub.store.tables import audit, audit_head

BEGINNING = "0" * 64
"""What stands before the first entry."""

_PAGE = 1000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to what, and why. before, after: what the action changed, as JSON; None: nothing to compare."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    reason: str
    before: Any
    after: Any
    digest: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entry's number and digest: what to note elsewhere."""

    seq: int = 0
    digest: str = BEGINNING

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found. fault: a sentence, and broken_at the first entry that is wrong; None: all is right."""

    entries: int
    head: Head
    fault: str | None = None
    broken_at: int | None = None


def lock_audit(conn: Connection) -> None:
    """Until the transaction ends nobody else writes the log. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("audit", 0))))


def append(
    conn: Connection,
    now: datetime,
    *,
    actor: str,
    action: str,
    subject_type: str,
    subject_id: str,
    reason: str = "",
    before: Any = None,
    after: Any = None,
) -> Head:
    """Write one entry. The caller holds lock_audit, taken as the first lock of its transaction."""
    lock_audit(conn)
    head = read_head(conn)
    values = {
        "seq": head.seq + 1,
        "at": now,
        "actor": actor[:100],
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "reason": reason,
        "before": msgspec.to_builtins(before),
        "after": msgspec.to_builtins(after),
    }
    digest = _digest(values, head.digest)
    conn.execute(insert(audit), {**values, "digest": digest})
    moved = update(audit_head).where(audit_head.c.id == 1).values(seq=head.seq + 1, digest=digest)
    if not conn.execute(moved).rowcount:
        conn.execute(insert(audit_head), {"id": 1, "seq": 1, "digest": digest})
    return Head(seq=head.seq + 1, digest=digest)


def read_head(conn: Connection) -> Head:
    """Where the chain ends."""
    row = conn.execute(select(audit_head.c.seq, audit_head.c.digest).where(audit_head.c.id == 1)).one_or_none()
    return Head(seq=row.seq, digest=row.digest) if row else Head()


def list_audit(
    conn: Connection,
    *,
    subject_id: str = "",
    actor: str = "",
    action: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """The newest entries that fit, newest first. before: only those with a smaller number."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    for name, value in (("subject_id", subject_id), ("actor", actor), ("action", action)):
        if value:
            query = query.where(audit.c[name] == value)
    if before is not None:
        query = query.where(audit.c.seq < before)
    return [Entry(**row) for row in conn.execute(query).mappings()]


def verify(conn: Connection, noted: Sequence[Head] = ()) -> Verdict:
    """Reads the whole chain. noted: heads somebody wrote down earlier, which it must still hold."""
    return judge(_rows(conn), read_head(conn), noted)


def judge(
    rows: Iterable[Mapping[str, Any]], head: Head, noted: Sequence[Head] = (), since: Head | None = None
) -> Verdict:
    """Whether these rows, in the order of their numbers, are the chain that leads to head; since: what they follow."""
    wanted = {one.seq: one.digest for one in noted}
    seq, digest = (since.seq, since.digest) if since else (0, BEGINNING)
    for row in rows:
        if row["seq"] != seq + 1:
            return _broken(seq, head, seq + 1, f"entry {seq + 1} is missing: {row['seq']} follows {seq}")
        if row["digest"] != _digest(row, digest):
            return _broken(seq, head, seq + 1, f"entry {seq + 1} is not what was written, or not what stood before it")
        seq, digest = row["seq"], row["digest"]
        if wanted.pop(seq, digest) != digest:
            return _broken(seq, head, seq, f"entry {seq} has another digest than was noted")
    if (seq, digest) != (head.seq, head.digest):
        return _broken(seq, head, seq + 1, f"the chain ends at entry {seq} and its head names entry {head.seq}")
    if wanted:
        missing = min(wanted)
        return _broken(seq, head, missing, f"entry {missing}, which was noted, is not there: {seq} is the last")
    return Verdict(entries=seq, head=head)


def _broken(entries: int, head: Head, seq: int, fault: str) -> Verdict:
    return Verdict(entries=entries, head=head, broken_at=seq, fault=f"The audit log was changed: {fault}.")


def _rows(conn: Connection) -> Iterator[Any]:
    """All entries in the order of their numbers, a page at a time in memory."""
    last = -(2**62)
    while True:
        page = conn.execute(select(audit).where(audit.c.seq > last).order_by(audit.c.seq).limit(_PAGE)).mappings().all()
        if not page:
            return
        yield from page
        last = page[-1]["seq"]


def _digest(row: Any, before: str) -> str:
    at: datetime = row["at"]
    names = ("actor", "action", "subject_type", "subject_id", "reason", "before", "after")
    fields = [row["seq"], at.astimezone(UTC).isoformat(timespec="microseconds"), *(row[name] for name in names), before]
    return hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()
