"""What a connector is. A connector moves bytes and types its errors; it knows nothing of documents.

One Python file in connectors/ per system or transport. It has a pydantic model `Settings` (what partner.toml may say
under the connection) and a class `Connector` built with (settings, secrets). Which of the protocols it fulfils decides
what the hub does with it. A hosted connector (`hosted = True`: the mailbox) has neither: the hub itself is the far end.

Errors to raise: TransientError (try again), PermanentError (a person must look; RefusedError: the far end says so by a
receipt), InDoubtError (the far end may have it).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec

from hub.errors import InDoubtError, PermanentError, TransientError, UsageError

Secrets = Callable[[str], str]
"""Looks a secret up by name. UsageError HUB-4010: there is none of that name."""


class RemoteFile(msgspec.Struct, frozen=True, kw_only=True):
    """Something to collect. identity names this very file for ever (path, size and time, or the system's own id), so
    that a file collected twice is received once. token is the connector's own."""

    name: str
    identity: str
    size: int | None = None
    modified: datetime | None = None
    token: str = ""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One outbound interchange to deliver. file_name and key stay the same over all tries of one delivery.

    key has at most 100 characters. address and headers are the connector's own, where it made the parcel itself
    (Arrival.later): all of it comes back to deliver() as it was given. An interchange has neither.
    """

    file_name: str
    body: bytes
    key: str
    media_type: str = "application/octet-stream"
    headers: Mapping[str, str] = {}
    address: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the far end said: its reference and evidence worth keeping (status line, remote path, digest).

    awaited: its own receipt comes later, as a Word (asynchronous MDN). body: its receipt as it came (the MDN), kept.
    evidence["mic"], where there is one, is what was sent, in the one spelling that the Word uses too.
    """

    reference: str = ""
    evidence: Mapping[str, str] = {}
    awaited: bool = False
    body: bytes = b""


class RefusedError(PermanentError):
    """The far end took the parcel and refuses it by a receipt of its own (a negative MDN, another MIC). receipt is kept
    as that of a success is; a resend is another parcel then, with a key of its own."""

    def __init__(self, code: str, message: str, receipt: Receipt) -> None:
        super().__init__(code, message)
        self.receipt = receipt


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP request to a listening connection. headers have lower-case names."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now: datetime


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a request is answered with, once what it brought is committed."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A payload that came in by request. protocol_id identifies it at the sender: the same id twice is received
    once.

    answer is kept with the payload: the same payload again gets the first answer again, byte for byte. None: the hub's
    own JSON. later is delivered by this very connection after the commit (asynchronous MDN), and again when the same
    payload comes again: the first one, not a new one.
    """

    body: bytes
    protocol_id: str | None = None
    file_name: str = ""
    media_type: str = "application/octet-stream"
    answer: Answer | None = None
    later: Parcel | None = None


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A far end's late receipt (asynchronous MDN): a request that speaks of a delivery and brings no payload.

    key is the Parcel.key of what it speaks of. text is what it says, in a sentence. evidence["mic"], where the far end
    gives one, is in the spelling of the Receipt's; the hub compares the two. body: as it came, kept. answer is given
    whatever the hub makes of it, the same word twice too.
    """

    key: str
    accepted: bool
    text: str
    evidence: Mapping[str, str] = {}
    body: bytes = b""
    answer: Answer = Answer(status=204)


class Refusal(Exception):  # noqa: N818 - an answer to the caller, no fault of the program
    """A request that is not let in. status is the HTTP status, the text goes to the caller: no secrets, no detail of
    checks.

    answer is given instead of the hub's JSON (a negative MDN, with status 200), and later is delivered as Arrival's.
    why is a sentence for the hub's own people: with it the connection gets a security incident, one for each cause (a
    word or two: "signature", "decryption"), and kept, the request's bytes (with those headers that reading them needs),
    is stored: the first ones of each cause, while its incident is open.
    """

    def __init__(
        self,
        status: int,
        text: str,
        *,
        answer: Answer | None = None,
        later: Parcel | None = None,
        kept: bytes = b"",
        why: str = "",
        cause: str = "refused",
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.answer = answer
        self.later = later
        self.kept = kept
        self.why = why
        self.cause = cause


@runtime_checkable
class Collector(Protocol):
    def list(self) -> Sequence[RemoteFile]:
        """What can be collected now: only whole files (never one still being written)."""
        ...

    def fetch(self, file: RemoteFile) -> Iterator[bytes]:
        """The file's bytes in chunks."""
        ...

    def done(self, file: RemoteFile) -> None:
        """Take it away at the far end. Called after the payload is committed; may be called again."""
        ...


@runtime_checkable
class Deliverer(Protocol):
    """A deliverer whose far end takes the same parcel (by its key) twice as once says `repeatable = True`."""

    def deliver(self, parcel: Parcel) -> Receipt:
        """Hand it over whole or not at all."""
        ...

    def probe(self, parcel: Parcel) -> Literal["delivered", "absent", "unknown"]:
        """Whether a delivery of unknown outcome is there."""
        ...


@runtime_checkable
class Listener(Protocol):
    def accept(self, request: Request) -> Arrival | Word:
        """Authenticate a request and take its payload, or the word it brings. Refusal: it is not let in."""
        ...


@runtime_checkable
class Addressed(Protocol):
    """A listener that shares one address with all others of its transport: POST /as2 finds it by what it knows."""

    def knows(self, request: Request) -> bool:
        """Whether the request's headers name this connection's two ends (AS2-From, AS2-To). It proves nothing."""
        ...


@runtime_checkable
class Expiring(Protocol):
    def expiring(self, now: datetime) -> Sequence[str]:
        """A sentence for each key or certificate that has ended or soon will, with nothing beside it that lasts."""
        ...


@runtime_checkable
class Checkable(Protocol):
    def test(self) -> str:
        """Try the connection without side effects; a sentence for a person. Raises the errors above."""
        ...


__all__ = [
    "Addressed",
    "Answer",
    "Arrival",
    "Checkable",
    "Collector",
    "Deliverer",
    "Expiring",
    "InDoubtError",
    "Listener",
    "Parcel",
    "PermanentError",
    "Receipt",
    "Refusal",
    "RefusedError",
    "RemoteFile",
    "Request",
    "Secrets",
    "TransientError",
    "UsageError",
    "Word",
]
