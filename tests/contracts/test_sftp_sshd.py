"""The SFTP connector against OpenSSH's sshd: the contract, names and folders, and random cuts."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import testing
from hub.errors import PermanentError, TransientError
from hub.testing import check_raises, parcel
from tests.contracts.peers import Disk, load
from tests.sshd import Sshd, start_sshd

sftp = load("sftp")
pytestmark = pytest.mark.peer("sshd")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with start_sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.fixture
def build(sshd: Sshd, disk: Disk) -> Iterator[Callable[..., Any]]:
    """Makes connectors for the disk's folders; closes them."""
    made = []

    def make(**settings: Any) -> Any:
        folders = {"inbound": str(disk.inbound), "outbound": str(disk.outbound)}
        made.append(sftp.Connector(sftp.Settings(**sshd.settings(**{**folders, **settings})), sshd.secrets))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


def test_module() -> None:
    testing.check_module(sftp)


@pytest.mark.parametrize("check", testing.DELIVERER_CHECKS)
def test_delivers(check: Callable[..., None], build: Callable[..., Any], disk: Disk) -> None:
    check(build(), disk)


@pytest.mark.parametrize("check", testing.COLLECTOR_CHECKS)
def test_collects(check: Callable[..., None], build: Callable[..., Any], disk: Disk) -> None:
    check(build(), disk)


def test_test_says_what_is_there(build: Callable[..., Any], disk: Disk) -> None:
    disk.offer("one.edi", b"1")
    said = build().test()
    assert f"inbound {disk.inbound} holds 3 entries" in said  # with . and ..
    assert said.endswith(".")


def test_host_key_unknown_names_the_key(build: Callable[..., Any], sshd: Sshd) -> None:
    error = check_raises(PermanentError, build(host_key=[]).test)
    assert error.code == "HUB-5003"
    assert f'host_key = ["{sshd.host_key}"]' in error.message
    assert "SHA256:" in error.message


def test_host_key_changed_sends_nothing(build: Callable[..., Any], sshd: Sshd) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJustAnotherKeyOfTheSameKindxxxxxxxxxxxxxxxxxxxx"
    before = sshd.log.read_text().count("Accepted publickey")
    error = check_raises(PermanentError, build(host_key=[other]).list)
    assert error.code == "HUB-5004"
    assert sshd.log.read_text().count("Accepted publickey") == before


def test_refused_login(build: Callable[..., Any]) -> None:
    testing.check_refused(build(user="nobody-of-that-name"))


def test_unreachable(build: Callable[..., Any]) -> None:
    testing.check_unreachable(build(port=1))


def test_folder_missing(build: Callable[..., Any], disk: Disk) -> None:
    for call in (build(inbound="/nowhere/in").list, lambda: build(outbound="/nowhere/out").deliver(parcel())):
        assert check_raises(PermanentError, call).code == "HUB-5010"


def test_no_folder_is_set(build: Callable[..., Any]) -> None:
    assert check_raises(PermanentError, build(inbound=None).list).code == "HUB-5008"
    assert check_raises(PermanentError, lambda: build(outbound=None).deliver(parcel())).code == "HUB-5008"


def test_names_that_are_not_utf8_or_not_printable(build: Callable[..., Any], disk: Disk) -> None:
    names = [b"caf\xe9.edi", b"line\nbreak.edi", b"..dots.edi", b"back\\slash.edi", "größe.edi".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(disk.inbound) + b"/" + name)).write_bytes(name)
    connector = build()
    files = connector.list()
    assert sorted(file.name for file in files) == sorted(
        ["caf\\xe9.edi", "line\\nbreak.edi", "..dots.edi", "back\\\\slash.edi", "größe.edi"]
    )
    for file in files:
        assert b"".join(connector.fetch(file)) == bytes.fromhex(file.token)
        file.identity.encode()
        connector.done(file)
    assert disk.offered() == []


def test_token_cannot_lead_out_of_the_folder(build: Callable[..., Any], disk: Disk) -> None:
    (disk.outer / "secret").write_bytes(b"keep out")
    connector = build()
    disk.offer("a.edi", b"1")
    (file,) = connector.list()
    for name in (b"../../secret", b"..", b"", b"a\0b", b"/etc/passwd"):
        bad = type(file)(name="a.edi", identity="x", size=1, token=name.hex())
        assert check_raises(PermanentError, lambda bad=bad: list(connector.fetch(bad))).code == "HUB-5017"
        assert check_raises(PermanentError, lambda bad=bad: connector.done(bad)).code == "HUB-5017"


