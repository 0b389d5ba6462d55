"""The reader of one interchange: a small state machine over its envelope segments, the same for both standards."""

import re

from hub.errors import Finding, finding
from hub.location import Location
from hub.record import replace
from hub.syntax import faults
from hub.syntax.charset import Evidence, level_of
from hub.syntax.declared import group_faults, interchange_faults, message_faults, note_faults
from hub.syntax.describe import at, describe_group, describe_interchange, describe_message
from hub.syntax.dialect import BLANK, BLANK_TEXT, recode
from hub.syntax.header import Header
from hub.syntax.model import Group, Interchange, MessageSpan, Segment, marks
from hub.syntax.scanner import Scanner
from hub.syntax.window import Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.syntax.ordinary import OrdinaryMessages

_BINARY = ("BIN", "BDS", "UNO")
_STARTS = ("ISA", "UNA", "UNB")
_MOST_FINDINGS = 1000
_NO_SEGMENT = rb" (?![A-Z][A-Z0-9]{1,2}[^A-Za-z0-9\s])(\S+) "
"""A word between blanks that is no segment."""
_GS_ELEMENTS = 8
_LONGEST_TAG = 3
_SERVICES = frozenset({"ISB", "ISE", "TA3", ""})
"""Segments of networks between ISA and the first group: grade of service, deferred delivery, interconnection."""


_Open = tuple[int, Segment, int]
"""A message whose trailer has not been seen: where it began, its header, its segment number in the interchange."""


