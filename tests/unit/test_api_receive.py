"""Partner traffic over HTTP, health, and how errors are told."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.connector import Answer, Request
from hub.errors import TransientError, UsageError
from hub.store.engine import open_database
from tests.browser.hub import TOKEN, Hub, new_database, serving

PARTNER = {"Authorization": "Bearer partner"}


@pytest.fixture
def hub(sqlite_url: str) -> Iterator[Hub]:
    database = open_database(sqlite_url)
    yield Hub(database)
    database.dispose()


def test_a_payload_is_handed_over_as_it_came(hub: Hub) -> None:
    body = bytes(range(256))
    with serving(hub) as url:
        answer = httpx.post(f"{url}/in/acme/http?Batch=7", content=body, headers={**PARTNER, "X-Id": "m-1"})
    assert (answer.status_code, answer.json()) == (202, {"id": "payload-1", "received": True})
    assert answer.headers["x-kept"] == "1"
    [(partner, connection, request)] = hub.received
    assert (partner, connection, request.method, request.body) == ("acme", "http", "POST", body)
    assert request.headers["x-id"] == "m-1"
    assert request.query == {"Batch": "7"}
    assert request.now.tzinfo is not None


def test_a_partner_that_is_not_let_in_is_told_so(hub: Hub) -> None:
    with serving(hub) as url:
        answer = httpx.post(f"{url}/in/acme/http", content=b"ISA", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 401
    assert "takes no requests" in answer.json()["message"]
    assert hub.received == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_larger_than_the_limit_is_refused_and_never_handed_over(hub: Hub, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [b"x" * 400] * 3

    with serving(hub, most_bytes=1000) as url:
        fits = httpx.post(f"{url}/in/acme/http", content=b"x" * 1000, headers=PARTNER)
        over = httpx.post(f"{url}/in/acme/http", content=pieces() if chunked else b"x" * 1001, headers=PARTNER)
    assert fits.status_code == 202
    assert (over.status_code, over.json()["code"]) == (413, "HUB-9105")
    assert len(hub.received) == 1


class Failing(Hub):
    def listen(self, partner: str, connection: str, request: Request) -> Answer:
        if partner == "unknown":
            raise UsageError("HUB-9002", "There is no partner unknown.")
        if partner == "later":
            raise TransientError("HUB-9106", "The database is busy.")
        raise ZeroDivisionError("a secret of the code")


@pytest.mark.parametrize(("partner", "status"), [("unknown", 409), ("later", 502), ("broken", 500)])
def test_what_goes_wrong_is_told_in_one_shape_and_never_as_success(hub: Hub, partner: str, status: int) -> None:
    with serving(Failing(hub.database)) as url:
        answer = httpx.post(f"{url}/in/{partner}/http", content=b"ISA", headers=PARTNER)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "fix"}
    assert "secret" not in answer.text


def test_ready_means_the_tables_are_there(hub: Hub, tmp_path: Path) -> None:
    with serving(hub) as url:
        assert httpx.get(f"{url}/health").json() == {"status": "alive"}
        assert httpx.get(f"{url}/ready").json() == {"status": "ready"}
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with serving(Hub(empty)) as url:
        answer = httpx.get(f"{url}/ready")
        assert httpx.get(f"{url}/health").status_code == 200
    empty.dispose()
    assert (answer.status_code, answer.json()["code"]) == (503, "HUB-9106")


def test_new_databases_of_tests_are_current(tmp_path: Path) -> None:
    database = new_database(tmp_path)
    with serving(Hub(database)) as url:
        assert httpx.get(f"{url}/ready").status_code == 200
    database.dispose()
