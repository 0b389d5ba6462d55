"""Flat files: rows under a header (CSV, .xlsx) and fixed-width records, as the trees that rules of `csv/..` and
`fixed/..` mappings run over, and back.

A row's group is a tree {header column: value, .., "row": [{column: value, ..}]}: the columns that rules outside of
`each: row` name are the header's. A group of records is {"HDR": {"4-10": text}, "LIN": [{"4-6": text, "NTE": [..]}]}.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from hub.errors import Finding, UnreadableError, finding
from hub.location import Location
from hub.mapping.spec import Spec, Text, as_mapping, as_text, near, wrong
from hub.mapping.tree import Step, TreeScope
from hub.syntax.sheet import Sheet, decode_text, read_sheet, write_sheet

ROW = "row"
COLUMNS, DELIMITER = "=columns", "=delimiter"
FLAT = frozenset({"csv", "fixed"})
KEYS = {"columns", "group", "record"}

_WORD = re.compile(r"[^a-z0-9]+")
_SPAN = re.compile(r"(?P<tag>[^.\s]+)\.(?P<start>\d+)-(?P<length>\d+)")
_HIDDEN = str.maketrans({"/": "\N{DIVISION SLASH}", "#": "\N{FULLWIDTH NUMBER SIGN}"})
_SHOWN = str.maketrans({"\N{DIVISION SLASH}": "/", "\N{FULLWIDTH NUMBER SIGN}": "#"})


@dataclass
class Part:
    """One document of a payload. lines: the line of each row (or of the record that begins it); none in JSON."""

    tree: dict[str, Any]
    lines: list[int]
    findings: list[Finding] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)


# ---- CSV


@dataclass
class Columns:
    """names: column -> what headers call it, the name to write first. group: the columns that make a document."""

    names: dict[str, list[str]]
    group: list[str]

    @classmethod
    def of(cls, spec: dict[Text, Spec]) -> "Columns":
        """ConfigError HUB-3010, HUB-3014: `columns` or `group` is wrong."""
        names: dict[str, list[str]] = {}
        called: dict[str, str] = {}
        for key, value in as_mapping(spec.get(Text("columns"), {}), "columns").items():
            texts = [as_text(name, "A column's name", key) for name in (value if isinstance(value, list) else [value])]
            names[str(key)] = [str(text) for text in texts]
            for text in texts:
                if (other := called.setdefault(_plain(text), str(key))) != key:
                    raise wrong(text, "HUB-3010", f'a column "{text}" would be both "{other}" and "{key}"')
        group = spec.get(Text("group"), [])
        wanted = [as_text(name, "group", Text("group")) for name in (group if isinstance(group, list) else [group])]
        for text in wanted:
            if names and text not in names:
                raise wrong(text, "HUB-3010", f'there is no column "{text}" to group by{near(text, names)}')
        return cls(names, [str(text) for text in wanted])

    def find(self, header: Sequence[str]) -> dict[int, str]:
        """Position in a header -> column. What no column is called is known by its own name."""
        known = {_plain(name): key for key, names in reversed(self.names.items()) for name in (*names, key)}
        found: dict[int, str] = {}
        for position, name in enumerate(header):
            key = known.get(_plain(name), name.translate(_HIDDEN))
            found[position] = name.translate(_HIDDEN) if key in found.values() else key
        return found

    def score(self, data: bytes) -> int:
        """How many columns of a table are known; 0 if one that makes a document is missing."""
        found = set(self.find(read_sheet(data).header).values())
        return len(found & self.names.keys()) if set(self.group) <= found else 0


def _plain(name: str) -> str:
    """A name as people mean it: "PO Number", "po_number" and "PO-Number" are one."""
    return _WORD.sub("", name.lower())


def read_rows(data: bytes, columns: Columns, scope: TreeScope, computed: Set[str] = frozenset()) -> list[Part]:
    """The documents of a table. computed: columns of theirs that no rule reads.

    UnreadableError: it is none, or a column that makes a document is missing.
    """
    sheet = read_sheet(data)
    places = columns.find(sheet.header)
    for key in columns.group:
        if key not in places.values():
            called = ", ".join(columns.names.get(key, [key]))
            text = f"No column is called {called}; the header has {', '.join(sheet.header)}. Ask the sender for it."
            raise UnreadableError("HUB-1090", text, location=Location(offset=0), expected=called)
    of_header = set(columns.group) | header_columns(scope) | computed
    groups: dict[tuple[str, ...], Part] = {}
    for cells, line in zip(sheet.rows, sheet.lines, strict=True):
        row = {places[position]: cell.strip() for position, cell in enumerate(cells) if cell.strip()}
        group = tuple(row.get(name, "") for name in columns.group)
        head = {name: row.pop(name) for name in of_header & row.keys()}
        part = groups.get(group)
        if part is None:
            part = groups[group] = Part({**head, ROW: []}, [], layout=_layout(sheet))
        else:
            part.findings += _differing(part, head, line)
        part.tree[ROW].append(row)
        part.lines.append(line)
    return list(groups.values())


def _layout(sheet: Sheet) -> dict[str, Any]:
    layout: dict[str, Any] = {COLUMNS: sheet.header}
    return layout if sheet.delimiter == "," else layout | {DELIMITER: sheet.delimiter}


def _differing(part: Part, head: Mapping[str, str], line: int) -> Iterator[Finding]:
    for name, value in head.items():
        if (first := part.tree.get(name)) != value:
            text = (
                f'Line {line} says "{value}" in the column {name}, and line {part.lines[0]}, the first of its '
                f'document, says "{first or ""}". Ask the sender which one counts.'
            )
            yield finding("HUB-3232", text, value=value, expected=first)


def header_columns(scope: TreeScope) -> set[str]:
    """The columns that rules outside of `each: row` name."""
    found = {way[-1].name for rule in scope.rules for way in rule.places if way}
    for each in scope.eachs:
        if each.here:
            found |= header_columns(each.scope)
    return found


def write_rows(
    trees: Sequence[Mapping[str, Any]], columns: Columns, layout: Mapping[str, Any], options: Mapping[str, str]
) -> tuple[bytes, list[Finding]]:
    """A table of documents, the columns of the layout they were read from first, others behind; and what is missing."""
    rows: list[dict[str, str]] = []
    for tree in trees:
        head = {key: str(value) for key, value in tree.items() if key != ROW}
        rows += [head | {key: str(value) for key, value in row.items()} for row in tree.get(ROW) or [{}]]
    own = list(layout.get(COLUMNS, ()))
    header = {key: own[position] for position, key in columns.find(own).items()}
    used = {key for row in rows for key in row}
    for key in (*columns.names, *(key for row in rows for key in row)):
        if key in used and key not in header:
            header[key] = columns.names.get(key, [key.translate(_SHOWN)])[0]
    found = [
        finding("HUB-3220", f'No value for the column "{columns.names.get(key, [key])[0]}", which makes a document.')
        for key in columns.group if any(not row.get(key) for row in rows)
    ]  # fmt: skip
    delimiter = options.get("delimiter") or str(layout.get(DELIMITER, ","))
    cells = [[row.get(key, "") for key in header] for row in rows]
    return write_sheet(list(header.values()), cells, delimiter), found


# ---- fixed width


@dataclass
class Records:
    """start and length (1-based) of what tells records apart; group: the record that begins a document. spans: record
    -> the places rules name; inside: record -> the record it belongs to.
    """

    start: int
    length: int
    group: str
    spans: dict[str, list[tuple[int, int]]]
    inside: dict[str, str]
    lists: set[str]

    @classmethod
    def of(cls, spec: dict[Text, Spec]) -> "Records":
        """ConfigError HUB-3010: `record` or `group` is missing or wrong."""
        at = as_text(spec.get(Text("record"), Text("")), "record", spec)
        start, dash, length = at.partition("-")
        if not (dash and start.isdigit() and length.isdigit() and int(start) and int(length)):
            text = "`record` says where each line names its kind: `record: 1-3` is three characters from the first on"
            raise wrong(at if at else next(iter(spec)), "HUB-3010", text)
        group = as_text(spec.get(Text("group"), Text("")), "group", spec)
        if not group:
            raise wrong(next(iter(spec)), "HUB-3010", "`group` names the record that begins a document: `group: HDR`")
        return cls(int(start), int(length), str(group), {}, {}, set())

    def note(self, text: Text, inside: str | None) -> list[Step]:
        """The steps of a place in the rules of a record (None: of the document). HUB-3002: it is none."""
        match = _SPAN.fullmatch(text.strip())
        if not match or not int(match["start"]) or not int(match["length"]):
            raise wrong(text, "HUB-3002", f'"{text}" is not a place; a place looks like HDR.4-15 (start-length)')
        tag, span = match["tag"], (int(match["start"]), int(match["length"]))
        if len(tag) > self.length:
            raise wrong(text, "HUB-3002", f'a record is named by {self.length} characters, and "{tag}" has {len(tag)}')
        spans = self.spans.setdefault(tag, [])
        for other in spans:
            if other != span and other[0] < span[0] + span[1] and span[0] < other[0] + other[1]:
                raise wrong(text, "HUB-3016", f"{tag}.{span[0]}-{span[1]} overlaps {tag}.{other[0]}-{other[1]}")
        if span not in spans:
            spans.append(span)
        step = Step(f"{span[0]}-{span[1]}")
        return [step] if tag == inside else [Step(tag), step]

    def score(self, data: bytes) -> int:
        """1 if the first line is the record that begins a document."""
        first = next((line for line in decode_text(data).splitlines() if line.strip()), "")
        return int(first[self.start - 1 : self.start - 1 + self.length].strip() == self.group)

    def slice(self, line: str, tag: str) -> dict[str, str]:
        """A record as its places, and what lies between them."""
        found: dict[str, str] = {}
        end = 1
        for start, length in [*sorted([*self.spans.get(tag, ()), (self.start, self.length)]), (len(line) + 1, 0)]:
            between = line[end - 1 : start - 1]
            if gap := between.strip():
                found[f"{end + len(between) - len(between.lstrip())}-{len(gap)}"] = gap
            if (start, length) != (self.start, self.length) and (text := line[start - 1 : start - 1 + length].strip()):
                found[f"{start}-{length}"] = text
            end = max(end, start + length)
        return found


def read_records(data: bytes, records: Records) -> list[Part]:
    """The documents of a fixed-width file. UnreadableError: it begins with another record than a document's first."""
    parts: list[Part] = []
    latest: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(decode_text(data).splitlines(), 1):
        if not line.strip():
            continue
        tag = line[records.start - 1 : records.start - 1 + records.length].strip()
        row: dict[str, Any] = records.slice(line, tag)
        if tag == records.group:
            parts.append(Part({tag: row}, [number]))
            latest = {}
        elif not parts:
            text = f'Line {number} is a record "{tag}", and a document begins with "{records.group}". Ask the sender.'
            raise UnreadableError("HUB-1090", text, location=Location(offset=0), value=tag, expected=records.group)
        else:
            holder = latest.get(records.inside.get(tag, ""), parts[-1].tree)
            if tag in records.lists or tag not in records.spans:
                holder.setdefault(tag, []).append(row)
            else:
                place = tag if tag not in holder else f"{tag}+"
                holder.setdefault(place, [] if place != tag else row)
                if place != tag:
                    holder[place].append(row)
        latest[tag] = row
    return parts


def write_records(trees: Sequence[Mapping[str, Any]], records: Records) -> tuple[bytes, list[Finding]]:
    """The records of documents, and the values that do not fit their places."""
    lines: list[str] = []
    found: list[Finding] = []

    def put(tag: str, row: Mapping[str, Any]) -> None:
        line = " " * (records.start - 1) + tag.ljust(records.length)
        inner = []
        for key, value in row.items():
            if isinstance(value, list | dict):
                inner.append((key, value))
                continue
            start, length = (int(part) for part in key.split("-"))
            text = str(value)
            if len(text) > length:
                said = f"{tag}.{key} holds {length} characters, and the value has {len(text)}. Nothing is cut here."
                found.append(finding("HUB-3221", said, value=text))
                continue
            line = line.ljust(start - 1)
            line = line[: start - 1] + text.ljust(length) + line[start - 1 + length :]
        lines.append(line.rstrip())
        put_all(inner)

    def put_all(entries: Sequence[tuple[str, Any]]) -> None:
        for tag, value in entries:
            for row in value if isinstance(value, list) else [value]:
                put(tag.removesuffix("+"), row)

    for tree in trees:
        put_all(sorted(tree.items(), key=lambda entry: entry[0] != records.group))
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8"), found
