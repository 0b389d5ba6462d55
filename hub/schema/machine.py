"""The places of a definition as states: where each tag leads from there never changes, so a step is one dict lookup."""

import sys
from collections.abc import Iterable, Iterator

from hub.schema.hierarchy import LEVELS
from hub.schema.model import UNLIMITED, Loop, MessageDef, Slot

_FEW = 2
"""So many more loops that hold a tag are named besides the first."""


class State:
    """A slot reached. outer is the state of the slot that opened this loop, None in the message itself. next: the
    nearest step of each tag met here; way: that of those which pass over nothing."""

    __slots__ = ("back", "index", "inner", "loop", "next", "outer", "way")

    def __init__(self, loop: Loop, index: int, outer: "State | None") -> None:
        self.loop = loop
        self.index = index
        self.outer = outer
        self.next: dict[str, Step | None] = {}
        self.way: dict[str, Way] = {}
        self.back: dict[str, Step | None] = {}
        self.inner: dict[str, list[tuple[Step, Step]]] = {}


Way = tuple[int, str, str | None, int, State]
"""A step as the walk needs it: loops left, the slot's key, that of the loop's first segment if it opens one, how many
the slot may hold, the state it leads to. A tuple is taken apart faster than an object is asked."""


class Step:
    """One way a tag can go: leave so many loops, pass over mandatory slots (with how many loops out), take the slot.

    doubtful: a loop that it leaves has a place for the tag, too, which the walk has passed.
    """

    __slots__ = ("doubtful", "key", "leaves", "limited", "opens", "passed", "slot", "state", "way")

    def __init__(self, leaves: int, passed: list[tuple[int, Slot]], slot: Slot, state: State) -> None:
        self.leaves = leaves
        self.passed = passed
        self.slot = slot
        self.state = state
        self.doubtful = False
        self.limited = slot.max < UNLIMITED
        self.key = slot.key
        self.opens = slot.loop.slots[0].key if slot.loop is not None else None
        self.way: Way = (leaves, self.key, self.opens, slot.max if self.limited else sys.maxsize, state)


