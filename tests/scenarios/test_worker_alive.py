"""A worker says that it lives, for whoever restarts the ones that do not."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SECONDS = 60


def test_the_file_is_touched_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('[account.us]\nname = "Us"\nidentities = ["ZZ:US"]\n')
    file = tmp_path / "alive"
    command = [sys.executable, "-P", "-m", "hub.cli", "worker", "--workspace", str(tmp_path), "--end-with-stdin"]
    with subprocess.Popen([*command, "--alive-file", str(file)], stdin=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        _until(file.exists)
        os.utime(file, (0, 0))
        _until(lambda: file.stat().st_mtime > 0)
        worker.stdin.close()
        assert worker.wait(SECONDS) == 0


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "the worker does not say that it lives"
        time.sleep(0.1)
