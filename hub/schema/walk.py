"""Walk a message along its definition: the tree of loops, and what does not fit.

The place reached is one slot of the definition; where a tag leads from there never changes, so each slot remembers it
and the walk is one dict lookup a segment. Only what does not fit (a slot that is full, a mandatory one passed over, a
tag with no place) is looked at more closely. A segment that fits nowhere is reported and left out of the tree; the
place stays.
"""

from hub.errors import Finding, finding
from hub.location import Location
from hub.record import replace
from hub.schema.directory import directory_of
from hub.schema.machine import State, Step, Way, machine_of
from hub.schema.model import QUALIFIER_AT, MessageDef, Node, Positions, Slot
from hub.syntax.model import Message, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hub.errors import Severity

_NO_PLACE = frozenset({"HUB-2010", "HUB-2011"})

_AHEAD = 5
"""Segments looked at to tell which of two places a message goes on from."""


def walk(message: Message, definition: MessageDef) -> tuple[Node, list[Finding]]:
    """The tree of a message and its structure findings, in message order.

    Findings: unknown, unexpected, out of sequence, missing mandatory segments, segments and loops that occur too often.
    Segments that are too many or out of sequence are in the tree (where they belong), segments with no place are not.
    """
    walker = Walker(message, definition, message.segments)
    walker.run()
    return walker.root, walker.findings()


