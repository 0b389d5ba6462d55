"""Is what we wrote what we read? A message and its rewriting compared by classes, a tool of the mapping tests.

identical; reordered: the same segments in another order; moved: the same values at other places; normalised: another
spelling of the same value; computed: a count or fixed part made anew. Only lost and added are faults.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.mapping.mapping import Mapping
from hub.mapping.source import COUNTED
from hub.syntax.model import Element, Message

_INDEX = re.compile(r"#\d+")
Flat = tuple[tuple[str, ...], ...]


@dataclass
class Comparison:
    """kind: the worst class met. lost and added: the segments (as text) that only one side has, in a faulty way."""

    kind: str
    lost: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    @property
    def faulty(self) -> bool:
        return self.kind in ("lost", "added")


def flat(segment: Sequence[Element]) -> Flat:
    """A segment to write as tuples: elements, repetitions folded into components, trailing empty parts off."""
    elements = [_components(element) for element in segment]
    while elements and not any(elements[-1]):
        elements.pop()
    return tuple(elements)


def _components(element: Any) -> tuple[str, ...]:
    if isinstance(element, str):
        return (element,) if element else ()
    parts = [part if isinstance(part, str) else "\0".join(part) for part in element]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def parsed(message: Message) -> list[Flat]:
    """The message's segments without its envelope, unescaped."""
    return [
        flat([segment[0], *(_read(message, element) for element in segment[1:])]) for segment in message.segments[1:-1]
    ]


def _read(message: Message, element: str) -> Element:
    if message.separators.repetition and len(parts := message.repetitions(element)) > 1:
        return [message.components(part) for part in parts]
    return message.components(element)


def compare(
    message: Message, written: Sequence[Sequence[Element]], mapping: Mapping, *, same_document: bool
) -> Comparison:
    """How a message and what the mapping wrote of its document differ.

    same_document: reading what was written gives the same document; then a value that differs is only spelled
    otherwise.
    """
    before, after = parsed(message), [flat(segment) for segment in written]
    if before == after:
        return Comparison("identical")
    missing, more = Counter(before) - Counter(after), Counter(after) - Counter(before)
    if not missing and not more:
        return Comparison("reordered")
    made = _computed_tags(mapping, message.version)
    missing, more = _without(missing, made), _without(more, made)
    if not missing and not more:
        return Comparison("computed")
    if _values(missing) == _values(more):
        return Comparison("moved")
    if same_document and sum(missing.values()) == sum(more.values()) and _tags(missing) == _tags(more):
        return Comparison("normalised")
    lost, added = sorted(_shown(missing.elements())), sorted(_shown(more.elements()))
    return Comparison("lost" if lost else "added", lost, added)


def _computed_tags(mapping: Mapping, version: str) -> set[str]:
    plan = mapping.plan(version)
    made = {entry.place.tag for entry in plan.computed}
    made |= {rule.place.tag for rule in plan.rules if rule.constant is not None and rule.place is not None} | {*COUNTED}
    return made | {str(plan.hierarchy["loop"])} if plan.hierarchy else made


def _without(segments: "Counter[Flat]", tags: set[str]) -> "Counter[Flat]":
    return Counter({segment: count for segment, count in segments.items() if segment[0][0] not in tags})


def _values(segments: "Counter[Flat]") -> "Counter[tuple[str, str]]":
    values: Counter[tuple[str, str]] = Counter()
    for segment, count in segments.items():
        tag, *elements = segment
        for element in elements:
            for part in element:
                if part:
                    values[(tag[0], part)] += count
    return values


def _tags(segments: "Counter[Flat]") -> "Counter[str]":
    tags: Counter[str] = Counter()
    for segment, count in segments.items():
        tags[segment[0][0]] += count
    return tags


def _shown(segments: Iterable[Flat]) -> list[str]:
    return ["+".join(":".join(element) for element in segment) for segment in segments]


def compare_trees(before: object, after: object, *, same_document: bool) -> Comparison:
    """How a tree of dicts and lists (JSON, a row of a table) and its rewriting differ; absent and null are equal."""
    old, new = _leaves(before), _leaves(after)
    if old == new:
        return Comparison("identical")
    missing, more = Counter(_plain(old)) - Counter(_plain(new)), Counter(_plain(new)) - Counter(_plain(old))
    if not missing and not more:
        return Comparison("reordered")
    if Counter(value for _, value in missing.elements()) == Counter(value for _, value in more.elements()):
        return Comparison("moved")
    if same_document and Counter(path for path, _ in missing.elements()) == Counter(
        path for path, _ in more.elements()
    ):
        return Comparison("normalised")
    lost = sorted(f"{path}={value}" for path, value in missing.elements())
    added = sorted(f"{path}={value}" for path, value in more.elements())
    return Comparison("lost" if lost else "added", lost, added)


def _leaves(tree: object, path: str = "") -> list[tuple[str, str]]:
    if isinstance(tree, dict):
        return [leaf for name in sorted(tree) for leaf in _leaves(tree[name], f"{path}/{name}")]
    if isinstance(tree, list):
        return [leaf for number, entry in enumerate(tree) for leaf in _leaves(entry, f"{path}#{number}")]
    return [] if tree is None or tree == "" else [(path, str(tree))]


def _plain(leaves: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_INDEX.sub("", path), value) for path, value in leaves]
