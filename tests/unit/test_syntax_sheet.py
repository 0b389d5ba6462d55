"""Tables: CSV in the dialects people send, workbooks, what is refused, and formulas that no spreadsheet is handed."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import UnreadableError
from hub.syntax import detect
from hub.syntax.sheet import read_sheet, write_sheet
from hub.syntax.xlsx import MOST_BYTES

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Date</t></is></c>'
    '<c r="D1" t="str"><f>A1</f><v>Qty</v></c><c r="E1" t="s"><v>1</v></c></row>'
    '<row r="4"><c r="A4"><v>7001</v></c><c r="B4" s="1"><v>46044</v></c>'
    '<c r="D4"><v>1.1000000000000001</v></c><c r="E4" t="b"><v>1</v></c></row>'
    '<row r="5"><c r="A5"><v>7002</v></c><c r="B5" s="2"><v>46044.604166666664</v></c><c r="D5"><v>3</v></c></row>'
    "</sheetData></worksheet>"
)
STRINGS = (
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>PO</t></si>'
    "<si><r><t>Gift </t></r><r><t>wrap</t></r></si></sst>"
)
STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Orders" sheetId="1" r:id="rId7"/></sheets></workbook>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId7" Target="worksheets/first.xml"/></Relationships>'
)


def workbook(**changed: str) -> bytes:
    """A workbook of one sheet; changed: other parts by the last word of their name."""
    parts = {"workbook": BOOK, "_rels/workbook.xml.rels": LINKS, "sharedStrings": STRINGS, "styles": STYLES}
    parts = {
        f"xl/{name}" if name.endswith("rels") else f"xl/{name}.xml": changed.get(name, body)
        for name, body in parts.items()
    }
    parts["xl/worksheets/first.xml"] = changed.get("sheet", SHEET)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "delimiter", "rows"),
    [
        (b"a,b\r\n1,2\r\n", ",", [["1", "2"]]),
        (b"\xef\xbb\xbfa;b\n1,5;2\n", ";", [["1,5", "2"]]),
        (b"a\tb\n\n1\t\n", "\t", [["1", ""]]),
        (b"a|b\n1|2", "|", [["1", "2"]]),
        (b'"a,x";b\n1;2\n', ";", [["1", "2"]]),
        (b'a,b\n"x\ny","say ""hi"""\n', ",", [["x\ny", 'say "hi"']]),
        ("a,b\nMüller,€\n".encode("cp1252"), ",", [["Müller", "€"]]),
        (b"a,b,,\n1\n2,3,,\n", ",", [["1", ""], ["2", "3"]]),
        (b"a,b\n'=1+1,'-x\n-5,+4.5\n", ",", [["=1+1", "-x"], ["-5", "+4.5"]]),
    ],
)
def test_dialects(data: bytes, delimiter: str, rows: list[list[str]]) -> None:
    sheet = read_sheet(data)
    assert (sheet.delimiter, sheet.rows) == (delimiter, rows)


def test_lines_are_counted_as_editors_do() -> None:
    assert read_sheet(b'a,b\n"x\ny",1\n\nz,2\n').lines == [2, 5]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a,b\n1,2,3\n", "line 2 has 3 cells, and the header 2"),
        (b"a,b,a\n1,2,3\n", 'two columns are called "a"'),
        (b"\n \n", "it has no header line"),
        (b'a,b\n1,"2\n', "is no CSV"),
        (b"a,b\n1,\x00\n", "NUL bytes"),
        (b"a,b\n1,\x81\n", "neither UTF-8 nor Windows-1252"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match="HUB-1090") as refused:
        read_sheet(data)
    assert said in refused.value.message


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@x", "\tx", "'=quoted", "''@x"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(cell: str) -> None:
    written = write_sheet(["a"], [[cell]])
    assert written.split(b"\r\n")[1].strip(b'"').startswith(b"'")
    assert read_sheet(written).rows == [[cell]]


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8), min_size=2, max_size=2))
)
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert read_sheet(write_sheet(["one", "two"], rows)).rows == filled


def test_a_workbook_is_a_table() -> None:
    data = workbook()
    assert detect(data[:4096]) == "csv"
    sheet = read_sheet(data)
    assert sheet.header == ["PO", "Date", "", "Qty", "Gift wrap"]
    assert sheet.rows == [["7001", "2026-01-22", "", "1.1", "TRUE"], ["7002", "2026-01-22T14:30:00", "", "3", ""]]
    assert sheet.lines == [4, 5]


def test_a_workbook_may_count_days_from_1904() -> None:
    book = BOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert read_sheet(workbook(workbook=book)).rows[0][1] == "2030-01-23"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (workbook()[:300], "the archive cannot be opened"),
        (workbook(sheet=SHEET.replace('t="b"><v>1', 't="e"><v>#REF!')), "cell E4 holds the error #REF!"),
        (workbook(sheet=SHEET.replace("<v>0</v>", "<v>9</v>")), "points at a string that is not there"),
        (workbook(sheet=SHEET.replace("<v>7001</v>", "<v>7e</v>")), "which is no number"),
        (workbook(_="").replace(b"xl/workbook.xml", b"xl/somebook.xml"), "holds no workbook"),
    ],
)
def test_a_broken_workbook_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match="HUB-1091") as refused:
        read_sheet(data)
    assert said in refused.value.message


def test_a_workbook_that_declares_entities_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + SHEET
    with pytest.raises(UnreadableError, match="HUB-1081"):
        read_sheet(workbook(sheet=bomb))


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    small = workbook(sheet=SHEET + " " * MOST_BYTES)
    assert len(small) < 1 << 20
    with pytest.raises(UnreadableError, match="larger than"):
        read_sheet(small)
