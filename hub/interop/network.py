"""A network that cannot be led astray: every name is resolved once, its addresses judged, and only those connected to.

For httpcore's connection pools. A URL from a partner's settings, or a name whose answer changes between two look-ups,
reaches neither our own network nor a cloud's metadata address; an exchange as a whole ends in time.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable

import httpcore

from hub.errors import PermanentError

_EMBEDS_IPV4 = {
    ipaddress.IPv6Network("64:ff9b::/96"): 0,  # NAT64, RFC 6052: the last 32 bits
    ipaddress.IPv6Network("64:ff9b:1::/48"): 0,  # RFC 8215
    ipaddress.IPv6Network("::/96"): 0,  # IPv4-compatible, RFC 4291 2.5.5.1
    ipaddress.IPv6Network("2002::/16"): 80,  # 6to4, RFC 3056: the bits after the prefix
}
_RESERVED = (
    ipaddress.ip_network("192.0.0.0/24"),  # RFC 6890; clouds put metadata there
    ipaddress.ip_network("fec0::/10"),  # site-local, RFC 3879
)
_PIECE = 256 * 1024


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network; an IPv4 address inside an IPv6 one is judged as well."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.teredo is not None:
            return False
        for network, shift in _EMBEDS_IPV4.items():
            if ip in network:
                return is_public(str(ipaddress.IPv4Address((int(ip) >> shift) & 0xFFFFFFFF)))
    reserved = any(ip.version == network.version and ip in network for network in _RESERVED)
    return ip.is_global and not ip.is_multicast and not reserved


class GuardedNetwork(httpcore.NetworkBackend):
    """For one exchange of at most so many seconds. sent_all: all of it went out and an answer was waited for."""

    def __init__(self, *, allow_private: bool, seconds: float) -> None:
        self._allow_private = allow_private
        self._deadline = time.monotonic() + seconds
        self._plain = httpcore.SyncBackend()
        self.address = ""
        self.reading = False
        self.write_failed = False

    @property
    def sent_all(self) -> bool:
        return self.reading and not self.write_failed

    def left(self, timeout: float | None) -> float:
        """Seconds a step may take: its own, or what is left of the whole. httpcore.ReadTimeout: nothing is."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the exchange as a whole took too long")
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """PermanentError HUB-5030: one of the name's addresses is not public and private ones are not allowed."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is not known to DNS: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        inside = [address for address in addresses if not is_public(address)]
        if inside and not self._allow_private:
            raise PermanentError(
                "HUB-5030",
                f"{host} leads to {inside[0]}, which is not a public address. Nothing was sent. If the partner really "
                "is on a private network, set allow_private = true on the connection.",
            )
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(address, port, self.left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self.address = address
                return _Stream(self, stream)
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise PermanentError("HUB-5030", f"{path} is a socket of this machine; nothing was sent.")


class _Stream(httpcore.NetworkStream):
    """A stream that keeps the exchange's time and notes how far it came."""

    def __init__(self, network: GuardedNetwork, stream: httpcore.NetworkStream) -> None:
        self._network = network
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._network.reading = True
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            for at in range(0, len(buffer), _PIECE):  # the stream copies the rest of its buffer at every send
                self._stream.write(buffer[at : at + _PIECE], self._network.left(timeout))
        except (httpcore.WriteError, httpcore.WriteTimeout, httpcore.ReadTimeout):
            self._network.write_failed = True
            raise

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._network, self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout)))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
