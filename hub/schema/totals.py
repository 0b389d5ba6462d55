"""What a message says of itself at its end: how many line items it has (CTT01, CNT 2), and the sum of their quantities.

X12: CTT01 counts one kind of segment, which the set's comments name; CTT02 is the sum of one element of it, by element
347 of its digits, by custom of its numbers: either is right. EDIFACT: CNT 2 (6069) counts the LIN, with or without the
sub-lines (5495 is 1); CNT 1 adds up one quantity of each.
"""

from collections.abc import Iterator

from hub.errors import Finding, finding
from hub.schema.model import MessageDef
from hub.schema.values import as_decimal
from hub.syntax.model import Message, Separators

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    _Total = tuple[int, int, int | None, Decimal | None, list[Decimal], str]
    """Segment (0-based), element and component; what it claims; what is right, the plainest first; words before that.
    """

_X12 = {
    "810": "IT1",
    **dict.fromkeys(("840", "843", "850", "855"), "PO1"),
    **dict.fromkeys(("830", "832", "846", "852", "862"), "LIN"),
    "856": "HL",
    **dict.fromkeys(("860", "865"), "POC"),
    "861": "RCD",
}
"""What CTT01 counts."""

_HASHED = {"810": ("IT1", 2), **dict.fromkeys(("840", "843", "850", "855"), ("PO1", 2)), "856": ("SN1", 2)}
"""What CTT02 adds up."""

_HASH = 10
"""Digits that element 347 holds; those in front are cut off."""

_QUANTITY = {"ORDERS": "21", "DESADV": "12", "INVOIC": "47"}
"""The quantity (6063) that CNT 1 adds up."""


def total_faults(message: Message, definition: MessageDef) -> list[Finding]:
    """Every total at the end of a message that its line items do not give; one that is no number is left to others."""
    tag = _total_tag(definition)
    if tag is None:
        return []
    told = _x12(message) if tag == "CTT" else _edifact(message)
    found = []
    for number, element, component, claimed, right, what in told:
        if claimed is None or claimed in right:
            continue
        place = f"{tag}{element:02}" if component is None else f"{tag}{element:02}-{component}"
        text = (
            f"{place} says {claimed:f}, but {what} {right[0]:f}. Correct it, or send the line items that are missing."
        )
        where = message.location(number, element, component)
        rule = f"{definition.type} {definition.version} {place}"
        found.append(
            finding("HUB-2018", text, location=where, value=f"{claimed:f}", expected=f"{right[0]:f}", rule=rule)
        )
    return found


def item_of(definition: MessageDef) -> str:
    """The segment that the totals of a message count."""
    return _X12.get(definition.type, "") if definition.standard == "x12" else "LIN"


def _x12(message: Message) -> "Iterator[_Total]":
    """The totals that are not plainly right."""
    segments, tag, hashed = message.segments, _X12[message.type], _HASHED.get(message.type)
    for number, segment in enumerate(segments):
        if segment[0] != "CTT":
            continue
        counted = sum(each[0] == tag for each in segments)
        if segment[1:] == [str(counted)]:
            continue
        from decimal import Decimal

        yield number, 1, None, _number(segment, 1), [Decimal(counted)], f"the number of {tag} in the message is"
        claimed = _number(segment, 2)
        if hashed is None or claimed is None:
            continue
        texts = [each[hashed[1]].strip() for each in segments if each[0] == hashed[0] and hashed[1] < len(each)]
        known = _all(texts)
        if known is None:
            continue
        digits = sum(int("".join(map(str, value.as_tuple().digits))) for value in known)
        right = [sum(known, Decimal(0)), Decimal(digits % 10**_HASH)]
        yield number, 2, None, claimed, right, f"the sum of {hashed[0]}{hashed[1]:02} is"


def _edifact(message: Message) -> "Iterator[_Total]":
    """The totals that are not plainly right."""
    parts, segments = message.components, message.segments
    for number, segment in enumerate(segments):
        if segment[0] != "CNT" or len(segment) < 2:
            continue
        kind, value, *_ = [*parts(segment[1]), ""]
        lines = [each for each in segments if each[0] == "LIN"]
        if kind == "2" and value == str(len(lines)):
            continue
        from decimal import Decimal

        if kind == "2":
            own = sum(len(each) < 5 or parts(each[4])[0] != "1" for each in lines)
            right = [Decimal(len(lines)), Decimal(own)]
            yield number, 1, 2, as_decimal(value.strip()), right, "the number of LIN in the message is"
        elif kind == "1" and message.type in _QUANTITY:
            wanted = _QUANTITY[message.type]
            quantities = [parts(each[1]) for each in segments if each[0] == "QTY" and len(each) > 1]
            known = _all([each[1].strip() for each in quantities if each[0] == wanted and len(each) > 1])
            if known is not None and len(known) == len(lines):
                total = sum(known, Decimal(0))
                yield number, 1, 2, as_decimal(value.strip()), [total], f"the sum of the quantities {wanted} is"


def _all(texts: list[str]) -> "list[Decimal] | None":
    """The numbers, without what is empty; None: one of them is none, so no sum of them is known."""
    found = [as_decimal(text) for text in texts if text]
    known = [value for value in found if value is not None]
    return known if len(known) == len(found) else None


def _number(segment: list[str], element: int) -> "Decimal | None":
    return as_decimal(segment[element].strip()) if element < len(segment) else None


def _total_tag(definition: MessageDef) -> str | None:
    if definition.standard == "x12":
        return "CTT" if definition.type in _X12 else None
    return "CNT" if "LIN" in definition.segments and "CNT" in definition.segments else None


InOrder = tuple[int, tuple[int, ...], bytes]
"""What the tags of a message tell: how many segments, which (0-based) have totals, and how a right count begins."""


class Totals:
    """Tells from the bytes of messages of one definition whether their totals are right, as far as tags tell."""

    def __init__(self, definition: MessageDef, separators: Separators) -> None:
        marks = separators.element, separators.component, separators.segment
        element, component, self._end = (mark.encode("latin-1", "replace") for mark in marks)
        told, x12, kind = _total_tag(definition), definition.standard == "x12", definition.type
        self.are_told = told is not None
        tag = (told or "").encode()
        self._tag = tag + self._end
        self._item = (item_of(definition).encode() + element)[:3] + self._end
        self._count = tag + element + (b"" if x12 else b"2" + component)
        self._sum = tag + element + b"1" + component if kind in _QUANTITY else None
        self._behind = (element * 2 if kind in _HASHED else element) if x12 else component

    def in_order(self, order: bytes) -> InOrder:
        """order: the first three bytes of each segment of a message but the trailer, each with a terminator behind."""
        size, at = order.count(self._end) + 1, order.rfind(self._tag)
        if at < 0:
            return size, (), b""
        numbers = [size - 1 - order.count(self._end, at)]
        while (at := order.rfind(self._tag, 0, at)) >= 0:
            numbers.append(order.count(self._end, 0, at))
        return size, tuple(numbers), self._count + b"%d" % order.count(self._item)

    def is_proven(self, segment: bytes, right: bytes) -> bool:
        """Whether the total of a segment with totals is right. right: as `in_order` tells it."""
        if segment.startswith(self._count):
            return segment == right or segment.startswith(right + self._behind)
        return self._sum is None or not segment.startswith(self._sum)
