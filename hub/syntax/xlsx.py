"""The first sheet of an .xlsx workbook as rows of text (ECMA-376): values only, never formulas or macros."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta

from lxml import etree

from hub.errors import UnreadableError
from hub.location import Location
from hub.syntax.xml import read_xml

MOST_BYTES = 64 << 20
"""So much one part may hold when it is unpacked."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DATES = frozenset({*range(14, 23), *range(45, 48)})
"""Built-in number formats (ECMA-376 part 1, 18.8.30) that show a date or a time."""

_PLAIN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")


def is_xlsx(data: bytes) -> bool:
    """Whether the bytes are a zip archive that may hold a workbook."""
    return data.startswith(b"PK\x03\x04")


def read_xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of each row that has any. UnreadableError HUB-1091: it is no workbook, or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: _part(archive, name) for name in _wanted(archive)}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise _unreadable(f"the archive cannot be opened ({error})") from None
    book = parts.get("xl/workbook.xml")
    if book is None:
        raise _unreadable("the archive holds no workbook")
    strings = _strings(parts.get("xl/sharedStrings.xml"))
    dates = _date_styles(parts.get("xl/styles.xml"))
    epoch = datetime(1904, 1, 1) if _is_1904(book) else datetime(1899, 12, 30)  # noqa: DTZ001 - dates without zones
    sheet = parts.get(_first_sheet(book, parts.get("xl/_rels/workbook.xml.rels")))
    if sheet is None:
        raise _unreadable("its first sheet is missing")
    yield from _rows(sheet, strings, dates, epoch)


def _wanted(archive: zipfile.ZipFile) -> list[str]:
    fixed = ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels")
    return [name for name in archive.namelist() if name in fixed or name.startswith("xl/worksheets/")]


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    if not name.endswith((".xml", ".rels")):
        return None
    with archive.open(name) as stream:
        body = stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise _unreadable(f"its part {name} is larger than {MOST_BYTES >> 20} MB")
    return read_xml(body)


def _first_sheet(book: etree._Element, links: etree._Element | None) -> str:
    sheet = book.find(f"{_MAIN}sheets/{_MAIN}sheet")
    wanted = sheet.get(_LINK) if sheet is not None else None
    for link in links if links is not None else ():
        if link.get("Id") == wanted:
            target = link.get("Target") or ""
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return "xl/worksheets/sheet1.xml"


def _is_1904(book: etree._Element) -> bool:
    properties = book.find(f"{_MAIN}workbookPr")
    return properties is not None and properties.get("date1904") in ("1", "true")


def _strings(part: etree._Element | None) -> list[str]:
    if part is None:
        return []
    return [_text(item) for item in part.iterfind(f"{_MAIN}si")]


def _text(item: etree._Element) -> str:
    """The text of a string, its phonetic guides left out."""
    plain = [node.text or "" for node in item.iterfind(f"{_MAIN}t")]
    runs = [node.text or "" for node in item.iterfind(f"{_MAIN}r/{_MAIN}t")]
    return "".join(plain + runs)


def _date_styles(part: etree._Element | None) -> set[int]:
    """The cell styles that show a number as a date."""
    if part is None:
        return set()
    own = {
        int(found.get("numFmtId") or 0): found.get("formatCode") or "" for found in part.iterfind(f".//{_MAIN}numFmt")
    }
    cells = part.find(f"{_MAIN}cellXfs")
    styles = [int(style.get("numFmtId") or 0) for style in cells] if cells is not None else []
    return {
        number for number, format in enumerate(styles)
        if format in _DATES or (format in own and re.search("[dmyhs]", _PLAIN.sub("", own[format].lower())))
    }  # fmt: skip


def _rows(
    sheet: etree._Element, strings: list[str], dates: set[int], epoch: datetime
) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for row in sheet.iterfind(f"{_MAIN}sheetData/{_MAIN}row"):
        number = int(row.get("r") or number + 1)
        cells: list[str] = []
        for cell in row.iterfind(f"{_MAIN}c"):
            column = _column(cell.get("r"), len(cells))
            cells += [""] * (column - len(cells))
            cells.append(_value(cell, strings, dates, epoch))
        if cells:
            yield number, cells


def _column(name: str | None, otherwise: int) -> int:
    match = _CELL.fullmatch(name or "")
    if not match:
        return otherwise
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return max(column - 1, otherwise)


def _value(cell: etree._Element, strings: list[str], dates: set[int], epoch: datetime) -> str:
    kind, raw = cell.get("t", "n"), cell.findtext(f"{_MAIN}v") or ""
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return _text(inline) if inline is not None else ""
    if kind == "s":
        if not raw.isdigit() or int(raw) >= len(strings):
            raise _unreadable(f"cell {cell.get('r')} points at a string that is not there")
        return strings[int(raw)]
    if kind == "b":
        return "TRUE" if raw == "1" else "FALSE"
    if kind == "e":
        raise _unreadable(f"cell {cell.get('r')} holds the error {raw}")
    if kind in ("str", "d") or not raw:
        return raw
    try:
        number = float(raw)
    except ValueError:
        raise _unreadable(f'cell {cell.get("r")} holds "{raw}", which is no number') from None
    if int(cell.get("s") or 0) in dates:
        return _date(number, epoch)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _date(number: float, epoch: datetime) -> str:
    """A serial date as ISO 8601: the day, and the time where there is one."""
    try:
        moment = epoch + timedelta(seconds=round(number * 86400))
    except OverflowError:
        raise _unreadable(f"a cell holds {number} as a date") from None
    if number < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if moment.time() == datetime.min.time() else f"{moment:%Y-%m-%dT%H:%M:%S}"


def _unreadable(why: str) -> UnreadableError:
    text = f"This workbook cannot be read: {why}. Ask the sender to save it again, or for CSV."
    return UnreadableError("HUB-1091", text, location=Location(offset=0))
