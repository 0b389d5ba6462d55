"""What monitoring sees: metrics out of the database and of this process, health, readiness."""

import re
from collections.abc import Iterator

import httpx
import pytest

from hub.store.engine import Database
from hub.store.figures import HELP
from tests.browser.hub import TOKEN, Hub, serving
from tests.browser.seed import seed
from tests.hubs import Bench, order, x12

BEARER = {"Authorization": f"Bearer {TOKEN}"}
LINE = re.compile(r'[a-z_]+(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? [0-9.e+-]+|# (HELP|TYPE) [a-z_]+ .+')


@pytest.fixture
def hub(database: Database) -> Hub:
    seed(database, fill=3)
    return Hub(database)


@pytest.fixture
def url(hub: Hub) -> Iterator[str]:
    with serving(hub) as address:
        yield address


def test_metrics_are_for_those_with_the_token(url: str) -> None:
    assert httpx.get(f"{url}/metrics").status_code == 401


def test_metrics_say_how_things_stand(url: str) -> None:
    told = httpx.get(f"{url}/metrics", headers=BEARER)
    assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = told.text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert {line.split()[2] for line in lines if line.startswith("# HELP")} >= set(HELP)
    assert 'hub_obligations_open{partner="bluebird",state="missed"} 1' in lines
    assert 'hub_obligations_open{partner="bluebird",state="in_time"} 1' in lines
    assert "hub_silent 1" in lines
    assert 'hub_work_waiting{stage="deliver",connection="harbor/sftp"} 1' in lines
    assert any(line.startswith('hub_incidents_open{code="') for line in lines)


def test_ready_says_why_not(hub: Hub, url: str) -> None:
    assert httpx.get(f"{url}/health").json() == {"status": "alive"}
    assert httpx.get(f"{url}/ready").json() == {"status": "ready"}
    hub.idle = "Revision 1234 was published with other Python code than this machine has."
    told = httpx.get(f"{url}/ready")
    assert told.status_code == 503
    assert "Revision 1234" in told.json()["message"]


def test_a_hub_that_may_work_is_ready_and_counts_its_stages(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    assert bench.hub.why_idle() is None
    bench.hub.tokens = {"admin": TOKEN}
    with serving(bench.hub) as address:  # type: ignore[arg-type] # the whole hub in place of the small one
        lines = httpx.get(f"{address}/metrics", headers=BEARER).text.splitlines()
    routed = next(line for line in lines if line.startswith('hub_stage_items_total{stage="route"}'))
    assert int(routed.split()[-1]) >= 1
    assert any(line.startswith('hub_messages_lately{partner="bluebird",direction="in"} 1') for line in lines)
    assert any(line.startswith('hub_delivery_seconds_lately{partner="bluebird"}') for line in lines)
    told = {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("hub_partner_stage_")}
    for stage, partner in (("identify", "bluebird"), ("translate", "bluebird"), ("deliver", "harbor")):
        labels = f'{{stage="{stage}",partner="{partner}"}}'
        assert told[f"hub_partner_stage_items_total{labels}"] >= 1
        seconds, slowest = (told[f"hub_partner_stage_{name}{labels}"] for name in ("seconds_total", "slowest_seconds"))
        assert 0 < slowest <= seconds * 1.01
