"""The hosted mailbox by a real SFTP client, on both databases: upload, rename, download, cut, refuse."""

import errno
import hashlib
import io
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import Mock

import paramiko
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from hub.mailbox import uploads
from hub.mailbox.keys import host_keys
from hub.mailbox.login import LOCKED, TRIES
from hub.store.blobs import body_of, store_payload
from hub.store.engine import Database, open_database
from hub.store.mailbox import abort_stale_uploads, place_in_outbox
from hub.store.ports import ManualClock, SystemClock, new_id
from hub.store.tables import event, host_key, mailbox_file, payload_chunk
from hub.testing import HOSTILE_NAMES, CuttingProxy
from tests.mailboxes import ACME, Running, login, put, running

BODY = b"ISA*00*          *00*" + bytes(range(256)) * 40
LARGE = os.urandom(1_500_001)


@pytest.fixture
def mailbox(request: pytest.FixtureRequest) -> Iterator[Running]:
    """On SQLite; on both databases for the tests that are marked so, where the store decides."""
    name = "database_url" if "database_url" in request.fixturenames else "sqlite_url"
    database = open_database(request.getfixturevalue(name))
    with running(database) as started:
        yield started
    database.dispose()


on_both = pytest.mark.usefixtures("database_url")


def lay_out(mailbox: Running, name: str, body: bytes, connection: str = "acme/mailbox") -> str:
    """A delivery into the outbox; the id of its mailbox_file."""
    clock = SystemClock()
    with mailbox.database.begin() as conn:
        made = store_payload(conn, clock.now(), body_of(conn, new_id(clock), body), direction="out", state="received")
        file_id = new_id(clock)
        place_in_outbox(
            conn, clock.now(), file_id=file_id, connection=connection, name=name, payload_id=made, size=len(body)
        )
    return file_id


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1200):  # a minute: a cut is noticed at the latest by the next keepalive
        if condition():
            return
        time.sleep(0.05)
    assert condition()


# -- uploads


@pytest.mark.parametrize("body", [b"", b"x", BODY, LARGE], ids=["empty", "byte", "small", "large"])
def test_upload_is_received_at_close(mailbox: Running, body: bytes) -> None:
    with login(mailbox.port) as client:
        with client.open("/inbox/a.edi", "wb") as file:
            file.set_pipelined(True)
            file.write(body)
            assert mailbox.payloads() == []
        assert mailbox.payloads() == [("a.edi", body)]
        assert client.stat("/inbox/a.edi").st_size == len(body)
    (uploaded,) = mailbox.received
    assert uploaded.user == ACME
    assert uploaded.body.digest == hashlib.sha256(body).hexdigest()
    assert mailbox.files() == [("inbox", "a.edi", "received")]


@on_both
@pytest.mark.parametrize("rename", ["rename", "posix_rename"])
@pytest.mark.parametrize("body", [BODY, LARGE], ids=["small", "large"])
def test_temporary_name_is_received_at_rename(mailbox: Running, rename: str, body: bytes) -> None:
    with login(mailbox.port) as client:
        put(client, "/inbox/a.edi.part", body)
        assert mailbox.payloads() == []
        assert mailbox.files() == [("inbox", "a.edi.part", "uploaded")]
        assert client.listdir("/inbox") == ["a.edi.part"]
    with login(mailbox.port) as client:  # another session, as after a lost connection
        getattr(client, rename)("/inbox/a.edi.part", "/inbox/a.edi")
        assert client.listdir("/inbox") == ["a.edi"]
    assert mailbox.payloads() == [("a.edi", body)]
    assert mailbox.received[0].body.digest == hashlib.sha256(body).hexdigest()


