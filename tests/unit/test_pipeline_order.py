"""Messages of one order keep their order by a connection, also where one of them waits for its next try."""

import pytest
from sqlalchemy import update

from hub.pipeline.attempt import LOOK_AGAIN
from hub.store.tables import fulfilment, work
from tests.hubs import Bench, confirmation, order, x12


@pytest.fixture
def dropped(bench: Bench) -> Bench:
    """The retailer gets its answers into a folder, and its order is acknowledged there."""
    file = "partners/bluebird/partner.toml"
    bench.edit(file, 'connector = "mailbox"\nuser = "bluebird"\n', 'connector = "drop"\nfolder = "bluebird"\n')
    bench.edit(file, 'folder = "bluebird"\npassword = "secret:bluebird"', 'folder = "bluebird"')
    bench.publish()
    return bench


def kinds(bench: Bench) -> list[str]:
    """What lies there, as type and order, in the order in which it was tried."""
    said = {row["interchange_id"]: row for row in bench.messages("out", partner="bluebird")}
    keys = {row["idempotency_key"]: said[row["interchange_id"]] for row in bench.deliveries("bluebird")}
    log = (bench.drops / "bluebird.log").read_text().splitlines()
    return [f"{how} {keys[key]['type']}" for how, key in map(str.split, log)]


def shipped(bench: Bench, place: int, number: int) -> None:
    source = str(bench.rows(fulfilment)[place]["number"])
    whole = confirmation(source, f"SHP-{number}", ("CC", "10", "10", "NW-100"), ("CC", "4", "4", "NW-200"))
    bench.pass_by(x12(whole, number=number, sender="01:123456789"), "harbor/drop")


@pytest.mark.parametrize("how", ["transient", "in_doubt"])
def test_what_follows_on_an_order_waits_for_what_came_before_it(dropped: Bench, how: str) -> None:
    bench = dropped
    bench.pass_by(x12(order("PO-1"), order("PO-2")), "bluebird/mailbox")
    before = len(kinds(bench))
    bench.script("bluebird", how)
    shipped(bench, 0, 1)
    shipped(bench, 1, 2)
    assert kinds(bench)[before:] == [f"{how} 856", "ok 856", "ok 810"], "the other order goes on"
    bench.wait(6)
    again = ["probe 856"] if how == "in_doubt" else []
    assert kinds(bench)[before + 3 :] == [*again, "ok 856", "ok 810"]
    assert {row["delivery"] for row in bench.messages("out", partner="bluebird")} == {"delivered"}
    assert bench.left() == []


def test_what_is_given_up_lets_the_rest_go_on(dropped: Bench) -> None:
    bench = dropped
    bench.pass_by(x12(order("PO-1")), "bluebird/mailbox")
    bench.script("bluebird", "transient", "permanent")
    shipped(bench, 0, 1)
    bench.wait(6)
    assert kinds(bench)[-3:] == ["transient 856", "permanent 856", "ok 810"]
    assert bench.left() == []


def test_what_is_set_aside_is_waited_for_patiently(dropped: Bench) -> None:
    bench = dropped
    bench.pass_by(x12(order("PO-1")), "bluebird/mailbox")
    bench.script("bluebird", "transient")
    shipped(bench, 0, 1)
    first = min(row["id"] for row in bench.rows(work, kind="deliver", lane="out/bluebird/mailbox"))
    with bench.hub.database.begin() as conn:
        conn.execute(update(work).where(work.c.id == first).values(set_aside=True))
    bench.wait(6)
    (behind,) = [row for row in bench.rows(work, kind="deliver", lane="out/bluebird/mailbox") if row["id"] != first]
    assert behind["run_at"] - bench.clock.now() == LOOK_AGAIN
    bench.take_up(first)
    bench.run()
    bench.wait(LOOK_AGAIN.total_seconds())
    assert kinds(bench)[-3:] == ["transient 856", "ok 856", "ok 810"]
