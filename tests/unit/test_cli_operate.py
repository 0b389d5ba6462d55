"""The commands that change something, as people type them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.cli import main
from hub.dispatch import pause_lane
from hub.store.audit import verify
from hub.store.mailbox import abort_stale_uploads, begin_upload, touch_upload
from hub.store.tables import incident, lane, message, sales_order
from tests.hubs import Bench, order, picked, x12
from tests.postgres import drop_database, new_database, run_client

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(sqlite_bench: Bench, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HUB_DATABASE", sqlite_bench.url)
    for name, value in sqlite_bench.secrets.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--workspace", str(sqlite_bench.folder)])
        sqlite_bench.clock.set(datetime.now(UTC) + timedelta(seconds=1))  # commands go by the machine's clock
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
    assert "Held: 940" in run("message", "hold", row["id"][-10:], "--reason", "price")[1]
    shown = json.loads(run("message", "show", row["id"], "--json")[1])
    assert (shown["message"]["delivery"], shown["document"]["body"]["document"]) == ("held", "WarehouseOrder")
    assert queued.row_of(row["id"])["delivery"] == "held"
    code, out, _ = run("message", "unhold", row["id"], "--json")
    assert json.loads(out)["after"]["delivery"] == "queued"
    code, _, err = run("message", "unhold", row["id"])
    assert code == 2
    assert "is not held" in err
    code, _, err = run("message", "hold", row["id"])
    assert "needs a reason" in err


def test_a_message_of_which_nothing_came_says_why(queued: Bench, run: Run) -> None:
    queued.pass_by(x12(order("PO-1"), number=3))
    code, said = run("message", "show", queued.messages()[-1]["id"])[:2]
    assert code == 0
    assert "the same order again: nothing done" in said


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
    code, _, err = run("lane", "drain", "out/harbor/drop")
    assert code == 2
    assert "is paused with work in it" in err
    assert run("lane", "resume", "out/harbor/drop")[0] == 0
    code, out, _ = run("lane", "drain", "out/harbor/drop", "--seconds", "0")
    assert code == 1
    assert "still has work" in out
    assert "draining" in run("lane", "list")[1]
    assert run("lane", "resume", "out/harbor/drop")[0] == 0
    assert "draining" not in run("lane", "list")[1]
    assert run("lane", "drain", "out/harbor/drop", "--seconds", "0")[0] == 1
    sqlite_bench.run()
    sqlite_bench.worker.sweep()
    assert sqlite_bench.row(lane, name="out/harbor/drop")["state"] == "paused"


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


def test_a_held_document_is_printed_corrected_and_sent_on(sqlite_bench: Bench, run: Run, tmp_path: Path) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1", ("1", "XX-1", "3", "2.00"))))
    held = bench.message()
    assert run("message", "payload", held["id"])[1].startswith("ST*850*0001")
    body = json.loads(run("message", "document", held["id"])[1])
    body["lines"][0]["ids"][0]["value"] = "NW-100"
    file = tmp_path / "corrected.json"
    file.write_text(json.dumps(body))
    code, out, _ = run("message", "edit", held["id"], "--document", str(file), "--reason", "by phone", "--json")
    assert code == 0
    bench.run()
    assert bench.row_of(json.loads(out)["made"]["edited_as"])["validation"] == "accepted"
    assert "harbor 940" in bench.sent()


def test_orders_are_shown_told_and_taken_over(sqlite_bench: Bench, run: Run, tmp_path: Path) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    code, out, _ = run(
        "order", "fact", "PO-1", "--line", "1", "--kind", "cancelled", "--quantity", "2", "--reason", "r"
    )
    assert code == 0
    assert "cancelled 2" in out
    shown = json.loads(run("order", "show", "PO-1", "--json")[1])
    assert shown["order"]["lines"][0]["quantities"]["cancelled"] == "2"
    assert "fact entered" in run("order", "show", "PO-1")[1]
    assert "bluebird" in run("order", "list", "PO-", "--state", "open")[1]
    assert json.loads(run("order", "list", "--partner", "bluebird", "--json")[1])["fulfilment"] == "released"
    assert "hub message list PO-9" in run("order", "list", "PO-9")[1]
    assert "--state" in run("order", "list", "--state", "sold")[2]
    assert "hub message list PO-9" in run("order", "show", "PO-9")[2]
    assert run("order", "fact", "PO-1", "--line", "1", "--kind", "lost", "--quantity", "2", "--reason", "r")[0] == 2
    taken = json.loads(run("message", "document", bench.message()["id"])[1])
    file = tmp_path / "open.jsonl"
    file.write_text(
        json.dumps({"partner": "bluebird", "document": {**taken, "number": "OLD-1"}})
        + '\n{"partner": "nobody", "document": {}}\n\n{"partner'
    )
    code, out, err = run("order", "import", str(file), "--reason", "cut-over", "--json")
    assert code == 1
    assert json.loads(out) == {"imported": 1, "known": 0, "refused": 2}
    assert "line 2" in err
    assert json.loads(run("order", "import", str(file), "--reason", "again", "--json")[1])["known"] == 1
    assert bench.row(sales_order, number="OLD-1")["partner"] == "bluebird"
    entered = tmp_path / "order.json"
    entered.write_text(json.dumps({**taken, "number": "PHONE-1"}))
    assert run("order", "enter", str(entered), "--partner", "bluebird", "--reason", "by phone")[0] == 0
    bench.run()
    assert bench.row(sales_order, number="PHONE-1")["review"] == "approved"


def test_numbers_go_on_where_the_other_system_was(sqlite_bench: Bench, run: Run) -> None:
    scope = "x12/interchange/ZZ:NORTHWIND/01:123456789"
    assert run("number", "set", scope, "4711", "--reason", "cut-over")[0] == 0
    sqlite_bench.pass_by(x12(order("PO-1")))
    assert b"*000004712*0*P*" in sqlite_bench.lying("harbor")[0]
    code, _, err = run("number", "set", scope, "4700", "--reason", "wrong")
    assert code == 2
    assert "would repeat numbers" in err
    assert run("number", "set", scope, "4700", "--reason", "right", "--lower")[0] == 0
    rows = [json.loads(line) for line in run("number", "list", "x12/interchange", "--json")[1].splitlines()]
    assert {row["scope"]: row["last"] for row in rows}[scope] == 4700


def test_a_restored_backup_goes_on_without_repeating_a_number(
    sqlite_bench: Bench, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "backup" / "hub.db"

    def back_up() -> None:
        assert run("db", "backup", str(copy))[0] == 0
        assert copy.stat().st_mode & 0o077 == 0
        assert run("db", "backup", str(copy))[0] == 2, "a backup is never overwritten"

    sent = _goes_on_after(sqlite_bench, back_up)
    monkeypatch.setenv("HUB_DATABASE", f"sqlite:///{copy}")
    _goes_on_from(Bench(tmp_path / "workspace2", f"sqlite:///{copy}", seed=7), sqlite_bench, sent, run)


@pytest.mark.peer("postgres")
def test_a_restored_dump_goes_on_without_repeating_a_number(
    postgres_url: str, postgres_database_url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the commands of docs/how-to/back-up.md."""
    dump = tmp_path / "hub.dump"
    bench = Bench(tmp_path / "workspace1", postgres_database_url)
    try:
        sent = _goes_on_after(
            bench, lambda: run_client("pg_dump", "--format=custom", f"--file={dump}", postgres_database_url)
        )
    finally:
        bench.hub.stop()
    other = new_database(postgres_url)
    try:
        run_client("pg_restore", "--no-owner", f"--dbname={other}", str(dump))
        monkeypatch.setenv("HUB_DATABASE", other)
        _goes_on_from(Bench(tmp_path / "workspace2", other, seed=7), bench, sent, run)
    finally:
        drop_database(postgres_url, other.rpartition("/")[2])


