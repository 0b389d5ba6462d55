"""One worker over two stages, on each database, in a time that stands still."""

import pytest

from hub.dispatch import Dispatcher
from hub.store.engine import Database
from hub.store.ports import ManualClock
from tests.dispatching import Stage


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stage(clock: ManualClock) -> Stage:
    """Works in batches."""
    return Stage(clock)


@pytest.fixture
def deliver(clock: ManualClock) -> Stage:
    """Works one by one."""
    return Stage(clock, "deliver", 1)


@pytest.fixture
def worker(database: Database, clock: ManualClock, stage: Stage, deliver: Stage) -> Dispatcher:
    return Dispatcher(database, [stage, deliver], clock, "one")
