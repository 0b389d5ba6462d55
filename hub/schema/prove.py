"""Prove in C what is right, so that the exact check looks only at what is not.

Nearly all segments are right. A prover watches the messages of one definition; after enough of them it compiles one
pattern for the segments seen, and from then on one match tells how far a message is right. Small files never compile.
Findings come from the exact check alone, so they are the same with and without a prover.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from hub.schema.model import MessageDef
from hub.schema.pattern import STAND_IN, Pattern
from hub.syntax.model import Message, Separators

WARM = 4000
"""Segments checked exactly before a pattern is compiled: about what compiling costs."""

_MORE_PER_TAG = 250
"""Unproven segments of new tags that it takes besides, per tag, before a pattern that exists is made anew."""

_SLICE = 1000
_KEPT_PROVERS = 64
_KEPT_STRUCTURES = 1024
_LONGEST_STRUCTURE = 500
_BINARY = frozenset({"BIN", "BDS", "UNO"})

Exact = Callable[[int], None]
"""Checks the segment of that 0-based number exactly."""


class Prover:
    """What is known of one definition with one set of separators."""

    def __init__(self, definition: MessageDef, separators: Separators, *, codes: bool) -> None:
        self.definition = definition
        self.separators = separators
        self._make = Pattern(separators, x12=definition.standard == "x12", codes=codes)
        self._pattern: re.Pattern[str] | None = None
        self._seen: Counter[str] = Counter()
        self.covered: frozenset[str] = frozenset()
        self._fresh = 0
        self._structures: set[str] = set()
        release = separators.release
        self._released = [f"{release}{mark}" for mark in self._make.marks] if release else []

    def knows_structure(self, message: Message) -> bool:
        """Whether the same tags in the same order have been found right before."""
        return _structure(message) in self._structures

    def keep_structure(self, message: Message) -> None:
        """Remember that the tags of this message stand in a right order, unless it is a long one."""
        if len(message.segments) > _LONGEST_STRUCTURE:
            return
        if len(self._structures) >= _KEPT_STRUCTURES:
            self._structures.clear()
        self._structures.add(_structure(message))

    def run(self, message: Message, exact: Exact) -> None:
        """Call exact for every segment that is not proven right, in order."""
        segments = message.segments
        pattern = self._pattern
        if pattern is None or not _BINARY.isdisjoint([segment[0] for segment in segments]):
            for number in range(len(segments)):
                exact(number)
            self._watch([segment[0] for segment in segments])
            return
        for start in range(0, len(segments), _SLICE):
            unproven = self._run_slice(message, pattern, start, exact)
            if unproven:
                self._watch([segments[number][0] for number in unproven])

    def _run_slice(self, message: Message, pattern: re.Pattern[str], start: int, exact: Exact) -> list[int]:
        """Prove one slice of a message; gives the numbers of segments whose tag the pattern does not cover."""
        element, terminator = self.separators.element, self.separators.segment
        text = terminator.join(map(element.join, message.segments[start : start + _SLICE])) + terminator
        if message.escaped and self.separators.release is not None:
            text = self._without_releases(text)
        unproven: list[int] = []
        number, counted = start, 0
        end = _reach(pattern, text, 0)
        while end < len(text):
            number += text.count(terminator, counted, end)
            exact(number)
            if message.segments[number][0] not in self.covered:
                unproven.append(number)
            counted = text.find(terminator, end) + 1
            number += 1
            end = _reach(pattern, text, counted)
        return unproven

    def _without_releases(self, text: str) -> str:
        """The text with one stand-in for each released separator; a doubled release character goes first."""
        release = self.separators.release or ""
        text = text.replace(release * 2, STAND_IN)
        for pair in self._released:
            text = text.replace(pair, STAND_IN)
        return text

    def _watch(self, tags: list[str]) -> None:
        """Count tags that no pattern covers yet; compile when there have been enough."""
        segments = self.definition.segments
        fresh = [tag for tag in tags if tag in segments and tag not in self.covered]
        self._seen.update(fresh)
        self._fresh += len(fresh)
        if self._fresh >= WARM + _MORE_PER_TAG * len(self.covered):
            self.cover(self._seen)
            self._seen.clear()
            self._fresh = 0

    def cover(self, tags: Iterable[str]) -> None:
        """Compile the pattern for these segments and those it covers already; none of them may be undefined."""
        self.covered |= frozenset(tags)
        self._pattern = self._make.message(self.definition.segments[tag] for tag in sorted(self.covered))


def _reach(pattern: re.Pattern[str], text: str, at: int) -> int:
    """How far the text is proven right from a place on; a pattern of any number of segments always matches."""
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _structure(message: Message) -> str:
    return "\n".join([segment[0] for segment in message.segments])


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
