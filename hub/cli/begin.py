"""hub init and hub partner new: the first files of a workspace, and of a partner."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from hub.cli.options import Options
from hub.cli.output import print_json
from hub.errors import UsageError
from hub.partner.model import Role

if TYPE_CHECKING:
    from hub.mapping import Library

_HUB = """\
# A folder with a hub.toml is a workspace: its connectors/, mappings/ and partners/ are loaded from here.

# Who you are to your partners.
[account.{account}]
name = {name}
identities = [{identities}]

# Who ships what is ordered: the first rule that fits. Without one, an order waits for a person.
# [[source]]
# from = "depot"
"""

_PARTNER = """\
name = {name}
role = "{role}"
{identities}

[connection.mailbox]
connector = "mailbox"
user = "{id}"
password = "secret:{id}"
"""

_USUAL = {
    "retailer": ("receive 850", "send 855", "send 856", "send 810"),
    "supplier": ("send 850", "receive 855", "receive 856", "receive 810"),
    "warehouse": ("send 940", "receive 945"),
    "carrier": ("receive 214",),
}
"""What is exchanged with most partners of a role, in X12."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".", metavar="[FOLDER]")
@click.option("--name", required=True, help="What you are called: Crossdock Trading.")
@click.option("--identity", "identities", multiple=True, required=True, help="You in an envelope: ZZ:CROSSDOCK.")
@click.pass_obj
def init(options: Options, folder: Path, name: str, identities: tuple[str, ...]) -> None:
    """Begin a workspace: a hub.toml that says who you are, in this folder or in FOLDER."""
    account = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") or "us"
    text = _HUB.format(account=account, name=_quoted(name), identities=", ".join(map(_quoted, identities)))
    _write(options, folder / "hub.toml", text, "hub partner new")


@click.command()
@click.argument("id")
@click.option(
    "--role",
    type=click.Choice(get_args(Role)),
    required=True,
    help="What the partner is to you.",
)
@click.option("--sample", "samples", multiple=True, metavar="FILE", help="A file the partner sends: who, and what.")
@click.pass_obj
def new(options: Options, id: str, role: str, samples: tuple[str, ...]) -> None:
    """Draft the file of a partner who uploads to the hub's own mailbox, from files that it sends."""
    from hub.workspace import open_workspace

    if not re.fullmatch("[a-z0-9][a-z0-9_.-]{0,59}", id):
        raise UsageError("HUB-9202", f'"{id}" is no id for a partner: write small letters, digits, - _ or .')
    workspace = open_workspace(options.workspace)
    senders: dict[str, None] = {}
    received: dict[str, None] = {}
    for sample in samples:
        for sender, reference in _said(options, sample):
            senders.update({sender: None} if sender else {})
            received.update({reference: None} if reference else {})
    identities = f"identities = [{', '.join(map(_quoted, senders))}]"
    text = _PARTNER.format(
        id=id,
        name=_quoted(id.replace("-", " ").title()),
        role=role,
        identities=identities if senders else '# identities = ["ZZ:THEIRS"]  # as their envelopes say it',
    )
    text += "".join(f'\n[[agreement]]\nreceive = "{reference}"\n' for reference in received)
    text += _suggested(role, list(received))
    _write(options, workspace.folder / "partners" / id / "partner.toml", text, f"hub partner check {id}")


def _suggested(role: str, received: Sequence[str]) -> str:
    """What else is usual, to be uncommented: in the version of the samples; nothing where they are not of X12."""
    version = next((one.split("/")[1] for one in received if one.startswith("x12/")), "" if received else "004010")
    usual = [(way, f"x12/{version}/{type}") for way, type in (one.split() for one in _USUAL.get(role, ()))]
    lines = [f'# [[agreement]]\n# {way} = "{name}"\n' for way, name in usual if version and name not in received]
    return f"\n# What else is usual with a {role}: uncomment what is agreed.\n{''.join(lines)}" if lines else ""


def _said(options: Options, sample: str) -> Iterator[tuple[str, str]]:
    """Sender and reference of each message of a file. UsageError: nothing here can read it."""
    from functools import partial

    from hub.cli.inspect import inspect_payload
    from hub.cli.known import named
    from hub.cli.library import open_library
    from hub.cli.source import read_bytes
    from hub.partner.draft import reference_of

    data = read_bytes(sample)
    for interchange in inspect_payload(sample, [data], partial(named, options)):
        standard = interchange["standard"]
        if standard is None:
            raise UsageError("HUB-9202", f"{sample}: {interchange['findings'][0]['message']}")
        for message in interchange["messages"]:
            found = reference_of(standard, message["version"] or "", message["type"] or "")
            yield interchange["sender"] or "", found or _flat(open_library(options), data)


def _flat(library: "Library", data: bytes) -> str:
    """The reference of a table that a mapping knows: csv/order is csv/*/order."""
    known = library.match_flat(data)
    if known is None:
        return ""
    standard, _, type = known.id.partition("/")
    return known.id if "/" in type else f"{standard}/*/{type}"


def _write(options: Options, file: Path, text: str, then: str) -> None:
    """UsageError: there is such a file."""
    if file.exists():
        raise UsageError("HUB-9202", f"{file} is there already; nothing was changed.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    if options.json:
        print_json({"file": str(file)})
    else:
        click.echo(f"{file} is written: look it over, then {then}")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
