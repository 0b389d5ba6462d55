"""Obligations: opened by what comes and goes, warned of, missed, met by the right document or closed by a person."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import RowMapping, text

from hub.dispatch import enqueue, pause_lane
from hub.errors import UsageError
from hub.pipeline.due import schedule_due
from hub.store.evidence import kept
from hub.store.tables import event, incident, obligation
from tests.hubs import HOUR, Bench, confirmation, order, x12

FILE = "partners/bluebird/partner.toml"


def owing(bench: Bench, *rules: str, partner: str = "bluebird") -> None:
    """The partner's file gets those rules, and the clock ticks."""
    with (bench.folder / f"partners/{partner}/partner.toml").open("a") as file:
        file.write("".join(f"\n[[obligation]]\n{rule}\n" for rule in rules))
    bench.publish()
    schedule_due(bench.hub.context)


def owed(bench: Bench, **wanted: Any) -> Sequence[RowMapping]:
    return bench.rows(obligation, **wanted)


def names(bench: Bench, message: RowMapping) -> list[str]:
    return [row["name"] for row in bench.rows(event, subject_id=message["id"])]


def test_an_answer_that_is_delivered_meets_what_the_order_opened(bench: Bench) -> None:
    owing(bench, 'kind = "order_response"\npenalty = "50 USD"')
    bench.pass_by(x12(order("PO-1")))
    (row,) = owed(bench)
    assert (row["state"], row["number"], row["wants"]) == ("met", "PO-1", "send OrderResponse")
    assert row["met_by"] == bench.message("out", type="855")["id"]
    assert (row["due_at"] - row["opened_at"]).total_seconds() == 24 * HOUR
    assert (row["penalty"], row["currency"], row["look_at"]) == (50, "USD", None)
    bench.wait(48 * HOUR)
    assert "HUB-4210" not in bench.incidents()


def test_a_held_order_is_owed_an_answer_all_the_same(bench: Bench) -> None:
    owing(bench, 'kind = "order_response"\nwithin = "8h"\nwarn = "2h"\npenalty = "10%"')
    bench.pass_by(x12(order("PO-1", ("1", "UNKNOWN", "10", "12.50"))))
    (row,) = owed(bench, state="open")
    held = bench.message(type="850")
    bench.wait(6.1 * HOUR)
    assert owed(bench)[0]["warned_at"] is not None
    assert "obligation_due_soon" in names(bench, held)
    assert "HUB-4210" not in bench.incidents()
    bench.wait(2 * HOUR)
    assert bench.incidents().count("HUB-4210") == 1
    said = bench.row(incident, code="HUB-4210")["message"]
    assert said.startswith("We owe bluebird the OrderResponse for PO-1 (order_response), due 2026-01-05 17:00 UTC.")
    bench.wait(48 * HOUR)
    assert bench.row(incident, code="HUB-4210")["count"] == 1, "said once"
    bench.hub.desk.close_obligation(row["id"], "anna", "agreed by phone")
    closed = owed(bench)[0]
    assert (closed["state"], closed["actor"], closed["reason"]) == ("closed", "anna", "agreed by phone")
    assert "HUB-4210" not in bench.incidents()


