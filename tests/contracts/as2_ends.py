"""Both ends of an AS2 line with the shipped connector: ours, theirs, a partner behind HTTP, and its messages."""

import socket
from collections.abc import Sequence
from typing import Any

from hub.as2 import Heading, Wanted
from hub.connector import Arrival, Request
from tests.contracts.as2_peers import NOW, identity
from tests.contracts.http_peer import Came, HttpPeer
from tests.contracts.peers import load

as2 = load("as2")
US, THEM = identity("us"), identity("them")
OTHER = identity("other")


def secret(name: str) -> str:
    """The PEM of a key that is made when it is first asked for: "old" has ended, "early" has not begun."""
    bare = name.removeprefix("secret:")
    if bare == "word":
        return "w0rd"
    return identity(bare, *DAYS.get(bare, ())).pem


DAYS = {"old": (-400, -1), "early": (5, 400)}


def ours(url: str | None = "https://edi.partner.example/as2", **settings: Any) -> Any:
    plain = {
        "as2_from": "us",
        "as2_to": "them",
        "url": url,
        "private_keys": ["secret:us"],
        "certificates": [THEM.certificate],
    }
    return as2.Connector(as2.Settings(**{**plain, **settings}), secret)


def theirs(**settings: Any) -> Any:
    """The partner, with the same connector."""
    plain = {
        "as2_from": "them",
        "as2_to": "us",
        "private_keys": ["secret:them"],
        "certificates": [US.certificate],
    }
    return ours(**{**plain, **settings})


def to(peer: HttpPeer, **settings: Any) -> Any:
    short = {"connect_timeout": 2, "timeout": 5, "total_timeout": 10, "allow_private": True}
    return ours(f"http://127.0.0.1:{peer.port}/as2", **{**short, **settings})


def asked(headers: dict[str, str], body: bytes) -> Request:
    return Request(
        method="POST", headers={name.lower(): value for name, value in headers.items()}, query={}, body=body, now=NOW
    )


class Far:
    """A partner with the same connector; it takes each Message-ID once, and answers again what it answered first."""

    def __init__(self, peer: HttpPeer, **settings: Any) -> None:
        self.peer, self.connector = peer, theirs(**settings)
        self.arrivals: dict[str, Arrival] = {}
        peer.answer = self.take

    def take(self, peer: socket.socket, came: Came) -> None:
        arrival = self.connector.accept(asked(came.headers, came.body))
        answered = self.arrivals.setdefault(arrival.protocol_id, arrival).answer
        assert answered is not None
        head = [f"HTTP/1.1 {answered.status} OK", f"Content-Length: {len(answered.body)}"]
        head += [f"{name}: {value}" for name, value in answered.headers.items()]
        peer.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + answered.body)

    def delivered(self) -> Sequence[tuple[str, bytes]]:
        return [(arrival.file_name, arrival.body) for arrival in self.arrivals.values()]

    def strays(self) -> Sequence[str]:
        return [name for name, _ in self.delivered() if "/" in name or "\\" in name or not name.isprintable()]


SIGNED = Wanted(True, ("sha-256",))


def message(sender: dict[str, Any] | None = None, body: bytes = b"ISA~", wanted: Wanted | None = SIGNED) -> Request:
    """A message of the partner to us, as their settings make it."""
    connector = theirs(**(sender or {}))
    settings = connector.settings
    made = as2.as2.make(
        body,
        heading=Heading(settings.as2_from, settings.as2_to, "<1@them>", wanted),
        media_type="application/edi-x12",
        file_name="order.edi",
        subject="x",
        protection=as2.as2.Protection(
            signing=connector._keys()[0] if settings.sign else None,
            encrypting=connector._certificates()[0] if settings.encrypt else None,
            compressed=settings.compress,
            digest=settings.digest,
            cipher=settings.cipher,
        ),
        now=NOW,
        random=lambda size: b"r" * size,
    )
    return asked(made.headers, made.body)
