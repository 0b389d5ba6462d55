"""Where the places of a guide are in one message."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from hub.schema.model import MessageDef, Node
from hub.schema.place import Place, Step, Test
from hub.schema.walk import walk
from hub.syntax.model import Message


class Scope(NamedTuple):
    """The segments of a message, or of one instance of a loop: 0-based numbers from start up to, not with, end."""

    start: int
    end: int


class Value(NamedTuple):
    """A text that stands at a place. segment is 0-based; repetition is None where the element does not repeat."""

    segment: int
    repetition: int | None
    text: str


class Places:
    """Finds places in a message. definition None: no directory knows the message, so there are no loops in it."""

    def __init__(self, message: Message, definition: MessageDef | None) -> None:
        self.message = message
        self._definition = definition
        self.whole = Scope(0, len(message.segments))
        self._scopes: dict[tuple[Step, ...], list[Scope]] = {}
        self._counted: dict[Place, dict[int, int]] = {}
        self._nodes: dict[Scope, Node] = {}

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, segment in enumerate(self.message.segments):
            found[segment[0]].append(number)
        return found

    @cached_property
    def _root(self) -> Node:
        return walk(self.message, self._definition)[0] if self._definition else Node()

    def scopes(self, steps: tuple[Step, ...]) -> list[Scope]:
        """Every instance of the loop that the steps lead to, at any depth, in order; the whole message for no steps."""
        if not steps:
            return [self.whole]
        if steps not in self._scopes:
            found = [(self._root, self.whole)]
            for step in steps:
                inner = [each for node, scope in found for each in _loops(node, scope.end, step.key)]
                found = [(node, scope) for node, scope in inner if self._passes(scope.start, step.tests)]
            self._nodes.update((scope, node) for node, scope in found)
            self._scopes[steps] = sorted(scope for _, scope in found)
        return self._scopes[steps]

    def direct(self, scope: Scope) -> list[int]:
        """The segments of one of `scopes` that are its loop's own, and the first segment of each loop in it."""
        node = self._nodes[scope]
        own = [number for numbers in node.numbers.values() for number in numbers]
        below = [min(map(min, child.numbers.values())) for children in node.loops.values() for child in children]
        return sorted(own + below)

    def inside(self, steps: tuple[Step, ...], scope: Scope) -> list[Scope]:
        """Those of `scopes` that begin in a scope."""
        found = self.scopes(steps)
        return found[bisect_left(found, (scope.start,)) : bisect_left(found, (scope.end,))]

    def around(self, steps: tuple[Step, ...], number: int) -> Scope | None:
        """The innermost of `scopes` that the segment is in, or that it ends; None: it is in none."""
        found = self.scopes(steps)
        at = bisect_left(found, (number,)) - 1
        return found[at] if at >= 0 and number <= found[at].end else None

    def segments(self, place: Place, scope: Scope) -> list[int]:
        """The segments of the place's tag in a scope that pass its tests."""
        numbers = self._numbers.get(place.tag, [])
        inside = numbers[bisect_left(numbers, scope.start) : bisect_left(numbers, scope.end)]
        return [number for number in inside if self._passes(number, place.tests)] if place.tests else inside

    def counted(self, place: Place) -> dict[int, int]:
        """Every segment at a place of a loop or message, with how many there are in its loop or message."""
        if place not in self._counted:
            found: dict[int, int] = {}
            for scope in self.scopes(place.steps):
                numbers = self.segments(place, scope)
                found.update(dict.fromkeys(numbers, len(numbers)))
            self._counted[place] = found
        return self._counted[place]

    def values(self, place: Place, number: int) -> list[Value]:
        """The texts that are not empty at a place's element (and component) of a segment."""
        parts = self.message.segments[number]
        if place.element is None or place.element >= len(parts):
            return []
        repetitions = self.message.repetitions(parts[place.element])
        texts = [self._text(each, place.component) for each in repetitions]
        return [Value(number, at if len(texts) > 1 else None, text) for at, text in enumerate(texts, 1) if text.strip()]

    def holds(self, place: Place, number: int) -> bool:
        """Whether a segment has anything at the place: any component of an element that names none."""
        if place.component is not None:
            return bool(self.values(place, number))
        parts, separators = self.message.segments[number], self.message.separators
        blanks = separators.component + (separators.repetition or "")
        return place.element is not None and place.element < len(parts) and bool(parts[place.element].strip(blanks))

    def _text(self, element: str, component: int | None) -> str:
        if component is None and self.message.standard == "x12":
            return self.message.text(element)
        parts = self.message.components(element)
        wanted = component or 1
        return parts[wanted - 1] if wanted <= len(parts) else ""

    def _passes(self, number: int, tests: Sequence[Test]) -> bool:
        parts = self.message.segments[number]
        for test in tests:
            element = parts[test.element] if test.element < len(parts) else ""
            text = self._text(self.message.repetitions(element)[0], test.component)
            if test.negated == (text in test.values if test.values else bool(text)):
                return False
        return True


def _loops(node: Node, end: int, key: str) -> Iterator[tuple[Node, Scope]]:
    """The instances of the loop of that slot below a node that ends at end, at any depth, in no particular order.

    A segment that fits nowhere belongs to the loop it stands behind.
    """
    children = [
        (min(map(min, child.numbers.values())), slot, child) for slot in node.loops for child in node.loops[slot]
    ]
    starts = sorted(
        [*(start for start, _, _ in children), *(at for numbers in node.numbers.values() for at in numbers)]
    )
    for start, slot, child in children:
        behind = bisect_right(starts, start)
        stop = starts[behind] if behind < len(starts) else end
        if slot == key:
            yield child, Scope(start, stop)
        yield from _loops(child, stop, key)
