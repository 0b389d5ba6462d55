"""The answers about messages and orders, on both databases."""

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hub.store.engine import open_database
from tests.browser.hub import TOKEN, Hub, serving
from tests.browser.seed import BAD_850, SCRIPT, seed
from tests.databases import BOTH
from tests.postgres import empty_database


class Api:
    def __init__(self, client: httpx.Client, ids: dict[str, str], hub: Hub) -> None:
        self.client = client
        self.ids = ids
        self.hub = hub

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def numbers(self, **query: Any) -> list[str]:
        return [row["number"] for row in self.get("/api/messages", **query)["messages"]]


@pytest.fixture(scope="module", params=BOTH)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The tests only look, so they share what was seeded."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        address = f"sqlite:///{shutil.copy(template, tmp_path_factory.mktemp('api') / 'hub.db')}"
    else:
        address = request.getfixturevalue("postgres_shared")
    database = open_database(address)
    ids = seed(database, fill=9)
    hub = Hub(database)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serving(hub) as url, httpx.Client(base_url=url, headers=headers) as client:
        yield Api(client, ids, hub)
    database.dispose()
    if request.param == "postgres":
        empty_database(address)


def test_pages_follow_without_gap_or_repeat(api: Api) -> None:
    every = [row["id"] for row in api.get("/api/messages", limit=200)["messages"]]
    assert every == sorted(every, reverse=True)
    page = api.get("/api/messages", limit=4)
    walked = page["messages"]
    while page["before"]:
        page = api.get("/api/messages", limit=4, before=page["before"])
        walked += page["messages"]
    assert [row["id"] for row in walked] == every
    assert len(every) == 24


def test_search_takes_a_whole_key_or_its_beginning(api: Api) -> None:
    assert api.numbers(q="1Z999AA1") == ["SHP-77120"]
    assert api.numbers(q="1z999aa10123456784") == ["SHP-77120"]
    assert api.numbers(q=" 4500012874 ") == ["4500012874", "4500012874"]
    assert api.numbers(q="45000129") == ["4500012901"]
    assert api.numbers(q="SHP-77120", direction="out") == ["SHP-77120"]
    for nothing in ("77120", "%", "_", "SHP_77120", "'; drop table message; --", SCRIPT + "x"):
        assert api.numbers(q=nothing) == []


def test_filters_restrict(api: Api) -> None:
    assert api.numbers(status="problem") == ["KU-9001", "4500012874", "W100232", "4500012901"]
    assert api.numbers(status="waiting") == ["#1043", "W100233", "INV-90441", "SHP-77120"]
    assert api.numbers(status="delivery:failed") == ["W100232"]
    assert api.numbers(partner="shop") == ["#1043", "#1042"]
    assert api.numbers(type="945") == ["SHP-77120"]
    done = api.get("/api/messages", status="done", limit=200)["messages"]
    assert {row["concern"] for row in done} == {"done"}
    assert len(done) == 24 - 8


@pytest.mark.parametrize(
    "query", [{"status": "odd"}, {"limit": 0}, {"limit": 999}, {"direction": "up"}, {"q": "x" * 201}]
)
def test_a_query_that_makes_no_sense_is_told_so(api: Api, query: dict[str, Any]) -> None:
    answer = api.client.get("/api/messages", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "HUB-9104")


def test_a_delivery_that_waits_shows_its_tries_and_the_next_one(api: Api) -> None:
    row = api.get("/api/messages", q="W100233")["messages"][0]
    assert (row["delivery"], row["tries"]) == ("queued", 1)
    assert row["next_at"] > row["at"]


def test_a_rejected_message_tells_what_is_wrong_and_where(api: Api) -> None:
    detail = api.get(f"/api/messages/{api.ids['bad']}")
    lines = {line["number"]: line for line in detail["raw"]["lines"]}
    assert lines[5]["parts"][:4] == ["PO1", "1", "12", "XX"]
    assert lines[5]["marks"] == [{"finding": 1, "part": 3}]
    assert lines[6]["marks"] == [{"finding": 2, "part": 2}]
    assert detail["chain"]["findings"][1]["expected"] == "CA, EA or PK"
    assert detail["raw"]["truncated"] is False
    assert detail["chain"]["place"]["length"] == len(BAD_850) == detail["raw"]["size"]


def test_a_message_tells_its_whole_chain(api: Api) -> None:
    chain = api.get(f"/api/messages/{api.ids['order_message']}")["chain"]
    assert chain["document"]["body"]["number"] == "4500012874"
    assert [row["type"] for row in chain["produced"]] == ["940"]
    assert [(row["type"], row["direction"]) for row in chain["acknowledgements"]] == [("997", "out")]
    assert [row["type"] for row in chain["related"]] == ["940", "945", "856", "810"]
    assert [event["name"] for event in chain["events"]] == ["received", "checked"]
    answering = api.get(f"/api/messages/{chain['acknowledgements'][0]['message_id']}")["chain"]
    assert [row["id"] for row in answering["answers"]] == [api.ids["order_message"]]
    notice = api.get(f"/api/messages/{api.ids['notice']}")["chain"]
    assert notice["cause"]["type"] == "945"
    assert notice["deliveries"][0]["attempts"][0]["outcome"] == "delivered"


