"""The directories: which messages X12 and UN/EDIFACT releases hold, read from hub/schema/directories.

A directory is found by the version as sent: "004010VICS" is 004010, "D. 96A" is D.96A; a release that is not here is
served by the nearest one that knows the message type, and its definition says exact=False.
"""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from hub.schema.model import Codes, ElementDef, Loop, MessageDef, SegmentDef, Slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FOLDER = os.path.join(os.path.dirname(__file__), "directories")  # noqa: PTH118, PTH120 - pathlib takes 2 ms to load
_X12 = ("004010", "005010")
_EDIFACT = ("D.93A", "D.96A", "D.96B", "D.97A", "D.97B", "D.00B", "D.01B", "D.03B", "D.10B", "D.11A", "D.21B")
_DIRECTORY = r"(?i)\s*D[\s.:]*(\d\d)\s*([A-Z])?\s*"
_TABLES = ("messages", "segments", "composites", "elements", "codes")
_CONSECUTIVE = 9
"""A repeating EDIFACT element is written as that many elements one after the other before syntax version 4."""


def read_row(text: str) -> "Any":
    """What a row of a directory says: JSON whose texts hold no escapes and, in lists and objects, no marks of JSON. The
    library that reads all of JSON takes longer to load than a message takes to check.
    """
    if text[0] == '"':
        return text[1:-1]
    here: list[Any] = []
    around: list[list[Any]] = []
    spread = text.replace("[", "[,").replace("]", ",]").replace("{", "{,").replace("}", ",}").replace(":", ",")
    for word in spread.split(","):
        if word in ("[", "{"):
            around.append(here)
            here = []
        elif word in ("]", "}"):
            made = here if word == "]" else dict(zip(here[::2], here[1::2], strict=True))
            here = around.pop()
            here.append(made)
        elif word[:1] == '"':
            here.append(word[1:-1])
        elif word:
            here.append(int(word) if word.isdigit() else word == "true")
    return here[0]


class _Table:
    """One table of a directory: rows by key, each decoded when it is asked for, as most never are."""

    def __init__(self, text: str) -> None:
        """text: its rows, each on a line of its own: "BEG":{..},"""
        lines = text[1:].split(',\n"') if text else []
        self._rows: dict[str, str] = dict([line.split('":', 1) for line in lines])

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def get(self, key: str) -> "Any":
        """The row; None: there is none."""
        return read_row(self._rows[key]) if key in self._rows else None


class Directory:
    """One directory. Segment definitions are made when first asked for and shared by its messages."""

    def __init__(self, text: str) -> None:
        """text: the directory's file."""
        tables: list[_Table] = []
        end = len(text.rstrip()) - 1
        for name in reversed(_TABLES):
            heading = f',\n"{name}":{{\n'
            start = text.index(heading)
            tables.insert(0, _Table(text[start + len(heading) : end - 1]))
            end = start
        self._messages, self._shapes, self._composites, self._elements, self._lists = tables
        names = read_row(text[:end] + "}")
        self.standard: str = names["standard"]
        self.version: str = names["version"]
        self._segments: dict[str, SegmentDef] = {}
        self._codes: dict[str, Codes] = {}

    def types(self) -> list[str]:
        """The message types this directory defines."""
        return list(self._messages)

    def knows(self, tag: str) -> bool:
        """Whether any message of this directory uses the segment."""
        return tag in self._shapes

    def segment(self, tag: str) -> SegmentDef | None:
        """The segment's elements; None where the directory has no element table for it."""
        if tag not in self._segments and (shape := self._shapes.get(tag)) is not None:
            elements = [made for row in shape["elements"] for made in self._made(*row)]
            hides = self.standard == "edifact" and any(e.repeat > _CONSECUTIVE for e in elements)
            self._segments[tag] = SegmentDef(
                tag=tag, elements=elements, notes=shape.get("notes", []), inexact=shape.get("inexact", False) or hides
            )
        return self._segments.get(tag)

    def message(self, type: str, *, exact: bool) -> MessageDef | None:
        """The message's structure, or None for a type this directory does not define."""
        entry = self._messages.get(type)
        if entry is None:
            return None
        slots = entry["slots"]
        return MessageDef(
            standard=self.standard,
            version=self.version,
            type=type,
            root=_loop("", slots),
            segments=_Segments(self, sorted(filter(self.knows, _tags(slots)))),
            exact=exact,
            functional_id=entry.get("functional_id"),
        )

    def _made(self, id: str, use: str, repeat: int = 1) -> list[ElementDef]:
        first = self._element(id, mandatory=use == "M", repeat=repeat)
        if self.standard != "edifact" or not 1 < repeat <= _CONSECUTIVE:
            return [first]
        return [first, *[self._element(id, mandatory=False, repeat=1)] * (repeat - 1)]

    def _element(self, id: str, *, mandatory: bool, repeat: int) -> ElementDef:
        composite = self._composites.get(id)
        if composite is not None:
            parts = [self._element(row[0], mandatory=row[1] == "M", repeat=1) for row in composite["elements"]]
            notes = composite.get("notes", [])
            return ElementDef(id=id, mandatory=mandatory, repeat=repeat, components=parts, notes=notes)
        type, least, most = self._elements.get(id) or ("AN" if self.standard == "x12" else "an", 1, 999999)
        codes = self._code_list(id)
        coded = type == "ID" if self.standard == "x12" else codes is not None
        return ElementDef(
            id=id, type=type, min=least, max=most, mandatory=mandatory, repeat=repeat, coded=coded, codes=codes
        )

    def _code_list(self, id: str) -> Codes | None:
        if id not in self._codes and (listed := self._lists.get(id)) is not None:
            self._codes[id] = Codes(listed)
        return self._codes.get(id)


