"""What takes minutes and little else is begun when the tests begin, beside them, and judged when they are through."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

STEADY = Path(__file__).resolve().parents[2] / "bench" / "steady.py"
MINUTES = 5.0 if os.environ.get("CI") else 0.75


class Beside:
    """bench/steady.py in a process that leaves the processor to the tests."""

    def __init__(self) -> None:
        command = ["nice", "-n", "19", sys.executable, str(STEADY), str(MINUTES)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def end(self, seconds: float) -> tuple[int, str]:
        """Its status, and what it said."""
        said, _ = self._process.communicate(timeout=seconds)
        return self._process.returncode, said

    def close(self) -> None:
        with self._process:
            self._process.kill()


_begun = pytest.StashKey[Beside]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_is_steady)


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.items and _is_steady(session.items[-1]) and not session.config.option.collectonly:
        session.config.stash[_begun] = Beside()


def pytest_unconfigure(config: pytest.Config) -> None:
    if (beside := config.stash.get(_begun, None)) is not None:
        beside.close()


def _is_steady(item: pytest.Item) -> bool:
    return "steady" in getattr(item, "fixturenames", ())


@pytest.fixture
def steady(request: pytest.FixtureRequest) -> Beside:
    return request.config.stash[_begun]
