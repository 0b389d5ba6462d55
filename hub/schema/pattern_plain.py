"""Patterns without look-around, for engines that read each byte once (RE2).

What a look-around says in `Pattern` is said in other ways: numbers are spelled out by the place of their decimal mark,
and what no single place can tell (broken syntax notes, empty ends) is a second pattern that finds segments to doubt.
"""

from collections.abc import Iterable, Sequence

from hub.schema.model import ElementDef, SegmentDef
from hub.schema.pattern import MOMENTS, Pattern, clauses, times
from hub.schema.values import EDIFACT_MOMENTS

_LONGEST_NUMBER = 40


class PlainPattern(Pattern):
    """Like Pattern, for RE2 in its ISO 8859-1 mode. Right only together with what `doubts` does not find."""

    never = "[^\\x00-\\xff]"
    # RE2 refuses repetitions above 1,000, nested ones multiplied.
    longest = 500
    most_repeats = 2

    def message(self, segments: Iterable[SegmentDef]) -> bytes:
        return f"(?:{self.branches(segments)}{self.terminator})*".encode("latin-1")

    def doubts(self, segments: Iterable[SegmentDef]) -> bytes:
        """Finds, from the terminator before it, a segment that breaks a syntax note or ends in something empty."""
        behind = self.element_mark + self.terminator + (self.repetition_mark or "")
        empty = f"{self.element_mark}{self.terminator}|{self.component_mark}[{behind}]"
        found = [f"[^{self.terminator}]*(?:{empty})"]
        for segment in segments:
            for note in segment.notes:
                for clause in clauses(note):
                    wants = {abs(literal): literal < 0 for literal in clause}
                    found.append(segment.tag + self._broken(wants, 1))
        return f"{self.terminator}(?:{'|'.join(found)})".encode("latin-1")

    def _broken(self, wants: dict[int, bool], at: int) -> str:
        """The elements from at on, where those of wants have a value or none."""
        if at > max(wants):
            return f"[{self.element_mark}{self.terminator}]"
        value = {True: "+", False: "{0}", None: "*"}[wants.get(at)]
        out = f"{self.element_mark}{self.within_segment}{value}{self._broken(wants, at + 1)}"
        may_end = not any(there for place, there in wants.items() if place >= at)
        return f"(?:{self.terminator}|{out})" if may_end else out

    def look_aheads(self, notes: Sequence[str], mark: str, within: str) -> tuple[dict[int, str], dict[int, str], int]:
        return {}, {}, 0

    def composite(self, element: ElementDef) -> str:
        components = element.components or []
        if element.notes:
            return self.never
        if element.id == "C507":
            return self.moment(components)
        first, *rest = [self.value(part) for part in components]
        wanted = [part.mandatory for part in components]
        if not rest:
            return first
        tail = self.chain(rest, wanted[1:], [], self.component_mark, self.within_element, leading=True)
        if wanted[0]:
            return first + tail
        if any(wanted[1:]):
            return f"(?:{first})?{tail}"
        return f"(?:(?:{first}){tail}|{tail[len('(?:') : -len(')?')]})"

    def moment(self, components: Sequence[ElementDef]) -> str:
        """C507: qualifier, value, format. The common formats by their own patterns; without a format it is text."""
        mark = self.component_mark
        qualifier, value, _ = (self.value(part) for part in components)
        known = [f"{MOMENTS[spelt]}{mark}{code}" for code, spelt in EDIFACT_MOMENTS.items() if spelt in MOMENTS]
        return f"{qualifier}(?:{mark}(?:{'|'.join([*known, value])}))?"

    def decimal(self, point: str, least: int, most: int) -> str:
        """Digits count, sign and decimal mark do not: one branch for each place of the mark."""
        if not 0 < most <= _LONGEST_NUMBER:
            return self.never
        pointed = [
            f"[0-9]{{{before}}}[{point}][0-9]{times(max(least - before, 0 if before else 1), most - before)}"
            for before in range(most + 1)
        ]
        return f"-?(?:[0-9]{times(least, most)}|{'|'.join(pointed)})"