class Walker:
    """One walk. segments: the message's, or others in their stead, with the number of each in the message in places."""

    def __init__(
        self, message: Message, definition: MessageDef, segments: list[Segment], places: list[int] | None = None
    ) -> None:
        self.message = message
        self.segments = segments
        self.places = places
        self.definition = definition
        self.machine = machine_of(definition)
        self.root = Node(Positions(segments))
        self.state = self.machine.start
        self.nodes = [self.root]
        self.implied: list[Node] = []
        self.found: list[Finding | None] = []
        self.at: list[int] = []
        """For each of found the number of its segment."""
        self.missing: dict[tuple[int, str], int] = {}
        self.early: set[int] = set()
        self.rule = f"{definition.type} {definition.version}"

    def findings(self) -> list[Finding]:
        return [each for each in self.found if each is not None]

    def run(self) -> None:
        """Walk to the end."""
        self.go(0, len(self.segments))
        self.close()

    def go(self, start: int, end: int) -> None:
        """Walk the segments from the 0-based number start up to, not with, end."""
        state, nodes, positions = self.state, self.nodes, self.root.positions
        before = state
        for number, segment in enumerate(self.segments[start:end], start):
            way = state.way.get(segment[0])
            if way is not None:
                leaves, key, opens, most, after = way
                node = nodes[-1 - leaves]
                held: dict[str, list[Any]] = node.segments if opens is None else node.loops
                if key in held and len(held[key]) >= most:
                    way = None
            if way is None:
                way = self.found_way(state, number, segment[0], before)
                if way is None:
                    continue
                leaves, key, opens, most, after = way
                node = nodes[-1 - leaves]
                held = node.segments if opens is None else node.loops
            if leaves:
                del nodes[-leaves:]
            part: Segment | Node = segment
            if opens is not None:
                part = Node(positions, {opens: [segment]})
                nodes.append(part)
            if key in held:
                held[key].append(part)
            else:
                held[key] = [part]
            before, state = state, after
        self.state = state

    def found_way(self, state: State, number: int, tag: str, before: State) -> Way | None:
        """The way to go where it is not known, or its slot is full; None: leave the segment out.

        before: the state that the latest segment in the tree was taken from.
        """
        step = state.next[tag] if tag in state.next else self.machine.step(state, tag)
        if step is None or step.passed or step.doubtful or (step.limited and self.full(step)):
            step = self.choose(state, number, tag, step, before)
        return None if step is None else step.way

    def full(self, step: Step) -> bool:
        """Whether the slot of the step already holds as many as it may."""
        node = self.nodes[-1 - step.leaves]
        held: list[Node] | list[Segment] | None = (
            node.segments.get(step.key) if step.opens is None else node.loops.get(step.key)
        )
        return held is not None and len(held) >= step.slot.max

    def choose(self, state: State, number: int, tag: str, step: Step | None, before: State) -> Step | None:
        """The way to go where the nearest one is not plainly right, with the findings it costs; None: leave it out."""
        if step is None or (step.doubtful and self.reach(state, number) > self.reach(step.state, number)):
            return self.displaced(state, number, tag, before)
        if step.limited and self.full(step):
            return self.beyond(state, number, tag, step)
        if step.passed:
            if self.stray(state, step, number):
                if step.leaves and self.machine.back(state, tag) is not None:
                    return self.displaced(state, number, tag, before)
                wanted = " and ".join(dict.fromkeys(slot.tag for _, slot in step.passed))
                text = f"The segment {tag} stands too early: {wanted} must come before it."
                # A loop that stands too early is not read, so the message cannot count as understood.
                self.report("HUB-2013", number, text, severity="reject" if step.slot.loop is not None else None)
                if step.slot.loop is None:
                    self.put_aside(step, number)
                else:
                    self.early.add(id(step.slot))
                return None
            self.pass_over(step.passed, number, tag)
        return step

    def beyond(self, state: State, number: int, tag: str, step: Step) -> Step:
        """The way to go where the nearest slot is full: a later one, if what follows is there, or one too many here."""
        here = self.reach(step.state, number)
        for way in self.machine.ways(state, tag):
            if not self.full(way) and (not way.passed or (step.opens and self.reach(way.state, number) > here)):
                self.pass_over(way.passed, number, tag)
                return way
        inner = self.inner(state, number, tag) if step.opens else None
        if inner is not None and self.reach(inner[1].state, number) > here:
            return self.imply(*inner, number, tag)
        self.too_many(step, number, tag)
        return step

    def stray(self, state: State, step: Step, number: int) -> bool:
        """Whether what follows fits without this segment and not after it: then this one is what is wrong."""
        return self.goes_on_from(state, step.state, number) is state

    def goes_on_from(self, one: State, other: State, number: int, until: str = "") -> State | None:
        """The state of the two from which the first segment behind number that fits from one alone does; None: none.

        until: the tag of a segment that is looked at no more.
        """
        for segment in self.segments[number + 1 : number + 1 + _AHEAD]:
            if segment[0] == until:
                return None
            fits = [self.fits(state, segment[0]) for state in (one, other)]
            if fits[0] != fits[1]:
                return one if fits[0] else other
        return None

    def reach(self, state: State, number: int) -> int:
        """How many of the segments behind number can be taken from a state, one after the other; _AHEAD at most."""
        taken = 0
        for segment in self.segments[number + 1 : number + 1 + _AHEAD]:
            tag = segment[0]
            step = state.next[tag] if tag in state.next else self.machine.step(state, tag)
            if step is None or step.passed or (step.slot.max == 1 and step.state is state):
                break
            state, taken = step.state, taken + 1
        return taken

    def fits(self, state: State, tag: str) -> bool:
        """Whether a tag may come next, with nothing mandatory passed over."""
        way = next(self.machine.ways(state, tag), None)
        return way is not None and not way.passed

    def displaced(self, state: State, number: int, tag: str, before: State) -> Step | None:
        """A tag with no way forward: out of sequence, in the wrong loop, or not of this message at all."""
        known = tag in self.machine.tags
        back = self.machine.back(state, tag) if known else None
        if back is not None and (self.left_out(number) is not None or self.derails(state, back, number)):
            cause = self.one_cause(state, number, tag, before)
            if cause is not None:
                return cause
        if back is not None:
            owner = self.nodes[-1 - back.leaves]
            refuted = self.missing.pop((id(owner), back.slot.key), None)
            if refuted is not None:
                self.found[refuted] = None
            self.report(
                "HUB-2013",
                number,
                f"The segment {tag} is out of sequence: its place has passed{self.machine.again(state, tag)}. "
                "Keep the order of the directory.",
            )
            if back.slot.loop is not None and self.goes_on_from(state, back.state, number) is not state:
                return back
            self.put_aside(back, number)
            return None
        inner = self.inner(state, number, tag) if known else None
        if inner is not None:
            goes_on = self.goes_on_from(state, inner[1].state, number, inner[0].slot.tag) is inner[1].state
            if goes_on or self.left_out(number) is not None:
                return self.imply(*inner, number, tag)
        if known:
            places = self.machine.homes(tag)
            self.report("HUB-2012", number, f"The segment {tag} cannot stand here; it belongs to {places}.")
        elif directory_of(self.definition).knows(tag):
            self.report(
                "HUB-2011", number, f"The segment {tag} is not part of {self.rule}. Remove it or send another type."
            )
        else:
            self.report(
                "HUB-2010",
                number,
                f"The segment {tag!r} is unknown in {self.definition.version}. Remove it or correct its tag.",
            )
        return None

    def derails(self, state: State, back: Step, number: int) -> bool:
        """Whether what follows a segment that comes too late fits neither without it nor where it belongs."""
        return not self.reach(state, number) and (back.slot.loop is None or not self.reach(back.state, number))

    def one_cause(self, state: State, number: int, tag: str, before: State) -> Step | None:
        """What explains a tag and those behind it that all come too late: the segment in front of them came too early,
        or the one that opens their loop is missing. None: neither.
        """
        last, *behind = [segment[0] for segment in self.segments[number - 1 : number + _AHEAD]]
        if last in behind or before.loop is not state.loop or before.outer is not state.outer:
            step = None
        else:
            step = self.machine.step(before, tag) if state.loop.slots[state.index].tag == last else None
        if step is not None and self.reach(before, number - 1) > 1 and not self.full(step):
            text = f"The segment {last} stands too early: {tag} and what follows it come before {last}."
            self.report("HUB-2013", number - 1, f"{text} Keep the order of the directory.")
            return step
        inner = self.inner(state, number, tag) if self.definition.exact else None
        if inner is not None and self.reach(inner[1].state, number) >= (_AHEAD if behind[1:2] == [tag] else 1):
            return self.imply(*inner, number, tag, again=inner[0].slot.loop is state.loop)
        return None

    def inner(self, state: State, number: int, tag: str) -> tuple[Step, Step] | None:
        """The way into a loop whose first segment is missing: of all that hold the tag, the one most goes on in."""
        return max(self.machine.inner(state, tag), key=lambda way: self.reach(way[1].state, number), default=None)

    def imply(self, outer: Step, step: Step, number: int, tag: str, *, again: bool = False) -> Step:
        """Take the loop of the outer step as opened, though its first segment is missing, so that only this is told.

        The loop stays out of the tree. again: it is the loop that is open, so the segments may be out of sequence.
        """
        self.pass_over(outer.passed, number, tag)
        if outer.leaves:
            del self.nodes[-outer.leaves :]
        opener, name = outer.slot.tag, outer.slot.loop.name if outer.slot.loop is not None else ""
        text = f"The segment {opener}, which opens the loop {name} around {tag}, is missing before {tag}. Add {opener}."
        if again and self.left_out(number) is None:
            text = f"The segment {tag} is out of sequence: its place has passed, or {opener} is missing before it."
            self.report("HUB-2013", number, f"{text} Keep the order of the directory.", expected=opener)
        elif id(outer.slot) not in self.early and not self.stood_for(opener, number):
            self.report("HUB-2014", number, text, tag=opener, expected=opener)
        self.implied.append(Node())
        self.nodes.append(self.implied[-1])
        self.pass_over(step.passed, number, tag)
        return step

    def put_aside(self, step: Step, number: int) -> None:
        """Put a single segment, or a loop of one, into the tree where it belongs, without moving there."""
        owner, segment = self.nodes[-1 - step.leaves], self.segments[number]
        if step.opens is None:
            owner.segments.setdefault(step.key, []).append(segment)
        else:
            owner.loops.setdefault(step.key, []).append(Node(self.root.positions, {step.opens: [segment]}))

    def pass_over(self, passed: list[tuple[int, Slot]], number: int, tag: str | None) -> None:
        """Report the mandatory slots a step leaves empty. number and tag: the segment found in their stead."""
        for leaves, slot in passed:
            node = self.nodes[-1 - leaves]
            if slot.key in node.segments or slot.key in node.loops or (id(node), slot.key) in self.missing:
                continue
            if id(slot) in self.early:  # told where it stood
                continue
            self.missing[id(node), slot.key] = len(self.found)
            if slot is passed[-1][1] and self.stood_for(slot.tag, number):
                self.keep(None, number)
                continue
            what = f"segment {slot.tag}" if slot.loop is None else f"loop {slot.loop.name}, which {slot.tag} opens,"
            place = f"before {tag}" if tag else "before the end"
            self.report(
                "HUB-2014",
                number,
                f"The mandatory {what} is missing {self.inside(node)}{place}. Add the segment {slot.tag}.",
                tag=slot.tag,
                expected=slot.tag,
            )

    def left_out(self, number: int) -> Finding | None:
        """What was told of the segment right before number, if it has no place at all."""
        last = self.found[-1] if self.found else None
        return last if last is not None and last.code in _NO_PLACE and self.at[-1] == number - 1 else None

    def stood_for(self, wanted: str, number: int) -> bool:
        """Whether a segment without a place stands where the wanted one is missing: that one then tells of it."""
        last = self.left_out(number)
        if last is None or not self.definition.exact:
            return False
        told = f"{last.message.partition('.')[0]}: it stands where {wanted} belongs. Correct its tag."
        self.found[-1] = replace(last, message=told, expected=wanted)
        return True

    def inside(self, node: Node) -> str:
        """Which loop it is, for people: by its first segment and that segment's qualifier; "" in the message itself."""
        if node is self.root or node.positions is None or not node.segments:
            return ""
        start = min(node.positions.of(segments[0]) for segments in node.segments.values())
        segment = self.segments[start]
        at = QUALIFIER_AT.get(segment[0], 1)
        named = self.message.components(segment[at])[0] if at < len(segment) else ""
        return f"in the loop of segment {start + 1} ({segment[0]}{' ' if named else ''}{named}) "

    def too_many(self, step: Step, number: int, tag: str) -> None:
        most = step.slot.max
        if step.slot.loop is None:
            where = self.inside(self.nodes[-1 - step.leaves]).strip() or "here"
            text = (
                f"The segment {tag} occurs more than {most} time{'s' if most > 1 else ''} {where}. Send {most} at most."
            )
            self.report("HUB-2015", number, text, expected=str(most))
        else:
            name = step.slot.loop.name
            text = f"The loop {name} occurs more than {most} time{'s' if most > 1 else ''} here. Send {most} at most."
            self.report("HUB-2016", number, text, expected=str(most))

    def close(self) -> None:
        """What is still missing when the message ends."""
        passed = self.machine.missing(self.state)
        if passed:
            self.pass_over(passed, len(self.segments), None)

    def report(
        self,
        code: str,
        number: int,
        text: str,
        *,
        tag: str | None = None,
        expected: str | None = None,
        severity: "Severity | None" = None,
    ) -> None:
        location: Location = self.message.location(self.place(number))
        if tag is not None:
            location = replace(location, tag=tag)
        value = self.segments[number][0] if number < len(self.segments) else None
        rule = f"{self.rule} {location.tag}"
        told = finding(code, text, location=location, value=value, expected=expected, rule=rule, severity=severity)
        self.keep(told, number)

    def place(self, number: int) -> int:
        """The number in the message of a segment walked."""
        if self.places is None or number >= len(self.places):
            return number if self.places is None else len(self.message.segments)
        return self.places[number]

    def keep(self, told: Finding | None, number: int) -> None:
        """Add a finding, or None where another is that might have been."""
        self.found.append(told)
        self.at.append(number)
