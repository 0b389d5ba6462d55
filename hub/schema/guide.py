"""A partner's guide on top of a directory, as data: what it allows besides, and what it wants besides."""

from decimal import Decimal
from typing import Literal, NamedTuple

from hub.schema.model import ElementDef
from hub.schema.place import Place, Step
from hub.syntax.model import Message

Use = Literal["mandatory", "optional", "forbidden"]
SeveralKind = Literal["any_of", "one_of", "at_most_one", "all_or_none"]


class Rule(NamedTuple):
    """One line of `rules:`. least, most: how many such segments each scope may have. length: least and most characters
    (digits where numeric). codes: the only values allowed; more: values allowed besides the directory's."""

    line: int
    place: Place
    use: Use | None = None
    least: int = 0
    most: int | None = None
    length: tuple[int, int] | None = None
    numeric: bool = False
    codes: tuple[str, ...] | None = None
    more: tuple[str, ...] = ()


class Extra(NamedTuple):
    """A segment the directory does not have there. elements: what it holds; None: anything."""

    line: int
    place: Place
    most: int | None
    elements: tuple[ElementDef, ...] | None


class Condition(NamedTuple):
    """Something stands at a place (its element, or the segment itself), or one of values, or with negated none."""

    place: Place
    values: tuple[str, ...] = ()
    negated: bool = False

    def __str__(self) -> str:
        if not self.values:
            return str(self.place.source)
        return f"{self.place.source} {'!=' if self.negated else '='} {' or '.join(self.values)}"


class Together(NamedTuple):
    """One line of `together:`: where `when` holds, `then` must hold too, or (forbid) must not. steps: in each such
    loop."""

    line: int
    steps: tuple[Step, ...]
    when: Condition
    then: Condition
    forbid: bool


class Several(NamedTuple):
    """One line of `together:` on how many of some conditions hold in each such loop, or in the message."""

    line: int
    steps: tuple[Step, ...]
    kind: SeveralKind
    of: tuple[Condition, ...]


class Total(NamedTuple):
    """One line of `together:`: a sum of products over the segments of a place, or their count, equals another value.

    factors: elements of one segment, each with its implied decimals; none for a count, which is of `place` itself.
    within: how far apart the two may be.
    """

    line: int
    steps: tuple[Step, ...]
    place: Place
    factors: tuple[tuple[Place, int], ...]
    equals: Place
    decimals: int
    within: Decimal


class Held(NamedTuple):
    """A loop of `loops:` chosen by its qualifier, and the tags it may hold besides its first segment (None: any)."""

    line: int
    place: Place
    name: str
    tags: frozenset[str] | None

    def __str__(self) -> str:
        return f"{self.place.source} ({self.name})" if self.name else str(self.place.source)


class Guide(NamedTuple):
    """A guide for one message type. reference: "x12/004010/850", the directory it was written against."""

    name: str
    reference: str
    standard: str
    type: str
    rules: tuple[Rule, ...] = ()
    extras: tuple[Extra, ...] = ()
    together: tuple[Together, ...] = ()
    several: tuple[Several, ...] = ()
    totals: tuple[Total, ...] = ()
    loops: tuple[Held, ...] = ()

    def serves(self, message: Message) -> bool:
        return (message.standard, message.type) == (self.standard, self.type)
