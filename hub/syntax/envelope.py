"""The reader of one interchange: a small state machine over its envelope segments.

Both standards have the same three levels (interchange, group, message), whose trailer repeats the header's control
number and counts what lies between; so one machine serves both, and the differences are the table LEVELS.
"""

from typing import NamedTuple

from hub.errors import Finding, finding
from hub.location import Location
from hub.syntax.charset import UNOX, Evidence
from hub.syntax.dialect import BLANK, Dialect
from hub.syntax.header import Header, segment_end
from hub.syntax.model import Group, Interchange, MessageSpan, Segment
from hub.syntax.window import Window


class Level(NamedTuple):
    """header and trailer tags, and the header element that holds the control number. A trailer is (count, number)."""

    name: str
    header: str
    trailer: str
    number: int
    counted: str
    count_code: str
    number_code: str
    missing_code: str


LEVELS: dict[str, tuple[Level, Level, Level]] = {
    standard: (
        Level("interchange", tags[0], tags[1], numbers[0], "groups", "HUB-1016", "HUB-1019", "HUB-1013"),
        Level("group", tags[2], tags[3], numbers[1], "messages", "HUB-1017", "HUB-1020", "HUB-1014"),
        Level("message", tags[4], tags[5], numbers[2], "segments", "HUB-1018", "HUB-1021", "HUB-1015"),
    )
    for standard, tags, numbers in (
        ("x12", ("ISA", "IEA", "GS", "GE", "ST", "SE"), (13, 6, 2)),
        ("edifact", ("UNB", "UNZ", "UNG", "UNE", "UNH", "UNT"), (5, 5, 1)),
    )
}


class _Open(NamedTuple):
    """A message whose trailer has not been seen: where it began, its header, its segment number in the interchange."""

    start: int
    elements: Segment
    segment: int


