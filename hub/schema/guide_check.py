"""A message against a guide.

What a guide allows beyond its directory takes findings of the directory away. What it wants beyond it makes findings of
its own, which never reject a message technically: they hold it, or are answered in business terms.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from hub.errors import Finding, Severity, finding
from hub.record import replace
from hub.schema.elements import shown
from hub.schema.guide import Condition, Extra, Guide, Rule, Together
from hub.schema.guide_whole import WholeCheck
from hub.schema.model import MessageDef
from hub.schema.place import Place
from hub.schema.places import Places, Scope
from hub.schema.values import counted_length, fault
from hub.syntax.model import Message

KEPT = 1000
"""Findings kept for one message; one finding says that there are more."""

_UNPLACED = frozenset({"HUB-2010", "HUB-2011", "HUB-2012", "HUB-2013"})
_TOO_MANY = frozenset({"HUB-2015", "HUB-2016"})
_LENGTH = frozenset({"HUB-2024", "HUB-2025"})


def permit(message: Message, definition: MessageDef | None, guide: Guide, found: Sequence[Finding]) -> list[Finding]:
    """The directory's findings without those on what the guide allows."""
    if not found or not guide.serves(message):
        return list(found)
    places = Places(message, definition)
    return [each for each in found if not _is_permitted(each, guide, places)]


def check_guide(
    message: Message,
    definition: MessageDef | None,
    guide: Guide,
    *,
    severities: Mapping[str, Severity] | None = None,
) -> list[Finding]:
    """What a message has against a guide, in message order; nothing if the guide is for another type.

    severities: of the agreement, by code.
    """
    if not guide.serves(message):
        return []
    checker = _GuideCheck(message, definition, guide)
    found = list(islice(checker.run(), KEPT + 1))
    found.sort(key=lambda each: each.location.segment or 0)
    if len(found) > KEPT:
        text = f"There is more against guide {guide.name} than is told here: correct these first and check again."
        found[KEPT:] = [finding("HUB-3317", text, location=message.location(0))]
    return [replace(each, severity=(severities or {}).get(each.code, each.severity)) for each in found]


# -- what a guide allows


def _is_permitted(each: Finding, guide: Guide, places: Places) -> bool:
    if each.location.segment is None:
        return False
    number = each.location.segment - 1
    if each.code == "HUB-2018":  # a total the guide speaks of is its own to find
        return any((total.equals.tag, total.equals.element) == _element(each) for total in guide.totals)
    if each.code in _UNPLACED:
        return any(
            number in places.counted(extra.place) for extra in guide.extras if extra.place.tag == each.location.tag
        )
    rules = [rule for rule in guide.rules if rule.place.tag == each.location.tag]
    if each.location.element is None:
        return any(_allows_segment(rule, each.code, number, places) for rule in rules if rule.place.element is None)
    return any(_allows_value(rule, each, number, places) for rule in rules)


def _element(each: Finding) -> tuple[str | None, int | None]:
    return each.location.tag, each.location.element


def _allows_segment(rule: Rule, code: str, number: int, places: Places) -> bool:
    if code == "HUB-2014" and rule.use == "optional":
        # The fault is noted where the next segment stands: behind the loop that lacks one.
        return places.around(rule.place.steps, number) is not None
    count = places.counted(rule.place).get(number) if code in _TOO_MANY else None
    return count is not None and rule.most is not None and count <= rule.most


def _allows_value(rule: Rule, each: Finding, number: int, places: Places) -> bool:
    if rule.place.element != each.location.element or (rule.place.component or 1) != (each.location.component or 1):
        return False
    if number not in places.counted(rule.place):
        return False
    if each.code == "HUB-2020":
        return rule.use == "optional"
    if each.code == "HUB-2027":
        return each.value in (*(rule.codes or ()), *rule.more)
    return each.code in _LENGTH and rule.length is not None and _fits(rule, each.value or "")


def _fits(rule: Rule, text: str) -> bool:
    least, most = rule.length or (0, len(text))
    return least <= counted_length(text, numeric=rule.numeric) <= most


# -- what a guide wants


