"""JSON through the pipeline: which agreement a payload is under, and documents of a merchant's own system."""

import json
from decimal import Decimal
from pathlib import Path

from hub.canonical import Order, OrderLine, Quantity, encode
from tests.hubs import Bench

SAMPLES = Path(__file__).parents[2] / "mappings" / "json"
SHOP = """
name = "Shop"
role = "retailer"

[connection.api]
connector = "http"

[[agreement]]
receive = "json/easypost/tracking"

[[agreement]]
receive = "json/amazon-vendor/order"

[[agreement]]
receive = "json/canonical"
"""


def shop(bench: Bench) -> Bench:
    folder = bench.folder / "partners" / "shop"
    folder.mkdir()
    (folder / "partner.toml").write_text(SHOP)
    bench.publish()
    return bench


def test_a_payload_comes_under_the_agreement_its_marks_tell(sqlite_bench: Bench) -> None:
    bench = shop(sqlite_bench)
    body = (SAMPLES / "amazon-vendor/order/samples/getPurchaseOrder.payload.json").read_bytes()
    bench.receive("shop/api", body)
    bench.run()
    row = bench.message(partner="shop")
    assert (row["standard"], row["version"], row["type"]) == ("json", "amazon-vendor", "order")
    [document] = bench.documents(partner="shop", type="Order")
    assert document.party("ship_to") is not None
    assert row["number"] == "4Z32PNWA"


def test_each_order_of_a_payload_is_a_message_of_its_own(sqlite_bench: Bench) -> None:
    bench = shop(sqlite_bench)
    one = json.loads((SAMPLES / "amazon-vendor/order/samples/getPurchaseOrder.payload.json").read_text())
    orders = [one["payload"] | {"purchaseOrderNumber": number} for number in ("A1", "A2", "A3")]
    bench.receive("shop/api", json.dumps({"payload": orders}).encode())
    bench.run()
    assert [row["number"] for row in bench.messages(partner="shop")] == ["A1", "A2", "A3"]
    assert {document.number for document in bench.documents(partner="shop", type="Order")} == {"A1", "A2", "A3"}


def test_a_document_of_our_own_is_taken_as_it_is(sqlite_bench: Bench) -> None:
    bench = shop(sqlite_bench)
    sent = Order(number="4711", lines=[OrderLine(number="1", quantity=Quantity(value=Decimal(2), unit="H87"))])
    bench.receive("shop/api", encode(sent))
    bench.run()
    row = bench.message(partner="shop")
    assert (row["version"], row["type"], row["number"]) == ("", "canonical", "4711")
    [document] = bench.documents(partner="shop", type="Order")
    assert document == sent


def test_a_name_the_model_does_not_have_holds_our_own_document(sqlite_bench: Bench) -> None:
    bench = shop(sqlite_bench)
    bench.receive("shop/api", b'{"document": "Order", "number": "4712", "numbr": "1"}')
    bench.run()
    row = bench.message(partner="shop")
    assert (row["validation"], row["number"]) == ("held", "4712")
    assert bench.findings(row) == ["HUB-3101"]


def test_what_bears_nobodys_marks_is_held(sqlite_bench: Bench) -> None:
    bench = shop(sqlite_bench)
    bench.receive("shop/api", b'{"hello": "world"}')
    bench.run()
    row = bench.message(partner="shop")
    assert row["validation"] == "held"
    assert bench.documents(partner="shop") == []
