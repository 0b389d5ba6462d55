"""What is fuzzed: each target takes any bytes, and lets nothing out but the errors a payload may raise.

A target raises AssertionError, or any error that is no HubError, where the hub is at fault.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from hub.acknowledgement import acknowledge, check_messages
from hub.errors import DataError, HubError, UnreadableError
from hub.record import replace
from hub.syntax import (
    EDIFACT_SEPARATORS,
    Element,
    Envelope,
    Interchange,
    MessageSpan,
    OutGroup,
    OutMessage,
    cut,
    detect,
    elements,
    parse,
    write,
)
from hub.syntax.json import read_json, write_json
from hub.syntax.nodes import to_nodes, write_nodes
from hub.syntax.xml import read_xml
from tests.fuzz.as2 import as2_seeds, cms_seeds, fuzz_as2, fuzz_cms

TESTS = Path(__file__).parent.parent
LONGEST = 4096
"""Bytes of an input: long enough for every construct, short enough for thousands of tries a second."""

AT = datetime(2026, 1, 22, 14, 30)  # noqa: DTZ001 - EDI has no zone
FOUR = replace(EDIFACT_SEPARATORS, repetition="*")
Target = Callable[[bytes], None]


def fuzz_detect(data: bytes) -> None:
    try:
        assert detect(data) in ("x12", "edifact", "xml", "json", "csv")
    except UnreadableError as error:
        check_sentence(error, len(data))


def fuzz_x12(data: bytes) -> None:
    check_cut(data if data.startswith(b"ISA") else b"ISA*" + data)


def fuzz_edifact(data: bytes) -> None:
    check_cut(data if data.startswith(b"UN") else b"UNB+" + data)


def fuzz_write(data: bytes) -> None:
    """What can be read can be written again, or is refused; and what is written reads back the same."""
    for interchange in interchanges_of(data):
        if interchange.standard not in ("x12", "edifact"):
            continue
        x12 = interchange.standard == "x12"
        bodies = [body_of(data, interchange, span) for span in interchange.messages]
        messages = [
            OutMessage(type="850", version="004010", control_number=str(number), segments=body)
            for number, body in enumerate(bodies, 1)
        ]
        group = OutGroup(functional_id="PO" if x12 else None, sender="US", receiver="THEM", messages=messages)
        envelope = Envelope(
            standard=interchange.standard,
            sender="ZZ:US",
            receiver="ZZ:THEM",
            control_number="1",
            prepared=AT,
            version="00501" if x12 else "4",
            syntax="UNOY",
            separators=None if x12 else FOUR,
            exchange=True,
        )
        try:
            written = write(envelope, [group])
        except DataError as error:
            check_sentence(error, len(data))
            continue
        (again,) = cut(written)
        assert again.all_findings == []
        reread = [list(map(trimmed, map(without_length, body_of(written, again, span)))) for span in again.messages]
        assert reread == [list(map(trimmed, map(without_length, body))) for body in bodies]


def body_of(data: bytes, interchange: Interchange, span: MessageSpan) -> list[list[Element]]:
    """The segments of a message as a writer takes them, without its header and trailer."""
    message = parse(data[span.offset : span.offset + span.length], span, interchange)
    own = ("ST", "SE", "UNH", "UNT")
    return [elements(message, segment) for segment in message.segments if segment[0] not in own]


def without_length(segment: list[Element]) -> list[Element]:
    """A segment of binary data without its length, which a writer makes itself."""
    place = {"BIN": 1, "BDS": 2, "UNP": 1, "UNO": 4}.get(str(segment[0]))
    if place is None:
        return segment
    return [*segment[:place], *segment[place + 1 :]]


def trimmed(segment: list[Element]) -> list[Element]:
    """As it is read back: empty parts at its end, and at the ends of its elements, are not written."""
    made = [segment[0], *(_trim(element) for element in segment[1:])]
    while len(made) > 1 and not made[-1]:
        made.pop()
    return made


def _trim(element: Element) -> Element:
    if isinstance(element, str):
        return element
    parts = [_trim(part) for part in element]
    while parts and not parts[-1]:
        parts.pop()
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else parts  # type: ignore[return-value] # one level down


def fuzz_check(data: bytes) -> None:
    """All the way a payload goes before it is understood: cut, check, acknowledge."""
    for interchange in interchanges_of(data):
        if interchange.standard not in ("x12", "edifact"):
            continue
        results = list(check_messages(data, interchange))
        for result in results:
            for finding in (*result.findings, *result.business):
                assert finding.message
                assert finding.location.offset is None or 0 <= finding.location.offset <= len(data)
        try:
            answer = acknowledge(interchange, results, at=AT)
        except DataError:
            continue
        assert answer is None or sum(1 for _ in cut(answer)) == 1


def fuzz_xml(data: bytes) -> None:
    try:
        root = to_nodes(read_xml(data), {})
    except UnreadableError as error:
        check_sentence(error, len(data))
        return
    try:
        written = write_nodes(root, {})
    except DataError as error:
        check_sentence(error, len(data))
        return
    assert write_nodes(to_nodes(read_xml(written), {}), {}) == written


def fuzz_json(data: bytes) -> None:
    try:
        value = read_json(data)
    except UnreadableError as error:
        check_sentence(error, len(data))
        return
    assert read_json(write_json(value)) == value


def check_cut(data: bytes) -> None:
    """The interchanges lie one behind the other, the messages in them, and each parses to what was counted."""
    end = 0
    for interchange in interchanges_of(data):
        if interchange.standard not in ("x12", "edifact"):
            continue
        assert end <= interchange.offset <= interchange.offset + interchange.length <= len(data)
        end = interchange.offset + interchange.length
        for span in interchange.messages:
            assert interchange.offset <= span.offset <= span.offset + span.length <= end
            message = parse(data[span.offset : span.offset + span.length], span, interchange)
            assert len(message.segments) == span.segments


def interchanges_of(data: bytes) -> list[Interchange]:
    try:
        return list(cut(data))
    except UnreadableError as error:
        check_sentence(error, len(data))
        return []


def check_sentence(error: HubError, size: int) -> None:
    """A sentence for a person, and a place that lies inside the payload."""
    assert error.message.rstrip().endswith("."), error.message
    assert error.location.offset is None or 0 <= error.location.offset <= size, str(error)


TARGETS: dict[str, Target] = {
    "detect": fuzz_detect,
    "x12": fuzz_x12,
    "edifact": fuzz_edifact,
    "write": fuzz_write,
    "check": fuzz_check,
    "xml": fuzz_xml,
    "json": fuzz_json,
    "as2": fuzz_as2,
    "cms": fuzz_cms,
}

_SEEDS = {
    "x12": ("malformed/x12/*", "golden/samples/x12/*"),
    "edifact": ("malformed/edifact/*", "golden/samples/edifact/*"),
    "xml": ("malformed/other/*.xml",),
    "json": ("malformed/other/*.json",),
}
_EVERYTHING = ("malformed/*/*", "golden/samples/*/*")


def seeds(target: str) -> list[bytes]:
    """What fuzzing a target starts from: the damaged payloads and the samples of its kind."""
    if target in ("as2", "cms"):
        return as2_seeds() if target == "as2" else cms_seeds()
    paths = sorted(path for pattern in _SEEDS.get(target, _EVERYTHING) for path in TESTS.glob(pattern))
    return [path.read_bytes()[:LONGEST] for path in paths if path.is_file() and path.suffix != ".py"]
