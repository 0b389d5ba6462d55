"""The ISA: 106 bytes whose fixed places name the separators, and what senders make of it."""

import re
from itertools import pairwise

from hub.errors import Finding, UnreadableError, finding
from hub.location import Location
from hub.syntax.dialect import dialect
from hub.syntax.header import Header, is_wrapped, unreadable, with_line, wrapped_finding
from hub.syntax.model import Separators

ISA_LENGTH = 106
REPETITION_SINCE = "00402"
"""The first ISA12 whose ISA11 is the repetition separator (before, it is 'U')."""

_SEPARATORS_AT = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_LONGEST_ELEMENT = 48
_ANOTHER_SEGMENT = rb"[^A-Za-z0-9 ]\s*(?:GS|TA1|IEA|ST)\Z"
_ENDED = rb"[A-Z0-9][!-/:-@\[-`{-~]\Z"
"""A line of text that ends in a mark: where only the ISA ends without, that mark is the terminator."""

_CHARACTER = rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"


def read_isa(head: bytes, start: int, index: int) -> Header:
    """The header of an X12 interchange whose ISA begins head. UnreadableError: it is cut short or not to be split."""
    at = Location(interchange=index, segment=1, tag="ISA", offset=start)
    findings: list[Finding] = []
    element = head[3:4]
    flat = head.translate(None, b"\r\n")
    fixed = True
    if _is_fixed(head):
        elements, before = _fixed_elements(head), 104
    elif _is_fixed(flat) and not flat[104:106].isalnum() and b"\n" in head[:104]:
        elements = _fixed_elements(flat)
        before = _raw_length(head, 104)
    else:
        elements, before = _loose_elements(head, at)
        fixed = False
    if not head[before + 1 :]:
        raise _cut_short(at, head)
    codec, (component, terminator, end) = "utf-8", _last_marks(head, before, utf8=True)
    if not all(map(_is_utf8, (element, component, terminator))):
        codec, (component, terminator, end) = "latin-1", _last_marks(head, before, utf8=False)
    if terminator.isalnum() or terminator == element:
        what = f"{terminator.decode('latin-1')!r} stands where the ISA's terminator should; ask for a whole ISA."
        raise unreadable("HUB-1004", at, what)
    bare = head[end - len(terminator) : end] != terminator
    if not fixed or not component or bare:
        findings.append(_not_fixed(at, len(head[:end].rstrip(b"\r\n")) if bare else end))
    version, isa11 = elements[12].strip().decode("latin-1"), elements[11].strip().decode("latin-1")
    found = Separators(
        element=element.decode("latin-1"),
        component=component.decode(codec) or next(mark for mark in ">:<" if mark.encode() not in (element, terminator)),
        segment=terminator.decode(codec),
        repetition=_repetition(version, isa11, at, findings),
    )
    found = with_line(_checked(found, at, findings), head[end : end + 2])
    wrapped = is_wrapped(head, terminator.decode("latin-1"))
    if wrapped:
        findings.append(wrapped_finding(index, start))
    texts = [part.decode("latin-1") for part in (*elements, component)]
    return Header(start, start + end, dialect("x12", found, wrapped, codec == "utf-8"), texts, findings, bare)


def _is_fixed(head: bytes) -> bool:
    element = head[3:4]
    return len(head) >= ISA_LENGTH and all(head[at : at + 1] == element for at in _SEPARATORS_AT)


def _fixed_elements(head: bytes) -> list[bytes]:
    return [b"ISA", *(head[left + 1 : right] for left, right in pairwise(_SEPARATORS_AT))]


def _raw_length(head: bytes, wanted: int) -> int:
    """How many bytes of head hold `wanted` bytes other than line breaks, and the line breaks behind those."""
    seen = at = 0
    while at < len(head) and (seen < wanted or head[at] in b"\r\n"):
        seen += head[at] not in b"\r\n"
        at += 1
    return at


