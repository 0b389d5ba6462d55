"""What comes twice counts once: interchanges, orders, shipments, tracking events, HTTP requests."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import msgspec
import pytest

from hub.orders import statuses
from hub.store import orders
from hub.store.tables import document, fulfilment, package, sales_order, tracking
from hub.store.tables import event as events
from tests.hubs import Bench, as_json, confirmation, edifact, european_order, order, picked, x12


def quantities(bench: Bench, number: str = "PO-1") -> list[dict[str, Decimal]]:
    """kind -> quantity of every line of an order."""
    row = bench.rows(sales_order, number=number)[0]
    with bench.hub.database.read() as conn:
        sums = orders.quantities(conn, row["id"])
        return [sums.get(line["id"], {}) for line in orders.order_lines(conn, row["id"])]


def warehouse_order(bench: Bench, place: int = 0) -> str:
    return str(bench.rows(fulfilment)[place]["number"])


def shipped(bench: Bench, *segments: list[str], number: int) -> None:
    bench.pass_by(x12(*segments, number=number, sender="01:123456789"), "harbor/drop")


# -- interchanges ------------------------------------------------------------------------------------------------------


def test_the_same_bytes_again_are_acknowledged_again_and_nothing_else(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    before = bench.sent()
    bench.pass_by(x12(order("PO-1")))
    assert bench.sent() == before
    assert len(bench.messages()) == 1
    assert [row["state"] for row in bench.payloads()] == ["identified", "duplicate"]
    told = [body for body in bench.outbox() if b"ST*997*" in body]
    assert len(told) == 2
    assert told[0] == told[1], "the answer is the same one, control number and all"
    assert bench.incidents() == []
    names = [row["name"] for row in bench.rows(events, subject_id=bench.message()["id"])]
    assert names.count("repeated") == 1


def test_a_repeat_before_the_answer_is_out_is_no_trouble(bench: Bench) -> None:
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    bench.run()
    assert len(bench.rows(sales_order)) == 1
    assert bench.left() == []
    assert bench.incidents() == []


def test_the_same_number_with_other_content_waits_for_a_person(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=5))
    bench.pass_by(x12(order("PO-2"), number=5))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "held"]
    assert bench.incidents() == ["HUB-4203"]
    assert len(bench.rows(sales_order)) == 1
    bench.hub.operations.replay(bench.messages()[1]["id"], "ann")
    bench.run()
    assert [row["number"] for row in bench.rows(sales_order)] == ["PO-1", "PO-2"]
    assert len([body for body in bench.outbox() if b"ST*997*" in body]) == 2
    assert bench.incidents() == []


def test_what_is_sent_again_while_its_sender_is_unknown_counts_once(bench: Bench) -> None:
    unknown = x12(confirmation("W-1", "S-1", ("CC", "10", "10", "NW-100")), number=7, sender="ZZ:NEWCO")
    for _ in range(3):
        bench.pass_by(unknown, "harbor/drop")
    bench.pass_by(unknown.replace(b"*S-1", b"*S-2"), "harbor/drop")
    bench.edit("partners/harbor/partner.toml", '"01:123456789"]', '"01:123456789", "ZZ:NEWCO"]')
    bench.publish()
    first, again, once_more, other = bench.messages()
    bench.hub.operations.act("replay", first["id"], "ann")
    bench.run()
    assert "HUB-4102" in bench.incidents(), "others are held for their sender still"
    made = bench.hub.operations.act("replay", again["id"], "ann").made
    assert made == {"repeats": first["interchange_id"]}
    bench.hub.operations.act("ignore", once_more["id"], "ann", "a repeat")
    bench.hub.operations.act("replay", other["id"], "ann")
    bench.run()
    assert [row["validation"] for row in bench.messages()] == ["held", "ignored", "ignored", "held"]
    assert bench.row_of(again["id"])["hold_reason"] is None
    assert "S-1" in (said := bench.row_of(other["id"])["hold_reason"]), said
    assert [code for code in bench.incidents() if code.startswith("HUB-41")] == []
    assert "HUB-4203" in bench.incidents()
    assert len(bench.lying("harbor")) == 2, "the one answer, and the same again"
    bench.hub.operations.act("replay", other["id"], "ann", "it is another shipment")
    bench.run()
    assert "HUB-4203" not in bench.incidents()
    assert len(bench.lying("harbor")) == 3


def test_two_interchanges_of_one_number_in_one_payload(bench: Bench) -> None:
    one = x12(order("PO-1"), number=5)
    bench.pass_by(one + x12(order("PO-2"), number=5) + one)
    assert sorted(row["validation"] for row in bench.messages()) == ["accepted", "held"]
    assert bench.incidents() == ["HUB-4203"]


def test_numbers_may_be_used_again_after_ninety_days(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=5))
    bench.clock.advance(91 * 86400)
    bench.pass_by(x12(order("PO-2"), number=5))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "accepted"]


def agreed(bench: Bench, *keys: str) -> None:
    """What the agreement on Bluebird's orders says."""
    bench.edit(
        "partners/bluebird/partner.toml", 'receive = "x12/004010/850"', "\n".join(['receive = "x12/004010/850"', *keys])
    )
    bench.publish()


