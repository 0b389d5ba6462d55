"""Guards of the house: layers, sizes, what content may import, what no file may hold, the form of the catalogue."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from hub import catalogue
from hub.catalogue import CATALOGUE, row_of

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SOURCE = {".py", ".js", ".css", ".html", ".sh", ".sql"}
LONGEST = 500
CONTENT = ("connectors", "mappings", "partners")
OPEN_TO_CONTENT = ("hub.connector", "hub.canonical", "hub.errors", "hub.mapping.hook", "hub.interop", "hub.as2")
VAGUE = {"util", "utils", "helper", "helpers", "manager", "common", "misc", "data", "info", "handler", "handlers"}


def git_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name.decode() for name in listed.split(b"\0") if name and (ROOT / name.decode()).is_file()]


FILES = git_files()


def inside(path: Path, *folders: str) -> bool:
    return path.relative_to(ROOT).parts[0] in folders


def test_imports_point_one_way() -> None:
    run = subprocess.run([BIN / "lint-imports", "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_source_file_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in FILES
        if path.suffix in SOURCE and (lines := path.read_bytes().count(b"\n")) > LONGEST
    }
    assert not long, f"split these files, {LONGEST} lines is the limit: {long}"


def test_no_module_is_named_after_nothing() -> None:
    assert [str(path) for path in FILES if path.suffix == ".py" and path.stem in VAGUE] == []


@pytest.mark.parametrize("statement", ["import connectors.sftp", "from mappings import x12", "import partners"])
def test_ruff_refuses_to_import_content(statement: str) -> None:
    command = [BIN / "ruff", "check", "--select", "TID251", "--stdin-filename", "hub/pipeline/probe.py", "-"]
    run = subprocess.run(command, cwd=ROOT, input=statement, capture_output=True, text=True)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "TID251" in run.stdout


def imported_by(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "hub":
            yield from ((node.lineno, f"hub.{name.name}") for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "."


def locked_modules() -> set[str]:
    """The top-level modules of the locked run-time libraries."""
    locked = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE)
    return {
        module
        for module, distributions in packages_distributions().items()
        if any(re.sub(r"[-_.]+", "-", name).lower() in locked for name in distributions)
    }


def test_content_imports_only_what_it_may() -> None:
    allowed = sys.stdlib_module_names | locked_modules()
    wrong = []
    for path in FILES:
        if path.suffix != ".py" or not inside(path, *CONTENT):
            continue
        for line, module in imported_by(path):
            ours = any(module == name or module.startswith(f"{name}.") for name in OPEN_TO_CONTENT)
            if not ours and module.partition(".")[0] not in allowed:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {module}")
    assert wrong == [], f"content imports only {', '.join(OPEN_TO_CONTENT)}, the standard library and locked libraries"


def test_locked_modules_are_found() -> None:
    """Without this the test above would allow everything or nothing when the lock's form changes."""
    assert {"httpx", "paramiko", "lxml"} <= locked_modules()
    assert "pytest" not in locked_modules()


def test_no_file_names_a_package_registry() -> None:
    hosts = [".".join(parts).encode() for parts in (("pypi", "org"), ("files", "pythonhosted"), ("npmjs", "org"))]
    hosts += [".".join(parts).encode() for parts in (("npmjs", "com"), ("proxy", "golang"), ("crates", "io"))]
    naming = [str(path.relative_to(ROOT)) for path in FILES if any(host in path.read_bytes() for host in hosts)]
    assert naming == []


def test_pages_never_build_html_from_text() -> None:
    unsafe = re.compile(r"\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function\(")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        if inside(path, "hub") and path.suffix in {".js", ".html"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unsafe.search(line)
    ]
    assert found == []


AREAS = [value for name, value in sorted(vars(catalogue).items()) if hasattr(value, "ROWS")]


def test_every_code_stands_once() -> None:
    codes = Counter(row.code for area in AREAS for row in area.ROWS)
    assert [code for code, times in codes.items() if times > 1] == []
    assert set(codes) == set(CATALOGUE)
    assert [row_of(code) for code in CATALOGUE] == list(CATALOGUE.values())


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_row_of_the_catalogue_is_well_formed(code: str) -> None:
    row = CATALOGUE[code]
    assert re.fullmatch(r"HUB-[1-9]\d{3}", code)
    assert row.severity in {"reject", "error", "warn"}
    assert row.title.strip()
    assert row.meaning.endswith((".", "?"))
    assert row.fix.endswith((".", "?"))


def codes_by_file() -> dict[str, set[str]]:
    """The codes each source file names, the catalogue itself left out."""
    return {
        str(path.relative_to(ROOT)): set(re.findall(r"HUB-\d{4}", path.read_text(encoding="utf-8")))
        for path in FILES
        if path.suffix == ".py" and inside(path, "hub", *CONTENT) and path.parent.name != "catalogue"
    }


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    unknown = {path: codes - set(CATALOGUE) for path, codes in codes_by_file().items() if codes - set(CATALOGUE)}
    assert unknown == {}


def test_every_code_of_the_catalogue_is_raised() -> None:
    raised = set().union(*codes_by_file().values())
    assert sorted(set(CATALOGUE) - raised) == []
