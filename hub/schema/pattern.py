"""Patterns that prove segments right: one regular expression for many segments, made from their definitions.

A pattern knows shapes: which elements, components and repetitions of a segment have a value. The exact check has found
nothing wrong with each shape, so what is mandatory is there, syntax notes hold, and nothing is empty at an end; left
to prove are the values. A pattern may refuse what is right; it never accepts what the exact check would speak of,
advice included. So leap days, exponents, binary values, dates with a qualifier of their own and rare date formats are
left to the exact check. Nothing in a pattern can match in two ways, so matching is linear.

Patterns are for bytes of which each stands for one character; separators are ASCII.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from hub.schema.model import UNLIMITED, ElementDef, SegmentDef
from hub.schema.values import EDIFACT_MOMENTS
from hub.syntax.model import Separators

STAND_IN = b"\x80"
"""Stands for one character beyond ASCII, or a released one, in the text to prove."""

VALUE = b"x"
"""Stands for any value in a shape."""

_DAY = (
    "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
)
_HOUR = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
_MOMENTS = {
    "Ymd": f"[0-9]{{4}}{_DAY}",
    "ymd": f"[0-9]{{2}}{_DAY}",
    "YmdHM": f"[0-9]{{4}}{_DAY}{_HOUR}",
    "YmdHMS": f"[0-9]{{4}}{_DAY}{_HOUR}[0-5][0-9]",
    "HM": _HOUR,
}
_PERIOD = "1251"
"""X12: a date written as the element in front of it says."""

_NUMBERS_BY_HAND = 40
"""Digits of the longest number that is spelled out for RE2."""


class Pattern:
    """Makes patterns for one set of separators. codes: whether code lists are part of what is proven.

    look_ahead: the engine has it (`re`); without, numbers are spelled out and texts beyond 500 characters not proven,
    because RE2 refuses repetitions above 1,000.
    """

    def __init__(self, separators: Separators, *, x12: bool, codes: bool, look_ahead: bool) -> None:
        self._x12 = x12
        self._codes = codes
        self._look_ahead = look_ahead
        self._element = separators.element
        self._component = separators.component
        self._repetition = separators.repetition
        self._terminator = re.escape(separators.segment)
        marks = (self._element, self._component, separators.segment, self._repetition, separators.release)
        self._marks = frozenset(mark for mark in marks if mark)
        held = "".join(map(re.escape, sorted(self._marks)))
        self._character = f"[^{held}\\x00-\\x1f\\x7f]"
        self._letter = f"[^{held}\\x00-\\x1f\\x7f0-9]"
        self._longest = 60_000 if look_ahead else 500
        self._values = re.compile(f"[^{held}]+".encode())

    def shape(self, text: bytes) -> bytes:
        """The shape of a segment's text behind its tag, as `message` takes it."""
        return self._values.sub(VALUE, text)

    def message(self, shapes: Mapping[str, Iterable[bytes]], definitions: Mapping[str, SegmentDef]) -> bytes:
        """Matches as many segments of these tags and shapes, each with its terminator, as follow one another."""
        by_first: dict[str, list[str]] = {}
        for tag, known in shapes.items():
            ways = [tokens for each in sorted(known) if (tokens := self._tokens(each, definitions[tag])) is not None]
            if ways:
                by_first.setdefault(tag[0], []).append(re.escape(tag[1:]) + _ways(ways))
        branches = [re.escape(first) + _one_of(rest) for first, rest in by_first.items()]
        return f"(?:{_one_of(branches)}{self._terminator})*".encode("latin-1") if branches else b"(?:)"

    def _tokens(self, shape: bytes, segment: SegmentDef) -> list[str] | None:
        """A shape as separators and patterns of values; None: it holds a value that is never proven."""
        elements = shape.decode("latin-1").split(self._element)[1:]
        tokens: list[str] = []
        for at, text in enumerate(elements):
            tokens.append(re.escape(self._element))
            for turn, one in enumerate(text.split(self._repetition) if self._repetition else [text]):
                if turn:
                    tokens.append(re.escape(self._repetition or ""))
                values = self._values_of(one, segment.elements[at]) if one and at < len(segment.elements) else []
                if None in values or (one and not values):
                    return None
                tokens += [value for value in values if value is not None]
        return tokens

    def _values_of(self, text: str, element: ElementDef) -> list[str | None]:
        """The patterns of one element, its components in turn."""
        if element.components is None:
            return [self.value(element)]
        places = text.split(self._component)
        if len(places) > len(element.components):
            return [None]
        found: list[str | None] = []
        for at, (place, component) in enumerate(zip(places, element.components, strict=False)):
            if at:
                found.append(re.escape(self._component))
            if place and element.id == "C507" and at == 1 and len(places) == 3:
                return [*found, self._moment()]
            if place:
                found.append(self.value(component))
        return found

    def _moment(self) -> str:
        """Value and format of C507, for the common formats."""
        mark = re.escape(self._component)
        return _one_of([f"{_MOMENTS[form]}{mark}{code}" for code, form in EDIFACT_MOMENTS.items() if form in _MOMENTS])

    def value(self, element: ElementDef) -> str | None:
        """One value without components; None: it is never proven."""
        least, most, kind = element.min, min(element.max, self._longest), element.type
        if kind == "B" or element.id == _PERIOD or least > most:
            return None
        if element.codes is not None and self._codes and kind not in ("DT", "TM", "R", "n"):
            fitting = [code for code in element.codes if least <= len(code) <= element.max and self._is_text(code)]
            return _code_list(tuple(sorted(fitting))) if fitting else None
        if kind in ("AN", "ID", "an", ""):
            return self._character + _times(least, most)
        if kind == "a":
            return self._letter + _times(least, most)
        if kind == "DT":
            forms = [_MOMENTS[form] for form, size in (("Ymd", 8), ("ymd", 6)) if least <= size <= most]
            return _one_of(forms) if forms else None
        if kind == "TM":
            seconds = f"(?:[0-5][0-9][0-9]{{0,{most - 6}}})?" if most >= 6 else ""
            return _HOUR + seconds if least <= 4 else None
        if self._x12 and kind != "R":
            return f"-?[0-9]{_times(least, most)}"
        return self._decimal("." if self._x12 else ".,", least, most)

    def _is_text(self, code: str) -> bool:
        return self._marks.isdisjoint(code) and code.isascii() and code.isprintable()

    def _decimal(self, point: str, least: int, most: int) -> str | None:
        """Digits count, sign and decimal mark do not."""
        if self._look_ahead:
            digit = f"[0-9{point}]"
            digits = f"[0-9]{_times(least, most)}(?!{digit})"
            pointed = f"(?={digit}{_times(least + 1, most + 1)}(?!{digit}))(?:[0-9]+[{point}][0-9]*|[{point}][0-9]+)"
            return f"-?(?:{digits}|{pointed})"
        if not 0 < most <= _NUMBERS_BY_HAND:
            return None
        by_hand = [
            f"[0-9]{{{before}}}[{point}][0-9]{_times(max(least - before, 0 if before else 1), most - before)}"
            for before in range(most + 1)
        ]
        return f"-?(?:[0-9]{_times(least, most)}|{'|'.join(by_hand)})"


