"""The exact check of one segment's elements against its definition."""

import re

from hub.errors import Finding, finding
from hub.record import replace
from hub.schema.model import ElementDef, MessageDef, SegmentDef
from hub.schema.notes import breaches, hold
from hub.schema.values import EDIFACT_MOMENTS, X12_MOMENTS, fault, is_moment, words_of
from hub.syntax.model import Message

_SHOWN = 80
_USUAL = ("102", "203", "204", "101", "201", "718", "D8", "RD8", "D6", "DT")
"""Formats of a date that is written in another than it says."""

_FEW = 8
"""So many codes of a list are told where another stands."""

_SWALLOWED = r"[\r\n]\s*([A-Z][A-Z0-9]{1,2})\Z"
"""A value that ends in a line break and a tag: the next segment, where no terminator stands between the two."""

_GS1 = "SRV|(?:[0-9]{2}|X[0-9])E"
"""Codes that EANCOM has and the directory it is built on has not: its own end in E; SRV is a GTIN."""


_OF_A_TEXT = frozenset({"HUB-2024", "HUB-2025", "HUB-2026"})
"""What is told of a text, and not of one that should be a moment: that it is none says as much."""


def shown(value: str) -> str:
    """A value as a sentence quotes it: cut to a readable length."""
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}.."


def _wanted(defined: list[ElementDef], given: list[str]) -> bool:
    """Whether one of the empty values at the end is mandatory, so that leaving them out is no advice."""
    last = max((at for at, value in enumerate(given, 1) if value), default=0)
    return any(element.mandatory for element in defined[last : len(given)])


