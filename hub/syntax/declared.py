"""What the headers of an envelope declare, held against what they may: dates, qualifiers, versions, kinds of message.

Sources: X12.5 and X12.6 (ISA, GS), ISO 9735 (UNB, UNG). What cannot mislead a reader is advice; a date that does not
exist or a message in the wrong group is a fault.
"""

import re
from collections.abc import Iterator

from hub.errors import Finding, finding
from hub.location import Location
from hub.syntax.faults import surplus
from hub.syntax.model import Group, Interchange, MessageSpan, Segment, Separators

FUNCTIONAL_IDS: dict[str, str] = {
    type: functional_id
    for functional_id, types in {
        "AG": "824", "AN": "180", "AR": "943", "AW": "947", "BS": "857", "CA": "865", "CD": "812", "DX": "894",
        "FA": "997 999", "GF": "990", "GP": "880", "IB": "846", "IM": "210", "IN": "810", "IO": "310", "OG": "875 876",
        "OR": "816", "OW": "940", "PC": "860", "PD": "852", "PO": "850", "PR": "855", "PS": "830", "PT": "867",
        "QG": "879 888 889", "QM": "214", "QO": "315", "RA": "820", "RC": "861", "RE": "944", "RF": "753", "RG": "754",
        "RO": "301", "RQ": "840", "RR": "843", "RS": "869 870", "RT": "863", "SC": "832", "SH": "856", "SM": "204",
        "SQ": "866", "SS": "862", "SW": "945", "TX": "864",
    }.items()
    for type in types.split()
}  # fmt: skip
"""X12 element 479 of the message types that have a directory here; of others any is taken."""

_ID_QUALIFIERS = frozenset({*(f"{code:02}" for code in range(1, 40)), "AM", "NR", "SA", "SN", "ZZ"})
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_TA1 = (
    ("[0-9]{9}", "nine digits"),
    ("[0-9]{6}", "YYMMDD"),
    ("[0-9]{4}", "HHMM"),
    ("[AER]", "A, E or R"),
    ("0[0-2][0-9]|03[01]", "000 to 031"),
)
_EDIFACT_TESTS = ("", "0", "1", "2", "3", "4")


def interchange_faults(interchange: Interchange, at: Location) -> list[Finding]:
    """What is wrong with the values of ISA or UNB, control number and charset aside. at: where the header stands."""
    if any(each.code == "HUB-1011" for each in interchange.findings):
        return []  # separators that cannot be told apart: every value would be a guess
    made = _isa(interchange) if interchange.standard == "x12" else _unb(interchange)
    header = interchange.header
    return [_finding(header, at, *each) for each in made]


def group_faults(group: Group, standard: str, header: Segment, separators: Separators, at: Location) -> list[Finding]:
    """What is wrong with the date and time of GS or UNG, and with who, number and agency of GS."""
    if surplus(header, at):
        return []  # its elements are out of place: that is told, and what follows from it is not
    if standard == "x12":
        day, time = _text(header, 4), _text(header, 5)
        made = [*_moment(header[0], 4, day, 5, time)]
        wanted = 8 if (group.version or "") >= "004010" else 6
        if not made and day and len(day) != wanted and (group.version or "").startswith("00"):
            form = "CCYYMMDD" if wanted == 8 else "YYMMDD"
            made.append(("HUB-1054", 4, None, day, f"{form} in version {group.version}"))
        for position in (2, 3):
            if not _text(header, position):
                made.append(("HUB-1058", position, None, "", "an identity"))
        number = _text(header, 6)
        if number and not (len(number) < 10 and _is_digits(number)):
            made.append(("HUB-1029", 6, None, number, "up to nine digits"))
        if _text(header, 7) not in ("X", "T"):
            made.append(("HUB-1055", 7, None, _text(header, 7), "X or T"))
    else:
        parts = [*_text(header, 4).split(separators.component), ""]
        made = [*_moment(header[0], 4, parts[0].strip(), 4, parts[1].strip())] if parts[0] else []
    return [_finding(header, at, *each) for each in made]


def note_faults(note: Segment, at: Location) -> list[Finding]:
    """What is wrong with the values of a TA1. Its date and time are repeated from an ISA, whose may not exist."""
    made: list[_Made] = []
    for element, (known, expected) in enumerate(_TA1, 1):
        value = _text(note, element)
        if not re.fullmatch(known, value):
            made.append(("HUB-1057", element, None, value, expected))
    return [*(_finding(note, at, *each) for each in made), *surplus(note, at)]


def message_faults(span: MessageSpan, group: Group, standard: str, header: Segment, at: Location) -> list[Finding]:
    """Whether a message belongs in its group: GS01 against ST01, GS08 against ST03, UNG against UNH."""
    if group.implicit:
        return []
    made = _x12_message(span, group, header) if standard == "x12" else _edifact_message(span, group)
    return [_finding(header, at, *each) for each in made]


def _x12_message(span: MessageSpan, group: Group, header: Segment) -> Iterator["_Made"]:
    wanted = FUNCTIONAL_IDS.get(span.type)
    if wanted is not None and group.functional_id != wanted:
        yield (
            "HUB-1042",
            1,
            None,
            span.type,
            f"a group {wanted}; this one {'is ' + said if (said := group.functional_id) else 'names no kind'}",
        )
    said = _text(header, 3)
    if said and not said.startswith(group.version or ""):
        yield "HUB-1043", 3, None, said, f"{group.version}, as in GS08"


