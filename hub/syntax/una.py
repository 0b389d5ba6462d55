"""UNA and UNB: the service characters of an EDIFACT interchange, announced or by default (ISO 9735-1)."""

import re

from hub.errors import Finding, finding
from hub.location import Location
from hub.syntax.dialect import BLANK, dialect
from hub.syntax.header import (
    FIRST_LOOK,
    Header,
    guess_edifact,
    is_wrapped,
    no_header,
    unreadable,
    with_line,
    wrapped_finding,
)
from hub.syntax.model import Separators
from hub.syntax.scanner import segment_end
from hub.syntax.window import Window

_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}[^A-Za-z0-9\s]")


def read_una(window: Window, head: bytes, start: int, index: int) -> Header:
    """The header of an EDIFACT interchange that begins with UNA or UNB. UnreadableError: it is cut short."""
    at = Location(interchange=index, segment=1, tag=head[:3].decode(), offset=start)
    findings: list[Finding] = []
    una, begin, length = head.startswith(b"UNA"), start, 0
    if una:
        announced, length = _announced(head, at, findings)
        begin = window.skip_ahead(start + length, BLANK)
        window.reach(begin + 4)
        first = window.cut(begin, begin + 4)
        if not _SEGMENT.match(first):
            raise unreadable("HUB-1006", at, "no UNB follows the UNA; ask the sender to send it again.")
        used = first[3:].decode("latin-1")
        if used != announced.element and first.startswith(b"UNB"):
            findings.append(_unusual(at, f"The UNA names {announced.element!r} between elements, and {used!r} stands"))
            window.reach(begin + FIRST_LOOK)
            announced = guess_edifact(used, window.cut(begin, begin + FIRST_LOOK).decode("latin-1"))
    else:
        announced = guess_edifact(head[3:4].decode("latin-1"), head.decode("latin-1"))
        if announced.element == "+" and announced.segment != "'":
            ends = "line breaks" if announced.segment in "\r\n" else repr(announced.segment)
            findings.append(_unusual(at, f"The segments end in {ends}, and no UNA says so"))
    separators = _checked(announced, una, at, findings)
    wrapped = is_wrapped(head, separators.segment)
    if wrapped:
        findings.append(wrapped_finding(index, start))
    found = dialect("edifact", separators, wrapped)
    tag = window.cut(begin, begin + 3)
    if tag != b"UNB":
        findings.append(no_header("UNB", tag.decode("latin-1"), at))
        separators = with_line(separators, window.cut(start + length, start + length + 2))
        found = dialect("edifact", separators, wrapped)
        return Header(start, start + length, found, [], findings)
    end = segment_end(window, begin, found)
    if end < 0:
        raise unreadable("HUB-1006", at, "the payload ends inside the UNB; ask the sender to send it again.")
    text = window.cut(begin, end)
    if open_end := re.search(rb"[\r\n]+(?=UN[GH]" + re.escape(separators.element.encode("latin-1")) + rb")", text):
        findings.append(
            finding("HUB-1034", "The UNB has no terminator; it was read to the end of its line.", location=at)
        )
        elements = found.elements(text[: open_end.start()].decode("latin-1"))
        end = begin + open_end.end()
        separators = _with_repetition(separators, elements, una)
        return Header(start, end, dialect("edifact", separators, wrapped), elements, findings, bare=True)
    elements = found.elements(text.decode("latin-1"))
    window.reach(end + 3)
    separators = with_line(_with_repetition(separators, elements, una), window.cut(end + 1, end + 3))
    return Header(start, end + 1, dialect("edifact", separators, wrapped), elements, findings)


def _announced(head: bytes, at: Location, findings: list[Finding]) -> tuple[Separators, int]:
    """The separators a UNA names (the repetition separator as it stands there) and the length of the UNA."""
    service, length = head[3:9].decode("latin-1"), 9
    if len(service) == 6 and (service[5].isalpha() or (service[4] == "'" and service[5] in "\r\n")):
        service, length = service[:4] + " " + service[4], 8
        findings.append(_unusual(at, "The UNA has five service characters instead of six"))
    if len(service) < 6:
        raise unreadable("HUB-1006", at, "the payload ends inside the UNA; ask the sender to send it again.")
    component, element, decimal, release, repetition, terminator = tuple(service)
    separators = Separators(
        element=element,
        component=component,
        segment=terminator,
        repetition=None if repetition == " " else repetition,
        release=None if release == " " else release,
        decimal="," if decimal == "," else ".",
    )
    return separators, length


def _checked(found: Separators, una: bool, at: Location, findings: list[Finding]) -> Separators:
    """The separators without a release character that is something else too; findings for every clash."""
    if found.element == found.segment:
        what = f"{found.element!r} is both element separator and terminator; ask the sender for another UNA."
        raise unreadable("HUB-1006", at, what)
    seen: dict[str, str] = {}
    release = found.release
    names = (
        ("component", found.component),
        ("element", found.element),
        ("terminator", found.segment),
        ("release", found.release),
    )
    for name, mark in names:
        if mark is None:
            continue
        if mark in seen:
            findings.append(
                finding(
                    "HUB-1011",
                    f"The UNA makes {mark!r} both the {seen[mark]} and the {name} character; the interchange cannot be "
                    "split reliably. Ask the sender for service characters that all differ.",
                    location=at,
                    value=mark,
                )
            )
            release = None if name == "release" else release
        elif una and mark.isalnum():
            raise unreadable("HUB-1006", at, f"the UNA makes {mark!r} the {name} character; ask for UNA:+.? ' instead.")
        seen.setdefault(mark, name)
    return Separators(
        element=found.element,
        component=found.component,
        segment=found.segment,
        repetition=found.repetition,
        release=release,
        decimal=found.decimal,
    )


def _with_repetition(separators: Separators, elements: list[str], una: bool) -> Separators:
    """Add what only the UNB tells: syntax 4 has repetitions, '*' without a UNA. A blank in the UNA means none."""
    syntax = (elements[1] if len(elements) > 1 else "").split(separators.component)
    version = syntax[1].strip() if len(syntax) > 1 else ""
    repetition = (separators.repetition if una else "*") if version == "4" else None
    if repetition in (separators.element, separators.component, separators.segment, separators.release):
        repetition = None
    return Separators(
        element=separators.element,
        component=separators.component,
        segment=separators.segment,
        repetition=repetition,
        release=separators.release,
        decimal=separators.decimal,
    )


def _unusual(at: Location, what: str) -> Finding:
    return finding("HUB-1040", f"{what}; ask the sender to send UNA:+.? ' or none at all.", location=at)
