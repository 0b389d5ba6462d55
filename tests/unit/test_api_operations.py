"""The routes that change something, over HTTP with a whole hub behind them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from hub.store.tables import incident, lane, work
from tests.browser.hub import TOKEN, serving
from tests.hubs import Bench, order, x12


@pytest.fixture
def client(sqlite_bench: Bench) -> Iterator[httpx.Client]:
    """Two 940s that wait for their next try, and an order that is held."""
    bench = sqlite_bench
    bench.hub.tokens = {"admin": TOKEN}
    bench.script("harbor", *["transient"] * 9)
    bench.pass_by(x12(order("PO-1"), order("PO-2"), order("PO-3", ("1", "XX-1", "3", "2.00"))))
    with (
        serving(bench.hub) as url,  # type: ignore[arg-type] # the whole hub in place of the small one
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}) as opened,
    ):
        yield opened


def said(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_bulk_is_shown_begun_watched_and_cancelled(sqlite_bench: Bench, client: httpx.Client) -> None:
    wanted = {"partner": "harbor", "status": "delivery:queued"}
    asked = {"action": "hold", "wanted": wanted, "reason": "stock count"}
    preview = said(client.post("/api/bulk/preview", json=asked))
    assert (preview["total"], len(preview["examples"])) == (2, 2)
    row = said(client.post("/api/bulk", json={**asked, "upto": preview["upto"]}), 202)
    assert (row["state"], row["total"], row["actor"]) == ("running", 2, "admin")
    sqlite_bench.run()
    done = said(client.get(f"/api/bulk/{row['id']}"))
    assert (done["state"], done["done"]) == ("done", 2)
    other = said(client.post("/api/bulk", json={"action": "unhold", "wanted": {"status": "delivery:held"}}), 202)
    assert said(client.post(f"/api/bulk/{other['id']}/cancel"))["state"] == "cancelled"
    assert [one["state"] for one in said(client.get("/api/bulk"))["bulks"]] == ["cancelled", "done"]
    assert said(client.get("/api/bulk/nothing"), 409)["code"] == "HUB-6030"
    assert said(client.post("/api/bulk", json={**asked, "action": "explode"}), 409)["code"] == "HUB-6028"
    assert said(client.post("/api/bulk", json={"action": 5}), 400)["code"] == "HUB-9104"


def test_lanes_and_incidents_are_changed_and_all_is_in_the_log(sqlite_bench: Bench, client: httpx.Client) -> None:
    bench = sqlite_bench
    body = {"lane": "out/harbor/drop", "reason": "their maintenance"}
    said(client.post("/api/lanes/pause", json=body))
    assert bench.row(lane, name="out/harbor/drop")["paused"]
    shown = {one["name"]: one["state"] for one in said(client.get("/api/lanes"))["lanes"]}
    assert shown["out/harbor/drop"] == "paused"
    said(client.post("/api/lanes/resume", json=body))
    assert said(client.post("/api/lanes/pause", json={"lane": "nothing"}), 409)["code"] == "HUB-6007"
    row = bench.row(incident, code="HUB-8007")
    assert said(client.post(f"/api/incidents/{row['id']}/close"), 400)["code"] == "HUB-6028"
    said(client.post(f"/api/incidents/{row['id']}/close", json={"reason": "known"}))
    assert said(client.post(f"/api/incidents/{row['id']}/close", json={"reason": "known"}), 409)["code"] == "HUB-6031"
    told = said(client.get("/api/audit"))
    assert [(one["action"], one["reason"]) for one in told["entries"]] == [
        ("close", "known"),
        ("resume", "their maintenance"),
        ("pause", "their maintenance"),
    ]
    assert told["head"].startswith("3:")
    assert len(said(client.get("/api/audit", params={"subject": row["id"]}))["entries"]) == 1


def test_a_connection_is_tried_and_says_how_it_went(sqlite_bench: Bench, client: httpx.Client) -> None:
    told = said(client.get("/api/connections"))
    assert {one["connection"] for one in told["connections"]} <= {one["connection"] for one in told["configured"]}
    tried = said(client.post("/api/connections/test", json={"connection": "harbor/drop"}))
    assert tried == {"connection": "harbor/drop", "works": True, "said": "drop has no test"}
    assert said(client.post("/api/connections/test", json={"connection": "harbor/none"}), 409)["code"] == "HUB-4008"


def test_a_paused_lane_says_who_and_why_and_drains_only_when_empty(sqlite_bench: Bench, client: httpx.Client) -> None:
    body = {"lane": "out/harbor/drop", "reason": "their maintenance"}
    assert said(client.post("/api/lanes/drain", json=body)) == {"lane": "out/harbor/drop", "drained": False}
    (drained,) = (row for row in said(client.get("/api/lanes"))["lanes"] if row["name"] == "out/harbor/drop")
    assert drained["drain_by"] == "admin"
    said(client.post("/api/lanes/pause", json=body))
    told = said(client.get("/api/lanes", params={"connection": "harbor/drop"}))
    assert {row["connection"] for row in told["lanes"]} == {"harbor/drop"}
    assert [(one["lane"], one["actor"], one["reason"]) for one in told["pauses"]] == [
        ("out/harbor/drop", "admin", "their maintenance")
    ]
    empty = next(row["name"] for row in said(client.get("/api/lanes"))["lanes"] if not row["waiting"])
    assert said(client.post("/api/lanes/drain", json={"lane": empty}))["drained"]
    assert said(client.get("/api/audit/verify"))["entries"] == 3


def test_work_that_was_set_aside_is_decided_on(sqlite_bench: Bench, client: httpx.Client) -> None:
    with sqlite_bench.hub.database.begin() as conn:
        conn.execute(update(work).values(set_aside=True, note="the disk is full"))
    first, second = said(client.get("/api/lanes", params={"connection": "harbor/drop"}))["set_aside"][:2]
    assert first["note"] == "the disk is full"
    said(client.post(f"/api/work/{first['id']}/retry"))
    said(client.post(f"/api/work/{second['id']}/drop", json={"reason": "sent by mail"}))
    assert said(client.post(f"/api/work/{second['id']}/drop"), 409)["code"] == "HUB-6007"
    assert [row["action"] for row in said(client.get("/api/audit"))["entries"]] == ["drop", "retry"]


def test_the_log_names_who_it_was(sqlite_bench: Bench, client: httpx.Client) -> None:
    sqlite_bench.hub.tokens = {"admin": TOKEN, "ann": "hers", "ben": "his"}
    body = {"lane": "out/harbor/drop", "reason": "their maintenance"}
    said(client.post("/api/lanes/pause", json=body, headers={"Authorization": "Bearer hers"}))
    with httpx.Client(base_url=client.base_url, headers={"X-Hub": "1"}) as page:
        said(page.post("/api/session", json={"token": "his"}))
        said(page.post("/api/lanes/resume", json=body))
        row = sqlite_bench.message("out", number=sqlite_bench.messages("out", type="940")[0]["number"], type="940")
        said(page.post(f"/api/messages/{row['id']}/hold", json={"reason": "price"}))
        assert [row["actor"] for row in said(page.get("/api/audit"))["entries"]] == ["ben", "ben", "ann"]
    assert sqlite_bench.row_of(row["id"])["hold_reason"] == "price (ben)"
    assert said(client.post("/api/lanes/pause", json=body, headers={"Authorization": "Bearer nobody"}), 401)


def test_uploads_that_broke_off_are_told(client: httpx.Client) -> None:
    assert said(client.get("/api/uploads")) == {"aborted": []}
