"""How much of a message its mapping's rules read, counted in elements that hold a value (in EDIFACT in components, in
XML with attributes). The envelope does not count: of X12 and EDIFACT its segments, of XML the mapping's `frame`.
"""

from dataclasses import dataclass
from typing import Any

from hub.canonical import Document
from hub.mapping.kept import is_spelling
from hub.mapping.mapping import Mapping
from hub.mapping.xml_kept import count_values
from hub.syntax.model import Message


@dataclass(frozen=True)
class Coverage:
    """elements: values between the message's envelope segments; unread: those of them that no rule reads."""

    elements: int
    unread: int

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.elements + other.elements, self.unread + other.unread)

    @property
    def percent(self) -> float:
        """The share that is read; 100 where there is nothing to read."""
        return 100.0 * (self.elements - self.unread) / self.elements if self.elements else 100.0


def coverage(mapping: Mapping, message: Message, document: Document) -> Coverage:
    """document: what the mapping read the message into."""
    values = [message.components(element) for segment in message.segments[1:-1] for element in segment[1:] if element]
    return Coverage(sum(1 for parts in values for part in parts if part), _unread(document, mapping.id))


def tree_coverage(mapping: Mapping, tree: object, document: Document) -> Coverage:
    """The same for a tree of dicts and lists (JSON, XML)."""
    if mapping.xml is not None and isinstance(tree, dict):
        return Coverage(count_values(tree, mapping.xml.frame, mapping.xml.void), len(mapping.unread(document)))
    return Coverage(_leaves(tree), _unread(document, mapping.id))


def _leaves(tree: object) -> int:
    if isinstance(tree, dict | list):
        return sum(_leaves(entry) for entry in (tree.values() if isinstance(tree, dict) else tree))
    return 0 if tree is None or tree == "" else 1


def _unread(part: Any, mapping: str) -> int:
    """Values kept in ext, here and in the parts below."""
    count = 0
    for key, value in getattr(part, "ext", {}).get(mapping, {}).items():
        if not is_spelling(key):
            count += _kept(value)
    for name in getattr(part, "__struct_fields__", ()):
        value = getattr(part, name)
        for inner in value if isinstance(value, list) else [value]:
            if hasattr(inner, "__struct_fields__"):
                count += _unread(inner, mapping)
    return count


def _kept(value: Any) -> int:
    """Values of one ext entry: an element, or segments or loops each with its index."""
    indexed = isinstance(value, list) and all(
        isinstance(entry, list) and entry and isinstance(entry[0], int) for entry in value
    )
    if not indexed or not value:
        return _values(value)
    segments = [content if content and isinstance(content[0], list) else [content] for _, content in value]
    return sum(_values(segment[1:]) for group in segments for segment in group)


def _values(value: Any) -> int:
    if isinstance(value, dict | list | tuple):
        return sum(_values(entry) for entry in (value.values() if isinstance(value, dict) else value))
    return 0 if value is None or value == "" else 1
