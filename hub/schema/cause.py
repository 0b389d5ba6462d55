"""One cause for several faults: where a walk stumbles twice, the one change after which it would not have.

Tried are all changes around the first fault: two segments change places, one is added, one is left out, one has another
tag. The verdict stays that of the faults it explains, as does the tree: only what is told becomes less.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Literal, NamedTuple, TypeVar

from hub.errors import Finding, Severity, finding
from hub.record import replace
from hub.schema.hierarchy import LEVELS, gaps
from hub.schema.machine import Machine, State
from hub.schema.model import MessageDef, Node, Slot
from hub.schema.walk import Walker
from hub.syntax.model import Message

_T = TypeVar("_T")

_TRIES = 20
"""Faults looked at in one message, .."""

_WORK = 50_000
""".. and segments walked for them: the cause that is found of each costs a walk."""

_IN_FRONT = 4
"""Segments in front of a fault that may be its cause."""

_AHEAD = 100
"""Segments behind a fault that a change must explain at most."""

_GRAVITY: tuple[Severity, ...] = ("reject", "error", "warn")
_NO_TAG = frozenset({"HUB-2010", "HUB-2011"})


class _Change(NamedTuple):
    """What is done to the segment of that number: it swaps places with the next, is left out, gets the slot's tag; or
    one with that tag is added before it.
    """

    kind: Literal["swap", "leave", "rename", "add"]
    at: int
    slot: Slot | None = None

    def of(self, parts: list[_T], made: _T) -> list[_T]:
        """The parts after the change. made: what is added, or stands where the tag was another."""
        before, behind = parts[: self.at], parts[self.at :]
        if self.kind == "swap":
            return [*before, behind[1], behind[0], *behind[2:]]
        if self.kind == "leave":
            return [*before, *behind[1:]]
        return [*before, made, *behind[1:]] if self.kind == "rename" else [*before, made, *behind]

    @property
    def more(self) -> int:
        """How many segments there are more after it."""
        return {"add": 1, "leave": -1}.get(self.kind, 0)


def causes(message: Message, definition: MessageDef, *, cut: bool = False) -> list[Finding]:
    """The findings of `walk`; but of those that have one cause, that alone.

    cut: the message was cut short, so what its end is told of has a cause already.
    """
    walker = Walker(message, definition, message.segments)
    walker.run()
    told, start = list[Finding](), 0
    tries = min(_TRIES, _WORK // len(message.segments)) if definition.exact else 0
    while tries:
        faults = _faults(walker, start, len(walker.segments) - (2 if cut else 0))
        tries, better = _next(walker, faults, tries)
        if better is None:
            break
        cause, walker, start = better
        told.append(cause)
    return sorted([*told, *walker.findings()], key=lambda each: each.location.segment or 0)


def _next(
    walker: Walker, faults: list[tuple[int, Finding]], tries: int
) -> tuple[int, tuple[Finding, Walker, int] | None]:
    """How many tries are left, and the first cause found of the faults: see `_explained`."""
    ahead = _Ahead(walker)
    for (first, fault), second in zip_longest(faults, [at for at, _ in faults[1:]]):
        change = ahead.change(first, fault, second) if tries else None
        tries = max(tries - 1, 0)
        better = _explained(walker, change, fault, alone=second is None) if change else None
        if better is not None:
            return tries, better
    return tries, None


def _faults(walker: Walker, start: int, last: int) -> list[tuple[int, Finding]]:
    """The findings of a walk from one number to another, each with the number of its segment."""
    told = zip(walker.at, walker.found, strict=True)
    return sorted(((at, each) for at, each in told if each and start <= at <= last), key=lambda each: each[0])


class _Ahead:
    """Looks how far a walk gets from in front of a fault, as it is and with a change. Faults are asked for in order."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.machine: Machine = walker.machine
        self.behind = Walker(walker.message, walker.definition, walker.segments, walker.places)
        self.number = 0
        self.tags: list[str] = []
        self.counts: list[dict[str, int]] = []
        self.gaps = gaps(walker.message)

    def change(self, first: int, fault: Finding, second: int | None) -> _Change | None:
        """The change after which the walk gets furthest, beyond the first fault and to the second; None: none.

        Another tag that is not like the one that stands there must get it beyond the second.
        """
        segments, start = self.walker.segments, max(1, first - _IN_FRONT)
        if start > self.number:
            self.behind.go(self.number, start)
            self.number = start
        self.tags = [segment[0] for segment in segments[self.number : first + _AHEAD]]
        self.counts = [_counts(node) for node in self.behind.nodes]
        best, furthest = None, first if second in (None, first) else second - 1
        for change in self.alone(first, fault) if second is None else self.changes(first, fault):
            reached = self.reached(change)
            guessed = change.kind == "rename" and change.slot and not _is_like(change.slot.tag, segments[first][0])
            if reached > furthest and not (guessed and reached == second):
                best, furthest = change, reached
        return best

    def alone(self, first: int, fault: Finding) -> Iterator[_Change]:
        """The changes that explain better than the walk did what went wrong but once."""
        tag = self.walker.segments[first][0] if fault.code in _NO_TAG else ""
        if tag and not _is_like(tag, fault.expected or ""):
            yield from (_Change("rename", first, slot) for slot in self.slots(first) if _is_like(slot.tag, tag))
        if any(before < self.walker.place(first) <= behind for before, behind in self.gaps):
            yield from (_Change("add", first, slot) for slot in self.slots(first) if slot.tag in LEVELS)

    def changes(self, first: int, fault: Finding) -> Iterator[_Change]:
        """The changes that may explain a fault and more behind it, the likeliest first."""
        yield from self.alone(first, fault)
        if fault.code in _NO_TAG:
            yield from (_Change("rename", first, slot) for slot in self.slots(first))
            return
        size = self.number + len(self.tags)
        near = [at for at in range(first, first - _IN_FRONT, -1) if self.number <= at < size]
        yield from (_Change("swap", at) for at in (first - 1, *near) if at in near and at + 1 < size)
        for at in near:
            yield from (_Change("add", at, slot) for slot in self.slots(at) if slot.min or slot.loop)
        yield from (_Change("leave", at) for at in near[:2])

    def slots(self, at: int) -> list[Slot]:
        """The slots that the segment of that number might take, the nearest first."""
        index, state = self.taken(self.tags[: at - self.number])
        if index < at - self.number:
            return []
        return [step.slot for step in self.machine.ways(state, None) if not step.passed]

    def reached(self, change: _Change) -> int:
        """The number of the first segment that does not fit after a change; beyond the end: all do."""
        at = change.at - self.number
        tags = change._replace(at=at).of(self.tags, change.slot.tag if change.slot else "")
        index, state = self.taken(tags)
        end = len(self.walker.segments)
        if index == len(tags) and self.number + len(self.tags) == end:
            return end + (not self.machine.missing(state))
        return self.number + index - (change.more if index > at else 0)

    def taken(self, tags: list[str]) -> tuple[int, State]:
        """How many of the tags fit, one behind the other, and the state reached."""
        machine, state, counts = self.machine, self.behind.state, [dict(each) for each in self.counts]
        for index, tag in enumerate(tags):
            step = state.next[tag] if tag in state.next else machine.step(state, tag)
            if step is None or step.passed:
                return index, state
            if step.leaves:
                del counts[-step.leaves :]
            counts[-1][step.key] = held = counts[-1].get(step.key, 0) + 1
            if held > step.slot.max:
                return index, state
            if step.opens is not None:
                counts.append({step.opens: 1})
            state = step.state
        return len(tags), state


