"""The documentation says what is so: generated pages are current, links lead somewhere, commands exist."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from hub.cli.group import COMMANDS, hub
from hub.partner.read import hub_faults, partner_faults
from scripts.build_reference import PAGES, REFERENCE

ROOT = Path(__file__).resolve().parent.parent.parent
listed = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
MARKDOWN = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
WRITTEN_BY_HAND = [name for name in MARKDOWN if not name.startswith(("tests/", "docs/reference/"))]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_reference_is_current(page: str) -> None:
    assert (REFERENCE / page).read_text(encoding="utf-8") == PAGES[page](), "run: make reference"


@pytest.mark.parametrize("name", MARKDOWN)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", text_of(name))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (ROOT / name).parent.joinpath(link).exists()] == []


def commands_in(name: str) -> list[str]:
    """Lines of the page's shell blocks that call hub."""
    blocks = re.findall(r"```(?:sh|shell|bash|console)\n(.*?)```", text_of(name), re.DOTALL)
    lines = [line.removeprefix("$ ").strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("hub ")]


@pytest.mark.parametrize("name", WRITTEN_BY_HAND)
def test_commands_and_their_options_exist(name: str) -> None:
    for line in commands_in(name):
        words = shlex.split(line.partition("|")[0].partition(">")[0], comments=True)[1:]
        command: click.Command | None = hub
        while isinstance(command, click.Group) and words:
            command = command.get_command(click.Context(hub), words.pop(0))
        assert command is not None, line
        known = {option for parameter in command.params for option in parameter.opts}
        asked = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert asked <= known, line


def runs_in(name: str) -> list[tuple[str, str]]:
    """The commands a page shows with what they print."""
    blocks = re.findall(r"```console\n\$ hub (.*?)\n(.*?)```", text_of(name), re.DOTALL)
    return [(arguments, output.strip()) for arguments, output in blocks]


@pytest.mark.parametrize("name", WRITTEN_BY_HAND)
def test_what_pages_show_is_what_commands_print(name: str) -> None:
    for arguments, output in runs_in(name):
        command = [sys.executable, "-m", "hub.cli", *shlex.split(arguments)]
        ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert ran.stdout.strip() == output, arguments


def files_in(name: str) -> list[tuple[str, str]]:
    """The TOML a page shows: whole files with their path in the first line, and parts of files, with none."""
    blocks = re.findall(r"```toml\n(.*?)```", text_of(name), re.DOTALL)
    named = [(re.match(r"# (\S+)\n", block), block) for block in blocks]
    return [(match[1] if match else "", block) for match, block in named]


@pytest.mark.parametrize("name", WRITTEN_BY_HAND)
def test_files_that_pages_show_are_right(name: str) -> None:
    for path, text in files_in(name):
        if not path:
            assert tomllib.loads(text)
            continue
        faults = hub_faults(text, path) if path == "hub.toml" else partner_faults(text, path)
        assert [str(fault) for fault in faults] == []


def test_the_readme_answers_a_newcomers_questions_in_order() -> None:
    """The frame of the README: what a newcomer looks for, in this order."""
    headings = re.findall(r"^## (.+)$", text_of("README.md"), re.MULTILINE)
    assert headings == [
        "For whom",
        "Two commands",
        "What you then see",
        "Three folders",
        "Add a partner",
        "Scale out",
        "Honest limits",
    ]


@pytest.mark.parametrize("name", [name for name in MARKDOWN if name.startswith("docs/decisions/")])
def test_a_decision_fits_on_a_page(name: str) -> None:
    lines = text_of(name).splitlines()
    assert len(lines) <= 40
    assert re.match(r"# \d{4}\. ", lines[0])


def test_the_glossary_is_in_order() -> None:
    words = re.findall(r"^\*\*(.+?)\*\*", text_of("docs/glossary.md"), re.MULTILINE)
    assert words == sorted(words, key=str.casefold)
    assert len(words) == len(set(words))


def test_every_command_has_a_line_of_help() -> None:
    assert [name for name, (_, short) in COMMANDS.items() if not short.endswith(".")] == []
