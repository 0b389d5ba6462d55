"""kill -9 of the hub, children and all, at random moments of the demo's flows; then it starts again, as often as asked.

`pytest tests/crash --chances 100 --seed 7` is the long run. The figures are printed whatever the outcome.
"""

import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.demo.play import Play
from hub.store.engine import open_database
from hub.store.tables import delivery, work

pytestmark = pytest.mark.slow

DEDUPLICATE = {"europa", "alpine", "roadrunner", "northwind-erp", "bluebird", "summit"}
"""Partners at whom nothing may be applied twice. Harbor's bare SFTP folder may see one repeat a kill, flagged."""


def test_nothing_is_lost_and_nothing_doubled(
    new_database_url: str, tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    kills, seed = pytestconfig.getoption("--chances"), pytestconfig.getoption("--seed")
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    play = Play(tmp_path, database=new_database_url)
    try:
        play.start()
        for _ in range(kills):
            play.step(chance.uniform(0.1, 2.0))
            play.kill_hub()
            play.start_hub()
        play.step(120)
        amiss = play.settle(60)
        repeats = Counter(told["who"] for told in play.repeats)
        flagged, left = _figures(new_database_url)
    finally:
        play.stop()
    with capsys.disabled():
        print(
            f"\n{kills} kills (seed {seed}) on {new_database_url.split(':')[0]}: {len(amiss)} lost or amiss;", end=" "
        )
        print(f"repeats {dict(repeats)}, of these flagged {flagged}; work left over {left}")
    assert amiss == []
    assert repeats["bluebird"] == 0, "the mailbox delivers in one transaction: never twice"
    assert repeats["harbor"] <= min(kills, flagged)
    assert left == 0


def _figures(url: str) -> tuple[int, int]:
    """Deliveries to Harbor flagged as perhaps made twice; pieces of work that somebody would have to look at."""
    database = open_database(url)
    with database.read() as conn:
        harbor = select(func.count()).where(delivery.c.partner == "harbor", delivery.c.maybe_duplicate)
        flagged = conn.execute(harbor).scalar_one()
        left = conn.execute(select(func.count()).select_from(work).where(work.c.set_aside)).scalar_one()
    database.dispose()
    return flagged, left
