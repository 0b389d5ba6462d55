"""Prove in C what is right, so that the exact check looks only at what is not.

Nearly all segments are right. A prover watches the messages of one definition and learns the shapes of right segments;
after enough of them it makes a proof, and from then on one match tells how far a message is right. Small files never
compile.
Findings come from the exact check alone, so they are the same with and without a prover.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import itemgetter

from hub.schema.machine import in_order
from hub.schema.model import MessageDef
from hub.schema.pattern import STAND_IN, Pattern
from hub.schema.proof import Proof, proof_of
from hub.schema.totals import InOrder, Totals
from hub.syntax.model import Message, Segment, Separators

WARM = 4000
"""Right segments of new shapes before a proof is made: about what making it costs."""

_MORE_PER_TAG = 250
"""As many more, per tag, before a proof that exists is made anew."""

_MOST_SHAPES = 100
"""Shapes known of one tag."""

_SLICE = 1000
_KEPT_ORDERS = 1024
_LONGEST_ORDER = 500
_BINARY = frozenset({"BIN", "BDS", "UNO"})
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_tag = itemgetter(slice(3))

Exact = Callable[[int], bool]
"""Checks the segment of that 0-based number exactly, and says whether its shape is right."""


class Prover:
    """What is known of one definition with one set of separators."""

    def __init__(self, definition: MessageDef, separators: Separators, *, codes: bool) -> None:
        self.definition = definition
        self.separators = separators
        self._codes = codes
        self._proof: Proof | None = None
        self._shapes: dict[str, set[bytes]] = {}
        self._proven: set[tuple[str, bytes]] = set()
        self.fresh = 0
        self._pattern = Pattern(separators, x12=definition.standard == "x12", codes=codes, look_ahead=True)
        self._orders: dict[bytes, InOrder | None] = {}
        """Of tags known to be right, without the trailer's; and the totals in them."""
        self._names: dict[bytes, str] = {}
        self._trailer_tag = "SE" if definition.standard == "x12" else "UNT"
        marks = (separators.element, separators.component, separators.segment, separators.repetition)
        release = separators.release
        self._provable = "".join(mark for mark in (*marks, release) if mark).isascii()
        self._end = separators.segment.encode()
        self._line = separators.line.encode()
        self._release = (release or "").encode()
        self._trailer = _tag((self._trailer_tag + separators.element).encode()) + self._end
        self._totals = Totals(definition, separators)
        self._tagged = re.compile(b"[A-Z0-9]{2,3}[%s]" % re.escape(separators.element.encode() + self._end))
        held = "".join(re.escape(mark) for mark in (release, *marks) if mark)
        self._released = re.compile(f"{re.escape(release or '')}[{held}]".encode()).sub

    @property
    def has_levels(self) -> bool:
        """Whether what it proves may hold a hierarchy (HL, CPS), which it knows nothing of."""
        return "HL" in self._shapes or "CPS" in self._shapes

    def in_order(self, message: Message) -> bool:
        """Whether `walk` has nothing to say of a message; False is no verdict."""
        order, is_whole = self._order(message)
        if order in self._orders and is_whole:
            return True
        found = in_order(self.definition, [segment[0] for segment in message.segments])
        if found and is_whole and len(message.segments) <= _LONGEST_ORDER:
            self._keep(order)
        return found

    def unproven(self, body: bytes, messages: int) -> list[list[int] | None]:
        """For each message the 0-based numbers of its segments that are not proven right, all others being right.

        None: nothing is known, as its tags may stand in a wrong order. body: so many messages, one behind the other,
        each from ST or UNH to its own trailer's terminator; each byte stands for one character.
        """
        if self._proof is None:
            return [None] * messages
        if self._line:
            body = body.replace(self._end + self._line, self._end)
        if self._release and self._release in body:
            body = self._without_releases(body)
        # Tags that the proof covers are told by their first three bytes; a tag of two has the separator behind it.
        segments = body.split(self._end)
        tags = self._end.join(map(_tag, segments))
        *orders, rest = tags.split(self._trailer)
        if len(orders) != messages or rest:
            return [None] * messages
        known = self._orders
        found: list[list[int] | None] = [[] if order in known or self._takes(order) else None for order in orders]
        if any(each is not None for each in found):
            self._name(body, self._proof, orders, found)
            if self._totals.are_told:
                self._add_up(segments, orders, found)
        return found

    def _add_up(self, segments: list[bytes], orders: list[bytes], found: list[list[int] | None]) -> None:
        """Add the segments with totals that are not proven right."""
        start, totals, known = 0, self._totals, self._orders
        for order, unproven in zip(orders, found, strict=True):
            told = known.get(order)
            if told is None:
                told = totals.in_order(order)
                if order in known:
                    known[order] = told
            size, numbers, right = told
            if unproven is not None:
                for number in numbers:
                    if not totals.is_proven(segments[start + number], right) and number not in unproven:
                        unproven.append(number)
            start += size

    def _name(self, body: bytes, proof: Proof, orders: list[bytes], found: list[list[int] | None]) -> None:
        """Add the segments that are not proven to what is found of messages in a right order."""
        at, size, counted, number, firsts = 0, len(body), 0, 0, list[int]()
        trailer = self._end + self._trailer[: -len(self._end)]
        while (at := proof.reach(body, at)) < size:
            number += body.count(self._end, counted, at)
            counted = at
            firsts = firsts or [0, *accumulate(order.count(self._end) + 1 for order in orders)]
            message = bisect_right(firsts, number) - 1
            numbers = found[message]
            if numbers is None or not self._is_tagged(body, at):
                found[message] = None
                at = body.find(trailer, max(at - 1, 0)) + 1
            else:
                numbers.append(number - firsts[message])
            at = body.find(self._end, at) + 1 or size

    def _is_tagged(self, body: bytes, at: int) -> bool:
        """Whether the tag at that place is no longer than what was read of it."""
        return self._tagged.match(body, at) is not None

    def _takes(self, order: bytes) -> bool:
        """Whether these tags and the trailer's stand in a right order; what does is kept."""
        tags = [self._names.get(tag) for tag in order.split(self._end)[:-1]]
        known = [tag for tag in tags if tag is not None]
        if len(known) < len(tags) or not in_order(self.definition, [*known, self._trailer_tag]):
            return False
        if len(tags) < _LONGEST_ORDER:
            self._keep(order)
        return True

    def _keep(self, order: bytes) -> None:
        if len(self._orders) >= _KEPT_ORDERS:
            self._orders.clear()
        self._orders[order] = None

    def run(self, message: Message, exact: Exact, unproven: Sequence[int] | None = None) -> None:
        """Call exact for every segment that is not proven right, in order. unproven: those, where they are known."""
        segments, proof = message.segments, self._proof
        if unproven is not None:
            for number in unproven:
                if exact(number):
                    self._learn(message, number)
        elif proof is None or not _BINARY.isdisjoint([segment[0] for segment in segments]):
            for number in range(len(segments)):
                if exact(number):
                    self._learn(message, number)
        else:
            for start in range(0, len(segments), _SLICE):
                self._run_slice(message, proof, start, exact)
        if self.fresh >= WARM + _MORE_PER_TAG * len(self._shapes) * (proof is not None):
            self.prove_known()

    def _run_slice(self, message: Message, proof: Proof, start: int, exact: Exact) -> None:
        text = self._text(message, message.segments[start : start + _SLICE])
        number, counted = start, 0
        for end in proof.unproven(text):
            number += text.count(self._end, counted, end)
            counted = end
            if exact(number):
                self._learn(message, number)

    def _text(self, message: Message, segments: list[Segment]) -> bytes:
        """Segments of a message as they are proven."""
        element, terminator = self.separators.element, self.separators.segment
        plain = one_byte_each(terminator.join([*map(element.join, segments), ""]))
        return self._without_releases(plain) if message.escaped and self._release else plain

    def _learn(self, message: Message, number: int) -> None:
        """Remember the shape of a right segment that was not proven."""
        segment = message.segments[number]
        tag = segment[0]
        known = self._shapes.setdefault(tag, set())
        shape = self._pattern.shape(self._text(message, [["", *segment[1:]]])[: -len(self._end)])
        if (tag, shape) not in self._proven and len(known) < _MOST_SHAPES and tag not in _BINARY:
            known.add(shape)
            self.fresh += 1

    def prove_known(self) -> None:
        """Make the proof for all shapes learned so far, unless a separator is beyond ASCII: then all is exact."""
        if not self._provable:
            return
        definition = self.definition
        self._proof = proof_of(
            self._shapes, definition.segments, self.separators, x12=definition.standard == "x12", codes=self._codes
        )
        self._proven = {(tag, shape) for tag, shapes in self._shapes.items() for shape in shapes}
        marks = (self.separators.element, "")
        self._names = {_tag((tag + mark).encode()): tag for tag in self._shapes for mark in marks if len(tag) <= 3}
        self.fresh = 0

    def _without_releases(self, text: bytes) -> bytes:
        """The text with one stand-in for each released separator; a doubled release character goes first."""
        return self._released(STAND_IN, text)

    def _order(self, message: Message) -> tuple[bytes, bool]:
        """The tags of a message as `unproven` sees them, without the trailer's, and whether it has its trailer.

        A tag that is too long stays as it is and so is never known.
        """
        tags = [
            segment[0] if len(segment[0]) > 2 or len(segment) == 1 else segment[0] + self.separators.element
            for segment in message.segments
        ]
        text = one_byte_each(self.separators.segment.join([*tags, ""]))
        return text.removesuffix(self._trailer), text.endswith(self._end + self._trailer)


def one_byte_each(text: str) -> bytes:
    """The text with one byte for each character, as it is proven."""
    return (text if text.isascii() else _BEYOND_ASCII.sub("\x80", text)).encode("latin-1")
