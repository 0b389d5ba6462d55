"""From the bytes of one message to its segments."""

import re

from hub.errors import UnreadableError
from hub.syntax.dialect import BLANK, Dialect, dialect
from hub.syntax.model import Element, Interchange, Message, MessageSpan, Segment

_BLANK_TEXT = BLANK.decode("latin-1")


def parse(message_bytes: bytes, span: MessageSpan, interchange: Interchange) -> Message:
    """The message at span of an interchange; message_bytes are the payload's bytes there.

    Empty segments are left out. Bytes the charset cannot hold become U+FFFD. Binary data (BIN02, BDS03) is text of one
    character per byte; the object between UNO and UNP is left out (it lies behind UNO's offset).
    """
    if interchange.standard not in ("x12", "edifact"):
        raise UnreadableError("HUB-1002", f"{interchange.standard} has no segments; read it by its own reader.")
    found = dialect(interchange.standard, interchange.separators, interchange.wrapped)
    raws, offsets = _raw_segments(message_bytes, found)
    escaped = bool(found.release) and found.release in message_bytes
    separator, codec = interchange.separators.element, interchange.charset
    segments: list[Segment]
    if escaped or found.wrapped:
        segments = [[part.decode(codec, "replace") for part in found.elements(raw)] for raw in raws]
    else:
        segments = [raw.decode(codec, "replace").split(separator) for raw in raws]
    if found.standard == "x12" and (b"BIN" in message_bytes or b"BDS" in message_bytes):
        segments = [_binary_segment(raw, found) or parts for raw, parts in zip(raws, segments, strict=True)]
    start = span.offset
    return Message(
        span=span,
        standard=interchange.standard,
        separators=interchange.separators,
        segments=segments,
        offsets=[start + offset for offset in offsets],
        escaped=escaped,
        interchange=interchange.index,
        charset=codec,
    )


def elements(message: Message, segment: Segment) -> list[Element]:
    """A segment of a message as `write` takes it: tag first, release characters undone, components and repetitions apart."""
    if segment[0] in ("BIN", "BDS") and message.standard == "x12":
        return list(segment)
    parts: list[Element] = [message.text(segment[0])]
    component, repetition = message.separators.component, message.separators.repetition
    for element in segment[1:]:
        repeated = repetition is not None and repetition in element
        if not repeated and component not in element:
            parts.append(message.text(element))
            continue
        each = [message.components(one) for one in message.repetitions(element)]
        parts.append(each if len(each) > 1 else each[0] if len(each[0]) > 1 else each[0][0])
    return parts


def _raw_segments(body: bytes, found: Dialect) -> tuple[list[bytes], list[int]]:
    """The raw segments of a message without terminators and blanks around them, and where in body each begins."""
    raws: list[bytes] = []
    offsets: list[int] = []
    position = 0
    for begin, stop in _binary_ranges(body, found):
        position = _collect(body, position, begin, found, raws, offsets)
        if found.standard == "edifact":
            position = stop
            continue
        head = body[position:begin].lstrip(found.blank)
        raws.append(head + body[begin:stop])
        offsets.append(begin - len(head))
        position = stop + 1
    _collect(body, position, len(body), found, raws, offsets, last=True)
    return raws, offsets


def _collect(
    body: bytes, start: int, stop: int, found: Dialect, raws: list[bytes], offsets: list[int], *, last: bool = False
) -> int:
    """Add the terminated segments of body[start:stop] (with last: also an unterminated one); where the rest begins."""
    blank, position = found.blank, start
    pieces = list(found.segments(body[start:stop]))
    rest = pieces.pop()
    if last:
        pieces.append(rest.rstrip(BLANK))
    for piece in pieces:
        raw = piece.lstrip(blank)
        if raw:
            raws.append(raw)
            offsets.append(position + len(piece) - len(raw))
        position += len(piece) + 1
    return position


def _binary_ranges(body: bytes, found: Dialect) -> list[tuple[int, int]]:
    """Where in body binary data lies: (begin, stop), stop excluded, in order."""
    if found.standard == "edifact":
        return _object_ranges(body, found) if b"UNO" in body else []
    if b"BIN" not in body and b"BDS" not in body:
        return []
    element, terminator = re.escape(found.element), re.escape(found.terminator)
    opening = re.compile(
        terminator + rb"[\r\n\t \x00]*(?:BIN|BDS%s[^%s%s]{0,16})%s([0-9]{1,15})%s"
        % (element, element, terminator, element, element)
    )
    ranges, position = [], 0
    while match := opening.search(body, position):
        stop = match.end() + int(match[1])
        position = match.end()
        if body[stop : stop + 1] == found.terminator:
            ranges.append((match.end(), stop))
            position = stop
    return ranges


def _object_ranges(body: bytes, found: Dialect) -> list[tuple[int, int]]:
    ranges, position = [], 0
    opening = re.compile(re.escape(found.terminator) + rb"\s*(UNO" + re.escape(found.element) + rb")")
    while match := opening.search(body, position):
        end = match.start(1)
        while (end := body.find(found.terminator, end)) >= 0 and found.released(body, end):
            end += 1
        if end < 0:
            break
        parts = found.elements(body[match.start(1) : end])
        length = parts[4].split(found.separators.component.encode("latin-1"))[0] if len(parts) > 4 else b""
        position = end
        if length.isdigit() and len(length) < 16 and body[end + 1 + int(length) :].startswith(b"UNP"):
            position = end + 1 + int(length)
            ranges.append((end + 1, position))
    return ranges


def _binary_segment(raw: bytes, found: Dialect) -> Segment | None:
    """A BIN or BDS segment split only up to its data, whose bytes become one character each."""
    tag = raw[:3]
    if tag not in (b"BIN", b"BDS"):
        return None
    return [part.decode("latin-1") for part in raw.split(found.element, 2 if tag == b"BIN" else 3)]