def _goes_on_after(bench: Bench, back_up: Callable[[], None]) -> set[str]:
    """The control numbers sent, of which some are younger than the backup."""
    bench.pass_by(x12(order("PO-1")))
    bench.receive("bluebird/mailbox", x12(order("PO-2"), number=2))  # accepted, not worked on
    back_up()
    bench.run()
    bench.pass_by(x12(order("PO-3"), number=3))
    sent = {picked(body, "ISA")[0][90:99] for body in bench.lying("harbor")}
    assert len(sent) == 3
    return sent


def _goes_on_from(restored: Bench, bench: Bench, sent: set[str], run: Run) -> None:
    restored.clock.set(bench.clock.now())
    try:
        code, out, _ = run("db", "restored", "--advance", "100", "--reason", "disk lost", "--json")
        assert code == 0
        assert "out/harbor/drop" in json.loads(out)["paused"]
        restored.pass_by(x12(order("PO-4"), number=4))
        assert restored.lying("harbor") == [], "nothing leaves before a person has looked"
        assert run("lane", "resume", "out/harbor/drop", "--reason", "compared")[0] == 0
        restored.clock.set(datetime.now(UTC) + timedelta(seconds=1))
        restored.run()
        again = {picked(body, "ISA")[0][90:99] for body in restored.lying("harbor")}
        assert len(again) == 2, "PO-2, which was accepted, and PO-4"
        assert not again & sent
        with restored.hub.database.read() as conn:
            assert verify(conn).fault is None
    finally:
        restored.hub.stop()


