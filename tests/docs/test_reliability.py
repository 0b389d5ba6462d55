"""The page on reliability names tests that exist, and counts what there is."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "explanation" / "reliability.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize(("file", "function"), NAMED, ids=["::".join(filter(None, one)) for one in NAMED])
def test_named_tests_exist(file: str, function: str) -> None:
    defined = {node.name for node in ast.parse((ROOT / file).read_text()).body if isinstance(node, ast.FunctionDef)}
    assert not function or function in defined


@pytest.mark.parametrize(
    ("row", "module", "table"),
    [
        ("Spoofing", "tests.scenarios.test_spoofing", "CASES"),
        ("HTTP out", "tests.contracts.test_http", "FAULTS"),
    ],
)
def test_counts_are_those_of_the_tables(row: str, module: str, table: str) -> None:
    [line] = [line for line in PAGE.splitlines() if line.startswith(f"| {row} |")]
    assert str(len(getattr(importlib.import_module(module), table))) in line.split("|")[2].split()


@pytest.mark.parametrize(("row", "section"), [("SFTP", "SFTP servers"), ("AS2", "AS2 partners")])
def test_faults_in_tables_are_counted(row: str, section: str) -> None:
    [line] = [line for line in PAGE.splitlines() if line.startswith(f"| {row} |")]
    table = PAGE.partition(f"## Faults of {section}")[2].partition("\n## ")[0]
    assert str(table.count("| `tests/")) in line.split("|")[2].split()
