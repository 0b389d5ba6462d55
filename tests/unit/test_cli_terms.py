"""What an agreement says of severities, guides and mappings holds for hub read, check and acknowledge alike."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.group import hub
from tests.unit.edi import ORDER, x12

PARTNER = """
name = "Bluebird"
role = "retailer"
identities = ["ZZ:BLUEBIRD"]
test_identities = ["ZZ:BLUEBIRD"]

[connection.mailbox]
connector = "mailbox"
environment = "test"
user = "bluebird"
password = "secret:bluebird"

[[agreement]]
receive = "x12/004010/850"
guide = "acme-850"
severities = { "HUB-1018" = "warn" }
"""
ACCOUNT = """
[account.us]
name = "Us"
identities = ["12:4015550100"]
test_identities = ["12:4015550100"]
"""
GUIDE = "guide: x12/004010/850\nrules:\n  REF(DP): mandatory\n"
MISCOUNTED = x12(ORDER).replace(b"SE*5*0001", b"SE*9*0001")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name, text in {
        "hub.toml": ACCOUNT,
        "partners/acme/partner.toml": PARTNER,
        "mappings/guides/acme-850.yaml": GUIDE,
        "order.edi": MISCOUNTED.decode(),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(hub, [*arguments, str(workspace / "order.edi"), "--workspace", str(workspace)])


def test_an_agreement_lets_a_wrong_count_pass(workspace: Path) -> None:
    refused = run(workspace, "read")
    assert "no document" in refused.stdout
    assert 'severities = { "HUB-1018" = "warn" }; then read it with --partner.' in refused.stdout
    (row,) = [json.loads(line) for line in run(workspace, "read", "--json", "--partner", "acme").stdout.splitlines()]
    assert row["document"] == "Order"
    assert {each["code"]: each["severity"] for each in row["findings"]} == {"HUB-1018": "warn", "HUB-3310": "error"}


def test_an_agreement_of_the_other_environment_counts_and_none_is_told(workspace: Path) -> None:
    partner = workspace / "partners/acme/partner.toml"
    partner.write_text(partner.read_text().replace('environment = "test"\n', ""))
    assert '"HUB-1018","severity":"warn"' in run(workspace, "check", "--json", "--partner", "acme").stdout
    partner.write_text(partner.read_text().replace("004010/850", "004010/860"))
    told = run(workspace, "check", "--partner", "acme")
    assert "acme has no agreement in force to receive x12/004010/850; it is taken as anybody's." in told.stderr


def test_the_agreed_mapping_and_the_partners_crosswalks_read(workspace: Path) -> None:
    partner = workspace / "partners/acme/partner.toml"
    partner.write_text(partner.read_text().replace('guide = "acme-850"', 'mapping = "x12/850-acme"'))
    (workspace / "mappings/x12").mkdir()
    (workspace / "mappings/x12/850-acme.yaml").write_text(
        "mapping: x12/850-acme\nextends: x12/850\nfields: {release: BEG03}\n"
    )
    (workspace / "partners/acme/crosswalks").mkdir()
    (workspace / "partners/acme/crosswalks/unit.csv").write_text("theirs,ours,active_from,active_to\nEA,XBX,,\n")
    plain, agreed = (
        json.loads(run(workspace, "read", "--json", *more, "--mapping", "x12/850").stdout)
        for more in ((), ("--partner", "acme"))
    )
    assert plain["body"] is None
    assert agreed["body"]["lines"][0]["quantity"]["unit"] == "XBX"
    named = json.loads(run(workspace, "read", "--json", "--partner", "acme").stdout)
    assert named["body"]["release"] == named["body"]["number"]


def test_explain_names_the_rule_of_the_agreed_mapping(workspace: Path) -> None:
    partner = workspace / "partners/acme/partner.toml"
    partner.write_text(partner.read_text().replace('guide = "acme-850"', 'mapping = "x12/850-acme"'))
    (workspace / "mappings/x12").mkdir()
    (workspace / "mappings/x12/850-acme.yaml").write_text(
        "mapping: x12/850-acme\nextends: x12/850\nfields: {contract: BEG03}\n"
    )
    order, where = str(workspace / "order.edi"), ("--workspace", str(workspace))
    for more in (), ("--partner", "acme"), ("--mapping", "x12/850-acme"):
        said = CliRunner().invoke(hub, ["explain", "--json", order, "BEG03", *more, *where]).stdout
        assert ("contract" in {json.loads(line)["field"] for line in said.splitlines()}) == bool(more)


def test_the_acknowledgement_says_so_too(workspace: Path) -> None:
    assert "AK5*R*4" in run(workspace, "acknowledge").stdout
    told = run(workspace, "acknowledge", "--partner", "acme").stdout
    assert "AK5*A" in told
    assert "AK2" not in run(workspace, "acknowledge", "--partner", "acme", "--groups").stdout


def test_the_business_answer_takes_the_agreed_guide(workspace: Path) -> None:
    told = run(workspace, "acknowledge", "--kind", "824", "--partner", "acme").stdout
    assert "OTI*TR*PO*PO1001" in told
    assert "TED*007*" in told
    assert "no guide finds a fault" in run(workspace, "acknowledge", "--kind", "824").output
