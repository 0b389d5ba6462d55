"""Hundreds of damaged payloads: what is still read of each, and what is said about it, changes only on purpose.

damage.tsv holds, by name, how many interchanges and messages are read and which codes are found.
"""

from pathlib import Path

import pytest

from hub.cli.check import check_payload
from hub.cli.inspect import inspect_payload
from tests.malformed.damage import cases
from tests.malformed.test_malformed import summary

FILE = Path(__file__).parent / "damage.tsv"
CASES = dict(cases())
"""Payloads by name; cases that are the same bytes under two names are one too many."""


def test_every_damage_has_its_outcome(update_golden: bool) -> None:
    found = {name: "\t".join(summary(payload)) for name, payload in CASES.items()}
    text = "".join(f"{name}\t{outcome}\n" for name, outcome in found.items())
    if update_golden:
        FILE.write_text(text)
    expected = dict(line.split("\t", 1) for line in FILE.read_text().splitlines())
    assert {name: outcome for name, outcome in found.items() if expected.get(name) != outcome} == {}
    assert list(found) == list(expected)
    assert len(found) >= 500


@pytest.mark.parametrize("size", [1, 13])
def test_damage_is_the_same_in_chunks(size: int) -> None:
    for name, payload in CASES.items():
        chunked = [payload[at : at + size] for at in range(0, len(payload), size)]
        assert summary(chunked) == summary(payload), name


def test_what_is_said_of_damage_is_said_in_sentences() -> None:
    for name, payload in CASES.items():
        for row in inspect_payload(name, [payload]):
            for finding in row["findings"]:
                message, offset = finding["message"], finding["location"].get("offset")
                assert message.rstrip().endswith("."), (name, message)
                assert not any(ord(character) < 32 or ord(character) == 127 for character in message), (name, message)
                assert len(message) < 500, (name, message)
                assert offset is None or 0 <= offset <= len(payload), (name, message)


def test_damage_can_be_checked() -> None:
    for name, payload in CASES.items():
        *_, last = check_payload(name, payload)
        assert set(last["summary"]) >= {"interchanges", "messages", "reject", "error", "warn"}, name
