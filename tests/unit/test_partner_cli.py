"""hub partner list and hub partner check, as people and as programs call them."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.workspace import builtin_root

HUB = '[account.us]\nname = "Us"\nidentities = ["ZZ:US"]\n'
ACME = """name = "Acme"
role = "retailer"
identities = ["ZZ:ACME"]
[connection.mailbox]
connector = "mailbox"
user = "acme"
password = "secret:acme"
[[agreement]]
receive = "x12/004010/850"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hub.toml").write_text(HUB)
    (tmp_path / "partners" / "acme").mkdir(parents=True)
    (tmp_path / "partners" / "acme" / "partner.toml").write_text(ACME)
    return tmp_path


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["partner", *arguments])
    said = capfd.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, said.out, said.err


def rows(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_list_says_who_exchanges_what(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capfd, "list", "--workspace", str(folder), "--json")
    assert status == 0
    (acme,) = rows(out)
    assert (acme["partner"], acme["identities"]) == ("acme", ["ZZ:ACME"])
    assert acme["connections"][0]["connection"] == "acme/mailbox"
    assert acme["agreements"][0]["reference"] == "x12/004010/850"
    status, out, _ = run(capfd, "list", "--workspace", str(folder))
    assert status == 0
    assert "ZZ:ACME" in out


def test_list_of_an_empty_workspace_says_the_next_step(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hub.toml").write_text("")
    status, out, _ = run(capfd, "list", "--workspace", str(tmp_path))
    assert status == 0
    assert "partners/<name>/partner.toml" in out


def test_check_of_right_files_is_silent_about_faults(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "check", "--workspace", str(folder), "--json") == (
        0,
        '{"summary":{"partners":1,"faults":0}}\n',
        "",
    )
    assert run(capfd, "check", "acme", "--workspace", str(folder))[:2] == (0, "acme is right.\n")
    assert run(capfd, "check", "--workspace", str(builtin_root()))[0] == 0


def test_check_names_every_fault_and_fails(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = folder / "partners" / "acme" / "partner.toml"
    file.write_text(ACME.replace("retailer", "retailr").replace("receive", "recieve"))
    status, out, _ = run(capfd, "check", "--workspace", str(folder), "--json")
    assert status == 1
    *faults, summary = rows(out)
    assert [(row["code"], row["line"], row["column"]) for row in faults] == [("HUB-4005", 2, 8), ("HUB-4002", 9, 1)]
    assert summary == {"summary": {"partners": 1, "faults": 2}}
    status, out, _ = run(capfd, "check", "acme", "--workspace", str(folder))
    assert status == 1
    assert out.splitlines()[0].startswith("partners/acme/partner.toml:2:8: HUB-4005 ")


@pytest.mark.parametrize("arguments", [["check", "acne"], ["list", "--workspace", "/"]])
def test_wrong_usage_ends_with_two(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(folder)
    status, out, err = run(capfd, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("hub: HUB-40")
