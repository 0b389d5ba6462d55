"""hub mapping test: what is kept of samples, what has changed, and what a mapping loses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli import main
from tests.unit.edi import x12

Run = Callable[..., tuple[int, str, str]]
SPEC = """mapping: x12/850-acme
extends: x12/850
fields:
  contract: BEG06
"""
ORDER = ["BEG*00*SA*PO1001**20260122*C77", "REF*DP*042", "PO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    (tmp_path / "hub.toml").write_text("")
    folder = tmp_path / "mappings" / "x12" / "850-acme" / "samples"
    folder.mkdir(parents=True)
    (tmp_path / "mappings" / "x12" / "850-acme.yaml").write_text(SPEC)
    (folder / "order.edi").write_bytes(x12(ORDER))
    return folder


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["mapping", "test", *arguments, "--workspace", str(tmp_path)])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return call


def rows(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_sample_is_kept_and_then_compared(samples: Path, run: Run) -> None:
    code, out, _ = run()
    assert code == 1
    assert "Nothing is kept of what it means" in out
    code, out, _ = run("--update")
    assert code == 0
    assert '+  "document": {' in out
    assert json.loads((samples / "order.json").read_bytes())[0]["document"]["contract"] == "C77"
    code, out, _ = run("--json")
    [row, summary] = rows(out)
    assert code == 0
    assert (row["written"], row["golden"], row["failed"]) == ("identical", "same", False)
    assert row["variants"] > 5
    assert row["broken"] == []
    assert summary == {"summary": {"samples": 1, "failed": 0, "without_samples": []}}


def test_another_meaning_fails_until_it_is_kept(samples: Path, run: Run) -> None:
    run("--update")
    path = samples.parents[1] / "850-acme.yaml"
    path.write_text(SPEC.replace("BEG06", "remove").replace("contract", "contract"))
    code, out, _ = run()
    assert code == 1
    assert '-   "contract": "C77",' in out
    assert run("--update")[0] == 0
    assert run()[0] == 0


def test_what_no_rule_reads_is_listed(samples: Path, run: Run) -> None:
    (samples / "order.edi").write_bytes(x12([*ORDER[:1], "CTB*OR*call first", *ORDER[1:]]))
    _, out, _ = run("--update", "--json")
    assert rows(out)[0]["unread"] == ["CTB"]
    _, out, _ = run("--loss")
    assert "CTB " in out


def test_a_mapping_that_loses_a_value_fails(samples: Path, run: Run) -> None:
    path = samples.parents[1] / "850-acme.yaml"
    path.write_text(SPEC.replace("BEG06", "remove") + "read: {contract: BEG06}\nwrite: {BEG06: =NONE}\n")
    code, out, _ = run("--update", "--json")
    [row, _] = rows(out)
    assert code == 1
    assert row["drift"] == ["contract is NONE, and was C77"]


def test_other_messages_and_bytes_are_told(samples: Path, run: Run) -> None:
    (samples / "other.edi").write_bytes(x12(["BIG*20260122*1"], type="810", group="IN"))
    (samples / "torn.edi").write_bytes(b"ISA")
    code, out, _ = run("--json", "--update")
    found = {row.get("sample"): row.get("fault") for row in rows(out)}
    assert code == 1
    assert found["other.edi"] == "no message of type 850 is in it"
    assert "HUB-1003" in str(found["torn.edi"])


def test_without_mappings_of_its_own_names_are_asked_for(tmp_path: Path, run: Run) -> None:
    (tmp_path / "hub.toml").write_text("")
    code, _, err = run()
    assert code == 2
    assert "hub mapping test x12/850" in err
    code, out, _ = run("x12/945", "--json")
    assert code == 0
    assert rows(out)[-1] == {"summary": {"samples": 3, "failed": 0, "without_samples": []}}
