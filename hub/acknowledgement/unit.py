"""The business units a segment belongs to: the document by its number, and the line. People look for these."""

from collections.abc import Iterable

from hub.errors import Finding
from hub.record import Record
from hub.syntax.model import Message

_NUMBERS = {
    "810": ("BIG", 2, "IV"), "812": ("BCD", 2, "TN"), "816": ("BHT", 3, "TN"), "824": ("BGN", 2, "TN"),
    "830": ("BFR", 2, "TN"), "846": ("BIA", 3, "TN"), "850": ("BEG", 3, "PO"), "855": ("BAK", 3, "PO"),
    "856": ("BSN", 2, "SI"), "857": ("BHT", 3, "TN"), "860": ("BCH", 3, "PO"), "861": ("BRA", 1, "TN"),
    "862": ("BSS", 2, "TN"), "865": ("BCA", 3, "PO"), "867": ("BPT", 2, "TN"), "869": ("BSI", 1, "TN"),
    "870": ("BSR", 3, "TN"), "875": ("G50", 3, "PO"), "876": ("G92", 3, "PO"), "880": ("G01", 2, "IV"),
    "940": ("W05", 2, "TN"), "943": ("W06", 2, "TN"), "944": ("W17", 3, "TN"), "945": ("W06", 2, "TN"),
    "180": ("BGN", 2, "TN"), "204": ("B2", 4, "SI"), "210": ("B3", 2, "IV"), "214": ("B10", 1, "TN"),
    "753": ("BGN", 2, "TN"), "754": ("BGN", 2, "TN"), "990": ("B1", 2, "SI"),
}  # fmt: skip
"""X12: where a message type has its document's number, and its qualifier (element 128; TN where no other is sure)."""

_LINES = {"PO1": 1, "POC": 1, "IT1": 1, "LIN": 1, "HL": 1, "LX": 1, "S5": 1}


class Unit(Record):
    """Where a number stands ("BEG03") and what it is; qualifier is X12 element 128 or EDIFACT 1153."""

    place: str
    value: str
    qualifier: str = ""


def document_of(message: Message) -> Unit | None:
    """The document's number as the message gives it; None: it has none, or nothing here knows where it stands."""
    if message.standard == "x12":
        tag, element, qualifier = _NUMBERS.get(message.type, ("", 0, ""))
    else:
        tag, element, qualifier = "BGM", 2, "ACE"
    for segment in message.segments:
        if segment[0] == tag and element < len(segment):
            value = message.components(segment[element])[0].strip()
            return Unit(f"{tag}{element:02}", value, qualifier) if value else None
    return None


def document_named(standard: str, type: str, number: str) -> Unit | None:
    """The document of a message whose number is known from elsewhere; None: it has none."""
    tag, element, qualifier = _NUMBERS.get(type, ("", 0, "TN")) if standard == "x12" else ("BGM", 2, "ACE")
    return Unit(f"{tag}{element:02}" if tag else "", number, qualifier) if number else None


def units_of(message: Message, findings: Iterable[Finding]) -> dict[int, list[Unit]]:
    """The document and the line of each segment (1-based) that a finding speaks of."""
    document = document_of(message)
    found: dict[int, list[Unit]] = {}
    for number in {each.location.segment for each in findings if each.location.segment is not None}:
        line = _line_at(message, number)
        units = [unit for unit in (document, line) if unit is not None]
        if units:
            found[number] = units
    return found


def _line_at(message: Message, number: int) -> Unit | None:
    """The line the segment stands in: the last segment before it, or itself, that opens one."""
    for segment in reversed(message.segments[:number]):
        element = _LINES.get(segment[0])
        if element is not None and element < len(segment):
            value = message.text(segment[element]).strip()
            return Unit(f"{segment[0]}{element:02}", value) if value else None
    return None