def _loose_elements(head: bytes, at: Location) -> tuple[list[bytes], int]:
    """The elements ISA to ISA15 by separators alone, and how many bytes they take with the separator behind them."""
    element = head[3:4]
    if not element or element.isalnum() or element.isspace():
        raise unreadable("HUB-1004", at, "the ISA names no usable element separator in its fourth byte.")
    parts = head.split(element, 16)
    for number, part in enumerate(parts[:-1]):
        if len(part) > _LONGEST_ELEMENT or re.search(_ANOTHER_SEGMENT, part):
            what = f"the ISA has only {number} of its 16 elements before another segment begins; ask for a whole ISA."
            raise unreadable("HUB-1004", at, what, value=str(number), expected="16")
    if len(parts) < 17:
        raise _cut_short(at, head)
    return parts[:16], sum(map(len, parts[:16])) + 16


def _cut_short(at: Location, head: bytes) -> UnreadableError:
    there = len(head.rstrip(b"\r\n\x00\x1a"))
    what = (
        f"the payload ends inside the ISA, {there} of its {ISA_LENGTH} bytes are there. "
        "The transfer was cut short: ask the sender to send it again."
    )
    return unreadable("HUB-1003", at, what, value=str(there), expected=str(ISA_LENGTH))


def _not_fixed(at: Location, length: int) -> Finding:
    return finding(
        "HUB-1010",
        f"The ISA is {length} bytes long instead of {ISA_LENGTH}; it was read by its separators. "
        "Ask the sender to pad every ISA element to its fixed width.",
        location=at,
        value=str(length),
        expected=str(ISA_LENGTH),
    )


def _last_marks(head: bytes, before: int, *, utf8: bool) -> tuple[bytes, bytes, int]:
    """Component separator (b"" where ISA16 was left out), terminator, and the length of the ISA."""
    first = _mark_at(head, before, utf8)
    second = _mark_at(head, before + len(first), utf8)
    if not second or second.isalnum():
        return b"", first, before + len(first)
    behind = head[before + len(first) :].lstrip(b"\r\n")
    line = behind.split(b"\n", 1)[0].rstrip(b"\r")
    if second in b"\r\n" and line.endswith(first):
        return b"", first, before + len(first)
    if second in b"\r\n" and line.startswith(b"GS") and re.search(_ENDED, line) and line[-1:] != head[3:4]:
        return first, line[-1:], head.index(line, before)
    return first, second, before + len(first) + len(second)


def _mark_at(head: bytes, position: int, utf8: bool) -> bytes:
    mark = head[position : position + 1]
    several = re.match(_CHARACTER, head[position : position + 4]) if utf8 and not mark.isascii() else None
    return several[0] if several else mark


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _repetition(version: str, isa11: str, at: Location, findings: list[Finding]) -> str | None:
    if not version.isdigit() or version < REPETITION_SINCE:
        return None
    if len(isa11) == 1 and not isa11.isalnum():
        return isa11
    findings.append(
        finding(
            "HUB-1038",
            f"ISA11 is {isa11!r}, but from version {REPETITION_SINCE} on it names the repetition separator. "
            "The interchange was read as if nothing in it repeats.",
            location=at,
            value=isa11,
        )
    )
    return None


def _checked(found: Separators, at: Location, findings: list[Finding]) -> Separators:
    """The separators without a repetition separator that is something else too; findings for every clash."""
    seen = {found.element: "the element separator"}
    repetition = found.repetition
    for name, mark in (("ISA16", found.component), ("the segment terminator", found.segment), ("ISA11", repetition)):
        if mark is None:
            continue
        if mark in seen or (mark.isascii() and mark.isalnum()):
            findings.append(
                finding(
                    "HUB-1011",
                    f"{mark!r} is {seen.get(mark, 'a letter or digit')} and {name} at once; the interchange cannot be "
                    "split reliably. Ask the sender for separators that all differ.",
                    location=at,
                    value=mark,
                )
            )
            repetition = None if name == "ISA11" else repetition
        seen.setdefault(mark, name)
    return Separators(element=found.element, component=found.component, segment=found.segment, repetition=repetition)