def test_a_number_used_again_is_held_with_where_it_differs(sqlite_bench: Bench) -> None:
    sqlite_bench.pass_by(x12(order("PO-1"), number=5))
    sqlite_bench.pass_by(x12(order("PO-2"), number=5))
    (held,) = sqlite_bench.messages(validation="held")
    assert "from byte" in held["hold_reason"]
    assert "SA*PO-1*" in held["hold_reason"].partition("->")[0]
    assert "SA*PO-2*" in held["hold_reason"].partition("->")[2]


def test_a_number_used_again_may_be_ignored(bench: Bench) -> None:
    agreed(bench, 'repeated_number = "ignore"')
    bench.pass_by(x12(order("PO-1"), number=5))
    bench.pass_by(x12(order("PO-2"), number=5))
    assert [row["number"] for row in bench.messages()] == ["PO-1"]
    assert [row["state"] for row in bench.payloads()] == ["identified", "duplicate"]
    assert "PO-2" in bench.payloads()[1]["note"]
    first, again = [body for body in bench.outbox() if b"ST*997*" in body]
    assert first == again
    assert bench.incidents() == []
    assert bench.left() == []


def test_a_number_used_again_may_be_rejected(bench: Bench) -> None:
    agreed(bench, 'repeated_number = "reject"')
    bench.pass_by(x12(order("PO-1"), number=5))
    bench.pass_by(x12(order("PO-2"), number=5))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "rejected"]
    assert bench.messages()[1]["acknowledgement"] == "rejected"
    assert len(bench.rows(sales_order)) == 1
    (told,) = [body for body in bench.outbox() if b"TA1*" in body]
    assert picked(told, "TA1") == ["TA1*000000005*260105*0900*R*025"]
    assert bench.incidents() == []
    assert bench.left() == []
    bench.pass_by(x12(order("PO-2"), number=5))
    assert len([body for body in bench.outbox() if b"TA1*" in body]) == 2, "its repeat gets its answer again"


def test_an_edifact_number_used_again_may_be_rejected(sqlite_bench: Bench) -> None:
    sqlite_bench.edit(
        "partners/europa/partner.toml", "[[agreement]]\nreceive", '[[agreement]]\nrepeated_number = "reject"\nreceive'
    )
    sqlite_bench.publish()
    sqlite_bench.pass_by(edifact(european_order("EM-1"), number=7, ask="1"), "europa/drop")
    sqlite_bench.pass_by(edifact(european_order("EM-2"), number=7, ask="1"), "europa/drop")
    assert [row["validation"] for row in sqlite_bench.messages()] == ["accepted", "rejected"]
    told = [body for body in sqlite_bench.lying("europa") if b"CONTRL" in body]
    assert [b"+4+26" in body for body in told] == [False, True]


# -- orders ------------------------------------------------------------------------------------------------------------


def test_the_same_order_in_a_new_envelope_changes_nothing(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=1))
    before = bench.sent()
    bench.pass_by(x12(order("PO-1"), number=2))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "accepted"]
    assert [entry for entry in bench.sent() if "997" not in entry] == [entry for entry in before if "997" not in entry]
    assert len(bench.rows(sales_order)) == 1
    assert len({row["order_id"] for row in bench.messages()}) == 1


def test_the_same_order_with_other_content_is_held_with_what_differs(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=1))
    bench.pass_by(x12(order("PO-1", ("1", "NW-100", "12", "12.50")), number=2))
    held = bench.messages()[1]
    assert held["validation"] == "held"
    assert "lines[0].quantity.value: 10 -> 12" in held["hold_reason"]
    assert bench.findings(held) == ["HUB-8001"]
    assert bench.incidents() == ["HUB-8001"]
    (_, told) = [body for body in bench.outbox() if b"ST*997*" in body]
    assert picked(told, "AK9") == ["AK9*A*1*1*1"], "a hold for business reasons is accepted technically"


