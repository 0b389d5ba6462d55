"""Memory stays as it is under steady load. bench/steady.py 60 takes an hour over it; here it is less than a minute."""

import subprocess
import sys
from pathlib import Path

import pytest

MINUTES = 0.75


@pytest.mark.slow
def test_memory_stays_as_it_is(repository: Path) -> None:
    command = [sys.executable, str(repository / "bench" / "steady.py"), str(MINUTES)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "in the second half" in ended.stdout
