"""Text of a message <-> typed values: what the codecs of generated readers and writers call.

Readers get text that is not empty (composed ones may get empty parts) and raise Refused for what they cannot read;
writers raise Refused for what the place cannot hold. Nothing is ever rounded or cut.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from hub.canonical import Moment
from hub.mapping.known import DAYS, DTMS, NUMBERS, know
from hub.mapping.periods import FORMATS, read_period, read_x12, write_period, write_x12
from hub.mapping.refused import Refused as Refused

_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)(?:([0-5]\d)(\d{0,9}))?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:E[+-]?\d{1,2})?")
_PHONE = re.compile(r"\+(\d+) (\d+) ([^ ]+)(?: x(\d+))?")
_SEPARATED = re.compile(r"[-: ]")
_LONGEST = 100
"""Characters of a number or a moment; no standard's is longer."""

X12_ZONES = {
    "UT": "UTC", "GM": "GMT", "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles", "AT": "America/Anchorage", "HT": "Pacific/Honolulu", "TT": "America/Halifax",
    "NT": "America/St_Johns", "AD": "-08:00", "AS": "-09:00",
    "CD": "-05:00", "CS": "-06:00", "ED": "-04:00", "ES": "-05:00", "HD": "-09:00", "HS": "-10:00", "MD": "-06:00",
    "MS": "-07:00", "ND": "-02:30", "NS": "-03:30", "PD": "-07:00", "PS": "-08:00", "TD": "-03:00", "TS": "-04:00",
    **{f"{n:02}": f"+{n:02}:00" for n in range(1, 13)}, **{f"{25 - n}": f"-{n:02}:00" for n in range(1, 13)},
}  # fmt: skip
"""X12 element 623. The codes with a daylight rule are places, the fixed ones offsets. LT, local time, is no zone."""

_ZONE_CODES = {zone: code for code, zone in reversed(X12_ZONES.items())}


_remembered = lru_cache(maxsize=4096)
"""The numbers and dates of messages repeat. Only what is short is read at all, so that this stays small."""


@_remembered
def day(text: str) -> str:
    """CCYYMMDD or YYMMDD (70..99 are 19xx) as CCYY-MM-DD."""
    digits = text
    if len(digits) == 6:
        digits = ("19" if digits >= "70" else "20") + digits
    try:
        if len(digits) != 8 or not digits.isdigit():
            raise ValueError
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Refused("HUB-3203", f'"{text}" is not a date', "CCYYMMDD or YYMMDD") from None
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def clock(text: str) -> str:
    """HHMM, HHMMSS or HHMMSSd.. as HH:MM or HH:MM:SS.d"""
    match = _TIME.fullmatch(text)
    if not match:
        raise Refused("HUB-3203", f'"{text}" is not a time of day', "HHMM or HHMMSS")
    hours, minutes, seconds, fraction = match.groups()
    return f"{hours}:{minutes}" + (f":{seconds}" if seconds else "") + (f".{fraction}" if fraction else "")


def day_alone(text: str) -> Moment:
    """CCYYMMDD or YYMMDD as a moment."""
    value = Moment(date=day(text))
    return know(DAYS, text, value) if len(text) == 8 else value


@_remembered
def moment(on: str, at: str = "", zone: str = "") -> Moment:
    """X12 date, time and time code (element 623)."""
    if not on:
        raise Refused("HUB-3203", "there is a time and no date", "CCYYMMDD")
    if not at:
        if zone:
            raise Refused("HUB-3203", f'there is a time code "{zone}" and no time', "HHMM before it")
        return day_alone(on)
    if zone in ("", "LT"):
        return Moment(date=day(on), time=clock(at))
    return Moment(date=day(on), time=clock(at), zone=read_zone(zone))


def write_day(value: Moment) -> str:
    """A date alone; the time of a moment has no place here, and that is said."""
    _no_end(value, _digits(value.date, 8))
    if value.time is not None:
        message = f"{value.date} {value.time} has a time and this place holds a date only, so the time is left out"
        raise Refused("HUB-3228", message, written=_digits(value.date, 8))
    return _digits(value.date, 8)


def _no_end(value: Moment, written: str | tuple[str, ...]) -> None:
    """A period in a place of one moment: its begin is written, and that is said."""
    if value.until is not None:
        message = f"{value.date} to {value.until.date} is a period and this place holds its begin only"
        raise Refused("HUB-3228", message, written=written)


def write_date(value: Moment) -> str:
    """The date of a moment whose time stands somewhere else."""
    return _digits(value.date, 8)


