"""hub mapping list and check, and that hub publish refuses what they would find."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli import main

Run = Callable[..., tuple[int, str, str]]
GOOD = "mapping: x12/850-acme\nextends: x12/850\nfields:\n  number: BEG03\n"


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "hub.toml").write_text("")
    path = tmp_path / "mappings" / "x12" / "850-acme.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD)
    return path


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--workspace", str(tmp_path)])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return call


def test_list_shows_own_mappings_beside_those_shipped(mapping: Path, run: Run) -> None:
    code, out, _ = run("mapping", "list", "--json")
    rows = {row["mapping"]: row for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert rows["x12/850-acme"] == {
        "mapping": "x12/850-acme",
        "document": "Order",
        "versions": rows["x12/850"]["versions"],
        "file": "mappings/x12/850-acme.yaml",
    }


def test_all_that_is_shipped_is_right(mapping: Path, run: Run) -> None:
    code, out, _ = run("mapping", "check")
    assert "nothing is wrong" in out, out
    assert code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("BEG03", "BEG33"), ":4:11: HUB-3007 BEG has 12 elements"),
        (GOOD.replace("number", "nubmer"), 'HUB-3005 Order has no field "nubmer"; did you mean "number"?'),
        (GOOD.replace("mapping:", "maping:"), ':1:1: HUB-3010 the first line "mapping: <its id>" is missing'),
        (GOOD.replace("850-acme", "810"), '"x12/810" is the id of mappings/x12/810.yaml too'),
        (GOOD.replace("x12/850\n", "x12/805\n"), 'HUB-3013 there is no mapping "x12/805"'),
    ],
)
def test_a_wrong_mapping_is_found_and_not_published(mapping: Path, run: Run, wrong: str, said: str) -> None:
    mapping.write_text(wrong)
    code, out, _ = run("mapping", "check")
    assert code == 1
    assert "mappings/x12/850-acme.yaml" in out
    assert said in out
    code, out, err = run("publish")
    assert code == 1
    assert said in out
    assert "HUB-6026 Nothing was published: " in err
    assert run("publish", "--list", "--json") == (0, "", "")


@pytest.mark.slow
def test_a_wrong_partner_is_not_published_either(mapping: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "partners" / "acme").mkdir(parents=True)
    (tmp_path / "partners" / "acme" / "partner.toml").write_text('name = "Acme"\nrole = "retialer"\n')
    code, out, err = run("publish", "--json")
    assert code == 1
    assert json.loads(out.splitlines()[0])["line"] == 2
    assert "Nothing was published" in err


@pytest.mark.slow
def test_a_wrong_guide_is_found_and_not_published(mapping: Path, run: Run) -> None:
    guide = mapping.parents[1] / "guides" / "acme.yaml"
    guide.parent.mkdir()
    guide.write_text("guide: x12/004010/850\nrules:\n  BEG02: {code: [SA]}\n")
    for command in (["mapping", "check"], ["publish"]):
        code, out, _ = run(*command)
        assert code == 1
        assert 'guides/acme.yaml:3:11: HUB-3301 The rule for BEG02 has no "code"; did you mean "codes"?' in out
