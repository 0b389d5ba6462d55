"""The rule for peers in tests/conftest.py, run on a small project whose sshd is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent.parent
CONFTEST = """
from tests.conftest import *
from tests.conftest import PEERS
PEERS["sshd"] = PEERS["sshd"]._replace(present=lambda: False)
PEERS["chromium"] = PEERS["chromium"]._replace(present=lambda: True)
"""
TESTS = """
import pytest

@pytest.mark.peer("sshd")
@pytest.mark.parametrize("number", [1, 2])
def test_with_sshd(number): ...

@pytest.mark.peer("chromium")
def test_with_chromium(): ...

def test_alone(): ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_probe.py").write_text(TESTS)
    return tmp_path


def run(project: Path, *arguments: str, ci: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "CI"} | ({"CI": ci} if ci else {})
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", project, project, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_missing_peer_is_named_at_the_end(project: Path) -> None:
    ended = run(project)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    *_, said, closing = ended.stdout.strip().splitlines()
    assert "sshd: 2 tests" in said
    assert "openssh-server" in said
    assert "2 passed, 2 skipped" in closing


def test_ci_fails_for_want_of_a_peer(project: Path) -> None:
    ended = run(project, ci="true")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "2 passed, 2 errors" in ended.stdout


def test_what_was_not_asked_for_is_not_missing(project: Path) -> None:
    ended = run(project, "-k", "alone", ci="true")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "sshd" not in ended.stdout.strip().splitlines()[-2]


def test_a_peer_nobody_knows_is_refused(project: Path) -> None:
    (project / "test_probe.py").write_text(TESTS.replace('"chromium"', '"chrome"'))
    ended = run(project)
    assert ended.returncode != 0
    assert "no such peer: chrome" in ended.stdout + ended.stderr
