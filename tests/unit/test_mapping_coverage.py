"""How much of the samples beside each mapping of X12 and EDIFACT its rules read, and of all messages here; what they do
not is kept and written back."""

import re
from functools import cache
from pathlib import Path

import pytest

from hub.mapping import Library
from hub.mapping.coverage import Coverage, coverage
from tests.unit.edi import messages

MAPPINGS = Path(__file__).parents[2] / "mappings"
LEAST = 98.0


@cache
def library() -> Library:
    return Library([MAPPINGS])


IDS = [id for id in library().ids() if id.startswith(("x12/", "edifact/"))]


@pytest.mark.parametrize("id", IDS)
def test_rules_read_nearly_all_of_the_samples(id: str) -> None:
    mapping, found = library().get(id), Coverage(0, 0)
    for path in sorted((MAPPINGS / id / "samples").glob("*.edi")):
        for message in messages(path.read_bytes()):
            if message.type == mapping.type and (document := mapping.read(message).document) is not None:
                found += coverage(mapping, message, document)
    assert found.elements
    assert found.percent >= LEAST, f"{found.unread} of {found.elements} elements are read by no rule"


def test_rules_read_nearly_all_of_every_message_here_that_keeps_to_the_standard() -> None:
    page = (MAPPINGS.parent / "docs" / "reference" / "mappings.md").read_text()  # a test of its own keeps it up to date
    rows = re.findall(r"^\| (\S+/\S+) \| \d+ \| [\d.]+ % \| ([\d.]+) % \|", page, re.MULTILINE)
    assert len(rows) > 10
    assert [row for row in rows if float(row[1]) < LEAST] == []
