"""XML payloads through the whole pipeline: recognised by their mappings, named by their own envelope, and written."""

from pathlib import Path

from lxml import etree

from tests.hubs import Bench

SAMPLES = Path(__file__).parents[2] / "mappings"
RECEIVE = '[[agreement]]\nreceive = "x12/004010/850"\n'
ORDER = (SAMPLES / "ubl/Order/samples/UBL-Order-2.0-Example-International.xml").read_bytes()


def agree(bench: Bench, more: str) -> None:
    """Bluebird has agreements besides its own."""
    bench.edit("partners/bluebird/partner.toml", RECEIVE, RECEIVE + more)
    bench.publish()


def test_an_order_of_ubl_is_an_order(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "xml/ubl-2.1/Order"\n')
    sqlite_bench.pass_by(ORDER)
    message = sqlite_bench.message()
    assert (message["standard"], message["type"], message["version"], message["association"]) == (
        "xml", "Order", "ubl", "2.1",
    )  # fmt: skip
    assert (message["number"], message["mapping"]) == ("AEG012345", "ubl/Order")
    assert [document.number for document in sqlite_bench.documents()] == ["AEG012345"]
    assert "No rule says who ships" in message["hold_reason"]  # an item this workspace does not know


def test_the_message_type_in_an_idoc_decides(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "xml/idoc/ORDERS"\n')
    folder = SAMPLES / "idoc"
    sqlite_bench.pass_by(next(folder.glob("ORDERS/samples/*.xml")).read_bytes())
    sqlite_bench.pass_by(next(folder.glob("ORDRSP/samples/*SOAP*.xml")).read_bytes())
    first, second = sqlite_bench.messages()
    assert (first["type"], first["mapping"]) == ("ORDERS", "idoc/ORDERS")
    assert (second["type"], second["validation"]) == ("ORDRSP", "held")
    assert "xml/idoc/ORDRSP" in second["hold_reason"]


def test_xml_nobody_knows_is_held(sqlite_bench: Bench) -> None:
    sqlite_bench.pass_by(b"<own:List xmlns:own='urn:own'/>")
    assert sqlite_bench.message()["validation"] == "held"
    assert sqlite_bench.documents() == []


def test_an_order_is_answered_in_ubl(sqlite_bench: Bench) -> None:
    agree(
        sqlite_bench,
        '[[agreement]]\nreceive = "xml/ubl-2.1/Order"\n\n[[agreement]]\nsend = "xml/ubl-2.1/OrderResponse"\n'
        'options = {currency = "SEK"}\n',
    )
    sqlite_bench.pass_by(ORDER)
    written = [body for body in sqlite_bench.outbox() if body.startswith(b"<?xml")]
    for body in written:
        assert etree.QName(etree.fromstring(body)).localname == "OrderResponse"
