"""What is written for a mailbox of our own is laid out in the same transaction, unless it would overtake something."""

from hub.app import stages
from hub.dispatch import Dispatcher
from hub.store.tables import attempt, event, mailbox_file
from tests.hubs import Bench, order, x12


def without_delivering(bench: Bench) -> None:
    """From now on the worker sets deliveries aside."""
    rest = [stage for stage in stages(bench.hub.context) if stage.kind != "deliver"]
    bench.worker = Dispatcher(bench.hub.database, rest, bench.clock, "test")


def states(bench: Bench) -> list[tuple[str, str, str]]:
    """Of the messages to Bluebird: their type, that of their delivery, and their own."""
    deliveries = {row["interchange_id"]: row["state"] for row in bench.deliveries("bluebird")}
    sent = bench.messages("out", partner="bluebird")
    return [(row["type"], deliveries[row["interchange_id"]], row["delivery"]) for row in sent]


def test_what_is_written_for_a_mailbox_lies_there_at_once(bench: Bench) -> None:
    bench.edit(
        "partners/bluebird/partner.toml",
        'receive = "x12/004010/850"',
        'receive = "x12/004010/850"\nacknowledge = "none"',
    )
    bench.publish()
    without_delivering(bench)
    bench.pass_by(x12(order("PO-1"), order("PO-2")))
    assert states(bench) == [("855", "delivered", "delivered")] * 2
    laid_out = bench.rows(mailbox_file)
    assert [row["state"] for row in laid_out] == ["waiting"] * 2
    for row in bench.deliveries("bluebird"):
        assert [one["outcome"] for one in bench.rows(attempt, delivery_id=row["id"])] == ["delivered"]
    told = [row["name"] for row in bench.rows(event, subject_id=bench.messages("out", partner="bluebird")[0]["id"])]
    assert told == ["written", "delivered"]


def test_it_waits_its_turn_where_something_waits_to_be_delivered(bench: Bench) -> None:
    without_delivering(bench)
    bench.pass_by(x12(order("PO-1")))  # its 997 waits before the 855
    assert sorted(states(bench)) == [("855", "queued", "queued"), ("997", "queued", "queued")]
    assert bench.rows(mailbox_file) == []
