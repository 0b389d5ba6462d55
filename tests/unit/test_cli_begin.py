"""hub init and hub partner new write files that hold, and never over others."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.group import hub
from hub.workspace import Workspace
from tests.unit.edi import ORDER, x12

US = ("--name", 'Crossdock "Trading"', "--identity", "ZZ:CROSSDOCK", "--identity", "14:4098765000010")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hub, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run("init", str(tmp_path / "ours"), *US).exit_code == 0
    return tmp_path / "ours"


def test_a_workspace_begins_with_who_we_are(folder: Path) -> None:
    (account,) = Workspace(folder).partners().accounts()
    assert (account.id, account.name) == ("crossdock-trading", 'Crossdock "Trading"')
    assert account.identities["production"] == ("ZZ:CROSSDOCK", "14:4098765000010")


def test_nothing_is_written_over(folder: Path) -> None:
    before = (folder / "hub.toml").read_text()
    again = run("init", str(folder), "--name", "Other", "--identity", "ZZ:OTHER")
    assert "is there already" in str(again.exception)
    assert (folder / "hub.toml").read_text() == before


def test_a_partner_is_drafted_from_what_it_sends(folder: Path, tmp_path: Path) -> None:
    order, table = tmp_path / "order.edi", tmp_path / "order.csv"
    order.write_bytes(x12(ORDER))
    table.write_text("PO,SKU,Qty,UOM\nA-1,BX-1,4,EA\n")
    made = run("partner", "new", "acme", "--role", "retailer", "--sample", str(order), "--sample", str(table),
               "--workspace", str(folder))  # fmt: skip
    assert made.exit_code == 0
    partners = Workspace(folder).partners()
    said = {one.reference for one in partners.all_agreements() if one.partner == "acme"}
    assert said == {"x12/004010/850", "csv/*/order"}
    assert len(partners.get("acme").identities["production"]) == 1
    assert '# send = "x12/004010/855"' in (folder / "partners/acme/partner.toml").read_text()
    assert "nothing is wrong" in run("partner", "check", "--workspace", str(folder)).output


def test_a_partner_without_a_sample_holds_too(folder: Path) -> None:
    assert run("partner", "new", "depot", "--role", "warehouse", "--workspace", str(folder)).exit_code == 0
    assert Workspace(folder).faults() == []
    file = folder / "partners/depot/partner.toml"
    drafted = file.read_text()
    assert '# [[agreement]]\n# send = "x12/004010/940"\n' in drafted
    file.write_text("".join(line.removeprefix("# ") for line in drafted.splitlines(True) if "What else" not in line))
    said = {one.reference for one in Workspace(folder).partners().all_agreements()}
    assert said == {"x12/004010/940", "x12/004010/945"}


@pytest.mark.parametrize("id", ["Acme", "../acme", ".acme", ""])
def test_an_id_is_a_folder_of_its_own(folder: Path, id: str) -> None:
    refused = run("partner", "new", id, "--role", "carrier", "--workspace", str(folder))
    assert "is no id for a partner" in str(refused.exception)
    assert not (folder / "partners").exists()
