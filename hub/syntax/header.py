"""Where an interchange begins and what its separators are: found in ISA, UNA or UNB, never assumed."""

import re

from hub.errors import Finding, UnreadableError, finding
from hub.location import Location
from hub.record import Record
from hub.syntax.dialect import Dialect, dialect
from hub.syntax.model import Separators

START = re.compile(rb"(?:ISA|UNB|UNA(?=.[^A-Za-z0-9\s]))(?=[^A-Za-z0-9\s])", re.DOTALL)
"""An interchange header anywhere in a payload."""

BARE = rb"(?:GS|ST|UNG|UNH)(?=[^A-Za-z0-9\s])"
"""A group or message header where an interchange header should stand."""

_MARK = r"([!-/:-@\[-`{-~\r\n\x1c-\x1f])"
"""A character that may be guessed to be a separator."""

_LINES = r"UN[BGH]\+[^'\r\n]*?([~^|!;#$%\"]?)([\r\n])[\r\n]*(?:UN[GH]|BGM)\+[^'\r\n]*?\1[\r\n]"
"""A header of level A whose line ends without an apostrophe, and so the next: in the terminator that stands for it, or
in none.
"""

FIRST_LOOK = 4096
"""So many bytes decide the separators of an interchange."""


class Header(Record):
    """The header of an interchange. elements: of ISA or UNB as latin-1 text, [] where the sender left it out.

    end: the offset behind it, and behind the terminator that ends it unless bare (nothing stands before the first group
    or message).
    """

    offset: int
    end: int
    dialect: Dialect
    elements: list[str]
    findings: list[Finding]
    bare: bool = False


def read_bare(head: bytes, start: int, index: int, previous: Dialect | None) -> Header:
    """A payload that begins with a group or message: its separators are the previous interchange's, or a good guess."""
    tag = head[: 3 if head.startswith(b"UN") else 2]
    standard = "edifact" if tag.startswith(b"UN") else "x12"
    element = head[len(tag) : len(tag) + 1].decode("latin-1")
    at = Location(interchange=index, segment=1, tag=tag.decode(), offset=start)
    findings = [no_header("ISA" if standard == "x12" else "UNB", tag.decode(), at)]
    if previous and previous.standard == standard and previous.element == element:
        return Header(start, start, previous, [], findings, bare=True)
    separators = _guess(standard, tag, element, head.decode("latin-1"))
    return Header(start, start, dialect(standard, separators), [], findings, bare=True)


def guess_edifact(element: str, head: str) -> Separators:
    """The separators of an EDIFACT interchange without UNA: level A ('+'), level B (IS1 to IS4), or what head shows."""
    if element == "+":
        line = re.match(_LINES, head)
        return Separators(element="+", component=":", segment=(line[1] or line[2]) if line else "'", release="?")
    if element == "\x1d":
        return Separators(element="\x1d", component="\x1f", segment="\x1c")
    ended = re.search(_MARK + r"[ \r\n]*UN[HGT]" + re.escape(element), head[4:])
    terminator = ended[1] if ended and ended[1] != element else "'"
    component = next(mark for mark in (":", ">", ";") if mark not in (element, terminator))
    if head.startswith("UNB") and head[8:9] and not head[8].isalnum() and head[8] not in (element, terminator):
        component = head[8]
    release = "?" if "?" not in (element, terminator, component) else None
    return Separators(element=element, component=component, segment=terminator, release=release)


def _guess(standard: str, tag: bytes, element: str, head: str) -> Separators:
    if standard == "edifact":
        found = guess_edifact(element, head)
    else:
        count = 8 if tag == b"GS" else 2
        parts = head.split(element, count)
        last = parts[count] if len(parts) > count else ""
        ended = re.search(_MARK, last)
        if ended and ended[0] == element:
            ended = re.search(_MARK, last.split(element, 1)[1])
        terminator = ended[0] if ended and ended[0] != element else next(mark for mark in "~'" if mark != element)
        component = next(mark for mark in ">:<" if mark not in (element, terminator))
        found = Separators(element=element, component=component, segment=terminator)
    line = re.search(re.escape(found.segment) + r"(\r?\n)", head)
    return found if line is None else with_line(found, line[1].encode())


def with_line(separators: Separators, behind: bytes) -> Separators:
    """The separators with the line break that begins `behind`, the bytes behind the first terminator."""
    line = "\r\n" if behind[:2] == b"\r\n" else behind[:1].decode("latin-1")
    return Separators(
        element=separators.element,
        component=separators.component,
        segment=separators.segment,
        repetition=separators.repetition,
        release=separators.release,
        decimal=separators.decimal,
        line=line if line in ("\r\n", "\n", "\r") and line != separators.segment else "",
    )


def is_wrapped(head: bytes, terminator: str) -> bool:
    """Whether lines of one width (records of 80 columns) break the payload without regard to segments."""
    end = terminator.encode("latin-1")
    if end in b"\r\n" or len(end) > 1:
        return False
    lines = [line.rstrip(b"\r") for line in head.split(b"\n")[:-1]]
    if all(line.endswith(end) or not line for line in lines):
        return False
    for whole in (lines, lines[1:]):
        widths = {len(line) for line in whole[:-1]}
        if len(widths) == 1 and len(whole[-1]) <= min(widths) and min(widths) >= 40:
            return True
    return len(lines) == 1 and len(lines[0]) == 80


def no_header(name: str, tag: str, at: Location) -> Finding:
    return finding(
        "HUB-1026",
        f"The interchange begins with {tag} and no {name}: it does not say who sent it to whom. "
        "Ask the sender for a whole interchange, or name the partner when you read it.",
        location=at,
        value=tag,
        expected=name,
    )


def wrapped_finding(index: int, start: int) -> Finding:
    return finding("HUB-1036", location=Location(interchange=index, offset=start))


def unreadable(
    code: str, at: Location, what: str, *, value: str | None = None, expected: str | None = None
) -> UnreadableError:
    """An UnreadableError whose sentence begins with the place."""
    return UnreadableError(code, f"{at}: {what}", location=at, value=value, expected=expected)
