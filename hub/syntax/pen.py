"""Rendering segments with one set of separators and one charset, refusing what the reader could not get back."""

import functools
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple, NoReturn

from hub.errors import DataError
from hub.location import Location
from hub.syntax.model import JOINT, OBJECT, SEAM, Element, Separators, apart, marks
from hub.syntax.transliterate import transliterate

BINARY_TAGS = frozenset(["BIN", "BDS", "UNO"])
"""Segments that carry binary data."""

_HELD = 4096
"""Segments held one by one."""

_AT_ONCE = 512
_FEW = 16
"""Segments rendered together, and where one of those needs a closer look."""

_LONGEST_TAG = 3

_LISTS = frozenset([tuple, list])
_TEXTS = frozenset([str])

_CONTROLS = bytes([*range(32), 127])

_ENVELOPE = frozenset(["ISA", "IEA", "GS", "GE", "ST", "SE", "TA1", "UNA", "UNB", "UNZ", "UNG", "UNE", "UNH", "UNT"])

_HINTS = {
    "HUB-1060": "Correct the value, or let the agreement use other separators",
    "HUB-1061": "Agree on another charset, let the agreement transliterate, or change the text",
    "HUB-1064": "Correct the agreement",
}


@functools.cache
def _plain(marks: frozenset[str], level: frozenset[str] | None) -> re.Pattern[str]:
    """A value that stands as it is: of ASCII without separators."""
    allowed = {chr(code) for code in range(32, 127)} - marks
    allowed = allowed if level is None else allowed & level
    return re.compile(f"[{''.join(map(re.escape, sorted(allowed)))}]*")


@functools.lru_cache(maxsize=1024)
def _is_ordinary(tag: Element) -> bool:
    """Whether a tag is one of text, inside of a message."""
    sized = isinstance(tag, str) and 2 <= len(tag) <= 3 and tag.isascii() and tag.isalnum()
    return sized and tag not in BINARY_TAGS and tag != "UNP" and tag not in _ENVELOPE


class Ready(NamedTuple):
    """Segments of a message as bytes, each with its end; whoever makes them answers for what they hold."""

    text: bytes
    segments: int


