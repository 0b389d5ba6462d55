"""hub demo, ended from outside while it plays: no process and no folder stays. Whatever else is kept on the machine is
none of its business."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

IN_PRODUCTION = {"HUB_DATABASE": "postgresql://hub@127.0.0.1:1/hub", "HUB_PAYLOADS": "s3://payloads"}


@pytest.mark.parametrize(
    ("ending", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=lambda value: str(value),
)
def test_nothing_stays(ending: signal.Signals, status: int, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "hub.cli", "demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, **IN_PRODUCTION, "TMPDIR": str(tmp_path)},
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("The page: "):
                break
        (folder,) = tmp_path.glob("crossdock-demo-*")
        assert _processes_of(folder)
        demo.send_signal(ending)
        rest = demo.stdout.read()
        assert demo.wait(40) == status, rest
    assert not _processes_of(folder)
    assert list(tmp_path.iterdir()) == []


def _processes_of(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        if any(str(folder) in word for word in words):
            found.append(" ".join(words))
    return found
