"""Payload bytes: small ones in the payload's row, large ones in chunk rows, or in objects that chunk rows name.

Chunks of a large payload commit as they arrive, under an id nothing refers to yet. Accepting the payload is one small
transaction that writes its row; chunks whose row never came are swept away later, and objects without a chunk row too.

Whatever reads or writes bytes raises TransientError HUB-6037 while an object store is away, and HubError HUB-6038 where
it has lost or changed them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, exists, insert, select, update

from hub.errors import TransientError, UsageError
from hub.store import batch
from hub.store.engine import Database, let_go_after_commit, objects_of
from hub.store.objects import PART, Objects
from hub.store.ports import id_floor
from hub.store.rows import of
from hub.store.tables import mailbox_file, payload, payload_chunk

INLINE = 65_536
"""Bytes: a payload up to this size is kept in its row."""
CHUNK = 262_144
"""Bytes of each chunk row but a payload's last, where they are in the database; PART where they are in objects."""


class Place(NamedTuple):
    """A stretch of a stored payload's bytes."""

    payload_id: str
    offset: int
    length: int


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes of a payload that is about to be accepted. inline is None when they are in chunk rows already.

    digest: SHA-256 in hex.
    """

    payload_id: str
    size: int
    digest: str
    inline: bytes | None


class Upload:
    """Takes bytes as they arrive. Whatever exceeds INLINE is durable, though not accepted, when write returns."""

    def __init__(self, database: Database, payload_id: str) -> None:
        self.payload_id = payload_id
        self.size = 0
        self._database = database
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._chunks = 0
        self._step = CHUNK if database.objects is None else PART

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        self._digest.update(piece)
        self._waiting += piece
        while len(self._waiting) >= self._step:
            self._commit(bytes(self._waiting[: self._step]))
            del self._waiting[: self._step]

    def finish(self) -> Body:
        """Everything has arrived. Hand the body to store_payload to accept it."""
        inline = None
        if self._chunks == 0 and self.size <= INLINE:
            inline = bytes(self._waiting)
        elif self._waiting:
            self._commit(bytes(self._waiting))
        self._waiting.clear()
        return Body(payload_id=self.payload_id, size=self.size, digest=self._digest.hexdigest(), inline=inline)

    def abort(self) -> None:
        """Forget the bytes."""
        self._waiting.clear()
        if self._chunks:
            with self._database.begin() as conn:
                delete_chunks(conn, [self.payload_id])

    def _commit(self, piece: bytes) -> None:
        row = _chunk_row(self._database.objects, self.payload_id, self._chunks, piece)
        with self._database.begin() as conn:
            conn.execute(insert(payload_chunk), row)
        self._chunks += 1


def upload(database: Database, payload_id: str, pieces: Iterable[bytes]) -> Body:
    """Take a whole payload piece by piece. An error of pieces comes out, and the chunks so far are forgotten."""
    taken = Upload(database, payload_id)
    try:
        for piece in pieces:
            taken.write(piece)
    except BaseException:
        taken.abort()
        raise
    return taken.finish()


def body_of(conn: Connection, payload_id: str, content: bytes) -> Body:
    """The body of bytes that are all here (an outbound interchange); large ones are chunked in this transaction."""
    digest = hashlib.sha256(content).hexdigest()
    if len(content) <= INLINE:
        return Body(payload_id=payload_id, size=len(content), digest=digest, inline=content)
    objects = objects_of(conn)
    step = CHUNK if objects is None else PART
    for ordinal, offset in enumerate(range(0, len(content), step)):
        row = _chunk_row(objects, payload_id, ordinal, content[offset : offset + step])
        conn.execute(insert(payload_chunk), row)
    return Body(payload_id=payload_id, size=len(content), digest=digest, inline=None)


def store_payload(conn: Connection, now: datetime, body: Body, *, direction: str, state: str, **columns: Any) -> str:
    """Write the payload's row: with the commit of this transaction the payload is accepted. Its id.

    columns: partner, account, connection, environment, file_name, protocol_id, media_type, note.
    """
    row = {"size": body.size, "digest": body.digest, "body": body.inline, "direction": direction, "state": state}
    batch.insert(conn, payload, [{"id": body.payload_id, "created_at": now, **row, **columns}])
    return body.payload_id


def read_payload(conn: Connection, payload_id: str) -> bytes:
    """All bytes. UsageError HUB-6005: there is no such payload, or not all of its bytes."""
    return b"".join(iter_payload(conn, payload_id))


def iter_payload(conn: Connection, payload_id: str) -> Iterator[bytes]:
    """The bytes in pieces, one at a time in memory. UsageError HUB-6005 as read_payload."""
    size, inline = _row(conn, payload_id)
    if inline is not None:
        yield inline
        return
    found = 0
    for ordinal in _ordinals(conn, payload_id):
        piece = _chunk(conn, payload_id, ordinal)
        found += len(piece)
        yield piece
    if found != size:
        raise UsageError("HUB-6005", f"Payload {payload_id} has {size} bytes and the store holds {found} of them.")


def copy_payload(database: Database, payload_id: str) -> Iterator[bytes]:
    """The bytes in pieces, each read by itself, so that nobody waits for the whole. UsageError as iter_payload."""
    with database.read() as conn:
        size, inline = _row(conn, payload_id)
        step = CHUNK if inline is not None else _step(conn, payload_id)
    if inline is not None:
        yield inline
        return
    for ordinal in range(-(-size // step)):
        with database.read() as conn:
            body, name = _chunk_of(conn, payload_id, ordinal)
        yield body if name is None else _object(database.objects, name)


def read_slice(conn: Connection, payload_id: str, offset: int, length: int) -> bytes:
    """length bytes from the 0-based offset on; fewer at the end. UsageError HUB-6005: there is no such payload."""
    size, inline = _row(conn, payload_id)
    if inline is not None:
        return inline[offset : offset + length]
    step = _step(conn, payload_id)
    parts = []
    for ordinal in range(offset // step, -(-min(offset + length, size) // step)):
        piece, start = _chunk(conn, payload_id, ordinal), ordinal * step
        parts.append(piece[max(0, offset - start) : offset + length - start])
    return b"".join(parts)


def digest_of_chunks(conn: Connection, payload_id: str) -> str:
    """SHA-256 in hex of what chunks hold, accepted or not, one in memory at a time."""
    digest = hashlib.sha256()
    for ordinal in _ordinals(conn, payload_id):
        digest.update(_chunk(conn, payload_id, ordinal))
    return digest.hexdigest()


def first_difference(conn: Connection, one: Place, other: Place) -> int | None:
    """Where two stretches of stored bytes begin to differ, counted from their beginnings; None: they are the same.
    UsageError as read_slice."""
    least = min(one.length, other.length)
    for start in range(0, least, CHUNK):
        size = min(CHUNK, least - start)
        here = read_slice(conn, one.payload_id, one.offset + start, size)
        there = read_slice(conn, other.payload_id, other.offset + start, size)
        if here != there:
            return start + next(place for place, pair in enumerate(zip(here, there, strict=True)) if pair[0] != pair[1])
    return None if one.length == other.length else least


def overwrite(conn: Connection, payload_id: str, offset: int, length: int) -> None:
    """Write asterisks over length bytes from the 0-based offset on. Size and digest stay those of what was there.

    What is in the object store is put there anew under another name, and the old object deleted after the commit.
    """
    size, inline = _row(conn, payload_id)
    if inline is not None:
        conn.execute(update(payload).where(payload.c.id == payload_id).values(body=_blank(inline, offset, length)))
        return
    step = _step(conn, payload_id)
    for ordinal in range(offset // step, -(-min(offset + length, size) // step)):
        piece, name = _chunk_of(conn, payload_id, ordinal)
        if name is not None:
            piece = _object(objects_of(conn), name)
            let_go_after_commit(conn, [name])
        first = max(offset - ordinal * step, 0)
        blank = _blank(piece, first, offset + length - ordinal * step - first)
        row = _chunk_row(objects_of(conn) if name is not None else None, payload_id, ordinal, blank)
        one = update(payload_chunk).where(payload_chunk.c.payload_id == payload_id)
        conn.execute(one.where(payload_chunk.c.ordinal == ordinal).values(body=row["body"], object=row["object"]))


def keep_apart(conn: Connection, body: Body) -> None:
    """Inline bytes become a chunk row: an upload that is not accepted yet has no other place."""
    if body.inline is not None:
        conn.execute(insert(payload_chunk), _chunk_row(None, body.payload_id, 0, body.inline))


def delete_chunks(conn: Connection, payload_ids: Sequence[str]) -> None:
    """All bytes of these that are not in their rows; objects go after the commit."""
    own = payload_chunk.c.payload_id.in_(payload_ids)
    names = conn.execute(select(payload_chunk.c.object).where(own, payload_chunk.c.object.is_not(None))).scalars()
    let_go_after_commit(conn, list(names))
    conn.execute(delete(payload_chunk).where(own))


def sweep_chunks(conn: Connection, before: datetime) -> int:
    """Delete chunks of uploads begun before this moment, never accepted and in no mailbox. How many."""
    kept = exists().where(payload.c.id == payload_chunk.c.payload_id)
    shown = exists().where(mailbox_file.c.payload_id == payload_chunk.c.payload_id)
    old = payload_chunk.c.payload_id < id_floor(before)
    orphans = delete(payload_chunk).where(old, ~kept, ~shown).returning(payload_chunk.c.object)
    gone = conn.execute(orphans).scalars().all()
    let_go_after_commit(conn, [name for name in gone if name is not None])
    return len(gone)


def sweep_objects(database: Database, before: datetime) -> int:
    """Delete objects put before this moment that no row names: of processes that were killed between the object and
    its row, or between a row's end and the object's. How many."""
    objects, swept = database.objects, 0
    for names in objects.list_before(before) if objects is not None else ():
        own = payload_chunk.c.payload_id.in_({name.partition("/")[0] for name in names})
        with database.read() as conn:
            named = set(conn.execute(select(payload_chunk.c.object).where(own)).scalars())
        orphans = [name for name in names if name not in named]
        if objects is not None and orphans:
            objects.delete(orphans)
        swept += len(orphans)
    return swept


def _blank(piece: bytes, offset: int, length: int) -> bytes:
    return piece[:offset] + b"*" * len(piece[offset : offset + length]) + piece[offset + length :]


def _chunk_row(objects: Objects | None, payload_id: str, ordinal: int, piece: bytes) -> dict[str, Any]:
    """A chunk's row; with an object store its bytes are there when this returns."""
    name = None if objects is None else objects.put(payload_id, ordinal, piece)
    return {"payload_id": payload_id, "ordinal": ordinal, "body": piece if name is None else b"", "object": name}