def test_it_opens_once_however_often_the_order_is_derived(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    owing(bench, 'kind = "order_response"')
    bench.pass_by(x12(order("PO-1", ("1", "UNKNOWN", "10", "12.50"))))
    bench.hub.operations.act("replay", bench.message(type="850")["id"], "anna", "again")
    bench.run()
    assert len(owed(bench)) == 1


def test_what_is_ignored_is_owed_nothing(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    owing(bench, 'kind = "order_response"')
    bench.pass_by(x12(order("PO-1", ("1", "UNKNOWN", "10", "12.50"))))
    bench.hub.operations.act("ignore", bench.message(type="850")["id"], "anna", "a test of theirs")
    (row,) = owed(bench)
    assert (row["state"], row["actor"], row["reason"]) == ("closed", "anna", "a test of theirs")


def test_the_whole_flow_of_a_shipment(bench: Bench) -> None:
    owing(bench, 'kind = "ship_notice"', 'kind = "invoice"')
    owing(bench, 'kind = "shipment_confirmation"\nby = "16:00"', partner="harbor")
    bench.pass_by(x12(order("PO-1")))
    (awaited,) = owed(bench, state="open")
    assert (awaited["kind"], awaited["partner"]) == ("shipment_confirmation", "harbor")
    assert awaited["due_at"].isoformat() == "2026-01-12T18:00:00+00:00", "the pick-up of its ship date, and two hours"
    number = bench.message("out", type="940")["number"]
    lines = [("CC", "10", "10", "NW-100"), ("CC", "4", "4", "NW-200")]
    bench.pass_by(x12(confirmation(number, "S-1", *lines), sender="01:123456789"), "harbor/drop")
    states = {row["kind"]: row["state"] for row in owed(bench)}
    assert states == {"shipment_confirmation": "met", "ship_notice": "met", "invoice": "met"}
    assert {row["partner"] for row in owed(bench, kind="ship_notice")} == {"bluebird"}


def test_what_partners_owe_is_asked_of_them(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    owing(bench, 'kind = "shipment_confirmation"', partner="harbor")
    bench.pass_by(x12(order("PO-1")))
    bench.wait(10 * 24 * HOUR)
    said = bench.row(incident, code="HUB-4210")["message"]
    assert said.startswith("harbor owes us the ShipmentConfirmation for W")
    assert "Ask harbor for it" in said


def test_while_it_is_owed_no_try_is_more_than_ten_minutes_away(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit(FILE, 'send = "x12/004010/855"', 'send = "x12/004010/855"\nexpects = "none"')
    bench.publish()
    bench.pass_by(x12(order("PO-1")))
    owing(bench, 'kind = "order_response"')
    bench.pass_by(x12(order("PO-2"), number=2))
    obliged = {row["policy"]["obliged"] for row in bench.deliveries("bluebird") if row["file_name"].startswith("855")}
    answers = {row["policy"]["obliged"] for row in bench.deliveries("bluebird") if row["file_name"].startswith("997")}
    assert obliged == {False, True}, "the first order was owed nothing"
    assert answers == {True}, "an acknowledgement is always owed"


def test_what_is_owed_twice_is_met_twice_and_by_its_type_of_message_alone(bench: Bench) -> None:
    own = 'kind = "answers"\nafter = ["receive Order"]\nwants = "send 855"\nwithin = ["24h", "48h"]'
    owing(bench, 'kind = "order_status"', own)
    bench.pass_by(x12(order("PO-1")))
    sent = bench.message("out", type="855")
    states = {(row["kind"], row["ordinal"]): row["state"] for row in owed(bench)}
    assert states == {
        ("order_status", 1): "open",
        ("order_status", 2): "open",
        ("answers", 1): "met",
        ("answers", 2): "open",
    }
    bench.hub.operations.reissue(sent["id"], "anna")
    bench.run()
    assert [row["state"] for row in owed(bench, kind="answers")] == ["met", "met"]
    assert {row["state"] for row in owed(bench, kind="order_status")} == {"open"}, "an 855 is no 870"


def test_an_order_that_is_held_is_looked_at_within_a_working_hour(bench: Bench) -> None:
    owing(bench, 'kind = "first_review"')
    bench.pass_by(x12(order("PO-1"), order("PO-2", ("1", "UNKNOWN", "10", "12.50"))))
    (row,) = owed(bench)
    assert (row["number"], row["state"], row["wants"]) == ("PO-2", "open", "review Order")
    assert (row["due_at"] - row["opened_at"]).total_seconds() == HOUR
    bench.wait(1.1 * HOUR)
    said = bench.row(incident, code="HUB-4210")["message"]
    assert said.startswith("bluebird's Order PO-2 is held, and nobody has looked at it by 2026-01-05 10:00 UTC.")
    bench.hub.operations.act("ignore", row["message_id"], "anna", "a test of theirs", dry_run=True)
    assert owed(bench, state="open"), "a preview is no review"
    bench.hub.operations.act("replay", row["message_id"], "anna", "new item")
    (met,) = owed(bench)
    assert (met["state"], met["actor"], met["met_by"]) == ("met", "anna", row["message_id"])
    assert "HUB-4210" not in bench.incidents()
    bench.run()
    assert len(owed(bench)) == 1, "held again: the first look was had"


def test_a_notice_that_cannot_be_in_time_is_said_at_once(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit(FILE, 'send = "x12/004010/856"', 'send = "x12/004010/856"\nwindow = { at = ["18:30"] }')
    bench.publish()
    owing(bench, 'kind = "ship_notice_ahead"\nfrom_date = "shipped"\nbefore = "12h"')
    bench.pass_by(x12(order("PO-1")))
    number = bench.message("out", type="940")["number"]
    lines = [("CC", "10", "10", "NW-100"), ("CC", "4", "4", "NW-200")]
    told = confirmation(number, "S-1", *lines)
    told.insert(2, "G62*11*20260105")
    bench.pass_by(x12(told, sender="01:123456789"), "harbor/drop")
    bench.wait(30)
    said = bench.row(incident, code="HUB-4210")["message"]
    assert "We owe bluebird the ShipNotice for PO-1 (ship_notice_ahead), due 2026-01-04 21:00 UTC." in said


def test_an_acknowledgement_that_is_not_away_in_a_day_is_an_incident(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    schedule_due(bench.hub.context)
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    with bench.hub.database.begin() as conn:
        enqueue(conn, bench.clock.now(), lane="out/bluebird/mailbox", kind="none", subject_id="x")
    with bench.hub.database.begin() as conn:
        pause_lane(conn, bench.clock.now(), "out/bluebird/mailbox")
    bench.run()
    bench.wait(23 * HOUR)
    assert bench.incidents() == []
    bench.wait(2 * HOUR)
    said = bench.row(incident, code="HUB-4213")["message"]
    assert said.startswith("Our 997 000000001 to bluebird should have been delivered by 2026-01-06 09:00 UTC")


def test_nobody_closes_what_is_not_open(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    owing(bench, 'kind = "order_response"')
    bench.pass_by(x12(order("PO-1")))
    with pytest.raises(UsageError, match="No obligation"):
        bench.hub.desk.close_obligation(owed(bench)[0]["id"], "anna", "why not")


def test_tests_owe_nothing(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    owing(bench, 'kind = "order_response"')
    body = x12(order("PO-1"), sender="ZZ:BLUEBIRDT", receiver="ZZ:NORTHWINDT", test=True)
    bench.pass_by(body, "bluebird/mailbox-test")
    assert owed(bench) == []


def test_silence_is_an_incident_until_something_comes(bench: Bench) -> None:
    bench.edit(FILE, 'receive = "x12/004010/850"', 'receive = "x12/004010/850"\nevery = "day by 12:00"')
    bench.publish()
    schedule_due(bench.hub.context)
    bench.run()
    bench.wait(2.9 * HOUR)
    assert bench.incidents() == []
    bench.wait(0.2 * HOUR)
    assert bench.incidents() == ["HUB-4211"]
    bench.wait(1 * HOUR)
    assert bench.row(incident, code="HUB-4211")["count"] == 1
    bench.pass_by(x12(order("PO-1")))
    bench.wait(120)
    assert "HUB-4211" not in bench.incidents()
    bench.wait(22 * HOUR)
    assert "HUB-4211" not in bench.incidents(), "the next is due tomorrow at noon"
    bench.wait(1 * HOUR)
    assert "HUB-4211" in bench.incidents()
    bench.edit(FILE, '\nevery = "day by 12:00"', "")
    bench.publish()
    bench.wait(60)
    assert "HUB-4211" not in bench.incidents(), "nobody expects it any more"


def test_how_punctual_everybody_was(bench: Bench) -> None:
    begun = bench.clock.now()
    owing(bench, 'kind = "order_response"')
    owing(bench, 'kind = "shipment_confirmation"', partner="harbor")
    bench.pass_by(x12(order("PO-1"), order("PO-2"), order("PO-3", ("1", "UNKNOWN", "10", "12.50"))))
    bench.wait(25 * HOUR)
    bench.hub.operations.act("ignore", bench.message(number="PO-3")["id"], "anna", "a test of theirs")
    bench.pass_by(x12(order("PO-4", ("1", "UNKNOWN", "10", "12.50")), number=2))
    bench.wait(9 * 24 * HOUR)
    with bench.hub.database.read() as conn:
        found = [(row.partner, row.kind, row.due, row.in_time) for row in kept(conn, bench.clock.now(), begun)]
        assert kept(conn, bench.clock.now(), bench.clock.now()) == []
    assert found == [("harbor", "shipment_confirmation", 2, 0), ("bluebird", "order_response", 3, 2)]


def test_what_is_owed_is_found_by_indexes(bench: Bench) -> None:
    """The tick and the match never scan what has ended."""
    from hub.store.obligations import answered, to_look_at

    plans: list[str] = []
    with bench.hub.database.read() as conn:
        sqlite = conn.dialect.name == "sqlite"
        if not sqlite:
            conn.execute(text("SET LOCAL enable_seqscan = off"))
        assert to_look_at(conn, bench.clock.now(), 10) == []
        assert answered(conn, "bluebird", "send OrderResponse", {"PO-1"}) == []
        for query in (
            "SELECT id FROM obligation WHERE look_at IS NOT NULL AND look_at <= {now} ORDER BY look_at LIMIT 10",
            "SELECT id FROM obligation WHERE state = 'open' AND partner = 'a' AND number IN ('b') AND wants = 'c'",
        ):
            explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
            now = "1" if sqlite else "now()"
            plans.append(str(conn.execute(text(explain + query.format(now=now))).all()))
    assert "ix_obligation_look" in plans[0]
    assert "ix_obligation_wants" in plans[1]