def test_what_nothing_could_read_is_tried_again_or_ignored(sqlite_bench: Bench, run: Run) -> None:
    bench = sqlite_bench
    for _ in range(2):
        bench.pass_by(b"this is no EDI at all")
    first, second = [json.loads(line) for line in run("payload", "list", "--json")[1].splitlines()]
    assert run("payload", "replay", first["id"])[0] == 0
    bench.run()
    assert len(run("payload", "list", "--json")[1].splitlines()) == 2, "it is still unreadable"
    assert run("payload", "ignore", first["id"], "--reason", "spam")[0] == 0
    assert len(bench.incidents()) == 1
    assert run("payload", "ignore", second["id"], "--reason", "spam")[0] == 0
    assert bench.incidents() == []
    assert run("payload", "ignore", second["id"], "--reason", "spam")[0] == 2


def test_publishing_is_in_the_audit_log(sqlite_bench: Bench, run: Run) -> None:
    before = sqlite_bench.hub.content().revision
    sqlite_bench.edit("hub.toml", 'item = "GH-*"', 'item = "XX-*"')
    assert run("publish", "--note", "another source")[0] == 0
    (entry,) = [json.loads(line) for line in run("audit", "list", "--json")[1].splitlines()]
    assert (entry["action"], entry["reason"], entry["before"]) == ("publish", "another source", {"revision": before})
    assert entry["after"]["revision"] == entry["subject_id"] != before


def test_a_stranger_comes_with_a_draft_of_its_file(sqlite_bench: Bench, run: Run) -> None:
    bench = sqlite_bench
    made = bench.pass_by(x12(order("PO-1"), sender="ZZ:ACME GOODS"), "oakmart/mailbox")
    code, out, _ = run("payload", "show", made, "--json")
    assert code == 0
    shown, interchange = (json.loads(line) for line in out.splitlines())
    assert shown["state"] == "held"
    assert [one["code"] for one in interchange["interchange"]["findings"]] == ["HUB-4102"]
    folder = bench.folder / "partners" / "acme-goods"
    folder.mkdir()
    (folder / "partner.toml").write_text(interchange["draft"])
    bench.edit(
        "partners/oakmart/partner.toml", "[connection.mailbox]", '[connection.mailbox]\ncarries = ["acme-goods"]'
    )
    bench.publish()
    bench.hub.operations.replay(bench.messages()[0]["id"], "ann")
    bench.run()
    assert [(row["partner"], row["validation"]) for row in bench.messages()] == [("acme-goods", "accepted")]
    assert bench.incidents() == ["HUB-4201"], "nothing is agreed yet on how it is answered"
    code, out, _ = run("payload", "show", made)
    assert "identified" in out
    assert "from ZZ:ACME GOODS to ZZ:NORTHWIND" in out
    assert run("payload", "show", "nothing")[0] == 2


def test_an_upload_that_broke_off_is_shown(sqlite_bench: Bench, run: Run) -> None:
    bench = sqlite_bench
    with bench.hub.database.begin() as conn:
        for name in ("a.edi", "b.edi"):
            whose = {"connection": "bluebird/mailbox", "name": name, "payload_id": f"p-{name}"}
            begin_upload(conn, bench.clock.now(), file_id=f"f-{name}", **whose)
        touch_upload(conn, bench.clock.now(), "f-a.edi", 500)
        bench.clock.advance(7200)
        assert abort_stale_uploads(conn, bench.clock.now(), timedelta(hours=1)) == 2
    rows = [json.loads(line) for line in run("payload", "aborted", "--json")[1].splitlines()]
    assert [(row["connection"], row["name"], row["size"]) for row in rows] == [
        ("bluebird/mailbox", "b.edi", 0),
        ("bluebird/mailbox", "a.edi", 500),
    ]
    assert "a.edi" in run("payload", "aborted")[1]
