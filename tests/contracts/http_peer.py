"""An HTTP far end that can do anything to a connection, and certificates for it."""

import datetime as dt
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Came(NamedTuple):
    """A request as it came: request line, headers with lower-case names, body."""

    line: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[socket.socket, Came], None]


def answer(status: str, body: bytes = b"", *headers: str) -> Answer:
    """Answers properly."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]

    def send(peer: socket.socket, came: Came) -> None:
        peer.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return send


def raw(content: bytes) -> Answer:
    """Sends these bytes and closes."""
    return lambda peer, came: peer.sendall(content)


def reset(peer: socket.socket, came: Came) -> None:
    """Closes with RST."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


class HttpPeer:
    """A server in threads that answers as answer says, and takes each Idempotency-Key once."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answer: Answer = answer("200 OK", b"thanks")
        self.before_read: Callable[[socket.socket], None] | None = None
        self.came: list[Came] = []
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def delivered(self) -> Sequence[tuple[str, bytes]]:
        return list(
            {one.headers["idempotency-key"]: (one.headers["x-file-name"], one.body) for one in self.came}.values()
        )

    def strays(self) -> Sequence[str]:
        return [one.line for one in self.came if one.line != "POST /in HTTP/1.1"]

    @contextmanager
    def running(self) -> Iterator["HttpPeer"]:
        accepting = threading.Thread(target=self._accept, daemon=True)
        accepting.start()
        try:
            yield self
        finally:
            self.stopping.set()
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            for thread in [accepting, *self._threads]:
                thread.join(timeout=5)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, peer: socket.socket) -> None:
        peer.settimeout(10)
        try:
            if self._tls is not None:
                peer = self._tls.wrap_socket(peer, server_side=True)
            if self.before_read is not None:
                self.before_read(peer)
            if (came := _read(peer)) is not None:
                self.came.append(came)
                self.answer(peer, came)
        except OSError:
            pass
        finally:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()


def _read(peer: socket.socket) -> Came | None:
    """None: the request broke off."""
    content = b""
    while b"\r\n\r\n" not in content:
        if not (piece := peer.recv(65536)):
            return None
        content += piece
    head, _, begun = content.partition(b"\r\n\r\n")
    body = bytearray(begun)
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        if not (piece := peer.recv(65536)):
            return None
        body += piece
    return Came(line, headers, bytes(body))


class Authority:
    """A certificate authority for one test run."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self._certificate = self._sign(self._name, self._key, authority=True)
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        authority: bool = False,
        expired: bool = False,
        host: str = "127.0.0.1",
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        names: list[x509.GeneralName] = [
            x509.DNSName(host) if host[0].isalpha() else x509.IPAddress(ipaddress.ip_address(host))
        ]
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=10))
            .not_valid_after(now + dt.timedelta(days=-1 if expired else 10))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def server(self, folder: Path, *, expired: bool = False, host: str = "127.0.0.1") -> ssl.SSLContext:
        """A server's context with a certificate for that host."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
        certificate = self._sign(name, key, expired=expired, host=host)
        file = folder / "peer.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context
