"""What one value may be: text, numbers, dates, times, lengths. Each check gives a fault or None, never an exception."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from hub.schema.model import ElementDef

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DIGIT = re.compile(r"[0-9]")
_WHOLE = re.compile(r"-?[0-9]+")
_X12_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E-?[0-9]+)?")
_EDIFACT_NUMBER = re.compile(r"-?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)")
_UNCOUNTED = str.maketrans("", "", "-.,E")

EDIFACT_MOMENTS = {
    "2": "dmy", "3": "mdy", "4": "dmY", "5": "dmYHM",
    "101": "ymd", "102": "Ymd", "103": "ywu", "105": "yj", "106": "md", "107": "j", "108": "w", "109": "m", "110": "d",
    "201": "ymdHM", "202": "ymdHMS", "203": "YmdHM", "204": "YmdHMS",
    "301": "ymdHMz", "302": "ymdHMSz", "303": "YmdHMz", "304": "YmdHMSz",
    "401": "HM", "402": "HMS", "501": "HM-HM", "502": "HMS-HMS",
    "602": "Y", "609": "ym", "610": "Ym", "615": "yw", "616": "Yw",
    "711": "Ymd-Ymd", "713": "ymdHM-ymdHM", "715": "yw-yw", "716": "Yw-Yw", "717": "ymd-ymd", "718": "Ymd-Ymd",
    "719": "YmdHM-YmdHM",
}  # fmt: skip
"""Element 2379: how a value of 2380 is written. Y is a year of four digits, y of two, j a day of the year, w a week."""

X12_MOMENTS = {"D8": "Ymd", "D6": "ymd", "RD8": "Ymd-Ymd", "RD6": "ymd-ymd", "DT": "YmdHM", "TM": "HM", "TS": "HMS"}
"""Element 1250: how a value of 1251 is written."""

_PARTS = {
    "Y": r"([0-9]{4})", "y": r"([0-9]{2})", "m": r"([0-9]{2})", "d": r"([0-9]{2})", "j": r"([0-9]{3})",
    "w": r"([0-9]{2})", "u": r"([0-9])", "H": r"([0-9]{2})", "M": r"([0-9]{2})", "S": r"([0-9]{2})", "z": r"(.{1,5})",
    "-": r"-?()",
}  # fmt: skip
_WORDS = {
    "Y": "CCYY", "y": "YY", "m": "MM", "d": "DD", "j": "DDD", "w": "WW", "u": "D", "H": "HH", "M": "MM", "S": "SS",
    "z": "ZZZ", "-": "-",
}  # fmt: skip


class Fault(NamedTuple):
    """What is wrong with a value: the catalogue's code, what was expected, and the predicate of a sentence."""

    code: str
    expected: str
    words: str


@cache
def _moment(form: str) -> re.Pattern[str]:
    return re.compile("".join(_PARTS[letter] for letter in form))


def is_moment(form: str, value: str) -> bool:
    """Whether the value is a date, a time or a period that exists, written as the form says ("Ymd", "YmdHM-YmdHM")."""
    match = _moment(form).fullmatch(value)
    if match is None:
        return False
    parts: dict[str, int] = {}
    for letter, text in zip(form + "-", (*match.groups(), ""), strict=True):
        if letter == "-":
            if not _exists(parts):
                return False
            parts = {}
        elif letter != "z":
            parts[letter] = int(text)
    return True


def _exists(parts: dict[str, int]) -> bool:
    """Whether year, month, day, week, hour.. can be together. A year of two digits is taken as 2000 to 2099."""
    year = parts.get("Y", 2000 + parts.get("y", 0))
    limits = {"m": (1, 12), "d": (1, 31), "j": (1, 366), "w": (1, 53), "u": (1, 7), "M": (0, 59), "S": (0, 59)}
    if any(not low <= parts[letter] <= high for letter, (low, high) in limits.items() if letter in parts):
        return False
    if parts.get("H", 0) > 23 and not (parts["H"] == 24 and not parts.get("M") and not parts.get("S")):
        return False
    if "m" in parts and "d" in parts:
        try:
            date(year or 2000, parts["m"], parts["d"])
        except ValueError:
            return False
    return True


