"""One interchange's own syntax: its separators as bytes, the pattern that finds its envelope segments, exact splitting."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from hub.syntax.model import Separators

BLANK = b"\r\n\t \x00\x1a"
"""What may stand between segments and mean nothing."""

_TAGS = {
    "x12": ("IEA", "GS", "GE", "ST", "SE", "TA1", "BIN", "BDS"),
    "edifact": ("UNB", "UNZ", "UNG", "UNE", "UNH", "UNT", "UNO"),
}
_STARTS = {"x12": "ISA", "edifact": "UNA"}
_MOST_BLANKS = 1000


class Dialect(NamedTuple):
    """release is b"" where the interchange has none. wrapped: line breaks inside segments mean nothing.

    envelope matches from a terminator to the tag (its group 1) of the next segment the cutter must look at; partial
    matches the beginning of such a match at the end of what has been read so far.
    """

    standard: str
    separators: Separators
    element: bytes
    terminator: bytes
    release: bytes
    wrapped: bool
    blank: bytes
    envelope: re.Pattern[bytes]
    partial: re.Pattern[bytes]

    def released(self, text: bytes | bytearray, position: int) -> bool:
        """Whether the character at position is text because an odd run of release characters stands before it."""
        if not self.release:
            return False
        release, run = self.release[0], 0
        while position > 0:
            position -= 1
            if text[position] == release:
                run += 1
            elif not (self.wrapped and text[position] in b"\r\n"):
                break
        return run % 2 == 1

    def elements(self, raw: bytes) -> list[bytes]:
        """The elements of one segment without its terminator, tag first; release characters stay in them."""
        if self.wrapped:
            raw = raw.translate(None, b"\r\n")
        return join_released(raw.split(self.element), self.element, self.release)

    def segments(self, body: bytes) -> Iterator[bytes]:
        """The raw segments of a message body (without binary data), blanks and line breaks still around them."""
        if self.release and self.release in body:
            yield from join_released(body.split(self.terminator), self.terminator, self.release, wrapped=self.wrapped)
        else:
            yield from body.split(self.terminator)

    def count(self, body: bytes) -> tuple[int, int]:
        """How many segments body holds, and how many empty ones (terminators with nothing before them)."""
        simple = self.terminator + self.terminator not in body and self.release + self.terminator not in body
        if self.release and self.wrapped:
            simple = simple and self.release not in body
        if simple and not any(self.terminator + blank + self.terminator in body for blank in (b"\n", b"\r\n", b" ")):
            whole = body.endswith(self.terminator)
            return body.count(self.terminator) + (not whole and bool(_tail(body, self).strip(BLANK))), 0
        pieces = list(self.segments(body))
        rest = pieces.pop()
        full = sum(1 for piece in pieces if piece.strip(BLANK))
        return full + bool(rest.strip(BLANK)), len(pieces) - full


def _tail(body: bytes, dialect: Dialect) -> bytes:
    return body[body.rfind(dialect.terminator) + 1 :]


def join_released(parts: list[bytes], separator: bytes, release: bytes, *, wrapped: bool = False) -> list[bytes]:
    """Undo a plain split at separator wherever the separator was released: a part that ends in an odd run of releases."""
    if not release or not any(release in part for part in parts):
        return parts
    joined: list[bytes] = []
    open_parts: list[bytes] = []
    for part in parts:
        open_parts.append(part)
        end = part.translate(None, b"\r\n") if wrapped else part
        if (len(end) - len(end.rstrip(release))) % 2 == 0:
            joined.append(separator.join(open_parts))
            open_parts = []
    if open_parts:
        joined.append(separator.join(open_parts))
    return joined


@lru_cache(maxsize=256)
def dialect(standard: str, separators: Separators, wrapped: bool = False) -> Dialect:
    """The dialect of these separators, whose characters are single bytes (read as latin-1)."""
    element, terminator = separators.element.encode("latin-1"), separators.segment.encode("latin-1")
    release = (separators.release or "").encode("latin-1")
    blank = bytes(byte for byte in BLANK if byte not in element + terminator + release)
    gap, any_letters = rb"[" + re.escape(blank) + rb"]{0,%d}" % _MOST_BLANKS, rb"[A-Z0-9\r\n]{0,12}"
    tags = b"|".join(_spelled(tag, wrapped) for tag in _TAGS[standard])
    envelope = b"%s%s((?:%s)(?=[%s])|%s(?=[^A-Za-z0-9\\s]))" % (
        re.escape(terminator),
        gap,
        tags,
        re.escape(element) + re.escape(terminator) + (rb"\r\n" if wrapped else b""),
        _spelled(_STARTS[standard], wrapped),
    )
    return Dialect(
        standard=standard,
        separators=separators,
        element=element,
        terminator=terminator,
        release=release,
        wrapped=wrapped,
        blank=blank,
        envelope=re.compile(envelope),
        partial=re.compile(re.escape(terminator) + gap + any_letters + rb"\Z"),
    )


def _spelled(tag: str, wrapped: bool) -> bytes:
    return (r"[\r\n]*" if wrapped else "").join(tag).encode()


