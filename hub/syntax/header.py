"""Where an interchange begins and what its separators are: found in ISA, UNA or UNB, never assumed."""

import re
from typing import NamedTuple

from hub.errors import Finding, UnreadableError, finding
from hub.location import Location
from hub.syntax.dialect import BLANK, Dialect, dialect
from hub.syntax.model import Separators
from hub.syntax.window import Window

ISA_LENGTH = 106
_ISA_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_FIRST_LOOK = 4096
_ISA_LONGEST = 600
_ANOTHER_SEGMENT = re.compile(rb"[^A-Za-z0-9 ]\s*(?:GS|TA1|IEA|ST)\Z")

START = re.compile(rb"ISA(?=[^A-Za-z0-9\s])|UNA(?=[^A-Za-z0-9\s]{2})|UNB(?=[^A-Za-z0-9\s])")
"""An interchange header anywhere in a payload."""

BARE = re.compile(rb"(?:GS|ST|UNG|UNH)(?=[^A-Za-z0-9\s])")
"""A group or message header where an interchange header should stand."""


class Header(NamedTuple):
    """The header of an interchange: elements is [] where the sender left ISA or UNB out, end the offset behind it."""

    offset: int
    end: int
    dialect: Dialect
    elements: list[bytes]
    una: bool
    findings: list[Finding]


def read_header(window: Window, start: int, index: int, previous: Dialect | None = None) -> Header:
    """Read the header of interchange `index` at start. UnreadableError: it is cut short or its separators are unclear."""
    window.reach(start + _FIRST_LOOK)
    head = window.cut(start, start + _FIRST_LOOK)
    if head.startswith(b"ISA"):
        return _read_isa(head, start, index)
    if head.startswith((b"UNA", b"UNB")):
        return _read_una(window, head, start, index)
    return _read_bare(head, start, index, previous)


def _read_isa(head: bytes, start: int, index: int) -> Header:
    element = head[3:4]
    flat = head.translate(None, b"\r\n")
    findings: list[Finding] = []
    if _is_fixed(head):
        elements, tail = _fixed_elements(head), head[104:]
        end, size = ISA_LENGTH, 2
    elif _is_fixed(flat) and not flat[105:106].isalnum() and (len(flat) > ISA_LENGTH or len(flat) < len(head)):
        elements, tail = _fixed_elements(flat), flat[104:]
        end, size = _raw_length(head, ISA_LENGTH), 2
    else:
        elements, tail = _loose_elements(head, start, index)
        size = _separator_count(tail, element)
        end = sum(map(len, elements)) + 16 + size
        findings.append(
            finding(
                "HUB-1010",
                f"The ISA is {end} bytes long instead of {ISA_LENGTH}; it was read by its separators. "
                "Ask the sender to pad every ISA element to its fixed width.",
                location=Location(interchange=index, segment=1, tag="ISA", offset=start),
                value=str(end),
                expected=str(ISA_LENGTH),
            )
        )
    component, terminator = (tail[0:1], tail[1:2]) if size == 2 else (b"", tail[0:1])
    elements.append(component)
    wrapped = _is_wrapped(head, terminator)
    at = Location(interchange=index, segment=1, tag="ISA", offset=start)
    separators = _x12_separators(elements, element, component, terminator, head[end : end + 2], at, findings)
    found = dialect("x12", separators, wrapped)
    if wrapped:
        findings.append(_wrapped_finding(index, start))
    return Header(start, start + end, found, elements, False, findings)


def _is_fixed(head: bytes) -> bool:
    element = head[3:4]
    return len(head) >= ISA_LENGTH and all(head[at : at + 1] == element for at in _ISA_SEPARATORS)


def _fixed_elements(head: bytes) -> list[bytes]:
    edges = (*_ISA_SEPARATORS, 104)
    return [b"ISA", *(head[left + 1 : right] for left, right in zip(edges, edges[1:-1], strict=False))]


def _raw_length(head: bytes, wanted: int) -> int:
    """How many bytes hold `wanted` bytes other than line breaks."""
    seen = 0
    for at, byte in enumerate(head):
        seen += byte not in b"\r\n"
        if seen == wanted:
            return at + 1
    return len(head)


def _loose_elements(head: bytes, start: int, index: int) -> tuple[list[bytes], bytes]:
    """The elements ISA to ISA15 by separators alone, and what follows the separator before ISA16."""
    element = head[3:4]
    parts = head[:_ISA_LONGEST].split(element, 16)
    at = Location(interchange=index, segment=1, tag="ISA", offset=start)
    if not element or element.isalnum():
        raise UnreadableError(
            "HUB-1004", f"{at}: the ISA names no usable element separator in its fourth byte.", location=at
        )
    for number, part in enumerate(parts[:-1]):
        if len(part) > 48 or _ANOTHER_SEGMENT.search(part):
            message = f"{at}: the ISA has only {number} elements before another segment begins; 16 are needed."
            raise UnreadableError("HUB-1004", message, location=at, value=str(number), expected="16")
    if len(parts) < 17 or len(parts[16].rstrip(BLANK)) < 1:
        message = (
            f"{at}: the payload ends inside the ISA: {min(len(head), ISA_LENGTH)} of its {ISA_LENGTH} bytes are there. "
            "The transfer was cut short: ask the sender to send it again."
        )
        raise UnreadableError("HUB-1003", message, location=at, value=str(len(head)), expected=str(ISA_LENGTH))
    return parts[:16], parts[16] + head[_ISA_LONGEST:]


