"""Every public sample at hand: how many interchanges, groups and messages it holds and all that is found in it.

tests/samples/expected.tsv is the table. `theirs` is what an independent reader counted (interchanges/messages) where it
differs from ours; `why` says which of the two is right. Any change of a finding changes the table: run with
--update-golden, and look at each line that changes as the partner's clerk would.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from hub.cli.acknowledge import acknowledge_payload
from hub.cli.check import check_payload
from hub.errors import DataError, UnreadableError
from hub.syntax import Interchange, cut
from tests.unit.test_acknowledgement_write import AT

HERE = Path(__file__).parents[1]
FOLDERS = (HERE / "samples", HERE / "golden" / "samples")
TABLE = HERE / "samples" / "expected.tsv"
FILES = {f"{path.parent.name}/{path.name}": path for folder in FOLDERS for path in folder.glob("*/*") if path.is_file()}
COLUMNS = ("file", "interchanges", "groups", "messages", "findings", "answers", "theirs", "why")


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(TABLE.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def ours(name: str) -> dict[str, str]:
    """The first columns of a file's row. answers: the status of each acknowledged message, by letters or actions."""
    payload = FILES[name].read_bytes()
    try:
        interchanges = list(cut(payload))
    except UnreadableError:
        interchanges = []
    found = Counter(f"{row['code']} {row['severity']}" for row in check_payload(name, payload) if "code" in row)
    return {
        "file": name,
        "interchanges": str(len(interchanges)),
        "groups": str(sum(not group.implicit for each in interchanges for group in each.groups)),
        "messages": str(sum(len(each.messages) for each in interchanges)),
        "findings": ", ".join(f"{key} {count}" for key, count in sorted(found.items())) or "-",
        "answers": "".join(_statuses(interchanges, payload)) or "-",
    }


def _statuses(interchanges: list[Interchange], payload: bytes) -> list[str]:
    """AK5 of each message, or UCM's action; T and U: an interchange refused as a whole by TA1 or UCI."""
    if not interchanges:
        return []
    found = []
    try:
        answers = acknowledge_payload(payload, kind=None, control_number=1, at=AT)
    except DataError as error:
        return [error.code]
    for answer in answers:
        (interchange,) = cut(answer)
        mark, end = interchange.separators.element, interchange.separators.segment
        for segment in answer.decode("latin-1").split(end):
            parts = segment.strip().split(mark)
            if parts[0] == "AK5":
                found.append(parts[1])
            elif parts[0] == "UCM":
                found.append(parts[3])
            elif parts[0] == "TA1":
                found.append(f"T{parts[4]}")
            elif parts[0] == "UCI" and parts[4] == "4":
                found.append("U4")
    return found


def test_the_table_has_every_file() -> None:
    assert [row["file"] for row in rows()] == sorted(FILES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_what_is_found_in_a_sample_is_known(name: str, update_golden: bool) -> None:
    if update_golden:
        _update(name)
    (expected,) = [row for row in rows() if row["file"] == name]
    found = ours(name)
    assert {key: expected[key] for key in found} == found


def test_where_another_reader_counts_otherwise_the_table_says_why() -> None:
    for row in rows():
        assert bool(row["theirs"]) == bool(row["why"]), row["file"]
        assert row["theirs"] != f"{row['interchanges']}/{row['messages']}", row["file"]


def test_sources_name_every_file() -> None:
    for folder in FOLDERS:
        told = (folder / "SOURCES.md").read_text("utf-8")
        for path in folder.glob("*/*"):
            assert f"| {path.parent.name}/{path.name} |" in told


def _update(name: str) -> None:
    table = {row["file"]: row for row in rows()}
    table[name] = table.get(name, {"theirs": "", "why": ""}) | ours(name)
    lines = ["\t".join(COLUMNS), *("\t".join(table[key][column] for column in COLUMNS) for key in sorted(table))]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")
