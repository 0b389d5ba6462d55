"""hub inspect, hub check, hub acknowledge as a script sees them: lines of JSON, exit status, errors in words."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.cli.main import main

HEAD = (
    b"ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*CROSSDOCK      *260122*1430*U*00401*000000017*0*T*>~"
    b"GS*PO*BLUEBIRD*CROSSDOCK*20260122*1430*17*X*004010~"
)
ORDER = b"ST*850*0001~BEG*00*SA*4711**20260122~PO1*1*3*EA*9.5**UP*036000291452~CTT*1~SE*5*0001~"
WRONG_COUNT = ORDER.replace(b"SE*5*", b"SE*9*")
FOOT = b"GE*1*17~IEA*1*000000017~"

Run = SimpleNamespace


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Runs `hub` with arguments: status, out (bytes), rows (of --json), err."""

    def call(*arguments: object) -> Run:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        rows = [json.loads(line) for line in out.splitlines()] if "--json" in arguments else []
        return Run(status=ended.value.code, out=out, rows=rows, err=err.decode())

    return call


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "right.edi"
    path.write_bytes(HEAD + ORDER + FOOT)
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.edi"
    path.write_bytes(HEAD + WRONG_COUNT + FOOT)
    return path


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    path = tmp_path / "picture.edi"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    return path


def test_inspect_gives_one_object_for_an_interchange(run: Any, right: Path) -> None:
    ended = run("inspect", "--json", right)
    (row,) = ended.rows
    assert ended.status == 0
    assert list(row) == [
        "file",
        "standard",
        "sender",
        "receiver",
        "control_number",
        "test",
        "messages",
        "findings",
    ]
    assert (row["standard"], row["sender"], row["receiver"]) == ("x12", "ZZ:BLUEBIRD", "ZZ:CROSSDOCK")
    (message,) = row["messages"]
    content = right.read_bytes()[message["offset"] : message["offset"] + message["length"]]
    assert content == ORDER
    assert (message["type"], message["version"], message["segments"]) == ("850", "004010", 5)


def test_inspect_shows_people_a_table(run: Any, right: Path) -> None:
    ended = run("inspect", right)
    assert ended.status == 0
    assert b"ZZ:BLUEBIRD to ZZ:CROSSDOCK" in ended.out
    assert b"850" in ended.out
    assert ended.err == ""


def test_inspect_of_what_nothing_can_read(run: Any, unreadable: Path) -> None:
    ended = run("inspect", "--json", unreadable)
    (row,) = ended.rows
    assert ended.status == 2
    assert row["file"] == str(unreadable)
    assert row["findings"]


def test_check_gives_findings_then_a_summary(run: Any, wrong: Path) -> None:
    ended = run("check", "--json", wrong)
    *findings, last = ended.rows
    assert ended.status == 1
    assert last == {
        "file": str(wrong),
        "summary": {"interchanges": 1, "messages": 1, "reject": 1, "error": 0, "warn": 0},
    }
    (finding,) = findings
    assert list(finding) == ["file", "code", "severity", "message", "location", "value", "expected", "rule"]
    assert (finding["value"], finding["expected"], finding["location"]["tag"]) == ("9", "5", "SE")
    assert wrong.read_bytes()[finding["location"]["offset"] :].startswith(b"9*0001")


def test_check_says_it_in_words(run: Any, right: Path, wrong: Path) -> None:
    ended = run("check", right, wrong)
    assert ended.status == 1
    assert f"{right}: 1 interchange, 1 message; 0 reject, 0 error, 0 warn".encode() in ended.out
    assert b"SE01" in ended.out


def test_the_highest_status_wins_and_no_file_stops_the_next(run: Any, wrong: Path, unreadable: Path) -> None:
    ended = run("check", "--json", wrong, wrong.parent / "missing.edi", unreadable, wrong)
    assert ended.status == 2
    assert [row["file"] for row in ended.rows if "summary" in row] == [str(wrong), str(unreadable), str(wrong)]
    assert "missing.edi: HUB-9201" in ended.err
    assert "Traceback" not in ended.err