def _separator_count(tail: bytes, element: bytes) -> int:
    """2 if tail begins with component separator and terminator; 1 if ISA16 was left out and the terminator is first."""
    first, second = tail[0:1], tail[1:2]
    if not second or second.isalnum():
        return 1
    if second in b"\r\n" and tail[1:].lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r").endswith(first):
        return 1
    return 2


def _x12_separators(
    elements: list[bytes],
    element: bytes,
    component: bytes,
    terminator: bytes,
    behind: bytes,
    at: Location,
    findings: list[Finding],
) -> Separators:
    version, isa11 = elements[12].strip(), elements[11].strip()
    repetition: bytes = b""
    if version.isdigit() and version >= b"00402":
        if len(isa11) == 1 and not isa11.isalnum():
            repetition = isa11
        else:
            findings.append(
                finding(
                    "HUB-1038",
                    f"ISA11 is {_shown(isa11)}, but from version 00402 on it names the repetition separator. "
                    "The interchange was read as if nothing in it repeats.",
                    location=at,
                    value=_text(isa11),
                )
            )
    used = {"ISA16": component, "the segment terminator": terminator, "ISA11": repetition}
    seen = {element: "the element separator"}
    for name, byte in used.items():
        if byte and (byte in seen or byte.isalnum()):
            other = seen.get(byte, "a letter or digit")
            findings.append(
                finding(
                    "HUB-1011",
                    f"{_shown(byte)} is {other} and {name} at once; the interchange cannot be split reliably. "
                    "Ask the sender for separators that all differ.",
                    location=at,
                    value=_text(byte),
                )
            )
            repetition = b"" if name == "ISA11" else repetition
        seen.setdefault(byte, name)
    return Separators(
        element=_text(element),
        component=_text(component) or ("\x1f" if element != b"\x1f" else ">"),
        segment=_text(terminator),
        repetition=_text(repetition) or None,
        line=_line(behind),
    )


def _read_una(window: Window, head: bytes, start: int, index: int) -> Header:
    """UNA (if sent) and UNB."""
    at = Location(interchange=index, segment=1, tag=head[:3].decode(), offset=start)
    findings: list[Finding] = []
    una, unb = head.startswith(b"UNA"), start
    if una:
        service = head[3:9]
        length = 9
        if len(service) > 5 and service[5:6].isalpha():
            service, length = service[:4] + b" " + service[4:5], 8
            findings.append(_una_finding(at, "The UNA has five service characters instead of six"))
        if len(service) < 6:
            raise UnreadableError("HUB-1006", f"{at}: the payload ends inside the UNA.", location=at)
        unb = window.skip_ahead(start + length, BLANK)
        window.reach(unb + 4)
        if not re.match(rb"UN[BGH][^A-Za-z0-9]", window.cut(unb, unb + 4)):
            raise UnreadableError("HUB-1006", f"{at}: no UNB follows the UNA.", location=at)
    else:
        service = _guess_service(head)
    separators = _edifact_separators(service, una, at, findings)
    terminator = separators.segment.encode("latin-1")
    wrapped = _is_wrapped(head, terminator)
    first = dialect("edifact", separators, wrapped)
    if window.cut(unb, unb + 3) != b"UNB":
        findings.append(_no_header("UNB", window.cut(unb, unb + 3), at))
        return Header(start, unb, first, [], una, findings)
    end = segment_end(window, unb, first)
    if end < 0:
        raise UnreadableError(
            "HUB-1006", f"{at}: the payload ends inside the UNB; ask the sender to send it again.", location=at
        )
    elements = first.elements(window.cut(unb, end))
    window.reach(end + 3)
    separators = _with_repetition(separators, elements, service, una, window.cut(end + 1, end + 3))
    if wrapped:
        findings.append(_wrapped_finding(index, start))
    return Header(start, end + 1, dialect("edifact", separators, wrapped), elements, una, findings)


def segment_end(window: Window, start: int, found: Dialect) -> int:
    """The position of the terminator that ends the segment at start; -1 if the payload ends first."""
    position = start
    while (position := window.find(found.terminator, position)) >= 0:
        if not found.released(window.data, position - window.base):
            return position
        position += 1
    return -1


def _guess_service(head: bytes) -> bytes:
    """The six service characters of an EDIFACT interchange that sends no UNA."""
    element = head[3:4]
    if element == b"+":
        return b":+.? '"
    if element == b"\x1d":
        return b"\x1f\x1d.  \x1c"
    ended = re.search(rb"([^A-Za-z0-9\s])\s*UN[HG]" + re.escape(element), head)
    terminator = ended[1] if ended else b"'"
    component = head[8:9] if not head[8:9].isalnum() else b":"
    release = b"?" if b"?" not in element + terminator + component else b" "
    return component + element + b"." + release + b" " + terminator


