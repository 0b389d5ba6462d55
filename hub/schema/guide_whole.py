"""What a guide wants of more than one segment: loops chosen by qualifier, how many of some, and totals."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from hub.schema.guide import Condition, Guide, Held, Several, Total
from hub.schema.place import Place, Step
from hub.schema.places import Places, Scope
from hub.schema.values import as_decimal

_WORDS = {
    "any_of": "wants at least one of {0}, and none is here",
    "one_of": "wants exactly one of {0}; here are {1}",
    "at_most_one": "wants at most one of {0}; here are {1}",
    "all_or_none": "wants all of {0} or none; here are {1}",
}


class Told(NamedTuple):
    """Something against a guide. number: the segment, 0-based. place: its element, if one is meant."""

    code: str
    line: int
    number: int
    text: str
    place: Place | None = None
    value: str | None = None
    expected: str | None = None


class WholeCheck:
    """Checks a message's places against what a guide wants of loops and of several segments together."""

    def __init__(self, guide: Guide, places: Places) -> None:
        self.guide = guide
        self.places = places

    def run(self) -> Iterator[Told]:
        yield from self._strangers()
        for held in self.guide.loops:
            yield from self._held(held)
        for several in self.guide.several:
            for scope in self.places.scopes(several.steps):
                yield from self._several(several, scope)
        for total in self.guide.totals:
            for scope in self.places.scopes(total.steps):
                yield from self._total(total, scope)

    # -- loops

    def _strangers(self) -> Iterator[Told]:
        """Loops of a tag the guide lists that have none of the qualifiers listed."""
        lists: dict[tuple[tuple[Step, ...], str], list[Held]] = {}
        for held in self.guide.loops:
            lists.setdefault((held.place.steps, held.place.key), []).append(held)
        for (steps, key), listed in lists.items():
            if all(held.place.tests for held in listed):
                any_one = (*steps, Step(key, listed[0].place.tag, (), key))
                known = {scope for held in listed for scope in self.places.scopes(_steps(held.place))}
                names = " or ".join(str(held) for held in listed)
                for scope in self.places.scopes(any_one):
                    if scope not in known:
                        yield self._stranger(listed[0], scope, names)

    def _stranger(self, held: Held, scope: Scope, names: str) -> Told:
        test = held.place.tests[0]
        segment = self.places.message.segments[scope.start]
        value = segment[test.element] if test.element < len(segment) else ""
        text = f"{held.place.tag} with {value!r} opens a loop that guide {self.guide.name} does not know; "
        return Told("HUB-3318", held.line, scope.start, f"{text}it knows {names}.", None, value, names)

    def _held(self, held: Held) -> Iterator[Told]:
        """What stands in a loop and is not held by it."""
        if held.tags is None:
            return
        for scope in self.places.scopes(_steps(held.place)):
            for number in self.places.direct(scope):
                tag = self.places.message.segments[number][0]
                if number != scope.start and tag not in held.tags:
                    text = f"Guide {self.guide.name} has no {tag} in {held}: leave it out."
                    yield Told("HUB-3311", held.line, number, text)

    # -- together

    def _several(self, several: Several, scope: Scope) -> Iterator[Told]:
        found = [(each, self.holding(each, scope)) for each in several.of]
        there = [each for each, numbers in found if numbers]
        count = len(there)
        right = {
            "any_of": count >= 1,
            "one_of": count == 1,
            "at_most_one": count <= 1,
            "all_or_none": count in (0, len(several.of)),
        }[several.kind]
        if not right:
            names, here = ", ".join(map(str, several.of)), " and ".join(map(str, there)) or "none"
            at = min((number for _, numbers in found for number in numbers), default=scope.start)
            words = _WORDS[several.kind].format(names, here)
            yield Told("HUB-3316", several.line, at, f"Guide {self.guide.name} {words}.", None, None, names)

    def holding(self, condition: Condition, scope: Scope) -> list[int]:
        """The segments of a scope, and of the loops in it that the condition's place names, in which it holds."""
        if not condition.place.steps:
            return self._matches(condition, scope)
        inside = self.places.inside(condition.place.steps, scope)
        return sorted({number for each in inside for number in self._matches(condition, each)})

    def _matches(self, condition: Condition, scope: Scope) -> list[int]:
        place, found = condition.place, []
        for number in self.places.segments(place, scope):
            if place.element is None:
                found.append(number)
            elif not condition.values:
                if self.places.holds(place, number):
                    found.append(number)
            else:
                texts = [value.text for value in self.places.values(place, number)]
                if any(text in condition.values for text in texts) != condition.negated and texts:
                    found.append(number)
        return found

    def _total(self, total: Total, scope: Scope) -> Iterator[Told]:
        at = self._first(total.equals, scope)
        if at is None:
            return
        number, text = at
        said, found = as_decimal(text, total.decimals), self._sum(total, scope)
        if said is None or found is None or abs(said - found) <= total.within:
            return
        what = " * ".join(str(place.source) for place, _ in total.factors) or str(total.place.source)
        kind = "the sum of" if total.factors else "the number of"
        words = f"{total.equals.source} is {said.normalize():f}, but {kind} {what} is {found.normalize():f}"
        line = f"{words} (guide {self.guide.name}): correct the one or the other."
        yield Told("HUB-3319", total.line, number, line, total.equals, text, f"{found.normalize():f}")

    def _first(self, place: Place, scope: Scope) -> tuple[int, str] | None:
        """The first segment that has a value at a place, and the value."""
        scopes = self.places.inside(place.steps, scope) if place.steps else [scope]
        for each in scopes:
            for number in self.places.segments(place, each):
                values = self.places.values(place, number)
                if values:
                    return number, values[0].text
        return None

    def _sum(self, total: Total, scope: Scope) -> Decimal | None:
        """None: a factor is no number. A segment that lacks a factor adds nothing."""
        scopes = self.places.inside(total.place.steps, scope) if total.place.steps else [scope]
        numbers = [number for each in scopes for number in self.places.segments(total.place, each)]
        if not total.factors:
            return Decimal(len(set(numbers)))
        found = Decimal(0)
        for number in dict.fromkeys(numbers):
            product = Decimal(1)
            for place, decimals in total.factors:
                values = self.places.values(place, number)
                factor = as_decimal(values[0].text, decimals) if values else Decimal(0)
                if factor is None:
                    return None
                product *= factor
            found += product
        return found


def _steps(place: Place) -> tuple[Step, ...]:
    return (*place.steps, Step(place.key, place.tag, place.tests, str(place.source)))