def test_the_same_order_with_other_content_may_be_ignored(bench: Bench) -> None:
    agreed(bench, 'duplicate = "ignore"')
    bench.pass_by(x12(order("PO-1"), number=1))
    before = bench.sent()
    bench.pass_by(x12(order("PO-1", ("1", "NW-100", "12", "12.50")), number=2))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "accepted"]
    assert [one for one in bench.sent() if "997" not in one] == [one for one in before if "997" not in one]
    assert quantities(bench)[0]["ordered"] == 10
    (noted,) = [row for row in bench.rows(events, name="routed") if "first one counts" in (row["detail"]["note"] or "")]
    assert "lines[0].quantity.value: 10 -> 12" in noted["detail"]["note"]
    assert bench.incidents() == []


def test_the_same_order_with_other_content_may_be_rejected(bench: Bench) -> None:
    agreed(bench, 'duplicate = "reject"')
    bench.pass_by(x12(order("PO-1"), number=1))
    bench.pass_by(x12(order("PO-1", ("1", "NW-100", "12", "12.50")), number=2))
    second = bench.messages()[1]
    assert [row["validation"] for row in bench.messages()] == ["accepted", "rejected"]
    assert second["acknowledgement"] == "accepted", "technically it is right"
    assert bench.findings(second) == ["HUB-8001"]
    assert quantities(bench)[0]["ordered"] == 10
    answers = [body for body in bench.outbox() if b"ST*855*" in body]
    assert [picked(body, "BAK")[0].split("*")[2] for body in answers] == ["AD", "RD"]
    assert bench.incidents() == []
    bench.hub.operations.replay(second["id"], "ann")
    bench.run()
    assert len([body for body in bench.outbox() if b"ST*855*" in body]) == 2, "it is answered once"


@pytest.mark.parametrize("purpose", ["06", "07", "22", "01", "04", "05"])
def test_only_an_original_makes_an_order(sqlite_bench: Bench, purpose: str) -> None:
    sqlite_bench.pass_by(x12(order("PO-1", purpose=purpose)))
    assert sqlite_bench.rows(sales_order) == []
    assert sqlite_bench.message()["validation"] == "held"
    assert sqlite_bench.incidents() == ["HUB-8002"]


@pytest.mark.parametrize("purpose", ["06", "07", "22"])
def test_a_copy_of_a_known_order_changes_nothing(sqlite_bench: Bench, purpose: str) -> None:
    sqlite_bench.pass_by(x12(order("PO-1"), number=1))
    sqlite_bench.pass_by(x12(order("PO-1", purpose=purpose), number=2))
    assert len(sqlite_bench.rows(sales_order)) == 1
    assert [row["validation"] for row in sqlite_bench.messages()] == ["accepted", "accepted"]


@pytest.mark.parametrize("function", ["7", "31"])
def test_an_edifact_copy_makes_no_order(sqlite_bench: Bench, function: str) -> None:
    kind, segments = european_order("EM-1")
    segments[0] = f"BGM+220+EM-1+{function}"
    sqlite_bench.pass_by(edifact((kind, segments)), "europa/drop")
    assert sqlite_bench.rows(sales_order) == []
    assert sqlite_bench.incidents() == ["HUB-8002"]


def test_an_order_number_is_new_again_after_years(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=1))
    bench.clock.advance(600 * 86400)
    bench.pass_by(x12(order("PO-1"), number=2))
    assert len(bench.rows(sales_order)) == 2
    bench.pass_by(x12(order("PO-1"), number=3))
    assert len(bench.rows(sales_order)) == 2
    assert bench.incidents() == []


# -- invoices ---------------------------------------------------------------------------------------------------------


def invoice(number: str, cents: str, more: str = "") -> list[str]:
    """An 810 of the warehouse, for what it did."""
    return ["810", f"BIG*20260105*{number}{more}", "IT1*1*1*EA*9.5**VN*PICK", f"TDS*{cents}", "CTT*1"]


@pytest.fixture
def invoiced(request: pytest.FixtureRequest, sqlite_bench: Bench) -> Bench:
    """The warehouse's invoices are taken, and one has come twice in envelopes of its own."""
    bench = sqlite_bench
    more = f'duplicate = "{request.param}"\n' if getattr(request, "param", "") else ""
    file = bench.folder / "partners/harbor/partner.toml"
    file.write_text(f'{file.read_text()}\n[[agreement]]\nreceive = "x12/004010/810"\n{more}')
    bench.publish()
    for number in (1, 2):
        shipped(bench, invoice("INV-1", "950"), number=number)
    return bench


def copied(bench: Bench) -> list[str]:
    """The invoices that our own systems got."""
    return [row["number"] for row in bench.messages("out", partner="erp")]


