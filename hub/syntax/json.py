"""JSON from partners, read strictly: nothing is guessed, rounded or silently dropped."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from hub.errors import DataError, UnreadableError
from hub.location import Location

_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[\[\]{}]', re.DOTALL)
_MOST_DIGITS = 1000


def read_json(data: bytes, *, max_depth: int = 64) -> object:
    """The value of a JSON text: dict, list, str, int, Decimal (every number with point or exponent), bool, None.

    UnreadableError: not JSON, not UTF-8, a name twice in one object, NaN or Infinity, a lone surrogate, a number of
    more than a thousand digits, nested deeper than max_depth. The location's offset is the byte (RFC 8259, RFC 7493).
    """
    text = _decode(data)
    _check_depth(data, max_depth)
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as error:
        offset = _byte(text, error.pos, data)
        message = f"Byte {offset} is not JSON: {error.msg.lower()}. Ask the sender to send it again."
        raise UnreadableError("HUB-1070", message, location=Location(offset=offset)) from None
    except _NameTwiceError as fault:
        raise _at_name(str(fault), data) from None
    if "\\u" in text and (found := _find_surrogate(value)):
        offset = max(data.lower().find(b"\\u" + found.encode()), 0)
        message = (
            f"The text at byte {offset} holds half a character (\\u{found}); ask the sender to correct its encoding."
        )
        raise UnreadableError("HUB-1074", message, location=Location(offset=offset))
    return value


def write_json(value: object) -> bytes:
    """The same bytes for the same value: UTF-8, names in the order given, no spaces; Decimals as exact numbers.

    DataError: a value JSON cannot hold (NaN, a lone surrogate, a name that is no text).
    """
    out: list[str] = []
    _write(value, out)
    try:
        return "".join(out).encode("utf-8")
    except UnicodeEncodeError:
        raise DataError("HUB-1074", "A text holds half a character and cannot be written as JSON.") from None


def _write(value: object, out: list[str]) -> None:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise DataError("HUB-1072", f"{value} is no JSON number.", value=str(value))
        out.append(f"{value:f}" if -30 < value.adjusted() < 30 else str(value).replace("E+", "E"))
    elif isinstance(value, dict):
        _write_object(value, out)
    elif isinstance(value, (list, tuple)):
        mark = "["
        for item in value:
            out.append(mark)
            _write(item, out)
            mark = ","
        out.append("]" if value else "[]")
    else:
        try:
            out.append(json.dumps(value, ensure_ascii=False, allow_nan=False))
        except ValueError:
            raise DataError("HUB-1072", f"{value!r} is no JSON number.", value=repr(value)) from None
        except TypeError:
            raise DataError("HUB-1070", f"{type(value).__name__} is nothing JSON can hold.") from None


def _write_object(value: dict[object, object], out: list[str]) -> None:
    mark = "{"
    for name, item in value.items():
        if not isinstance(name, str):
            raise DataError("HUB-1070", f"{name!r} is no text, and so no name in a JSON object.")
        out.append(mark + json.dumps(name, ensure_ascii=False) + ":")
        _write(item, out)
        mark = ","
    out.append("}" if value else "{}")


def _decode(data: bytes) -> str:
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"Byte {error.start} is not UTF-8, the encoding of JSON; ask the sender to send UTF-8."
        raise UnreadableError("HUB-1075", message, location=Location(offset=error.start)) from None


def _check_depth(data: bytes, most: int) -> None:
    if data.count(b"[") + data.count(b"{") <= most:
        return
    depth = 0
    for token in _TOKEN.finditer(data):
        mark = token[0][:1]
        depth += (mark in b"[{") - (mark in b"]}")
        if depth > most:
            message = f"The JSON is nested deeper than {most} levels at byte {token.start()}."
            raise UnreadableError("HUB-1073", message, location=Location(offset=token.start()), expected=str(most))


class _NameTwiceError(Exception):
    """A name that occurs twice in one object."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _NameTwiceError(name)
            seen.add(name)
    return found


def _at_name(name: str, data: bytes) -> UnreadableError:
    offset = next(_second_names(data), None)
    message = f"The name {name!r} occurs twice in one object; ask the sender to send each name once."
    return UnreadableError("HUB-1071", message, location=Location(offset=offset), value=name)


def _second_names(data: bytes) -> Iterator[int]:
    """Where in a JSON text names stand that their object already has."""
    objects: list[set[str]] = []
    for token in _TOKEN.finditer(data):
        mark = token[0][:1]
        if mark in b"[{":
            objects.append(set())
        elif mark in b"]}":
            objects.pop()
        elif token[1]:
            name = json.loads(token[0][: token.start(1) - token.start()])
            if name in objects[-1]:
                yield token.start()
            objects[-1].add(name)


def _decimal(digits: str) -> Decimal:
    _check_digits(digits)
    try:
        value = Decimal(digits)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        _refuse_constant(digits)
    if abs(value.adjusted()) > _MOST_DIGITS:
        _refuse_constant(digits)
    return value


def _integer(digits: str) -> int:
    _check_digits(digits)
    return int(digits)


def _check_digits(digits: str) -> None:
    if len(digits) > _MOST_DIGITS:
        _refuse_constant(digits[:20] + "...")


def _refuse_constant(name: str) -> NoReturn:
    raise UnreadableError("HUB-1072", f"{name} is no number a business document can carry.", value=name)


def _find_surrogate(value: object) -> str | None:
    """The hex digits of the first lone surrogate in a value."""
    if isinstance(value, str):
        half = _SURROGATE.search(value)
        return f"{ord(half[0]):04x}" if half else None
    if isinstance(value, dict):
        parts: list[object] = [*value.keys(), *value.values()]
    elif isinstance(value, list):
        parts = value
    else:
        return None
    return next((found for part in parts if (found := _find_surrogate(part))), None)


def _byte(text: str, position: int, data: bytes) -> int:
    return len(text[:position].encode("utf-8")) + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