class _GuideCheck:
    def __init__(self, message: Message, definition: MessageDef | None, guide: Guide) -> None:
        self.message = message
        self.guide = guide
        self.places = Places(message, definition)
        self.whole = WholeCheck(guide, self.places)

    def run(self) -> Iterator[Finding]:
        for rule in self.guide.rules:
            for scope in self.places.scopes(rule.place.steps):
                yield from self.segments(rule, scope) if rule.place.element is None else self.elements(rule, scope)
        for extra in self.guide.extras:
            for scope in self.places.scopes(extra.place.steps):
                yield from self.own(extra, scope)
        for together in self.guide.together:
            yield from self.together(together)
        for told in self.whole.run():
            yield self.report(told.code, told.line, told.number, told.text, told.place, None, told.value, told.expected)

    def segments(self, rule: Rule, scope: Scope) -> Iterator[Finding]:
        numbers = self.places.segments(rule.place, scope)
        source = rule.place.source
        if len(numbers) < rule.least:
            found = f"{len(numbers)} of {rule.least} are here" if numbers else "it is missing"
            text = f"Guide {self.guide.name} requires {source}: {found}. Add the segment {rule.place.tag}."
            yield self.report("HUB-3310", rule.line, scope.start, text, tag=rule.place.tag, expected=str(source))
        if rule.most is not None:
            for number in numbers[rule.most :]:
                yield self.report("HUB-3311", rule.line, number, self.room(str(source), rule.most))

    def room(self, source: str, most: int) -> str:
        words = f"allows {source} at most {most} time{'s' if most > 1 else ''} here" if most else f"forbids {source}"
        return f"Guide {self.guide.name} {words}: leave this one out."

    def elements(self, rule: Rule, scope: Scope) -> Iterator[Finding]:
        place = rule.place
        for number in self.places.segments(place, scope):
            there = self.places.holds(place, number)
            if rule.use == "mandatory" and not there:
                text = f"Guide {self.guide.name} requires {place.source}, which is empty: send a value."
                yield self.report("HUB-3312", rule.line, number, text, place=place)
            if rule.use == "forbidden" and there:
                text = f"Guide {self.guide.name} forbids {place.source}: leave the value out."
                yield self.report("HUB-3313", rule.line, number, text, place=place)
            for value in self.places.values(place, number):
                what = f"{place.source} holds {shown(value.text)!r}"
                if rule.codes is not None and value.text not in rule.codes:
                    expected = " or ".join(rule.codes)
                    text = f"{what}; guide {self.guide.name} allows only {expected}."
                    yield self.report(
                        "HUB-3314", rule.line, number, text, place, value.repetition, value.text, expected
                    )
                if rule.length is not None and not _fits(rule, value.text):
                    expected = "..".join(dict.fromkeys(map(str, rule.length)))
                    size = counted_length(value.text, numeric=rule.numeric)
                    text = f"{what}, which is {size} long; guide {self.guide.name} wants {expected}."
                    yield self.report(
                        "HUB-3315", rule.line, number, text, place, value.repetition, value.text, expected
                    )

    def own(self, extra: Extra, scope: Scope) -> Iterator[Finding]:
        numbers = self.places.segments(extra.place, scope)
        if extra.most is not None:
            for number in numbers[extra.most :]:
                yield self.report("HUB-3311", extra.line, number, self.room(str(extra.place.source), extra.most))
        if extra.elements is None:
            return
        for number in numbers:
            parts = self.message.segments[number]
            for position, element in enumerate(extra.elements, 1):
                value = self.message.text(parts[position]) if position < len(parts) else ""
                name = f"{extra.place.tag}{position:02}"
                if not value and element.mandatory:
                    text = f"Guide {self.guide.name} requires {name}, which is empty: send a value."
                    yield self.report("HUB-3312", extra.line, number, text, element=position)
                wrong = fault(element, value, x12=self.message.standard == "x12") if value else None
                if wrong is not None:
                    text = f"{name} holds {shown(value)!r}, which {wrong.words} (guide {self.guide.name})."
                    yield self.report(
                        "HUB-3315", extra.line, number, text, value=value, expected=wrong.expected, element=position
                    )
            if len(parts) > len(extra.elements) + 1:
                more = len(extra.elements) + 1
                text = f"Guide {self.guide.name} gives {extra.place.tag} {more - 1} elements: leave out the rest."
                yield self.report("HUB-3313", extra.line, number, text, value=parts[more], element=more)

    def together(self, rule: Together) -> Iterator[Finding]:
        when, then = rule.when, rule.then
        of_one_segment = not rule.steps and (when.place.tag, when.place.steps) == (then.place.tag, then.place.steps)
        for scope in self.places.scopes(rule.steps):
            asking = self.whole.holding(when, scope)
            if of_one_segment:
                wrong = [at for at in asking if bool(self.whole.holding(_here(then), Scope(at, at + 1))) == rule.forbid]
            else:
                wrong = asking[:1] if bool(self.whole.holding(then, scope)) == rule.forbid else []
            yield from (self.apart(rule, number) for number in wrong)

    def apart(self, rule: Together, number: int) -> Finding:
        words = f"forbids {rule.then}: leave it out" if rule.forbid else f"requires {rule.then}: send it"
        text = f"Where {rule.when}, guide {self.guide.name} {words}, or correct {rule.when.place.source}."
        place = rule.then.place if rule.then.place.tag == rule.when.place.tag else rule.when.place
        return self.report("HUB-3316", rule.line, number, text, place=place, expected=str(rule.then))

    def report(
        self,
        code: str,
        line: int,
        number: int,
        text: str,
        place: Place | None = None,
        repetition: int | None = None,
        value: str | None = None,
        expected: str | None = None,
        *,
        tag: str | None = None,
        element: int | None = None,
    ) -> Finding:
        component = place.component if place else None
        location = self.message.location(number, place.element if place else element, component, repetition)
        if tag is not None:
            location = replace(location, tag=tag)
        rule = f"{self.guide.name} line {line}"
        return finding(code, text, location=location, value=value, expected=expected, rule=rule)


def _here(condition: Condition) -> Condition:
    """The condition on the segment at hand, whatever loop its place names."""
    return condition._replace(place=dataclasses.replace(condition.place, steps=()))
