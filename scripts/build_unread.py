"""What no rule reads of the messages of X12 and EDIFACT in this repository; build_mappings.py writes it down."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hub.canonical import Document
from hub.errors import HubError
from hub.mapping import Library, Mapping
from hub.mapping.coverage import Coverage, coverage
from hub.mapping.kept import UNPLACED
from hub.record import replace
from hub.schema import check
from hub.syntax import Message, cut, parse

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = [ROOT / "tests" / "samples", ROOT / "tests" / "golden" / "samples", ROOT / "mappings"]
NO_VALUE = {"HUB-2023", "HUB-2025", "HUB-2026", "HUB-2028", "HUB-2029", "HUB-2030", "HUB-2031", "HUB-2032"}
TIED = {"HUB-2021", "HUB-2022"}
"""Findings on values the directory does not allow, and on elements a syntax note ties."""

OTHERS = {".json", ".xml", ".yaml", ".md", ".tsv", ".py", ".csv"}
NOTHING = Coverage(0, 0)
HEAD = """| type | messages | read | without faults | left unread |
|---|---|---|---|---|
"""


@dataclass
class Unread:
    """Of one mapping's messages: all of them, and as they are without what breaks the standard."""

    messages: int = 0
    whole: Coverage = NOTHING
    right: Coverage = NOTHING
    left: Counter[str] = field(default_factory=Counter)


def unread_table() -> str:
    """A row for each type whose messages hold anything no rule reads."""
    found: dict[str, Unread] = {}
    for mapping, message in _messages(Library([ROOT / "mappings"])):
        document = mapping.read(message).document
        if document is None:
            continue
        one = found.setdefault(mapping.id, Unread())
        whole = right = coverage(mapping, message, document)
        if whole.unread:
            mended = without_faults(mapping, message, document)
            again = mapping.read(mended).document
            if again is not None:
                message, right = mended, coverage(mapping, mended, again)
            one.left.update(place for place in mapping.loss(message))
        one.messages, one.whole, one.right = one.messages + 1, one.whole + whole, one.right + right
    return HEAD + "".join(_row(id, one) for id, one in sorted(found.items()) if one.whole.unread)


def _row(id: str, one: Unread) -> str:
    places = [(place.replace("|", "\\|"), count) for place, count in one.left.most_common(4)]
    left = ", ".join(f"`{place}` {count}" if count > 1 else f"`{place}`" for place, count in places)
    more = f", {len(one.left) - 4} more" if len(one.left) > 4 else ""
    return f"| {id} | {one.messages} | {_share(one.whole)} | {_share(one.right)} | {left}{more} |\n"


def _share(one: Coverage) -> str:
    return f"{one.percent:.1f} %"


def _messages(library: Library) -> Iterator[tuple[Mapping, Message]]:
    """Every message a mapping is for, each payload once."""
    ids, seen = set(library.ids()), set()
    for path in sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if path.suffix in OTHERS or data in seen:
            continue
        seen.add(data)
        try:
            for interchange in cut(data):
                id = f"{interchange.standard}/"
                for span in interchange.messages:
                    if id + span.type in ids:
                        body = data[span.offset : span.offset + span.length]
                        yield library.get(id + span.type), parse(body, span, interchange)
        except HubError:
            continue


def without_faults(mapping: Mapping, message: Message, document: Document) -> Message:
    """The message without the segments its directory has no place for and the values it does not allow."""
    segments = [list(segment) for segment in message.segments]
    gone = {number for number, _ in document.ext.get(mapping.id, {}).get(UNPLACED, ())}
    for finding in check(message, mapping.definition(message.version)):
        at, element = (finding.location.segment or 0) - 1, finding.location.element
        if finding.code in NO_VALUE and element is not None:
            _empty(segments[at], element)
        elif finding.code in TIED:
            for tied in re.findall(r"\d\d", (finding.rule or "").rpartition(" ")[2]):
                _empty(segments[at], int(tied))
    kept = [at for at in range(len(segments)) if at not in gone]
    return replace(message, segments=[segments[at] for at in kept], offsets=[message.offsets[at] for at in kept])


def _empty(segment: list[str], element: int) -> None:
    if element < len(segment):
        segment[element] = ""
