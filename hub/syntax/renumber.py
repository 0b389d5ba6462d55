"""Other control numbers, or another message, in an interchange that lies there as bytes."""

from hub.record import replace
from hub.syntax.model import Interchange, MessageSpan


def renumber(body: bytes, written: Interchange, number: int, group_number: int = 1) -> tuple[bytes, Interchange]:
    """The interchange with these control numbers, and where everything in it is then.

    body: what hub.syntax.write wrote, of one group and without lines of one width, and nothing else; written: what
    `cut` makes of it. group_number: GS06; EDIFACT has no group here.
    """
    x12, element = written.standard == "x12", written.separators.element
    named = f"{number:09}" if x12 else str(number)
    place = 13 if x12 else 5
    messages = written.groups[0].messages
    start, end = messages[0].offset, messages[-1].offset + messages[-1].length
    head, tail = body[:start].decode(written.charset), body[end:].decode(written.charset)

    header = [*written.header[:place], named, *written.header[place + 1 :]]
    before, _, behind = head.partition(element.join(written.header))
    closing = tail.split(element)
    closing[-1] = named + closing[-1][len(written.control_number) :]
    if x12:
        opening = behind.split(element)
        opening[6] = str(group_number)
        behind = element.join(opening)
        closing[2] = str(group_number) + closing[2][len(written.groups[0].control_number or "") :]
    opened = f"{before}{element.join(header)}{behind}".encode(written.charset)
    made = opened + body[start:end] + element.join(closing).encode(written.charset)
    return made, _moved(
        written,
        header,
        named,
        str(group_number) if x12 else None,
        len(opened) - start,
        written.length + len(made) - len(body),
    )


def _moved(
    written: Interchange, header: list[str], number: str, group_number: str | None, by: int, length: int
) -> Interchange:
    group = written.groups[0]

    def moved(span: MessageSpan) -> MessageSpan:
        known = group_number if span.group_control_number is not None else None
        return replace(span, offset=span.offset + by, group_control_number=known)

    messages = [moved(span) for span in group.messages]
    return replace(
        written,
        length=length,
        control_number=number,
        header=header,
        trailer=[*(written.trailer or [])[:-1], number],
        groups=[replace(group, messages=messages, control_number=group_number)],
    )


def stand_in(body: bytes, written: Interchange, message: bytes, span: MessageSpan) -> tuple[bytes, Interchange]:
    """The interchange of one message with another in its place, which has its control number then.

    body, written: as of `renumber`. message: of the same type and in the same separators, with one byte for each
    character of its control number; span: what it is where it was.
    """
    group, element = written.groups[0], written.separators.element
    held = group.messages[0]
    old, new = span.control_number.encode(), held.control_number.encode()
    start = len(f"ST{element}{span.type}{element}" if written.standard == "x12" else f"UNH{element}")
    end = len(message) - len(written.separators.segment) - len(old)
    if not message.startswith(old, start) or not message.startswith(old, end):
        raise ValueError(f"message {span.control_number} does not begin and end with its control number")
    made = message[:start] + new + message[start + len(old) : end] + new + message[end + len(old) :]
    standing = replace(held, length=len(made), segments=span.segments, plain=span.plain)
    length = written.length + len(made) - held.length
    whole = body[: held.offset] + made + body[held.offset + held.length :]
    return whole, replace(written, length=length, groups=[replace(group, messages=[standing])])