def _counts(node: Node) -> dict[str, int]:
    """How many segments or loops each slot of a node holds."""
    return {key: len(held) for part in (node.segments, node.loops) for key, held in part.items()}


def _is_like(tag: str, other: str) -> bool:
    """Whether one letter of a tag is another, or two have changed places."""
    differ = [pair for pair in zip(tag, other, strict=False) if pair[0] != pair[1]]
    return len(tag) == len(other) and (len(differ) == 1 or (len(differ) == 2 and differ[0] == differ[1][::-1]))


def _explained(walker: Walker, change: _Change, fault: Finding, *, alone: bool) -> tuple[Finding, Walker, int] | None:
    """The cause, a walk after the change and where to go on; None: the change does not explain enough."""
    segments, at = walker.segments, change.at
    places = list(range(len(segments))) if walker.places is None else walker.places
    made = [change.slot.tag, *(segments[at][1:] if change.kind == "rename" else [])] if change.slot else []
    after = Walker(walker.message, walker.definition, change.of(segments, made), change.of(places, places[at]))
    after.run()
    old, new = walker.findings(), after.findings()
    if len(new) + 1 > len(old) - (not alone) or _gravest(new) < _gravest(old):
        return None
    explained = Counter((each.code, each.location) for each in old)
    explained.subtract((each.code, each.location) for each in new)
    gravest = _gravest([each for each in old if explained[each.code, each.location] > 0])
    return replace(_told(walker, change, fault), severity=_GRAVITY[gravest]), after, at + 1


def _gravest(found: list[Finding]) -> int:
    """The place in _GRAVITY of the gravest of some findings, behind its end for none."""
    return min((_GRAVITY.index(each.severity) for each in found), default=len(_GRAVITY))


def _told(walker: Walker, change: _Change, fault: Finding) -> Finding:
    """The finding that says what is wrong where the change makes it right."""
    at, tag = change.at, walker.segments[change.at][0]
    place = walker.message.location(walker.place(at))
    if change.kind == "rename" and change.slot:
        text = f"{fault.message.partition('.')[0]}: it stands where {change.slot.tag} belongs. Correct its tag."
        return replace(fault, message=text, expected=change.slot.tag)
    if change.kind == "add" and change.slot:
        wanted, loop = change.slot.tag, change.slot.loop
        what = f"The segment {wanted}, which opens the loop {loop.name}," if loop else f"The mandatory segment {wanted}"
        text = f"{what} is missing before {tag}. Add the segment {wanted}."
        place = replace(place, tag=wanted)
        return finding("HUB-2014", text, location=place, value=tag, expected=wanted, rule=f"{walker.rule} {wanted}")
    rule = f"{walker.rule} {tag}"
    if change.kind == "swap":
        behind = walker.segments[at + 1][0]
        text = f"The segment {tag} stands too early: {behind} comes before {tag}. Keep the order of the directory."
        return finding("HUB-2013", text, location=place, value=tag, expected=behind, rule=rule)
    if fault.location == place and fault.code != "HUB-2014":
        return fault
    text = f"The segment {tag} cannot stand here: what follows goes on from the segment before it. Remove or move it."
    return finding("HUB-2012", text, location=place, value=tag, rule=rule)