def _object(objects: Objects | None, name: str) -> bytes:
    if objects is None:
        text = f"Bytes of a payload are in an object store, as {name}, and this process knows none: set HUB_PAYLOADS."
        raise TransientError("HUB-6037", text)
    return objects.get(name)


def _row(conn: Connection, payload_id: str) -> tuple[int, bytes | None]:
    wanted = of(payload.c.id, payload.c.size, payload.c.body, payload.c.archive)
    row = conn.execute(wanted, {"value": payload_id}).one_or_none()
    if row is None:
        raise UsageError("HUB-6005", f"The store holds no payload {payload_id}.")
    if row.archive is not None:
        where = f"archived in {row.archive}" if row.archive else "deleted"
        raise UsageError("HUB-6033", f"The bytes of payload {payload_id} are not kept any longer; they were {where}.")
    return row.size, row.body


def _ordinals(conn: Connection, payload_id: str) -> Sequence[int]:
    own = select(payload_chunk.c.ordinal).where(payload_chunk.c.payload_id == payload_id)
    return conn.execute(own.order_by(payload_chunk.c.ordinal)).scalars().all()


def _step(conn: Connection, payload_id: str) -> int:
    """Bytes of each of its chunks but the last."""
    first = select(payload_chunk.c.object).where(payload_chunk.c.payload_id == payload_id, payload_chunk.c.ordinal == 0)
    return CHUNK if conn.execute(first).scalar_one_or_none() is None else PART


def _chunk_of(conn: Connection, payload_id: str, ordinal: int) -> tuple[bytes, str | None]:
    """The chunk's bytes, or the name of the object that has them."""
    one = select(payload_chunk.c.body, payload_chunk.c.object).where(payload_chunk.c.payload_id == payload_id)
    row = conn.execute(one.where(payload_chunk.c.ordinal == ordinal)).one_or_none()
    if row is None:
        raise UsageError("HUB-6005", f"The store does not hold chunk {ordinal} of payload {payload_id}.")
    return row.body, row.object


def _chunk(conn: Connection, payload_id: str, ordinal: int) -> bytes:
    body, name = _chunk_of(conn, payload_id, ordinal)
    return body if name is None else _object(objects_of(conn), name)
