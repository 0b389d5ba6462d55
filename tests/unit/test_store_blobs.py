"""Payload bytes: whole or not there, whatever their size, however they arrived, and wherever they are kept."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from hub.errors import UsageError
from hub.store import blobs
from hub.store.blobs import (
    CHUNK,
    INLINE,
    Body,
    body_of,
    iter_payload,
    overwrite,
    read_payload,
    read_slice,
    store_payload,
    sweep_chunks,
    upload,
)
from hub.store.engine import Database, open_database
from hub.store.ports import ManualClock, new_id
from hub.store.tables import mailbox_file, payload, payload_chunk
from tests.object_stores import ObjectStore, objects_of

SIZES = [0, 1, INLINE - 1, INLINE, INLINE + 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]


@pytest.fixture(params=["rows", "objects"])
def database(request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Each database in turn, with large payloads in rows and in objects of the same size."""
    objects = None
    if request.param == "objects":
        server: ObjectStore = request.getfixturevalue("object_store")
        objects = objects_of(server.new_url())
        monkeypatch.setattr(blobs, "PART", CHUNK)
    opened = open_database(database_url, objects)
    yield opened
    opened.dispose()


def content_of(size: int) -> bytes:
    return bytes(number * 31 % 251 for number in range(997)) * (size // 997 + 1) if size > 997 else b"x" * size


def accept(database: Database, clock: ManualClock, body: Body) -> str:
    with database.begin() as conn:
        return store_payload(conn, clock.now(), body, direction="in", state="received", connection="acme/sftp")


def chunks(database: Database) -> int:
    with database.read() as conn:
        return conn.execute(select(func.count()).select_from(payload_chunk)).scalar_one()


@pytest.mark.parametrize("piece", [4096, 70_001, 1_000_000])
def test_what_arrives_is_what_is_read(database: Database, piece: int) -> None:
    clock = ManualClock()
    for size in SIZES:
        arrive_and_read(database, clock, size, piece)


def arrive_and_read(database: Database, clock: ManualClock, size: int, piece: int) -> None:
    content = content_of(size)[:size]
    body = upload(database, new_id(clock), [content[at : at + piece] for at in range(0, size, piece)])
    assert (body.size, body.digest) == (size, sha256(content).hexdigest())
    assert (body.inline is None) == (size > INLINE)
    made = accept(database, clock, body)
    with database.read() as conn:
        assert read_payload(conn, made) == content
        assert b"".join(iter_payload(conn, made)) == content
        for offset in {0, 1, size // 2, max(0, size - 3), CHUNK - 2, CHUNK, size, size + 9}:
            for length in (0, 1, 7, CHUNK + 5):
                assert read_slice(conn, made, offset, length) == content[offset : offset + length]


def test_bytes_that_are_all_here_are_kept_in_one_transaction(database: Database) -> None:
    clock = ManualClock()
    for size in SIZES:
        content = content_of(size)[:size]
        with database.begin() as conn:
            body = body_of(conn, new_id(clock), content)
            made = store_payload(conn, clock.now(), body, direction="out", state="received", connection="acme/sftp")
        with database.read() as conn:
            assert read_payload(conn, made) == content


def test_what_is_overwritten_is_gone_and_its_neighbours_stay(database: Database) -> None:
    clock, size = ManualClock(), 3 * CHUNK + 17
    content = content_of(size)[:size]
    made = accept(database, clock, upload(database, new_id(clock), [content]))
    for offset, length in ((5, 0), (CHUNK - 3, 7), (CHUNK, CHUNK), (2 * CHUNK + 9, 4), (size - 2, 9)):
        with database.begin() as conn:
            overwrite(conn, made, offset, length)
        content = content[:offset] + b"*" * len(content[offset : offset + length]) + content[offset + length :]
        with database.read() as conn:
            assert read_payload(conn, made) == content


def test_chunks_are_durable_before_the_payload_is_accepted(database: Database) -> None:
    clock = ManualClock()
    body = upload(database, new_id(clock), [b"x" * CHUNK, b"y" * 10])
    assert chunks(database) == 2
    with database.read() as conn, pytest.raises(UsageError, match="HUB-6005"):
        read_payload(conn, body.payload_id)
    accept(database, clock, body)
    with database.read() as conn:
        assert len(read_payload(conn, body.payload_id)) == CHUNK + 10


def test_an_upload_that_breaks_off_leaves_nothing(database: Database) -> None:
    def breaks_off() -> object:
        yield b"x" * CHUNK
        yield b"x" * CHUNK
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        upload(database, new_id(ManualClock()), breaks_off())  # type: ignore[arg-type]
    assert chunks(database) == 0


def test_bytes_that_are_missing_are_an_error_and_not_a_shorter_payload(database: Database) -> None:
    clock = ManualClock()
    made = accept(database, clock, upload(database, new_id(clock), [b"x" * (2 * CHUNK)]))
    with database.begin() as conn:
        conn.execute(payload_chunk.delete().where(payload_chunk.c.ordinal == 1))
    with database.read() as conn, pytest.raises(UsageError, match=f"{2 * CHUNK} bytes and the store holds {CHUNK}"):
        read_payload(conn, made)


def test_sweeping_takes_old_orphans_only(database: Database) -> None:
    clock = ManualClock()
    accepted = accept(database, clock, upload(database, new_id(clock), [b"a" * CHUNK]))
    orphan = upload(database, new_id(clock), [b"o" * CHUNK])
    shown = upload(database, new_id(clock), [b"s" * CHUNK])
    with database.begin() as conn:
        row = {"connection": "acme/sftp", "folder": "inbox", "name": "x", "state": "aborted", "size": CHUNK}
        times = {"created_at": clock.now(), "changed_at": clock.now()}
        conn.execute(insert(mailbox_file), {"id": new_id(clock), "payload_id": shown.payload_id, **row, **times})
    clock.advance(3600)
    recent = upload(database, new_id(clock), [b"r" * CHUNK])
    with database.begin() as conn:
        assert sweep_chunks(conn, clock.now() - timedelta(minutes=10)) == 1
    with database.read() as conn:
        left = set(conn.execute(select(payload_chunk.c.payload_id)).scalars())
    assert left == {accepted, shown.payload_id, recent.payload_id}
    assert orphan.payload_id not in left


def test_the_same_protocol_id_is_accepted_once_a_connection(database: Database) -> None:
    clock = ManualClock()

    def take(connection: str) -> None:
        with database.begin() as conn:
            body = body_of(conn, new_id(clock), b"ISA")
            store_payload(
                conn, clock.now(), body, direction="in", state="received", connection=connection, protocol_id="<1@acme>"
            )

    take("acme/as2")
    take("globex/as2")
    with pytest.raises(IntegrityError):
        take("acme/as2")
    with database.read() as conn:
        assert conn.execute(select(func.count()).select_from(payload)).scalar_one() == 2