def test_folders_links_and_unfinished_names_are_not_listed(build: Callable[..., Any], disk: Disk) -> None:
    (disk.inbound / "folder").mkdir()
    (disk.inbound / "link.edi").symlink_to("/etc/passwd")
    for name in ("a.part", "b.tmp", "c.filepart", "d.edi", "e.xml"):
        disk.offer(name, b"1")
    assert [file.name for file in build().list()] == ["d.edi", "e.xml"]
    assert [file.name for file in build(pattern="*.edi").list()] == ["d.edi"]


def test_growing_file_waits_until_it_stands_still(
    build: Callable[..., Any], disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.offer("still.edi", b"whole")
    disk.offer("grows.edi", b"half")
    connector = build(settle=0.1)
    monkeypatch.setattr(sftp.time, "sleep", lambda seconds: disk.offer("grows.edi", b"half and more"))
    assert [file.name for file in connector.list()] == ["still.edi"]
    monkeypatch.setattr(sftp.time, "sleep", lambda seconds: None)
    assert sorted(file.name for file in connector.list()) == ["grows.edi", "still.edi"]


def test_a_file_without_its_marker_is_left_alone(build: Callable[..., Any], disk: Disk) -> None:
    connector = build(marker=".done", pattern="*.edi", settle=600)
    for name in ("whole.edi", "half.edi", "other.txt", "other.txt.done", "whole.edi.done"):
        disk.offer(name, b"1")
    (file,) = connector.list()
    assert file.name == "whole.edi"
    disk.offer("half.edi.done", b"")
    os.utime(disk.inbound / "half.edi.done", (1, 1))
    assert [one.name for one in connector.list()] == ["whole.edi"], "a marker older than its file is another file's"
    connector.done(file)
    assert sorted(disk.offered()) == ["half.edi", "half.edi.done", "other.txt", "other.txt.done"]


def test_changed_while_fetched(build: Callable[..., Any], disk: Disk) -> None:
    disk.offer("a.edi", b"first")
    connector = build()
    (file,) = connector.list()
    disk.offer("a.edi", b"first and second")
    assert check_raises(TransientError, lambda: list(connector.fetch(file))).code == "HUB-5016"


def test_archive_keeps_both_of_one_name(build: Callable[..., Any], disk: Disk) -> None:
    done = disk.outer / "home" / "done"
    done.mkdir()
    connector = build(after=f"move:{done}")
    for body in (b"first", b"second one"):
        disk.offer("a.edi", body)
        (file,) = connector.list()
        connector.done(file)
    assert sorted(path.read_bytes() for path in done.iterdir()) == [b"first", b"second one"]
    assert disk.offered() == []


def test_target_exists_with_other_bytes(build: Callable[..., Any], disk: Disk) -> None:
    (disk.outbound / "order-1.edi").write_bytes(b"another order")
    error = check_raises(PermanentError, lambda: build().deliver(parcel()))
    assert error.code == "HUB-5011"
    (disk.outbound / "order-1.edi").write_bytes(b"x" * len(parcel().body))
    assert check_raises(PermanentError, lambda: build().deliver(parcel())).code == "HUB-5011"
    assert (disk.outbound / "order-1.edi").read_bytes() == b"x" * len(parcel().body)


def test_target_exists_with_the_same_bytes(build: Callable[..., Any], disk: Disk) -> None:
    (disk.outbound / "order-1.edi").write_bytes(parcel().body)
    before = (disk.outbound / "order-1.edi").stat().st_mtime_ns
    assert build().deliver(parcel()).evidence["found"] == "already there"
    assert (disk.outbound / "order-1.edi").stat().st_mtime_ns == before


def test_probe(build: Callable[..., Any], disk: Disk) -> None:
    connector = build()
    assert connector.probe(parcel()) == "unknown"
    (disk.outbound / "order-1.edi.part").write_bytes(b"ISA")
    assert connector.probe(parcel()) == "absent"
    connector.deliver(parcel())
    assert connector.probe(parcel()) == "delivered"
    (disk.outbound / "order-1.edi").write_bytes(b"longer than what was sent")
    assert connector.probe(parcel()) == "unknown"


def test_many_files(build: Callable[..., Any], disk: Disk) -> None:
    for number in range(20_000):
        (disk.inbound / f"{number:05}.edi").touch()
    assert len(build().list()) == 20_000


@pytest.mark.slow
def test_random_cuts_leave_no_partial_file(sshd: Sshd, disk: Disk) -> None:
    def build(host: str, port: int) -> Any:
        settings = {**sshd.settings(outbound=str(disk.outbound)), "host": host, "port": port}
        return sftp.Connector(sftp.Settings(**settings), sshd.secrets)

    outcomes = testing.check_cuts(build, (sshd.host, sshd.port), disk, cuts=200)
    print(f"200 cuts at sshd: {outcomes}, 0 partial files under a final name")
    assert outcomes["TransientError"] > 50
    assert outcomes["delivered"] > 5
