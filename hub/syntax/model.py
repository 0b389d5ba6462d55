"""What the syntax floor hands up: interchanges, groups, message spans, and parsed messages. No meaning of fields.

A *segment* is a plain list of strings, the fastest thing Python has: segment[0] is the tag, segment[3] is element 03
as it stands in the message (decoded text, release characters and component separators still in it).
`Message.components` and `Message.text` undo them where somebody reads.
"""

from collections.abc import Iterable, Iterator, Sequence

from hub.errors import Finding
from hub.location import Location
from hub.record import Record

Segment = list[str]

Element = str | Sequence[str] | Sequence[Sequence[str]]
"""An element to write: text, or its components, or (in a tuple of tuples or lists) its repetitions. Never escaped."""


SEAM, JOINT = "\x1e", "\x1f"
"""Between the elements of a segment, and the components of an element, in joined segments: each one text, whose maker
vouches that no value holds either, that the tag is one of text inside of a message, and that nothing behind it is
empty at the end of the segment or of an element."""


def apart(segments: Iterable[Sequence[Element]]) -> list[list[Element]]:
    """Segments as they were before they were joined."""
    return [
        [tuple(value.split(JOINT)) if JOINT in value else value for value in segment.split(SEAM)]
        if isinstance(segment, str)
        else list(segment)
        for segment in segments
    ]


OBJECT = 9
"""The element of a UNO that holds the object which follows it, one character per byte (UNO has eight of its own)."""


class Separators(Record, frozen=True):
    """The separator characters of one interchange. None: this interchange has none. line is what follows a
    terminator.
    """

    element: str
    component: str
    segment: str
    repetition: str | None = None
    release: str | None = None
    decimal: str = "."
    line: str = ""


def marks(separators: Separators) -> list[str]:
    """The separator characters there are."""
    found = [separators.element, separators.component, separators.segment, separators.repetition, separators.release]
    return [mark for mark in found if mark]


X12_SEPARATORS = Separators(element="*", component=">", segment="~", repetition="^")
EDIFACT_SEPARATORS = Separators(element="+", component=":", segment="'", release="?")


class MessageSpan(Record):
    """Where one message lies, as the cutter found it.

    index is 1-based in its group, ordinal 1-based in its interchange. offset..length runs from the first byte of ST or
    UNH to its trailer's terminator, offsets from the start of the payload. segments counts from ST/UNH to SE/UNT.
    version is GS08 as sent ("004010VICS") or UNH's "D.96A"; association is UNH 0057 ("EAN008"). findings: trailer
    faults. plain: it is known to hold no release character and no binary data, and nothing between its segments but the
    line break of the interchange. An interchange may have millions of these, so they are kept small: no list for faults
    that are not there.
    """

    index: int
    ordinal: int
    type: str
    version: str
    control_number: str
    offset: int
    length: int
    segments: int
    group: int
    group_control_number: str | None = None
    association: str | None = None
    plain: bool = False
    findings: Sequence[Finding] = ()

    def __init__(
        self,
        index: int,
        ordinal: int,
        type: str,
        version: str,
        control_number: str,
        offset: int,
        length: int,
        segments: int,
        group: int,
        group_control_number: str | None = None,
        association: str | None = None,
        plain: bool = False,
        findings: Sequence[Finding] = (),
    ) -> None:
        self.index = index
        self.ordinal = ordinal
        self.type = type
        self.version = version
        self.control_number = control_number
        self.offset = offset
        self.length = length
        self.segments = segments
        self.group = group
        self.group_control_number = group_control_number
        self.association = association
        self.plain = plain
        self.findings = findings


class Group(Record):
    """A functional group (GS..GE, UNG..UNE). implicit: the standard or the sender had none; then all ids are None."""

    index: int
    messages: list[MessageSpan]
    implicit: bool = False
    functional_id: str | None = None
    sender: str | None = None
    receiver: str | None = None
    control_number: str | None = None
    version: str | None = None
    findings: list[Finding] = []


class Interchange(Record):
    """One envelope. sender and receiver are identities "qualifier:id" with padding trimmed ("ZZ:BLUEBIRD",
    "14:4012345000009", ":PLAIN" where there is no qualifier).

    standard: x12, edifact, xml, json, csv. version: ISA12 ("00401") or UNB 0002 ("3"). charset: the Python codec that
    decodes its text. prepared: date and time as sent ("260122", "1430"). header and trailer are the raw segments
    (ISA/UNB, IEA/UNZ; trailer None where it is missing). acknowledgement: ISA14 or UNB 0031 as sent. notes: its TA1
    segments. packages: offset and length of each UNO..UNP outside of messages. wrapped: line breaks fall inside
    segments (80-column records) and mean nothing. findings: envelope faults of the interchange itself; `all_findings`
    adds those of groups and messages.
    """

    index: int
    standard: str
    offset: int
    length: int
    sender: str = ""
    receiver: str = ""
    control_number: str = ""
    test: bool = False
    version: str = ""
    charset: str = "utf-8"
    prepared: tuple[str, str] = ("", "")
    acknowledgement: str = ""
    separators: Separators = EDIFACT_SEPARATORS
    groups: list[Group] = []
    header: Segment = []
    trailer: Segment | None = None
    notes: list[Segment] = []
    packages: list[tuple[int, int]] = []
    wrapped: bool = False
    findings: list[Finding] = []

    @property
    def messages(self) -> list[MessageSpan]:
        return [message for group in self.groups for message in group.messages]

    @property
    def all_findings(self) -> list[Finding]:
        found = list(self.findings)
        for group in self.groups:
            found += group.findings
            for message in group.messages:
                found += message.findings
        return found