class _Segments(Mapping[str, SegmentDef]):
    """The segments of a message by tag, each made by the directory when it is asked for."""

    def __init__(self, directory: Directory, tags: list[str]) -> None:
        self._directory = directory
        self._made: dict[str, SegmentDef | None] = dict.fromkeys(tags)

    def __getitem__(self, tag: str) -> SegmentDef:
        made = self._made[tag]
        if made is None:
            made = self._made[tag] = self._directory.segment(tag)
            assert made is not None  # noqa: S101 - it knows all of these tags
        return made

    def __contains__(self, tag: object) -> bool:
        return tag in self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def _tags(slots: "list[list[Any]]") -> set[str]:
    found = {slot[0] for slot in slots}
    return found.union(*[_tags(slot[4]) for slot in slots if len(slot) > 3])


def _loop(name: str, rows: "list[list[Any]]") -> Loop:
    slots: list[Slot] = []
    by: dict[str, list[Slot]] = {}
    for tag, least, most, *inner in rows:
        earlier = by.setdefault(tag, [])
        key = f"{tag}@{len(earlier) + 1}" if earlier else tag
        slot = Slot(key=key, tag=tag, min=least, max=most, loop=_loop(inner[0], inner[1]) if inner else None)
        slots.append(slot)
        earlier.append(slot)
    return Loop(name=name, slots=slots, by=by)


@cache
def directory(name: str) -> Directory:
    """The directory of that file name ("x12-004010", "edifact-d.96a"). FileNotFoundError: there is none."""
    with open(os.path.join(_FOLDER, f"{name}.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        return Directory(file.read())


def directories(standard: str) -> tuple[str, ...]:
    """The releases of a standard that are here, as directories name them ("004010", "D.96A")."""
    return {"x12": _X12, "edifact": _EDIFACT}.get(standard, ())


def _release(version: str) -> str:
    """The six digits of an X12 release: "004010VICS", "4010", "04010" and "00401" are all 004010."""
    match = re.match(r"\s*0*([1-9]\d*)", version)
    return f"00{match[1] if match else 4010:0<4}"[:6]


def _x12_order(version: str) -> list[str]:
    """All X12 directories, the nearest to the release first."""
    release = int(_release(version))
    return sorted(_X12, key=lambda known: abs(int(known) - release))


def _edifact_order(version: str) -> list[str]:
    wanted = _half_years(version)
    later_first = sorted(_EDIFACT, key=_half_years, reverse=True)
    return sorted(later_first, key=lambda known: abs(_half_years(known) - wanted))


def _half_years(version: str) -> int:
    """D.96A, "D. 96A", "D:96A", "D96A" as half years, and "0.96A" or "96A.D"; what is unreadable counts as D.93A."""
    match = re.fullmatch(_DIRECTORY, version) or re.search(r"(?<!\d)(\d\d)([A-C])", version, re.IGNORECASE)
    if match is None:
        return _half_years("D.93A")
    year = int(match[1])
    return 2 * (year + (2000 if year < 88 else 1900)) + (0 if (match[2] or "A").upper() == "A" else 1)


def _is(standard: str, known: str, version: str) -> bool:
    if standard == "x12":
        return version.strip()[:1].isdigit() and _release(version) == known
    match = re.fullmatch(_DIRECTORY, version)
    return match is not None and f"D.{match[1]}{match[2] or 'A'}".upper() == known


@lru_cache(maxsize=1024)
def definition(standard: str, version: str, type: str) -> MessageDef | None:
    """The structure of a message type in the exact or nearest directory; None for a type no directory defines.

    standard "x12" or "edifact"; version as sent: GS08 ("004010VICS") or UNH's version and release ("D.96A"). ST/SE and
    UNH/UNT are the first and last slots of the root loop.
    """
    if standard == "edifact" and type == "CONTRL":
        syntax = "4" if version.strip().startswith("4") else "3"
        return directory(f"edifact-service-{syntax}").message(type, exact=True)
    if standard not in ("x12", "edifact"):
        return None
    for known in _x12_order(version) if standard == "x12" else _edifact_order(version):
        found = directory(f"{standard}-{known.lower()}").message(type, exact=_is(standard, known, version))
        if found is not None:
            return found
    return None


def directory_of(definition: MessageDef) -> Directory:
    """The directory a definition was read from."""
    if definition.type == "CONTRL":
        return directory(f"edifact-service-{definition.version}")
    return directory(f"{definition.standard}-{definition.version.lower()}")
