"""Crosswalks: what one partner's codes mean, kept beside the partner and edited without touching a rule.

`partners/acme/crosswalks/unit.csv` is the table "unit" of one partner, `crosswalks/unit.csv` of them all (a partner's
own rows win):

    theirs,ours,active_from,active_to
    BX12,XBX,,
    EACH,H87,2026-03-01,

YAML holds the same: `rows: [{theirs: BX12, ours: XBX}]`, with `table:` where the file is called otherwise. Rows add to
the code tables of the standards and replace their rows; the first row of a word is the one that is written. Both dates
count, by the calendar of the partner's zone.
"""

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from hub.errors import ConfigError
from hub.mapping.codes import CodeTable
from hub.mapping.spec import Spec, Text, as_mapping, as_text, load, near, wrong

FREE = ("ship-method", "reason")
"""Tables of no standard: texts each partner chooses for itself."""

_FILE = re.compile(r"(?:(?:.*/)?partners/(?P<partner>[^/]+)/|)crosswalks/(?P<table>[^/]+)\.(?P<kind>csv|ya?ml)")
_COLUMNS = ("table", "theirs", "ours", "active_from", "active_to")


class Row(NamedTuple):
    """theirs means ours, from and to which day (both included; None: ever)."""

    table: str
    theirs: str
    ours: str
    active_from: date | None
    active_to: date | None
    at: Text

    def is_active(self, on: date) -> bool:
        return (self.active_from or date.min) <= on <= (self.active_to or date.max)


class Crosswalks:
    """Every crosswalk of a workspace. files: path -> what reads its bytes."""

    def __init__(self, files: Mapping[str, Callable[[], bytes]]) -> None:
        self._files = {path: read for path, read in files.items() if _FILE.fullmatch(path)}

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        """Partner ("" for all) -> rows, in the order of the files' names. ConfigError HUB-3040: a row is wrong."""
        found: dict[str, list[Row]] = {}
        for path in sorted(self._files):
            match = _FILE.fullmatch(path)
            if match is not None:
                read = _read_csv if match["kind"] == "csv" else _read_yaml
                rows = read(self._files[path](), path, match["table"])
                found.setdefault(match["partner"] or "", []).extend(rows)
        for rows in found.values():
            _refuse_overlaps(rows)
        return found

    @cached_property
    def days(self) -> list[date]:
        """The days on which rows begin to count or no longer do."""
        begins = {row.active_from for rows in self._rows.values() for row in rows if row.active_from}
        ends = {
            row.active_to + timedelta(days=1)
            for rows in self._rows.values() for row in rows if row.active_to and row.active_to < date.max
        }  # fmt: skip
        return sorted(begins | ends)

    def partner(self, partner: str) -> str:
        """The partner, "" if it has no rows of its own."""
        return partner if partner in self._rows else ""

    def active(self, partner: str, on: date) -> dict[str, list[Row]]:
        """Table -> its rows on that day, a partner's own before those of all."""
        tables: dict[str, list[Row]] = {}
        for row in (*(self._rows.get(partner, ()) if partner else ()), *self._rows.get("", ())):
            if row.is_active(on):
                tables.setdefault(row.table, []).append(row)
        return tables

    def faults(self, tables: Iterable[str]) -> list[ConfigError]:
        """What is wrong: a row that cannot be read, or one of a table nobody uses. tables: all there are."""
        known = {*tables, *FREE}
        try:
            every = [row for rows in self._rows.values() for row in rows]
        except ConfigError as error:
            return [error]
        first = {row.table: row for row in reversed(every) if row.table not in known}
        return [
            wrong(row.at, "HUB-3040", f'there is no code table "{table}"{near(table, known)}')
            for table, row in first.items()
        ]


def epoch(days: Sequence[date], on: date | None) -> int:
    """Between which of those days a day lies."""
    return 0 if on is None else bisect_right(days, on)


def overlay(shared: CodeTable | None, rows: Sequence[Row], name: str, standard: str) -> CodeTable:
    """A code table with a partner's rows over it."""
    own: dict[str, str] = {}
    back: dict[str, str] = {}
    for row in rows:
        own.setdefault(row.theirs, row.ours)
    for theirs, ours in own.items():
        back.setdefault(ours, theirs)
    if shared is None:
        return CodeTable(name, standard, None, own, back)
    words = shared.words | own
    for word, code in shared.back.items():
        if words.get(code, word) != word:  # the partner means something else by it: any other code of the word will do
            code = next((other for other, meant in words.items() if meant == word), "")
        if code:
            back.setdefault(word, code)
    return CodeTable(name, standard, shared.place, words, back)


