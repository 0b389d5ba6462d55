"""One operation on all messages that fit: what it would do, progress, refusals, cancelling, a process that ends."""

import pytest

from hub.dispatch import pause_lane, resume_lane
from hub.errors import UsageError
from hub.store.audit import list_audit
from hub.store.browse import MessageFilter
from hub.store.tables import bulk, message
from tests.hubs import HOUR, Bench, order, x12

QUEUED = MessageFilter(partner="harbor", status="delivery:queued")


@pytest.fixture
def many(bench: Bench) -> Bench:
    """Five orders; their 940s wait in a paused lane."""
    bench.pass_by(x12(order("PO-0")))
    with bench.hub.database.begin() as conn:
        pause_lane(conn, bench.clock.now(), "out/harbor/drop")
    bench.pass_by(x12(*(order(f"PO-{number}") for number in range(1, 6)), number=2))
    assert len(waiting(bench)) == 5
    return bench


def waiting(bench: Bench) -> list[str]:
    return [row["id"] for row in bench.messages("out", type="940", delivery="queued")]


def test_a_preview_counts_shows_examples_and_changes_nothing(many: Bench) -> None:
    preview = many.hub.bulk.preview("cancel", QUEUED, "ann", "see")
    assert preview.total == 5
    (alike,) = preview.alike
    assert (alike.partner, alike.type, alike.delivery, alike.count) == ("harbor", "940", "queued", 5)
    assert [done.after["delivery"] for done in preview.examples] == ["cancelled"] * 5
    assert len(waiting(many)) == 5
    nonsense = many.hub.bulk.preview("cancel", MessageFilter(direction="in"), "ann", "see")
    assert nonsense.examples == []
    assert "ignore it" in nonsense.refused[0].text


def test_a_worker_does_them_all_and_says_what_it_did(many: Bench) -> None:
    made = many.hub.bulk.start("hold", QUEUED, "ann", "stock count")
    many.run()
    row = many.hub.bulk.find(made)
    assert (row.state, row.total, row.done, row.refused) == ("done", 5, 5, 0)
    assert waiting(many) == []
    with many.hub.database.read() as conn:
        told = list_audit(conn)
    assert [(entry.action, entry.reason) for entry in told] == [("hold", "stock count")] * 5 + [("bulk", "stock count")]
    many.hub.bulk.start("unhold", MessageFilter(status="delivery:held"), "ann", "")
    many.run()
    with many.hub.database.begin() as conn:
        resume_lane(conn, many.clock.now(), "out/harbor/drop")
    many.run()
    assert len(many.lying("harbor")) == 6


def test_what_is_refused_is_counted_and_the_others_go_on(many: Bench) -> None:
    made = many.hub.bulk.start("cancel", MessageFilter(type="940"), "ann", "wrong", by_worker=False)
    row = many.hub.bulk.step(made, 3)
    assert (row.state, row.done, row.refused) == ("running", 2, 1)
    assert "Tell the partner instead" in row.refusals[0]["text"]
    while row.state == "running":
        row = many.hub.bulk.step(made, 3)
    assert (row.state, row.done, row.refused) == ("done", 5, 1)


def test_cancelling_leaves_the_rest_alone(many: Bench) -> None:
    made = many.hub.bulk.start("hold", QUEUED, "ann", "x", by_worker=False)
    many.hub.bulk.step(made, 2)
    row = many.hub.bulk.cancel(made, "bob")
    assert (row.state, row.done) == ("cancelled", 2)
    assert many.hub.bulk.step(made).done == 2
    assert len(waiting(many)) == 3


def test_a_process_that_ends_in_the_middle_leaves_the_rest_to_the_next(many: Bench) -> None:
    made = many.hub.bulk.start("hold", QUEUED, "ann", "x", by_worker=False)
    many.hub.bulk.step(made, 2)
    other = many.open()
    try:
        assert other.bulk.step(made).done == 5
    finally:
        other.stop()
    assert many.hub.bulk.step(made).done == 5
    with many.hub.database.read() as conn:
        assert sum(entry.action == "hold" for entry in list_audit(conn)) == 5


def test_what_comes_later_is_not_touched(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.script("harbor", *["transient"] * 20)
    bench.pass_by(x12(order("PO-1")))
    made = bench.hub.bulk.start("hold", QUEUED, "ann", "x", by_worker=False)
    bench.pass_by(x12(order("PO-2"), number=2))
    while bench.hub.bulk.step(made).state == "running":
        pass
    assert bench.row(bulk, id=made)["done"] == 1
    assert [row["delivery"] for row in bench.rows(message, type="940")] == ["held", "queued"]
    bench.wait(HOUR)


def test_nothing_that_fits_and_no_such_status_are_said(sqlite_bench: Bench) -> None:
    with pytest.raises(UsageError, match="No message fits"):
        sqlite_bench.hub.bulk.start("hold", QUEUED, "ann", "x")
    with pytest.raises(UsageError, match='There is no status "odd"'):
        sqlite_bench.hub.bulk.preview("hold", MessageFilter(status="odd"), "ann", "x")
    with pytest.raises(UsageError, match="There is no bulk operation"):
        sqlite_bench.hub.bulk.find("nothing")