def test_an_invoice_counts_once(invoiced: Bench) -> None:
    bench = invoiced
    assert copied(bench) == ["INV-1"]
    assert [row["validation"] for row in bench.messages()] == ["accepted", "accepted"]
    for row in bench.messages():
        bench.hub.operations.act("replay", row["id"], "ann")
    bench.run()
    assert copied(bench) == ["INV-1"]
    shipped(bench, invoice("INV-2", "950"), number=3)
    assert copied(bench) == ["INV-1", "INV-2"]
    assert bench.incidents() == []


def test_an_invoice_with_other_content_is_held_and_goes_on_as_corrected(invoiced: Bench) -> None:
    bench = invoiced
    shipped(bench, invoice("INV-1", "1050"), number=3)
    held = bench.message(validation="held")
    assert "total: 9.5" in held["hold_reason"], held["hold_reason"]
    assert copied(bench) == ["INV-1"]
    assert bench.incidents() == ["HUB-8012"]
    (body,) = (bytes(row["body"]) for row in bench.rows(document, id=held["document_id"]))
    corrected = {**msgspec.json.decode(body), "kind": "corrected"}
    options = {"document": msgspec.json.encode(corrected)}
    bench.hub.operations.act("edit", held["id"], "ann", "they rang", options)
    bench.run()
    assert copied(bench) == ["INV-1", "INV-1"]
    assert bench.incidents() == []


@pytest.mark.parametrize(
    ("invoiced", "validation"), [("ignore", "accepted"), ("reject", "rejected")], indirect=["invoiced"]
)
def test_an_invoice_with_other_content_may_be_ignored_or_rejected(invoiced: Bench, validation: str) -> None:
    bench = invoiced
    shipped(bench, invoice("INV-1", "1050"), number=3)
    assert bench.messages()[-1]["validation"] == validation
    assert copied(bench) == ["INV-1"]
    assert bench.incidents() == []


# -- shipments ---------------------------------------------------------------------------------------------------------


