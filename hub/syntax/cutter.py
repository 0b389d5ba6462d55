"""The cutter: bytes in, interchanges out, with the span of every message and every fault of the envelope.

It looks at envelope segments only and counts the rest, so a payload of any size passes in the memory of one message.
"""

from collections.abc import Iterable, Iterator

from hub.errors import UnreadableError, finding
from hub.location import Location
from hub.syntax.detect import detect
from hub.syntax.dialect import BLANK, Dialect
from hub.syntax.envelope import EnvelopeReader
from hub.syntax.header import BARE, FIRST_LOOK, START, Header, read_bare
from hub.syntax.isa import read_isa
from hub.syntax.model import Interchange
from hub.syntax.una import read_una
from hub.syntax.whole import whole_interchange
from hub.syntax.window import Window

_BOM = b"\xef\xbb\xbf"
_HEAD = 4096
_LONGEST_START = 16


def cut(payload: bytes | Iterable[bytes], *, charset: str | None = None) -> Iterator[Interchange]:
    """The interchanges of a payload (whole, or in chunks of any size), each as soon as its end has been read.

    charset: the Python codec an agreement names; without it the codec is the UNB's, corrected by what the bytes are.
    XML, JSON and CSV payloads are one interchange with one message. UnreadableError: nothing here can read the payload;
    it is raised before the first interchange or never: what cannot be read later on becomes a finding.
    """
    window = Window(payload)
    window.reach(_HEAD)
    standard = detect(bytes(window.data[:_HEAD]))
    if standard not in ("x12", "edifact"):
        while window.fill():
            pass
        yield whole_interchange(standard, bytes(window.data), charset)
        return
    yield from _interchanges(window, charset)


def _interchanges(window: Window, charset: str | None) -> Iterator[Interchange]:
    position = len(_BOM) if window.data.startswith(_BOM) else 0
    header, lost_at, lost = _next_header(window, position, 1, None)
    controls: set[tuple[str, str, str]] = set()
    index = 1
    while header is not None:
        interchange, position = EnvelopeReader(window, header, index, charset).read()
        if index == 1 and lost:
            _note_lost(interchange, lost_at, lost)
        _note_duplicate(interchange, controls)
        header, lost_at, lost = _next_header(window, position, index + 1, header.dialect)
        if lost:
            _note_lost(interchange, lost_at, lost)
        yield interchange
        index += 1


def _read_header(window: Window, start: int, index: int, previous: Dialect | None) -> Header:
    """The header of interchange `index` at start. UnreadableError: it is cut short or its separators are unclear."""
    window.reach(start + FIRST_LOOK)
    head = window.cut(start, start + FIRST_LOOK)
    if head.startswith(b"ISA"):
        return read_isa(head, start, index)
    if head.startswith((b"UNA", b"UNB")):
        return read_una(window, head, start, index)
    return read_bare(head, start, index, previous)


def _next_header(window: Window, position: int, index: int, previous: Dialect | None) -> tuple[Header | None, int, int]:
    """The next interchange's header, where the bytes before it begin that belong to nothing, and how many they are.

    UnreadableError: the payload's first header cannot be read, and no other follows.
    """
    start = window.skip(position, BLANK)
    window.drop(start)
    window.reach(start + _LONGEST_START)
    if not window.byte(start):
        return None, start, 0
    fault: UnreadableError | None = None
    bare = BARE.match(window.data)
    if START.match(window.data) or (bare and _continues(window, bare.end(), previous)):
        try:
            return _read_header(window, start, index, previous), start, 0
        except UnreadableError as error:
            fault = error
    found, end = _search_header(window, start + (fault is not None), index, previous)
    if found is None and previous is None:
        raise fault or UnreadableError(
            "HUB-1002",
            "The payload holds no ISA, UNA or UNB that can be read; nothing here knows its format.",
            location=Location(offset=start),
        )
    return found, start, (found.offset if found else end) - start


def _continues(window: Window, position: int, previous: Dialect | None) -> bool:
    """Whether a group or message without interchange header may begin here: first of all, or in known separators."""
    return previous is None or window.data[position : position + 1].decode("latin-1") == previous.element


def _search_header(window: Window, start: int, index: int, previous: Dialect | None) -> tuple[Header | None, int]:
    """The first header from start on that can be read, and the payload's end where there is none."""
    while True:
        match = START.search(window.data, max(start - window.base, 0))
        if match is None:
            start = max(start, window.end - _LONGEST_START)
            window.drop(start)
            if not window.fill():
                return None, window.end
            continue
        start = window.base + match.start()
        try:
            return _read_header(window, start, index, previous), start
        except UnreadableError:
            start += 1


def _note_lost(interchange: Interchange, offset: int, count: int) -> None:
    interchange.findings.append(
        finding(
            "HUB-1012",
            f"{count} bytes at byte {offset} of the payload belong to no interchange and were left out. "
            "Look at them: a header may be damaged.",
            location=Location(interchange=interchange.index, offset=offset),
            value=str(count),
        )
    )


def _note_duplicate(interchange: Interchange, seen: set[tuple[str, str, str]]) -> None:
    key = (interchange.sender, interchange.receiver, interchange.control_number)
    if not interchange.control_number:
        return
    if key in seen:
        interchange.findings.append(
            finding(
                "HUB-1022",
                f"Interchange {interchange.index} from {interchange.sender} carries control number "
                f"{interchange.control_number} again, which an earlier interchange of this payload already carries. "
                "Ask the sender which of the two counts.",
                location=Location(interchange=interchange.index, offset=interchange.offset),
                value=interchange.control_number,
            )
        )
    seen.add(key)
