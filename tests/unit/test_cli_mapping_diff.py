"""hub mapping diff and approve: what new rules make of files and stored traffic; publishing only what is meant."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.cli.mapping_diff import parse_since
from hub.errors import UsageError
from hub.store import migrate
from tests.hubs import SOURCE, Bench, order, x12

Run = Callable[..., tuple[int, list[Any], str]]
VARIANT = "mapping: x12/850-blue\nextends: x12/850\nfields: {contract: BEG06}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SOURCE, tmp_path / "workspace")
    folder = tmp_path / "workspace"
    (folder / "mappings/x12").mkdir(parents=True)
    (folder / "mappings/x12/850-blue.yaml").write_text(VARIANT)
    partner = folder / "partners/bluebird/partner.toml"
    receive = 'receive = "x12/004010/850"\n'
    partner.write_text(partner.read_text().replace(receive, f'{receive}mapping = "x12/850-blue"\n'))
    return folder


@pytest.fixture
def run(folder: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, list[Any], str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--json", "--workspace", str(folder)])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, [json.loads(line) for line in said.out.splitlines()], said.err

    return call


def traffic(folder: Path, body: bytes) -> None:
    """The workspace is in force, and a payload comes and goes through its hub."""
    bench = Bench(folder, f"sqlite:///{folder}/var/hub.db")
    migrate.upgrade(bench.hub.database)
    bench.publish()
    bench.pass_by(body)
    bench.hub.stop()


def test_files_are_read_under_both_rules(folder: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes(x12(order("PO-1"), order("PO-2")))
    new = tmp_path / "new.yaml"
    new.write_text("mapping: x12/850-blue\nextends: x12/850\nfields:\n  number: BEG04 | default NONE\n")
    code, rows, _ = run("mapping", "diff", str(new), str(file))
    *classes, summary = rows
    assert code == 1
    assert [(row["class"], row["count"]) for row in classes] == [("x12/850-blue in number changed", 2)]
    assert classes[0]["examples"][0] == {"message": f"{file} message 1", "old": "PO-1", "new": "NONE"}
    assert {name: summary["summary"][name] for name in ("compared", "differing", "open")} == {
        "compared": 2, "differing": 2, "open": 1,
    }  # fmt: skip


def test_the_same_rules_make_no_difference(folder: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes(x12(order("PO-1")))
    code, [summary], _ = run("mapping", "diff", str(folder), str(file))
    assert (code, summary["summary"]["differing"]) == (0, 0)


@pytest.mark.slow
def test_what_new_rules_make_of_stored_traffic_is_approved_before_it_is_published(folder: Path, run: Run) -> None:
    (folder / "hub.toml").write_text('hub = { approve_differences = "9999d" }\n' + (folder / "hub.toml").read_text())
    traffic(folder, x12(order("PO-1"), order("PO-2")))
    (folder / "mappings/x12/850-blue.yaml").write_text(VARIANT.replace("contract: BEG06", "issued: remove"))
    code, rows, _ = run("mapping", "diff", "--since", "9999d")
    *classes, summary = rows
    assert code == 1
    assert summary["summary"]["compared"] >= 2
    assert ("x12/850-blue in issued removed", 2) in [(row["class"], row["count"]) for row in classes]
    code, _, err = run("publish")
    assert code == 1
    assert "HUB-3041 Nothing was published: of 9999d of traffic" in err
    names = [row["class"] for row in classes]
    assert run("mapping", "approve", "x12/850-blue in nonsense", "--why", "x", "--since", "9999d")[0] == 2
    assert run("mapping", "approve", *names, "--why", "Bluebird sends no dates", "--since", "9999d")[0] == 0
    assert "Bluebird sends no dates" in (folder / "approvals.csv").read_text()
    code, rows, _ = run("mapping", "diff", "--since", "9999d")
    assert (code, {row["approved"] for row in rows[:-1]}) == (0, {True})
    assert run("publish")[0] == 0
    assert run("mapping", "diff", "--since", "9999d")[1][-1]["summary"]["differing"] == 0


def test_an_approval_holds_for_the_rules_it_was_given_for(folder: Path, run: Run) -> None:
    traffic(folder, x12(order("PO-1")))
    spec = folder / "mappings/x12/850-blue.yaml"
    spec.write_text(VARIANT.replace("contract: BEG06", "issued: remove"))
    assert run("mapping", "approve", "all", "--why", "meant", "--since", "9999d")[0] == 0
    assert run("mapping", "diff", "--since", "9999d")[0] == 0
    spec.write_text(VARIANT.replace("contract: BEG06", "issued: remove, release: remove"))
    assert run("mapping", "diff", "--since", "9999d")[0] == 1


def test_a_message_the_new_rules_hold_is_a_class(folder: Path, run: Run) -> None:
    traffic(folder, x12(order("PO-1")))
    (folder / "mappings/x12/850-blue.yaml").write_text(VARIANT + "fixed: {BEG02: NE}\n")
    code, rows, _ = run("mapping", "diff", "--since", "9999d")
    assert code == 1
    assert [row["class"] for row in rows[:-1]] == ["x12/850-blue in HUB-3205 held"]
    assert "NE" in rows[0]["examples"][0]["new"]


def test_another_mapping_and_a_guide_in_the_agreement_are_differences(folder: Path, run: Run) -> None:
    """Not one rule of a mapping changes here, only what the agreement names."""
    traffic(folder, x12(order("PO-1")))
    (folder / "mappings/x12/850-new.yaml").write_text(
        "mapping: x12/850-new\nextends: x12/850\nfields: {issued: remove}\n"
    )
    (folder / "mappings/guides").mkdir()
    (folder / "mappings/guides/blue.yaml").write_text("guide: x12/004010/850\nrules: {PO105: forbidden}\n")
    partner = folder / "partners/bluebird/partner.toml"
    named = partner.read_text()
    partner.write_text(named.replace('mapping = "x12/850-blue"', 'mapping = "x12/850-new"'))
    code, rows, _ = run("mapping", "diff", "--since", "9999d")
    assert (code, [row["class"] for row in rows[:-1]]) == (1, ["x12/850-blue in issued removed"])
    assert run("mapping", "approve", "all", "--why", "meant", "--since", "9999d")[0] == 0
    partner.write_text(named.replace('mapping = "x12/850-blue"', 'mapping = "x12/850-blue"\nguide = "blue"'))
    code, rows, _ = run("mapping", "diff", "--since", "9999d")
    assert (code, [row["class"] for row in rows[:-1]]) == (1, ["x12/850-blue in HUB-3313 held"])
    assert "Guide blue forbids PO105" in rows[0]["examples"][0]["new"]
    partner.write_text(named.replace('receive = "x12/004010/850"', 'receive = "x12/004010/860"'))
    code, rows, _ = run("mapping", "diff", "--since", "9999d")
    assert (code, [row["class"] for row in rows[:-1]]) == (1, ["x12/850-blue in agreement removed"])


def test_spans_of_time() -> None:
    assert [parse_since(text).total_seconds() for text in ("30d", "12h", "45m")] == [2592000, 43200, 2700]
    with pytest.raises(UsageError, match="no span of time"):
        parse_since("month")
