"""Public samples: every finding on them is known, and the fast path finds the same."""

from pathlib import Path

import pytest

from hub.cli.check import check_payload
from hub.errors import UnreadableError
from hub.schema import check, definition, provers
from hub.schema.provers import prover_of
from tests.unit.edi import messages

SAMPLES = Path(__file__).parents[1] / "golden" / "samples"
FINDINGS = Path(__file__).parents[1] / "golden" / "check" / "samples.txt"
FILES = sorted(path for folder in ("x12", "edifact") for path in (SAMPLES / folder).iterdir())


def row(name: str, found: dict[str, object]) -> str:
    place = found["location"]
    assert isinstance(place, dict)
    where = f"{place['message'] or '-'}.{place['segment'] or '-'}.{place['element'] or '-'}.{place['component'] or '-'}"
    return f"{name}\t{found['severity']}\t{found['code']}\t{where}\t{found['rule'] or '-'}\t{found['value'] or ''}"


def test_the_findings_on_samples_are_the_known_ones(update_golden: bool) -> None:
    rows = [
        row(path.name, found)
        for path in FILES
        for found in check_payload(path.name, path.read_bytes())
        if str(found.get("code", "")).startswith("HUB-2")
    ]
    text = "".join(f"{each.encode('unicode_escape').decode()}\n" for each in rows).replace("\\t", "\t")
    if update_golden:
        FINDINGS.parent.mkdir(exist_ok=True)
        FINDINGS.write_text(text, "utf-8")
    assert text == FINDINGS.read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_fast_path_agrees(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        parsed = messages(path.read_bytes())
    except UnreadableError:
        parsed = []
    for message in parsed:
        made = definition(message.standard, message.version, message.type)
        if made is None:
            continue
        monkeypatch.setattr(provers, "_provers", {})
        expected = check(message, made)
        prover_of(made, message.separators, codes=True).prove_known()
        assert check(message, made) == expected
