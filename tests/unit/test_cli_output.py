"""What people read of a finding."""

import pytest

from hub.cli.output import print_finding
from hub.errors import Finding
from hub.location import Location


@pytest.mark.parametrize("begins", ["", "interchange 1, byte 7: "])
def test_a_place_is_said_once(begins: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = Location(interchange=1, offset=7)
    print_finding(Finding(code="HUB-1003", severity="reject", location=place, message=f"{begins}The payload ends."))
    said = capsys.readouterr().out
    assert said.splitlines() == ["reject HUB-1003  interchange 1, byte 7", "       The payload ends."]
