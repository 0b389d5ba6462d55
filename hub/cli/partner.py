"""hub partner: who is configured, and whether what is configured is right."""

from typing import Any

import click

from hub.cli.options import Options
from hub.cli.output import counted, print_fault, print_json, print_table


@click.group()
def partner() -> None:
    """Partners, their connections and agreements."""


@partner.command("list")
@click.pass_obj
def list_partners(options: Options) -> None:
    """List the partners with their identities, connections and agreements."""
    from hub.partner.model import ENVIRONMENTS
    from hub.workspace import open_workspace

    partners = open_workspace(options.workspace).partners()
    rows: list[dict[str, Any]] = []
    for one in partners:
        connections = [connection for connection in partners.connections() if connection.partner == one.id]
        agreements = [
            agreement
            for account in partners.accounts()
            for environment in ENVIRONMENTS
            for direction in ("in", "out")
            for agreement in partners.agreements(one.id, account.id, environment, direction)
        ]
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
    faults = workspace.faults(name)
    for fault in faults:
        print_fault(options, fault)
    count = 1 if name else sum(path.endswith("/partner.toml") for path in workspace.files())
    if options.json:
        print_json({"summary": {"partners": count, "faults": len(faults)}})
    elif not faults:
        click.echo(f"{name} is right." if name else f"hub.toml and {counted(count, 'partner')}: nothing is wrong.")
    options.note(1 if faults else 0)
