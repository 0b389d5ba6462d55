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


def test_check_of_right_files_is_silent_about_faults(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SECRET_ACME", "swordfish")
    assert run(capfd, "check", "--workspace", str(folder), "--json") == (
        0,
        '{"summary":{"partners":1,"faults":0}}\n',
        "",
    )
    assert run(capfd, "check", "acme", "--workspace", str(folder))[:2] == (0, "acme: nothing is wrong.\n")
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


def test_check_notes_what_this_machine_lacks(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capfd, "check", "--workspace", str(folder))
    assert status == 0
    assert 'note: partners/acme/partner.toml: HUB-4010 The secret "acme" is nowhere' in out
    secret = folder / "var" / "secrets" / "acme"
    secret.parent.mkdir(parents=True)
    secret.write_text("swordfish")
    secret.chmod(0o600)
    assert run(capfd, "check", "--workspace", str(folder)) == (0, "hub.toml and 1 partner: nothing is wrong.\n", "")


@pytest.mark.parametrize(
    ("agreement", "status", "severity", "said"),
    [
        ('send = "x12/004010/876"\ndocuments = ["Order"]', 1, "reject", "there is no mapping x12/876"),
        ('receive = "x12/004010/850"\nmapping = "x12/850-acme"', 1, "reject", "there is no mapping x12/850-acme"),
        ('receive = "x12/004010/869"', 0, "warn", "checked and acknowledged, then held"),
        ('receive = "json/acme/order"', 0, "warn", "there is no mapping json/acme/order"),
    ],
)
def test_check_names_agreements_without_their_mapping(
    folder: Path, capfd: pytest.CaptureFixture[str], agreement: str, status: int, severity: str, said: str
) -> None:
    with (folder / "partners" / "acme" / "partner.toml").open("a") as file:
        file.write(f"[[agreement]]\n{agreement}\n")
    code, out, _ = run(capfd, "check", "--workspace", str(folder), "--json")
    found = [row for row in rows(out) if said in row.get("message", "")]
    assert (code, [row["severity"] for row in found]) == (status, [severity])


def test_check_knows_the_mappings_that_fit(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    sent = ("xml/ubl-2.1/Invoice", "xml/cxml-1.2/OrderRequest", "csv/plain/shipment")
    with (folder / "partners" / "acme" / "partner.toml").open("a") as file:
        file.writelines(f'[[agreement]]\nreceive = "{one}"\n' for one in ("csv/*/order", "xml/ubl-2.1/Order"))
        file.writelines(f'[[agreement]]\nsend = "{one}"\n' for one in sent)
    code, out, _ = run(capfd, "check", "--workspace", str(folder))
    assert (code, "there is no mapping" in out) == (0, False)


@pytest.mark.parametrize(
    ("guide", "text", "said"),
    [
        ("strikt", "guide: x12/004010/850", 'HUB-3302 x12/004010/850: there is no guide "strikt"'),
        ("strict", "guide: x12/004010/860", "is for x12/004010/860, so it can say nothing of x12/004010/850"),
        ("strict", "guide: x12/004010/850\nrules:\n  BGE01: mandatory", "mappings/guides/strict.yaml:3:3: HUB-3303"),
    ],
)
def test_check_names_guides_that_cannot_serve(
    folder: Path, capfd: pytest.CaptureFixture[str], guide: str, text: str, said: str
) -> None:
    with (folder / "partners" / "acme" / "partner.toml").open("a") as file:
        file.write(f'[[agreement]]\nreceive = "x12/004010/850"\nguide = "{guide}"\n')
    written = folder / "mappings" / "guides" / "strict.yaml"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(text)
    status, out, err = run(capfd, "check", "--workspace", str(folder))
    assert status == 1
    assert said in out + err
    written.write_text("guide: x12/004010/850")
    if guide == "strict":
        assert run(capfd, "check", "--workspace", str(folder))[0] == 0