class EnvelopeReader:
    """Reads one interchange from a window, header already read."""

    def __init__(self, window: Window, header: Header, index: int, charset: str | None) -> None:
        self._window = window
        self._header = header
        self._dialect: Dialect = header.dialect
        self._charset = charset
        self._levels = LEVELS[header.dialect.standard]
        self._evidence = Evidence()
        self._group: Group | None = None
        self._open: _Open | None = None
        self._binary: list[tuple[int, int]] = []
        self._group_numbers: set[tuple[str | None, ...]] = set()
        self._message_numbers: set[str] = set()
        self._segments = 1 if header.elements else 0
        self._ordinal = 0
        self.interchange = Interchange(
            index=index,
            standard=header.dialect.standard,
            offset=header.offset,
            length=0,
            separators=header.dialect.separators,
            groups=[],
            findings=list(header.findings),
            wrapped=header.dialect.wrapped,
        )
        self._declared = self._read_header()

    def read(self) -> tuple[Interchange, int]:
        """The interchange and the position behind it."""
        window, position = self._window, self._header.end
        scan = position - 1 if self._header.elements else position
        bare = not self._header.elements
        while True:
            hit = (position, self._bare_tag(position)) if bare else self._next(scan)
            bare = False
            if hit is None:
                while window.fill():
                    pass
                position = self._end_at(position, window.end)
                break
            start, tag = hit
            if tag in ("ISA", "UNA", "UNB"):
                position = self._end_at(position, start)
                break
            if self._open is None:
                self._outside(position, start)
            if tag in ("BIN", "BDS", "UNO"):
                position_after = self._skip_binary(start, tag)
                scan = position_after
                if self._open is None:
                    position = position_after
                continue
            end, elements = self._segment(start)
            position, scan = end, end - 1
            if tag == self._levels[0].trailer:
                self._close_interchange(start, elements)
                break
            self._take(tag, start, end, elements)
            if self._open is None:
                window.drop(end - 1)
        self._finish(position)
        return self.interchange, position

    # -- finding segments

    def _bare_tag(self, position: int) -> str:
        return self._window.cut(position, position + 3).decode("latin-1").rstrip(self._dialect.separators.element)[:3]

    def _next(self, scan: int) -> tuple[int, str] | None:
        """The next segment the envelope is made of: its position and tag."""
        window, found = self._window, self._dialect
        while True:
            match = found.envelope.search(window.data, scan - window.base)
            if match is not None:
                terminator = match.start()
                if found.release and found.released(window.data, terminator):
                    scan = window.base + terminator + 1
                    continue
                return window.base + match.start(1), match[1].translate(None, b"\r\n").decode()
            scan = self._resume(scan)
            if not window.fill():
                return None

    def _resume(self, scan: int) -> int:
        """Where to search on when more bytes have come: a match may have begun at the last terminator."""
        window, found = self._window, self._dialect
        last = window.data.rfind(found.terminator, max(scan - window.base, 0))
        if last >= 0 and found.partial.match(window.data, last):
            return window.base + last
        return max(scan, window.end)

    def _segment(self, start: int) -> tuple[int, Segment]:
        """The end (behind its terminator) and the elements of the segment at start."""
        window = self._window
        stop = segment_end(window, start, self._dialect)
        if stop < 0:
            raw = window.cut(start, window.end).rstrip(BLANK)
            self._note(
                self.interchange.findings,
                "HUB-1034",
                f"The payload ends inside the segment {raw[:3].decode('latin-1')}: its terminator is missing.",
                offset=start,
                tag=raw[:3].decode("latin-1"),
            )
            end = start + len(raw)
        else:
            raw, end = window.cut(start, stop), stop + 1
        return end, self._text(raw)

    def _text(self, raw: bytes) -> Segment:
        codec = self._charset or "latin-1"
        return [part.decode(codec, "replace") for part in self._dialect.elements(raw)]

    def _skip_binary(self, start: int, tag: str) -> int:
        """The position to search on from behind a BIN, BDS or UNO: binary data may hold anything, separators too."""
        window, found = self._window, self._dialect
        data = self._binary_start(start, tag)
        if data is None:
            return start
        begin, length = data
        stop = begin + length
        fits = window.reach(stop + 1)
        follows = window.byte(stop) == found.terminator if tag != "UNO" else window.reach(stop + 3)
        if not fits or not follows or (tag == "UNO" and window.cut(stop, stop + 3) != b"UNP"):
            self._note(
                self.interchange.findings,
                "HUB-1037",
                f"The {tag} announces {length} bytes of binary data, but no segment ends behind them. "
                "It was read up to the next terminator; ask the sender for the right length.",
                offset=start,
                tag=tag,
                value=str(length),
            )
            return start
        if self._open is not None:
            self._binary.append((begin, stop))
        return stop if tag != "UNO" else stop - 1

    def _binary_start(self, start: int, tag: str) -> tuple[int, int] | None:
        """Where the data of a BIN, BDS or UNO begins, and its length; None if the length cannot be read."""
        window, found = self._window, self._dialect
        if tag == "UNO":
            end = segment_end(window, start, found)
            elements = self._text(window.cut(start, end)) if end >= 0 else []
            length = elements[4].split(found.separators.component)[0] if len(elements) > 4 else ""
            return (end + 1, int(length)) if _is_length(length) else None
        position = start
        for _ in range(2 if tag == "BIN" else 3):
            before = position
            position = window.find(found.element, position) + 1
            if position == 0 or position - before > 20:
                return None
        length = window.cut(before, position - 1).decode("latin-1")
        return (position, int(length)) if _is_length(length) else None

    # -- what the segments mean

    def _take(self, tag: str, start: int, end: int, elements: Segment) -> None:
        interchange, group, message = self._levels
        if tag == message.header:
            self._lose_message(start)
            self._segments += 1
            self._open = _Open(start, elements, self._segments)
            self._binary.clear()
        elif tag == message.trailer:
            self._close_message(start, end, elements)
        elif tag == group.header:
            self._lose_message(start)
            self._lose_group()
            self._segments += 1
            self._open_group(start, elements)
        elif tag == group.trailer:
            self._lose_message(start)
            self._segments += 1
            self._close_group(start, elements)
        elif tag == "TA1":
            self._segments += 1
            self.interchange.notes.append(elements)
            if self._open is not None:
                self._unexpected(self.interchange.findings, start, tag)

    def _outside(self, start: int, stop: int) -> None:
        """Note whatever lies between envelope segments when no message is open."""
        raw = self._window.cut(start, stop)
        if not raw.strip(self._dialect.blank + self._dialect.terminator):
            return
        count, _ = self._dialect.count(raw)
        self._segments += 1
        first = raw.lstrip(BLANK)
        tag = self._dialect.elements(first.split(self._dialect.terminator)[0])[0][:3].decode("latin-1")
        self._unexpected(self._here(), start + len(raw) - len(first), tag, count)
        self._segments += count - 1

    def _unexpected(self, findings: list[Finding], start: int, tag: str, count: int = 1) -> None:
        more = f" (and {count - 1} more behind it)" if count > 1 else ""
        self._note(
            findings,
            "HUB-1025",
            f"The segment {tag}{more} stands where only envelope segments may stand; it was left out. "
            "Ask the sender what message it belongs to.",
            offset=start,
            tag=tag,
            value=tag,
        )

    def _here(self) -> list[Finding]:
        return self._group.findings if self._group else self.interchange.findings

    def _open_group(self, start: int, elements: Segment) -> None:
        group = Group(index=len(self.interchange.groups) + 1, messages=[], findings=[])
        group.functional_id = _at(elements, 1)
        if self.interchange.standard == "x12":
            group.sender, group.receiver, group.version = _at(elements, 2), _at(elements, 3), _at(elements, 8)
            group.control_number = _at(elements, 6)
        else:
            component = self.interchange.separators.component
            group.sender = identity(_at(elements, 2).split(component))
            group.receiver = identity(_at(elements, 3).split(component))
            group.control_number = _at(elements, 5)
            group.version = ".".join(part.strip() for part in _at(elements, 7).split(component)[:2])
        self._begin(group)
        key = (group.functional_id, group.sender, group.receiver, group.control_number)
        if not group.control_number:
            self._no_number(group.findings, self._levels[1], start)
        elif key in self._group_numbers:
            self._duplicate("HUB-1023", group.findings, self._levels[1], group.control_number, start)
        self._group_numbers.add(key)

    def _begin(self, group: Group) -> None:
        self.interchange.groups.append(group)
        self._group = group
        if not (group.implicit and self.interchange.standard == "edifact"):
            self._message_numbers = set()

    def _group_for_message(self, start: int) -> Group:
        if self._group is not None:
            return self._group
        group = Group(index=len(self.interchange.groups) + 1, messages=[], implicit=True, findings=[])
        explicit = any(not other.implicit for other in self.interchange.groups)
        self._begin(group)
        if self.interchange.standard == "x12":
            self._note(
                group.findings,
                "HUB-1027",
                "An ST stands outside of GS and GE, so its version is unknown. Ask the sender for a functional group.",
                offset=start,
                tag="ST",
                expected="GS",
            )
        elif explicit:
            self._note(group.findings, "HUB-1041", offset=start, tag="UNH", expected="UNG")
        return group

    def _close_message(self, start: int, end: int, elements: Segment) -> None:
        level = self._levels[2]
        if self._open is None:
            self._segments += 1
            self._orphan(level, start)
            return
        span = self._span(end)
        number = span.segments
        self._compare(level, span.findings, start, elements, number, span.control_number, span)

    def _lose_message(self, stop: int) -> None:
        """A message is open where it cannot be any more: its trailer is missing."""
        if self._open is None:
            return
        level, began = self._levels[2], self._open
        end = began.start + len(self._window.cut(began.start, stop).rstrip(self._dialect.blank))
        span = self._span(end)
        self._note(
            span.findings,
            level.missing_code,
            f"The {span.type or 'message'} {span.control_number} that begins at byte {span.offset} has no "
            f"{level.trailer}. Ask the sender to send it again.",
            offset=began.start,
            tag=level.header,
            expected=level.trailer,
            message=span,
        )

    def _span(self, end: int) -> MessageSpan:
        """Close the open message at end and add its span to its group."""
        assert self._open is not None  # noqa: S101 - callers looked
        began, self._open = self._open, None
        group = self._group_for_message(began.start)
        body = self._body(began.start, end)
        count, empty = self._dialect.count(body)
        self._segments = began.segment + count - 1
        self._ordinal += 1
        span = self._describe(began.elements, group)
        span.offset, span.length, span.segments = began.start, end - began.start, count
        group.messages.append(span)
        self._evidence.add(body, began.start, self._declared)
        if empty:
            self._note(
                span.findings,
                "HUB-1035",
                f"{empty} empty segments (terminators with nothing before them) were left out and not counted.",
                offset=began.start,
                message=span,
                value=str(empty),
            )
        if not span.control_number:
            self._no_number(span.findings, self._levels[2], began.start)
        elif span.control_number in self._message_numbers:
            self._duplicate("HUB-1024", span.findings, self._levels[2], span.control_number, began.start)
        self._message_numbers.add(span.control_number)
        return span

    def _body(self, start: int, end: int) -> bytes:
        """The bytes of a message without its binary data."""
        pieces, position = [], start
        for begin, stop in self._binary:
            pieces.append(self._window.cut(position, begin))
            position = stop
        pieces.append(self._window.cut(position, end))
        self._binary.clear()
        return b"".join(pieces)

    def _describe(self, elements: Segment, group: Group) -> MessageSpan:
        span = MessageSpan(
            index=len(group.messages) + 1,
            ordinal=self._ordinal,
            type=_at(elements, 1),
            version=group.version or _at(elements, 3),
            control_number=_at(elements, 2),
            offset=0,
            length=0,
            segments=0,
            group=group.index,
            group_control_number=group.control_number,
            findings=[],
        )
        if self.interchange.standard == "edifact":
            parts = [part.strip() for part in _at(elements, 2).split(self.interchange.separators.component)]
            span.type, span.control_number = parts[0], _at(elements, 1)
            span.version = ".".join(parts[1:3])
            span.association = (parts[4] if len(parts) > 4 else "") or None
        return span

    def _close_group(self, start: int, elements: Segment) -> None:
        level, group = self._levels[1], self._group
        if group is None or group.implicit:
            self._orphan(level, start)
            return
        self._compare(level, group.findings, start, elements, len(group.messages), group.control_number or "")
        self._group = None

    def _lose_group(self) -> None:
        level, group = self._levels[1], self._group
        if group is not None and not group.implicit:
            self._note(
                group.findings,
                level.missing_code,
                f"Group {group.index} ({group.functional_id} {group.control_number}) has no {level.trailer}. "
                "Ask the sender to send it again.",
                expected=level.trailer,
            )
        self._group = None

    def _close_interchange(self, start: int, elements: Segment) -> None:
        self._lose_message(start)
        self._lose_group()
        self._segments += 1
        level, interchange = self._levels[0], self.interchange
        interchange.trailer = elements
        explicit = [group for group in interchange.groups if not group.implicit]
        loose = sum(len(group.messages) for group in interchange.groups if group.implicit)
        if not self._header.elements:
            self._orphan(level, start)
            return
        count = len(explicit) + loose if interchange.standard == "edifact" else len(interchange.groups)
        if interchange.standard == "edifact" and not explicit:
            level = level._replace(counted="messages")
        self._compare(level, interchange.findings, start, elements, count, interchange.control_number)

    def _end_at(self, position: int, stop: int) -> int:
        """The interchange ends at stop without a trailer; position is where its last envelope segment ended."""
        if self._open is None:
            self._outside(position, stop)
            raw = self._window.cut(position, stop)
            position += len(raw.rstrip(BLANK))
        else:
            self._lose_message(stop)
            last = self.interchange.groups[-1].messages[-1]
            position = last.offset + last.length
        self._lose_group()
        if self._header.elements:
            level = self._levels[0]
            self._note(
                self.interchange.findings,
                level.missing_code,
                f"Interchange {self.interchange.control_number} from {self.interchange.sender} has no {level.trailer}: "
                "it may have been cut short. Ask the sender to send it again.",
                offset=self.interchange.offset,
                expected=level.trailer,
            )
        return position

    def _finish(self, end: int) -> None:
        """Settle what is known only at the end: the length and the charset."""
        interchange = self.interchange
        interchange.length = end - interchange.offset
        choice = self._evidence.choose(self._declared)
        interchange.charset = self._charset or choice.codec
        if self._charset is None and choice.switched and (interchange.standard == "edifact" or not choice.fits):
            code = "HUB-1031" if choice.fits else "HUB-1032"
            self._note(
                interchange.findings,
                code,
                f"The interchange declares {self._name_of_charset()}, but its bytes are "
                f"{choice.codec if choice.fits else 'not in it'}; it was read as {choice.codec}. "
                "Ask the sender to declare what it sends, or set the charset in the agreement.",
                offset=self._evidence.first,
                value=choice.codec,
                expected=self._declared,
            )
        if interchange.charset != "latin-1" and self._header.elements and self._charset is None:
            self._read_header(interchange.charset)

    # -- the header and the checks every level shares

    def _read_header(self, codec: str = "latin-1") -> str:
        """Fill the interchange from ISA or UNB; the codec its bytes are declared to be in."""
        interchange = self.interchange
        elements = [part.decode(self._charset or codec, "replace") for part in self._header.elements]
        interchange.header = elements
        if not elements:
            return self._charset or "latin-1"
        first = not interchange.control_number
        if interchange.standard == "x12":
            interchange.sender = identity([_at(elements, 6), _at(elements, 5)])
            interchange.receiver = identity([_at(elements, 8), _at(elements, 7)])
            interchange.prepared = (_at(elements, 9), _at(elements, 10))
            interchange.version, interchange.control_number = _at(elements, 12), _at(elements, 13)
            interchange.acknowledgement, interchange.test = _at(elements, 14), _at(elements, 15) == "T"
            declared = self._charset or "latin-1"
        else:
            component = interchange.separators.component
            syntax, date = _at(elements, 1).split(component), _at(elements, 4).split(component)
            interchange.sender = identity(_at(elements, 2).split(component))
            interchange.receiver = identity(_at(elements, 3).split(component))
            interchange.prepared = (date[0].strip(), date[1].strip() if len(date) > 1 else "")
            interchange.version = syntax[1].strip() if len(syntax) > 1 else ""
            interchange.control_number = _at(elements, 5)
            interchange.acknowledgement, test = _at(elements, 9), _at(elements, 11)
            interchange.test = test not in ("", "0")
            declared = self._charset or UNOX.get(syntax[0].strip().upper(), "latin-1")
        if first and codec == "latin-1":
            self._check_header(elements)
        return declared

    def _check_header(self, elements: Segment) -> None:
        found, offset = self.interchange, self._header.offset
        if found.standard == "x12":
            faults = (
                ("HUB-1029", 13, found.control_number, found.control_number.isdigit(), "nine digits"),
                ("HUB-1030", 15, _at(elements, 15), _at(elements, 15) in ("T", "P", "I"), "T or P"),
            )
        else:
            syntax = _at(elements, 1).split(found.separators.component)[0].upper()
            faults = (
                ("HUB-1033", 1, syntax, syntax in UNOX or self._charset is not None, "UNOA to UNOY"),
                ("HUB-1029", 5, found.control_number, bool(found.control_number), "a control reference"),
            )
        for code, element, value, right, expected in faults:
            if not right:
                tag = elements[0]
                self._note(
                    found.findings,
                    code,
                    f"{tag}{element:02} is {value!r}; expected {expected}. Ask the sender to correct its envelope.",
                    offset=offset,
                    tag=tag,
                    element=element,
                    segment=1,
                    value=value,
                    expected=expected,
                )

    def _name_of_charset(self) -> str:
        if self.interchange.standard == "edifact":
            return _at(self.interchange.header, 1).split(self.interchange.separators.component)[0]
        return self._declared

    def _compare(
        self,
        level: Level,
        findings: list[Finding],
        start: int,
        elements: Segment,
        count: int,
        number: str,
        span: MessageSpan | None = None,
    ) -> None:
        """Compare a trailer's count and control number with what is there."""
        said_count, said_number = _at(elements, 1), _at(elements, 2)
        tag, offset = level.trailer, start + len(level.trailer) + 1
        if not (said_count.isascii() and said_count.isdigit() and len(said_count) < 19 and int(said_count) == count):
            self._note(
                findings,
                level.count_code,
                f"{tag}01 says {said_count or 'nothing'}, but there are {count} {level.counted} in {level.name} "
                f"{number}. Something was lost or added on the way: ask the sender to send it again.",
                offset=offset,
                tag=tag,
                element=1,
                value=said_count,
                expected=str(count),
                message=span,
            )
        if said_number != number and not (level.name != "message" and _same_number(said_number, number)):
            self._note(
                findings,
                level.number_code,
                f"{tag}02 is {said_number!r}, but {level.header}{level.number:02} is {number!r}: header and trailer "
                f"do not belong together. Ask the sender to send the {level.name} again.",
                offset=offset + len(elements[1].encode(self._declared, "replace")) + 1 if len(elements) > 1 else offset,
                tag=tag,
                element=2,
                value=said_number,
                expected=number,
                message=span,
            )

    def _orphan(self, level: Level, start: int) -> None:
        self._note(
            self._here(),
            "HUB-1028",
            f"The {level.trailer} closes a {level.name} that no {level.header} opened; it was left out.",
            offset=start,
            tag=level.trailer,
            expected=level.header,
        )

    def _no_number(self, findings: list[Finding], level: Level, start: int) -> None:
        self._note(
            findings,
            "HUB-1029",
            f"{level.header}{level.number:02} is empty: a {level.name} needs a control number to be acknowledged. "
            "Ask the sender to correct its envelope.",
            offset=start,
            tag=level.header,
            element=level.number,
            value="",
        )

    def _duplicate(self, code: str, findings: list[Finding], level: Level, number: str, start: int) -> None:
        self._note(
            findings,
            code,
            f"{level.header}{level.number:02} {number} was already used by an earlier {level.name} of this "
            "interchange. Ask the sender to number them apart.",
            offset=start,
            tag=level.header,
            element=level.number,
            value=number,
        )

    def _note(
        self,
        findings: list[Finding],
        code: str,
        message_text: str = "",
        *,
        offset: int | None = None,
        tag: str | None = None,
        element: int | None = None,
        segment: int | None = None,
        value: str | None = None,
        expected: str | None = None,
        message: MessageSpan | None = None,
    ) -> None:
        group = message.group if message else (self._group.index if self._group else None)
        if segment is None and tag is not None:
            segment = message.segments if message and tag == self._levels[2].trailer else self._segments
            if message and tag == self._levels[2].header:
                segment = 1
        location = Location(
            interchange=self.interchange.index,
            group=group,
            message=message.index if message else None,
            segment=segment,
            tag=tag,
            element=element,
            offset=offset,
        )
        findings.append(finding(code, message_text, location=location, value=value, expected=expected))


def identity(parts: list[str]) -> str:
    """ "qualifier:id" from an id and its qualifier, padding trimmed; the qualifier may be missing."""
    return f"{parts[1].strip() if len(parts) > 1 else ''}:{parts[0].strip()}"


def _at(elements: Segment, position: int) -> str:
    return elements[position].strip() if position < len(elements) else ""


def _same_number(one: str, other: str) -> bool:
    """Control numbers of groups and X12 interchanges are numbers: leading zeros do not count."""
    return one.isdigit() and other.isdigit() and one.lstrip("0") == other.lstrip("0")


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
