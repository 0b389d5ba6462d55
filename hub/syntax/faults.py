"""The findings of the envelope: what is wrong, and what to do, in whole sentences.

Both standards have the same three levels (interchange, group, message), whose trailer repeats the header's control
number and counts what lies between; LEVELS is all they differ in.
"""

from hub.errors import Finding, finding
from hub.location import Location
from hub.record import Record
from hub.syntax.charset import UNOX
from hub.syntax.model import Interchange, Segment


class Level(Record):
    """header and trailer: tags; number: the header element that holds the control number; counted: what the trailer's
    first element counts. The codes: wrong count, other control number, no trailer, number used twice."""

    name: str
    header: str
    trailer: str
    number: int
    counted: str
    miscount: str
    mismatch: str
    missing: str
    twice: str


def _levels(tags: tuple[str, ...], numbers: tuple[int, ...]) -> tuple[Level, Level, Level]:
    return (
        Level("interchange", tags[0], tags[1], numbers[0], "groups", "HUB-1016", "HUB-1019", "HUB-1013", "HUB-1022"),
        Level("group", tags[2], tags[3], numbers[1], "messages", "HUB-1017", "HUB-1020", "HUB-1014", "HUB-1023"),
        Level("message", tags[4], tags[5], numbers[2], "segments", "HUB-1018", "HUB-1021", "HUB-1015", "HUB-1024"),
    )


LEVELS = {
    "x12": _levels(("ISA", "IEA", "GS", "GE", "ST", "SE"), (13, 6, 2)),
    "edifact": _levels(("UNB", "UNZ", "UNG", "UNE", "UNH", "UNT"), (5, 5, 1)),
}


_MOST = {"GS": 8, "GE": 2, "IEA": 2, "TA1": 5, "UNB": 11, "UNG": 8, "UNE": 2, "UNZ": 2}
"""Elements of the envelope's segments; a message's own are its directory's."""

_CODEC_NAMES = {"utf-8": "UTF-8", "cp1252": "windows-1252"}


def trailer_faults(level: Level, trailer: Segment, count: int, number: str, at: Location) -> list[Finding]:
    """What is wrong with a trailer, where count things lie between it and a header with this control number."""
    found = surplus(trailer, at)
    said, reference = (trailer[place].strip() if place < len(trailer) else "" for place in (1, 2))
    if not _is_number(said, count):
        found.append(
            finding(
                level.miscount,
                f"{level.trailer}01 says {said or 'nothing'}, but {_counted(count, level)} in {level.name} {number}. "
                "Something was lost or added on the way: ask the sender to send it again.",
                location=_element(at, trailer, 1),
                value=said,
                expected=str(count),
            )
        )
    if reference != number and (number or level.name != "message"):  # a message without a number is told of that
        found.append(
            finding(
                level.mismatch,
                f"{level.trailer}02 is {reference!r}, but {level.header}{level.number:02} is {number!r}: header and "
                f"trailer do not belong together. Ask the sender to send the {level.name} again.",
                location=_element(at, trailer, 2),
                value=reference,
                expected=number,
                severity="warn" if _is_numeric(level) and _same_number(reference, number) else None,
            )
        )
    return found


def missing_trailer(level: Level, what: str, at: Location, cut: str | None) -> Finding:
    """cut: the segment inside of which the payload ends."""
    how = f"ends inside its {cut}: it was" if cut == level.trailer else f"has no {level.trailer}: it may have been"
    text = f"{what} {how} cut short. Ask the sender to send it again."
    return finding(level.missing, text, location=at, expected=level.trailer)


def open_end(at: Location) -> Finding:
    text = f"The payload ends behind the text of the segment {at.tag}: its terminator is missing."
    return finding("HUB-1034", text, location=at)


def orphan_trailer(level: Level, at: Location, stray: Finding | None = None) -> Finding:
    """stray: what was noted of the segments right before it, which it then closes."""
    if stray is None:
        text = (
            f"The {level.trailer} at byte {at.offset} closes {_a(level.name)} no {level.header} opened; it was left "
            "out. Ask the sender to send it again."
        )
        return finding("HUB-1028", text, location=at, expected=level.header)
    text = (
        f"No {level.header} opens the {level.name} that ends with the {level.trailer} at byte {at.offset}: it begins "
        f"with {stray.value!r} at byte {stray.location.offset}, and was left out. Ask the sender to send it again."
    )
    return finding("HUB-1028", text, location=stray.location, value=stray.value, expected=level.header)


def number_faults(level: Level, header: Segment, number: str, twice: bool, at: Location) -> list[Finding]:
    """A control number that is missing or was used before."""
    name, place, found = f"{level.header}{level.number:02}", _element(at, header, level.number), surplus(header, at)
    if not number:
        text = f"{name} is empty, so the {level.name} cannot be acknowledged. Ask the sender to correct its envelope."
        own = finding(
            "HUB-1029", text, location=place, value="", severity="reject" if level.name == "message" else None
        )
        return [own, *found]
    if twice:
        text = f"{name} {number} was already used by an earlier {level.name}. Ask the sender to number them apart."
        return [finding(level.twice, text, location=place, value=number), *found]
    return found