class EnvelopeReader:
    """Reads one interchange from a window, its header already read. charset: the codec an agreement names."""

    def __init__(self, window: Window, header: Header, index: int, charset: str | None) -> None:
        self._window = window
        self._header = header
        self._dialect = header.dialect
        self._scanner = Scanner(window, header.dialect)
        self._ordinary: OrdinaryMessages | None = None
        self._charset = charset or header.dialect.codec
        self._levels = faults.LEVELS[header.dialect.standard]
        self._header_tag = self._levels[2].header.encode()
        self._evidence = Evidence(wrapped=header.dialect.wrapped)
        self._group: Group | None = None
        self._open: _Open | None = None
        self._binary: list[tuple[int, int]] = []
        self._cut: str | None = None
        self._stray = -1
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
            notes=[],
            packages=[],
            wrapped=header.dialect.wrapped,
        )
        self._declared = self._describe(self._charset or "latin-1")
        self._syntax = at(self.interchange.header, 1).split(self.interchange.separators.component)[0].upper()
        if self.interchange.standard == "edifact" and self._charset is None:
            separators = self.interchange.separators
            self._evidence = Evidence(level_of(self._syntax, marks(separators)), wrapped=header.dialect.wrapped)

    def read(self) -> tuple[Interchange, int]:
        """The interchange and the position behind it."""
        window, position = self._window, self._header.end
        end_size = len(self._dialect.end)
        hit = self._bare_hit() if self._header.bare else self._scanner.next(position - end_size)
        while hit is not None and hit[1] not in _STARTS:
            start, tag = hit
            if self._open is None:
                self._note_stray(position, start)
            if tag in _BINARY:
                scan = self._step_over(start, tag)
                if self._open is None:
                    position = self._close_package(start, scan) if tag == "UNO" and scan > start else scan
                    scan = max(position - end_size, scan)
            else:
                position, text, ended = self._scanner.segment(start)
                self._take(tag, start, position, text, ended)
                if tag == self._levels[0].trailer and self._cut != tag:
                    return self._finish(position), position
                if self._open is None:
                    position = self._take_ordinary(position)
                    window.drop(position - end_size)
                scan = position - end_size
            hit = self._scanner.next(scan)
        position = self._end(position, hit[0] if hit else window.end)
        return self._finish(position), position

    def _bare_hit(self) -> tuple[int, str]:
        start = self._header.end
        tag = self._window.cut(start, start + 3).decode("latin-1")
        return start, tag if tag in ("UNG", "UNH") else tag[:2]

    def _step_over(self, start: int, tag: str) -> int:
        """Where to look on behind a segment with binary data, which may hold anything, separators too."""
        found = self._scanner.binary(start, tag)
        if found is None:
            self._note(faults.wrong_length(tag, self._at(start, tag)))
            return start
        if self._open is not None:
            self._binary.append(found)
        # The object behind a UNO ends without a terminator of its own; the last byte before UNP does no harm.
        return found[1]

    def _take_ordinary(self, position: int) -> int:
        """Take the messages from position on that nothing is to be said of; the position behind them.

        Not the first: most interchanges hold no other, and then it is quicker to read it than to see that it is one.
        """
        group, at = self._group, position - self._window.base + len(self._dialect.separators.line)
        if group is None or not self._ordinal or not self._window.data.startswith(self._header_tag, at):
            return position
        if self._ordinary is None:
            from hub.syntax.ordinary import OrdinaryMessages

            self._ordinary = OrdinaryMessages(self._window, self._dialect)
        for spans, text in self._ordinary.after(position, group, self._ordinal, self._message_numbers):
            group.messages += spans
            self._ordinal = spans[-1].ordinal
            self._segments += sum(span.segments for span in spans)
            self._evidence.add(text, position, self._declared)
            position += len(text)
        return position

    def _close_package(self, start: int, stop: int) -> int:
        """A UNO at start outside of messages, whose UNP begins at stop, is a package; the position behind it."""
        position = self._scanner.segment(stop)[0]
        self.interchange.packages.append((start, position - start))
        self._segments += 2
        return position

    def _take(self, tag: str, start: int, end: int, text: str, ended: bool) -> None:
        """Take one envelope segment; one that the payload ends in is as if it were not there."""
        elements = [recode(part, self._charset or "latin-1") for part in self._dialect.elements(text)]
        if ended:
            self._act(tag, start, end, elements)
        elif self._is_cut(elements):
            self._cut = tag
        else:
            self._act(tag, start, end, elements)
            if tag in (self._levels[0].trailer, "GS") or not self._header.elements:
                self.interchange.findings.append(faults.open_end(self._at(start, tag)))

    def _act(self, tag: str, start: int, end: int, elements: Segment) -> None:
        _, group, message = self._levels
        if tag == message.trailer:
            self._close_message(start, end, elements)
            return
        if tag == "TA1":
            self._take_note(start, elements)
            return
        self._lose_message(start)
        self._segments += 1
        if tag == message.header:
            self._open = (start, elements, self._segments)
        elif tag == group.header:
            self._lose_group()
            self._open_group(start, elements)
        elif tag == group.trailer:
            self._close_group(start, elements)
        else:
            self._close_interchange(start, elements)

    def _is_cut(self, segment: Segment) -> bool:
        """Whether a segment without terminator is a trailer that ends inside the number it repeats, or part of a GS."""
        if segment[0] == "GS":
            return len(segment) <= _GS_ELEMENTS
        number = self.interchange.control_number
        if segment[0] == self._levels[1].trailer:
            number = self._group.control_number or "" if self._group else ""
        elif segment[0] == self._levels[2].trailer:
            number = at(self._open[1], self._levels[2].number) if self._open else ""
        said = at(segment, 2)
        return said != number and number.startswith(said)

    # -- groups

    def _open_group(self, start: int, elements: Segment) -> None:
        group = Group(index=len(self.interchange.groups) + 1, messages=[], findings=[])
        describe_group(group, self.interchange.standard, elements, self.interchange.separators)
        self._begin(group)
        key = (group.functional_id, group.sender, group.receiver, group.control_number)
        level, place, number = self._levels[1], self._at(start, elements[0]), group.control_number or ""
        group.findings += faults.number_faults(level, elements, number, key in self._group_numbers, place)
        separators = self.interchange.separators
        group.findings += group_faults(group, self.interchange.standard, elements, separators, place)
        self._group_numbers.add(key)

    def _begin(self, group: Group) -> None:
        self.interchange.groups.append(group)
        self._group = group
        self._message_numbers = set()

    def _group_for_message(self, start: int) -> Group:
        """The open group, or an implicit one: the rule in EDIFACT, a fault in X12."""
        if self._group is not None:
            return self._group
        group = Group(index=len(self.interchange.groups) + 1, messages=[], implicit=True, findings=[])
        explicit = any(not other.implicit for other in self.interchange.groups)
        self._begin(group)
        level = self._levels[2]
        if self.interchange.standard == "x12":
            text = (
                "An ST stands outside of GS and GE, so its version is unknown. Ask the sender for a functional group."
            )
            place = self._at(start, level.header)
            group.findings.append(finding("HUB-1027", text, location=place, expected="GS"))
        elif explicit:
            group.findings.append(finding("HUB-1041", location=self._at(start, level.header), expected="UNG"))
        return group

    def _close_group(self, start: int, elements: Segment) -> None:
        level, group, place = self._levels[1], self._group, self._at(start, elements[0])
        if group is None or group.implicit:
            self._note(faults.orphan_trailer(level, place))
            return
        count, number = len(group.messages), group.control_number or ""
        group.findings += faults.trailer_faults(level, elements, count, number, place)
        self._group = None

    def _lose_group(self) -> None:
        """A group is open where it cannot be any more: its trailer is missing."""
        group = self._group
        if group is not None and not group.implicit:
            place = Location(interchange=self.interchange.index, group=group.index)
            what = f"Group {group.index} ({group.functional_id} {group.control_number})"
            group.findings.append(faults.missing_trailer(self._levels[1], what, place, self._cut))
        self._group = None

    # -- messages

    def _close_message(self, start: int, end: int, elements: Segment) -> None:
        level = self._levels[2]
        if self._open is None:
            self._segments += 1
            stray = self._noted.pop() if self._noted and self._stray == start else None
            self._note(faults.orphan_trailer(level, self._at(start, elements[0]), stray))
            return
        span = self._span(end)
        place = self._in_message(span, start, level.trailer, span.segments)
        found = faults.trailer_faults(level, elements, span.segments, span.control_number, place)
        if found and not (self._dialect.terminator == " " and self._is_torn(span)):
            span.findings = [*span.findings, *found]

    def _lose_message(self, stop: int) -> None:
        """A message is open where it cannot be any more: its trailer is missing."""
        if self._open is None:
            return
        start = self._open[0]
        end = start + len(self._window.cut(start, stop).rstrip(BLANK.translate(None, self._dialect.end)))
        span = self._span(end)
        place = self._in_message(span, start, self._levels[2].header, 1)
        what = f"The {span.type or 'message'} {span.control_number} at byte {span.offset}"
        span.findings = [*span.findings, faults.missing_trailer(self._levels[2], what, place, self._cut)]

    def _span(self, end: int) -> MessageSpan:
        """Close the open message at end: its span, added to its group."""
        assert self._open is not None  # noqa: S101 - both callers looked
        (start, header, segment), self._open = self._open, None
        group = self._group_for_message(start)
        body = self._text_of(start, end)
        count, empty = self._dialect.count_segments(body)
        self._segments = segment + count - 1
        self._ordinal += 1
        index = len(group.messages) + 1
        span = MessageSpan(
            index=index,
            ordinal=index if index == self._ordinal else self._ordinal,
            type="",
            version="",
            control_number="",
            offset=start,
            length=end - start,
            segments=count,
            group=group.index,
            plain=self._dialect.is_plain(body),
        )
        describe_message(span, self.interchange.standard, header, group, self.interchange.separators)
        group.messages.append(span)
        self._evidence.add(body, start, self._declared)
        level, place = self._levels[2], self._in_message(span, start, header[0], 1)
        twice = span.control_number in self._message_numbers
        found = faults.number_faults(level, header, span.control_number, twice, place)
        self._message_numbers.add(span.control_number)
        found += message_faults(span, group, self.interchange.standard, header, place)
        if empty:
            text = f"{empty} empty segments (terminators with nothing before them) were left out and not counted."
            found.append(finding("HUB-1035", text, location=place, value=str(empty)))
        if found:
            span.findings = found
        return span

    def _is_torn(self, span: MessageSpan) -> bool:
        """Whether blanks, which end the segments, stand in the text of a message, too; the first such one is told."""
        body = self._window.cut(span.offset, span.offset + span.length)
        torn = re.search(_NO_SEGMENT, body)
        if torn and not any(each.code == "HUB-1011" for each in self.interchange.findings):
            place = Location(interchange=self.interchange.index, offset=span.offset + torn.start(1))
            self.interchange.findings.append(faults.torn_text(torn[1].decode("latin-1"), place))
        return torn is not None

    def _text_of(self, start: int, end: int) -> bytes:
        """The bytes of a message without its binary data."""
        pieces = []
        for begin, stop in self._binary:
            pieces.append(self._window.cut(start, begin))
            start = stop
        pieces.append(self._window.cut(start, end))
        self._binary = []
        return b"".join(pieces)

    # -- the interchange

    def _close_interchange(self, start: int, elements: Segment) -> None:
        self._lose_group()
        level, interchange = self._levels[0], self.interchange
        place = self._at(start, elements[0])
        if not self._header.elements:
            interchange.findings.append(faults.orphan_trailer(level, place))
            return
        interchange.trailer = elements
        count = sum(1 for group in interchange.groups if not group.implicit)
        if interchange.standard == "edifact" and not count:
            count, level = self._ordinal + len(interchange.packages), replace(level, counted="messages")
        interchange.findings += faults.trailer_faults(level, elements, count, interchange.control_number, place)

    def _end(self, position: int, stop: int) -> int:
        """The interchange ends at stop without a trailer; position is where its last envelope segment ended."""
        if self._open is None:
            rest = self._window.cut(position, stop).strip(BLANK)
            if not self._header.elements or len(rest) > _LONGEST_TAG:  # less is part of a tag: the payload was cut
                self._note_stray(position, stop)
            position += len(self._window.cut(position, stop).rstrip(BLANK))
        else:
            self._lose_message(stop)
            last = self.interchange.messages[-1]
            position = last.offset + last.length
        self._lose_group()
        if self._header.elements:
            found = self.interchange
            what = f"Interchange {found.control_number or found.index} from {found.sender.lstrip(':') or 'nobody'}"
            place = Location(interchange=found.index, offset=found.offset)
            found.findings.append(faults.missing_trailer(self._levels[0], what, place, self._cut))
        return position

    def _finish(self, end: int) -> Interchange:
        """Settle what is known only at the end: the length and the charset."""
        found = self.interchange
        found.length = end - found.offset
        if self._charset is not None:
            found.charset = self._charset
            if not self._evidence.fits(self._charset):
                place = Location(interchange=found.index, offset=self._evidence.first)
                found.findings.append(faults.not_as_agreed(self._charset, place))
            return found
        header = self._dialect.element.join(self._header.elements).encode("latin-1")
        self._evidence.add(header, found.offset, self._declared)
        choice = self._evidence.choose(self._declared)
        found.charset = choice.codec
        if choice.switched and found.standard == "edifact":
            place = Location(interchange=found.index, offset=self._evidence.first)
            found.findings.append(faults.wrong_charset(self._syntax, choice.codec, choice.fits, place))
        elif self._evidence.outside is not None:
            place = Location(interchange=found.index, offset=self._evidence.outside)
            found.findings.append(faults.beyond_level(self._syntax, self._evidence.found, place))
        if choice.codec != "latin-1" and not header.isascii():
            self._describe(choice.codec)
        return found

    def _describe(self, codec: str) -> str:
        """Fill the interchange from its header; the codec to expect of its messages."""
        if not self._header.elements:
            return codec
        found = self.interchange
        known = bool(found.header)
        declared = describe_interchange(found, self._header.elements, codec)
        if not known:
            place = Location(interchange=found.index, segment=1, tag=self._header.elements[0], offset=found.offset)
            found.findings += faults.header_faults(found, self._charset, place)
            found.findings += interchange_faults(found, place)
        return self._charset or declared

    def _take_note(self, start: int, elements: Segment) -> None:
        """A TA1: it belongs between ISA and the first GS."""
        if self._open is not None:
            return
        self._segments += 1
        if self._group is not None:
            self._note(faults.stray_segments("TA1", 1, self._at(start, "TA1")))
        for each in note_faults(elements, self._at(start, "TA1")):
            self._note(each)
        self.interchange.notes.append(elements)

    def _note_stray(self, start: int, stop: int) -> None:
        """Note whatever lies between envelope segments when no message is open."""
        raw = self._window.cut(start, stop)
        if not raw.strip(BLANK + self._dialect.end):
            return
        count, _ = self._dialect.count_segments(raw)
        text = raw.decode("latin-1")
        first = text.lstrip(BLANK_TEXT)
        tags = [self._dialect.elements(part.lstrip(BLANK_TEXT))[0] for part in first.split(self._dialect.terminator)]
        if _SERVICES.issuperset(tags):
            self._segments += count
            return
        tag = tags[0][:3]
        place = self._at(start + len(text) - len(first), tag, self._segments + 1)
        self._note(faults.stray_segments(tag, count, place))
        self._segments += count
        self._stray = stop

    @property
    def _noted(self) -> list[Finding]:
        """The findings of the open group, or of the interchange."""
        return self._group.findings if self._group else self.interchange.findings

    def _note(self, found: Finding) -> None:
        """Add a finding; of a flood, the first thousand."""
        if len(self._noted) < _MOST_FINDINGS:
            self._noted.append(found)

    def _at(self, offset: int, tag: str, segment: int | None = None) -> Location:
        """A place outside of messages, where segments count from the interchange's header."""
        return Location(
            interchange=self.interchange.index,
            group=self._group.index if self._group else None,
            segment=segment or self._segments,
            tag=tag,
            offset=offset,
        )

    def _in_message(self, span: MessageSpan, offset: int, tag: str, segment: int) -> Location:
        return Location(
            interchange=self.interchange.index,
            group=span.group,
            message=span.index,
            segment=segment,
            tag=tag,
            offset=offset,
        )
