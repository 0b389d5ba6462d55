"""Prove in C what is right, so that the exact check looks only at what is not.

Nearly all segments are right. A prover watches the messages of one definition and learns the shapes of right segments;
after enough of them it makes a proof, and from then on one match tells how far a message is right. Small files never
compile.
Findings come from the exact check alone, so they are the same with and without a prover.
"""

import re
from collections.abc import Callable
from operator import itemgetter

from hub.schema.directory import definition
from hub.schema.hierarchy import is_whole
from hub.schema.model import MessageDef
from hub.schema.pattern import STAND_IN, Pattern
from hub.schema.proof import Proof, proof_of
from hub.syntax.charset import readable
from hub.syntax.model import Interchange, Message, MessageSpan, Segment, Separators

WARM = 4000
"""Right segments of new shapes before a proof is made: about what making it costs."""

_MORE_PER_TAG = 250
"""As many more, per tag, before a proof that exists is made anew."""

_MOST_SHAPES = 100
"""Shapes known of one tag."""

_SLICE = 1000
_KEPT_PROVERS = 64
_KEPT_STRUCTURES = 1024
_LONGEST_STRUCTURE = 500
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
        self._structures: set[bytes] = set()
        marks = (separators.element, separators.component, separators.segment, separators.repetition)
        release = separators.release
        self._provable = "".join(mark for mark in (*marks, release) if mark).isascii()
        self._end = separators.segment.encode()
        self._line = separators.line.encode()
        self._release = (release or "").encode()
        self._released = [f"{release}{mark}".encode() for mark in (release, *marks) if mark] if release else []

    @property
    def has_levels(self) -> bool:
        """Whether what it proves may hold a hierarchy (HL, CPS), which it knows nothing of."""
        return "HL" in self._shapes or "CPS" in self._shapes

    def knows_structure(self, message: Message) -> bool:
        """Whether the same tags in the same order have been found right before."""
        return self._structure(message) in self._structures

    def keep_structure(self, message: Message) -> None:
        """Remember that the tags of this message stand in a right order, unless it is a long one."""
        if len(message.segments) > _LONGEST_STRUCTURE:
            return
        if len(self._structures) >= _KEPT_STRUCTURES:
            self._structures.clear()
        self._structures.add(self._structure(message))

    def proves(self, body: bytes) -> bool:
        """Whether a message is proven right as a whole, structure and elements, without looking at its segments.

        body: from ST or UNH to its trailer's terminator; each byte stands for one character.
        """
        if self._proof is None:
            return False
        if self._line:
            body = body.replace(self._end + self._line, self._end)
        if self._release and self._release in body:
            body = self._without_releases(body)
        # Tags that the proof covers are told by their first three bytes; a tag of two has the separator behind it.
        tags = self._end.join(map(_tag, body.split(self._end)))
        return tags in self._structures and self._proof.whole(body)

    def run(self, message: Message, exact: Exact) -> None:
        """Call exact for every segment that is not proven right, in order."""
        segments, proof = message.segments, self._proof
        if proof is None or not _BINARY.isdisjoint([segment[0] for segment in segments]):
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
        plain = _bytes_of(terminator.join([*map(element.join, segments), ""]))
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
        self.fresh = 0

    def _without_releases(self, text: bytes) -> bytes:
        """The text with one stand-in for each released separator; a doubled release character goes first."""
        for pair in self._released:
            text = text.replace(pair, STAND_IN)
        return text

    def _structure(self, message: Message) -> bytes:
        """The tags of a message as `proves` sees them; a tag that is too long stays as it is and so is never known."""
        tags = [
            segment[0] if len(segment[0]) > 2 or len(segment) == 1 else segment[0] + self.separators.element
            for segment in message.segments
        ]
        return _bytes_of(self.separators.segment.join([*tags, ""]))


def _bytes_of(text: str) -> bytes:
    """One byte for each character."""
    return (text if text.isascii() else _BEYOND_ASCII.sub("\x80", text)).encode("latin-1")


_provers: dict[tuple[int, Separators, bool], Prover] = {}


def prover_of(definition: MessageDef, separators: Separators, *, codes: bool) -> Prover:
    """The prover of this very definition, separators and treatment of codes; the last _KEPT_PROVERS are kept."""
    key = (id(definition), separators, codes)
    kept = _provers.get(key)
    if kept is None or kept.definition is not definition:
        if len(_provers) >= _KEPT_PROVERS:
            _provers.pop(next(iter(_provers)), None)
        kept = _provers[key] = Prover(definition, separators, codes=codes)
    return kept


def is_proven(body: bytes, codec: str, prover: Prover) -> bool:
    """Whether a message in this codec, from its header to its trailer's terminator, is proven right as a whole."""
    if not body.isascii() and codec != "latin-1":
        body = _bytes_of(body.decode(codec, "replace"))
    return prover.proves(body)


class Bytes:
    """Tells from the bytes of an interchange's messages whether they are right. codes: whether code lists matter."""

    def __init__(self, interchange: Interchange, *, codes: bool = True) -> None:
        self._interchange = interchange
        self._codes = codes
        self._provers: dict[tuple[str, str], Prover | None] = {}

    def are_right(self, body: bytes, span: MessageSpan) -> bool:
        """Whether the message at span needs no parsing to know that `check` has no finding.

        body: the payload's bytes there. False is no verdict: parse the message and check.
        """
        interchange = self._interchange
        kind = span.version, span.type
        if kind not in self._provers:
            self._provers[kind] = self._prover(*kind)
        prover = self._provers[kind]
        if prover is None:
            return False
        body, codec = readable(body, interchange.charset)
        if not is_proven(body, codec, prover):
            return False
        return not prover.has_levels or is_whole(body, interchange.standard, interchange.separators)

    def _prover(self, version: str, type: str) -> Prover | None:
        made = definition(self._interchange.standard, version, type)
        if made is None or not made.exact or self._interchange.wrapped:
            return None
        return prover_of(made, self._interchange.separators, codes=self._codes)
