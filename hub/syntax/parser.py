"""From the bytes of one message to its segments."""

import re

from hub.errors import DataError
from hub.syntax.charset import readable
from hub.syntax.dialect import BINARY, BLANK_TEXT, Dialect, dialect, recode, split_released
from hub.syntax.model import OBJECT, Element, Interchange, Message, MessageSpan, Offsets, Segment


def parse(message_bytes: bytes, span: MessageSpan, interchange: Interchange) -> Message:
    """The message at span of an interchange; message_bytes are the payload's bytes there.

    Empty segments are left out. Bytes the charset cannot hold become U+FFFD. Binary data (BIN02, BDS03) is text of one
    character per byte, and so is the object behind a UNO, which becomes its element OBJECT. DataError: not X12 or
    EDIFACT.
    """
    if not span.plain or not message_bytes.isascii():
        return _parse(message_bytes, span, interchange)
    marks = interchange.separators  # which are ASCII, too
    texts, segments = _plain_segments(message_bytes.decode(), marks.element, marks.segment, marks.line)
    offsets = Offsets(span.offset, texts, len(marks.segment) + len(marks.line))
    standard, index, charset = interchange.standard, interchange.index, interchange.charset
    return Message(span, standard, marks, segments, offsets, False, index, charset)


def _plain_segments(text: str, element: str, terminator: str, line: str) -> tuple[list[str], list[Segment]]:
    """The segments of a message as they stand, and their elements, where each terminator is one, followed by the line
    break and a tag.
    """
    texts = (text + line).split(terminator + line) if line else text.split(terminator)
    rest = texts.pop()
    if rest:
        texts.append(rest.removesuffix(line))
    return texts, [text.split(element) for text in texts]


def _parse(message_bytes: bytes, span: MessageSpan, interchange: Interchange) -> Message:
    """The same for any message."""
    if interchange.standard not in ("x12", "edifact"):
        raise DataError("HUB-1002", f"A message in {interchange.standard} has no segments; read it by its own reader.")
    message_bytes, codec = readable(message_bytes, interchange.charset)
    found = dialect(interchange.standard, interchange.separators, interchange.wrapped, codec == "utf-8")
    escaped = not span.plain and bool(found.release) and found.release.encode("latin-1") in message_bytes
    objects: dict[int, str] = {}
    offsets: list[int] | Offsets
    if span.plain or found.is_tidy(message_bytes):
        texts, offsets, segments = _tidy_segments(message_bytes, span.offset, found, escaped)
    else:
        texts, offsets = _segments(message_bytes, span.offset, found, objects)
        segments = [_binary_segment(text, found) or found.elements(text) for text in texts]
    if codec != "latin-1" and not message_bytes.isascii():
        segments = [
            parts if text.isascii() else _recode(parts, codec) for text, parts in zip(texts, segments, strict=True)
        ]
    for index, content in objects.items():
        parts = segments[index]
        segments[index] = [*parts[:OBJECT], *[""] * (OBJECT - len(parts)), content]
    return Message(
        span,
        interchange.standard,
        interchange.separators,
        segments,
        offsets,
        escaped,
        interchange.index,
        interchange.charset,
    )


def elements(message: Message, segment: Segment) -> list[Element]:
    """A segment of a message as `write` takes it: tag first, nothing released, components and repetitions apart."""
    if segment[0] in ("BIN", "BDS") and message.standard == "x12":
        return list(segment)
    parts: list[Element] = [message.text(segment[0])]
    component, repetition = message.separators.component, message.separators.repetition
    plain = segment[OBJECT:] if segment[0] == "UNO" else []
    for element in segment[1 : len(segment) - len(plain)]:
        if component not in element and (repetition is None or repetition not in element):
            parts.append(message.text(element))
            continue
        each = [message.components(one) for one in message.repetitions(element)]
        parts.append(each if len(each) > 1 else each[0] if len(each[0]) > 1 else each[0][0])
    return [*parts, *plain]


