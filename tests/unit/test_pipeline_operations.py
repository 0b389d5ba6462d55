"""What people do with messages: the effect, the refusal that says what can be done instead, the audit entry."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import RowMapping

from hub.dispatch import pause_lane, resume_lane
from hub.errors import UsageError
from hub.pipeline.due import schedule_due
from hub.pipeline.operations import ACTIONS, Done
from hub.store.audit import Entry, list_audit, verify
from hub.store.tables import audit, event, incident, work
from hub.store.tables import lane as lanes
from tests.hubs import HOUR, Bench, answer, order, x12

HARBOR = "out/harbor/drop"


def act(bench: Bench, action: str, row: RowMapping, reason: str = "because", **options: Any) -> Done:
    return bench.hub.operations.act(action, row["id"], "ann", reason, options)


def entries(bench: Bench) -> list[Entry]:
    with bench.hub.database.read() as conn:
        assert verify(conn).fault is None
        return list_audit(conn)


def lane(bench: Bench, change: Any, name: str = HARBOR) -> None:
    with bench.hub.database.begin() as conn:
        change(conn, bench.clock.now(), name)


def shipping(bench: Bench) -> RowMapping:
    """Our 940 to the warehouse."""
    return bench.message("out", type="940")


@pytest.fixture
def waiting(bench: Bench) -> RowMapping:
    """A 940 whose delivery failed for now and is tried again later."""
    bench.script("harbor", "transient")
    bench.pass_by(x12(order("PO-1")))
    row = shipping(bench)
    assert row["delivery"] == "queued"
    return row


@pytest.fixture
def unwritten(sqlite_bench: Bench) -> RowMapping:
    """A 940 that is not written, because its lane is paused."""
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-0")))
    lane(bench, pause_lane)
    bench.pass_by(x12(order("PO-1"), number=2))
    return bench.message("out", type="940", validation="pending")


def test_what_is_held_is_not_sent_until_it_is_unheld(bench: Bench, waiting: RowMapping) -> None:
    done = act(bench, "hold", waiting, "price is wrong")
    assert (done.before["delivery"], done.after["delivery"]) == ("queued", "held")
    bench.wait(24 * HOUR)
    assert bench.lying("harbor") == []
    held = shipping(bench)
    assert held["hold_reason"] == "price is wrong (ann)"
    act(bench, "unhold", held, "")
    bench.run()
    assert len(bench.lying("harbor")) == 1
    assert shipping(bench)["delivery"] == "delivered"
    assert shipping(bench)["hold_reason"] is None
    told = [(row["name"], row["actor"]) for row in bench.rows(event, subject_id=waiting["id"])]
    assert [one for one in told if one[1] == "ann"] == [("held", "ann"), ("unheld", "ann")]
    newest, before = entries(bench)
    assert (newest.action, newest.actor, newest.reason) == ("unhold", "ann", "")
    assert before.reason == "price is wrong"
    assert (before.before["delivery"], before.after["delivery"]) == ("queued", "held")


def test_a_message_that_is_not_written_is_held_and_written_once(sqlite_bench: Bench, unwritten: RowMapping) -> None:
    bench = sqlite_bench
    act(bench, "hold", unwritten)
    lane(bench, resume_lane)
    bench.wait(HOUR)
    assert len(bench.lying("harbor")) == 1, "the other one"
    lane(bench, pause_lane)
    for _ in range(2):
        act(bench, "unhold", bench.row_of(unwritten["id"]))
        act(bench, "hold", bench.row_of(unwritten["id"]))
    act(bench, "unhold", bench.row_of(unwritten["id"]))
    lane(bench, resume_lane)
    bench.run()
    assert len(bench.lying("harbor")) == 2
    assert bench.row_of(unwritten["id"])["delivery"] == "delivered"


def test_what_a_worker_has_in_hand_is_refused(bench: Bench, waiting: RowMapping) -> None:
    with bench.hub.database.begin() as conn:
        conn.execute(work.update().where(work.c.kind == "deliver").values(tries=1))
    for action in ("hold", "cancel"):
        with pytest.raises(UsageError, match="HUB-6027 A worker is at it right now"):
            act(bench, action, waiting)
    assert shipping(bench)["delivery"] == "queued"
    assert entries(bench) == []


def test_what_is_cancelled_is_never_sent(bench: Bench, waiting: RowMapping) -> None:
    act(bench, "cancel", waiting, "customer cancelled")
    bench.wait(24 * HOUR)
    assert bench.lying("harbor") == []
    row = shipping(bench)
    assert (row["delivery"], row["acknowledgement"]) == ("cancelled", "none")
    assert bench.left() == []
    act(bench, "resend", row)
    bench.run()
    assert shipping(bench)["delivery"] == "delivered"


def test_an_unwritten_message_is_cancelled_and_takes_no_number(sqlite_bench: Bench, unwritten: RowMapping) -> None:
    bench = sqlite_bench
    act(bench, "cancel", unwritten)
    lane(bench, resume_lane)
    bench.wait(HOUR)
    row = bench.row_of(unwritten["id"])
    assert (row["validation"], row["delivery"], row["control_number"]) == ("ignored", "cancelled", "")
    bench.pass_by(x12(order("PO-2"), number=3))
    assert b"*000000002*0*P*" in bench.lying("harbor")[-1], "no gap"


def test_cancelling_a_failed_delivery_resolves_its_incident(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.script("harbor", "permanent")
    bench.pass_by(x12(order("PO-1")))
    assert bench.incidents() == ["HUB-5003"]
    act(bench, "cancel", shipping(bench))
    assert bench.incidents() == []
    (row,) = bench.rows(incident)
    told = [(one["name"], one["actor"]) for one in bench.rows(event, subject_type="incident", subject_id=row["id"])]
    assert told == [("opened", "hub"), ("resolved", "ann")]


def test_what_is_rerouted_goes_by_the_other_connection_only(bench: Bench) -> None:
    bench.script("harbor", "transient")
    bench.edit(
        "partners/harbor/partner.toml",
        "[connection.drop]",
        '[connection.spare]\nconnector = "mailbox"\nuser = "h2"\npassword = "secret:bluebird"\n\n[connection.drop]',
    )
    text = (bench.folder / "partners/harbor/partner.toml").read_text()
    text = text.replace("\nsend = ", '\nconnection = "drop"\nsend = ').replace(
        "\nreceive = ", '\nconnection = "drop"\nreceive = '
    )
    (bench.folder / "partners/harbor/partner.toml").write_text(text)
    bench.publish()
    bench.pass_by(x12(order("PO-1")))
    waiting = shipping(bench)
    assert waiting["delivery"] == "queued"
    with pytest.raises(UsageError, match='"bluebird/mailbox" cannot carry what goes to harbor; these can: harbor/'):
        act(bench, "reroute", waiting, connection="bluebird/mailbox")
    act(bench, "reroute", waiting, "their server is down", connection="spare")
    bench.wait(24 * HOUR)
    assert bench.lying("harbor") == []
    assert len(bench.outbox("harbor/spare")) == 1
    assert [row["state"] for row in bench.deliveries("harbor")] == ["cancelled", "delivered"]
    assert shipping(bench)["connection"] == "harbor/spare"


def test_what_the_partner_confirms_is_delivered_and_acknowledged(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.script("harbor", "permanent")
    bench.pass_by(x12(order("PO-1")))
    act(bench, "confirm", shipping(bench), "by phone, Mr Lee")
    row = shipping(bench)
    assert (row["delivery"], row["acknowledgement"]) == ("delivered", "accepted")
    assert bench.deliveries("harbor")[0]["receipt"] == {"reference": "by phone, Mr Lee", "by": "ann"}
    assert bench.incidents() == []
    with pytest.raises(UsageError, match="awaits no confirmation"):
        act(bench, "confirm", row)


def test_overdue_is_one_incident_a_partner_and_ends_with_the_last(bench: Bench) -> None:
    schedule_due(bench.hub.context)
    bench.pass_by(x12(order("PO-1"), order("PO-2"), order("PO-3")))
    bench.wait(25 * HOUR)
    rows = bench.messages("out", type="940")
    assert [row["acknowledgement"] for row in rows] == ["overdue"] * 3
    (one,) = bench.rows(incident, cause="overdue/harbor")
    assert one["count"] == 3
    bench.receive("harbor/drop", answer(bench.bytes_of(rows[0])))
    bench.run()
    act(bench, "confirm", rows[1])
    assert bench.row(incident, cause="overdue/harbor")["resolved_at"] is None
    act(bench, "ignore", rows[2], "their 997s are off until Monday")
    assert bench.row(incident, cause="overdue/harbor")["resolved_at"] is not None
    ignored = bench.row_of(rows[2]["id"])
    assert (ignored["validation"], ignored["acknowledgement"]) == ("ignored", "overdue"), "what happened stays true"


def test_a_resend_of_what_is_overdue_is_awaited_anew(bench: Bench) -> None:
    schedule_due(bench.hub.context)
    bench.pass_by(x12(order("PO-1")))
    bench.wait(25 * HOUR)
    late = bench.message("out", type="940")
    act(bench, "resend", late)
    bench.run()
    again = bench.row_of(late["id"])
    assert (again["delivery"], again["acknowledgement"]) == ("delivered", "expected")
    assert again["acknowledgement_due_at"] == bench.clock.now() + timedelta(hours=24)
    bench.wait(25 * HOUR)
    assert bench.row_of(late["id"])["acknowledgement"] == "overdue"
    assert bench.row(incident, cause="overdue/harbor")["count"] == 2


def test_a_refusal_ends_with_the_reissue(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    sent = shipping(bench)
    bench.receive("harbor/drop", answer(bench.bytes_of(sent), "R"))
    bench.run()
    assert bench.incidents() == ["HUB-4205"]
    made = act(bench, "reissue", bench.row_of(sent["id"])).made["reissued_as"]
    bench.run()
    assert bench.incidents() == []
    assert bench.row_of(sent["id"])["validation"] == "ignored"
    assert bench.row_of(made)["delivery"] == "delivered"


def test_one_message_out_of_an_interchange_is_held_ignored_and_replayed(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1", ("1", "XX-1", "3", "2.00")), order("PO-2")))
    held, fine = bench.messages()
    with pytest.raises(UsageError, match="was dealt with already"):
        act(bench, "hold", fine)
    with pytest.raises(UsageError, match="is no problem"):
        act(bench, "ignore", fine)
    act(bench, "ignore", held, "a test of theirs")
    assert bench.row_of(held["id"])["validation"] == "ignored"
    assert bench.incidents() == []
    act(bench, "replay", bench.row_of(held["id"]))
    bench.run()
    assert bench.row_of(held["id"])["validation"] == "held"
    assert bench.incidents() == ["HUB-8007"]


def test_what_came_in_is_read_by_a_chosen_revision(bench: Bench) -> None:
    old = bench.hub.content().revision
    bench.pass_by(x12(order("PO-0")))
    bench.edit("partners/bluebird/partner.toml", '[[agreement]]\nreceive = "x12/004010/850"\n\n', "")
    new = bench.publish()
    bench.pass_by(x12(order("PO-1"), number=2))
    (held,) = bench.messages(validation="held")
    act(bench, "replay", held)
    bench.run()
    assert (bench.row_of(held["id"])["validation"], bench.row_of(held["id"])["revision"]) == ("held", new)
    done = act(bench, "replay", held, revision=old[:12])
    assert done.made == {"replayed": True, "revision": old}
    bench.run()
    read = bench.row_of(held["id"])
    assert (read["validation"], read["revision"], read["number"]) == ("accepted", old, "PO-1")
    assert len(bench.messages("out", type="940", revision=new)) == 1, "what follows goes by the one in force"
    assert entries(bench)[0].after["revision"] == old
    with pytest.raises(UsageError, match="HUB-6022 0 revisions begin"):
        act(bench, "replay", held, revision="zz")
    with pytest.raises(UsageError, match="is not read from bytes"):
        act(bench, "replay", bench.message("out", type="940", revision=new), revision=old)


def test_a_document_is_held_before_it_is_routed(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    known = {row["name"] for row in bench.rows(lanes) if row["name"].startswith("orders/")}
    with bench.hub.database.begin() as conn:
        for number in range(16):
            name = f"orders/{number}"
            if name not in known:
                conn.execute(lanes.insert(), {"name": name, "connection": "", "state": "asleep"})
            pause_lane(conn, bench.clock.now(), name)
    bench.pass_by(x12(order("PO-7"), number=2))
    row = bench.message(number="PO-7")
    assert row["validation"] == "accepted"
    act(bench, "hold", row, "credit limit")
    with bench.hub.database.begin() as conn:
        for number in range(16):
            resume_lane(conn, bench.clock.now(), f"orders/{number}")
    bench.run()
    assert len(bench.messages("out", type="940")) == 1
    act(bench, "unhold", bench.row_of(row["id"]))
    bench.run()
    assert len(bench.messages("out", type="940")) == 2


def test_a_dry_run_tells_the_effect_and_changes_nothing(bench: Bench, waiting: RowMapping) -> None:
    done = bench.hub.operations.act("cancel", waiting["id"], "ann", "see", dry_run=True)
    assert done.dry_run
    assert (done.before["delivery"], done.after["delivery"]) == ("queued", "cancelled")
    assert shipping(bench) == waiting
    assert entries(bench) == []
    assert len(bench.rows(work, kind="deliver")) == 1


@pytest.mark.parametrize("action", sorted(name for name, row in ACTIONS.items() if row.needs_reason))
def test_without_a_reason_it_is_refused(sqlite_bench: Bench, action: str) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        sqlite_bench.hub.operations.act(action, "x", "ann", "  ")


def test_what_makes_no_sense_says_what_does(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    received, sent = bench.message(), shipping(bench)
    for action, row, hint in (
        ("hold", sent, "its delivery is delivered"),
        ("cancel", sent, "Tell the partner instead"),
        ("cancel", received, "ignore it"),
        ("unhold", sent, "is not held"),
        ("unhold", received, "is not held"),
        ("confirm", received, "awaits no confirmation"),
        ("reroute", received, "change the connection in the agreement"),
    ):
        with pytest.raises(UsageError, match=hint):
            act(bench, action, row, connection="drop")
    with pytest.raises(UsageError, match="needs the option connection"):
        act(bench, "reroute", sent)
    with pytest.raises(UsageError, match='Nothing is called "explode"'):
        act(bench, "explode", sent)
    assert bench.rows(audit) == []


def test_a_hold_and_a_worker_never_both_win(bench: Bench) -> None:
    """Whatever the moment: a message is held and not sent, or sent and not held."""
    bench.pass_by(x12(order("PO-0")))
    lane(bench, pause_lane)
    bench.pass_by(x12(*(order(f"PO-{number}") for number in range(1, 25)), number=2))
    lane(bench, resume_lane)
    rows = bench.messages("out", type="940", delivery="queued")
    assert len(rows) == 24
    faults: list[BaseException] = []

    def work_off() -> None:
        try:
            bench.run()
        except BaseException as error:  # noqa: BLE001 - any fault of the worker fails the test
            faults.append(error)

    worker = threading.Thread(target=work_off)
    worker.start()
    refused = []
    for row in reversed(rows):
        try:
            act(bench, "hold", row)
        except UsageError as error:
            refused.append(error.code)
    worker.join()
    assert faults == []
    assert set(refused) <= {"HUB-6023", "HUB-6027"}
    bench.run()
    after = [bench.row_of(row["id"]) for row in rows]
    assert {row["delivery"] for row in after} <= {"held", "delivered"}
    delivered = [row for row in after if row["delivery"] == "delivered"]
    assert len(delivered) == len(refused)
    assert len(bench.lying("harbor")) == 1 + len(refused)
