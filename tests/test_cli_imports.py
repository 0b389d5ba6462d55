"""A command that reads one file starts at once: it loads no web framework, no database library, no model library."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli.group import COMMANDS

HEAVY = {"alembic", "fastapi", "paramiko", "pydantic", "sqlalchemy", "starlette", "uvicorn"}
SLOW = {"click", "dataclasses", "inspect", "lxml", "msgspec", "pathlib", "rich", "typing_extensions", "uuid", "yaml"}
SLOW |= {"contextlib", "datetime", "decimal", "importlib", "json", "typing"}
"""What takes longer to load than a check takes, or a good part of that."""

NEEDLESS = {"hub.acknowledgement.model", "hub.catalogue", "hub.schema.prove", "hub.schema.walk", "hub.syntax.ordinary"}
"""Of ours, what a check of one right message does without."""

LOADED = """
import atexit, sys
before = set(sys.modules)
loaded = lambda: {name if name[:4] == "hub." else name.partition(".")[0] for name in set(sys.modules) - before}
atexit.register(lambda: sys.stderr.write("LOADED " + " ".join(loaded())))
from hub.cli import main
main(sys.argv[1:])
"""
ORDER = (
    b"ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*CROSSDOCK      *260122*1430*U*00401*000000017*0*T*>~"
    b"GS*PO*BLUEBIRD*CROSSDOCK*20260122*1430*17*X*004010~ST*850*0001~BEG*00*SA*4711**20260122~PO1*1*3*EA*9.5**UP*036000291452~"
    b"CTT*1~SE*5*0001~GE*1*17~IEA*1*000000017~"
)


def modules_loaded_by(*arguments: str) -> set[str]:
    run = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True)
    said, _, loaded = run.stderr.rpartition("LOADED ")
    assert said == ""
    assert run.stdout != ""
    return set(loaded.split())


@pytest.fixture
def order(tmp_path: Path) -> str:
    path = tmp_path / "order.edi"
    path.write_bytes(ORDER)
    return str(path)


@pytest.mark.parametrize("command", ["inspect", "check", "acknowledge"])
def test_commands_on_files_start_light(command: str, order: str) -> None:
    loaded = modules_loaded_by(command, order)
    assert "hub" in loaded
    assert loaded & HEAVY == set()


def test_json_needs_no_terminal_library(order: str) -> None:
    assert "rich" not in modules_loaded_by("inspect", "--json", order)


@pytest.mark.parametrize("arguments", [("check",), ("--json", "check"), ("check", "--json")])
def test_a_bare_check_loads_no_command_line_library(arguments: tuple[str, ...], order: str) -> None:
    assert modules_loaded_by(*arguments, order) & (HEAVY | SLOW | NEEDLESS) <= (
        {"json"} if "--json" in arguments else set()
    )


@pytest.mark.parametrize("arguments", [("check",), ("check", "--json")])
def test_nor_does_one_that_finds_something(arguments: tuple[str, ...], order: str, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.edi"
    faulty.write_bytes(ORDER.replace(b"*EA*", b"*QQ*").replace(b"SE*5*", b"SE*6*"))
    loaded = modules_loaded_by(*arguments, order, str(faulty)) & (HEAVY | SLOW)
    assert loaded <= ({"json"} if "--json" in arguments else set())


def test_the_process_ends_with_its_status_when_all_is_printed(order: str, tmp_path: Path) -> None:
    """A check does not wait for what it loaded to be taken apart; what it says must be out by then."""
    faulty = tmp_path / "faulty.edi"
    faulty.write_bytes(ORDER.replace(b"SE*5*", b"SE*6*") * 300)
    command = [sys.executable, "-m", "hub.cli", "check", "--json", str(faulty)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (1, "")
    assert [*map(json.loads, run.stdout.splitlines())][-1]["summary"]["messages"] == 300
    assert subprocess.run([*command[:4], order], capture_output=True).returncode == 0


def test_a_bare_check_says_what_a_full_one_says(order: str, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.edi"
    faulty.write_bytes(ORDER.replace(b"*EA*", b"*QQ*").replace(b"SE*5*", b"SE*6*"))
    for options in ([], ["--json"]):
        bare, full = (
            subprocess.run(
                [sys.executable, "-m", "hub.cli", "check", *more, order, str(faulty), "no.edi"], capture_output=True
            )
            for more in (options, [*options, "--workspace", str(tmp_path)])
        )
        assert bare.returncode == full.returncode == 2
        assert (bare.stdout, bare.stderr) == (full.stdout, full.stderr)
        assert b"QQ" in bare.stdout


def test_help_loads_no_command() -> None:
    loaded = modules_loaded_by("--help")
    assert loaded & (HEAVY | {"rich"}) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_in_the_list_answers(name: str) -> None:
    run = subprocess.run([sys.executable, "-m", "hub.cli", name, "--help"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "--json" in run.stdout
    assert "--workspace" in run.stdout
