"""Which addresses are public, and that a URL in any disguise leads to none of ours."""

import socket

import pytest

from hub.errors import PermanentError
from hub.interop.network import GuardedNetwork, is_public

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0",  # noqa: S104
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%1",
    "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "100::1", "fec0::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]

DISGUISED = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "localhost",
    "::1", "::ffff:127.0.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "10.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", DISGUISED)
def test_disguised_hosts_are_not_connected_to(host: str) -> None:
    network = GuardedNetwork(allow_private=False, seconds=5)
    with pytest.raises(PermanentError, match="HUB-5030"):
        network.connect_tcp(host, 80, timeout=1)


def _answers(*addresses: str) -> list[tuple[int, int, int, str, tuple[str, int]]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]


def test_one_inside_address_among_several_refuses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: _answers("8.8.8.8", "127.0.0.1"))
    with pytest.raises(PermanentError, match=r"leads to 127\.0\.0\.1"):
        GuardedNetwork(allow_private=False, seconds=5).connect_tcp("partner.example", 80)


def test_name_is_resolved_once_and_that_address_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS that answers differently the second time (rebinding) has no second time."""
    asked = []
    real = socket.getaddrinfo

    def resolve(host: str, *args: object, **named: object) -> object:
        if host != "partner.example":
            return real(host, *args, **named)  # type: ignore[arg-type]
        asked.append(host)
        return _answers("127.0.0.1" if len(asked) == 1 else "10.9.9.9")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with socket.create_server(("127.0.0.1", 0)) as server:
        network = GuardedNetwork(allow_private=True, seconds=5)
        network.connect_tcp("partner.example", server.getsockname()[1], timeout=2).close()
    assert asked == ["partner.example"]
    assert network.address == "127.0.0.1"


def test_sockets_of_this_machine() -> None:
    with pytest.raises(PermanentError, match="HUB-5030"):
        GuardedNetwork(allow_private=True, seconds=5).connect_unix_socket("/run/docker.sock")