@on_both
def test_rename_accepts_once(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        put(client, "/inbox/a.edi.part", BODY)
        client.rename("/inbox/a.edi.part", "/inbox/a.edi")
        with pytest.raises(FileNotFoundError):
            client.rename("/inbox/a.edi.part", "/inbox/a.edi")
        client.rename("/inbox/a.edi", "/inbox/sent.edi")
    assert [name for name, _ in mailbox.payloads()] == ["a.edi"]


def test_same_name_again_is_another_upload(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        for body in (b"first", b"second"):
            put(client, "/inbox/orders.edi", body)
        assert client.listdir("/inbox") == ["orders.edi"]
        assert client.open("/inbox/orders.edi").read() == b"second"
    assert mailbox.payloads() == [("orders.edi", b"first"), ("orders.edi", b"second")]


@on_both
def test_cut_in_mid_upload_is_aborted_and_kept(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        file = client.open("/inbox/a.edi", "wb")
        file.write(LARGE[:600_000])  # each piece is answered, so the server has all of it now
        channel = client.get_channel()
        assert channel is not None
        channel.get_transport().sock.shutdown(socket.SHUT_RDWR)
        wait_for(lambda: mailbox.files() == [("inbox", "a.edi", "aborted")])
    with mailbox.database.read() as conn:
        kept = b"".join(conn.execute(select(payload_chunk.c.body).order_by(payload_chunk.c.ordinal)).scalars())
    assert LARGE.startswith(kept)
    assert len(kept) > 500_000
    assert mailbox.payloads() == []
    with login(mailbox.port) as client:
        assert client.listdir("/inbox") == []
        with pytest.raises(FileNotFoundError):
            client.stat("/inbox/a.edi")


@pytest.mark.parametrize("cut", [1_000, 60_000, 300_000, 700_000])
def test_a_cut_anywhere_receives_nothing(mailbox: Running, cut: int) -> None:
    with CuttingProxy("127.0.0.1", mailbox.port) as proxy:
        proxy.cut_up = cut
        with pytest.raises((OSError, EOFError, paramiko.SSHException)), login(proxy.port) as client:
            put(client, "/inbox/a.edi", LARGE)
    wait_for(lambda: mailbox.files() in ([], [("inbox", "a.edi", "aborted")]))
    assert mailbox.payloads() == []


def test_a_lost_channel_that_cannot_be_closed_aborts(mailbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing the channel of a connection that is gone may raise, and paramiko then closes no file."""

    monkeypatch.setattr(paramiko.SubsystemHandler, "finish_subsystem", Mock(side_effect=EOFError))
    with CuttingProxy("127.0.0.1", mailbox.port) as proxy:
        proxy.cut_up = 300_000
        with pytest.raises((OSError, EOFError, paramiko.SSHException)), login(proxy.port) as client:
            put(client, "/inbox/a.edi", LARGE)
    wait_for(lambda: mailbox.files() == [("inbox", "a.edi", "aborted")])


def test_session_that_ends_with_an_open_file_is_aborted(mailbox: Running) -> None:
    """Every byte came, but not the CLOSE: the client never said that this is all."""
    transport = paramiko.Transport(("127.0.0.1", mailbox.port))
    transport.connect(username="acme", password="sesame")
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    file = client.open("/inbox/a.edi", "wb")
    file.write(BODY)
    file.flush()
    transport.close()
    wait_for(lambda: mailbox.files() == [("inbox", "a.edi", "aborted")])
    assert mailbox.payloads() == []


def test_stop_aborts_uploads_on_their_way(database: Database) -> None:
    with running(database) as mailbox, login(mailbox.port) as client:
        file = client.open("/inbox/a.edi", "wb")
        file.write(b"half")
        file.flush()
        mailbox.server.stop()
        wait_for(lambda: mailbox.files() == [("inbox", "a.edi", "aborted")])
    assert mailbox.payloads() == []


@on_both
def test_killed_process_leaves_an_upload_that_is_swept(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        file = client.open("/inbox/a.edi", "wb")
        file.write(b"half")
        file.flush()
        now = SystemClock().now()
        with mailbox.database.begin() as conn:
            assert abort_stale_uploads(conn, now, timedelta(hours=1)) == 0
            assert abort_stale_uploads(conn, now + timedelta(hours=2), timedelta(hours=1)) == 1
        file.close()  # too late: it was given up; paramiko's file swallows the failure
        with pytest.raises(FileNotFoundError):
            client.stat("/inbox/a.edi")
    assert mailbox.payloads() == []
    assert mailbox.files() == [("inbox", "a.edi", "aborted")]


def test_store_fails_at_acceptance(database: Database) -> None:
    failures: list[Exception] = [OperationalError("insert", {}, OSError("disk full")), RuntimeError("bug")]
    with running(database, fail=failures) as mailbox, login(mailbox.port) as client:
        for name in ("a.edi", "b.edi"):
            with pytest.raises(FileNotFoundError):  # the client's own check after CLOSE failed
                put(client, f"/inbox/{name}", BODY)
        assert mailbox.payloads() == []
        put(client, "/inbox/a.edi", BODY)
        assert mailbox.payloads() == [("a.edi", BODY)]
    assert [state for _, _, state in mailbox.files()] == ["aborted", "aborted", "received"]


def test_store_fails_at_rename(database: Database) -> None:
    with running(database, fail=[RuntimeError("bug")]) as mailbox, login(mailbox.port) as client:
        put(client, "/inbox/a.edi.part", BODY)
        with pytest.raises(OSError, match="Failure"):
            client.rename("/inbox/a.edi.part", "/inbox/a.edi")
        assert mailbox.payloads() == []
        client.rename("/inbox/a.edi.part", "/inbox/a.edi")
        assert mailbox.payloads() == [("a.edi", BODY)]


@on_both
def test_store_fails_while_bytes_arrive(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        file = client.open("/inbox/a.edi", "wb")
        with mailbox.database.begin() as conn:
            conn.execute(text("ALTER TABLE payload_chunk RENAME TO hidden"))
        with pytest.raises(OSError, match="Failure"):
            file.write(b"x" * 1_200_000)
        with mailbox.database.begin() as conn:
            conn.execute(text("ALTER TABLE hidden RENAME TO payload_chunk"))
        file.close()
    wait_for(lambda: mailbox.files() == [("inbox", "a.edi", "aborted")])
    assert mailbox.payloads() == []


def test_writes_out_of_order_and_with_gaps(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        with client.open("/inbox/order.edi", "wb") as file:
            for offset in (6, 0, 3):
                file.seek(offset)
                file.write(b"abcdefghi"[offset : offset + 3])
                file.flush()
        file = client.open("/inbox/gap.edi", "wb")
        file.seek(5)
        file.write(b"late")
        file.close()
        with client.open("/inbox/over.edi", "wb") as file:
            file.write(b"abc")
            file.flush()
            file.seek(0)
            with pytest.raises(OSError, match="Failure"):
                file.write(b"xyz")
    assert mailbox.payloads() == [("order.edi", b"abcdefghi")]
    assert {name: state for _, name, state in mailbox.files()} == {
        "order.edi": "received",
        "gap.edi": "aborted",
        "over.edi": "aborted",
    }


def test_too_large_an_upload(mailbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    with login(mailbox.port) as client:
        put(client, "/inbox/fits.edi", b"x" * 1000)
        with pytest.raises(FileNotFoundError):  # the client's own check after CLOSE failed
            put(client, "/inbox/large.edi", b"x" * 1001)
    assert [name for name, _ in mailbox.payloads()] == ["fits.edi"]


def test_append_and_resume_are_refused(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        put(client, "/inbox/a.edi", b"1")
        for mode in ("ab", "r+b"):
            with pytest.raises(OSError, match="unsupported"):
                client.open("/inbox/a.edi", mode)
        with pytest.raises(OSError, match="Failure"):
            client.open("/inbox/a.edi", "wx")


@pytest.mark.parametrize("name", [name for name in HOSTILE_NAMES if "\0" not in name and name != "../escaped.edi"])
def test_hostile_names(mailbox: Running, name: str) -> None:
    with login(mailbox.port) as client, pytest.raises(OSError, match=r"Failure|denied|No such file|unsupported"):
        put(client, f"/inbox/{name}", b"x")
    assert all(folder == "inbox" and "/" not in name for folder, name, _ in mailbox.files())
    assert mailbox.payloads() == []


# -- downloads


@on_both
@pytest.mark.parametrize("body", [b"", BODY, LARGE], ids=["empty", "small", "large"])
def test_download_is_collected(mailbox: Running, body: bytes) -> None:
    lay_out(mailbox, "997.edi", body)
    with login(mailbox.port) as client:
        assert client.listdir("/outbox") == ["997.edi"]
        fetched = io.BytesIO()
        client.getfo("/outbox/997.edi", fetched)
        assert fetched.getvalue() == body
        wait_for(lambda: mailbox.files() == [("outbox", "997.edi", "collected")])
        assert client.listdir("/outbox") == ["997.edi"]
        client.remove("/outbox/997.edi")
        assert client.listdir("/outbox") == []
    assert mailbox.files() == [("outbox", "997.edi", "removed")]
    with mailbox.database.read() as conn:
        names = conn.execute(select(event.c.name).order_by(event.c.seq)).scalars().all()
    assert names == ["mailbox.collected", "mailbox.removed"]


def test_part_of_a_download_is_not_collected(mailbox: Running) -> None:
    lay_out(mailbox, "997.edi", LARGE)
    with login(mailbox.port) as client, client.open("/outbox/997.edi", "rb") as file:
        assert file.read(1000) == LARGE[:1000]
    with CuttingProxy("127.0.0.1", mailbox.port) as proxy:
        proxy.cut_down = 900_000
        with pytest.raises((OSError, EOFError, paramiko.SSHException)), login(proxy.port) as client:
            client.getfo("/outbox/997.edi", io.BytesIO(), prefetch=False)
    assert mailbox.files() == [("outbox", "997.edi", "waiting")]


@on_both
def test_files_of_one_name_come_one_after_the_other(mailbox: Running) -> None:
    """Removing what was downloaded must not remove what was never seen."""
    bodies = [b"first", b"second", b"third"]
    for body in bodies:
        lay_out(mailbox, "855.edi", body)
    seen = []
    with login(mailbox.port) as client:
        while client.listdir("/outbox"):
            fetched = io.BytesIO()
            client.getfo("/outbox/855.edi", fetched)
            client.remove("/outbox/855.edi")
            seen.append(fetched.getvalue())
    assert seen == bodies


def test_dealt_with_files_disappear_after_a_while(database: Database) -> None:
    clock = ManualClock(SystemClock().now())
    with running(database, clock=clock) as mailbox, login(mailbox.port) as client:
        put(client, "/inbox/a.edi", BODY)
        lay_out(mailbox, "waits.edi", BODY)
        clock.advance(71 * 3600)
        assert (client.listdir("/inbox"), client.listdir("/outbox")) == (["a.edi"], ["waits.edi"])
        clock.advance(2 * 3600)
        assert (client.listdir("/inbox"), client.listdir("/outbox")) == ([], ["waits.edi"])
    assert mailbox.payloads()[0] == ("a.edi", BODY)


def test_each_partner_sees_its_own_files(mailbox: Running) -> None:
    lay_out(mailbox, "997.edi", BODY)
    with login(mailbox.port) as client:
        put(client, "/inbox/a.edi.part", BODY)
    with login(mailbox.port, user="other") as client:
        assert (client.listdir("/inbox"), client.listdir("/outbox")) == ([], [])
        for step in (client.stat, client.remove, client.open):
            for path in ("/inbox/a.edi.part", "/outbox/997.edi"):
                with pytest.raises(FileNotFoundError):
                    step(path)
        with pytest.raises(FileNotFoundError):
            client.rename("/inbox/a.edi.part", "/inbox/mine.edi")


def test_folders_cannot_be_changed(mailbox: Running) -> None:
    lay_out(mailbox, "997.edi", BODY)
    with login(mailbox.port) as client:
        assert sorted(client.listdir("/")) == ["inbox", "outbox"]
        assert client.normalize("../../etc/..") == "/"
        attempts: list[Callable[[], object]] = [
            lambda: client.mkdir("/inbox/sub"),
            lambda: client.rmdir("/inbox"),
            lambda: client.remove("/inbox"),
            lambda: put(client, "/outbox/a.edi", b"x"),
            lambda: put(client, "/a.edi", b"x"),
            lambda: client.rename("/outbox/997.edi", "/inbox/997.edi"),
            lambda: client.rename("/outbox/997.edi", "/outbox/998.edi"),
            lambda: client.symlink("/etc/passwd", "/inbox/link"),
            lambda: client.listdir("/etc"),
            lambda: client.open("/etc/passwd"),
            lambda: client.open("/inbox/../../etc/passwd"),
        ]
        for attempt in attempts:
            with pytest.raises(OSError, match=r"Failure|denied|No such file|unsupported"):
                attempt()
        assert client.listdir("/outbox") == ["997.edi"]
    assert mailbox.payloads() == [("", BODY)]


# -- logging in


def test_wrong_password_and_unknown_user(mailbox: Running) -> None:
    for user, password in (("acme", "guess"), ("nobody", "sesame"), ("acme", "")):
        with pytest.raises(paramiko.AuthenticationException), login(mailbox.port, user, password):
            pass


def test_login_is_locked_after_wrong_passwords(database: Database) -> None:
    clock = ManualClock(SystemClock().now())
    with running(database, clock=clock) as mailbox:
        for _ in range(TRIES):
            with pytest.raises(paramiko.AuthenticationException), login(mailbox.port, password="guess"):
                pass
        with pytest.raises(paramiko.AuthenticationException), login(mailbox.port):
            pass
        with login(mailbox.port, user="other") as client:
            assert client.listdir("/inbox") == []
        clock.advance(LOCKED.total_seconds() + 1)
        with login(mailbox.port) as client:
            assert client.listdir("/inbox") == []


def test_public_key(database: Database) -> None:
    ours, another = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    keyed = type(ACME)(
        user="keyed",
        connection="keyed/mailbox",
        partner="keyed",
        account="us",
        environment="test",
        public_keys=(f"{ours.get_name()} {ours.get_base64()} them@there",),
    )
    with running(database, keyed) as mailbox:
        with login(mailbox.port, "keyed", key=ours) as client:
            assert client.listdir("/outbox") == []
        with pytest.raises(paramiko.AuthenticationException), login(mailbox.port, "keyed", key=another):
            pass
        with pytest.raises(paramiko.AuthenticationException), login(mailbox.port, "keyed", password=""):
            pass


def test_no_shell_no_commands_no_forwarding(mailbox: Running) -> None:
    transport = paramiko.Transport(("127.0.0.1", mailbox.port))
    transport.connect(username="acme", password="sesame")
    try:
        for ask in (
            lambda channel: channel.exec_command("id"),
            lambda channel: channel.invoke_shell(),
            lambda channel: channel.get_pty(),
            lambda channel: channel.invoke_subsystem("netconf"),
        ):
            with pytest.raises(paramiko.SSHException):
                ask(transport.open_session(timeout=5))
        with pytest.raises(paramiko.ChannelException):
            transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1), timeout=5)
        with pytest.raises(paramiko.SSHException):
            transport.request_port_forward("127.0.0.1", 0)
    finally:
        transport.close()


def test_host_keys_are_made_once_and_shared(database: Database) -> None:
    """Three mailbox processes that start at once show partners the same keys."""
    clock = SystemClock()
    with ThreadPoolExecutor(3) as pool:
        made = [pool.submit(host_keys, database, clock) for _ in range(3)]
        found = {tuple(key.get_base64() for key in one.result()) for one in made}
    assert len(found) == 1
    with database.read() as conn:
        assert sorted(conn.execute(select(host_key.c.type)).scalars()) == ["ed25519", "rsa"]


def test_two_mailboxes_serve_one_store(database: Database) -> None:
    with running(database) as one, running(database) as two:
        assert one.server.host_key_lines == two.server.host_key_lines
        with login(one.port) as here, login(two.port) as there:
            put(here, "/inbox/a.edi.part", BODY)
            there.rename("/inbox/a.edi.part", "/inbox/a.edi")
            assert here.listdir("/inbox") == ["a.edi"]
        assert one.payloads() == [("a.edi", BODY)]


def test_hostile_bytes_on_the_port(mailbox: Running) -> None:
    import socket

    for said in (b"", b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 200, b"\0" * 5000):
        with socket.create_connection(("127.0.0.1", mailbox.port), timeout=5) as raw:
            raw.sendall(said)
    with login(mailbox.port) as client:
        assert client.listdir("/inbox") == []


def test_not_utf8_path_is_a_failure(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        with pytest.raises(OSError, match="Failure") as refused:
            client.open(b"/inbox/caf\xe9.edi", "wb")
        assert refused.value.errno != errno.ENOENT
        assert client.listdir("/inbox") == []


def test_rows_name_their_connection(mailbox: Running) -> None:
    with login(mailbox.port) as client:
        put(client, "/inbox/a.edi", BODY)
    with mailbox.database.read() as conn:
        row = conn.execute(select(mailbox_file)).one()
    assert (row.connection, row.folder, row.size) == ("acme/mailbox", "inbox", len(BODY))
