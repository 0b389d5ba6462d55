"""How much of the samples beside each mapping of X12 and EDIFACT its rules read; what they do not is kept and written
back."""

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
