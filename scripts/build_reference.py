"""Write docs/reference from the code: the finding codes from the catalogue, the commands from their own help.

Usage: python scripts/build_reference.py    (or: make reference)
"""

from collections.abc import Iterator
from pathlib import Path

import click

from hub.catalogue import CATALOGUE, Row
from hub.cli.main import COMMANDS, hub

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"

AREAS = {
    "1": "Syntax and envelope",
    "2": "Schema",
    "3": "Mapping and canonical documents",
    "4": "Partner and identity",
    "5": "Connectors and delivery",
    "6": "Store and dispatch",
    "7": "Acknowledgement",
    "8": "Orders",
    "9": "The hub itself",
}
ACKNOWLEDGED_AS = {
    "ak3": "AK304",
    "ak4": "AK403",
    "ak5": "AK502",
    "ak9": "AK905",
    "ta1": "TA105",
    "ik3": "IK304",
    "ik4": "IK403",
    "ik5": "IK502",
    "contrl": "CONTRL 0085",
}


def _row(row: Row) -> Iterator[str]:
    codes = {name: getattr(row, part) for part, name in ACKNOWLEDGED_AS.items()}
    acknowledged = [f"{name} {code}" for name, code in codes.items() if code is not None]
    yield f"### {row.code}: {row.title}"
    yield ""
    yield f"Severity {row.severity}." + (f" Acknowledged as {', '.join(acknowledged)}." if acknowledged else "")
    yield ""
    yield row.meaning
    yield f"*What to do:* {row.fix}"
    yield ""


def codes_page() -> str:
    """docs/reference/codes.md."""
    lines = [
        "# Codes of findings and errors",
        "",
        "Everything the hub finds or refuses carries one of these codes. The severity is the default: an agreement may",
        "set another. *reject*: the message is not used. *error*: it is used, and its sender is told. *warn*: only you",
        "are told.",
        "",
    ]
    for first, area in AREAS.items():
        rows = [CATALOGUE[code] for code in sorted(CATALOGUE) if code.startswith(f"HUB-{first}")]
        if rows:
            lines += [f"## {area}", ""]
            for row in rows:
                lines += _row(row)
    return "\n".join(lines).rstrip() + "\n"


def _help(path: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=path.rpartition(" ")[2], parent=parent, terminal_width=110)
    yield f"## {path}"
    yield ""
    yield "```text"
    yield command.get_help(context)
    yield "```"
    yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _help(f"{path} {name}", below, context)


def commands_page() -> str:
    """docs/reference/commands.md."""
    lines = [
        "# Commands",
        "",
        "Exit status of every command: 0 fine; 1 a finding of severity reject or error, or work that failed; 2 not",
        "readable or wrong usage; the highest wins. `-` in place of a file is standard input.",
        "",
    ]
    context = click.Context(hub, info_name="hub")
    for name in COMMANDS:
        command = hub.get_command(context, name)
        if command is not None:
            lines += _help(f"hub {name}", command, context)
    return "\n".join(lines).rstrip() + "\n"


PAGES = {"codes.md": codes_page, "commands.md": commands_page}

if __name__ == "__main__":
    for page, build in PAGES.items():
        (REFERENCE / page).write_text(build(), encoding="utf-8")
