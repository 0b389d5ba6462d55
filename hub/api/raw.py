"""The bytes of a message as lines to read, with each finding at the element it is about."""

from collections.abc import Sequence

import msgspec

from hub.errors import Finding
from hub.store.browse_message import Place
from hub.syntax.charset import readable
from hub.syntax.model import EDIFACT_SEPARATORS, X12_SEPARATORS, Separators

LIMIT = 200_000
"""Bytes of a message that are shown; the whole is there to download."""

_ENVELOPE = {"ISA", "GS", "GE", "IEA", "TA1", "UNA", "UNB", "UNG", "UNE", "UNZ"}


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """finding: its 0-based place in the list of findings. part: of the line; None: it is about the whole line."""

    finding: int
    part: int | None


class RawLine(msgspec.Struct, frozen=True, kw_only=True):
    """A segment, or a line of text. number: the segment's in its message; None for the envelope's segments.

    offset: from the start of the payload. parts: the tag and the elements as they stand; of text, the one line.
    """

    number: int | None
    offset: int
    parts: list[str]
    marks: list[Mark]


class RawView(msgspec.Struct, frozen=True, kw_only=True):
    """separator stands between parts, terminator after each line (both "" for text). size: bytes of the message.

    truncated: there is more than is shown.
    """

    separator: str
    terminator: str
    size: int
    truncated: bool
    lines: list[RawLine]


def raw_view(body: bytes, place: Place, findings: Sequence[Finding]) -> RawView:
    """body: the first bytes of the message, at most LIMIT of them."""
    defaults = {"x12": X12_SEPARATORS, "edifact": EDIFACT_SEPARATORS}
    standard = place.standard.partition("/")[0]
    if standard in defaults:
        found = msgspec.convert(place.separators, Separators) if place.separators else defaults[standard]
        lines = _segments(body, place, found)
        separator, terminator = found.element, found.segment
    else:
        lines = _text(body, place)
        separator = terminator = ""
    for index, finding in enumerate(findings):
        _mark(lines, index, finding)
    return RawView(
        separator=separator,
        terminator=terminator,
        size=place.length,
        truncated=len(body) < place.length,
        lines=lines,
    )


def _cut(text: str, separator: str, release: str | None) -> list[str]:
    """The parts between separators that are not released."""
    if not release or release not in text:
        return text.split(separator)
    parts, start, position = [], 0, 0
    while position < len(text):
        if text[position] == release:
            position += 1
        elif text[position] == separator:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    return [*parts, text[start:]]


def _segments(body: bytes, place: Place, separators: Separators) -> list[RawLine]:
    """One line a segment. Cut in latin-1, where a character is a byte, so that offsets are right in any charset."""
    lines: list[RawLine] = []
    body, charset = readable(body, place.charset)
    text, start, number = body.decode("latin-1"), 0, 0
    if text.startswith("UNA"):
        lines.append(RawLine(number=None, offset=place.offset, parts=[text[:8]], marks=[]))
        start = 9
    for piece in _cut(text[start:], separators.segment, separators.release):
        segment = piece.lstrip("\r\n \t\0\x1a")
        if segment:
            parts = [
                part.encode("latin-1").decode(charset, "replace")
                for part in _cut(segment, separators.element, separators.release)
            ]
            tag = parts[0].partition(separators.component)[0]
            number = 1 if tag in ("ST", "UNH") else number + 1 if number else 0
            counted = number if number and tag not in _ENVELOPE else None
            offset = place.offset + start + len(piece) - len(segment)
            lines.append(RawLine(number=counted, offset=offset, parts=parts, marks=[]))
        start += len(piece) + 1
    return lines


def _text(body: bytes, place: Place) -> list[RawLine]:
    lines: list[RawLine] = []
    offset = place.offset
    for number, line in enumerate(body.splitlines(keepends=True), start=1):
        text = line.rstrip(b"\r\n").decode(place.charset, "replace")
        lines.append(RawLine(number=number, offset=offset, parts=[text], marks=[]))
        offset += len(line)
    return lines


def _mark(lines: list[RawLine], index: int, finding: Finding) -> None:
    """Puts the finding at the segment it names, else at the line that holds its byte; else nowhere."""
    at = finding.location
    line = next((line for line in lines if at.segment is not None and line.number == at.segment), None)
    if line is None and at.offset is not None:
        line = next((line for line in reversed(lines) if line.offset <= at.offset), None)
    if line is not None:
        part = at.element if at.element is not None and 0 < at.element < len(line.parts) else None
        line.marks.append(Mark(finding=index, part=part))
