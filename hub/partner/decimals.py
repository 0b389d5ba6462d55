"""The decimal mark of numbers in what we write (ISO 9735: comma and point both serve; readers take either)."""

from collections.abc import Sequence

from hub.schema import ElementDef, MessageDef
from hub.syntax import Element

_MARKS = str.maketrans(",", ".")


def with_decimal_mark(segments: Sequence[Sequence[Element]], definition: MessageDef, mark: str) -> list[list[Element]]:
    """The segments of a message with this decimal mark in every element the directory defines as a number."""
    return [_segment(segment, definition, mark) for segment in segments]


def _segment(segment: Sequence[Element], definition: MessageDef, mark: str) -> list[Element]:
    known = definition.segments.get(str(segment[0]))
    if known is None:
        return list(segment)
    written = [
        _element(value, known.elements[number], mark) if number < len(known.elements) else value
        for number, value in enumerate(segment[1:])
    ]
    return [segment[0], *written]


def _element(value: Element, element: ElementDef, mark: str) -> Element:
    if isinstance(value, str):
        parts = element.components or [element]
        return _number(value, parts[0], mark)
    if value and not isinstance(value[0], str):
        return [[str(part) for part in _element(each, element, mark)] for each in value]
    parts = element.components or [element]
    return [
        _number(str(part), parts[number], mark) if number < len(parts) else str(part)
        for number, part in enumerate(value)
    ]


def _number(value: str, element: ElementDef, mark: str) -> str:
    return value.translate(_MARKS).replace(".", mark) if element.type == "n" else value
