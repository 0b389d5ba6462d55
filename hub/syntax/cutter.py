"""The cutter: bytes in, interchanges out, with the span of every message and every fault of the envelope.

It looks at envelope segments only and counts the rest, so a payload of any size passes in the memory of one message.
"""

import re
from collections.abc import Iterable, Iterator

from hub.errors import Finding, UnreadableError, finding
from hub.location import Location
from hub.record import Record
from hub.syntax.charset import EBCDIC, readable
from hub.syntax.detect import detect
from hub.syntax.dialect import BLANK, Dialect
from hub.syntax.envelope import EnvelopeReader
from hub.syntax.header import BARE, FIRST_LOOK, START, Header, read_bare
from hub.syntax.model import Interchange
from hub.syntax.window import Window

_BOM = b"\xef\xbb\xbf"
_HEAD = 4096
_LONGEST_START = 16


def cut(payload: bytes | Iterable[bytes], *, charset: str | None = None) -> Iterator[Interchange]:
    """The interchanges of a payload (whole, or in chunks of any size), each as soon as its end has been read.

    charset: the Python codec an agreement names; without it the codec is the UNB's, corrected by what the bytes are.
    EBCDIC (cp037, cp500) is read only where it is named.
    XML, JSON and CSV payloads are one interchange with one message. UnreadableError: nothing here can read the payload;
    it is raised before the first interchange or never: what cannot be read later on becomes a finding.
    """
    if charset in EBCDIC:
        chunks = (payload,) if isinstance(payload, bytes) else payload
        for interchange in cut((readable(chunk, charset)[0] for chunk in chunks), charset="latin-1"):
            interchange.charset = charset
            yield interchange
        return
    window = Window(payload)
    window.reach(_HEAD)
    standard = detect(bytes(window.data[:_HEAD]))
    if standard not in ("x12", "edifact"):
        while window.fill():
            pass
        from hub.syntax.whole import whole_interchange

        yield whole_interchange(standard, bytes(window.data), charset)
        return
    yield from _interchanges(window, charset)


class _Lost(Record):
    """Bytes that belong to no interchange; fault: why the header they begin with cannot be read, if they do."""

    offset: int
    length: int
    fault: UnreadableError | None


def _interchanges(window: Window, charset: str | None) -> Iterator[Interchange]:
    position = len(_BOM) if window.data.startswith(_BOM) else 0
    header, before = _next_header(window, position, 1, None)
    controls: set[tuple[str, str, str]] = set()
    index = 1
    while header is not None:
        interchange, position = EnvelopeReader(window, header, index, charset).read()
        header, behind = _next_header(window, position, index + 1, header.dialect)
        interchange.findings += [_lost(index, lost) for lost in (before, behind) if lost]
        interchange.findings += _used_before(interchange, controls)
        yield interchange
        before, index = None, index + 1


def _read_header(window: Window, start: int, index: int, previous: Dialect | None) -> Header:
    """The header of interchange `index` at start. UnreadableError: it is cut short or its separators are unclear."""
    window.reach(start + FIRST_LOOK)
    head = window.cut(start, start + FIRST_LOOK)
    if head.startswith(b"ISA"):
        from hub.syntax.isa import read_isa

        return read_isa(head, start, index)
    if head.startswith((b"UNA", b"UNB")):
        from hub.syntax.una import read_una

        return read_una(window, head, start, index)
    return read_bare(head, start, index, previous)


def _next_header(
    window: Window, position: int, index: int, previous: Dialect | None
) -> tuple[Header | None, _Lost | None]:
    """The next interchange's header, and the bytes before it that belong to nothing.

    UnreadableError: the payload's first header cannot be read, and no other follows.
    """
    start = window.skip(position, BLANK)
    window.drop(start)
    window.reach(start + _LONGEST_START)
    if not window.byte(start):
        return None, None
    fault: UnreadableError | None = None
    begins = START.match(window.data) is not None
    if not begins and (bare := re.match(BARE, window.data)):
        begins = _continues(window, bare.end(), previous)
    if begins:
        try:
            return _read_header(window, start, index, previous), None
        except UnreadableError as error:
            fault = error
    found, end = _search_header(window, start + (fault is not None), index, previous)
    if found is None and previous is None:
        raise fault or UnreadableError(
            "HUB-1002",
            "The payload holds no ISA, UNA or UNB that can be read; nothing here knows its format.",
            location=Location(offset=start),
        )
    return found, _Lost(start, (found.offset if found else end) - start, fault)


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


def _lost(index: int, lost: _Lost) -> Finding:
    why = (
        f"A header that cannot be read begins there: {lost.fault.message}"
        if lost.fault
        else "A mail's text or a mark of the transfer may have been sent along; look at it."
    )
    return finding(
        "HUB-1012",
        f"{_bytes(lost.length)} at byte {lost.offset} of the payload outside of all interchanges and left out. {why}",
        location=Location(interchange=index, offset=lost.offset),
        value=str(lost.length),
        severity="error" if lost.fault else None,
    )


def _bytes(count: int) -> str:
    return "1 byte was found" if count == 1 else f"{count} bytes were found"


def _used_before(interchange: Interchange, seen: set[tuple[str, str, str]]) -> list[Finding]:
    """A finding if an earlier interchange of the payload carries the same control number between the same two."""
    key = (interchange.sender, interchange.receiver, interchange.control_number)
    if key not in seen or not interchange.control_number:
        seen.add(key)
        return []
    return [
        finding(
            "HUB-1022",
            f"Interchange {interchange.index} from {interchange.sender.lstrip(':')} carries control number "
            f"{interchange.control_number}, which an earlier interchange of this payload already carries. "
            "Ask the sender which of the two counts.",
            location=Location(interchange=interchange.index, offset=interchange.offset),
            value=interchange.control_number,
        )
    ]