def free_table(name: str, standard: str) -> CodeTable | None:
    """The empty table of that name, if it is one of no standard."""
    return CodeTable(name, standard, None, {}, {}) if name in FREE else None


def missing_row(partner: str, table: str, value: str) -> str:
    """What to do about a code nobody has a word for."""
    file = f"partners/{partner or '<partner>'}/crosswalks/{table}.csv"
    return f'Ask {partner or "the sender"} what it means, add the row "{value},<our word>" to {file}, and replay'


def _read_csv(body: bytes, file: str, table: str) -> list[Row]:
    try:
        lines = body.decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise ConfigError("HUB-3040", f"This file is not UTF-8: {error.reason}.", file=file) from error
    reader = csv.reader(io.StringIO("".join(lines)))
    header: list[str] | None = None
    rows = []
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        if header is None:
            header = [cell.strip().lower() for cell in cells]
            _check_header(header, Text("header", file, line, 1))
            continue
        at = Text(cells[0], file, line, 1)
        if len(cells) > len(header):
            raise wrong(at, "HUB-3040", f"this row has {len(cells)} cells, and the header {len(header)}")
        named = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        rows.append(_row({name: at.like(value) for name, value in named.items() if value}, at, table))
    return rows


def _check_header(header: Sequence[str], at: Text) -> None:
    for name in header:
        if name not in _COLUMNS:
            hint = near(name, _COLUMNS)
            raise wrong(at, "HUB-3040", f'the header has a column "{name}", and there are {", ".join(_COLUMNS)}{hint}')
    if not {"theirs", "ours"} <= set(header):
        raise wrong(at, "HUB-3040", "the first line names the columns: theirs,ours, perhaps active_from,active_to")


def _read_yaml(body: bytes, file: str, table: str) -> list[Row]:
    spec = load(body, file, "rows")
    for key in spec:
        if key not in ("table", "rows"):
            raise wrong(key, "HUB-3040", f'a crosswalk has `table` and `rows`; "{key}" is none')
    table = str(as_text(spec.get(Text("table"), Text(table)), "table", spec))
    entries = spec.get(Text("rows"), [])
    if not isinstance(entries, list):
        raise wrong(entries, "HUB-3040", "`rows` must be a list: - {theirs: .., ours: ..}")
    return [_from_yaml(entry, file, table) for entry in entries]


def _from_yaml(entry: Spec, file: str, table: str) -> Row:
    cells = as_mapping(entry, "A row", Text("rows", file, 1, 1))
    for key in cells:
        if key not in _COLUMNS:
            raise wrong(key, "HUB-3040", f'a row has no "{key}"{near(key, _COLUMNS)}')
    at = next(iter(cells), Text("", file, 1, 1))
    return _row({str(key): as_text(value, str(key), key) for key, value in cells.items()}, at, table)


def _row(cells: Mapping[str, Text], at: Text, table: str) -> Row:
    for name in ("theirs", "ours"):
        if not cells.get(name):
            raise wrong(at, "HUB-3040", f'this row has no "{name}"')
    begin, end = (_day(cells.get(name)) for name in ("active_from", "active_to"))
    if begin and end and end < begin:
        raise wrong(at, "HUB-3040", f"this row ends ({end}) before it begins ({begin})")
    return Row(str(cells.get("table", table)), str(cells["theirs"]), str(cells["ours"]), begin, end, at)


def _day(text: Text | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(text, "HUB-3040", f'"{text}" is not a day; write it like 2026-03-01') from None


def read_day(text: Text) -> date:
    """The day a mapping counts from. ConfigError HUB-3040: it is none."""
    return _day(text) or date.min


def _refuse_overlaps(rows: Sequence[Row]) -> None:
    """HUB-3040: one code of one table means two things on one day."""
    seen: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for other in seen.setdefault((row.table, row.theirs), []):
            begin = max(row.active_from or date.min, other.active_from or date.min)
            if row.ours != other.ours and row.is_active(begin) and other.is_active(begin):
                text = f'"{row.theirs}" of the table {row.table} means "{other.ours}" too (line {other.at.line})'
                raise wrong(row.at, "HUB-3040", f"{text}; end one of the two rows before the other begins")
        seen[row.table, row.theirs].append(row)
