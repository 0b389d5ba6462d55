"""Computed places of JSON, tables and records: counts and totals, checked when read and made anew when written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import Finding
from hub.location import NOWHERE
from hub.mapping.computed import ComputedNote, compute, differs
from hub.mapping.tree import Step, TreeRule, descend, go
from hub.mapping.values import Refused


@dataclass(frozen=True)
class TreeComputed:
    """rule: its place and codec; note: what stands there."""

    rule: TreeRule
    note: ComputedNote

    @property
    def way(self) -> list[Step]:
        return self.rule.places[0]


@dataclass(frozen=True)
class Computed:
    """All of a mapping."""

    entries: Sequence[TreeComputed] = ()

    def take(self, tree: Any, mark: Callable[[Any, list[Step]], None]) -> list[tuple[TreeComputed, Any]]:
        """What stands at those places, marked as read."""
        found = [(entry, go(tree, entry.way)) for entry in self.entries]
        there = [(entry, raw) for entry, raw in found if raw is not None and raw != ""]
        for entry, _ in there:
            mark(tree, entry.way)
        return there

    def verify(self, taken: Sequence[tuple[TreeComputed, Any]], document: Any, mapping: str) -> list[Finding]:
        """Findings of what does not agree with the document, which remembers what is written only where it was."""
        found = []
        for entry, raw in taken:
            expected = compute(entry.note, document, ())
            try:
                same = expected is None or entry.rule.read(raw) == expected
            except Refused:
                same = False
            if not same and expected is not None:
                found.append(differs(entry.note, str(raw), expected, NOWHERE))
            if entry.note.if_present:
                own = {**document.ext.get(mapping, {}), f"={entry.note.place}": ""}
                document.ext = {**document.ext, mapping: own}
        return found

    def put(self, tree: dict[str, Any], document: Any, mapping: str) -> None:
        """Writes the values into a tree."""
        kept = document.ext.get(mapping, {})
        for entry in self.entries:
            if entry.note.function != "check" and (not entry.note.if_present or f"={entry.note.place}" in kept):
                value = compute(entry.note, document, ())
                descend(tree, entry.way[:-1])[entry.way[-1].name] = entry.rule.write(value)