def words_of(form: str) -> str:
    """A form as the standards write it: "YmdHM" is CCYYMMDDHHMM."""
    return "".join(_WORDS[letter] for letter in form)


def fault(element: ElementDef, value: str, *, x12: bool, old_dates: bool = False) -> Fault | None:
    """What is wrong with the value of a simple element, codes aside; kind before length.

    old_dates: the release is not the directory's own, so an X12 date may have six or eight digits.
    """
    kind = element.type
    if kind in ("AN", "ID", "an", "a", ""):
        wrong, length = _text(element, value), len(value)
    elif kind == "DT":
        return _date(element, value, old_dates)
    elif kind == "TM":
        return _time(element, value)
    elif kind == "B":
        return None
    else:
        wrong, length = _number(kind, value, x12), counted_length(value, numeric=True)
    if wrong is not None:
        return wrong
    if length > element.max:
        return Fault("HUB-2025", limits(element), f"is {length} long and at most {element.max} is allowed: shorten it")
    if length < element.min:
        return Fault("HUB-2024", limits(element), f"is {length} long and at least {element.min} is wanted")
    return None


def counted_length(value: str, *, numeric: bool) -> int:
    """How long a value is: sign, decimal mark and exponent of a number do not count."""
    return len(value.translate(_UNCOUNTED)) if numeric else len(value)


def limits(element: ElementDef) -> str:
    """The element's type and length: "AN 1..22", "an..35"."""
    if element.type in ("a", "n", "an"):
        return f"{element.type}{element.max}" if element.min == element.max else f"{element.type}..{element.max}"
    return f"{element.type} {element.min}..{element.max}"


def _text(element: ElementDef, value: str) -> Fault | None:
    if CONTROL.search(value):
        what = "line break" if "\n" in value or "\r" in value else "control character"
        return Fault("HUB-2026", "printable characters", f"has a {what} in it: remove it")
    if element.type == "a" and _DIGIT.search(value):
        return Fault("HUB-2026", limits(element), "has a digit where only letters are allowed")
    return None


def _date(element: ElementDef, value: str, old_dates: bool) -> Fault | None:
    sizes = {6, 8} if old_dates else set(range(element.min, element.max + 1))
    form = {6: "ymd", 8: "Ymd"}.get(len(value))
    if form is None or len(value) not in sizes or not is_moment(form, value):
        expected = "YYMMDD" if element.max == 6 else "CCYYMMDD"
        meant = re.sub("[-/. ]", "", value)
        if element.max == 8 and len(value) > 8 and is_moment("Ymd", meant):
            expected, meant = meant, f"is not a date of the form CCYYMMDD: send {meant}"
        else:
            meant = f"is not a date: send {expected}, a day of the calendar"
        return Fault("HUB-2028", expected, meant)
    return None


def _time(element: ElementDef, value: str) -> Fault | None:
    size = len(value)
    plain = element.min <= size <= element.max and size != 5 and value.isascii() and value.isdigit()
    if not plain or value[:2] > "23" or not is_moment("HMS" if size >= 6 else "HM", value[:6]):
        return Fault("HUB-2029", "HHMM or HHMMSS", "is not a time: send HHMM or HHMMSS, 00 to 23 hours")
    return None


def _number(kind: str, value: str, x12: bool) -> Fault | None:
    if kind == "R":
        pattern, expected = _X12_DECIMAL, "a decimal number"
    elif x12:
        places = int(kind[1:] or 0)
        pattern = _WHOLE
        expected = f"a whole number with {places} implied decimals" if places else "a whole number"
    else:
        pattern, expected = _EDIFACT_NUMBER, "a number"
    if pattern.fullmatch(value) is None:
        example, meant = "digits only", as_decimal(value) if kind[1:] > "0" else None
        if meant is not None and (whole := meant.scaleb(int(kind[1:])).normalize()) == whole.to_integral_value():
            example = f"{whole:f} for {value}"
        return Fault("HUB-2030", expected, f"is not {expected}: send {example}, with a minus sign in front if negative")
    return None


def as_decimal(text: str, decimals: int = 0) -> Decimal | None:
    """The number a text is, with point or comma, and with so many implied decimals; None: it is none."""
    text = text.replace(",", ".")
    if not re.fullmatch(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})", text):
        return None
    return Decimal(text).scaleb(-decimals)
