"""A large interchange passes through a command in about the memory of a small one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.edi import x12

ORDER = ["BEG*00*SA*PO1001**20260122", "N1*ST*STORE*92*12", *["PO1*1*10*EA*9.5**UP*012345678905"] * 20, "CTT*20"]


def peak(command: str, file: Path) -> float:
    """The largest memory of the command, in MB."""
    started = subprocess.Popen([sys.executable, "-m", "hub.cli", command, str(file)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    assert started.returncode == 0
    return used.ru_maxrss / 1000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere ru_maxrss has other units")
@pytest.mark.parametrize("command", ["check", "acknowledge"])
def test_memory_does_not_grow_with_the_payload(command: str, tmp_path: Path) -> None:
    small, large = tmp_path / "small.edi", tmp_path / "large.edi"
    small.write_bytes(x12(*[ORDER] * 1_000))
    large.write_bytes(x12(*[ORDER] * 10_000))
    size = large.stat().st_size / 1e6
    assert size > 6
    assert peak(command, large) - peak(command, small) < size * 0.75
