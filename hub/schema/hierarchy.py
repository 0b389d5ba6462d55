"""Hierarchies: a level (HL) or packaging sequence (CPS) has a number of its own and names its parent's.

X12 HL01 and HL02, EDIFACT CPS 7164 and 7166. The parent comes first, and no number occurs twice in a message.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from hub.errors import Finding, finding
from hub.schema.model import MessageDef
from hub.syntax.model import Message, Separators

_TAGS = {"x12": "HL", "edifact": "CPS"}
LEVELS = frozenset(_TAGS.values())


def hierarchy_faults(message: Message) -> list[Finding]:
    """Every level whose parent is not before it, or whose number was used before."""
    tag, levels = _TAGS.get(message.standard), _levels(message)
    found = []
    for at, element, value in _faults([(own, parent) for _, own, parent in levels]):
        name = f"{tag}{element:02}"
        if element == 1:
            text = f"{name} is {value!r}, which an earlier {tag} has already: number the levels apart."
        else:
            text = f"{name} names the parent {value!r}, but no {tag} before it has that number: send the parent first."
        place = message.location(levels[at][0], element)
        found.append(finding("HUB-2017", text, location=place, value=value, rule=f"{message.type} {name}"))
    return found


def gaps(message: Message) -> list[tuple[int, int]]:
    """Between which levels one is lost, by their 0-based segments: their children name it, and its number is left out.

    0 stands for the beginning of the message.
    """
    levels = _levels(message)
    absent = {_plain(value) for _, element, value in _faults([level[1:] for level in levels]) if element == 2}
    return [
        (before, behind)
        for (before, own, _), (behind, other, _) in pairwise([(0, "0", ""), *levels])
        if own.isdecimal() and other.isdecimal() and str(int(own) + 1) in absent and int(other) == int(own) + 2
    ]


def may_have_levels(definition: MessageDef) -> bool:
    """Whether a message of which every tag is its definition's may hold levels."""
    return _TAGS.get(definition.standard) in definition.segments


def is_whole(body: bytes, standard: str, separators: Separators) -> bool:
    """Whether a message that is right in all else has no such fault; False is no verdict."""
    tag = _TAGS.get(standard)
    if tag is None or tag.encode() not in body:
        return True
    pattern = _pattern(tag, separators.element, separators.segment)
    rows = [(own.decode("latin-1"), parent.decode("latin-1")) for own, parent in pattern.findall(body)]
    released = separators.release is not None and any(separators.release in text for row in rows for text in row)
    return not released and next(_faults(rows), None) is None


@lru_cache(maxsize=64)
def _pattern(tag: str, element: str, terminator: str) -> re.Pattern[bytes]:
    mark, end = (re.escape(each.encode()) for each in (element, terminator))
    value = b"([^" + mark + end + b"]*)"
    return re.compile(end + rb"\s*" + tag.encode() + mark + value + b"(?:" + mark + value + b")?")


def _levels(message: Message) -> list[tuple[int, str, str]]:
    """The segment of each level (0-based), its number and that of its parent."""
    tag = _TAGS.get(message.standard)
    return [
        (number, _text(message, segment, 1), _text(message, segment, 2))
        for number, segment in enumerate(message.segments)
        if segment[0] == tag
    ]


def _faults(levels: list[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """Index of the level, its faulty element (1 its number, 2 its parent), and what stands there. Of several levels
    that name a parent which is not there, the first.
    """
    known: set[str] = set()
    absent: set[str] = set()
    for at, (own, parent) in enumerate(levels):
        if parent.strip() and _plain(parent) not in known and _plain(parent) not in absent:
            absent.add(_plain(parent))
            yield at, 2, parent
        if _plain(own) in known:
            yield at, 1, own
        known.add(_plain(own))


def _plain(number: str) -> str:
    return number.strip().lstrip("0")


def _text(message: Message, segment: list[str], element: int) -> str:
    return message.components(segment[element])[0] if element < len(segment) else ""
