"""Receipts of the transport: the first answer for ever, those that go later, those that are awaited; refusals kept."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.cli import main
from hub.connector import Answer, Parcel, Request
from hub.pipeline.due import schedule_due
from hub.store.blobs import read_payload
from hub.store.browse_message import message_chain
from hub.store.tables import attempt, delivery, incident, message, payload
from tests.hubs import HOUR, SOURCE, Bench, order, x12

DAY = 24 * HOUR
ORDER = x12(order("PO-1"))


def lined(folder: Path) -> Path:
    """The workspace of the tests, Harbor and Bluebird reached by a line; Harbor sends no 997."""
    shutil.copytree(SOURCE, folder)
    harbor = folder / "partners" / "harbor" / "partner.toml"
    text = harbor.read_text().replace(
        'connector = "drop"\nfolder = "harbor"\n', 'connector = "line"\nname = "harbor"\n'
    )
    harbor.write_text(text.replace('retry = ["0s", "1m", "10m"]', 'retry = ["0s", "1m"]\nexpects = "none"'))
    bluebird = folder / "partners" / "bluebird" / "partner.toml"
    text = bluebird.read_text().replace("[[agreement]]\n", '[[agreement]]\nconnection = "mailbox"\n')
    bluebird.write_text(text + '\n[connection.line]\nconnector = "line"\n')
    return folder


@pytest.fixture
def line(tmp_path: Path, database_url: str) -> Iterator[Bench]:
    made = Bench(lined(tmp_path / "workspace"), database_url)
    yield made
    made.hub.stop()


@pytest.fixture
def sqlite_line(tmp_path: Path, sqlite_url: str) -> Iterator[Bench]:
    made = Bench(lined(tmp_path / "workspace"), sqlite_url)
    yield made
    made.hub.stop()


def ask(bench: Bench, body: bytes = b"", **headers: str) -> Answer:
    """A request to Bluebird's line."""
    request = Request(method="POST", headers=headers, query={}, body=body, now=bench.clock.now())
    return bench.hub.listen("bluebird", "line", request)


def hear(bench: Bench, key: str, body: bytes = b"mdn", **headers: str) -> Answer:
    """A word of Harbor."""
    said = {"word": key, **headers}
    request = Request(method="POST", headers=said, query={}, body=body, now=bench.clock.now())
    return bench.hub.listen("harbor", "drop", request)


def got(bench: Bench) -> list[Parcel]:
    """What the far ends were handed."""
    log = bench.drops / "line.log"
    return [msgspec.json.decode(one, type=Parcel) for one in log.read_bytes().splitlines()] if log.exists() else []


def sent(bench: Bench, *script: str) -> Any:
    """The delivery of a 940 to Harbor, tried once."""
    bench.script("line", *script)
    bench.receive("bluebird/mailbox", ORDER)
    try:
        bench.run()
    except SystemExit:
        bench.restart()
        bench.run()
    return bench.deliveries("harbor")[0]


def states(bench: Bench) -> tuple[str | None, str, str]:
    """Of the newest delivery's receipt, and of the 940's delivery and acknowledgement."""
    row = bench.message("out", type="940")
    return bench.deliveries("harbor")[-1]["receipt_state"], row["delivery"], row["acknowledgement"]


# -- answers -----------------------------------------------------------------------------------------------------------


def test_the_same_request_gets_the_first_answer_for_ever(sqlite_line: Bench) -> None:
    line = sqlite_line
    first = ask(line, ORDER, id="m-1")
    line.clock.advance(DAY)
    again = ask(line, ORDER, id="m-1")
    assert again == first
    assert first.body != b""
    assert len(line.payloads()) == 1


@pytest.mark.slow
def test_other_content_under_a_used_id_is_answered_by_itself(sqlite_line: Bench) -> None:
    line = sqlite_line
    first, other = ask(line, ORDER, id="m-1"), ask(line, x12(order("PO-2"), number=2), id="m-1")
    assert other != first
    assert ask(line, x12(order("PO-2"), number=2), id="m-1") == other
    assert len(line.payloads()) == 2