WORKSPACE = {
    "hub.toml": '[account.us]\nname = "Us"\nidentities = ["ZZ:CROSSDOCK"]\n',
    "partners/bluebird/partner.toml": """
name = "Bluebird"
role = "retailer"
identities = ["ZZ:BLUEBIRD"]
connection.mailbox = { connector = "mailbox", environment = "test" }
agreement = [{ receive = "x12/004010/850", severities = { "HUB-1018" = "warn" }, guide = "bluebird" }]
""",
    "mappings/guides/bluebird.yaml": "guide: x12/004010/850\nrules:\n  PO1/PID: {min: 0}\n",
    "mappings/guides/strict.yaml": "guide: x12/004010/850\nrules:\n  PO1/PID: mandatory\n",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name, text in WORKSPACE.items():
        (tmp_path / "ours" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ours" / name).write_text(text)
    return tmp_path / "ours"


def test_check_by_the_agreement_with_a_partner(run: Any, wrong: Path, workspace: Path) -> None:
    ended = run("check", "--json", wrong, "--partner", "bluebird", "--workspace", workspace)
    assert ended.status == 0, ended.err
    assert [(row["code"], row["severity"]) for row in ended.rows[:-1]] == [("HUB-1018", "warn")]


def test_check_against_a_guide(run: Any, right: Path, workspace: Path) -> None:
    ended = run("check", "--json", right, "--guide", "strict", "--workspace", workspace)
    assert [(row["code"], row["rule"]) for row in ended.rows[:-1]] == [("HUB-3310", "strict line 3")]
    assert ended.status == 1
    assert run("check", right, "--partner", "bluebird", "--workspace", workspace).status == 0
    assert b"AK5*A~" in run("acknowledge", right).out


def test_check_against_the_guide_of_the_agreement(run: Any, right: Path, workspace: Path) -> None:
    named = workspace / "mappings/guides/bluebird.yaml"
    named.write_text("guide: x12/004010/850\nrules:\n  BEG02: {codes: [NE]}\n")
    ended = run("check", "--json", right, "--partner", "bluebird", "--workspace", workspace)
    assert [(row["code"], row["value"], row["expected"]) for row in ended.rows[:-1]] == [("HUB-3314", "SA", "NE")]


def test_check_against_a_guide_nobody_wrote(run: Any, right: Path, workspace: Path) -> None:
    ended = run("check", right, "--guide", "strikt", "--workspace", workspace)
    assert (ended.status, ended.out) == (1, b"")
    assert 'HUB-3302 there is no guide "strikt" in mappings/guides; did you mean "strict"?' in ended.err


def test_check_for_a_partner_nobody_knows(run: Any, wrong: Path, workspace: Path) -> None:
    ended = run("check", wrong, "--partner", "redbird", "--workspace", workspace)
    assert (ended.status, ended.out) == (2, b"")
    assert "bluebird" in ended.err


def test_a_folder_is_no_file(run: Any, tmp_path: Path) -> None:
    ended = run("inspect", tmp_path)
    assert ended.status == 2
    assert "HUB-9201" in ended.err


def test_acknowledge_writes_the_bytes_of_a_997(run: Any, right: Path) -> None:
    ended = run("acknowledge", right, "--control-number", "42", "--at", "2026-01-22T15:00")
    assert ended.status == 0
    assert ended.out.startswith(b"ISA*00*          *00*          *ZZ*CROSSDOCK      *ZZ*BLUEBIRD       *260122*1500*")
    assert b"*000000042*" in ended.out
    assert b"~AK5*A~" in ended.out


def test_acknowledge_wraps_the_same_bytes_in_json(run: Any, right: Path) -> None:
    bare = run("acknowledge", right, "--at", "2026-01-22T15:00")
    (row,) = run("acknowledge", right, "--at", "2026-01-22T15:00", "--json").rows
    assert row["payload"].encode(row["charset"]) == bare.out


def test_nothing_answers_an_acknowledgement(run: Any, right: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.edi"
    answer.write_bytes(run("acknowledge", right).out)
    ended = run("acknowledge", answer)
    assert (ended.status, ended.out) == (0, b"")
    assert "not answered" in ended.err


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01"])
def test_a_time_that_is_none(run: Any, right: Path, moment: str) -> None:
    ended = run("acknowledge", right, "--at", moment)
    assert ended.status == 2
    assert moment in ended.err
    assert ended.out == b""


def test_standard_input_is_a_file(run: Any, right: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(right.read_bytes())))
    (row,) = run("inspect", "--json", "-").rows
    assert (row["file"], len(row["messages"])) == ("-", 1)


@pytest.mark.parametrize("arguments", [["nonsense"], ["inspect"], ["check", "--nonsense", "x"]])
def test_wrong_usage(run: Any, arguments: list[str]) -> None:
    ended = run(*arguments)
    assert (ended.status, ended.out) == (2, b"")
    assert "Usage: hub" in ended.err


def test_common_options_stand_before_or_after_the_command(run: Any, right: Path) -> None:
    assert run("--json", "inspect", right).out == run("inspect", "--json", right).out


def test_a_workspace_must_be_a_folder(run: Any, right: Path) -> None:
    ended = run("inspect", "--workspace", right, right)
    assert ended.status == 2
    assert "--workspace" in ended.err


def test_what_no_directory_describes_is_said_to_be_unchecked(run: Any, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Hello, please ship 10 of these")
    ended = run("check", letter, "--json")
    assert (ended.status, ended.rows[0]["code"], ended.rows[0]["severity"]) == (0, "HUB-2003", "warn")
    assert ended.rows[1]["summary"]["warn"] == 1


def test_a_command_written_wrong_is_told_the_right_one(run: Any) -> None:
    ended = run("chek")
    assert (ended.status, ended.out) == (2, b"")
    assert "No such command 'chek'. Did you mean check?" in ended.err