class Machine:
    """The states of one definition, made when first reached."""

    def __init__(self, definition: MessageDef) -> None:
        self.met = False
        """Whether a message has been checked by the definition."""
        self.start = State(definition.root, -1, None)
        self._states: dict[tuple[int, int], State] = {}
        self._root = definition.root
        self.tags = frozenset(_tags_of(definition.root))
        self._homes: dict[str, str] = {}

    def state(self, loop: Loop, index: int, outer: State | None) -> State:
        """The state after taking a slot: inside the loop it opens, or at the slot."""
        inner = loop.slots[index].loop
        key = (id(loop), index)
        if key not in self._states:
            self._states[key] = State(loop, index, outer)
        here = self._states[key]
        return self.state(inner, 0, here) if inner is not None else here

    def ways(self, state: State, tag: str | None) -> Iterator[Step]:
        """Every way forward for a tag (None: for any), the nearest first: in this loop, then in the loops around it."""
        leaves, passed, place = 0, list[tuple[int, Slot]](), state
        while True:
            slots = place.loop.slots
            for index in range(max(place.index, 0), len(slots)):
                slot = slots[index]
                own_trigger = index == 0 and place.outer is not None and slot.max == 1
                if tag in (slot.tag, None) and not own_trigger:
                    yield Step(leaves, list(passed), slot, self.state(place.loop, index, place.outer))
                if slot.min and index > place.index:
                    passed.append((leaves, slot))
            if place.outer is None:
                return
            place = place.outer
            leaves += 1

    def step(self, state: State, tag: str) -> Step | None:
        """The nearest way forward, remembered for tags of the definition (others are without number)."""
        if tag not in self.tags:
            return None
        step = next(self.ways(state, tag), None)
        state.next[tag] = step
        if step is not None and not step.passed:
            back = self.back(state, tag) if step.leaves else None
            step.doubtful = back is not None and back.leaves < step.leaves
            if not step.doubtful:
                state.way[tag] = step.way
        return step

    def inner(self, state: State, tag: str) -> list[tuple[Step, Step]]:
        """The loops that may come next and hold the tag, the nearest first: the step to the opener and the one from
        there. Remembered.
        """
        if tag not in state.inner:
            state.inner[tag] = self._inner_places(state, tag)
        return state.inner[tag]

    def _inner_places(self, state: State, tag: str) -> list[tuple[Step, Step]]:
        found = []
        for outer in self.ways(state, None):
            if outer.slot.loop is not None:
                step = next(self.ways(outer.state, tag), None)
                if step is not None and step.leaves == 0:
                    found.append((outer, step))
        return found

    def again(self, state: State, tag: str) -> str:
        """Which first segment may be missing before a tag, as it opens a loop that is open once more; in words."""
        open_loops, place = [], state
        while place.outer is not None:
            open_loops.append(place.loop)
            place = place.outer
        # A level that is lost shows in the numbers of the others.
        openers = [outer.slot for outer, _ in self.inner(state, tag) if outer.slot.tag not in LEVELS]
        wanted = next((slot.tag for slot in openers if any(slot.loop is loop for loop in open_loops)), None)
        return f", or {wanted} is missing before it" if wanted else ""

    def homes(self, tag: str) -> str:
        """The loops that hold a tag of the definition, in words."""
        if tag not in self._homes:
            first, *others = dict.fromkeys(_homes(self._root, tag))
            more = f" or {len(others)} others" if len(others) > _FEW else "".join(f" or {other}" for other in others)
            self._homes[tag] = first + more
        return self._homes[tag]

    def back(self, state: State, tag: str) -> Step | None:
        """A place for the tag that the walk has already passed, in this loop or in one around it; remembered."""
        if tag not in state.back:
            state.back[tag] = self._passed_place(state, tag)
        return state.back[tag]

    def _passed_place(self, state: State, tag: str) -> Step | None:
        leaves, place = 0, state
        while True:
            for index in range(min(place.index, len(place.loop.slots))):
                slot = place.loop.slots[index]
                if slot.tag == tag and not (index == 0 and (place.outer is not None or slot.min)):
                    return Step(leaves, [], slot, self.state(place.loop, index, place.outer))
            if place.outer is None:
                return None
            place = place.outer
            leaves += 1

    def missing(self, state: State) -> list[tuple[int, Slot]]:
        """The mandatory slots behind a state, with how many loops out; without the trailer, the envelope's concern."""
        found, leaves, place = list[tuple[int, Slot]](), 0, state
        while True:
            slots = place.loop.slots[place.index + 1 :]
            found += [(leaves, slot) for slot in slots if slot.min and slot.tag not in ("SE", "UNT")]
            if place.outer is None:
                return found
            place = place.outer
            leaves += 1


_KEPT = 512
_machines: dict[int, tuple[MessageDef, Machine]] = {}


def machine_of(definition: MessageDef) -> Machine:
    """The machine of this very definition object; the last _KEPT are kept."""
    kept = _machines.get(id(definition))
    if kept is None or kept[0] is not definition:
        if len(_machines) >= _KEPT:
            _machines.pop(next(iter(_machines)), None)
        kept = _machines[id(definition)] = (definition, Machine(definition))
    return kept[1]


def in_order(definition: MessageDef, tags: Iterable[str]) -> bool:
    """Whether `walk` has nothing to say of segments with these tags; False is no verdict."""
    machine = machine_of(definition)
    state = machine.start
    counts: list[dict[str, int]] = [{}]
    for tag in tags:
        try:
            step = state.next[tag]
        except KeyError:
            step = machine.step(state, tag)
        if step is None or step.passed:
            return False
        if step.leaves:
            del counts[-step.leaves :]
        slot = step.slot
        if step.limited:
            count = counts[-1].get(slot.key, 0) + 1
            if count > slot.max:
                return False
            counts[-1][slot.key] = count
        if slot.loop is not None:
            counts.append({slot.loop.slots[0].key: 1})
        state = step.state
    return not machine.missing(state)


def _tags_of(loop: Loop) -> Iterator[str]:
    """Every tag of a loop and the loops in it."""
    for slot in loop.slots:
        yield slot.tag
        if slot.loop is not None:
            yield from _tags_of(slot.loop)


def _homes(loop: Loop, tag: str) -> list[str]:
    """The loops of a message that hold the tag, in words."""
    found = []
    for slot in loop.slots:
        if slot.loop is not None:
            if any(inner.tag == tag for inner in slot.loop.slots):
                name = slot.loop.name
                found.append(f"loop {name}" + (f" ({slot.tag})" if name != slot.tag else ""))
            found += _homes(slot.loop, tag)
        elif slot.tag == tag and not loop.name:
            found.append("the message itself")
    return found