def test_the_same_945_counts_once(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    one = confirmation(warehouse_order(bench), "SHP-1", ("BP", "10", "6", "NW-100"))
    shipped(bench, one, number=1)
    shipped(bench, one, number=2)
    first, second = quantities(bench)
    assert first["shipped"] == 6
    assert "shipped" not in second
    assert bench.sent().count("bluebird 856") == 1
    assert bench.sent().count("bluebird 810") == 1
    assert bench.incidents() == []


def test_a_945_of_the_same_number_with_other_content_is_held(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    number = warehouse_order(bench)
    shipped(bench, confirmation(number, "SHP-1", ("BP", "10", "6", "NW-100")), number=1)
    shipped(bench, confirmation(number, "SHP-1", ("BP", "10", "4", "NW-100")), number=2)
    assert quantities(bench)[0]["shipped"] == 6
    assert "lines[0].shipped.value: 6 -> 4" in bench.messages(type="945")[1]["hold_reason"]
    assert bench.incidents() == ["HUB-8008"]


def test_945s_without_a_shipment_number_are_told_apart_by_what_they_say(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    number = warehouse_order(bench)
    six, four = (confirmation(number, "", ("BP", "10", quantity, "NW-100")) for quantity in ("6", "4"))
    shipped(bench, six, number=1)
    shipped(bench, four, number=2)
    shipped(bench, six, number=3)
    assert quantities(bench)[0]["shipped"] == 10


def test_two_945s_add_up_and_a_closed_line_cancels_its_rest(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    number = warehouse_order(bench)
    shipped(bench, confirmation(number, "SHP-1", ("BP", "10", "6", "NW-100")), number=1)
    shipped(bench, confirmation(number, "SHP-2", ("CC", "10", "4", "NW-100"), ("CP", "4", "3", "NW-200")), number=2)
    first, second = quantities(bench)
    assert first["shipped"] == 10
    assert "cancelled" not in first
    assert (second["shipped"], second["cancelled"]) == (Decimal(3), Decimal(1))
    assert statuses([first, second]).fulfilment == "shipped"
    assert statuses([first, second]).money == "invoiced"
    assert bench.sent().count("bluebird 856") == 2


def test_a_shipment_for_nothing_we_asked_for_is_held(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    shipped(bench, confirmation("W999999", "SHP-1", ("CC", "1", "1", "NW-100")), number=1)
    shipped(bench, confirmation(warehouse_order(bench), "SHP-2", ("CC", "1", "1", "NW-999")), number=2)
    held = bench.messages(type="945")
    assert [row["validation"] for row in held] == ["held", "held"]
    assert "W999999, which harbor was never asked for" in held[0]["hold_reason"]
    assert "vendor NW-999" in held[1]["hold_reason"]
    assert bench.incidents() == ["HUB-8003", "HUB-8004"]


def test_a_test_shipment_cannot_touch_a_production_order(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    said = confirmation(warehouse_order(bench), "SHP-1", ("CC", "10", "10", "NW-100"))
    bench.edit("partners/harbor/partner.toml", "ids = {", 'test_identities = ["01:123456789T"]\nids = {')
    bench.publish()
    bench.pass_by(x12(said, sender="01:123456789T", receiver="ZZ:NORTHWINDT", test=True), "harbor/drop-test")
    assert quantities(bench)[0].get("shipped") is None
    assert bench.incidents() == ["HUB-8003"]


# -- tracking ----------------------------------------------------------------------------------------------------------


def track(bench: Bench, number: str, status: str, at: str, key: str | None = None) -> None:
    """The carrier posts one event of a parcel."""
    body = {"id": f"{number}-{status}", "tracking_number": number, "status": status, "occurred_at": at}
    assert bench.post(as_json(body), key or f"{number}/{status}/{at}")[0] == 200
    bench.run()


def ship_all(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    lines = ("CC", "10", "10", "NW-100"), ("CC", "4", "4", "NW-200")
    shipped(bench, confirmation(warehouse_order(bench), "SHP-1", *lines, mark="RR"), number=1)


def test_late_repeated_and_disordered_events_never_take_anything_back(bench: Bench) -> None:
    ship_all(bench)
    assert [row["tracking"] for row in bench.rows(package)] == ["RR1", "RR2"]
    track(bench, "RR1", "delivered", "2026-01-08T10:00:00Z")
    assert statuses(quantities(bench)).fulfilment == "partly_delivered"
    track(bench, "RR1", "in_transit", "2026-01-07T10:00:00Z")
    track(bench, "RR1", "delivered", "2026-01-08T10:00:00Z", key="the same, posted anew")
    track(bench, "RR2", "delivered", "2026-01-08T11:00:00Z")
    first, second = quantities(bench)
    assert (first["delivered"], second["delivered"]) == (Decimal(10), Decimal(4))
    assert statuses([first, second]).fulfilment == "delivered"
    assert len(bench.rows(tracking)) == 3, "what was said twice is kept once"


def test_an_event_before_its_shipment_waits_for_it(bench: Bench) -> None:
    track(bench, "RR1", "delivered", "2026-01-08T10:00:00Z")
    assert bench.rows(tracking)[0]["order_id"] is None
    ship_all(bench)
    assert quantities(bench)[0]["delivered"] == 10
    assert bench.rows(tracking)[0]["order_id"] == bench.rows(sales_order)[0]["id"]


def test_a_delivery_counts_once_though_two_packages_have_its_number(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    number = warehouse_order(bench)
    shipped(bench, confirmation(number, "SHP-1", ("BP", "10", "6", "NW-100"), mark="RR"), number=1)
    shipped(bench, confirmation(number, "SHP-2", ("CC", "10", "4", "NW-100"), mark="RR"), number=2)
    track(bench, "RR1", "delivered", "2026-01-08T10:00:00Z")
    assert quantities(bench)[0]["delivered"] == 10
    track(bench, "RR1", "delivered", "2026-01-09T10:00:00Z")
    assert quantities(bench)[0]["delivered"] == 10


# -- HTTP --------------------------------------------------------------------------------------------------------------


def test_ten_posts_at_once_with_one_key_are_one_payload(bench: Bench) -> None:
    body = as_json(
        {"id": "e1", "tracking_number": "RR1", "status": "in_transit", "occurred_at": "2026-01-08T10:00:00Z"}
    )
    bench.hub.content()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: bench.post(body, "one-key"), range(10)))
    assert {status for status, _ in answers} == {200}
    assert len({answer["id"] for _, answer in answers}) == 1
    assert len(bench.payloads()) == 1
    bench.run()
    assert len(bench.rows(tracking)) == 1


def test_one_key_for_other_content_loses_nothing(bench: Bench) -> None:
    said = [as_json({"tracking_number": "RR1", "status": status}) for status in ("in_transit", "delivered")]
    ids = [bench.post(body, "one-key")[1]["id"] for body in [*said, *said]]
    assert ids[:2] == ids[2:]
    assert len(bench.payloads()) == 2
    bench.run()
    assert [row["status"] for row in bench.rows(tracking)] == ["in_transit", "delivered"]
