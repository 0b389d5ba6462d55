"""The live stream: what changed, once, and from where a client left off."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection

from hub.store.browse import changes_since, last_event
from hub.store.engine import Database
from hub.store.events import record_event
from tests.browser.hub import TOKEN, Hub, serving
from tests.browser.seed import Seed

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def sent(conn: Connection, number: str) -> dict[str, str]:
    return Seed(conn, datetime.now(UTC)).send(0, "out", "acme", "856", number, kind="ShipNotice")


def events(lines: Iterator[str]) -> Iterator[tuple[str, int, Any]]:
    """(name, id, data) of each event."""
    said: dict[str, str] = {}
    for line in lines:
        if not line:
            if "event" in said:
                yield said["event"], int(said.get("id", 0)), json.loads(said["data"])
            said = {}
        else:
            name, _, value = line.partition(": ")
            said[name] = value


@pytest.fixture
def url(database: Database) -> Iterator[str]:
    with serving(Hub(database)) as address:
        yield address


def test_a_client_hears_of_what_is_new_and_can_resume(database: Database, url: str) -> None:
    with database.begin() as conn:
        sent(conn, "old")
    with httpx.stream("GET", f"{url}/api/stream", headers=HEADERS, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = events(answer.iter_lines())
        name, start, _ = next(told)
        assert name == "hello"
        with database.begin() as conn:
            ids = sent(conn, "new")
        name, last, body = next(told)
        assert name == "messages"
        assert [(row["id"], row["number"]) for row in body["messages"]] == [(ids["message"], "new")]
        assert last > start
    with database.begin() as conn:
        record_event(conn, datetime.now(UTC), "interchange", ids["interchange"], "acknowledged")
    resumed = {**HEADERS, "Last-Event-ID": str(last)}
    with httpx.stream("GET", f"{url}/api/stream", headers=resumed, timeout=20) as answer:
        name, _, body = next(events(answer.iter_lines()))
    assert [row["id"] for row in body["messages"]] == [ids["message"]]


def test_a_client_that_missed_too_much_is_told_to_load_anew(database: Database, url: str) -> None:
    with database.begin() as conn:
        for index in range(1005):
            record_event(conn, datetime.now(UTC), "lane", str(index), "paused")
    with httpx.stream("GET", f"{url}/api/stream", headers={**HEADERS, "Last-Event-ID": "1"}, timeout=20) as answer:
        name, _, _ = next(events(answer.iter_lines()))
    assert name == "reset"


@pytest.mark.parametrize("given", ["x", "-1", "", "9" * 30, "²"])
def test_an_id_that_is_none_starts_from_now(url: str, given: str) -> None:
    headers = {**HEADERS, "Last-Event-ID": given.encode()}
    with httpx.stream("GET", f"{url}/api/stream", headers=list(headers.items()), timeout=20) as answer:  # type: ignore[arg-type]
        name, _, _ = next(events(answer.iter_lines()))
    assert name == "hello"


def test_an_event_of_a_delivery_or_an_interchange_is_one_of_its_messages(database: Database) -> None:
    with database.begin() as conn:
        ids = sent(conn, "a")
        start = last_event(conn)
        record_event(conn, datetime.now(UTC), "interchange", ids["interchange"], "acknowledged")
        record_event(conn, datetime.now(UTC), "connection", "acme/sftp", "backed_off")
    with database.read() as conn:
        seqs, changes = changes_since(conn, start)
        assert [(change.message_id, change.seq) for change in changes] == [(ids["message"], seqs[0])]
        assert len(seqs) == 2
        assert changes_since(conn, start, known=set(seqs)) == ([], [])
        everything, changes = changes_since(conn, 0)
        assert {change.message_id for change in changes} == {ids["message"]}
        assert changes_since(conn, 0, limit=1)[0] == everything[:1]