def _edifact_message(span: MessageSpan, group: Group) -> Iterator["_Made"]:
    if group.functional_id and span.type != group.functional_id:
        yield "HUB-1042", 2, 1, span.type, f"{group.functional_id}, as in UNG"
    if group.version not in (None, "", ".") and span.version != group.version:
        yield "HUB-1043", 2, 2, span.version, f"{group.version}, as in UNG"


_Made = tuple[str, int, int | None, str, str]
"""A code, the element, the component, what stands there, what should."""


def _isa(interchange: Interchange) -> Iterator[_Made]:
    header = interchange.header
    values = [_text(header, position) for position in range(17)]
    yield from _moment("ISA", 9, values[9], 10, values[10], days=(6,))
    for code, position in (("HUB-1048", 6), ("HUB-1049", 8)):
        if not values[position]:
            yield code, position, None, "", "an identity"
    for code, position in (("HUB-1046", 5), ("HUB-1047", 7)):
        if values[position] not in _ID_QUALIFIERS:
            yield code, position, None, values[position], "a code of X12 I05, such as ZZ or 01"
    if values[1] not in ("00", "01", "02", "03", "04", "05", "06"):
        yield "HUB-1050", 1, None, values[1], "00 to 06"
    if values[3] not in ("00", "01"):
        yield "HUB-1050", 3, None, values[3], "00 or 01"
    if not (len(values[12]) == 5 and "002" <= values[12][:3] <= "009" and _is_digits(values[12])):
        yield "HUB-1052", 12, None, values[12], "an X12 version such as 00401"
    elif values[12] < "00402" and values[11] != "U":
        yield "HUB-1051", 11, None, values[11], "U"
    if values[14] not in ("0", "1"):
        yield "HUB-1053", 14, None, values[14], "0 or 1"


def _unb(interchange: Interchange) -> Iterator[_Made]:
    component = interchange.separators.component
    parts = [_text(interchange.header, position).split(component) for position in range(12)]
    if interchange.version not in ("1", "2", "3", "4"):
        yield "HUB-1052", 1, 2, interchange.version, "1 to 4"
    for code, position in (("HUB-1048", 2), ("HUB-1049", 3)):
        if not parts[position][0].strip():
            yield code, position, 1, "", "an identity"
    day, time = interchange.prepared
    yield from _moment("UNB", 4, day, 4, time)
    if parts[11][0] not in _EDIFACT_TESTS:
        yield "HUB-1030", 11, None, parts[11][0], "1 for a test, or nothing"


def _moment(
    tag: str, day_at: int, day: str, time_at: int, time: str, *, days: tuple[int, ...] = (6, 8)
) -> Iterator[_Made]:
    """Faults of a date and a time; in EDIFACT both are components of one element."""
    one = day_at == time_at
    if len(day) not in days or not _is_date(day):
        form = "YYMMDD" if days == (6,) else "YYMMDD or CCYYMMDD"
        yield "HUB-1044", day_at, 1 if one else None, day, form
    if len(time) not in (4, 6, 7, 8) or not _is_digits(time) or time[:2] > "23" or time[2:4] > "59" or time[4:6] > "59":
        yield "HUB-1045", time_at, 2 if one else None, time, "HHMM"


def _is_date(text: str) -> bool:
    year = text[:-4] if len(text) == 8 else f"20{text[:-4]}"
    return _is_digits(text) and is_day(int(year), int(text[-4:-2]), int(text[-2:]))


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has that day, in the years 1 to 9999. (The library's own takes longer to load than a
    message takes to check.)
    """
    if not (1 <= year <= 9999 and 1 <= month <= 12):
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _DAYS[month - 1] + leap


def _finding(
    header: Segment, at: Location, code: str, element: int, component: int | None, value: str, expected: str
) -> Finding:
    name = f"{header[0]}{element:02}" + (f"-{component}" if component else "")
    said = repr(value) if value else "empty"
    offset = at.offset
    if offset is not None and element < len(header):
        offset += sum(len(part) + 1 for part in header[:element])
    place = Location(
        interchange=at.interchange, group=at.group, message=at.message, segment=at.segment, tag=header[0],
        element=element, component=component, offset=offset,
    )  # fmt: skip
    text = f"{name} is {said}; expected {expected}. {_ADVICE.get(code, 'Ask the sender to correct its envelope.')}"
    return finding(code, text, location=place, value=value, expected=expected)


_ADVICE = {
    "HUB-1042": "Ask the sender to put each kind of message into a group of its own.",
    "HUB-1043": "The message was read all the same.",
    "HUB-1046": "The identity is taken as it stands.",
    "HUB-1047": "The identity is taken as it stands.",
    "HUB-1050": "Nothing need be done.",
    "HUB-1051": "It separates nothing in this version.",
    "HUB-1053": "It was read as 0.",
    "HUB-1054": "It was understood all the same.",
    "HUB-1055": "The group was read as X12.",
    "HUB-1058": "The interchange's own stands for it.",
    "HUB-1057": "Ask the partner what became of the interchange it answers.",
}


def _text(header: Segment, position: int) -> str:
    """An element without padding, and without the line breaks of an envelope in fixed lines."""
    return header[position].replace("\n", "").replace("\r", "").strip() if position < len(header) else ""
