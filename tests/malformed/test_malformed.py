"""Damaged payloads, named by their defect: only findings or one UnreadableError come out, and nothing else moves.

expected.tsv says, per file, how many interchanges and messages are still read, and which codes are found.
"""

import csv
from pathlib import Path

import pytest

from hub.catalogue import syntax
from hub.errors import UnreadableError
from hub.syntax import Interchange, cut, parse

HERE = Path(__file__).parent
ROWS = list(csv.DictReader((HERE / "expected.tsv").read_text().splitlines(), delimiter="\t"))


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_only_its_own_fault_is_found(row: dict[str, str]) -> None:
    payload = (HERE / row["file"]).read_bytes()
    assert summary(payload) == (row["interchanges"], row["messages"], row["findings"])
    assert summary([payload[at : at + 1] for at in range(len(payload))]) == summary(payload)


def test_every_code_of_reading_has_its_file() -> None:
    found = {code for row in ROWS for code in row["findings"].split()}
    writing = {"HUB-1060", "HUB-1061", "HUB-1062", "HUB-1063", "HUB-1064", "HUB-1065", "HUB-1082"}
    tables = {row.code for row in syntax.ROWS if row.code >= "HUB-1090"}
    assert found | writing | tables == {row.code for row in syntax.ROWS} | {"-"}


def test_every_file_has_its_row() -> None:
    files = {str(path.relative_to(HERE)) for path in HERE.glob("*/*") if path.parent.name != "__pycache__"}
    assert files == {row["file"] for row in ROWS}


def summary(payload: bytes | list[bytes]) -> tuple[str, str, str]:
    try:
        interchanges = list(cut(payload))
    except UnreadableError as error:
        return "0", "0", error.code
    codes = sorted({finding.code for each in interchanges for finding in each.all_findings})
    messages = [span for each in interchanges for span in each.messages]
    whole = payload if isinstance(payload, bytes) else b"".join(payload)
    for each in interchanges:
        if each.standard in ("x12", "edifact"):
            check_segments(whole, each)
    return str(len(interchanges)), str(len(messages)), " ".join(codes) or "-"


def check_segments(payload: bytes, interchange: Interchange) -> None:
    for span in interchange.messages:
        message = parse(payload[span.offset : span.offset + span.length], span, interchange)
        assert len(message.segments) == span.segments
        assert message.segments[0][0] in ("ST", "UNH")
