"""Messages as pydifact's segments and back, so that code written for pydifact runs as a mapping's hook."""

from collections.abc import Iterable, Sequence

from pydifact.segments import Segment

from hub.errors import UsageError
from hub.syntax.model import Element, Message


def to_segments(message: Message) -> list[Segment]:
    """The message's segments, UNH and UNT included, with release characters undone.

    UsageError HUB-3031: pydifact knows EDIFACT only.
    """
    if message.standard != "edifact":
        raise UsageError("HUB-3031", f"pydifact reads EDIFACT, and message {message.type} is {message.standard}.")
    return [
        Segment(segment[0], *(_theirs(message, element) for element in segment[1:])) for segment in message.segments
    ]


def _theirs(message: Message, element: str) -> str | list[str]:
    parts = message.components(element)
    return parts if len(parts) > 1 else parts[0]


def from_segments(segments: Iterable[Segment]) -> list[list[Element]]:
    """pydifact's segments as segments to write, without UNH and UNT."""
    return [
        [segment.tag, *(_ours(element) for element in segment.elements)]
        for segment in segments
        if segment.tag not in ("UNH", "UNT")
    ]


def _ours(element: object) -> Element:
    if isinstance(element, Sequence) and not isinstance(element, str):
        return tuple("" if part is None else str(part) for part in element)
    return "" if element is None else str(element)