def test_the_bytes_come_exactly_and_never_as_something_to_run(api: Api) -> None:
    answer = api.client.get(f"/api/messages/{api.ids['bad']}/raw")
    assert answer.content == BAD_850.encode()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="850_')
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_order_tells_quantities_statuses_and_everything_said(api: Api) -> None:
    detail = api.get(f"/api/orders/{api.ids['order']}")
    first = detail["order"]["lines"][0]
    assert first["quantities"] == {
        "ordered": "48",
        "accepted": "48",
        "released": "48",
        "shipped": "46",
        "invoiced": "46",
    }
    assert first["price"] == "12.9"
    assert detail["statuses"] == {"fulfilment": "partly_shipped", "money": "partly_invoiced", "after_sales": "none"}
    assert [entry["status"] for entry in detail["order"]["tracking"]] == ["picked_up", "in_transit"]
    assert [row["type"] for row in detail["order"]["messages"]] == ["850", "940", "945", "856", "810"]
    assert detail["order"]["fulfilments"][0]["source"] == "harbor"


def test_the_summary_counts(api: Api) -> None:
    told = api.get("/api/summary")
    assert (told["total"], told["problem"], told["waiting"], told["done"], told["incidents"]) == (24, 4, 4, 16, 2)
    assert sum(minute["total"] for minute in told["minutes"]) == 24
    assert sum(minute["problem"] for minute in told["minutes"]) == 4


def test_incidents_and_connections(api: Api) -> None:
    incidents = api.get("/api/incidents")["incidents"]
    assert {row["count"] for row in incidents} == {3}
    failed = api.get(f"/api/messages/{api.ids['failed']}")["chain"]["message"]
    about = {f"{failed['type']} {failed['number']} to {failed['partner']}", "connection harbor/sftp"}
    assert {row["about"] for row in incidents} == about
    rows = {row["connection"]: row for row in api.get("/api/connections")["connections"]}
    assert rows["harbor/sftp"]["waiting"] == 1
    assert rows["harbor/sftp"]["backoff_until"] is not None
    assert rows["harbor/sftp"]["incident"].startswith("The SFTP server of harbor refuses our key")
    assert rows["kumo/sftp"]["incident"] is None
    assert rows["kumo/sftp"]["paused"] == 1
    assert rows["bluebird/sftp"]["received_at"] is not None
    assert rows["shop/sftp"]["delivered_at"] is None


def test_a_payload_is_given_whole(api: Api) -> None:
    place = api.get(f"/api/messages/{api.ids['bad']}")["chain"]["payload"]
    answer = api.client.get(f"/api/payloads/{place['id']}/raw")
    assert (answer.status_code, len(answer.content)) == (200, place["size"])
    assert answer.content.startswith(b"ISA*")
    assert answer.headers["content-disposition"].startswith("attachment; ")


NONE = ["/api/messages/no", "/api/messages/no/raw", "/api/payloads/no/raw", "/api/orders/no"]


@pytest.mark.parametrize("path", NONE)
def test_what_does_not_exist_is_said_to_be_none(api: Api, path: str) -> None:
    answer = api.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "HUB-9103")


def test_operations_are_run_in_the_administrator_s_name(api: Api) -> None:
    failed = api.ids["failed"]
    for name in ("resend", "reissue"):
        answer = api.client.post(f"/api/messages/{failed}/{name}")
        assert (answer.status_code, answer.json()["after"]) == (200, {"delivery": "queued"})
    shown = api.client.post(f"/api/messages/{failed}/cancel", json={"reason": "see", "dry_run": True}).json()
    assert shown["dry_run"]
    assert api.hub.operations.asked[-2:] == [("resend", failed, "admin"), ("reissue", failed, "admin")]
    refused = api.client.post(f"/api/messages/{failed}/replay")
    assert (refused.status_code, "erased" in refused.json()["message"]) == (409, True)
    assert api.client.get(f"/api/messages/{failed}/resend").status_code == 405
    for nonsense in (b"[]", b'{"reasons": "x"}', b"{", b'{"options": {"connection": 5}}'):
        answer = api.client.post(f"/api/messages/{failed}/cancel", content=nonsense)
        assert (answer.status_code, answer.json()["code"]) == (400, "HUB-9104")


def test_a_message_offers_what_makes_sense(api: Api) -> None:
    offered = {
        name: [offer["action"] for offer in api.get(f"/api/messages/{api.ids[name]}")["offered"]]
        for name in ("failed", "bad", "order_message")
    }
    assert offered["failed"][:2] == ["resend", "reissue"]
    assert "cancel" in offered["failed"]
    assert offered["bad"] == ["replay", "edit", "ignore"]
    assert offered["order_message"] == ["replay"]
