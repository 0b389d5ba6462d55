"""The contract every connector keeps, third parties' too, as checks that run under any test framework.

A check raises ContractError (an AssertionError) with a sentence that says what was broken. Give it your connector and
the far end as you can see it without the connector:

    from hub.testing import DELIVERER_CHECKS

    @pytest.mark.parametrize("check", DELIVERER_CHECKS)
    def test_my_connector(check, my_connector, my_far_end):
        check(my_connector, my_far_end)
"""

import random
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from types import ModuleType, TracebackType
from typing import Protocol, Self

from pydantic import BaseModel

from hub.catalogue import CATALOGUE
from hub.connector import (
    Arrival,
    Checkable,
    Collector,
    Deliverer,
    Listener,
    Parcel,
    Receipt,
    Refusal,
    Request,
    Word,
)
from hub.errors import HubError, InDoubtError, PartnerSystemError, PermanentError, TransientError

HOSTILE_NAMES = (
    "../escaped.edi",
    "..",
    ".",
    "",
    "/tmp/escaped.edi",  # noqa: S108 - nothing may ever be written there
    "a/b.edi",
    "..\\escaped.edi",
    "nul\0byte.edi",
    "line\nbreak.edi",
    "line\rbreak.edi",
    "x" * 300,
)
BODIES = {
    "empty": b"",
    "one byte": b"\x00",
    "not text": bytes(range(256)) * 5,
    "line ends": b"ISA*00*\r\n\n\r~\x1a",
    "large": random.Random(5).randbytes(300_001),  # noqa: S311 - the same bytes every time
}


class ContractError(AssertionError):
    """A connector did not do what every connector must do."""


class FarEnd(Protocol):
    """Where deliveries end, as a deduplicating partner sees it."""

    def delivered(self) -> Sequence[tuple[str, bytes]]:
        """File name and bytes of everything that counts as delivered."""
        ...

    def strays(self) -> Sequence[str]:
        """Whatever turned up anywhere else."""
        ...


class Source(Protocol):
    """Where files to collect lie."""

    def offer(self, name: str, body: bytes) -> None:
        """Lay a whole file out."""
        ...

    def offered(self) -> Sequence[str]:
        """Names of the files that still lie there."""
        ...


def require(condition: bool, sentence: str) -> None:
    """ContractError with the sentence unless the condition holds."""
    if not condition:
        raise ContractError(sentence)


def parcel(name: str = "order-1.edi", body: bytes = b"ISA*00*~", key: str = "") -> Parcel:
    """Something to deliver; the key follows from the name unless it is given."""
    return Parcel(file_name=name, body=body, key=key or f"key-{name.encode().hex()}"[:64])


# -- what is loaded --------------------------------------------------------------------------------------------------


