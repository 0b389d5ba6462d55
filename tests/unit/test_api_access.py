"""Nobody gets in without being let in: rules, tokens, sessions, forged requests, headers."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from hub.api.access import POLICY, RULES, SESSION, new_session, whose_session, whose_token
from hub.api.app import create_app, describe
from hub.api.pages import PAGES
from hub.store.engine import open_database
from hub.store.ports import ManualClock
from tests.browser.hub import TOKEN, Hub, serving

NOW = ManualClock().now()
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def hub(sqlite_template: Path) -> Iterator[Hub]:
    """Only looked at: the tables are empty."""
    database = open_database(f"sqlite:///{sqlite_template}")
    yield Hub(database)
    database.dispose()


@pytest.fixture(scope="module")
def url(hub: Hub) -> Iterator[str]:
    with serving(hub) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url) as opened:
        yield opened


def routes(hub: Hub) -> dict[str, str]:
    """ "METHOD /path" -> an address of it."""
    found = {}
    for route in create_app(hub).routes:
        assert isinstance(route, APIRoute), f"{route} is no plain route, so no rule can guard it"
        for method in route.methods or ():
            found[f"{method} {route.path}"] = re.sub(r"\{[a-z_]+\}", "x", route.path)
    return found


def test_every_route_has_a_rule_and_every_rule_a_route(hub: Hub) -> None:
    assert set(routes(hub)) == set(RULES)


def test_everything_under_api_needs_the_token_but_signing_in(hub: Hub) -> None:
    outside = {route for route, rule in RULES.items() if " /api/" in route and rule != "admin"}
    assert outside == {"POST /api/session"}


@pytest.mark.parametrize("route", sorted(route for route, rule in RULES.items() if rule == "admin"))
@pytest.mark.parametrize("credentials", ["none", "wrong token", "old cookie", "empty"])
def test_no_admin_route_answers_a_stranger(client: httpx.Client, hub: Hub, route: str, credentials: str) -> None:
    method, path = route.split(" ")
    old = new_session(TOKEN, "admin", hub.clock.now() - 2 * SESSION)
    headers = {
        "none": {},
        "wrong token": {"Authorization": "Bearer wrong"},
        "old cookie": {"Cookie": f"hub_session={old}", "X-Hub": "1"},
        "empty": {"Authorization": "Bearer", "Cookie": "hub_session="},
    }[credentials]
    answer = client.request(method, re.sub(r"\{[a-z_]+\}", "x", path), headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "HUB-9101"


def test_a_route_without_a_rule_is_refused_even_with_the_token(hub: Hub) -> None:
    app = create_app(hub)
    app.add_api_route("/api/forgotten", lambda: "secret", methods=["GET"])
    with serving(hub, app=app) as address:
        answer = httpx.get(f"{address}/api/forgotten", headers=BEARER)
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_without_a_token_the_api_is_shut(hub: Hub) -> None:
    shut = Hub(hub.database, token=None)
    with serving(shut) as address:
        for given in ("Bearer", "Bearer None", f"Bearer {TOKEN}"):
            answer = httpx.get(f"{address}/api/summary", headers={"Authorization": given})
            assert answer.status_code == 401
        assert httpx.post(f"{address}/api/session", json={"token": ""}).status_code == 401
        assert "set-cookie" not in httpx.get(f"{address}/?token=").headers
    assert whose_token({}, "") is None
    assert whose_token({"admin": ""}, "") is None
    assert whose_session({}, new_session("", "admin", NOW), NOW) is None


def test_a_session_is_good_for_its_time_its_token_and_its_name() -> None:
    tokens = {"admin": TOKEN, "ann": "hers"}
    made = new_session(TOKEN, "admin", NOW)
    assert whose_session(tokens, made, NOW) == "admin"
    assert whose_session(tokens, new_session("hers", "ann", NOW), NOW) == "ann"
    assert whose_session(tokens, made, NOW + SESSION - timedelta(seconds=1)) == "admin"
    assert whose_session(tokens, made, NOW + SESSION + timedelta(seconds=1)) is None
    assert whose_session({"admin": "another"}, made, NOW) is None
    assert whose_session(tokens, made.replace("admin", "ann"), NOW) is None
    _, until, signature = made.split(".")
    forgeries = (f"admin.{int(until) + 9}.{signature}", f"admin.{until}.", f"admin.²{until}.{signature}")
    for forged in (*forgeries, f"{until}.{signature}", f"admin.{until}.é", "", ".", "..", "nobody.1.x"):
        assert whose_session(tokens, forged, NOW) is None
    assert TOKEN not in made


def test_opening_the_page_with_the_token_signs_in_and_hides_it(client: httpx.Client) -> None:
    answer = client.get("/", params={"token": TOKEN})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/api/summary").status_code == 200
    wrong = httpx.get(f"{client.base_url}/", params={"token": "wrong"})
    assert "set-cookie" not in wrong.headers


def test_a_write_by_cookie_needs_the_header(client: httpx.Client) -> None:
    signed = client.post("/api/session", json={"token": TOKEN})
    assert signed.json() == {"signed_in": True}
    forged = client.post("/api/messages/x/resend")
    assert (forged.status_code, forged.json()["code"]) == (403, "HUB-9102")
    assert client.post("/api/messages/x/replay", headers={"X-Hub": "1"}).status_code == 409  # let in; nothing to replay
    assert client.delete("/api/session", headers={"X-Hub": "1"}).json() == {"signed_in": False}
    assert client.get("/api/summary").status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b'{"token": 5}', b"\xff", b'{"token": "a"', b"x" * 20_000])
def test_signing_in_with_nonsense_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/api/session", content=body)
    assert answer.status_code in (400, 413)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/health", "/api/messages", "/nothing", "/messages/x"])
def test_every_answer_carries_the_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "cache-control" in headers
    assert "unsafe" not in POLICY


@pytest.mark.parametrize("name", ["..%2f__init__.py", "nothing.js", "%00", "....//index.html"])
def test_only_the_files_of_the_page_are_served(client: httpx.Client, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_openapi_describes_every_route_and_refers_to_shapes_it_has(client: httpx.Client, hub: Hub) -> None:
    described = client.get("/api/openapi.json", headers=BEARER).json()
    assert described == describe(create_app(hub))
    told = {f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods}
    pages = {f"GET {path}" for path in (*PAGES, "/static/{name}", "/api/openapi.json")}
    assert told == set(RULES) - pages
    names = set(re.findall(r'"#/components/schemas/(\w+)"', str(described).replace("'", '"')))
    assert names <= set(described["components"]["schemas"])
    assert {"MessagePage", "MessageDetail", "Finding", "Statuses"} <= set(described["components"]["schemas"])
    assert described["paths"]["/api/messages"]["get"]["security"] == [{"token": []}, {"session": []}]
    assert "security" not in described["paths"]["/health"]["get"]