def _edifact_separators(service: bytes, una: bool, at: Location, findings: list[Finding]) -> Separators:
    component, element, decimal, release, _, terminator = (service[i : i + 1] for i in range(6))
    names = {"component": component, "element": element, "release": release.strip(), "terminator": terminator}
    seen: dict[bytes, str] = {}
    for name, byte in names.items():
        if byte and byte in seen:
            findings.append(
                finding(
                    "HUB-1011",
                    f"The UNA makes {_shown(byte)} both the {seen[byte]} and the {name} character; the interchange "
                    "cannot be split reliably. Ask the sender for service characters that all differ.",
                    location=at,
                    value=_text(byte),
                )
            )
            release = b" " if name == "release" else release
        elif una and byte.isalnum():
            findings.append(_una_finding(at, f"The UNA makes {_shown(byte)} the {name} character"))
        seen.setdefault(byte, name)
    return Separators(
        element=_text(element),
        component=_text(component),
        segment=_text(terminator),
        release=_text(release.strip()) or None,
        decimal="," if decimal == b"," else ".",
    )


def _with_repetition(
    separators: Separators, elements: list[bytes], service: bytes, una: bool, behind: bytes
) -> Separators:
    """Add what only the UNB tells: syntax 4 has repetitions ('*' without a UNA). A blank in the UNA means none."""
    syntax = (elements[1] if len(elements) > 1 else b"").split(separators.component.encode("latin-1"))
    version = syntax[1].strip() if len(syntax) > 1 else b""
    repetition = (service[4:5].strip() if una else b"*") if version == b"4" else b""
    taken = {separators.element, separators.component, separators.segment, separators.release}
    return Separators(
        element=separators.element,
        component=separators.component,
        segment=separators.segment,
        repetition=(_text(repetition) or None) if _text(repetition) not in taken else None,
        release=separators.release,
        decimal=separators.decimal,
        line=_line(behind),
    )


def _read_bare(head: bytes, start: int, index: int, previous: Dialect | None) -> Header:
    """A payload that begins with a group or message: its separators are the previous interchange's, or a good guess."""
    tag = head[: 3 if head.startswith(b"UN") else 2]
    standard = "edifact" if tag.startswith(b"UN") else "x12"
    element = head[len(tag) : len(tag) + 1]
    at = Location(interchange=index, segment=1, tag=tag.decode(), offset=start)
    name = "ISA" if standard == "x12" else "UNB"
    findings = [_no_header(name, tag, at)]
    if previous and previous.standard == standard and previous.element == element:
        return Header(start, start, previous, [], False, findings)
    if standard == "edifact":
        found = _edifact_separators(_guess_service(tag + element + head), False, at, findings)
        terminator = found.segment
    else:
        count = 8 if tag == b"GS" else 3
        parts = head.split(element, count)
        ended = re.search(rb"[^A-Za-z0-9 ]", parts[count] if len(parts) > count else parts[-1])
        terminator = _text(ended[0]) if ended and ended[0] != element else "~"
        component = next(c for c in (">", ":", "\x1f") if c.encode() not in element + terminator.encode("latin-1"))
        found = Separators(element=_text(element), component=component, segment=terminator)
    line = re.search(re.escape(terminator.encode("latin-1")) + rb"(\r?\n)", head)
    separators = Separators(
        element=found.element,
        component=found.component,
        segment=found.segment,
        release=found.release,
        line=_text(line[1]) if line else "",
    )
    return Header(start, start, dialect(standard, separators), [], False, findings)


def _is_wrapped(head: bytes, terminator: bytes) -> bool:
    """Whether lines of one width break the payload without regard to segments."""
    if terminator in b"\r\n":
        return False
    lines = [line.rstrip(b"\r") for line in head.split(b"\n")[:-1]]
    if all(line.endswith(terminator) or not line for line in lines):
        return False
    for whole in (lines, lines[1:]):
        widths = {len(line) for line in whole[:-1]}
        if len(widths) == 1 and len(whole[-1]) <= min(widths) and min(widths) >= 40:
            return True
    return len(lines) == 1 and len(lines[0]) == 80


def _no_header(name: str, tag: bytes, at: Location) -> Finding:
    return finding(
        "HUB-1026",
        f"The interchange begins with {tag.decode()} and no {name}: it does not say who sent it to whom. "
        "Ask the sender for a whole interchange, or name the partner when you read it.",
        location=at,
        value=tag.decode(),
        expected=name,
    )


def _wrapped_finding(index: int, start: int) -> Finding:
    return finding("HUB-1036", location=Location(interchange=index, offset=start))


def _una_finding(at: Location, what: str) -> Finding:
    return finding("HUB-1040", f"{what}; ask the sender to send UNA:+.? ' or none at all.", location=at)


def _line(behind: bytes) -> str:
    if behind == b"\r\n":
        return "\r\n"
    return behind[:1].decode() if behind[:1] in (b"\n", b"\r") else ""


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _shown(raw: bytes) -> str:
    return repr(_text(raw))
