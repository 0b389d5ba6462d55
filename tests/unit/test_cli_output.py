"""What people read of a finding."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli.output import print_finding
from hub.errors import Finding
from hub.location import Location
from tests.unit.edi import ORDER, x12


@pytest.mark.parametrize("begins", ["", "interchange 1, byte 7: "])
def test_a_place_is_said_once(begins: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = Location(interchange=1, offset=7)
    print_finding(Finding(code="HUB-1003", severity="reject", location=place, message=f"{begins}The payload ends."))
    said = capsys.readouterr().out
    assert said.splitlines() == ["reject HUB-1003  interchange 1, byte 7", "       The payload ends."]


def test_who_stops_reading_is_told_nothing_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "orders.edi"
    file.write_bytes(x12([*ORDER, "ZZZ*1"]))
    with subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "check", str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (said, process.returncode) == (b"", 1)