@_remembered
def _digits(text: str, length: int) -> str:
    digits = text.replace("-", "")
    if len(digits) != length or not digits.isdigit():
        raise Refused("HUB-3203", f'"{text}" is not a date', "CCYY-MM-DD")
    return digits


def _clock_digits(text: str) -> str:
    digits = text.replace(":", "").replace(".", "")
    if not _TIME.fullmatch(digits):
        raise Refused("HUB-3203", f'"{text}" is not a time', "HH:MM or HH:MM:SS")
    return digits


def write_clock(value: str) -> str:
    return _clock_digits(value)


def write_moment(value: Moment) -> tuple[str, str, str]:
    """Date, time and time code."""
    zone = ""
    if value.zone is not None:
        if value.zone not in _ZONE_CODES:
            raise Refused("HUB-3220", f'there is no X12 time code for the zone "{value.zone}"')
        zone = _ZONE_CODES[value.zone]
    written = _digits(value.date, 8), _clock_digits(value.time) if value.time else "", zone
    _no_end(value, written)
    return written


def x12_period(on: str, at: str, zone: str, form: str, text: str) -> Moment:
    """X12 date, time and time code, or what stands behind them in a format of its own (elements 1250 and 1251)."""
    return moment(on, at, zone) if on or not text else read_x12(text, form)


def write_x12_period(value: Moment) -> tuple[str, str, str, str, str]:
    """A moment as date, time and time code; a period as format and text."""
    if value.until is None:
        return *write_moment(value), "", ""
    return "", "", "", *write_x12(value)


_DTM_WIDTHS = {"101": (6, 0), "102": (8, 0), "201": (6, 4), "202": (6, 6), "203": (8, 4), "204": (8, 6)}
_WHOLE = {"102": 8, "203": 12}
"""Formats whose texts of that length are written as they were read."""
_DTM_ZONED = {"205": (8, 4), "303": (8, 4), "304": (8, 6)}


def dtm(value: str, form: str = "") -> Moment:
    """EDIFACT 2380 in the format 2379. Without a format the length decides (8, 12, 14 digits, or 6)."""
    found = _dtm(value, form)
    return know(DTMS, (value, form), found) if len(value) == _WHOLE.get(form) else found


@_remembered
def _dtm(value: str, form: str) -> Moment:
    if len(value) > _LONGEST:
        raise Refused("HUB-3203", f'"{value}" is not a date in format {form}', f"format {form}")
    if form in FORMATS:
        return read_period(value, form)
    digits = value
    if not form:
        digits = _SEPARATED.sub("", value)
        form = {6: "101", 8: "102", 12: "203", 14: "204"}.get(len(digits), "")
    if form in ("2", "3"):
        digits = value if form == "3" else value[4:6] + value[2:4] + value[0:2]
        form = "101"
    if form in _DTM_WIDTHS:
        days, times = _DTM_WIDTHS[form]
        digits = digits if len(digits) == days + times else _SEPARATED.sub("", value)
        if len(digits) == days + times and digits.isdigit():
            return Moment(date=day(digits[:days]), time=clock(digits[days:]) if times else None)
    elif form in _DTM_ZONED:
        days, times = _DTM_ZONED[form]
        if len(value) > days + times:
            zone = value[days + times :]
            return Moment(date=day(value[:days]), time=clock(value[days : days + times]), zone=_read_zone(zone))
        if len(value) == days + times:
            return Moment(date=day(value[:days]), time=clock(value[days:]))
    else:
        raise Refused(
            "HUB-3203", f'the date format "{form}" of {value!r} is not one this hub reads',
            f"2379: 2 3 101 102 201 202 203 204 205 303 304 {' '.join(sorted(FORMATS))}",
        )  # fmt: skip
    raise Refused("HUB-3203", f'"{value}" is not a date in format {form}', f"format {form}")


def _read_zone(zone: str) -> str:
    if re.fullmatch(r"[+-]\d\d(\d\d)?", zone):
        return f"{zone[:3]}:{zone[3:] or '00'}"
    return zone


def write_dtm(value: Moment) -> tuple[str, str]:
    """2380 and 2379: 102, 203, 204, or 303 and 304 where the moment has a zone; 718 and 719 for a period."""
    if value.until is not None:
        return write_period(value)
    on = _digits(value.date, 8)
    if value.time is None:
        if value.zone is not None:
            raise Refused("HUB-3220", f"the date {value.date} has a zone {value.zone} and no time")
        return on, "102"
    at = _clock_digits(value.time)
    if len(at) > 6:
        raise Refused("HUB-3220", f"the time {value.time} is finer than a second")
    if value.zone is None:
        return on + at, "203" if len(at) == 4 else "204"
    zone = value.zone
    if re.fullmatch(r"[+-]\d\d:\d\d", zone):
        return on + at + zone.replace(":", ""), "205" if len(at) == 4 else "304"
    if len(zone) > 3 or not zone.isprintable():
        raise Refused("HUB-3220", f'EDIFACT has three characters for a zone, and "{zone}" is longer')
    return on + at + zone, "303" if len(at) == 4 else "304"


