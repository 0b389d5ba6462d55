"""The shape of a message as data: slots, loops, segments, elements; and the tree a message becomes when walked.

Bare tags do not name a place (BGM occurs once, ALC twice at one level), so trees are keyed by slot: "N1", "ALC@2".
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from hub.record import Record
from hub.syntax.model import Segment

UNLIMITED = 999999

QUALIFIER_AT = {"HL": 3, "L11": 2}
"""The element that says what kind of segment or loop it is, where it is not the first: HL(S), L11(BM)."""


class Codes(Collection[str]):
    """The codes of a list, which stand in a text with blanks between them; most lists are never looked into."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(self._text.split(" "))

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)


class ElementDef(Record):
    """One element or component. type: X12 AN ID DT TM R B N0..N9, EDIFACT a n an, or "" for a composite.

    coded: the element takes values of a code list (X12 ID, or an EDIFACT element with a list); codes is that list when
    the directory has it. repeat: how often the element may repeat (1 unless X12 5010 or EDIFACT syntax 4 says more).
    """

    id: str
    type: str = ""
    min: int = 0
    max: int = 0
    mandatory: bool = False
    repeat: int = 1
    coded: bool = False
    codes: Codes | None = None
    components: list["ElementDef"] | None = None
    notes: Sequence[str] = ()

    def __init__(
        self,
        id: str,
        type: str = "",
        min: int = 0,
        max: int = 0,
        mandatory: bool = False,
        repeat: int = 1,
        coded: bool = False,
        codes: Codes | None = None,
        components: list["ElementDef"] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.id = id
        self.type = type
        self.min = min
        self.max = max
        self.mandatory = mandatory
        self.repeat = repeat
        self.coded = coded
        self.codes = codes
        self.components = components
        self.notes = notes


class SegmentDef(Record):
    """elements[0] is element 01. notes are X12 syntax notes ("P0607"). inexact: facts carried over from another
    release, so too many elements or a length fault there is no error."""

    tag: str
    elements: list[ElementDef]
    notes: list[str] = []
    inexact: bool = False


class Slot(Record):
    """One line of a loop's table. key is the tag, or "TAG@n" for the n-th slot of that tag at this level."""

    key: str
    tag: str
    min: int
    max: int
    loop: "Loop | None" = None

    def __init__(self, key: str, tag: str, min: int, max: int, loop: "Loop | None" = None) -> None:
        self.key = key
        self.tag = tag
        self.min = min
        self.max = max
        self.loop = loop


class Loop(Record):
    """A loop (X12 loop, EDIFACT segment group) or, with name "", the message itself. slots[0] of a loop is its trigger.

    name is the standard's: "N1" or "0310" in X12, "SG25" in EDIFACT; in a tree a loop is named by its slot's key.

    by: tag -> its slots here in order. A slot whose loop is set opens that loop; the trigger segment is slot 0 inside
    it.
    """

    name: str
    slots: list[Slot]
    by: dict[str, list[Slot]] = {}


class MessageDef(Record):
    """A message type in one directory. version is the directory's ("004010", "D.96A"), which may be the nearest to
    what was asked for; exact says whether it is the very one."""

    standard: str
    version: str
    type: str
    root: Loop
    segments: Mapping[str, SegmentDef]
    exact: bool = True
    functional_id: str | None = None


class Positions:
    """Where the segments of a message stand in it (0-based), found when somebody asks: few ever do."""

    __slots__ = ("_found", "_segments")

    def __init__(self, segments: list[Segment]) -> None:
        self._segments = segments
        self._found: dict[int, int] = {}

    def of(self, segment: Segment) -> int:
        """The position of that very segment; not of one like it."""
        if not self._found:
            self._found = {id(one): number for number, one in enumerate(self._segments)}
        return self._found[id(segment)]


class Node:
    """One instance of a loop: its segments by slot key and its child loops by slot key, both in message order.

    positions: None for a loop that no message has.
    """

    __slots__ = ("loops", "positions", "segments")

    def __init__(self, positions: Positions | None = None, segments: dict[str, list[Segment]] | None = None) -> None:
        self.positions = positions
        self.segments = {} if segments is None else segments
        self.loops: dict[str, list[Node]] = {}

    @property
    def numbers(self) -> dict[str, list[int]]:
        """For each segment list the 0-based positions of the segments in the message (for locations and explain)."""
        if self.positions is None:
            return {}
        of = self.positions.of
        return {key: [of(segment) for segment in segments] for key, segments in self.segments.items()}