class SegmentCheck:
    """Checks the segments of one message; findings gather in `found` in the order of the message."""

    def __init__(self, message: Message, definition: MessageDef) -> None:
        self.message = message
        self.definition = definition
        self.x12 = definition.standard == "x12"
        self.found: list[Finding] = []
        component, repetition = message.separators.component, message.separators.repetition
        self.blanks = component + (repetition or "")
        release = message.separators.release if message.escaped else None
        self.marked = re.compile("[" + "".join(re.escape(mark) for mark in (self.blanks, release or "")) + "]").search
        self.eancom = (message.span.association or "").startswith("EAN")
        self.number = 0
        self.tag = ""
        self.swallowed = False
        self.lost: dict[int, str] = {}
        """1-based number of a segment -> the tag that should stand behind it, and was read as part of it."""

    def segment(self, number: int, definition: SegmentDef) -> None:
        """Check the segment at the 0-based number."""
        parts = self.message.segments[number]
        self.number = number
        before = len(self.found)
        self.parts(parts, definition)
        if self.swallowed or all(each.severity == "warn" for each in self.found[before:]):
            return
        if self.merged(parts, definition, before):
            return
        if len(self.found) > before + 1:
            self.shifted(parts, definition, before)

    def merged(self, parts: list[str], definition: SegmentDef, before: int) -> bool:
        """Whether the segment is two that a lost terminator made one: then that alone is told from `before` on."""
        told = self.found[before:]
        for position, value in enumerate(parts[1:], 1):
            for size in (3, 2):
                tag, behind = value[-size:], self.definition.segments.get(value[-size:])
                if behind is None or len(value) <= size or position == len(parts) - 1:
                    continue
                del self.found[before:]
                self.parts([*parts[:position], value[:-size]], definition)
                self.parts([tag, *parts[position + 1 :]], behind)
                self.tag = parts[0]
                if all(each.code == "HUB-2027" for each in self.found[before:]):
                    del self.found[before:]
                    self.swallow(position, None, None, value, tag)
                    return True
        self.found[before:] = told
        return False

    def swallow(self, position: int, component: int | None, repetition: int | None, value: str, tag: str) -> None:
        """Report that the terminator before a tag is missing, so that the segment goes on with the next."""
        self.swallowed = True
        self.lost[self.number + 1] = tag
        text = (
            f"{self.name(position, component)} holds {shown(value)!r}, so no terminator stands before {tag}: what "
            f"follows was read as part of {self.tag}."
        )
        self.report("HUB-2026", position, text, component, repetition, value=value, expected="a terminator")

    def shifted(self, parts: list[str], definition: SegmentDef, before: int) -> None:
        """Of the findings from `before` on keep the gravest, where one element too few or too many explains all."""
        told = self.found[before:]
        first = min(each.location.element or len(parts) for each in told)
        empty = max((at for at in range(1, min(first, len(parts))) if not parts[at]), default=None)
        ways = [([*parts[:first], "", *parts[first:]], f"{self.name(first)} and all behind it fit one place later")]
        if empty is not None:
            fewer = [*parts[:empty], *parts[empty + 1 :]]
            ways.insert(0, (fewer, f"all behind {self.name(empty)}, which is empty, fit one place earlier"))
        for tried, words in ways:
            del self.found[before:]
            self.parts(tried, definition)
            if len(self.found) == before and sum(map(bool, parts[first:])) > 1:
                cause = min(told, key=lambda each: (each.severity == "warn", each.severity == "error"))
                self.found.append(replace(cause, message=f"{cause.message.rstrip('.')}; but {words}."))
                return
        self.found[before:] = told

    def parts(self, parts: list[str], definition: SegmentDef) -> None:
        """Check the elements of one segment."""
        self.tag, self.swallowed = parts[0], False
        defined = definition.elements
        for position, (element, value) in enumerate(zip(defined, parts[1:], strict=False), 1):
            if value and element.components is None and not self.marked(value):
                self.value(position, None, None, element, value)
            elif value and value.strip(self.blanks):
                self.element(position, element, value)
            elif element.mandatory:
                self.missing(position)
            if self.swallowed:
                return
        for position, element in enumerate(defined[len(parts) - 1 :], len(parts)):
            if element.mandatory:
                self.missing(position)
        if len(parts) > len(defined) + 1 and not definition.inexact:
            self.beyond(parts, len(defined))
        if len(parts) > 1 and not parts[-1].strip(self.blanks):
            given = [value.strip(self.blanks) for value in parts[1:]]
            last = max((position for position, value in enumerate(given, 1) if value), default=0)
            if not _wanted(defined, given):
                self.report(
                    "HUB-2034", last + 1, f"{self.tag} ends in empty elements: leave them out with their separators."
                )
        if definition.notes:
            self.notes(parts, definition.notes)
        if self.x12:
            self.period(parts, defined)

    def missing(self, position: int) -> None:
        self.report("HUB-2020", position, f"{self.name(position)} is mandatory and empty: send a value.")

    def element(self, position: int, element: ElementDef, value: str) -> None:
        """A value that is there: its repetitions, components and text."""
        repetitions = self.message.repetitions(value)
        if len(repetitions) > element.repeat:
            most = element.repeat
            words = f"repeats {len(repetitions)} times and may at most {most}" if most > 1 else "may not repeat"
            self.report("HUB-2032", position, f"{self.name(position)} {words}.", value=value, expected=str(most))
        for repetition, text in enumerate(repetitions, 1):
            if text.strip(self.blanks):
                which = repetition if len(repetitions) > 1 else None
                if element.components is not None:
                    self.composite(position, which, element, text)
                else:
                    self.simple(position, which, element, text)

    def simple(self, position: int, repetition: int | None, element: ElementDef, value: str) -> None:
        parts = self.message.split(value, self.message.separators.component)
        if len(parts) > 1:
            text = f"{self.name(position)} has {len(parts)} components and may have one"
            self.report("HUB-2031", position, f"{text}: release or remove the separator.", 2, repetition, value=value)
            return
        self.value(position, None, repetition, element, self.message.text(value))

    def composite(self, position: int, repetition: int | None, element: ElementDef, value: str) -> None:
        parts = self.message.components(value)
        defined = element.components or []
        for component, part in enumerate(defined, 1):
            text = parts[component - 1] if component <= len(parts) else ""
            if text:
                foreign = component == 1 and self.foreign_list(defined, parts)
                self.value(position, component, repetition, part, text, listed=not foreign)
            elif part.mandatory:
                name = self.name(position, component)
                self.report(
                    "HUB-2020", position, f"{name} is mandatory and empty: send a value.", component, repetition
                )
        extra = next((at for at in range(len(defined) + 1, len(parts) + 1) if parts[at - 1]), None)
        if extra is not None:
            text = f"{self.name(position)} has {len(parts)} components and may have {len(defined)}"
            self.report("HUB-2031", position, f"{text}: leave out the rest.", extra, repetition, value=parts[extra - 1])
        elif len(parts) > 1 and not parts[-1] and not _wanted(defined, parts):
            text = f"{self.name(position)} ends in empty components: leave them out with their separators."
            self.report("HUB-2034", position, text, len(parts), repetition)
        if element.notes:
            self.composite_notes(position, repetition, element, parts)
        if element.id == "C507" and len(parts) > 2 and parts[1]:
            self.moment(EDIFACT_MOMENTS.get(parts[2]), parts[2], parts[1], position, 2)

    def composite_notes(self, position: int, repetition: int | None, element: ElementDef, parts: list[str]) -> None:
        given = {at for at, part in enumerate(parts, 1) if part}
        for note in element.notes:
            for breach in breaches(note, given, lambda at: self.name(position, at)):
                text = f"In {self.tag}, {breach.words}."
                self.report(breach.code, position, text, breach.element, repetition, rule=note)

    def foreign_list(self, defined: list[ElementDef], parts: list[str]) -> bool:
        """Whether an EDIFACT composite says that its code comes from another list than the UN's (1131, 3055)."""
        for element, text in zip(defined, parts, strict=False):
            if (element.id == "1131" and text) or (element.id == "3055" and text not in ("", "6")):
                return True
        return False

    def value(
        self,
        position: int,
        component: int | None,
        repetition: int | None,
        element: ElementDef,
        value: str,
        *,
        listed: bool = True,
    ) -> None:
        wrong = fault(element, value, x12=self.x12, old_dates=not self.definition.exact)
        if wrong is not None:
            next_tag = re.search(_SWALLOWED, value) if wrong.code == "HUB-2026" else None
            if next_tag is not None:
                self.swallow(position, component, repetition, value, next_tag[1])
                return
            text = f"{self.name(position, component)} holds {shown(value)!r}, which {wrong.words}."
            self.report(wrong.code, position, text, component, repetition, value=value, expected=wrong.expected)
            if self.tag == "UNH" and wrong.code == "HUB-2025":  # "D: 96A" and "EAN008B" are understood all the same
                self.found[-1] = replace(self.found[-1], severity="warn")
        elif listed and element.codes is not None and value not in element.codes and not self.is_gs1(value):
            name, known = self.name(position, component), sorted(element.codes)
            listed_codes = f" ({', '.join(known)})" if len(known) <= _FEW else ""
            text = (
                f"{name} holds {shown(value)!r}, which is not in the code list of element {element.id}{listed_codes}: "
                "check it with the partner, or allow it in their guide."
            )
            self.report(
                "HUB-2027", position, text, component, repetition, value=value, expected=f"a code of {element.id}"
            )

    def is_gs1(self, code: str) -> bool:
        """Whether a code is EANCOM's own, in a message of EANCOM."""
        return self.eancom and re.fullmatch(_GS1, code) is not None

    def beyond(self, parts: list[str], defined: int) -> None:
        extra = next((at for at in range(defined + 1, len(parts)) if parts[at].strip(self.blanks)), None)
        if extra is not None:
            text = f"{self.tag} has {len(parts) - 1} elements and may have {defined}: leave out the rest."
            self.report("HUB-2023", extra, text, value=parts[extra], expected=str(defined))

    def notes(self, parts: list[str], notes: list[str]) -> None:
        given = {at for at, value in enumerate(parts) if value and value.strip(self.blanks)}
        if hold(tuple(notes), frozenset(given)):
            return
        for note in notes:
            for breach in breaches(note, given, self.name):
                self.report(breach.code, breach.element, f"In {self.tag}, {breach.words}.", rule=note)

    def period(self, parts: list[str], defined: list[ElementDef]) -> None:
        """X12 1251 is a date or period written as the 1250 in front of it says."""
        for at, element in enumerate(defined[1:], 2):
            if element.id == "1251" and defined[at - 2].id == "1250" and at < len(parts) and parts[at]:
                self.moment(X12_MOMENTS.get(parts[at - 1]), parts[at - 1], parts[at], at, None)

    def moment(self, form: str | None, qualifier: str, value: str, position: int, component: int | None) -> None:
        if form is None or self.swallowed or is_moment(form, value):
            return
        at = len(self.found) - 1
        while at >= 0 and self.found[at].location.segment == self.number + 1:
            told = self.found[at]
            if told.code in _OF_A_TEXT and (told.location.element, told.location.component) == (position, component):
                del self.found[at]
            at -= 1
        code = "HUB-2029" if form[0] in "HMS" else "HUB-2028"
        what = "a time" if code == "HUB-2029" else "a date"
        words = words_of(form)
        text = f"{self.name(position, component)} holds {shown(value)!r}, which is not {what} of format {qualifier}"
        forms = X12_MOMENTS if self.x12 else EDIFACT_MOMENTS
        other = next((name for name in _USUAL if name in forms and is_moment(forms[name], value)), None)
        meant = f", or the format {other}" if other else ""
        self.report(code, position, f"{text}: send {words}{meant}.", component, value=value, expected=words)

    def name(self, position: int, component: int | None = None) -> str:
        """An element as places are written: PO103, DTM01-2."""
        return f"{self.tag}{position:02}" + (f"-{component}" if component else "")

    def report(
        self,
        code: str,
        position: int,
        text: str,
        component: int | None = None,
        repetition: int | None = None,
        *,
        value: str | None = None,
        expected: str | None = None,
        rule: str | None = None,
    ) -> None:
        """rule: a syntax note; without it the rule is the element of the message type."""
        standard = f"X12 {self.definition.version} {self.tag} {rule}"
        self.found.append(
            finding(
                code,
                text,
                location=self.message.location(self.number, position, component, repetition),
                value=value,
                expected=expected,
                rule=standard if rule else f"{self.definition.type} {self.name(position, component)}",
            )
        )
