"""Patterns that prove segments right: one regular expression for many segments, made from their definitions.

A pattern may refuse what is right; it never accepts what the exact check would speak of, advice included. So leap days,
exponents, binary values, dates with a qualifier of their own and rare date formats are left to the exact check.
Nothing in a pattern can match in two ways, so matching is linear.

Patterns are for bytes of which each stands for one character; separators are ASCII.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from hub.schema.model import UNLIMITED, ElementDef, SegmentDef
from hub.schema.notes import positions
from hub.schema.values import EDIFACT_MOMENTS
from hub.syntax.model import Separators

STAND_IN = b"\x80"
"""Stands for one character beyond ASCII, or a released one, in the text to prove."""

_DAY = (
    "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
)
_HOUR = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
MOMENTS = {
    "Ymd": f"[0-9]{{4}}{_DAY}",
    "ymd": f"[0-9]{{2}}{_DAY}",
    "YmdHM": f"[0-9]{{4}}{_DAY}{_HOUR}",
    "YmdHMS": f"[0-9]{{4}}{_DAY}{_HOUR}[0-5][0-9]",
    "HM": _HOUR,
}
_LIST_OF_ITS_OWN = ("1131", "3055")


class Pattern:
    """Makes patterns for one set of separators. codes: whether code lists are part of what is proven."""

    never = "(?!)"
    longest = 60_000
    most_repeats = 4

    def __init__(self, separators: Separators, *, x12: bool, codes: bool) -> None:
        self.x12 = x12
        self.codes = codes
        self.element_mark = re.escape(separators.element)
        self.component_mark = re.escape(separators.component)
        self.repetition_mark = re.escape(separators.repetition) if separators.repetition else None
        self.terminator = re.escape(separators.segment)
        marks = [
            separators.element,
            separators.component,
            separators.segment,
            separators.repetition,
            separators.release,
        ]
        self.marks = "".join(mark for mark in marks if mark)
        held = "".join(map(re.escape, self.marks))
        self.character = f"[^{held}\\x00-\\x1f\\x7f]"
        self.letter = f"[^{held}\\x00-\\x1f\\x7f0-9]"
        self.blank = "".join(re.escape(mark) for mark in (separators.component, separators.repetition) if mark)
        self.within_segment = f"[^{self.element_mark}{self.terminator}]"
        self.within_element = f"[^{held}]"

    def message(self, segments: Iterable[SegmentDef]) -> bytes:
        """Matches as many of these segments, each with its terminator, as follow one another."""
        return f"(?:{self.branches(segments)}(?<!{self.element_mark}){self.terminator})*".encode("latin-1")

    def branches(self, segments: Iterable[SegmentDef]) -> str:
        """Any one of the segments, without its terminator."""
        by_first: dict[str, list[SegmentDef]] = {}
        for segment in segments:
            by_first.setdefault(segment.tag[0], []).append(segment)
        branches = [
            re.escape(first) + _one_of([re.escape(each.tag[1:]) + self.segment(each) for each in group])
            for first, group in by_first.items()
        ]
        return _one_of(branches)

    def segment(self, segment: SegmentDef) -> str:
        """What follows the tag."""
        wanted = [element.mandatory for element in segment.elements]
        parts = [self.element(element) for element in segment.elements]
        return self.chain(parts, wanted, segment.notes, self.element_mark, self.within_segment, leading=True)

    def chain(
        self,
        parts: Sequence[str],
        wanted: Sequence[bool],
        notes: Sequence[str],
        mark: str,
        within: str,
        *,
        leading: bool,
    ) -> str:
        """Optional tails inside optional tails, with the syntax notes as look-aheads at their earliest position.

        leading: each part, the first too, has a separator in front.
        """
        present, absent, forced = self.look_aheads(notes, mark, within)
        last = max(
            [forced, *(at for at, must in enumerate(wanted, 1) if must)] if leading else [1, forced, *_at(wanted)]
        )
        out = ""
        for at in range(len(parts), 0, -1):
            with_value, without = present.get(at, ""), absent.get(at, "")
            if wanted[at - 1]:
                one = f"{parts[at - 1]}{with_value}"
            elif with_value or without:
                one = f"(?:{parts[at - 1]}{with_value}|(?!{within}){without})"
            else:
                one = f"(?:{parts[at - 1]})?"
            out = (one if at == 1 and not leading else mark + one) + out
            if at > last:
                out = f"(?:{out})?"
        return out

    def element(self, element: ElementDef) -> str:
        one = self.composite(element) if element.components is not None else self.value(element)
        if element.repeat > 1 and self.repetition_mark:
            again = min(element.repeat, self.most_repeats) - 1
            return f"(?:{one})(?:{self.repetition_mark}(?:{one})){{0,{again}}}"
        return one

    def composite(self, element: ElementDef) -> str:
        components = element.components or []
        if element.id == "C507":
            return self.moment(components)
        parts = [self.value(part) for part in components]
        wanted = [part.mandatory for part in components]
        body = self.chain(parts, wanted, element.notes, self.component_mark, self.within_element, leading=False)
        return f"(?={self.component_mark}*{self.within_element}){body}(?<!{self.component_mark})"

    def moment(self, components: Sequence[ElementDef]) -> str:
        """C507: qualifier, value, format. The common formats by their own patterns, unknown ones as text."""
        mark = self.component_mark
        qualifier, value, form = (self.value(part) for part in components)
        known = [
            f"{MOMENTS[spelt]}{mark}{code}(?!{self.within_element})"
            for code, spelt in EDIFACT_MOMENTS.items()
            if spelt in MOMENTS
        ]
        listed = "|".join(EDIFACT_MOMENTS)
        other = f"(?:{value})?(?:{mark}(?!(?:{listed})(?!{self.within_element})){form})?"
        return f"{qualifier}(?:{mark}(?:{'|'.join(known)}|{other}(?<!{mark})(?!{self.within_element})))?"

    def value(self, element: ElementDef) -> str:
        """One value without components."""
        if element.type == "B" or element.id == "1251":
            return self.never
        least, most = element.min, min(element.max, self.longest)
        if least > most:
            return self.never
        if element.codes is not None and self.codes and element.type not in ("DT", "TM", "R", "n"):
            fitting = [code for code in element.codes if least <= len(code) <= element.max and self.is_text(code)]
            return _code_list(tuple(sorted(fitting))) if fitting else self.never
        kind = element.type
        if kind in ("AN", "ID", "an", ""):
            return self.character + times(least, most)
        if kind == "a":
            return self.letter + times(least, most)
        if kind == "DT":
            return (
                "|".join(MOMENTS[form] for form, size in (("Ymd", 8), ("ymd", 6)) if least <= size <= most)
                or self.never
            )
        if kind == "TM":
            seconds = f"(?:[0-5][0-9][0-9]{{0,{most - 6}}})?" if most >= 6 else ""
            return _HOUR + seconds if least <= 4 else self.never
        if self.x12 and kind != "R":
            return f"-?[0-9]{times(least, most)}"
        return self.decimal("." if self.x12 else ".,", least, most)

    def is_text(self, code: str) -> bool:
        return not set(code) & set(self.marks) and code.isascii() and code.isprintable()

    def decimal(self, point: str, least: int, most: int) -> str:
        """Digits count, sign and decimal mark do not."""
        digits = f"[0-9]{times(least, most)}(?![0-9{point}])"
        pointed = (
            f"(?=[0-9{point}]{times(least + 1, most + 1)}(?![0-9{point}]))(?:[0-9]+[{point}][0-9]*|[{point}][0-9]+)"
        )
        return f"-?(?:{digits}|{pointed})"

    def look_aheads(self, notes: Sequence[str], mark: str, within: str) -> tuple[dict[int, str], dict[int, str], int]:
        """What must follow a position that has a value, and one that has none; and the last position to be reached.

        Each clause is looked at where its earliest literal is false, over the distance to its others.
        """
        present: dict[int, str] = {}
        absent: dict[int, str] = {}
        forced = 0
        for note in notes:
            for clause in clauses(note):
                first, *others = sorted(set(clause), key=abs)
                ways = []
                for literal in others:
                    between = abs(literal) - abs(first) - 1
                    # Spelled out: a counted group takes `re` twice as long.
                    there = f"{mark}{within}*" * between + mark + within
                    ways.append(there if literal > 0 else f"(?!{there})")
                after = ways[0] if len(ways) == 1 and ways[0].startswith("(?!") else f"(?={'|'.join(ways)})"
                after = after if ways else self.never
                where = absent if first > 0 else present
                where[abs(first)] = where.get(abs(first), "") + after
                if all(literal > 0 for literal in clause):
                    forced = max(forced, first)
        return present, absent, forced


def times(least: int, most: int) -> str:
    if most >= UNLIMITED:
        return f"{{{least},}}"
    return f"{{{least},{most}}}"


def _at(wanted: Sequence[bool]) -> list[int]:
    return [at for at, must in enumerate(wanted, 1) if must]


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


def clauses(note: str) -> list[list[int]]:
    """A syntax note as clauses, of each of which one literal must hold: 3 is "03 is present", -3 "03 is absent"."""
    kind, places = note[0], positions(note)
    if kind == "P":
        around = list(zip(places, [*places[1:], places[0]], strict=True))
        return [[-one, other] for one, other in around]
    if kind == "R":
        return [list(places)]
    if kind == "E":
        return [[-one, -other] for at, one in enumerate(places) for other in places[at + 1 :]]
    if kind == "C":
        return [[-places[0], other] for other in places[1:]]
    return [[-places[0], *places[1:]]]
