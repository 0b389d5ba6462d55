"""An object store for large payloads: nothing accepted is without its bytes, whatever happens to either of the two."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.cli.main import main
from hub.errors import ConfigError, HubError, TransientError, UsageError
from hub.pipeline.retain import schedule_retention
from hub.store import blobs
from hub.store.blobs import body_of, delete_chunks, read_payload, store_payload, sweep_objects, upload
from hub.store.engine import Database, open_database
from hub.store.mailbox import place_in_outbox
from hub.store.objects import PART, Objects
from hub.store.ports import SystemClock, new_id
from hub.store.tables import delivery, incident, payload, payload_chunk
from tests.hubs import Bench, order, x12
from tests.mailboxes import login, put, running
from tests.object_stores import ObjectStore, objects_of

ROOT = Path(__file__).resolve().parent.parent.parent
LATER = datetime.now(UTC) + timedelta(hours=1)
LARGE = b"\n" * 70_000


@pytest.fixture
def objects(object_store: ObjectStore) -> Objects:
    return objects_of(object_store.new_url())


@pytest.fixture
def stored(database_url: str, objects: Objects) -> Iterator[Database]:
    opened = open_database(database_url, objects)
    yield opened
    opened.dispose()


@pytest.fixture
def bench(
    tmp_path: Path, sqlite_url: str, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """A hub with an object store. What has more than 200 bytes is large."""
    monkeypatch.setattr(blobs, "INLINE", 200)
    made = Bench(tmp_path / "workspace", sqlite_url, payloads=object_store.new_url())
    yield made
    made.hub.stop()


def names(objects: Objects) -> set[str]:
    return {name for page in objects.list_before(LATER) for name in page}


def named(database: Database) -> set[str | None]:
    with database.read() as conn:
        return set(conn.execute(select(payload_chunk.c.object)).scalars())


def accept(database: Database, content: bytes) -> str:
    clock = SystemClock()
    body = upload(database, new_id(clock), [content])
    with database.begin() as conn:
        return store_payload(conn, clock.now(), body, direction="in", state="received", connection="acme/sftp")


def objects_in(bench: Bench) -> Objects:
    assert bench.hub.database.objects is not None
    return bench.hub.database.objects


# -- put and commit ----------------------------------------------------------------------------------------------------


def test_a_large_payload_is_a_few_objects_and_a_small_one_none(stored: Database, objects: Objects) -> None:
    content = bytes(range(256)) * (PART // 128) + b"the end"
    made = accept(stored, content)
    accept(stored, b"small")
    assert len(names(objects)) == 3
    assert names(objects) == named(stored)
    with stored.read() as conn:
        assert read_payload(conn, made) == content


def test_a_transaction_that_fails_leaves_objects_and_no_row(stored: Database, objects: Objects) -> None:
    kept = accept(stored, LARGE)
    with contextlib.suppress(ZeroDivisionError), stored.begin() as conn:
        body_of(conn, new_id(SystemClock()), LARGE)
        raise ZeroDivisionError
    assert len(names(objects)) == 2
    assert sweep_objects(stored, datetime.now(UTC) - timedelta(hours=1)) == 0, "somebody may be about to name it"
    assert sweep_objects(stored, LATER) == 1
    assert names(objects) == named(stored)
    with stored.read() as conn:
        assert read_payload(conn, kept) == LARGE


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from hub.store.blobs import Upload, body_of, store_payload
from hub.store.engine import open_database
from hub.store.objects import PART
from hub.store.ports import SystemClock, new_id
from tests.object_stores import objects_of

database, moment, clock = open_database(sys.argv[1], objects_of(sys.argv[2])), sys.argv[3], SystemClock()
if moment == "put, not named":
    with database.begin() as conn:
        body = body_of(conn, new_id(clock), b"x" * 70_000)
        store_payload(conn, clock.now(), body, direction="in", state="received", connection="acme/sftp")
        os.kill(os.getpid(), signal.SIGKILL)
taken = Upload(database, new_id(clock))
taken.write(b"x" * (PART + 5))
if moment == "half of it came":
    os.kill(os.getpid(), signal.SIGKILL)
body = taken.finish()
if moment == "all came, not accepted":
    os.kill(os.getpid(), signal.SIGKILL)
with database.begin() as conn:
    store_payload(conn, clock.now(), body, direction="in", state="received", connection="acme/sftp")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("moment", "left", "accepted"),
    [
        ("put, not named", 1, 0),
        ("half of it came", 1, 0),
        ("all came, not accepted", 2, 0),
        ("accepted", 2, 1),
    ],
)
def test_a_kill_leaves_an_object_too_many_and_never_a_row_too_many(
    sqlite_url: str, object_store: ObjectStore, moment: str, left: int, accepted: int
) -> None:
    url = object_store.new_url()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", KILLED, sqlite_url, url, moment]
    assert subprocess.run(command, env=environment).returncode == -signal.SIGKILL
    objects = objects_of(url)
    database = open_database(sqlite_url, objects)
    assert len(names(objects)) == left
    with database.read() as conn:
        ids = conn.execute(select(payload.c.id)).scalars().all()
        assert [len(read_payload(conn, one)) for one in ids] == [PART + 5] * accepted
    with database.begin() as conn:  # as every night, when it is old enough
        conn.execute(payload_chunk.delete().where(payload_chunk.c.payload_id.not_in(ids)))
    sweep_objects(database, LATER)
    assert names(objects) == named(database)
    assert len(names(objects)) == 2 * accepted
    database.dispose()


def test_what_cannot_be_deleted_now_is_swept_later(
    stored: Database, objects: Objects, object_store: ObjectStore
) -> None:
    made = accept(stored, LARGE)
    object_store.cut()
    with stored.begin() as conn:
        delete_chunks(conn, [made])
    object_store.back()
    assert (named(stored), len(names(objects))) == (set(), 1)
    assert sweep_objects(stored, LATER) == 1
    assert names(objects) == set()


def test_bytes_that_changed_or_went_are_an_error(stored: Database, objects: Objects, object_store: ObjectStore) -> None:
    import obstore

    made = accept(stored, LARGE)
    (name,) = names(objects)
    obstore.put(objects.open(), name, LARGE.replace(b"\n", b"\r", 1))
    with stored.read() as conn, pytest.raises(HubError, match=r"HUB-6038 .* does not hold the bytes"):
        read_payload(conn, made)
    obstore.delete(objects.open(), name)
    with stored.read() as conn, pytest.raises(HubError, match=f"HUB-6038 The object {name} is not in s3://payloads/"):
        read_payload(conn, made)


def test_what_was_in_the_database_before_stays_readable(sqlite_url: str, object_store: ObjectStore) -> None:
    before = open_database(sqlite_url)
    old = accept(before, LARGE)
    before.dispose()
    now = open_database(sqlite_url, objects_of(object_store.new_url()))
    new = accept(now, LARGE[1:])
    with now.read() as conn:
        assert (read_payload(conn, old), read_payload(conn, new)) == (LARGE, LARGE[1:])
    now.dispose()
    without = open_database(sqlite_url)
    with without.read() as conn:
        assert read_payload(conn, old) == LARGE
        with pytest.raises(TransientError, match=r"HUB-6037 .* set HUB_PAYLOADS"):
            read_payload(conn, new)
    without.dispose()


# -- in a hub ----------------------------------------------------------------------------------------------------------


def test_large_payloads_pass_through_and_are_sent_byte_for_byte(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    sent = bench.message("out", type="940")
    assert bench.lying("harbor") == [bench.bytes_of(sent)]
    rows = bench.rows(payload_chunk)
    assert len(rows) >= 2
    assert all(row["object"] and not row["body"] for row in rows)
    assert names(objects_in(bench)) == {row["object"] for row in rows}
    assert bench.left() == []


def test_what_is_retained_no_longer_or_erased_leaves_the_object_store(bench: Bench) -> None:
    bench.edit("hub.toml", "[account", '[keep]\nreceived = "10d"\narchive = "old"\n\n[account')
    bench.publish()
    made = bench.pass_by(x12(order("PO-1")))

    def left() -> list[str]:
        return [name for name in names(objects_in(bench)) if name.startswith(made)]

    first, before = bench.message(), left()
    bench.hub.operations.act("erase", first["id"], "ann", "asked for")
    assert len(before) == len(left()) == 1
    assert left() != before
    assert b"PO-1" not in bench.bytes_of(first)
    schedule_retention(bench.hub.context)
    bench.wait(12 * 86_400)
    assert left() == []
    with pytest.raises(UsageError, match="they were archived in bluebird/"):
        bench.bytes_of(first)


def test_work_waits_for_the_object_store_and_goes_on_by_itself(bench: Bench, object_store: ObjectStore) -> None:
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    object_store.cut()
    with pytest.raises(
        TransientError, match=r"HUB-6037 The object store s3://.* does not take objects: Connection ref"
    ):
        bench.receive("bluebird/mailbox", x12(order("PO-2"), number=2))
    for _ in range(3):
        bench.run()
        bench.clock.advance(60)
    assert bench.left() == [("identify", False)]
    assert bench.incidents() == ["HUB-6037"]
    assert "does not give objects back" in bench.row(incident)["message"]
    object_store.back()
    bench.wait(600)
    assert bench.left() == []
    assert bench.incidents() == []
    assert len(bench.lying("harbor")) == 1


def test_deliveries_lose_no_try_while_the_object_store_is_away(bench: Bench, object_store: ObjectStore) -> None:
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    while not bench.rows(delivery, partner="harbor"):
        assert bench.worker.step()
    object_store.cut()
    for _ in range(6):
        bench.run()
        bench.clock.advance(3600)
    waiting = bench.row(delivery, partner="harbor")
    assert (waiting["state"], waiting["tries"], bench.log("harbor")) == ("queued", 0, [])
    assert ("deliver", False) in bench.left()
    assert set(bench.incidents()) == {"HUB-6037"}
    object_store.back()
    bench.wait(3600)
    assert (bench.row(delivery, partner="harbor")["tries"], len(bench.lying("harbor"))) == (1, 1)
    assert (bench.left(), bench.incidents()) == ([], [])


@pytest.mark.slow
def test_it_may_fail_at_any_moment_of_an_orders_way(bench: Bench, object_store: ObjectStore) -> None:
    """From each request on it fails for a while; each time another order comes."""
    object_store.fail(0, 0)
    bench.pass_by(x12(order("PO-0")))
    requests = object_store.passed()
    assert requests > 8
    for number in range(1, requests + 1):
        object_store.fail(number, 5)
        body = x12(order(f"PO-{number}"), number=number + 1)
        while not bench.left():  # whoever sends is told that it is not taken, and sends it again
            with contextlib.suppress(TransientError):
                bench.receive("bluebird/mailbox", body)
        for _ in range(6):
            bench.wait(600)
        assert (bench.left(), bench.incidents()) == ([], []), number
    assert len(bench.lying("harbor")) == requests + 1
    rows = bench.rows(delivery)
    assert {row["state"] for row in rows} == {"delivered"}
    assert {row["tries"] for row in rows} == {1}


def test_the_mailbox_takes_and_gives_large_files(
    sqlite_url: str, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "PART", 262_144)
    content, clock = bytes(range(256)) * 5000, SystemClock()
    database = open_database(sqlite_url, objects_of(object_store.new_url()))
    with running(database) as mailbox, login(mailbox.port) as client:
        put(client, "/inbox/a.edi.part", content)
        client.rename("/inbox/a.edi.part", "/inbox/a.edi")
        assert mailbox.payloads() == [("a.edi", content)]
        assert (mailbox.received[0].body.digest, None in named(database)) == (sha256(content).hexdigest(), False)
        with database.begin() as conn:
            body = body_of(conn, new_id(clock), content)
            made = store_payload(conn, clock.now(), body, direction="out", state="received")
            lie = partial(place_in_outbox, conn, clock.now(), file_id=new_id(clock), connection="acme/mailbox")
            lie(name="b.edi", payload_id=made, size=len(content))
        object_store.cut()
        with pytest.raises(OSError, match="Failure"):
            client.open("/outbox/b.edi").read()
        with pytest.raises(OSError, match=r"Failure|No such file"):
            put(client, "/inbox/c.edi", content)
        object_store.back()
        with client.open("/outbox/b.edi") as file:
            assert file.read() == content
        assert ("inbox", "c.edi", "aborted") in mailbox.files()
        put(client, "/inbox/c.edi", content)
        assert mailbox.payloads()[-1] == ("c.edi", content)
    database.dispose()


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["payloads", "s3:///x", "https://host/bucket", "s3://bucket?key=canary", "s3://user:canary@bucket/x"],
)
def test_an_address_that_is_none_says_what_is_one(url: str) -> None:
    with pytest.raises(ConfigError, match=r"HUB-6039 .*expected s3://bucket/prefix") as refused:
        Objects(url, str)
    assert "canary" not in str(refused.value)


def test_a_client_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(ConfigError, match=r"HUB-6039 .* pip install 'crossdock\[s3\]'"):
        Objects("s3://payloads/hub", str).open()


def test_nothing_starts_without_the_key(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('[hub]\npayloads = "s3://payloads/hub"\n')
    command = [sys.executable, "-P", "-m", "hub.cli", "worker", "--workspace", str(tmp_path)]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert (ended.returncode, "HUB-4010" in ended.stderr, "payloads-key" in ended.stderr) == (2, True, True)


def test_a_missing_bucket_is_told_in_words(object_store: ObjectStore) -> None:
    url = object_store.new_url().replace("//payloads/", "//parcels/")
    with pytest.raises(
        TransientError, match="does not take objects: NoSuchBucket: The specified bucket does not exist"
    ):
        objects_of(url).test()


def test_the_command_line_says_how_it_fares(
    sqlite_url: str, object_store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = object_store.new_url()
    (tmp_path / "hub.toml").write_text(f'[hub]\npayloads = "{url}"\n[account.us]\nname = "Us"\n')

    def tried(**environment: str) -> tuple[object, list[dict[str, object]]]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {"HUB_DATABASE": sqlite_url, **environment}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(["--json", "--workspace", str(tmp_path), "db", "test"])
        return ended.value.code, [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    status, (_, payloads) = tried()
    assert (status, payloads["works"]) == (1, False)
    assert str(payloads["said"]).startswith('HUB-4010 The secret "payloads-key" is nowhere')
    secrets = {"HUB_SECRET_PAYLOADS_KEY": "key", "HUB_SECRET_PAYLOADS_SECRET": "canary"}
    status, rows = tried(**secrets)
    assert (status, [row["works"] for row in rows]) == (0, [True, True])
    assert "takes objects, gives them back, lists and deletes them" in str(rows[1]["said"])
    object_store.cut()
    status, rows = tried(**secrets)
    assert (status, [row["works"] for row in rows]) == (1, [True, False])
    assert "HUB-6037" in str(rows[1]["said"])
    assert "canary" not in str(rows)
    status, rows = tried(HUB_PAYLOADS="s3://elsewhere?endpoint=http://127.0.0.1:1", **secrets)
    assert "s3://elsewhere/ at http://127.0.0.1:1 does not take objects" in str(rows[1]["said"])
