"""The cutter: bytes in, interchanges out, with the span of every message and every fault of the envelope.

It looks at envelope segments only and counts the rest, so a payload of any size passes in the memory of one message.
"""

from collections.abc import Iterable, Iterator

from hub.errors import UnreadableError, finding
from hub.location import Location
from hub.syntax.detect import detect
from hub.syntax.dialect import BLANK, Dialect
from hub.syntax.envelope import EnvelopeReader
from hub.syntax.header import BARE, START, Header, read_header
from hub.syntax.model import Interchange
from hub.syntax.whole import whole_interchange
from hub.syntax.window import Window

_BOMS = (b"\xef\xbb\xbf",)
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
    position = 3 if bytes(window.data[:3]) in _BOMS else 0
    header = _first_header(window, position)
    controls: set[tuple[str, str, str]] = set()
    lost = header.offset - window.skip_ahead(position, BLANK) if header.offset > position else 0
    index, lost_at = 1, position
    while True:
        reader = EnvelopeReader(window, header, index, charset)
        interchange, position = reader.read()
        if lost > 0:
            _note_lost(interchange, lost_at, lost)
        _note_duplicate(interchange, controls)
        following, lost, lost_at = _next_header(window, position, index + 1, header.dialect)
        if lost > 0 and (following is None or following.offset > lost_at):
            _note_lost(interchange, lost_at, lost)
            lost = 0
        yield interchange
        if following is None:
            return
        header, index = following, index + 1


def _first_header(window: Window, position: int) -> Header:
    """The header of the first interchange; UnreadableError says why there is none."""
    start = window.skip(position, BLANK)
    window.reach(start + _LONGEST_START)
    if START.match(window.data, start - window.base) or BARE.match(window.data, start - window.base):
        return read_header(window, start, 1)
    found, _ = _search_header(window, start, 1, None)
    if found is None:
        raise UnreadableError(
            "HUB-1002",
            "The payload holds no ISA, UNA or UNB that can be read; nothing here knows its format.",
            location=Location(offset=start),
        )
    return found


def _next_header(
    window: Window, position: int, index: int, previous: Dialect
) -> tuple[Header | None, int, int]:
    """The next interchange's header, how many bytes before it belong to nothing, and where they begin."""
    start = window.skip(position, BLANK)
    window.drop(start)
    window.reach(start + _LONGEST_START)
    if not window.byte(start):
        return None, 0, start
    at = start - window.base
    bare = BARE.match(window.data, at)
    if START.match(window.data, at) or (bare and window.data[bare.end() : bare.end() + 1] == previous.element):
        try:
            return read_header(window, start, index, previous), 0, start
        except UnreadableError:
            start_search = start + 1
    else:
        start_search = start
    found, end = _search_header(window, start_search, index, previous)
    return found, (found.offset if found else end) - start, start


def _search_header(
    window: Window, start: int, index: int, previous: Dialect | None
) -> tuple[Header | None, int]:
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
            return read_header(window, start, index, previous), start
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


