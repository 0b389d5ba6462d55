"""Delivery windows and deadlines: what waits goes together at its moment, and what is late is an incident."""

from datetime import UTC, datetime

import pytest

from hub.store.tables import document, message, work
from tests.hubs import Bench, order, picked, x12

WINDOW = 'send = "x12/004010/855"\nwindow = { at = ["18:30"], zone = "America/New_York", calendar = "us" }'
CALENDAR = '[calendar.us]\nholidays = [2026-01-06]\n\n[[source]]\nitem = "NW-*"'


def windowed(bench: Bench, more: str = "") -> None:
    bench.edit("hub.toml", '[[source]]\nitem = "NW-*"', CALENDAR)
    bench.edit("partners/bluebird/partner.toml", 'send = "x12/004010/855"', WINDOW + more)
    bench.publish()


def to(bench: Bench, text: str) -> None:
    bench.clock.set(datetime.fromisoformat(text).replace(tzinfo=UTC))
    bench.run()


def answers(bench: Bench) -> list[bytes]:
    return [body for body in bench.outbox() if b"ST*855*" in body]


def test_what_waits_goes_as_one_interchange(bench: Bench) -> None:
    windowed(bench)
    for number in range(1, 8):
        bench.pass_by(x12(*(order(f"PO-{number}-{place}") for place in range(10)), number=number))
    assert bench.sent(type="940") != []
    assert answers(bench) == []
    to(bench, "2026-01-05T23:29:59")
    assert answers(bench) == []
    to(bench, "2026-01-05T23:30:00")
    (sent,) = answers(bench)
    assert picked(sent, "GE") == ["GE*70*1"]
    assert {row["delivery"] for row in bench.messages("out", type="855")} == {"delivered"}
    assert bench.left() == []


def test_what_comes_after_it_waits_over_the_holiday(bench: Bench) -> None:
    windowed(bench)
    to(bench, "2026-01-05T23:31:00")
    bench.pass_by(x12(order("PO-1")))
    to(bench, "2026-01-06T23:30:00")
    assert answers(bench) == []
    to(bench, "2026-01-07T23:30:00")
    assert len(answers(bench)) == 1


def test_one_that_is_held_or_cancelled_stays_behind(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    windowed(bench)
    bench.pass_by(x12(*(order(f"PO-{number}") for number in range(4))))
    held, cancelled, *_ = [row["id"] for row in bench.messages("out", type="855")]
    bench.hub.operations.act("hold", held, "ann", "wrong price")
    bench.hub.operations.act("cancel", cancelled, "ann", "not wanted")
    to(bench, "2026-01-05T23:30:00")
    (sent,) = answers(bench)
    assert picked(sent, "GE") == ["GE*2*1"]
    to(bench, "2026-01-05T23:31:00")
    bench.hub.operations.act("unhold", held, "ann")
    bench.run()
    assert len(answers(bench)) == 1, "it waits for the next window"
    to(bench, "2026-01-07T23:30:00")
    assert len(answers(bench)) == 2
    assert bench.row_of(cancelled)["delivery"] == "cancelled"


def test_one_that_is_corrected_meanwhile_goes_as_corrected_alone(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    windowed(bench)
    bench.pass_by(x12(order("PO-1")))
    original = bench.message("out", type="855")
    (body,) = (bytes(row["body"]) for row in bench.rows(document, id=original["document_id"]))
    bench.hub.operations.act("edit", original["id"], "ann", "another date", {"document": body})
    to(bench, "2026-01-05T23:30:00")
    (sent,) = answers(bench)
    assert picked(sent, "GE") == ["GE*1*1"]
    assert bench.row_of(original["id"])["delivery"] == "cancelled"


def test_one_that_cannot_be_written_keeps_nobody(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    windowed(bench, '\noptions = { nothing = "x" }')
    bench.pass_by(x12(order("PO-1"), order("PO-2")))
    to(bench, "2026-01-05T23:30:00")
    assert bench.left() == []


def test_no_window_of_one_is_a_window_of_another(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    windowed(bench)
    bench.pass_by(x12(order("PO-1")))
    assert [row["kind"] for row in bench.rows(work) if row["kind"] in ("write", "depart", "deliver")] == ["depart"]


def test_what_is_not_there_in_time_is_an_incident(bench: Bench) -> None:
    windowed(bench, '\ndeadline = "2h"')
    from hub.pipeline.due import schedule_due

    schedule_due(bench.hub.context)
    bench.pass_by(x12(order("PO-1"), order("PO-2")))
    late, _ = [row["id"] for row in bench.messages("out", type="855")]
    bench.hub.operations.act("hold", late, "ann", "wrong price")
    to(bench, "2026-01-05T23:30:00")
    to(bench, "2026-01-06T01:29:00")
    assert bench.incidents() == []
    to(bench, "2026-01-06T01:30:30")
    assert bench.incidents() == ["HUB-4213"]
    assert [row["deliver_by"] for row in bench.rows(message, type="855")] == [None, None]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('window = { at = ["25:00"] }', "a time of day"),
        ('window = { at = ["18:30"], calendar = "uk" }', 'the calendar "uk", which is not in hub.toml'),
        ('window = { at = ["18:30"], zone = "America/Gotham" }', "an IANA time zone"),
    ],
)
def test_a_window_that_cannot_be_is_told(sqlite_bench: Bench, key: str, said: str) -> None:
    from hub.workspace import Workspace

    sqlite_bench.edit("partners/bluebird/partner.toml", 'send = "x12/004010/855"', f'send = "x12/004010/855"\n{key}')
    faults = [str(one) for one in Workspace(sqlite_bench.folder).faults("bluebird")]
    assert any(said in one for one in faults), faults
