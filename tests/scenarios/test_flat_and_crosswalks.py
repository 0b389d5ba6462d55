"""Orders from spreadsheets and records, and partners' own codes: through the whole pipeline."""

from pathlib import Path

from hub.canonical import Order
from hub.store.browse import MessageFilter, list_messages
from hub.store.tables import sales_order
from tests.hubs import Bench, order, x12
from tests.unit.test_syntax_sheet import SHEET, STRINGS, workbook

RECEIVE = '[[agreement]]\nreceive = "x12/004010/850"\n'
SAMPLES = Path(__file__).parents[2] / "mappings"


def agree(bench: Bench, more: str) -> None:
    """Bluebird has agreements besides its own."""
    bench.edit("partners/bluebird/partner.toml", RECEIVE, RECEIVE + more)
    bench.publish()


def test_every_order_of_a_spreadsheet_is_an_order(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "csv/sheet/order"\n')
    sqlite_bench.pass_by((SAMPLES / "csv/order/samples/spreadsheet.csv").read_bytes())
    assert [(row["type"], row["number"], row["validation"]) for row in sqlite_bench.messages()] == [
        ("order", "PO-7001", "accepted"), ("order", "PO-7002", "accepted"),
    ]  # fmt: skip
    assert sorted(row["number"] for row in sqlite_bench.rows(sales_order)) == ["PO-7001", "PO-7002"]
    assert sqlite_bench.message(number="PO-7001")["mapping"] == "csv/order"


def test_one_bad_row_holds_its_order_alone(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "csv/sheet/order"\n')
    sqlite_bench.pass_by(b"PO,SKU,Qty,Unit\nP1,NW-100,2,EA\nP2,NW-100,two,EA\nP3,NW-100,1,EA\n")
    assert [row["hold_reason"] for row in sqlite_bench.messages()] == [
        None, 'Line 3: quantity (quantity.value): "two" is not a number.', None,
    ]  # fmt: skip
    assert [row["validation"] for row in sqlite_bench.messages()] == ["accepted", "held", "accepted"]
    with sqlite_bench.hub.database.read() as conn:
        (found,) = list_messages(conn, MessageFilter(query="P2")).messages
    assert (found.number, found.validation) == ("P2", "held"), "what is held is found by its number all the same"


def test_a_workbook_comes_the_same_way(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "csv/sheet/order"\n')
    strings = STRINGS.replace("Gift </t></r><r><t>wrap", "SK</t></r><r><t>U")
    sqlite_bench.pass_by(
        workbook(sharedStrings=strings, sheet=SHEET.replace("Date", "Order Date").replace('t="b"', ""))
    )
    assert [row["number"] for row in sqlite_bench.messages()] == ["7001", "7002"]


def test_tables_nobody_agreed_on_are_held(sqlite_bench: Bench) -> None:
    sqlite_bench.pass_by(b"PO,SKU,Qty\nP1,A,2\n")
    assert sqlite_bench.message()["validation"] == "held"
    assert sqlite_bench.documents() == []


def test_records_of_fixed_width_come_by_agreement(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "fixed/records/order"\n')
    sqlite_bench.pass_by((SAMPLES / "fixed/order/samples/records.txt").read_bytes())
    assert [row["number"] for row in sqlite_bench.messages()] == ["PO-8001", "PO-8002"]


def test_the_columns_say_which_of_two_agreements_is_meant(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "csv/sheet/order"\n[[agreement]]\nreceive = "csv/sheet/inventory"\n')
    sqlite_bench.pass_by((SAMPLES / "csv/inventory/samples/stock.csv").read_bytes())
    message = sqlite_bench.message()
    assert (message["type"], message["mapping"]) == ("inventory", "csv/inventory")


def boxes(number: str) -> list[str]:
    """An 850 in a unit nobody has a word for."""
    return [segment.replace("*EA*", "*AX*") for segment in order(number)]


def test_a_partners_own_unit_is_read_by_its_crosswalk(sqlite_bench: Bench) -> None:
    body = x12(boxes("PO-1"))
    sqlite_bench.pass_by(body)
    held = sqlite_bench.message()
    assert held["validation"] == "held"
    assert "HUB-3202" in sqlite_bench.findings(held)
    row = 'add the row "AX,<our word>" to partners/bluebird/crosswalks/unit.csv'
    assert any(row in (one["expected"] or "") for one in held["findings"] if one["code"] == "HUB-3202")
    file = sqlite_bench.folder / "partners/bluebird/crosswalks/unit.csv"
    file.parent.mkdir()
    file.write_text("theirs,ours\nAX,XBX\n")
    sqlite_bench.publish()
    sqlite_bench.pass_by(x12(boxes("PO-2"), number=2))
    (document,) = sqlite_bench.documents(type="Order")
    assert isinstance(document, Order)
    assert document.lines[0].quantity is not None
    assert document.lines[0].quantity.unit == "XBX"
