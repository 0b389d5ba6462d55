"""hub mapping new: drafts compile, read what they were made from, and are mappings like any other."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.canonical import Forecast, Order, from_builtins
from hub.cli import main
from hub.errors import ConfigError, NotYetError
from hub.mapping import Library
from hub.mapping.draft import Draft, draft
from hub.mapping.faults import mapping_faults
from hub.mapping.samples import run_sample
from tests.unit.edi import messages, x12

ROOT = Path(__file__).parents[2]
SHIPPED = {
    path.relative_to(ROOT).as_posix(): path.read_bytes()
    for path in (ROOT / "mappings").rglob("*.yaml") if path.parent.name in ("x12", "codes")
}  # fmt: skip
FORECAST = ["BFR*05*F-77*REL-3*DL*A*20260101*20260630*20260102", "REF*DP*042", "N1*BY*Bluebird*92*0012", "LIN**VN*A1",
            "UIT*EA", "FST*10*C*W*20260110", "CTT*1"]  # fmt: skip
ORDER = ["BEG*00*SA*PO1001**20260122*C77", "REF*DP*042", "PO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]


def without(*ids: str) -> Library:
    """The shipped mappings of X12 without some."""
    return Library(
        files={name: body for name, body in SHIPPED.items() if name.removeprefix("mappings/")[:-5] not in ids}
    )


def compiled(made: Draft, type: str) -> Library:
    """The draft among the shipped mappings; it has no fault."""
    files = SHIPPED | {f"mappings/x12/{type}.yaml": made.source}
    assert mapping_faults(files, f"x12/{type}") == []
    return Library(files=files)


def test_a_draft_from_the_directory_takes_the_rules_other_types_have() -> None:
    made = draft(without("x12/830"), "x12", "004010", "830", "Forecast")
    mapping = compiled(made, "830").get("x12/830")
    [message] = messages(x12(FORECAST, type="830", group="PS"))
    document = mapping.read(message).document
    assert isinstance(document, Forecast)
    assert document.reference("department") == "042"
    assert document.party("buyer") is not None
    assert document.number == "F-77"
    assert b"# A draft" in made.source


def test_values_of_an_example_find_their_places() -> None:
    library = without("x12/850")
    wanted = Order(number="PO1001", contract="C77")
    [message] = messages(x12(ORDER))
    made = draft(library, "x12", "004010", "850", "Order", [(message, wanted)])
    assert "contract: BEG06" in made.found
    document = compiled(made, "850").get("x12/850").read(message).document
    assert isinstance(document, Order)
    assert (document.number, document.contract) == ("PO1001", "C77")


def test_a_drafted_mapping_passes_its_own_tests() -> None:
    sample = ROOT / "mappings/x12/850/samples/850.edi"
    [kept] = msgspec.json.decode(sample.with_suffix(".json").read_bytes())
    wanted = from_builtins(kept["document"])
    [message] = [one for one in messages(sample.read_bytes()) if one.type == "850"]
    made = draft(without("x12/850"), "x12", "004010", "850", "Order", [(message, wanted)])
    [sampled] = run_sample(compiled(made, "850").get("x12/850"), sample.read_bytes())
    assert sampled.document is not None
    assert not sampled.faulty
    assert not set(made.missing) & {"number", "issued", "currency"}


def test_what_cannot_be_drafted_is_said() -> None:
    with pytest.raises(NotYetError, match="HUB-3030"):
        draft(without(), "x12", "004010", "999999", "Order")
    with pytest.raises(ConfigError, match="HUB-3018"):
        draft(without(), "x12", "004010", "850", "Odrer")


def test_the_command_writes_the_draft_and_its_sample_once(tmp_path: Path, capfd: Any) -> None:
    (tmp_path / "hub.toml").write_text("")
    (tmp_path / "one.edi").write_bytes(x12(FORECAST, type="830", group="PS"))
    (tmp_path / "one.json").write_text('{"document": "Forecast", "number": "F-77", "release": "REL-3"}')
    example = ["--example", str(tmp_path / "one.edi"), str(tmp_path / "one.json")]
    command = ["mapping", "new", "x12/004010/830", "--document", "Forecast", "--workspace", str(tmp_path), *example]

    def call(*arguments: str) -> tuple[Any, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capfd.readouterr()
        return ended.value.code, said.out + said.err

    code, out = call(*command)
    assert code == 0, out
    assert "mappings/x12/830.yaml" in out
    assert (tmp_path / "mappings/x12/830/samples/one.edi").is_file()
    code, out = call("mapping", "test", "--update", "--workspace", str(tmp_path))
    assert code == 0, out
    code, out = call(*command)
    assert code == 2
    assert "is there already" in out
