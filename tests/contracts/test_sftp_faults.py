"""The SFTP connector against a server that goes wrong on purpose: each fault gets its type, no partial file is left."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from hub.errors import HubError, InDoubtError, PermanentError, TransientError
from hub.testing import CuttingProxy, check_raises, parcel
from tests.contracts.peers import Disk, Faults, FaultyServer, load

sftp = load("sftp")


@pytest.fixture(scope="module")
def key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def server(disk: Disk, faults: Faults, key: asyncssh.SSHKey) -> Iterator[FaultyServer]:
    with FaultyServer(disk.outer / "home", faults, key).running() as running:
        yield running


@pytest.fixture
def build(server: FaultyServer) -> Iterator[Callable[..., Any]]:
    made = []

    def make(**settings: Any) -> Any:
        wanted = server.settings(**{"inbound": "/out", "outbound": "/in", **settings})
        made.append(sftp.Connector(sftp.Settings(**wanted), server.secrets))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


def refuse(code: int, text: str) -> Callable[[], None]:
    def fault() -> None:
        raise asyncssh.SFTPError(code, text)

    return fault


LARGE = parcel("large.edi", bytes(range(256)) * 2000)

REFUSALS = {
    "permission denied at open": ("open", asyncssh.FX_PERMISSION_DENIED, "no", PermanentError, "HUB-5005"),
    "permission denied at write": ("write", asyncssh.FX_PERMISSION_DENIED, "no", PermanentError, "HUB-5005"),
    "disk full at write": ("write", asyncssh.FX_FAILURE, "No space left on device", TransientError, "HUB-5012"),
    "disk full at close": ("after close", asyncssh.FX_FAILURE, "Failure", TransientError, "HUB-5012"),
    "quota at write": ("write", asyncssh.FX_FAILURE, "Disk quota exceeded", PermanentError, "HUB-5013"),
    "rename denied": ("posix_rename", asyncssh.FX_PERMISSION_DENIED, "no", PermanentError, "HUB-5005"),
}


@pytest.mark.parametrize(("operation", "code", "text", "kind", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_refused_delivery(
    build: Callable[..., Any],
    faults: Faults,
    disk: Disk,
    operation: str,
    code: int,
    text: str,
    kind: type[HubError],
    expected: str,
) -> None:
    faults.before[operation] = refuse(code, text)
    connector = build()
    assert check_raises(kind, lambda: connector.deliver(LARGE)).code == expected
    assert disk.delivered() == []
    faults.clear()
    connector.deliver(LARGE)
    assert disk.delivered() == [("large.edi", LARGE.body)]


def test_rename_refused_both_ways(build: Callable[..., Any], faults: Faults, disk: Disk) -> None:
    faults.before |= {name: refuse(asyncssh.FX_FAILURE, "Failure") for name in ("rename", "posix_rename")}
    assert check_raises(TransientError, lambda: build().deliver(LARGE)).code == "HUB-5012"
    assert disk.delivered() == []


def test_server_without_posix_rename(build: Callable[..., Any], faults: Faults, disk: Disk) -> None:
    faults.before["posix_rename"] = refuse(asyncssh.FX_OP_UNSUPPORTED, "Operation not supported")
    build().deliver(LARGE)
    assert disk.delivered() == [("large.edi", LARGE.body)]


def test_upload_arrives_short(build: Callable[..., Any], faults: Faults, disk: Disk) -> None:
    part = disk.outbound / "large.edi.part"
    faults.before["after close"] = lambda: part.write_bytes(LARGE.body[:-1])
    assert check_raises(TransientError, lambda: build().deliver(LARGE)).code == "HUB-5014"
    assert disk.delivered() == []


@pytest.mark.parametrize("operation", ["open", "write", "close", "stat"])
def test_cut_in_mid_upload(
    build: Callable[..., Any], faults: Faults, server: FaultyServer, disk: Disk, operation: str
) -> None:
    connector = build()
    connector.test()
    faults.before[operation] = faults.drop
    assert check_raises(TransientError, lambda: connector.deliver(LARGE)).code == "HUB-5001"
    assert disk.delivered() == []


@pytest.mark.parametrize(("when", "there"), [("posix_rename", 0), ("after posix_rename", 1)])
def test_cut_at_the_rename_is_in_doubt(
    build: Callable[..., Any], faults: Faults, disk: Disk, when: str, there: int
) -> None:
    async def drop_for_good() -> None:
        faults.drop()
        if when == "posix_rename":
            raise asyncssh.SFTPError(asyncssh.FX_FAILURE, "gone")

    faults.before[when] = drop_for_good
    faults.before["rename"] = refuse(asyncssh.FX_FAILURE, "gone")
    connector = build()
    assert check_raises(InDoubtError, lambda: connector.deliver(LARGE)).code == "HUB-5007"
    faults.clear()
    assert len(disk.delivered()) == there
    assert connector.probe(LARGE) == ("delivered" if there else "absent")


def test_cut_in_mid_download(build: Callable[..., Any], faults: Faults, disk: Disk) -> None:
    disk.offer("large.edi", LARGE.body)
    connector = build()
    (file,) = connector.list()
    faults.before["after read"] = faults.drop
    assert check_raises(TransientError, lambda: list(connector.fetch(file))).code == "HUB-5001"
    faults.clear()
    assert b"".join(connector.fetch(file)) == LARGE.body


def test_vanished_between_list_and_fetch(build: Callable[..., Any], disk: Disk) -> None:
    disk.offer("a.edi", b"1")
    connector = build()
    (file,) = connector.list()
    (disk.inbound / "a.edi").unlink()
    assert check_raises(TransientError, lambda: list(connector.fetch(file))).code == "HUB-5015"


def test_listing_denied(build: Callable[..., Any], faults: Faults) -> None:
    faults.before["scandir"] = refuse(asyncssh.FX_PERMISSION_DENIED, "no")
    assert check_raises(PermanentError, build().list).code == "HUB-5005"


def test_wrong_password(build: Callable[..., Any]) -> None:
    assert check_raises(PermanentError, build(password="secret:wrong").list).code == "HUB-5002"


def test_connection_lost_in_login_is_not_a_refusal(build: Callable[..., Any], faults: Faults) -> None:
    faults.before["login"] = faults.drop
    assert check_raises(TransientError, build().list).code == "HUB-5001"


def test_stalled_server(build: Callable[..., Any], faults: Faults, disk: Disk) -> None:
    faults.before["after close"] = lambda: asyncio.sleep(0.6)
    assert check_raises(TransientError, lambda: build(timeout=0.2).deliver(LARGE)).code == "HUB-5006"
    assert disk.delivered() == []


def test_server_that_never_speaks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = sftp.Settings(
            host="127.0.0.1", port=silent.getsockname()[1], user="us", inbound="/", connect_timeout=0.3
        )
        error = check_raises(TransientError, sftp.Connector(settings, str).list)
    assert error.code in ("HUB-5001", "HUB-5006")


def test_server_that_stalls_before_the_session(server: FaultyServer) -> None:
    """It accepts the login and never answers the request for SFTP; paramiko alone would wait for ever."""
    host_key, release = paramiko.ECDSAKey.generate(), threading.Event()

    class Stalling(paramiko.ServerInterface):
        def check_auth_password(self, username: str, password: str) -> int:
            return AUTH_SUCCESSFUL

        def check_channel_request(self, kind: str, chanid: int) -> int:
            return OPEN_SUCCEEDED

        def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
            release.wait(10)
            return False

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            transport = paramiko.Transport(listening.accept()[0])
            transport.add_server_key(host_key)
            transport.start_server(event=threading.Event(), server=Stalling())
            release.wait(10)
            transport.close()

        thread = threading.Thread(target=serve)
        thread.start()
        wanted = server.settings(port=listening.getsockname()[1], inbound="/", connect_timeout=0.5)
        wanted["host_key"] = [f"{host_key.get_name()} {host_key.get_base64()}"]
        error = check_raises(TransientError, sftp.Connector(sftp.Settings(**wanted), server.secrets).list)
        release.set()
        thread.join()
    assert error.code == "HUB-5001"


def test_dropped_while_idle(build: Callable[..., Any], faults: Faults, server: FaultyServer, disk: Disk) -> None:
    connector = build()
    connector.test()
    server.call(faults.drop)
    connector.deliver(LARGE)
    assert disk.delivered() == [("large.edi", LARGE.body)]


def test_connection_is_kept(build: Callable[..., Any], faults: Faults) -> None:
    connector = build()
    for _ in range(3):
        connector.test()
    assert len(faults.connections) == 1


def test_threads_take_turns(build: Callable[..., Any], disk: Disk) -> None:
    connector = build()
    wanted = {f"{number}.edi": bytes([number]) * 50_000 for number in range(8)}
    threads = [threading.Thread(target=connector.deliver, args=(parcel(name, body),)) for name, body in wanted.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(disk.delivered()) == wanted


def test_cut_anywhere_on_the_way_down(server: FaultyServer, disk: Disk) -> None:
    disk.offer("large.edi", LARGE.body)
    with CuttingProxy(server.host, server.port) as proxy:
        for cut in (1, 500, 1500, 3000, 5000, 100_000, 500_000):
            proxy.cut_down = cut
            wanted = {**server.settings(inbound="/out"), "host": proxy.host, "port": proxy.port}
            connector = sftp.Connector(sftp.Settings(**wanted), server.secrets)
            with pytest.raises(TransientError):
                assert fetch_all(connector) == [b"never whole"]
            connector.close()


def fetch_all(connector: Any) -> list[bytes]:
    return [b"".join(connector.fetch(file)) for file in connector.list()]