def _times(least: int, most: int) -> str:
    if most >= UNLIMITED:
        return f"{{{least},}}"
    return f"{{{least},{most}}}"


def _one_of(patterns: Sequence[str]) -> str:
    return patterns[0] if len(patterns) == 1 else f"(?:{'|'.join(patterns)})"


@lru_cache(maxsize=512)
def _code_list(codes: tuple[str, ...]) -> str:
    """The pattern of a code list; many elements share one."""
    return _tree(codes)


def _tree(words: Iterable[str]) -> str:
    """A pattern of exactly these words, as a tree of their beginnings; equal sub-trees share a character class."""
    words = sorted(set(words))
    ends = words[0] == ""
    tails: dict[str, list[str]] = {}
    for word in words:
        if word:
            tails.setdefault(word[0], []).append(word[1:])
    groups: dict[str, list[str]] = {}
    for first, rest in tails.items():
        groups.setdefault(_tree(rest), []).append(re.escape(first))
    if not groups:
        return ""
    branches = [(firsts[0] if len(firsts) == 1 else f"[{''.join(firsts)}]") + tail for tail, firsts in groups.items()]
    if not ends:
        return _one_of(branches)
    return f"(?:{'|'.join(branches)})?"


def _ways(ways: Sequence[Sequence[str]]) -> str:
    """A pattern of exactly these rows of patterns, as a tree of their beginnings."""
    tails: dict[str, list[Sequence[str]]] = {}
    for way in ways:
        if way:
            tails.setdefault(way[0], []).append(way[1:])
    branches = [first + _ways(rest) for first, rest in tails.items()]
    if len(ways) > sum(map(len, tails.values())):
        return f"(?:{'|'.join(branches)})?" if branches else ""
    return _one_of(branches)
