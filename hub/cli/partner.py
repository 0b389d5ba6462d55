"""hub partner: who is configured, and whether what is configured is right."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from hub.cli.begin import new
from hub.cli.options import Options
from hub.cli.output import counted, print_fault, print_json, print_table
from hub.errors import ConfigError, HubError

if TYPE_CHECKING:
    from hub.mapping import Library
    from hub.partner import Agreement, Partners
    from hub.workspace import Workspace


@click.group()
def partner() -> None:
    """Partners, their connections and agreements."""


partner.add_command(new)


@partner.command("list")
@click.pass_obj
def list_partners(options: Options) -> None:
    """List the partners with their identities, connections and agreements."""
    from hub.workspace import open_workspace

    partners = open_workspace(options.workspace).partners()
    rows: list[dict[str, Any]] = []
    for one in partners:
        connections = [connection for connection in partners.connections() if connection.partner == one.id]
        agreements = [agreement for agreement in _agreements(partners) if agreement.partner == one.id]
        rows.append(
            {
                "partner": one.id,
                "name": one.name,
                "role": one.role,
                "identities": list(one.identities["production"]),
                "test_identities": list(one.identities["test"]),
                "connections": [
                    {
                        "connection": connection.name,
                        "connector": connection.connector,
                        "account": connection.account,
                        "environment": connection.environment,
                    }
                    for connection in connections
                ],
                "agreements": [
                    {
                        "direction": agreement.direction,
                        "reference": agreement.reference,
                        "account": agreement.account,
                        "environment": agreement.environment,
                        "connection": agreement.connection,
                    }
                    for agreement in agreements
                ],
            }
        )
    _print_partners(options, rows)


def _agreements(partners: "Partners") -> list["Agreement"]:
    from hub.partner.model import ENVIRONMENTS

    return [
        agreement
        for one in partners
        for account in partners.accounts()
        for environment in ENVIRONMENTS
        for direction in ("in", "out")
        for agreement in partners.agreements(one.id, account.id, environment, direction)
    ]


def _print_partners(options: Options, rows: list[dict[str, Any]]) -> None:
    if options.json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        click.echo("There are no partners yet: write partners/<name>/partner.toml, then hub partner check.")
        return
    print_table(
        ["partner", "name", "role", "identities", "connections", "receives from it", "sends to it"],
        [
            [
                row["partner"],
                row["name"],
                row["role"],
                ", ".join(row["identities"]),
                ", ".join(one["connection"].partition("/")[2] for one in row["connections"]),
                _references(row, "in"),
                _references(row, "out"),
            ]
            for row in rows
        ],
    )


def _references(row: dict[str, Any], direction: str) -> str:
    found = [agreement["reference"] for agreement in row["agreements"] if agreement["direction"] == direction]
    return ", ".join(dict.fromkeys(found))


@partner.command("check")
@click.argument("name", required=False)
@click.pass_obj
def check_partner(options: Options, name: str | None) -> None:
    """Find everything wrong in hub.toml and the partners' files, or in the file of one partner."""
    from hub.workspace import open_workspace

    workspace = open_workspace(options.workspace)
    faults: list[HubError] = [*workspace.faults(name)]
    notes: list[HubError] = []
    if not faults:
        faults, notes = mapping_gaps(workspace, name)
        notes += _missing_secrets(workspace, name)
    for fault in faults:
        print_fault(options, fault)
    for note in notes:
        print_fault(options, note, severity="warn")
    count = 1 if name else sum(path.endswith("/partner.toml") for path in workspace.files())
    if options.json:
        print_json({"summary": {"partners": count, "faults": len(faults)}})
    elif not faults:
        click.echo(f"{name or 'hub.toml and ' + counted(count, 'partner')}: nothing is wrong.")
    options.note(1 if faults else 0)


def mapping_gaps(workspace: "Workspace", partner: str | None = None) -> tuple[list[HubError], list[HubError]]:
    """Agreements without the mapping they need: those that send or name one (faults), those that receive (notes).

    A guide that is not there, is faulty or is for another message is a fault too.
    """
    from hub.mapping import Library
    from hub.partner.reference import COPY

    library = Library(files=workspace.mappings())
    faults: dict[str, HubError] = {}
    notes: dict[str, HubError] = {}
    for agreement in _agreements(workspace.partners()):
        if partner in (None, agreement.partner) and (fault := _guide_fault(agreement, library)):
            faults.setdefault(str(fault), fault)
        if agreement.reference == COPY or partner not in (None, agreement.partner) or _is_mapped(library, agreement):
            continue
        named = agreement.standard in ("json", "csv", "fixed")
        needed = agreement.mapping or (agreement.reference if named else f"{agreement.standard}/{agreement.type}")
        sends = agreement.direction == "out"
        what = f"{'send' if sends else 'receive'} {agreement.reference}: there is no mapping {needed}"
        if sends or agreement.mapping:
            why = "hub mapping list shows those there are"
        else:
            why = "such messages are checked and acknowledged, then held"
        file = f"partners/{agreement.partner}/partner.toml"
        found = faults if sends or agreement.mapping else notes
        found.setdefault(what, ConfigError("HUB-4005", f"{what}; {why}", file=file))
    return list(faults.values()), list(notes.values())


def _is_mapped(library: "Library", agreement: "Agreement") -> bool:
    from hub.cli.library import mapping_of

    try:
        return mapping_of(library, agreement) is not None
    except ConfigError:  # there is one, and hub mapping check says what is wrong in it
        return True


def _guide_fault(agreement: "Agreement", library: "Library") -> HubError | None:
    if agreement.guide is None:
        return None
    file = f"partners/{agreement.partner}/partner.toml"
    try:
        guide = library.guide(agreement.guide)
    except ConfigError as error:
        return error if error.file else ConfigError(error.code, f"{agreement.reference}: {error.message}", file=file)
    if (guide.standard, guide.type) != (agreement.standard, agreement.type):
        text = f'guide "{guide.name}" is for {guide.reference}, so it can say nothing of {agreement.reference}'
        return ConfigError("HUB-4005", text, file=file)
    return None


def _missing_secrets(workspace: "Workspace", partner: str | None) -> list[HubError]:
    """What this machine lacks; another one, where the hub runs, may have it."""
    from hub.config import read_config
    from hub.errors import UsageError

    secrets = read_config(workspace.folder, workspace.hub()).secrets
    found: list[HubError] = []
    for connection in workspace.partners().connections():
        if partner not in (None, connection.partner):
            continue
        for name in sorted(set(_secrets_in(workspace.settings(connection).model_dump()))):
            try:
                secrets(name)
            except UsageError as error:
                found.append(ConfigError(error.code, error.message, file=f"partners/{connection.partner}/partner.toml"))
    return found


def _secrets_in(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("secret:"):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _secrets_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _secrets_in(part)
