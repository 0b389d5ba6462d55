"""What the header segments of interchange, group and message say, as the model's fields."""

from sys import intern

from hub.syntax.charset import UNOX
from hub.syntax.dialect import recode
from hub.syntax.model import Group, Interchange, MessageSpan, Segment, Separators

_PADDING = " \0"
"""What mainframes fill an identity with."""


def describe_interchange(interchange: Interchange, header: Segment, codec: str) -> str:
    """Fill an interchange from ISA or UNB (latin-1 text that codec reads); the codec the header declares."""
    elements = [recode(element, codec) for element in header]
    interchange.header = elements
    if interchange.standard == "x12":
        sender, receiver = (at(elements, position).rstrip(_PADDING) for position in (6, 8))
        interchange.sender = identity([sender, at(elements, 5)])
        interchange.receiver = identity([receiver, at(elements, 7)])
        interchange.prepared = (at(elements, 9), at(elements, 10))
        interchange.version, interchange.control_number = at(elements, 12), at(elements, 13)
        interchange.acknowledgement, interchange.test = at(elements, 14), at(elements, 15) == "T"
        return "latin-1"
    marks = interchange.separators
    syntax, date = components(at(elements, 1), marks), components(at(elements, 4), marks)
    interchange.sender = identity(components(at(elements, 2), marks))
    interchange.receiver = identity(components(at(elements, 3), marks))
    interchange.prepared = (date[0].strip(), at(date, 1))
    interchange.version, interchange.control_number = at(syntax, 1), at(elements, 5)
    interchange.acknowledgement, interchange.test = at(elements, 9), at(elements, 11) not in ("", "0")
    return UNOX.get(syntax[0].strip().upper(), "latin-1")


def describe_group(group: Group, standard: str, header: Segment, marks: Separators) -> None:
    """Fill a group from GS or UNG. GS02 and GS03 stand as sent, UNG's parties as identities "qualifier:id"."""
    group.functional_id = at(header, 1)
    if standard == "x12":
        group.sender, group.receiver, group.version = at(header, 2), at(header, 3), at(header, 8)
        group.control_number = at(header, 6)
        return
    group.sender = identity(components(at(header, 2), marks))
    group.receiver = identity(components(at(header, 3), marks))
    group.control_number = at(header, 5)
    group.version = ".".join(part.strip() for part in components(at(header, 7), marks)[:2])


def describe_message(span: MessageSpan, standard: str, header: Segment, group: Group, marks: Separators) -> None:
    """Fill a span from ST or UNH, and from its group."""
    span.group, span.group_control_number = group.index, group.control_number
    if standard == "x12":
        span.type, span.control_number = intern(at(header, 1)), at(header, 2)
        span.version = group.version or at(header, 3)
        return
    parts = components(at(header, 2), marks)
    span.type, span.control_number = intern(parts[0].strip()), at(header, 1)
    span.version = intern(".".join(part.strip() for part in parts[1:3]))
    span.association = at(parts, 4) or None


def identity(parts: list[str]) -> str:
    """ "qualifier:id" from an id and its qualifier, padding trimmed; the qualifier may be missing."""
    return f"{at(parts, 1)}:{parts[0].strip()}"


def components(element: str, marks: Separators) -> list[str]:
    """The components of an element, release characters undone."""
    release = marks.release
    if not release or release not in element:
        return element.split(marks.component)
    parts, characters = [""], iter(element)
    for character in characters:
        if character == marks.component:
            parts.append("")
        else:
            parts[-1] += next(characters, "") if character == release else character
    return parts


def at(elements: Segment, position: int) -> str:
    """An element without padding; "" where the segment ends before it."""
    return elements[position].strip() if position < len(elements) else ""
