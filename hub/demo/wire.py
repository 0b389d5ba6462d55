"""What the demo's partners share: telling the audience, waiting for the hub, a small HTTP server, X12 and EDIFACT."""

import hashlib
import hmac
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from pydifact.segmentcollection import Interchange, Message
from pydifact.segments import Segment
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

X12Segment = list[str]
PATIENCE = 180.0
"""Seconds a partner keeps trying to reach a hub that is down."""


# -- telling --------------------------------------------------------------------------------------------------------

_telling = threading.Lock()


def tell(kind: str, **facts: Any) -> None:
    """One JSON line to whoever started this partner. kind: ready, sent, got, wrong, done."""
    with _telling:
        sys.stdout.write(json.dumps({"kind": kind, "at": time.time(), **facts}) + "\n")
        sys.stdout.flush()


def told_to_go() -> dict[str, Any]:
    """Waits for the line that says where the hub is."""
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    go: dict[str, Any] = json.loads(line)
    return go


def _end_with_stdin() -> None:
    """Nobody plays on when whoever started this partner is gone, however that came about."""
    sys.stdin.read()
    os._exit(0)


def stay() -> None:
    """Until whoever started this partner is gone."""
    threading.Event().wait()


class Expected:
    """What must still come. Says done once nothing is left; a surplus is wrong."""

    def __init__(self, wanted: Mapping[str, int]) -> None:
        self._left = dict(wanted)
        self._lock = threading.Lock()

    def got(self, what: str) -> None:
        with self._lock:
            self._left[what] = self._left.get(what, 0) - 1
            if self._left[what] < 0:
                tell("wrong", what=what, text=f"one {what} more than expected")
            if not any(self._left.values()):
                tell("done")

    def missing(self) -> dict[str, int]:
        with self._lock:
            return {what: count for what, count in self._left.items() if count > 0}


# -- HTTP -----------------------------------------------------------------------------------------------------------


