"""What documents do to orders, end to end through the store: sourcing, holds, what nobody reads."""

import msgspec
import pytest

from hub.canonical import Order, OrderResponse, WarehouseOrder
from hub.store.tables import fulfilment, order_line, quantity_event, sales_order
from tests.hubs import Bench, confirmation, edifact, european_order, order, x12


def test_an_order_split_over_two_sources(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("1", "NW-100", "10", "12.50"), ("2", "AL-300", "4", "4.20"))))
    assert {row["source"]: row["lines"] for row in bench.rows(fulfilment)} == {
        "harbor": [{"line": "1", "quantity": "10"}],
        "alpine": [{"line": "2", "quantity": "4"}],
    }
    assert sorted(entry for entry in bench.sent() if "bluebird" not in entry) == ["alpine ORDERS", "harbor 940"]
    assert b"AL-300" not in bench.lying("harbor")[0]
    assert b"NW-100" not in bench.lying("alpine")[0]


def test_a_source_answers_only_for_its_own_lines(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("1", "NW-100", "10", "12.50"), ("2", "AL-300", "4", "4.20"))))
    (asked,) = bench.rows(fulfilment, source="harbor")
    said = confirmation(asked["number"], "SHP-1", ("CC", "4", "4", "AL-300"))
    bench.pass_by(x12(said, sender="01:123456789"), "harbor/drop")
    assert bench.message(type="945")["validation"] == "held"
    assert bench.incidents() == ["HUB-8004"]


def test_another_partner_cannot_confirm(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    (asked,) = bench.rows(fulfilment)
    said = confirmation(asked["number"], "SHP-1", ("CC", "10", "10", "NW-100"))
    bench.pass_by(x12(said, sender="01:999999999"), "ghost/drop")
    assert bench.incidents() == ["HUB-8003"]


def test_shipped_in_another_unit_is_held(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    (asked,) = bench.rows(fulfilment)
    said = [part.replace("*EA*", "*CA*") for part in confirmation(asked["number"], "S", ("CC", "10", "10", "NW-100"))]
    bench.pass_by(x12(said, sender="01:123456789"), "harbor/drop")
    assert bench.incidents() == ["HUB-8010"]
    assert "was ordered in H87 and shipped in XCS" in bench.message(type="945")["hold_reason"]


def test_a_line_whose_place_is_anothers_number_holds_the_order(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("2", "NW-100", "1", "1.00"), ("", "NW-200", "1", "1.00"))))
    assert bench.incidents() == ["HUB-8009"]
    assert bench.rows(sales_order) == []


def test_lines_without_numbers_take_their_place(sqlite_bench: Bench) -> None:
    sqlite_bench.pass_by(x12(order("PO-1", ("", "NW-100", "1", "1.00"), ("", "NW-200", "1", "1.00"))))
    assert sorted(row["number"] for row in sqlite_bench.rows(order_line)) == ["1", "2"]


@pytest.mark.parametrize(("function", "held"), [("27", True), ("4", True), ("29", False)])
def test_a_suppliers_answer(bench: Bench, function: str, held: bool) -> None:
    bench.pass_by(edifact(european_order("EM-1")), "europa/drop")
    (asked,) = bench.rows(fulfilment)
    said = [f"BGM+231+C-1+{function}", "DTM+137:20260105:102", f"RFF+ON:{asked['number']}"]
    said += ["NAD+BY+4098765000010::9", "NAD+SU+4056789000003::9", "UNS+S"]
    bench.pass_by(edifact(("ORDRSP", said), sender="4056789000003:14"), "alpine/drop")
    answer = bench.message(type="ORDRSP")
    assert (answer["validation"] == "held") is held
    assert answer["order_id"] == bench.rows(sales_order)[0]["id"]
    assert bench.incidents() == (["HUB-8006"] if held else [])


def test_a_suppliers_answer_to_nothing(sqlite_bench: Bench) -> None:
    said = ["BGM+231+C-1+29", "DTM+137:20260105:102", "RFF+ON:P999", "NAD+BY+4098765000010::9", "UNS+S"]
    sqlite_bench.pass_by(edifact(("ORDRSP", said), sender="4056789000003:14"), "alpine/drop")
    assert sqlite_bench.incidents() == ["HUB-8003"]


def test_quantities_grow_by_facts_alone(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    kinds = [row["kind"] for row in bench.rows(quantity_event)]
    assert sorted(kinds) == ["accepted", "accepted", "ordered", "ordered", "released", "released"]


def test_what_ships_of_a_cancelled_rest_after_all_is_cancelled_no_more(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("1", "NW-100", "10", "1.00"))))
    (asked,) = bench.rows(fulfilment)
    for place, (status, quantity) in enumerate((("CP", "6"), ("CC", "3")), 1):
        said = confirmation(asked["number"], f"SHP-{place}", (status, "10", quantity, "NW-100"))
        bench.pass_by(x12(said, number=place, sender="01:123456789"), "harbor/drop")
    sums: dict[str, int] = {}
    for row in bench.rows(quantity_event):
        sums[row["kind"]] = sums.get(row["kind"], 0) + int(row["quantity"])
    assert (sums["ordered"], sums["shipped"], sums["cancelled"]) == (10, 9, 1)


def test_what_no_rule_reads_is_kept_and_goes_to_nobody_else(bench: Bench) -> None:
    """TD5 has a place in the model; a restriction of the buyer's has not."""
    bench.pass_by(x12(order("PO-1", more=["CTB*OR*call first"])))
    (taken,) = [document for document in bench.documents(type="Order") if isinstance(document, Order)]
    assert "CTB" in msgspec.json.encode(taken.ext).decode()
    for kind, table in (("OrderResponse", OrderResponse), ("WarehouseOrder", WarehouseOrder)):
        (made,) = bench.documents(type=kind)
        assert isinstance(made, table)
        assert not made.ext
    assert all(b"CTB" not in body for body in [*bench.outbox(), *bench.lying("harbor")])
    assert any(b"CTB" in body for body in bench.lying("erp")), "the merchant's copy is the whole document"


def test_odd_characters_harm_nobody(bench: Bench) -> None:
    """NUL cannot stand in a PostgreSQL text; half a character cannot stand in UTF-8."""
    odd = x12(order("PO-\x00\x07-1", ("1", "NW-100", "1", "1.00")), order("PO-2"))
    bench.pass_by(odd.replace(b"Bluebird Stores Inc", b"Bl\xffebird \xc3 Inc"))
    assert bench.messages()[0]["validation"] == "held"
    assert bench.incidents() == ["HUB-4207"]
    bench.pass_by(x12(order("PO-3"), number=2).replace(b"*0001~\nBEG", b"*00\x001~\nBEG"))
    assert bench.payloads()[1]["state"] == "unreadable"
    assert bench.left() == []
    assert "pending" not in {row["validation"] for row in bench.messages()}
    assert "PO-2" in {row["number"] for row in bench.rows(sales_order)}
