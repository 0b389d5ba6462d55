"""The commands that change something, as people type them."""

import json
from collections.abc import Callable

import pytest

from hub.cli import main
from hub.dispatch import pause_lane
from hub.store.tables import incident, lane, message
from tests.hubs import Bench, order, x12

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(sqlite_bench: Bench, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HUB_DATABASE", sqlite_bench.url)
    for name, value in sqlite_bench.secrets.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--workspace", str(sqlite_bench.folder)])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return call


@pytest.fixture
def queued(sqlite_bench: Bench) -> Bench:
    """Three 940s that wait."""
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-0")))
    with bench.hub.database.begin() as conn:
        pause_lane(conn, bench.clock.now(), "out/harbor/drop")
    bench.pass_by(x12(*(order(f"PO-{number}") for number in range(1, 4)), number=2))
    return bench


def test_one_message_is_shown_then_held_then_unheld(queued: Bench, run: Run) -> None:
    row = queued.rows(message, type="940", delivery="queued")[0]
    code, out, _ = run("message", "hold", row["id"], "--reason", "price", "--dry-run")
    assert code == 0
    assert "Would hold 940" in out
    assert "delivery: queued -> held" in out
    assert queued.row_of(row["id"])["delivery"] == "queued"
    assert "Did hold 940" in run("message", "hold", row["id"][-10:], "--reason", "price")[1]
    assert queued.row_of(row["id"])["delivery"] == "held"
    code, out, _ = run("message", "unhold", row["id"], "--json")
    assert json.loads(out)["after"]["delivery"] == "queued"
    code, _, err = run("message", "unhold", row["id"])
    assert code == 2
    assert "is not held" in err
    code, _, err = run("message", "hold", row["id"])
    assert "needs a reason" in err


def test_all_that_fit_are_counted_asked_about_and_done(queued: Bench, run: Run) -> None:
    chosen = ("--partner", "harbor", "--status", "delivery:queued", "--reason", "recall")
    code, out, _ = run("message", "cancel", *chosen, "--dry-run")
    assert code == 0
    assert "Cancel 3 messages" in out
    assert "for example 940" in out
    assert len(queued.rows(message, type="940", delivery="queued")) == 3
    code, out, _ = run("message", "cancel", *chosen, "--yes")
    assert code == 0
    assert "3 of 3 messages done" in out
    assert queued.rows(message, type="940", delivery="queued") == []
    code, out, _ = run("message", "cancel", "--type", "940", "--reason", "x", "--yes", "--json")
    assert code == 1
    assert json.loads(out)["refused"] == 4
    assert [json.loads(line)["total"] for line in run("bulk", "list", "--json")[1].splitlines()] == [4, 3]


def test_messages_or_a_filter_but_not_both(queued: Bench, run: Run) -> None:
    for wrong in ([], ["x", "--partner", "harbor"]):
        code, _, err = run("message", "hold", *wrong, "--reason", "r")
        assert code == 2
        assert "Give messages, or choose them" in err


def test_the_audit_log_is_listed_and_verified(queued: Bench, run: Run) -> None:
    assert run("lane", "resume", "out/harbor/drop", "--reason", "mended")[0] == 0
    assert run("lane", "pause", "out/harbor/drop")[0] == 0
    rows = [json.loads(line) for line in run("audit", "list", "--json")[1].splitlines()]
    assert [(row["action"], row["subject_id"], row["reason"]) for row in rows] == [
        ("pause", "out/harbor/drop", ""),
        ("resume", "out/harbor/drop", "mended"),
    ]
    code, out, _ = run("audit", "verify")
    assert code == 0
    assert "2 entries" in out
    head = out.split("Its head: ")[1].strip()
    assert run("audit", "verify", "--head", head)[0] == 0
    with queued.hub.database.begin() as conn:
        conn.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 1")
    code, out, _ = run("audit", "verify", "--json")
    assert (code, json.loads(out)["broken_at"]) == (1, 1)
    assert run("audit", "verify", "--head", "5")[0] == 2


def test_a_lane_is_drained(sqlite_bench: Bench, run: Run) -> None:
    sqlite_bench.pass_by(x12(order("PO-1")))
    code, out, _ = run("lane", "drain", "out/harbor/drop", "--reason", "move")
    assert code == 0
    assert "is empty and paused" in out
    assert sqlite_bench.row(lane, name="out/harbor/drop")["paused"]
    sqlite_bench.pass_by(x12(order("PO-2"), number=2))
    code, out, _ = run("lane", "drain", "out/harbor/drop", "--seconds", "0")
    assert code == 1
    assert "still has work" in out


def test_an_incident_is_listed_shown_and_closed(sqlite_bench: Bench, run: Run) -> None:
    sqlite_bench.pass_by(x12(order("PO-1", ("1", "XX-1", "3", "2.00"))))
    (row,) = [json.loads(line) for line in run("incident", "list", "--json")[1].splitlines()]
    code, out, _ = run("incident", "show", row["id"][-8:])
    assert code == 1
    assert "nobody ships an order line" in out
    assert run("incident", "close", row["id"], "--reason", "known")[0] == 0
    assert sqlite_bench.row(incident)["resolved_at"] is not None
    assert run("incident", "list")[1] == "No incident is open.\n"
    code, _, err = run("incident", "close", row["id"], "--reason", "again")
    assert code == 2
    assert "No incident" in err
