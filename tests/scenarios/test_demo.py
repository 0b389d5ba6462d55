"""The demo's flows to their end, on each database, and on PostgreSQL with the hub as four processes."""

from collections import Counter
from pathlib import Path

import pytest

from hub.demo import scenario
from hub.demo.play import Play

pytestmark = pytest.mark.slow

SECONDS = 150


def _perform(play: Play) -> None:
    """Plays to the end; everything arrived, nothing came twice, and each order stands as the scenario says."""
    try:
        play.start()
        play.step(SECONDS)
        assert play.settle(60) == []
        messages = play.messages()
    finally:
        play.stop()
    assert play.repeats == []
    sent = Counter(message["document"] or message["type"] for message in messages if message["direction"] == "out")
    copies = sum(scenario.DOCUMENTS.values())
    assert sent["ShipNotice"] == scenario.DOCUMENTS["ShipNotice"] + 5  # the merchant's copies, and those to retailers
    assert sum(message["partner"] == "northwind-erp" for message in messages) == copies
    assert all(message["order_id"] for message in messages if message["document"] == "TrackingEvent")
    bad = [message for message in messages if message["validation"] == "rejected"]
    assert [message["number"] for message in bad] == [scenario.BAD_ORDER]


def test_on_each_database(new_database_url: str, tmp_path: Path) -> None:
    _perform(Play(tmp_path, database=new_database_url))


@pytest.mark.peer("postgres")
def test_as_four_processes_that_share_only_the_database(postgres_url: str, tmp_path: Path) -> None:
    from tests.postgres import drop_database, new_database

    url = new_database(postgres_url)
    _perform(Play(tmp_path, database=url, scaled=True))
    drop_database(postgres_url, url.rpartition("/")[2])


def test_two_beside_each_other(tmp_path: Path) -> None:
    plays = [Play(tmp_path / name) for name in ("one", "other")]
    for play in plays:
        play.folder.mkdir()
    try:
        for play in plays:
            play.start()
        for play in plays:
            play.step(SECONDS)
            assert play.settle(60) == []
    finally:
        for play in plays:
            play.stop()