def check_module(module: ModuleType) -> None:
    """A connector's file says what it is, and its settings are strict and described."""
    settings = getattr(module, "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, BaseModel)):
        raise ContractError("the module has no pydantic model Settings")
    require(bool((module.__doc__ or "").strip()), "the module has no docstring; it is the connector's description")
    require(settings.model_config.get("extra") == "forbid", "Settings lets unknown settings pass: set extra='forbid'")
    for name, field in settings.model_fields.items():
        require(bool(field.description), f"the setting {name} has no description")
    require(getattr(module, "hosted", False) or hasattr(module, "Connector"), "there is no class Connector")


# -- delivering ------------------------------------------------------------------------------------------------------


def check_delivers_every_byte(connector: Deliverer, far_end: FarEnd) -> None:
    """Bodies of all kinds arrive byte for byte under their names."""
    for number, (kind, body) in enumerate(BODIES.items()):
        receipt = connector.deliver(parcel(f"bytes-{number}.edi", body))
        require(isinstance(receipt, Receipt), "deliver must return a Receipt")
        found = [held for name, held in far_end.delivered() if name == f"bytes-{number}.edi"]
        require(
            found == [body], f"a body ({kind}) of {len(body)} bytes arrived as {[len(held) for held in found]} bytes"
        )


def check_delivers_once(connector: Deliverer, far_end: FarEnd) -> None:
    """The same parcel again, after a lost outcome, is one delivery at the far end."""
    one = parcel("once.edi", b"ISA*once~")
    connector.deliver(one)
    connector.deliver(one)
    found = [name for name, _ in far_end.delivered() if name.startswith("once")]
    require(len(found) == 1, f"one parcel delivered twice is there {len(found)} times")


def check_probe_tells(connector: Deliverer, far_end: FarEnd) -> None:
    """probe never says delivered of what was not, nor absent of what was."""
    one = parcel("probed.edi", b"ISA*probed~")
    require(connector.probe(one) != "delivered", "probe says delivered before anything was sent")
    connector.deliver(one)
    require(connector.probe(one) != "absent", "probe says absent of what lies there")


def check_keeps_names_inside(connector: Deliverer, far_end: FarEnd) -> None:
    """A hostile file name is refused for good, or made harmless; nothing turns up elsewhere."""
    for name in HOSTILE_NAMES:
        with suppress(PermanentError):
            connector.deliver(parcel(name, b"ISA*hostile~"))
    require(not far_end.strays(), f"hostile names led to {list(far_end.strays())}")


DELIVERER_CHECKS: tuple[Callable[[Deliverer, FarEnd], None], ...] = (
    check_delivers_every_byte,
    check_delivers_once,
    check_probe_tells,
    check_keeps_names_inside,
)


# -- collecting ------------------------------------------------------------------------------------------------------


def check_collects(connector: Collector, source: Source) -> None:
    """What lies there is listed, fetched byte for byte, and gone after done, which may be called again."""
    bodies = {f"in-{number}.edi": body for number, body in enumerate(BODIES.values())}
    for name, body in bodies.items():
        source.offer(name, body)
    files = connector.list()
    require(sorted(file.name for file in files) == sorted(bodies), f"listed were {[file.name for file in files]}")
    for file in files:
        require(b"".join(connector.fetch(file)) == bodies[file.name], f"{file.name} was fetched with other bytes")
        connector.done(file)
        connector.done(file)
    require(not connector.list(), "after done the files are still listed")


def check_identity(connector: Collector, source: Source) -> None:
    """A file keeps its identity, no two share one, and a new file of an old name has a new one."""
    source.offer("same.edi", b"ISA*first~")
    source.offer("other.edi", b"ISA*first~")
    first = {file.name: file.identity for file in connector.list()}
    again = {file.name: file.identity for file in connector.list()}
    require(first == again, "a file's identity changed between two listings")
    require(len(set(first.values())) == len(first), "two files share an identity")
    for file in connector.list():
        connector.done(file)
    source.offer("same.edi", b"ISA*second, longer~")
    second = {file.name: file.identity for file in connector.list()}
    require(second["same.edi"] != first["same.edi"], "a new file of an old name has the old one's identity")


def check_done_spares_newer(connector: Collector, source: Source) -> None:
    """done after the partner has replaced the file takes nothing away that was never collected."""
    source.offer("replaced.edi", b"ISA*old~")
    (old,) = connector.list()
    b"".join(connector.fetch(old))
    source.offer("replaced.edi", b"ISA*new and longer~")
    connector.done(old)
    left = [b"".join(connector.fetch(file)) for file in connector.list()]
    require(left == [b"ISA*new and longer~"], f"after done of a replaced file there was left: {left}")


def check_vanished(connector: Collector, source: Source) -> None:
    """A file that is gone when it is fetched is a transient error, and done for it is no error."""
    source.offer("gone.edi", b"ISA*gone~")
    (file,) = connector.list()
    connector.done(file)
    check_raises(TransientError, lambda: b"".join(connector.fetch(file)))
    connector.done(file)


COLLECTOR_CHECKS: tuple[Callable[[Collector, Source], None], ...] = (
    check_collects,
    check_identity,
    check_done_spares_newer,
    check_vanished,
)


# -- listening -------------------------------------------------------------------------------------------------------


def check_lets_in(
    connector: Listener,
    good: Request,
    forged: Iterable[Request],
    secrets: Iterable[str] = (),
    *,
    body: bytes | None = None,
) -> None:
    """The good request's body comes through untouched (or as `body`, where the request wraps it); each forged one is
    refused, without telling a secret: with a status of 4xx, or with an answer of the transport's own and a sentence
    for the hub's people."""
    arrival = connector.accept(good)
    if not isinstance(arrival, Arrival):
        raise ContractError("accept took the good request for a word about a delivery")
    require(arrival.body == (good.body if body is None else body), "accept changed the body")
    for request in forged:
        try:
            connector.accept(request)
        except Refusal as refusal:
            if refusal.answer is None:
                require(400 <= refusal.status < 500, f"a refusal has status {refusal.status}")
            else:
                require(bool(refusal.why), "a refusal with an answer of its own does not say why")
            told = refusal.text.encode() + (refusal.answer.body if refusal.answer is not None else b"")
            require(not any(secret.encode() in told for secret in secrets), "a refusal tells a secret")
        else:
            raise ContractError(f"a request that should be refused was let in: {request}")


def check_word(connector: Listener, request: Request, key: str, *, accepted: bool) -> Word:
    """A late receipt is a word about that parcel, says something, and is the same word when it comes again."""
    word = connector.accept(request)
    if not isinstance(word, Word):
        raise ContractError("accept took a late receipt for a payload")
    require(word.key == key, f"the word is about {word.key}, not about {key}")
    require(word.accepted == accepted, f"the word says accepted={word.accepted}")
    require(bool(word.text.strip()), "the word says nothing")
    require(connector.accept(request) == word, "the same late receipt is another word the second time")
    return word


# -- errors ----------------------------------------------------------------------------------------------------------


def check_raises(kind: type[HubError], call: Callable[[], object]) -> HubError:
    """The error, if it is of that kind, has a known code and is a sentence."""
    try:
        call()
    except HubError as error:
        require(isinstance(error, kind), f"raised {type(error).__name__} instead of {kind.__name__}: {error}")
        require(error.code in CATALOGUE, f"the code {error.code} is in no catalogue")
        require(
            len(error.message) > 20 and error.message.rstrip().endswith((".", "~")), f"not a sentence: {error.message}"
        )
        return error
    raise ContractError(f"nothing was raised; {kind.__name__} was due")


def _calls(connector: object) -> list[Callable[[], object]]:
    calls: list[Callable[[], object]] = []
    if isinstance(connector, Deliverer):
        calls.append(lambda: connector.deliver(parcel()))
    if isinstance(connector, Collector):
        calls.append(lambda: connector.list())
    if isinstance(connector, Checkable):
        calls.append(lambda: connector.test())
    return calls


def check_unreachable(connector: object) -> None:
    """Built for a far end that is not there: everything raises TransientError."""
    for call in _calls(connector):
        check_raises(TransientError, call)


def check_refused(connector: object) -> None:
    """Built with credentials that are not valid: everything that logs in raises PermanentError."""
    for call in _calls(connector):
        check_raises(PermanentError, call)


# -- cut connections -------------------------------------------------------------------------------------------------


class CuttingProxy:
    """Passes TCP connections on to a target and cuts each after so many bytes went up, or came down.

    Use it as a context. Set cut_up or cut_down before a connection is made; None does not cut.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listening.getsockname()[:2]
        self.cut_up: int | None = None
        self.cut_down: int | None = None
        self.passed_up = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self.passed_up = 0
            for source, sink, limit in ((near, far, self.cut_up), (far, near, self.cut_down)):
                threading.Thread(target=self._pass, args=(source, sink, limit), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, limit: int | None) -> None:
        passed = 0
        try:
            while piece := source.recv(65536):
                if limit is not None and passed + len(piece) >= limit:
                    sink.sendall(piece[: limit - passed])
                    break
                sink.sendall(piece)
                passed += len(piece)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            sink.close()


def check_cuts(
    build: Callable[[str, int], Deliverer], target: tuple[str, int], far_end: FarEnd, *, cuts: int, seed: int = 1
) -> dict[str, int]:
    """Deliver through connections cut at random points: never a partial file, every error says try again or in doubt.

    build makes a connector for a host and port. Returns how often which outcome came.
    """
    chance = random.Random(seed)  # noqa: S311 - the same cuts for the same seed
    outcomes: dict[str, int] = {}
    with CuttingProxy(*target) as proxy:
        for number in range(cuts):
            body = chance.randbytes(chance.choice((10, 5_000, 200_000)))
            up = chance.random() < 0.8
            proxy.cut_up = chance.randrange(1, len(body) + 9_000) if up else None
            proxy.cut_down = None if up else chance.randrange(1, 9_000)
            one = parcel(f"cut-{number}.edi", body)
            connector = build(proxy.host, proxy.port)
            try:
                connector.deliver(one)
                outcome = "delivered"
            except (TransientError, InDoubtError) as error:
                outcome = type(error).__name__
            except PartnerSystemError as error:
                raise ContractError(f"cut {number} raised {type(error).__name__}: {error}") from error
            finally:
                getattr(connector, "close", lambda: None)()
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            held = [body for name, body in far_end.delivered() if name == one.file_name]
            require(held in ([], [body]), f"cut {number} left {[len(part) for part in held]} of {len(body)} bytes")
            require(outcome != "delivered" or held == [body], f"cut {number}: delivered, and not there")
            require(outcome != "TransientError" or not held, f"cut {number}: there, and not in doubt")
    return outcomes
