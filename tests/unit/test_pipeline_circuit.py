"""The circuit of a connection: a far end that fails is left alone, by all workers, and tried again by one."""

from datetime import timedelta

import pytest

from hub.dispatch import resume_lane
from hub.store import browse
from hub.store.circuit import find_circuit, take_slot
from hub.store.tables import delivery, incident, lane
from tests.hubs import Bench, order, x12

MINUTE = 60.0


def orders_come(bench: Bench, count: int, number: int = 1) -> None:
    messages = [order(f"PO-{number}-{place}", ("1", "NW-100", "10", "12.50")) for place in range(count)]
    bench.receive("bluebird/mailbox", x12(*messages, number=number))


def state(bench: Bench) -> tuple[str, int]:
    with bench.hub.database.read() as conn:
        found = find_circuit(conn, "harbor/drop")
    return found.state, found.failures


def test_a_system_that_fails_is_left_alone_by_everybody(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 5)
    orders_come(bench, 8)
    bench.run()
    assert bench.log("harbor") == ["transient"] * 5
    assert state(bench) == ("open", 5)
    assert bench.incidents() == ["HUB-6015"]
    assert sorted(row["tries"] for row in bench.deliveries("harbor")) == [0, 0, 0, 1, 1, 1, 1, 1]


def test_one_try_closes_it_and_everything_goes(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 5)
    orders_come(bench, 8)
    bench.run()
    bench.wait(MINUTE)
    assert state(bench) == ("closed", 0)
    bench.wait(MINUTE)  # those that failed: by their own schedule
    assert {row["state"] for row in bench.deliveries("harbor")} == {"delivered"}
    assert len(bench.lying("harbor")) == 8
    assert bench.incidents() == []


def test_a_try_that_fails_opens_it_again_for_longer(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 6)
    orders_come(bench, 8)
    bench.run()
    bench.wait(MINUTE)
    assert bench.log("harbor") == ["transient"] * 6
    assert state(bench) == ("open", 6)
    bench.wait(MINUTE)
    assert len(bench.log("harbor")) == 6
    bench.wait(MINUTE)
    assert state(bench) == ("closed", 0)
    (told,) = [row for row in bench.rows(incident) if row["cause"] == "circuit/harbor/drop"]
    assert (told["count"], told["resolved_at"] is not None) == (2, True)


def test_what_the_far_end_refuses_says_that_it_answers(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 4, "permanent", *["transient"] * 4)
    orders_come(bench, 10)
    bench.run()
    assert state(bench)[0] == "closed"


def test_a_time_that_is_asked_for_holds_all_deliveries_of_the_connection(bench: Bench) -> None:
    bench.script("harbor", "transient 600")
    orders_come(bench, 3)
    bench.run()
    bench.wait(599)
    assert bench.log("harbor") == ["transient"]
    assert bench.incidents() == []
    bench.wait(2)
    assert len(bench.lying("harbor")) == 3


def test_a_person_may_have_it_tried_at_once(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 5)
    orders_come(bench, 6)
    bench.run()
    with bench.hub.database.begin() as conn:
        resume_lane(conn, bench.clock.now(), "out/harbor/drop", "alice")
    bench.run()
    assert state(bench) == ("closed", 0)
    assert len(bench.lying("harbor")) == 1


def test_a_try_whose_worker_dies_is_made_by_another(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 5, "killed")
    orders_come(bench, 6)
    bench.run()
    bench.clock.advance(MINUTE)
    with pytest.raises(SystemExit):
        bench.run()
    bench.restart()
    bench.run()
    assert state(bench)[0] == "half_open"
    bench.wait(5 * MINUTE)
    bench.wait(5 * MINUTE)
    assert state(bench) == ("closed", 0)
    assert len(bench.lying("harbor")) == 6


def test_a_rate_spreads_deliveries(bench: Bench) -> None:
    bench.edit("partners/harbor/partner.toml", 'folder = "harbor"\n', 'folder = "harbor"\nrate = "2/m"\n')
    bench.publish()
    orders_come(bench, 4)
    bench.run()
    assert len(bench.lying("harbor")) == 1
    for expected in (2, 3, 4):
        bench.wait(30)
        assert len(bench.lying("harbor")) == expected
    assert {row["state"] for row in bench.rows(delivery)} == {"delivered"}


def test_a_slot_belongs_to_one(bench: Bench) -> None:
    now, every = bench.clock.now(), timedelta(seconds=10)
    with bench.hub.database.begin() as conn:
        taken = [take_slot(conn, now, "a/b", every, timedelta(minutes=1)) for _ in range(3)]
        refused = [take_slot(conn, now, "a/b", every, timedelta(seconds=1)) for _ in range(2)]
    assert [(moment - now).total_seconds() for moment in taken] == [0, 10, 20]
    assert [(moment - now).total_seconds() for moment in refused] == [30, 30]


def test_receiving_goes_on_while_delivering_is_shut(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 5)
    orders_come(bench, 6)
    bench.run()
    (row,) = bench.rows(lane, name="in/bluebird/mailbox")
    assert row["backoff_until"] is None


def test_the_page_is_told_of_it(sqlite_bench: Bench) -> None:
    sqlite_bench.script("harbor", *["transient"] * 5)
    orders_come(sqlite_bench, 6)
    sqlite_bench.run()
    with sqlite_bench.hub.database.read() as conn:
        rows = {row.connection: row for row in browse.list_connections(conn, sqlite_bench.clock.now())}
    harbor = rows["harbor/drop"]
    assert (harbor.circuit, harbor.failures) == ("open", 5)
    assert harbor.error == "The folder is away for a moment."
    assert harbor.next_try_at == sqlite_bench.clock.now() + timedelta(minutes=1)
    assert rows["bluebird/mailbox"].circuit == "closed"