def test_ten_at_once_in_two_processes_are_one_and_answered_alike(line: Bench) -> None:
    other = line.open()
    other.content()
    request = Request(method="POST", headers={"id": "m-1"}, query={}, body=ORDER, now=line.clock.now())
    told: list[Answer] = []

    def post(number: int) -> None:
        hub = (line.hub, other)[number % 2]
        told.append(hub.listen("bluebird", "line", request))

    threads = [threading.Thread(target=post, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    other.stop()
    assert len(told) == 10
    assert len({one.body for one in told}) == 1
    assert len(line.payloads()) == 1


# -- ours, that go later -----------------------------------------------------------------------------------------------


def test_a_later_receipt_is_delivered_as_it_was_made_and_tried_again(sqlite_line: Bench) -> None:
    line = sqlite_line
    line.script("line", "transient", "sync")
    ask(line, b"no EDI", id="m-1", later="http://there/mdn")
    line.run()
    assert len(got(line)) == 1
    line.wait(5)
    first, second = got(line)
    assert first == second
    assert (first.address, first.key, first.body) == ("http://there/mdn", first.body.decode(), first.key.encode())
    assert first.headers["content-type"].endswith("x" * 200)
    row = line.row(delivery)
    assert (row["state"], row["tries"]) == ("delivered", 2)
    assert line.rows(message, direction="out") == []
    assert line.left() == []


@pytest.mark.slow
def test_a_repeated_request_gets_the_same_later_receipt_once_more(sqlite_line: Bench) -> None:
    line = sqlite_line
    ask(line, b"no EDI", id="m-1", later="http://there/mdn")
    ask(line, b"no EDI", id="m-1", later="http://there/mdn")  # it is on its way
    line.run()
    assert len(got(line)) == 1
    ask(line, b"no EDI", id="m-1", later="http://there/mdn")
    line.run()
    first, second = got(line)
    assert first == second


def test_a_later_receipt_that_cannot_be_delivered_is_an_incident_and_keeps_no_order_waiting(sqlite_line: Bench) -> None:
    line = sqlite_line
    ask(line, b"no EDI", id="m-1", later="http://there/mdn")
    line.script("line", "permanent")
    line.run()
    (opened,) = [row for row in line.rows(incident) if row["cause"] == "delivery/bluebird/line"]
    payload_id = line.payloads()[0]["id"]
    assert f"hub payload answer {payload_id} --again" in opened["message"]
    line.hub.desk.answer_again(payload_id, "ann")
    line.run()
    assert len(got(line)) == 2
    assert line.row(incident, id=opened["id"])["resolved_at"] is not None


# -- theirs ------------------------------------------------------------------------------------------------------------


def test_a_receipt_in_the_answer_is_evidence_and_stands_for_the_acknowledgement(sqlite_line: Bench) -> None:
    line = sqlite_line
    row = sent(line, "sync")
    assert states(line) == ("accepted", "delivered", "accepted")
    assert row["receipt"]["mic"] == "abc, sha-256"
    with line.hub.database.read() as conn:
        assert read_payload(conn, row["receipt"]["receipt_payload"]) == b"yes"


@pytest.mark.slow
def test_an_awaited_receipt_settles_the_delivery_once(line: Bench) -> None:
    row = sent(line, "awaited")
    assert states(line) == ("awaited", "delivered", "expected")
    assert hear(line, row["id"]).body == b"heard"
    assert states(line) == ("accepted", "delivered", "accepted")
    kept = line.deliveries("harbor")[0]["receipt"]
    assert kept["receipt_text"] == "So they say."
    assert hear(line, row["id"]).body == b"heard"
    assert hear(line, row["id"], accepted="no").body == b"heard"
    assert line.deliveries("harbor")[0]["receipt"] == kept
    assert len(line.rows(payload, state="receipt")) == 1
    line.wait(DAY)
    assert (len(got(line)), line.incidents()) == (1, [])


@pytest.mark.parametrize("said", [{"accepted": "no"}, {"mic": "xyz, sha-256"}])
def test_a_receipt_that_refuses_ends_the_delivery_and_a_resend_is_another_parcel(
    sqlite_line: Bench, said: dict[str, str]
) -> None:
    line = sqlite_line
    row = sent(line, "awaited")
    hear(line, row["id"], **said)
    assert states(line) == ("refused", "failed", "none")
    assert line.incidents() == ["HUB-4214"]
    (opened,) = line.rows(incident, code="HUB-4214")
    assert ("So they say." if "accepted" in said else "its MIC is xyz") in opened["message"]
    line.hub.operations.resend(line.message("out", type="940")["id"], "ann")
    line.run()
    assert states(line) == ("accepted", "delivered", "accepted")
    first, second = got(line)
    assert first.body == second.body
    assert first.key != second.key
    assert line.incidents() == []


@pytest.mark.slow
def test_a_receipt_in_the_answer_that_refuses_is_kept_too(sqlite_line: Bench) -> None:
    row = sent(sqlite_line, "refused")
    assert states(sqlite_line)[:2] == ("refused", "failed")
    with sqlite_line.hub.database.read() as conn:
        assert read_payload(conn, row["receipt"]["receipt_payload"]) == b"no"


@pytest.mark.slow
def test_an_overdue_receipt_is_asked_for_once_more_and_then_an_incident_that_a_late_one_closes(
    line: Bench,
) -> None:
    schedule_due(line.hub.context)
    row = sent(line, "awaited", "awaited")
    line.wait(HOUR - 60)
    assert len(got(line)) == 1
    line.wait(120)
    first, second = got(line)
    assert first == second
    assert states(line) == ("asked", "delivered", "expected")
    line.wait(HOUR + 60)
    assert len(got(line)) == 2
    assert states(line) == ("overdue", "delivered", "overdue")
    assert line.incidents() == ["HUB-4215"]
    hear(line, row["id"])
    assert states(line) == ("accepted", "delivered", "accepted")
    assert line.incidents() == []


@pytest.mark.slow
def test_what_a_person_confirms_is_awaited_no_more(line: Bench) -> None:
    schedule_due(line.hub.context)
    sent(line, "awaited", "awaited")
    line.wait(HOUR + 60)
    line.wait(HOUR + 60)
    assert line.incidents() == ["HUB-4215"]
    line.hub.operations.act("confirm", line.message("out", type="940")["id"], "ann", "they have it, by phone")
    line.wait(60)
    assert states(line) == ("waived", "delivered", "accepted")
    assert line.incidents() == []


@pytest.mark.slow
def test_a_receipt_that_comes_before_its_delivery_is_settled_is_not_lost(line: Bench) -> None:
    """Killed after it arrived; the word came meanwhile. Nothing is sent again."""
    line.script("line", "killed")
    line.receive("bluebird/mailbox", ORDER)
    with pytest.raises(SystemExit):
        line.run()
    hear(line, line.deliveries("harbor")[0]["id"])
    line.restart()
    line.run()
    assert states(line)[:2] == ("accepted", "delivered")
    assert len(got(line)) == 1
    tries = line.rows(attempt, delivery_id=line.deliveries("harbor")[0]["id"])
    assert [one["outcome"] for one in tries] == ["delivered"]


def test_a_receipt_for_nothing_known_is_answered_kept_and_told(sqlite_line: Bench) -> None:
    assert hear(sqlite_line, "never-sent").body == b"heard"
    assert sqlite_line.incidents() == ["HUB-4204"]
    assert len(sqlite_line.rows(payload, state="refused")) == 1


@pytest.mark.slow
def test_a_receipt_by_another_connection_says_nothing(sqlite_line: Bench) -> None:
    row = sent(sqlite_line, "awaited")
    ask(sqlite_line, word=row["id"])
    assert states(sqlite_line)[0] == "awaited"


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_what_is_refused_is_kept_up_to_a_number_and_is_one_incident_a_cause(sqlite_line: Bench) -> None:
    line = sqlite_line
    for number in range(15):
        assert ask(line, b"forged %d" % number, bad="signature").body != b""
    ask(line, b"other", bad="decryption")
    ask(line, b"x" * 2_000_000, bad="names")
    opened = {row["cause"]: row for row in line.rows(incident)}
    counts = {cause.rpartition("/")[2]: row["count"] for cause, row in opened.items()}
    assert counts == {"signature": 15, "decryption": 1, "names": 1}
    assert all(row["security"] and row["code"] == "HUB-4216" for row in opened.values())
    kept = line.rows(payload, state="refused")
    assert len(kept) == 11
    line.run()
    assert line.rows(message) == []


@pytest.mark.slow
def test_a_refusal_can_be_told_later(sqlite_line: Bench) -> None:
    ask(sqlite_line, b"forged", bad="signature", later="http://there/mdn")
    sqlite_line.run()
    assert [one.address for one in got(sqlite_line)] == ["http://there/mdn"]
    sqlite_line.hub.desk.answer_again(sqlite_line.row(payload, state="refused")["id"], "ann")
    sqlite_line.run()
    first, again = got(sqlite_line)
    assert (again.address, again.body) == (first.address, first.body)


# -- one address for all -----------------------------------------------------------------------------------------------


def test_the_common_address_finds_the_connection_or_says_that_there_is_none(sqlite_line: Bench) -> None:
    line = sqlite_line

    def post(to: str) -> Answer:
        headers = {"line-from": "them", "line-to": to, "id": f"m-{to}"}
        request = Request(method="POST", headers=headers, query={}, body=ORDER, now=line.clock.now())
        return line.hub.listen_for("line", request)

    assert post("line").status == 200
    assert [row["connection"] for row in line.payloads()] == ["bluebird/line"]
    for name in ("nobody", "nobody else"):
        told = post(name)
        assert told.status == 404
        assert name in told.body.decode()
    (opened,) = line.rows(incident)
    assert (opened["code"], opened["count"], opened["security"]) == ("HUB-4217", 2, True)
    assert len(line.payloads()) == 1


# -- what people see ---------------------------------------------------------------------------------------------------

Told = Callable[..., str]


@pytest.fixture
def told(sqlite_line: Bench, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Told:
    """What a command prints."""
    monkeypatch.setenv("HUB_DATABASE", sqlite_line.url)
    for name, value in sqlite_line.secrets.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> str:
        with pytest.raises(SystemExit):
            main([*arguments, "--workspace", str(sqlite_line.folder)])
        return capfdbinary.readouterr().out.decode()

    return call


@pytest.mark.slow
def test_a_message_shows_what_it_was_answered_with_and_what_its_far_end_says(sqlite_line: Bench, told: Told) -> None:
    line = sqlite_line
    answered = ask(line, ORDER, id="m-1")
    line.script("line", "awaited")
    line.run()
    hear(line, line.deliveries("harbor")[0]["id"])
    came, went = line.message("in", type="850"), line.message("out", type="940")
    with line.hub.database.read() as conn:
        seen, sent = message_chain(conn, came["id"]), message_chain(conn, went["id"])
    assert seen is not None
    assert seen.answer is not None
    assert (seen.answer.status, seen.answer.size, seen.answer.delivery) == (200, len(answered.body), None)
    assert sent is not None
    assert sent.answer is None
    assert [row.receipt_state for row in sent.deliveries] == ["accepted"]
    assert "Answered at once" in told("message", "show", came["id"])
    assert "its receipt (MDN) is accepted. So they say." in told("message", "show", went["id"])
    assert told("payload", "answer", line.payloads()[0]["id"]) == answered.body.decode()


@pytest.mark.slow
def test_a_later_receipt_and_what_was_refused_are_printed(sqlite_line: Bench, told: Told) -> None:
    line = sqlite_line
    ask(line, b"no EDI", id="m-1", later="http://there/mdn")
    ask(line, b"forged", bad="signature")
    line.run()
    (parcel,) = got(line)
    came = line.payloads()[0]["id"]
    assert told("payload", "answer", came) == parcel.body.decode()
    assert "once more" in told("payload", "answer", came, "--again")
    (refused,) = line.rows(payload, state="refused")
    assert refused["id"] in told("payload", "list", "--refused", "--json")
    assert told("payload", "bytes", refused["id"]) == "forged"
