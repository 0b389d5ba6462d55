"""What one value may be: text, numbers, dates, times, lengths. Each check gives a fault or None, never an exception."""

import re

from hub.record import Record
from hub.schema.model import ElementDef
from hub.syntax.declared import is_day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

_EXPONENT = "-?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)E-?[0-9]+"
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

_DIGITS = {"Y": 4, "y": 2, "m": 2, "d": 2, "j": 3, "w": 2, "u": 1, "H": 2, "M": 2, "S": 2}
_LONGEST_ZONE = 5
_WORDS = {
    "Y": "CCYY", "y": "YY", "m": "MM", "d": "DD", "j": "DDD", "w": "WW", "u": "D", "H": "HH", "M": "MM", "S": "SS",
    "z": "ZZZ", "-": "-",
}  # fmt: skip


class Fault(Record):
    """What is wrong with a value: the catalogue's code, what was expected, and the predicate of a sentence."""

    code: str
    expected: str
    words: str


def is_moment(form: str, value: str) -> bool:
    """Whether the value is a date, a time or a period that exists, written as the form says ("Ymd", "YmdHM-YmdHM")."""
    parts: dict[str, int] = {}
    at = 0
    for letter in form:
        if letter == "-":
            if not _exists(parts):
                return False
            parts, at = {}, at + (value[at : at + 1] == "-")
        elif letter == "z":  # which stands at the end
            rest = value[at:]
            return 0 < len(rest) <= _LONGEST_ZONE and "\n" not in rest and _exists(parts)
        else:
            text = value[at : at + _DIGITS[letter]]
            if len(text) < _DIGITS[letter] or not _is_whole(text):
                return False
            parts[letter], at = int(text), at + len(text)
    return at == len(value) and _exists(parts)


def _exists(parts: dict[str, int]) -> bool:
    """Whether year, month, day, week, hour.. can be together. A year of two digits is taken as 2000 to 2099."""
    year = parts.get("Y", 2000 + parts.get("y", 0))
    limits = {"m": (1, 12), "d": (1, 31), "j": (1, 366), "w": (1, 53), "u": (1, 7), "M": (0, 59), "S": (0, 59)}
    if any(not low <= parts[letter] <= high for letter, (low, high) in limits.items() if letter in parts):
        return False
    if parts.get("H", 0) > 23 and not (parts["H"] == 24 and not parts.get("M") and not parts.get("S")):
        return False
    return "m" not in parts or "d" not in parts or is_day(year or 2000, parts["m"], parts["d"])


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
    if not value.isprintable() and re.search(r"[\x00-\x1f\x7f]", value):
        what = "line break" if "\n" in value or "\r" in value else "control character"
        return Fault("HUB-2026", "printable characters", f"has a {what} in it: remove it")
    if element.type == "a" and re.search("[0-9]", value):
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
    digits = value.removeprefix("-")
    if kind == "R":
        right = _is_whole(digits.replace(".", "", 1)) or re.fullmatch(_EXPONENT, value) is not None
        expected = "a decimal number"
    elif x12:
        places = int(kind[1:] or 0)
        right = _is_whole(digits)
        expected = f"a whole number with {places} implied decimals" if places else "a whole number"
    else:
        right, expected = _is_whole(digits.replace(",", ".").replace(".", "", 1)), "a number"
    if not right:
        example, meant = "digits only", as_decimal(value) if kind[1:] > "0" else None
        if meant is not None and (whole := meant.scaleb(int(kind[1:])).normalize()) == whole.to_integral_value():
            example = f"{whole:f} for {value}"
        return Fault("HUB-2030", expected, f"is not {expected}: send {example}, with a minus sign in front if negative")
    return None


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit()


def as_decimal(text: str, decimals: int = 0) -> "Decimal | None":
    """The number a text is, with point or comma, and with so many implied decimals; None: it is none."""
    text = text.replace(",", ".")
    if not re.fullmatch(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})", text):
        return None
    from decimal import Decimal  # which few messages need, and takes 2 ms to load

    return Decimal(text).scaleb(-decimals)
