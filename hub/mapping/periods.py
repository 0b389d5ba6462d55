"""Periods as first and last day: EDIFACT 2380 in formats of 2379 that mean more than a day, X12 1251 in those of 1250.

A format says a period either whole (a year, a month, a quarter, a week of ISO 8601) or as two moments, which messages
write with and without a hyphen between them.
"""

import re
from calendar import monthrange
from datetime import date, timedelta

from hub.canonical import Moment
from hub.mapping.refused import Refused

_WHOLE = {"602": "Y", "608": "YQ", "609": "yM", "610": "YM", "615": "yW", "616": "YW"}
_FROM_TO = {
    "702": "Y", "707": "yQ", "708": "YQ", "709": "yM", "710": "YM", "711": "YMD", "713": "yMDt", "715": "yW",
    "716": "YW", "717": "yMD", "718": "YMD", "719": "YMDt",
}  # fmt: skip
_PARTS = {"Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d\d)", "Q": r"(?P<Q>[1-4])", "W": r"(?P<W>\d\d)", "M": r"(?P<M>\d\d)",
          "D": r"(?P<D>\d\d)", "t": r"(?P<t>\d{4})"}  # fmt: skip
_WIDTHS = {"Y": 4, "y": 2, "Q": 1, "W": 2, "M": 2, "D": 2, "t": 4}

FORMATS = frozenset([*_WHOLE, *_FROM_TO])
"""The formats of 2379 read here."""

X12_FORMATS = {
    "CY": "Y", "CQ": "YQ", "CM": "YM", "D6": "yMD", "D8": "YMD", "DT": "YMDt", "RD4": "Y-", "RD5": "YM-", "RD6": "yMD-",
    "RD8": "YMD-", "RDT": "YMDt-",
}  # fmt: skip
"""The formats of 1250 read here, and their shapes; a hyphen: from one to another."""


def read_period(value: str, form: str) -> Moment:
    """A period as its first day (and time) until its last. Refused: the value is none of that format."""
    try:
        if form in _WHOLE:
            return _whole(value, _WHOLE[form])
        return _from_to(value, _FROM_TO[form])
    except (ValueError, OverflowError):
        raise Refused("HUB-3203", f'"{value}" is not a period in format {form}', f"format {form}") from None


def read_x12(value: str, form: str) -> Moment:
    """1251 in a format of 1250. Refused: the value is none of that format, or the hub does not read the format."""
    shape = X12_FORMATS.get(form)
    if shape is None:
        message = f'the format "{form}" of "{value}" is not one this hub reads'
        raise Refused("HUB-3203", message, f"1250: {' '.join(X12_FORMATS)}")
    try:
        return _from_to(value, shape[:-1]) if shape.endswith("-") else _whole(value, shape)
    except (ValueError, OverflowError):
        raise Refused("HUB-3203", f'"{value}" is not a date or period in format {form}', f"format {form}") from None


def write_x12(value: Moment) -> tuple[str, str]:
    """1250 and 1251 of a period: RD8, or RDT where both ends have a time."""
    days, form = _ends(value, "X12", ("RD8", "RDT"))
    return form, "-".join(days)


def write_period(value: Moment) -> tuple[str, str]:
    """2380 and 2379: 718, or 719 where both ends have a time."""
    days, form = _ends(value, "EDIFACT", ("718", "719"))
    return "".join(days), form


def _ends(value: Moment, standard: str, forms: tuple[str, str]) -> tuple[tuple[str, str], str]:
    """Begin and end of a period in digits, and their format: the first of forms for days, the second for minutes."""
    end = value.until
    assert end is not None  # noqa: S101 - the caller saw it
    if value.zone is not None or end.zone is not None:
        raise Refused("HUB-3220", f"{standard} has no period with a zone, and {value.date} to {end.date} has one")
    days = value.date.replace("-", ""), end.date.replace("-", "")
    times = (value.time or "").replace(":", ""), (end.time or "").replace(":", "")
    if not any(times):
        return days, forms[0]
    if any(len(time) != 4 for time in times):
        raise Refused("HUB-3220", f"the period {value.date} {value.time} to {end.date} {end.time} is not in minutes")
    return (days[0] + times[0], days[1] + times[1]), forms[1]


def _from_to(value: str, shape: str) -> Moment:
    width = sum(_WIDTHS[part] for part in shape)
    match = re.fullmatch(rf"(\d{{{width}}})-?(\d{{{width}}})", value)
    if match is None:
        raise ValueError
    first, last = (_whole(text, shape) for text in match.groups())
    end = last.until or last
    if (end.date, end.time or "") < (first.date, first.time or ""):
        raise ValueError
    return Moment(date=first.date, time=first.time, until=end)


def _whole(value: str, shape: str) -> Moment:
    """One year, quarter, month or week as a period; one day or minute as a moment."""
    match = re.fullmatch("".join(_PARTS[part] for part in shape), value, re.ASCII)
    if match is None:
        raise ValueError
    said = match.groupdict()
    year = int(said["Y"]) if "Y" in said else _century(said["y"])
    if "W" in said:
        first = date.fromisocalendar(year, int(said["W"]), 1)
        return Moment(date=str(first), until=Moment(date=str(first + timedelta(days=6))))
    start, months = (3 * int(said["Q"]) - 2, 3) if "Q" in said else (int(said["M"]), 1) if "M" in said else (1, 12)
    if "D" in said:
        time = said.get("t")
        if time and not ("0000" <= time <= "2359" and time[2:] < "60"):
            raise ValueError
        return Moment(date=str(date(year, start, int(said["D"]))), time=f"{time[:2]}:{time[2:]}" if time else None)
    end = start + months - 1
    last = date(year, end, monthrange(year, end)[1]) if 1 <= end <= 12 else date(year, end, 1)
    return Moment(date=str(date(year, start, 1)), until=Moment(date=str(last)))


def _century(digits: str) -> int:
    return int(("19" if digits >= "70" else "20") + digits)