@_remembered
def decimal(text: str) -> Decimal:
    """A number with a point or a comma."""
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        raise Refused("HUB-3204", f'"{text}" is not a number', "digits with at most one decimal mark")
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Refused("HUB-3204", f'"{text}" is not a number', "digits with at most one decimal mark") from None


def is_spelled(text: str) -> bool:
    """Whether the number of a text is written as that text."""
    value = decimal(text)
    if str(value) != text:
        return False
    know(NUMBERS, text, value)
    return True


def write_decimal(value: Decimal) -> str:
    text = str(value)
    if text.replace(".", "", 1).isdigit():
        return text
    if not value.is_finite():
        raise Refused("HUB-3204", f"{value} is not a number a message can hold")
    return format(value, "f")


def write_comma(value: Decimal) -> str:
    return write_decimal(value).replace(".", ",")


def trailing(text: str) -> Decimal:
    """A number whose minus sign, if any, stands behind it, as SAP writes them."""
    return decimal(f"-{text[:-1]}" if text.endswith("-") else text)


def write_trailing(value: Decimal) -> str:
    return f"{write_decimal(-value)}-" if value < 0 else write_decimal(value)


def phone(country: str, area: str = "", number: str = "", extension: str = "") -> str:
    """One text of the parts of a telephone number: "+49 761 1234567 x12"."""
    parts = [f"+{country}" if country else "", area, number, f"x{extension}" if extension else ""]
    return " ".join(part for part in parts if part)


def write_phone(value: str) -> tuple[str, str, str, str]:
    """The parts of such a text; of another one all of it is the number."""
    match = _PHONE.fullmatch(value)
    return (match[1], match[2], match[3], match[4] or "") if match else ("", "", value, "")


def implied(text: str, places: int) -> Decimal:
    """X12 Nn: a whole number whose last `places` digits are decimals."""
    if not re.fullmatch(r"-?\d+", text):
        raise Refused("HUB-3204", f'"{text}" is not a whole number with {places} implied decimals', "digits, no point")
    return Decimal(text).scaleb(-places)


def write_implied(value: Decimal, places: int) -> str:
    if not value.is_finite():
        raise Refused("HUB-3204", f"{value} is not a number a message can hold")
    scaled = value.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise Refused("HUB-3225", f"{value} has more than {places} decimals")
    return format(scaled.to_integral_value(), "f")


def whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", text):
        raise Refused("HUB-3204", f'"{text}" is not a whole number', "digits")
    return int(text)


def read_zone(text: str) -> str:
    """X12 element 623 as a zone."""
    if text not in X12_ZONES:
        raise Refused("HUB-3203", f'"{text}" is not a time code this hub knows', "a code of X12 element 623")
    return X12_ZONES[text]


def write_zone(zone: str) -> str:
    if zone not in _ZONE_CODES:
        raise Refused("HUB-3220", f'there is no X12 time code for the zone "{zone}"')
    return _ZONE_CODES[zone]


_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?")


def iso(text: str) -> Moment:
    """ISO 8601: 2026-01-22, 2026-01-22T14:30:05Z, 2026-01-22T14:30:05.123+01:00."""
    match = _ISO.fullmatch(text)
    if not match:
        what = f'"{text}" is not a moment: write 2026-11-22 or 2026-11-22T14:30:00Z'
        raise Refused("HUB-3203", what, "CCYY-MM-DDThh:mm:ss with a zone, or a date")
    on, at, zone = match.groups()
    day(on.replace("-", ""))
    if zone and zone != "Z" and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return Moment(date=on, time=at, zone="UTC" if zone == "Z" else zone)


def write_iso(value: Moment) -> str:
    _no_end(value, "" if value.until is None else write_iso(msgspec.structs.replace(value, until=None)))
    if value.time is None:
        return value.date
    if value.zone is not None and value.zone != "UTC" and not re.fullmatch(r"[+-]\d\d:\d\d", value.zone):
        raise Refused("HUB-3220", f'ISO 8601 has no way to write the zone "{value.zone}"')
    return f"{value.date}T{value.time}" + ("Z" if value.zone == "UTC" else value.zone or "")


def iso_full(text: str) -> Moment:
    """xsd:dateTime, which has no way to say a date alone: midnight without a zone is one."""
    found = iso(text)
    return Moment(date=found.date) if found.time == "00:00:00" and found.zone is None else found


