"""Payload bytes: small ones in the payload's row, large ones in chunk rows.

Chunks of a large payload commit as they arrive, under an id nothing refers to yet. Accepting the payload is one small
transaction that writes its row; chunks whose row never came are swept away later.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, exists, func, insert, select, update

from hub.errors import UsageError
from hub.store import batch
from hub.store.engine import Database
from hub.store.ports import id_floor
from hub.store.tables import mailbox_file, payload, payload_chunk

INLINE = 65_536
"""Bytes: a payload up to this size is kept in its row."""
CHUNK = 262_144
"""Bytes of each chunk row but a payload's last."""


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

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        self._digest.update(piece)
        self._waiting += piece
        while len(self._waiting) >= CHUNK:
            self._commit(bytes(self._waiting[:CHUNK]))
            del self._waiting[:CHUNK]

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
                conn.execute(delete(payload_chunk).where(payload_chunk.c.payload_id == self.payload_id))

    def _commit(self, piece: bytes) -> None:
        with self._database.begin() as conn:
            _insert_chunk(conn, self.payload_id, self._chunks, piece)
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
    for ordinal, offset in enumerate(range(0, len(content), CHUNK)):
        _insert_chunk(conn, payload_id, ordinal, content[offset : offset + CHUNK])
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
    for ordinal, _offset, _length in _chunks(conn, payload_id):
        piece = _chunk(conn, payload_id, ordinal)
        found += len(piece)
        yield piece
    if found != size:
        raise UsageError("HUB-6005", f"Payload {payload_id} has {size} bytes and the store holds {found} of them.")


def copy_payload(database: Database, payload_id: str) -> Iterator[bytes]:
    """The bytes in pieces, each read by itself, so that nobody waits for the whole. UsageError as iter_payload."""
    with database.read() as conn:
        size, inline = _row(conn, payload_id)
    if inline is not None:
        yield inline
        return
    for ordinal in range(-(-size // CHUNK)):
        with database.read() as conn:
            piece = _chunk(conn, payload_id, ordinal)
        yield piece


def read_slice(conn: Connection, payload_id: str, offset: int, length: int) -> bytes:
    """length bytes from the 0-based offset on; fewer at the end. UsageError HUB-6005: there is no such payload."""
    size, inline = _row(conn, payload_id)
    if inline is not None:
        return inline[offset : offset + length]
    parts = []
    for ordinal in range(offset // CHUNK, -(-min(offset + length, size) // CHUNK)):
        piece, start = _chunk(conn, payload_id, ordinal), ordinal * CHUNK
        parts.append(piece[max(0, offset - start) : offset + length - start])
    return b"".join(parts)


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
    """Write asterisks over length bytes from the 0-based offset on. Size and digest stay those of what was there."""
    _size, inline = _row(conn, payload_id)
    if inline is not None:
        blank = inline[:offset] + b"*" * len(inline[offset : offset + length]) + inline[offset + length :]
        conn.execute(update(payload).where(payload.c.id == payload_id).values(body=blank))
        return
    for ordinal, start, size in _chunks(conn, payload_id):
        first, last = max(offset - start, 0), min(offset + length - start, size)
        if first < last:
            piece = _chunk(conn, payload_id, ordinal)
            blank = piece[:first] + b"*" * (last - first) + piece[last:]
            one = update(payload_chunk).where(payload_chunk.c.payload_id == payload_id)
            conn.execute(one.where(payload_chunk.c.ordinal == ordinal).values(body=blank))


def sweep_chunks(conn: Connection, before: datetime) -> int:
    """Delete chunks of uploads begun before this moment, never accepted and in no mailbox. How many."""
    kept = exists().where(payload.c.id == payload_chunk.c.payload_id)
    shown = exists().where(mailbox_file.c.payload_id == payload_chunk.c.payload_id)
    old = payload_chunk.c.payload_id < id_floor(before)
    return conn.execute(delete(payload_chunk).where(old, ~kept, ~shown)).rowcount


def _insert_chunk(conn: Connection, payload_id: str, ordinal: int, piece: bytes) -> None:
    conn.execute(insert(payload_chunk), {"payload_id": payload_id, "ordinal": ordinal, "body": piece})


def _row(conn: Connection, payload_id: str) -> tuple[int, bytes | None]:
    row = conn.execute(
        select(payload.c.size, payload.c.body, payload.c.archive).where(payload.c.id == payload_id)
    ).one_or_none()
    if row is None:
        raise UsageError("HUB-6005", f"The store holds no payload {payload_id}.")
    if row.archive is not None:
        where = f"archived in {row.archive}" if row.archive else "deleted"
        raise UsageError("HUB-6033", f"The bytes of payload {payload_id} are not kept any longer; they were {where}.")
    return row.size, row.body


def _chunks(conn: Connection, payload_id: str) -> Iterator[tuple[int, int, int]]:
    """Ordinal, offset and length of every chunk."""
    length = func.length(payload_chunk.c.body)
    sizes = select(payload_chunk.c.ordinal, length).where(payload_chunk.c.payload_id == payload_id)
    offset = 0
    for ordinal, size in conn.execute(sizes.order_by(payload_chunk.c.ordinal)).all():
        yield ordinal, offset, size
        offset += size


def _chunk(conn: Connection, payload_id: str, ordinal: int) -> bytes:
    one = select(payload_chunk.c.body).where(payload_chunk.c.payload_id == payload_id)
    piece: bytes | None = conn.execute(one.where(payload_chunk.c.ordinal == ordinal)).scalar_one_or_none()
    if piece is None:
        raise UsageError("HUB-6005", f"The store does not hold chunk {ordinal} of payload {payload_id}.")
    return piece
