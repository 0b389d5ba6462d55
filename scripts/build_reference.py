"""Write docs/reference from the code: codes from the catalogue, commands from their help, files from their models.

Usage: python scripts/build_reference.py    (or: make reference)
"""

import importlib.util
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hub.catalogue import CATALOGUE, Row
from hub.cli.group import COMMANDS, hub
from hub.mapping.spec_schema import spec_schema
from hub.partner.file import HubFile, PartnerFile
from scripts.build_canonical import canonical_page, canonical_schema
from scripts.build_conformance import conformance_page
from scripts.build_mappings import mappings_page

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"

AREAS = {
    "1": "Syntax and envelope",
    "2": "Schema",
    "3": "Mapping, canonical documents and guides",
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
    title = row.title.rstrip(".")
    yield f"### {row.code}: {title[0].upper()}{title[1:]}"
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
    context = click.Context(hub, info_name="hub", **hub.context_settings)
    for name in COMMANDS:
        command = hub.get_command(context, name)
        if command is not None:
            lines += _help(f"hub {name}", command, context)
    return "\n".join(lines).rstrip() + "\n"


WORDS = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    date: "date",
    timedelta: "duration",
    Path: "path",
    NoneType: "",
}


def _kind(annotation: Any) -> str:
    """A type in a reader's words: "list of text", "`in` or `out`"."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in WORDS:
        return WORDS[annotation]
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(filter(None, map(_kind, arguments)))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (list, tuple):
        return f"list of {_kind(arguments[0])}"
    return "table"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value in (None, [], {}) or isinstance(value, BaseModel):
        return ""
    return ", ".join(f"`{_shown(one)}`" for one in (value if isinstance(value, list) else [value]))


def _shown(value: object) -> str:
    """A value as it is written in the file."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        unit, size = next((pair for pair in (("h", 3600), ("m", 60)) if seconds and seconds % pair[1] == 0), ("s", 1))
        return f"{seconds // size}{unit}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tables_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _tables_in(argument)


def _table(heading: str, model: type[BaseModel]) -> Iterator[str]:
    """One table of a file, then the tables in it."""
    yield heading
    yield ""
    yield "| key | holds | default | meaning |"
    yield "|---|---|---|---|"
    below: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        cells = [f"`{key}`", _kind(field.annotation), _default(field), field.description or ""]
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        below += [(key, inner) for inner in _tables_in(field.annotation)]
    yield ""
    for key, inner in below:
        yield from _table(f"### `{key}`", inner)


def files_page() -> str:
    """docs/reference/files.md."""
    lines = [
        "# partner.toml and hub.toml",
        "",
        'Durations are text such as `"30s"`, `"15m"`, `"24h"`. A key that is not in these tables is refused, with the',
        "line and column it stands on.",
        "",
        *_table("## partner.toml", PartnerFile),
        *_table("## hub.toml", HubFile),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _connector_settings(path: Path) -> tuple[str, type[BaseModel]]:
    """A connector's first sentence and its settings."""
    spec = importlib.util.spec_from_file_location(f"reference_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return (module.__doc__ or "").strip().partition("\n\n")[0], module.Settings


def connectors_page() -> str:
    """docs/reference/connectors.md."""
    lines = [
        "# Connectors and their settings",
        "",
        "What a connection in partner.toml may say besides the keys every connection has",
        "([partner.toml](files.md)).",
        "",
    ]
    for path in sorted((ROOT / "connectors").glob("*.py")):
        opening, settings = _connector_settings(path)
        heading, _, rest = "\n".join(_table(f"## {path.stem}", settings)).partition("\n")
        lines += [heading, "", opening, rest, ""]
    return "\n".join(lines).rstrip() + "\n"


def mapping_schema() -> str:
    """docs/reference/mapping.schema.json, for editors."""
    return json.dumps(spec_schema(), indent=1) + "\n"


PAGES = {
    "canonical.md": canonical_page,
    "canonical.schema.json": canonical_schema,
    "codes.md": codes_page,
    "commands.md": commands_page,
    "conformance.md": conformance_page,
    "connectors.md": connectors_page,
    "files.md": files_page,
    "mapping.schema.json": mapping_schema,
    "mappings.md": mappings_page,
}

if __name__ == "__main__":
    for page, build in PAGES.items():
        (REFERENCE / page).write_text(build(), encoding="utf-8")