def write_iso_full(value: Moment) -> str:
    _no_end(value, "" if value.until is None else write_iso_full(msgspec.structs.replace(value, until=None)))
    if value.time is None:
        return f"{value.date}T00:00:00"
    if value.time.count(":") == 1:
        value = Moment(date=value.date, time=f"{value.time}:00", zone=value.zone)
    return write_iso(value)


_ISO_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d|T.*)?")


def iso_day(text: str) -> Moment:
    """xsd:date: a date alone stays a date, whatever zone stands behind it."""
    match = _ISO_DAY.fullmatch(text)
    if not match:
        raise Refused("HUB-3203", f'"{text}" is not a date', "CCYY-MM-DD")
    day(match[1].replace("-", ""))
    return Moment(date=match[1])


def write_iso_day(value: Moment) -> str:
    _no_end(value, value.date)
    if value.time is not None:
        message = f"{value.date} {value.time} has a time and this place holds a date only, so the time is left out"
        raise Refused("HUB-3228", message, written=value.date)
    return value.date


def iso_parts(on: str, at: str = "") -> Moment:
    """xsd:date and xsd:time in two places. A full minute is a time without seconds, as other standards say it."""
    if not on:
        raise Refused("HUB-3203", "there is a time and no date", "CCYY-MM-DD")
    only_day = iso_day(on)
    if not at:
        return only_day
    found = iso(f"{only_day.date}T{at}")
    short = (found.time or "").removesuffix(":00") if (found.time or "").count(":") == 2 else found.time
    return Moment(date=found.date, time=short, zone=found.zone)


def write_iso_parts(value: Moment) -> tuple[str, str]:
    _no_end(value, ("", "") if value.until is None else write_iso_parts(msgspec.structs.replace(value, until=None)))
    if value.time is not None and value.time.count(":") == 1:
        value = Moment(date=value.date, time=f"{value.time}:00", zone=value.zone)
    on, _, at = write_iso(value).partition("T")
    return on, at


def gtin(text: str) -> str:
    """GS1 General Specifications: a GTIN-8, -12 or -13 in 14 digits."""
    return text.rjust(14, "0") if text.isdecimal() and len(text) in (8, 12, 13) else text


def lines_of(text: str) -> list[str]:
    """The lines of a text, without blanks around them and without empty ones."""
    return [line for part in text.splitlines() if (line := part.strip())]


def foreign(value: str, label: str) -> str:
    """The code inside of "x12:REF01/XY", if it is of this very place."""
    if not value.startswith(label) or len(value) == len(label) or not value.isprintable():
        raise Refused("HUB-3220", f'"{value}" has no code here', f"a word of the table, or {label}..")
    return value[len(label) :]


def fit(parts: tuple[str, ...], width: int) -> tuple[str, ...]:
    """The first parts, if the others are empty."""
    if any(parts[width:]):
        raise Refused("HUB-3220", f"{'/'.join(part for part in parts if part)} is more than this place holds")
    return parts[:width]


def halves(text: str, longest: int) -> tuple[str, str]:
    """A text in two parts of at most that many characters."""
    if len(text) > 2 * longest:
        raise Refused("HUB-3221", f'"{text}" has {len(text)} characters and this place holds {2 * longest}')
    return text[:longest], text[longest:]


def among(text: str, wanted: tuple[str, ...], negated: bool) -> str:
    """The text, if the test on its place lets it through."""
    if wanted and (text in wanted) is negated:
        raise Refused(
            "HUB-3220", f'the code "{text}" does not belong here', ("not " if negated else "") + " ".join(wanted)
        )
    return text


Group = tuple[tuple[str, ...], tuple[str, ...]]
"""The elements of one group of slots, and those of its segment that all groups of it share."""


def shared_runs(
    groups: Sequence[Group], most: int, arranged: list[list[tuple[int, Group]]] | None
) -> list[list[tuple[int, Group]]]:
    """Groups over segments: as arranged, if all of a segment share what they must; else neighbours that do, packed."""
    if arranged is not None and all(piece and len({shared for _, (_, shared) in piece}) == 1 for piece in arranged):
        return arranged
    out: list[list[tuple[int, Group]]] = []
    for group in groups:
        if not out or len(out[-1]) == most or out[-1][-1][1][1] != group[1]:
            out.append([])
        out[-1].append((len(out[-1]), group))
    return out


def shared_places(groups: Sequence[Group], most: int) -> list[list[int]]:
    """Where groups stand that are packed so: [segment, group in it]."""
    runs = shared_runs(groups, most, None)
    return [[number, slot] for number, run in enumerate(runs) for slot, _ in run]
