"""One interchange's own syntax: its separators, the patterns that find its envelope segments, exact splitting.

Splitting works on text read as latin-1, where a character is a byte: offsets are exact in any charset, and no charset
supported here uses the bytes of ASCII for anything else. `recode` then turns the parts into what they mean.
"""

import re
from functools import lru_cache

from hub.record import Record
from hub.syntax.model import Separators

BLANK = b"\r\n\t \x00\x1a"
"""What may stand between segments and mean nothing."""

BLANK_TEXT = BLANK.decode("latin-1")

TAGS = {
    "x12": ("IEA", "GS", "GE", "ST", "SE", "TA1", "BIN", "BDS"),
    "edifact": ("UNB", "UNZ", "UNG", "UNE", "UNH", "UNT", "UNO"),
}
STARTS = {"x12": "ISA", "edifact": "UNA"}
BINARY = {"x12": ("BIN", "BDS"), "edifact": ("UNO",)}
"""Segments with data that may hold anything, or before such data."""

_MOST_BLANKS = 1000


class Dialect(Record):
    """element, terminator, release: as latin-1 text (a UTF-8 mark is several characters); release may be "".

    codec: the charset that separators beyond ASCII prove, else None.
    wrapped: line breaks inside segments mean nothing. blank: what means nothing before a tag. end: terminator's bytes.
    envelope matches from a terminator to the tag (its group 1) of the next segment the cutter must look at; partial
    matches the beginning of such a match at the end of what has been read so far, which few payloads need. untidy
    matches a terminator that is not followed by exactly the line break of this interchange and a segment of text; empty
    matches one with an empty segment behind it.
    """

    standard: str
    separators: Separators
    element: str
    terminator: str
    release: str
    codec: str | None
    wrapped: bool
    blank: str
    end: bytes
    envelope: re.Pattern[bytes]
    partial: bytes
    untidy: re.Pattern[bytes]
    empty: re.Pattern[bytes]

    def is_released(self, text: bytes | bytearray, position: int) -> bool:
        """Whether the character at position is text because an odd run of release characters stands before it."""
        if not self.release:
            return False
        release, run = ord(self.release), 0
        while position > 0:
            position -= 1
            if text[position] == release:
                run += 1
            elif not (self.wrapped and text[position] in b"\r\n"):
                break
        return run % 2 == 1

    def elements(self, segment: str) -> list[str]:
        """The elements of one segment without its terminator, tag first; release characters stay in them."""
        if self.wrapped:
            segment = segment.replace("\r", "").replace("\n", "")
        return split_released(segment, self.element, self.release) if self.release else segment.split(self.element)

    def segments(self, text: str) -> list[str]:
        """The segments of a message without binary data, blanks still around them; the last is a rest."""
        if not self.release:
            return text.split(self.terminator)
        if self.wrapped:
            return _split_wrapped(text, self.terminator, self.release)
        return split_released(text, self.terminator, self.release)

    def is_tidy(self, body: bytes) -> bool:
        """Whether every terminator in body is followed by the usual line break and a segment of text."""
        return not self.wrapped and self.untidy.search(body) is None

    def is_plain(self, body: bytes) -> bool:
        """Whether body is tidy and may be split at every separator."""
        return not (self.release and self.release.encode("latin-1") in body) and self.is_tidy(body)

    def count_segments(self, body: bytes) -> tuple[int, int]:
        """How many segments body holds, and how many empty ones (terminators with nothing before them)."""
        if self.wrapped:
            body = body.translate(None, b"\r\n")
        last = body.rfind(self.end)
        open_end = bool(body[last + len(self.end) :].strip(BLANK)) or (last >= 0 and self.is_released(body, last))
        empty = sum(1 for match in self.empty.finditer(body) if not self.is_released(body, match.start()))
        return body.count(self.end) - self.count_released(body) - empty + open_end, empty

    def count_released(self, body: bytes) -> int:
        """How many terminators in body are text. Taking pairs of releases away first leaves those that release."""
        release = self.release.encode("latin-1")
        if not release or release + self.end not in body:
            return 0
        return body.replace(release + release, b"").count(release + self.end)


