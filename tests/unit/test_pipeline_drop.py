"""Work that a person gives up: what it was about is not forgotten, and may still go on."""

import pytest

from hub.dispatch import pause_lane, resume_lane
from hub.errors import UsageError
from hub.pipeline.collect import schedule_polls
from hub.pipeline.due import schedule_due
from hub.store.tables import work
from tests.hubs import Bench, order, x12

EVERYTHING = ["bluebird 997", "bluebird 855", "harbor 940"]


def until(bench: Bench, kind: str) -> None:
    """There is work of that kind, and nobody has begun it."""
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    for _ in range(50):
        if bench.rows(work, kind=kind):
            return
        assert bench.worker.step()


def drop(bench: Bench, kind: str) -> None:
    bench.hub.desk.drop_work(bench.set_aside(kind), "ann", "it cannot be mended")
    bench.run()


def test_a_payload_nobody_looked_into_is_replayed(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    payload_id = bench.receive("bluebird/mailbox", x12(order("PO-1")))
    drop(bench, "identify")
    (row,) = bench.payloads()
    assert row["state"] == "unreadable"
    assert "ann: it cannot be mended" in row["note"]
    bench.hub.desk.identify_again(payload_id, "ann")
    bench.run()
    assert sorted(bench.sent()) == sorted(EVERYTHING)


@pytest.mark.parametrize("kind", ["translate", "route"])
def test_a_message_that_came_in_is_held_and_replayed(bench: Bench, kind: str) -> None:
    until(bench, kind)
    drop(bench, kind)
    row = bench.message()
    assert (row["validation"], bench.left()) == ("held", [])
    assert "ann: it cannot be mended" in row["hold_reason"]
    assert bench.sent() == ["bluebird 997"]
    bench.hub.operations.act("unhold", row["id"], "ann")
    bench.run()
    assert sorted(bench.sent()) == sorted(EVERYTHING)


def test_a_message_that_is_not_written_is_held_and_written(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-0"), number=2))
    with bench.hub.database.begin() as conn:
        pause_lane(conn, bench.clock.now(), "out/harbor/drop")
    bench.pass_by(x12(order("PO-1")))
    drop(bench, "write")
    with bench.hub.database.begin() as conn:
        resume_lane(conn, bench.clock.now(), "out/harbor/drop")
    row = bench.messages("out", type="940")[-1]
    assert (row["validation"], row["delivery"]) == ("held", "held")
    bench.hub.operations.act("unhold", row["id"], "ann")
    bench.run()
    assert bench.row_of(row["id"])["delivery"] == "delivered"


@pytest.mark.parametrize(("how", "unsure"), [("transient", False), ("in_doubt_arrived", True)])
def test_a_delivery_is_failed_and_sent_again(bench: Bench, how: str, unsure: bool) -> None:
    bench.script("harbor", how)
    bench.pass_by(x12(order("PO-1")))
    drop(bench, "deliver")
    row = bench.message("out", type="940")
    assert row["delivery"] == "failed"
    assert [one["maybe_duplicate"] for one in bench.deliveries("harbor")] == [unsure]
    bench.hub.operations.act("resend", row["id"], "ann")
    bench.run()
    assert bench.row_of(row["id"])["delivery"] == "delivered"
    assert len(bench.lying("harbor")) == 1, "what may be there is asked after, and keeps its name"


def test_what_is_never_answered_says_so_and_timers_cannot_be_given_up(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    until(bench, "acknowledge")
    drop(bench, "acknowledge")
    assert "bluebird 997" not in bench.sent()
    assert bench.message()["validation"] == "accepted"
    schedule_due(bench.hub.context)
    schedule_polls(bench.hub.context)
    with pytest.raises(UsageError, match="retry it"):
        drop(bench, "due")