def surplus(segment: Segment, at: Location) -> list[Finding]:
    """The first element of an envelope's segment that no standard knows."""
    most = _MOST.get(segment[0], len(segment))
    extra = next((place for place in range(most + 1, len(segment)) if segment[place].strip()), None)
    if extra is None:
        return []
    text = (
        f"{segment[0]} has {len(segment) - 1} elements and may have {most}: {segment[0]}{extra:02} is "
        f"{segment[extra].strip()!r}, which was not read. Ask the sender what it is."
    )
    return [finding("HUB-1059", text, location=_element(at, segment, extra), value=segment[extra], expected=str(most))]


def header_faults(interchange: Interchange, charset: str | None, at: Location) -> list[Finding]:
    """What is wrong with the values of ISA or UNB themselves. charset: the codec an agreement names."""
    header, number = interchange.header, interchange.control_number
    values = [element.strip() for element in header] + [""] * 17
    if interchange.standard == "x12":
        checks = (
            ("HUB-1029", 13, number, number.isascii() and number.isdigit(), "nine digits"),
            ("HUB-1030", 15, values[15], values[15] in ("T", "P", "I"), "T or P"),
        )
    else:
        syntax = values[1].split(interchange.separators.component)[0].upper()
        checks = (
            ("HUB-1033", 1, syntax, syntax in UNOX or charset is not None, "UNOA to UNOL, UNOW or UNOY"),
            ("HUB-1029", 5, number, bool(number), "a control reference"),
        )
    found = [
        finding(
            code,
            f"{header[0]}{element:02} is {value!r}; expected {expected}. Ask the sender to correct its envelope.",
            location=_element(at, header, element),
            value=value,
            expected=expected,
        )
        for code, element, value, right, expected in checks
        if not right
    ]
    return found + surplus(header, at)


def stray_segments(tag: str, count: int, at: Location) -> Finding:
    more = f" (and {count - 1} behind it)" if count > 1 else ""
    text = (
        f"The segment {tag}{more} stands where only envelope segments may stand; it was left out. "
        "Ask the sender what message it belongs to."
    )
    return finding("HUB-1025", text, location=at, value=tag)


def wrong_length(tag: str, at: Location) -> Finding:
    text = (
        f"The length of binary data in {tag} does not lead to its end; it was read up to the next terminator. "
        "Ask the sender for the right length."
    )
    return finding("HUB-1037", text, location=at)


def wrong_charset(declared: str, codec: str, fits: bool, at: Location) -> Finding:
    found = f"are {_CODEC_NAMES.get(codec, codec)}" if fits else "do not fit it"
    text = (
        f"The interchange declares {declared}, but its bytes {found}; it was read as {codec}. "
        "Ask the sender to declare what it sends, or set the charset in the agreement."
    )
    return finding("HUB-1031" if fits else "HUB-1032", text, location=at, value=codec, expected=declared)


def beyond_level(declared: str, character: str, at: Location) -> Finding:
    text = (
        f"The interchange declares {declared}, which does not have {character!r}; it was read all the same. "
        "Ask the sender to declare UNOC or UNOY, or to keep to its level."
    )
    return finding("HUB-1056", text, location=at, value=character, expected=declared)


def torn_text(word: str, at: Location) -> Finding:
    text = (
        f"A blank stands behind the ISA and so ends every segment, but the text holds blanks, too: {word!r} is no "
        "segment, and the messages cannot be told apart from their text. Ask the sender for another terminator."
    )
    return finding("HUB-1011", text, location=at, value=" ")


def not_as_agreed(codec: str, at: Location) -> Finding:
    """Bytes that are not of the charset an agreement names, or the separators prove."""
    text = (
        f"The interchange was read as {codec}, but not all of its bytes fit it; those became U+FFFD. "
        "Ask the sender what it sends, and correct the charset in the agreement."
    )
    return finding("HUB-1032", text, location=at, expected=codec)


def _counted(count: int, level: Level) -> str:
    return f"there is 1 {level.counted[:-1]}" if count == 1 else f"there are {count} {level.counted}"


def _element(at: Location, segment: Segment, element: int) -> Location:
    """The place of an element in a segment whose text is latin-1 or ASCII, so that characters are bytes."""
    offset = at.offset
    if offset is not None and element < len(segment):
        offset += sum(len(part) + 1 for part in segment[:element])
    return Location(
        interchange=at.interchange,
        group=at.group,
        message=at.message,
        segment=at.segment,
        tag=at.tag,
        element=element,
        offset=offset,
    )


def _is_number(text: str, count: int) -> bool:
    return text.isascii() and text.isdigit() and text.lstrip("0") == str(count).lstrip("0")


def _is_numeric(level: Level) -> bool:
    """Whether the control number is a number (ISA13, GS06), whose leading zeros do not count."""
    return level.header in ("ISA", "GS")


def _same_number(one: str, other: str) -> bool:
    return one.isdigit() and other.isdigit() and one.lstrip("0") == other.lstrip("0")


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