def _segments(body: bytes, start: int, found: Dialect, objects: dict[int, str]) -> tuple[list[str], list[int]]:
    """The segments of a message as latin-1 text without terminators and blanks around them, and their offsets.

    objects is filled with the object behind each UNO, by the index of that segment.
    """
    ranges = _binary_ranges(body, found)
    texts: list[str] = []
    offsets: list[int] = []
    position = 0
    for begin, stop in ranges:
        if found.standard == "edifact":
            _collect(body, position, begin, start, found, texts, offsets)
            objects[len(texts) - 1] = body[begin:stop].decode("latin-1")
            position = stop
            continue
        opening = _collect(body, position, begin, start, found, texts, offsets)
        texts.append(body[opening:stop].decode("latin-1").lstrip(found.blank))
        offsets.append(start + stop - len(texts[-1]))
        position = stop + len(found.terminator)
    rest = _collect(body, position, len(body), start, found, texts, offsets)
    text = body[rest:].decode("latin-1").strip(BLANK_TEXT)
    if text:
        texts.append(text)
        offsets.append(start + body.index(text.encode("latin-1"), rest))
    return texts, offsets


def _tidy_segments(body: bytes, start: int, found: Dialect, escaped: bool) -> tuple[list[str], Offsets, list[Segment]]:
    """Like _segments, and their elements, where every terminator is followed by one and the same line break and a
    tag.
    """
    line, element, end = found.separators.line, found.element, found.terminator
    text = body.decode("latin-1")
    if escaped:
        texts = split_released(text + line, end + line, found.release)
        rest = texts.pop()
        if rest:
            texts.append(rest.removesuffix(line))
        segments = [found.elements(text) if found.release in text else text.split(element) for text in texts]
    else:
        texts, segments = _plain_segments(text, element, end, line)
    return texts, Offsets(start, texts, len(end + line)), segments


def _collect(
    body: bytes, begin: int, stop: int, start: int, found: Dialect, texts: list[str], offsets: list[int]
) -> int:
    """Add the terminated segments of body[begin:stop]; where in body the rest begins."""
    position = begin
    for piece in found.segments(body[begin:stop].decode("latin-1"))[:-1]:
        text = piece.lstrip(found.blank)
        if text.strip(BLANK_TEXT):
            texts.append(text)
            offsets.append(start + position + len(piece) - len(text))
        position += len(piece) + len(found.terminator)
    return position


def _binary_ranges(body: bytes, found: Dialect) -> list[tuple[int, int]]:
    """Where in body binary data lies: (begin, stop), stop excluded, in order."""
    if found.standard == "edifact":
        return _object_ranges(body, found) if b"UNO" in body else []
    if b"BIN" not in body and b"BDS" not in body:
        return []
    element, end = re.escape(found.element.encode("latin-1")), re.escape(found.end)
    code = b"[^%s%s]{0,20}" % (element, end)
    opening = re.compile(b"%s\\s*(?:BIN|BDS%s%s)%s([0-9]{1,15})%s" % (end, element, code, element, element))
    ranges, position = [], 0
    while match := opening.search(body, position):
        stop = match.end() + int(match[1])
        position = match.end() - 1
        if body[stop : stop + len(found.end)] == found.end:
            ranges.append((match.end(), stop))
            position = stop
    return ranges


def _object_ranges(body: bytes, found: Dialect) -> list[tuple[int, int]]:
    ranges, position = [], 0
    opening = re.compile(b"%s\\s*(UNO%s)" % (re.escape(found.end), re.escape(found.element.encode("latin-1"))))
    while match := opening.search(body, position):
        end = match.start(1)
        while (end := body.find(found.end, end)) >= 0 and found.is_released(body, end):
            end += 1
        if end < 0:
            break
        parts = found.elements(body[match.start(1) : end].decode("latin-1"))
        length = parts[4].split(found.separators.component)[0] if len(parts) > 4 else ""
        begin = end + len(found.end)
        position = end
        if length.isascii() and length.isdigit() and len(length) < 16 and body.startswith(b"UNP", begin + int(length)):
            position = begin + int(length)
            ranges.append((begin, position))
    return ranges


def _binary_segment(text: str, found: Dialect) -> Segment | None:
    """A BIN or BDS segment split only up to its data."""
    tag = text[:3]
    if found.standard != "x12" or tag not in BINARY["x12"]:
        return None
    return text.split(found.element, 2 if tag == "BIN" else 3)


def _recode(parts: Segment, codec: str) -> Segment:
    if parts[0] in ("BIN", "BDS"):
        return parts
    return [recode(part, codec) for part in parts]