class Pen:
    """Collects rendered segments in `out`. level: the only characters allowed (UNOA, UNOB), None for all of the codec;
    name: what to call the charset. transliterate: spell what it does not hold with what it holds.

    group, message and segment say where the pen is, for the location of a DataError.
    """

    def __init__(
        self,
        separators: Separators,
        codec: str,
        *,
        level: frozenset[str] | None = None,
        name: str = "",
        transliterate: bool = False,
    ) -> None:
        self._separators = separators
        self._codec = codec
        self._level = level
        self._name = name or codec
        self._transliterate = transliterate
        self._marks = marks(separators)
        self._end = separators.segment + separators.line
        self.group: int | None = None
        self.message: int | None = None
        self.segment = 0
        self._object: str | None = None
        self.out: list[bytes] = []
        self._before = bytearray()
        self._is_plain = _plain(frozenset(self._marks), level).fullmatch
        self._counted = _CONTROLS + "".join(self._marks).encode("ascii", "ignore")
        self._is_countable = "".join(self._marks).isascii() and " A".encode(codec) == b" A"
        self._is_joinable = SEAM not in self._marks and JOINT not in self._marks
        self._allowed = None if level is None else "".join(level).encode("ascii", "ignore")
        check_separators(separators)
        _check_marks(self._marks, codec, una=separators.release is not None)

    def written(self) -> bytes:
        """All that was written."""
        self._put_away()
        return bytes(self._before)

    def _put_away(self) -> None:
        """Segment after segment would be ten times as large as the bytes of them all."""
        self._before += b"".join(self.out)
        self.out.clear()

    def write_message(self, segments: Iterable[Sequence[Element] | Ready], *, joined: bool = False) -> None:
        """Add the segments of a message. joined: each is one text, as hub.syntax.model says.

        DataError: one cannot be written, or belongs to the envelope.
        """
        rest = iter(segments)
        while chunk := list(islice(rest, _AT_ONCE)):
            if self._write_together(chunk, joined=joined):
                continue
            if joined:
                chunk = [each if isinstance(each, Ready) else apart([each])[0] for each in chunk]
            for start in range(0, len(chunk), _FEW):
                if not self._write_together(few := chunk[start : start + _FEW]):
                    self._write_apart(few)

    def _write_apart(self, segments: Sequence[Sequence[Element] | Ready]) -> None:
        for segment in segments:
            if isinstance(segment, Ready):
                self.segment += segment.segments
                self.out.append(segment.text)
            else:
                self.write_inside(segment)

    def _write_together(self, segments: Sequence[Sequence[Element] | Ready], *, joined: bool = False) -> bool:
        """Add segments none of which needs a look at its values one by one; False, and nothing added, where one might.

        How many separators there must be follows from the lengths. Where there are no more, and no control character,
        no value holds one, and nothing is to be released or refused.
        """
        if self._object is not None or not self._is_countable:
            return False
        separators = self._separators
        element, component, segment = separators.element, separators.component, separators.segment
        try:
            if joined:
                if not self._is_joinable or min(map(len, segments)) <= _LONGEST_TAG:
                    return False
                text = segment.join(segments) + segment  # type: ignore[arg-type]
                counted = text.count(SEAM) + text.count(JOINT) + len(segments)
                text = text.replace(SEAM, element).replace(JOINT, component)
            else:
                lengths = [len(each) for each in segments]
                if min(lengths) < 2 or not all(map(_is_ordinary, {each[0] for each in segments})):
                    return False
                text, composites = self._together(segments)
                if element + segment in text or (
                    composites and (component + element in text or component + segment in text)
                ):
                    return False
                counted = sum(lengths) + composites
            data = text.encode(self._codec)
        except (TypeError, UnicodeEncodeError):
            return False
        if len(data) - len(data.translate(None, self._counted)) != counted or not self._spelled(text, data):
            return False
        self.segment += len(segments)
        self.out.append(text.replace(segment, self._end).encode(self._codec) if separators.line else data)
        return True

    def _together(self, segments: Sequence[Sequence[Any]]) -> tuple[str, int]:
        """The text of segments, and how many separators of components are in it. TypeError: there are repetitions."""
        element, component, segment = (getattr(self._separators, name) for name in ("element", "component", "segment"))
        try:
            return segment.join(map(element.join, segments)) + segment, 0
        except TypeError:
            inside: list[Any] = [value for each in segments for value in each if value.__class__ is not str]
            if not _LISTS.issuperset(map(type, inside)):
                raise
            whole = [
                element.join([value if value.__class__ is str else component.join(value) for value in each])
                for each in segments
            ]
            return segment.join(whole) + segment, sum(map(len, inside)) - len(inside)

    def _spelled(self, text: str, data: bytes) -> bool:
        """Whether every character may be written as it is."""
        if self._allowed is not None:
            return not data.translate(None, self._allowed)
        return not self._transliterate or text.isascii()

    def write_inside(self, segment: Sequence[Element]) -> None:
        """Add one segment of a message. DataError: it cannot be written, or belongs to the envelope."""
        if segment and segment[0] in _ENVELOPE:
            self.segment += 1
            self._refuse("HUB-1065", f"{segment[0]} is a segment of the envelope", None, str(segment[0]))
        self.write(segment)

    def write(self, segment: Sequence[Element]) -> None:
        """Add one segment, tag first; empty elements at its end are left out. DataError: it cannot be written."""
        self.segment += 1
        if len(self.out) > _HELD:
            self._put_away()
        tag = segment[0] if segment else ""
        if not isinstance(tag, str) or not 2 <= len(tag) <= 3 or not tag.isascii() or not tag.isalnum():
            self._refuse("HUB-1065", f"{tag!r} is no segment tag", None, str(tag))
        if tag in ("BIN", "BDS") and self._separators.release is None:
            self.out.append(self._binary(tag, segment))
            return
        if (self._object is not None) != (tag == "UNP"):
            self._refuse("HUB-1065", "UNP follows a UNO, and only that", None, tag)
        segment = self._with_length(tag, segment) if tag in ("UNO", "UNP") else segment
        plain = self._is_plain
        parts = [
            tag,
            *(
                value if isinstance(value, str) and plain(value) else self._element(f"{tag}{number:02}", number, value)
                for number, value in _numbered(segment)
            ),
        ]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        if len(parts) == 1:
            self._refuse("HUB-1065", f"The segment {tag} has no element with a value", None, tag)
        self.out.append(self._encode(tag, self._separators.element.join(parts) + self._end))
        if tag == "UNO":
            self._write_object()

    def _element(self, name: str, number: int, value: Element) -> str:
        if isinstance(value, str):
            return self._text(name, number, value)
        if _TEXTS.issuperset(map(type, value)):
            return self._composite(name, number, value)  # type: ignore[arg-type]
        repeats = [self._composite(name, number, [part] if isinstance(part, str) else part) for part in value]
        while repeats and not repeats[-1]:
            repeats.pop()
        if len(repeats) > 1 and self._separators.repetition is None:
            self._refuse("HUB-1064", f"{name} repeats, but this interchange has no repetition separator", number, "")
        return (self._separators.repetition or "").join(repeats)

    def _composite(self, name: str, number: int, value: Sequence[str]) -> str:
        plain = self._is_plain
        parts = list(value)
        if not plain("".join(parts)):
            parts = [self._text(name, number, part) for part in value]
        while parts and not parts[-1]:
            parts.pop()
        return self._separators.component.join(parts)

    def _text(self, name: str, number: int, value: str) -> str:
        if self._transliterate and not (value.isascii() and self._level is None):
            value = transliterate(value, self._holds)
        if not value.isprintable() and any(ord(character) < 32 or ord(character) == 127 for character in value):
            self._refuse("HUB-1063", f"{name} {value!r} holds a control character", number, value)
        if not (value.isascii() and self._level is None) and not self._holds(value):
            wrong = next(character for character in value if not self._holds(character))
            self._refuse("HUB-1061", f"{name} holds {wrong!r}, which {self._name} does not have", number, value)
        for mark in self._marks:
            if mark in value:
                return self._released(name, number, value, mark)
        return value

    def _holds(self, text: str) -> bool:
        if self._level is not None:
            return self._level.issuperset(text)
        try:
            text.encode(self._codec)
        except UnicodeEncodeError:
            return False
        return True

    def _released(self, name: str, number: int, value: str, mark: str) -> str:
        """The value with every separator in it released; in X12, which cannot do that, a DataError."""
        release = self._separators.release
        if release is None:
            self._refuse("HUB-1060", f"{name} {value!r} holds {mark!r}, a separator of the interchange", number, value)
        return "".join(release + character if character in self._marks else character for character in value)

    def _binary(self, tag: str, segment: Sequence[Element]) -> bytes:
        """BIN or BDS: its data is element 2 or 3, one character per byte; its length before that is written anew."""
        place = 2 if tag == "BIN" else 3
        data = str(segment[place] if len(segment) > place else "").encode("latin-1", "replace")
        head = [str(part) for part in (*segment[: place - 1], *[""] * (place - 1 - len(segment)))]
        text = self._separators.element.join([*head, str(len(data)), ""])
        return self._encode(tag, text) + data + self._encode(tag, self._end)

    def _with_length(self, tag: str, segment: Sequence[Element]) -> Sequence[Element]:
        """UNO04-1 or UNP01 made right for the object, which is UNO's element OBJECT."""
        parts = [*segment, *[""] * (5 - len(segment))]
        if tag == "UNP":
            length, self._object = str(len(self._object or "")), None
            return [tag, length, *segment[2:]]
        self._object = str(parts[OBJECT]) if len(parts) > OBJECT else ""
        status = [parts[4]] if isinstance(parts[4], str) else [str(part) for part in parts[4]]
        return [*parts[:4], [str(len(self._object)), *status[1:]], *parts[5:OBJECT]]

    def _write_object(self) -> None:
        """The bytes behind a UNO's terminator: no line break may stand before them."""
        self.out[-1] = self.out[-1].removesuffix(self._separators.line.encode("latin-1"))
        self.out.append((self._object or "").encode("latin-1", "replace"))

    def _encode(self, tag: str, text: str) -> bytes:
        try:
            return text.encode(self._codec)
        except UnicodeEncodeError as error:
            wrong = text[error.start]
            self._refuse("HUB-1061", f"{wrong!r} in {tag} does not exist in {self._codec}", None, wrong)

    def _refuse(self, code: str, what: str, element: int | None, value: str) -> NoReturn:
        place = Location(group=self.group, message=self.message, segment=self.segment, element=element)
        hint = _HINTS.get(code, "Correct the value, or the mapping that made it")
        raise DataError(code, f"{what} ({place}). {hint}.", location=place, value=value)


def _check_marks(found: Sequence[str], codec: str, *, una: bool) -> None:
    """DataError: the charset has no place for a separator, or (in a UNA, of one byte each) spells it in several."""
    for mark in found:
        try:
            raw = mark.encode(codec)
        except UnicodeEncodeError:
            raw = b""
        if not raw or (una and (len(raw) > 1 or raw.decode("latin-1") != mark)):
            text = f"The separator {mark!r} cannot be written in {codec}; correct the agreement."
            raise DataError("HUB-1064", text, value=mark)


def check_separators(separators: Separators) -> None:
    """DataError: the separators are not single marks that all differ."""
    found = marks(separators)
    usable = all(len(mark) == 1 and mark != " " and not (mark.isascii() and mark.isalnum()) for mark in found)
    if not usable or len(set(found)) != len(found):
        shown = " ".join(map(repr, found))
        raise DataError(
            "HUB-1064", f"The separators {shown} must be single marks that all differ; correct the agreement."
        )
    if separators.line.strip("\r\n"):
        raise DataError("HUB-1064", f"{separators.line!r} is no line break; correct the agreement.")


def _numbered(segment: Sequence[Element]) -> enumerate[Element]:
    return enumerate(segment[1:], 1)