@retry(retry=retry_if_exception_type(httpx.TransportError), wait=wait_fixed(0.3), stop=stop_after_delay(PATIENCE))
def post(url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    """Posts until the hub answers at all; the same headers every time, so a repeat is known as one."""
    answer = httpx.post(url, content=body, headers=dict(headers), timeout=20)
    if answer.status_code >= 500:
        raise httpx.TransportError(f"the hub answers {answer.status_code}")
    return answer


def post_document(url: str, token: str, body: bytes, key: str, name: str) -> None:
    """A document to the hub, as these partners do: bearer token, one key a document."""
    answer = post(url, body, {"authorization": f"Bearer {token}", "idempotency-key": key, "x-file-name": name})
    if not answer.is_success:
        tell("wrong", what=name, text=f"the hub answers {answer.status_code}: {answer.text[:200]}")


Reply = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""
Take = Callable[[bytes, Mapping[str, str]], int | Reply]


def serve(take: Take, token: str = "") -> int:
    """Serves HTTP in the background: take gets body and headers and gives the status, or all of the answer. token: what
    lets a request in, where it does not prove itself. Its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            right = not token or hmac.compare_digest(self.headers.get("authorization", ""), f"Bearer {token}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = take(body, headers) if right else 401
            status, more, answer = (said, {}, b"") if isinstance(said, int) else said
            self.send_response(status)
            for name, value in {**more, "content-length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: partners tell what matters themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Seen:
    """Remembers Idempotency-Keys: what comes twice is answered and not applied again."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    def before(self, headers: Mapping[str, str]) -> bool:
        key = headers.get("idempotency-key", "")
        with self._lock:
            if key in self._keys:
                tell("repeat", key=key)
                return True
            self._keys.add(key)
            return False


def stripe_signature(secret: str, body: bytes) -> str:
    """t=<seconds>,v1=<HMAC-SHA256 of "t.body">."""
    stamp = str(int(time.time()))
    return f"t={stamp},v1={hmac.new(secret.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


# -- X12 ------------------------------------------------------------------------------------------------------------


def split_x12(payload: bytes) -> list[X12Segment]:
    """The segments of an interchange: separators from the ISA."""
    text = payload.decode("utf-8")
    element, terminator = text[3], text[105]
    return [part.strip().split(element) for part in text.split(terminator) if part.strip()]


def first(segments: Iterable[X12Segment], tag: str) -> X12Segment:
    """The first segment of a tag, filled with empty elements; empty ones if there is none."""
    found = next((segment for segment in segments if segment[0] == tag), [tag])
    return found + [""] * (30 - len(found))


def x12(sender: str, receiver: str, number: int, functional_id: str, messages: Sequence[Sequence[X12Segment]]) -> bytes:
    """One interchange, one group. sender, receiver: "ZZ:NAME". messages: type, then segments without ST and SE; one may
    bring an SE of its own, to be wrong on purpose."""
    now = datetime.now(UTC)
    lines = []
    ids = []
    for identity in (sender, receiver):
        qualifier, _, name = identity.partition(":")
        ids += [qualifier, name.ljust(15)]
    isa = [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        *ids,
        f"{now:%y%m%d}",
        f"{now:%H%M}",
        "U",
        "00401",
        f"{number:09}",
        "0",
    ]
    lines.append([*isa, "P", ">"])
    group = [
        "GS",
        functional_id,
        ids[1].strip(),
        ids[3].strip(),
        f"{now:%Y%m%d}",
        f"{now:%H%M}",
        str(number),
        "X",
        "004010",
    ]
    lines.append(group)
    for place, segments in enumerate(messages, 1):
        kind, *rest = segments
        lines.append(["ST", kind[0], f"{place:04}"])
        lines += rest
        if rest[-1][0] != "SE":
            lines.append(["SE", str(len(rest) + 2), f"{place:04}"])
    lines += [["GE", str(len(messages)), str(number)], ["IEA", "1", f"{number:09}"]]
    return "".join("*".join(line) + "~\n" for line in lines).encode()


def acknowledge_x12(segments: Sequence[X12Segment]) -> list[X12Segment]:
    """The 997 message for a group in which everything is right."""
    group = first(segments, "GS")
    messages = [segment for segment in segments if segment[0] == "ST"]
    answers = [line for message in messages for line in (["AK2", message[1], message[2]], ["AK5", "A"])]
    count = str(len(messages))
    return [["997"], ["AK1", group[1], group[6]], *answers, ["AK9", "A", count, count, count]]


# -- EDIFACT --------------------------------------------------------------------------------------------------------


def edifact(sender: str, receiver: str, reference: str, kind: str, segments: Sequence[Segment]) -> bytes:
    """One interchange with one D.96A message, written by pydifact. sender and receiver: "14:4012345000009"."""
    ids = [identity.split(":")[::-1] for identity in (sender, receiver)]
    interchange = Interchange(ids[0], ids[1], reference, ("UNOC", 3), datetime.now(UTC))
    version = ["CONTRL", "D", "3", "UN"] if kind == "CONTRL" else [kind, "D", "96A", "UN"]
    message = Message("1", version)
    for segment in segments:
        message.add_segment(segment)
    interchange.add_message(message)
    return interchange.serialize().encode("latin-1")


def read_edifact(payload: bytes) -> tuple[str, Interchange, list[Segment]]:
    """Type, interchange and segments of its one message, read by pydifact."""
    interchange = Interchange.from_str(payload.decode("latin-1"))
    message = next(iter(interchange.get_messages()))
    return message.type, interchange, list(message.segments)


def control(interchange: Interchange, kind: str, reference: str = "1") -> list[Segment]:
    """The CONTRL that accepts an interchange with one message."""
    return [
        Segment("UCI", interchange.control_reference, interchange.sender, interchange.recipient, "7"),
        Segment("UCM", reference, [kind, "D", "96A", "UN"], "7"),
    ]


def value(segments: Iterable[Segment], tag: str, qualifier: str = "") -> str:
    """What follows a qualifier in the first such segment: DTM+137:x gives x, BGM+220+x gives x."""
    for segment in segments:
        if segment.tag != tag:
            continue
        elements = segment.elements
        if not qualifier:
            return str(elements[1])
        if isinstance(elements[0], list) and elements[0][0] == qualifier:
            return str(elements[0][1])
    return ""