class Offsets(Record, eq=False):
    """Where segments begin that follow one another, added up when somebody first asks: a sequence of whole numbers.

    start is the first one's offset, texts are they themselves with a byte for each character, gap is the number of
    bytes between two of them.
    """

    start: int
    texts: list[str]
    gap: int
    known: list[int] | None = None

    def __init__(
        self,
        start: int,
        texts: list[str],
        gap: int,
        known: list[int] | None = None,
    ) -> None:
        self.start = start
        self.texts = texts
        self.gap = gap
        self.known = known

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[int]:
        return iter(self._all())

    def __getitem__(self, at: int) -> int:
        return self._all()[at]

    def _all(self) -> list[int]:
        if self.known is None:
            offset, gap = self.start, self.gap
            behind = [(offset := offset + len(text) + gap) for text in self.texts]
            self.known = [self.start, *behind][: len(behind)]
        return self.known


class Message(Record):
    """A parsed message: its segments in order (ST/UNH first, SE/UNT last) and the offset of each in the payload.

    escaped: a release character occurs somewhere in it, so elements must be split by the exact scanner.
    """

    span: MessageSpan
    standard: str
    separators: Separators
    segments: list[Segment]
    offsets: list[int] | Offsets
    escaped: bool = False
    interchange: int = 1
    charset: str = "utf-8"

    def __init__(
        self,
        span: MessageSpan,
        standard: str,
        separators: Separators,
        segments: list[Segment],
        offsets: list[int] | Offsets,
        escaped: bool = False,
        interchange: int = 1,
        charset: str = "utf-8",
    ) -> None:
        self.span = span
        self.standard = standard
        self.separators = separators
        self.segments = segments
        self.offsets = offsets
        self.escaped = escaped
        self.interchange = interchange
        self.charset = charset

    @property
    def type(self) -> str:
        return self.span.type

    @property
    def version(self) -> str:
        return self.span.version

    def text(self, element: str) -> str:
        """The element's text with release characters undone."""
        release = self.separators.release
        if not self.escaped or release is None or release not in element:
            return element
        out, characters = [], iter(element)
        for character in characters:
            out.append(next(characters, "") if character == release else character)
        return "".join(out)

    def split(self, element: str, separator: str) -> list[str]:
        """The parts of an element between separators that are not released; the parts keep their release characters."""
        release = self.separators.release
        if not self.escaped or release is None or release not in element:
            return element.split(separator)
        parts, start, position = [], 0, 0
        while position < len(element):
            if element[position] == release:
                position += 1
            elif element[position] == separator:
                parts.append(element[start:position])
                start = position + 1
            position += 1
        parts.append(element[start:])
        return parts

    def components(self, element: str) -> list[str]:
        """The components of an element (of its first repetition when it repeats), release characters undone."""
        return [self.text(part) for part in self.split(element, self.separators.component)]

    def repetitions(self, element: str) -> list[str]:
        """The repetitions of an element; each keeps its release characters."""
        repetition = self.separators.repetition
        return self.split(element, repetition) if repetition else [element]

    def location(
        self, segment: int, element: int | None = None, component: int | None = None, repetition: int | None = None
    ) -> Location:
        """The place of the 0-based segment (and 1-based element) in the payload; offset is the element's if it
        exists.
        """
        parts = self.segments[segment] if segment < len(self.segments) else []
        offset = self.offsets[segment] if segment < len(self.offsets) else self.span.offset + self.span.length
        if element is not None and element < len(parts):
            before = self.separators.element.join(parts[:element])
            behind = (
                self.offsets[segment + 1] if segment + 1 < len(self.offsets) else self.span.offset + self.span.length
            )
            # What could not be decoded has lost its length: the place is then somewhere in the segment.
            offset = min(offset + len(before.encode(self.charset, "replace")) + 1, behind)
        return Location(
            interchange=self.interchange,
            group=self.span.group,
            message=self.span.index,
            segment=segment + 1,
            tag=parts[0] if parts else None,
            element=element,
            component=component,
            repetition=repetition,
            offset=offset,
        )
