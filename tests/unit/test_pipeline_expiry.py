"""Certificates that end are told a month before, and no longer once one that lasts stands beside them."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.pipeline.due import schedule_due
from hub.store.tables import incident
from tests.contracts.as2_peers import identity
from tests.hubs import Bench

PARTNER = """
name = "Later Stores"
role = "retailer"
identities = ["ZZ:LATER"]

[connection.as2]
connector = "as2"
as2_from = "NORTHWIND"
as2_to = "LATER"
require_encrypted = false
certificates = [{certificates}]
"""


@pytest.fixture
def clock_starts(sqlite_bench: Bench) -> int:
    """The day of the hub's clock, counted from today."""
    return (sqlite_bench.clock.now() - datetime.now(UTC)).days


def pem(name: str, begins: int, ends: int) -> str:
    return f"'''{identity(name, begins, ends).certificate}'''"


def add_partner(bench: Bench, certificates: str) -> None:
    folder = bench.folder / "partners" / "later"
    folder.mkdir(exist_ok=True)
    (folder / "partner.toml").write_text(PARTNER.format(certificates=certificates))
    bench.publish()
    schedule_due(bench.hub.context)


def test_a_certificate_is_told_a_month_before_it_ends_until_another_lasts(
    sqlite_bench: Bench, clock_starts: int
) -> None:
    bench = sqlite_bench
    old = pem("ends", clock_starts - 100, clock_starts + 60)
    add_partner(bench, old)
    bench.wait(60)
    assert bench.incidents() == []
    bench.wait(35 * 24 * 3600)
    assert bench.incidents() == ["HUB-4218"]
    bench.wait(6 * 3600)
    (told,) = bench.rows(incident, code="HUB-4218")
    assert (told["count"], told["subject_id"]) == (1, "later/as2")
    assert '"CN=ends"' in told["message"]
    assert "ends in 2" in told["message"]
    bench.wait(18 * 3600)
    assert [row["count"] for row in bench.rows(incident, code="HUB-4218")] == [2]
    lasts = pem("lasts", clock_starts, clock_starts + 400)
    add_partner(bench, f"{old}, {lasts}")
    bench.wait(60)
    assert bench.incidents() == []


def test_a_certificate_that_has_ended_is_told_at_once(sqlite_bench: Bench, clock_starts: int) -> None:
    bench = sqlite_bench
    ended = pem("ended", clock_starts - 100, clock_starts - 2)
    add_partner(bench, ended)
    bench.wait(60)
    (told,) = bench.rows(incident, code="HUB-4218")
    assert " ended on " in told["message"]
    assert bench.clock.now() - told["opened_at"] < timedelta(minutes=2)