def split_released(text: str, separator: str, release: str) -> list[str]:
    """Split text at every separator that is not released; the parts keep their release characters."""
    *blocks, last = text.split(release + separator)
    parts: list[str] = []
    held: list[str] = []
    for block in blocks:
        _take_block(block.split(separator), held, parts)
        if _ends_in_odd_run(held[-1], release):
            parts.append("".join(held) + release)
            held.clear()
        else:
            held.append(release + separator)
    _take_block(last.split(separator), held, parts)
    parts.append("".join(held))
    return parts


def _take_block(pieces: list[str], held: list[str], parts: list[str]) -> None:
    """Add pieces to the part that is held open, and whole parts; the last piece is held open again."""
    held.append(pieces[0])
    if len(pieces) > 1:
        parts.append("".join(held))
        parts += pieces[1:-1]
        held[:] = pieces[-1:]


def _split_wrapped(text: str, separator: str, release: str) -> list[str]:
    """Like split_released, where line breaks may stand between a release character and what it releases."""
    parts: list[str] = []
    held: list[str] = []
    for part in text.split(separator):
        held.append(part)
        if not _ends_in_odd_run(part.replace("\r", "").replace("\n", ""), release):
            parts.append(separator.join(held))
            held.clear()
    if held:
        parts.append(separator.join(held))
    return parts


def _ends_in_odd_run(text: str, release: str) -> bool:
    return text.endswith(release) and (len(text) - len(text.rstrip(release))) % 2 == 1


def recode(text: str, codec: str) -> str:
    """Latin-1 text as what its bytes mean in codec; U+FFFD for what they cannot mean."""
    if codec == "latin-1" or text.isascii():
        return text
    return text.encode("latin-1").decode(codec, "replace")


@lru_cache(maxsize=256)
def dialect(standard: str, separators: Separators, wrapped: bool = False, utf8: bool = False) -> Dialect:
    """The dialect of these separators. utf8: marks beyond ASCII are UTF-8, otherwise single bytes of ISO 8859."""
    codec = "utf-8" if utf8 else "latin-1"
    element, terminator = (mark.encode(codec, "replace") for mark in (separators.element, separators.segment))
    release, component = ((mark or "").encode(codec, "replace") for mark in (separators.release, separators.component))
    blank = bytes(byte for byte in BLANK if byte not in element + terminator + release)
    end, gap = re.escape(terminator), rb"[" + re.escape(blank) + rb"]"
    tags = b"|".join(_spelled(tag, wrapped) for tag in TAGS[standard])
    begin = b"(?:%s)(?=%s(?:%s|%s))" % (tags, rb"[\r\n]{0,2}" if wrapped else b"", re.escape(element), end)
    start = _spelled(STARTS[standard], wrapped) + rb"(?=[^A-Za-z0-9\s])"
    first = b"".join(sorted({tag[:1].encode() for tag in (*TAGS[standard], STARTS[standard])}))
    line = re.escape(separators.line.encode())
    return Dialect(
        standard=standard,
        separators=separators,
        element=element.decode("latin-1"),
        terminator=terminator.decode("latin-1"),
        release=release.decode("latin-1"),
        codec=None if (element + terminator + release + component).isascii() else codec,
        wrapped=wrapped,
        blank=blank.decode("latin-1"),
        end=terminator,
        envelope=re.compile(
            b"%s(?=[%s%s])%s{0,%d}(%s|%s)" % (end, re.escape(blank), first, gap, _MOST_BLANKS, begin, start)
        ),
        partial=b"%s%s{0,%d}[A-Z0-9\\r\\n]{0,12}\\Z" % (end, gap, _MOST_BLANKS),
        empty=re.compile(b"%s(?=%s*%s)" % (end, gap, end)),
        untidy=re.compile(b"%s(?!%s(?!%s|%s|%s|\\Z)|\\Z)" % (end, line, gap, end, "|".join(BINARY[standard]).encode())),
    )


def _spelled(tag: str, wrapped: bool) -> bytes:
    return (r"[\r\n]{0,2}" if wrapped else "").join(tag).encode()
