"""What commands print: JSON lines for programs, tables and colour for people, payloads as they are."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from hub.cli.options import Options
from hub.errors import ConfigError, Finding, HubError, readable
from hub.location import Location
from hub.record import as_dict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rich.console import Console

    from hub.errors import Severity

_COLOURS = {"reject": "1;31", "error": "31", "warn": "33"}
"""As a terminal is told them: bold red, red, yellow."""

SEVERITIES = tuple(_COLOURS)
FAILING = frozenset({"reject", "error"})


def print_json(row: object) -> None:
    """One JSON object as one line on standard output."""
    import json

    line = json.dumps(row, default=_plain, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(line.encode() + b"\n")


def _plain(value: object) -> object:
    """What JSON has no word for, with words it has. msgspec takes longer to load than a check takes."""
    import json

    import msgspec

    return json.loads(msgspec.json.encode(value))


def print_payload(options: Options, file: str, payload: bytes) -> None:
    """The bytes themselves on standard output; with --json as text, with the charset that turns it into the bytes."""
    if not options.json:
        sys.stdout.buffer.write(payload)
        if sys.stdout.isatty() and not payload.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
        return
    try:
        print_json({"file": file, "payload": payload.decode("utf-8"), "charset": "utf-8"})
    except UnicodeDecodeError:
        print_json({"file": file, "payload": payload.decode("latin-1"), "charset": "latin-1"})


def complain(error: HubError | str, file: str | None = None) -> None:
    """A sentence on standard error."""
    print(f"hub: {file}: {error}" if file else f"hub: {error}", file=sys.stderr, flush=True)


def print_fault(options: Options, fault: HubError, severity: "Severity" = "reject") -> None:
    """Something wrong in a file an engineer wrote: a sentence for people, a row for programs."""
    if not options.json:
        print(f"{'note: ' if severity == 'warn' else ''}{fault}", flush=True)
        return
    place = {"file": fault.file, "line": fault.line, "column": fault.column} if isinstance(fault, ConfigError) else {}
    print_json({**place, "code": fault.code, "severity": severity, "message": fault.message})


def counted(number: int, noun: str) -> str:
    """ "1 message", "2 messages"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@cache
def people() -> "Console":
    """Rich's console on standard output, loaded only when a person reads the output."""
    from rich.console import Console

    return Console(highlight=False, markup=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """A table for people. Cells that are None stay empty."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    people().print(table)


def print_finding(finding: "Mapping[str, Any] | Finding") -> None:
    """One finding for people: severity, code and place, then the sentence. Rich would take longer than the check."""
    row = as_dict(finding) if isinstance(finding, Finding) else finding
    where = row["location"]
    place = readable(str(where if isinstance(where, Location) else Location(**where)))
    severity = shown_as(f"{row['severity']:6}", _COLOURS[row["severity"]])
    print(f"{severity} {row['code']}  {place}\n       {_without(place, row['message'])}", flush=True)


def shown_as(text: str, style: str) -> str:
    """The text in a style of the terminal ("1" is bold, "31" red), where it is a terminal that has styles."""
    plain = os.environ.get("TERM", "dumb") in ("dumb", "unknown") or os.environ.get("NO_COLOR")
    return text if plain or not sys.stdout.isatty() else f"\x1b[{style}m{text}\x1b[0m"


def _without(place: str, sentence: str) -> str:
    """The sentence, less the place it begins with where that stands above it already."""
    rest = sentence.removeprefix(f"{place}: ")
    return rest if rest == sentence else rest[:1].upper() + rest[1:]


def status_of_findings(findings: "Iterable[Mapping[str, Any]]") -> int:
    """1 if one of them is of severity reject or error, else 0."""
    return int(any(finding["severity"] in FAILING for finding in findings))
