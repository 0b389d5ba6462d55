"""Tables as text: CSV and .xlsx as one header and its rows, and CSV written so that no spreadsheet runs it.

CSV by RFC 4180; the delimiter is comma, semicolon, tab or bar, whichever the header has most of. A cell that a
spreadsheet would take for a formula is written with an apostrophe before it, and read without.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.errors import UnreadableError
from hub.location import Location
from hub.syntax.xlsx import is_xlsx, read_xlsx

DELIMITERS = (",", ";", "\t", "|")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d*[.,]?\d+")


@dataclass
class Sheet:
    """header: the names as they stand, trimmed. rows: as many cells as the header has names. lines: where each row
    begins (1-based; in .xlsx its row number).
    """

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    delimiter: str = ","


def read_sheet(data: bytes) -> Sheet:
    """The table of a payload. UnreadableError HUB-1090: it is none (no header, a name twice, a row longer than it)."""
    if is_xlsx(data):
        return _table(read_xlsx(data), ",")
    text = _decode(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda mark: _outside_quotes(first).count(mark))
    return _table(_cells(text, delimiter), delimiter)


def write_sheet(header: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    """CSV in UTF-8 with CR LF; formulas guarded."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([_guard(name) for name in header])
    writer.writerows([_guard(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8")


def decode_text(data: bytes) -> str:
    """Text of a flat file: UTF-8, with or without a byte order mark, else Windows-1252. HUB-1090: neither."""
    return _decode(data)


def _decode(data: bytes) -> str:
    if b"\x00" in data:
        raise _unreadable("it holds NUL bytes, so it is no text", data.index(b"\x00"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise _unreadable("it is neither UTF-8 nor Windows-1252", error.start) from None


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unreadable(f"line {reader.line_num} is no CSV: {error}") from None
        yield line, [_unguard(cell) for cell in cells]
        line = reader.line_num + 1


def _table(lines: Iterator[tuple[int, list[str]]], delimiter: str) -> Sheet:
    filled = ((number, cells) for number, cells in lines if any(cell.strip() for cell in cells))
    first = next(filled, None)
    if first is None:
        raise _unreadable("it has no header line")
    header = [cell.strip() for cell in first[1]]
    while header and not header[-1]:
        header.pop()
    for name in header:
        if header.count(name) > 1:
            raise _unreadable(f'two columns are called "{name}"')
    sheet = Sheet(header, [], [], delimiter)
    for number, cells in filled:
        if any(cell.strip() for cell in cells[len(header) :]):
            raise _unreadable(f"line {number} has {len(cells)} cells, and the header {len(header)}")
        sheet.rows.append([*cells[: len(header)], *[""] * (len(header) - len(cells))])
        sheet.lines.append(number)
    return sheet


def _guard(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) and not _NUMBER.fullmatch(cell[1:]) else cell


def _unreadable(why: str, offset: int = 0) -> UnreadableError:
    text = f"This is no table the hub can read: {why}. Ask the sender to send it again."
    return UnreadableError("HUB-1090", text, location=Location(offset=offset))
