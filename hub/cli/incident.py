"""hub incident: what a person must look at, by cause."""

from typing import TYPE_CHECKING

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json, print_table
from hub.cli.stored import open_stored, the_one

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.store.browse_incident import IncidentRow


@click.group()
def incident() -> None:
    """Incidents: one for each cause, however often it comes again."""


@incident.command("list")
@click.option("--all", "all_", is_flag=True, help="Those that are resolved, too.")
@click.pass_obj
def incidents(options: Options, all_: bool) -> None:
    """List the open incidents, newest first."""
    from hub.store.browse_incident import list_incidents

    with open_stored(options).read() as conn:
        rows = [row for row in list_incidents(conn) if all_ or row.resolved_at is None]
    if options.json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        click.echo("There are no incidents." if all_ else "No incident is open.")
        return
    print_table(
        ("Since (UTC)", "Last (UTC)", "Times", "Code", "About", "What", "Id"),
        [
            (
                f"{row.opened_at:%Y-%m-%d %H:%M}",
                f"{row.seen_at:%Y-%m-%d %H:%M}",
                row.count,
                row.code,
                row.about,
                f"resolved: {row.message}" if row.resolved_at else row.message,
                row.id,
            )
            for row in rows
        ],
    )


@incident.command()
@click.argument("incident_id", metavar="ID")
@click.pass_obj
def show(options: Options, incident_id: str) -> None:
    """Show one: what it means, what to do, what it is about."""
    from hub.catalogue import CATALOGUE

    with open_stored(options).read() as conn:
        row = _find(conn, incident_id)
    if options.json:
        print_json(row)
        return
    people().print(row.message, style="bold")
    explained = CATALOGUE.get(row.code)
    facts = [
        ("id", row.id),
        ("code", f"{row.code} {explained.title if explained else ''}"),
        ("means", explained.meaning if explained else ""),
        ("what to do", explained.fix if explained else ""),
        ("cause", row.cause),
        ("about", f"{row.about} ({row.subject_id})"),
        ("times", row.count),
        ("opened (UTC)", f"{row.opened_at:%Y-%m-%d %H:%M:%S}"),
        ("last (UTC)", f"{row.seen_at:%Y-%m-%d %H:%M:%S}"),
        ("resolved (UTC)", f"{row.resolved_at:%Y-%m-%d %H:%M:%S}" if row.resolved_at else ""),
    ]
    for name, value in facts:
        if value:
            people().print(f"  {name:16} {value}")
    options.note(int(row.resolved_at is None))


@incident.command()
@click.argument("incident_id", metavar="ID")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.pass_obj
def close(options: Options, incident_id: str, reason: str) -> None:
    """Say that it is dealt with. Should its cause come again, a new incident opens."""
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator

    hub = open_hub(options)
    try:
        with hub.database.read() as conn:
            row = _find(conn, incident_id)
        hub.desk.close_incident(row.id, operator(), reason)
    finally:
        hub.stop()
    if options.json:
        print_json({"closed": row.id})
    else:
        people().print(f"Closed: {row.message}")


def _find(conn: "Connection", incident_id: str) -> "IncidentRow":
    from hub.store.browse_incident import find_incidents

    return the_one(find_incidents(conn, incident_id), incident_id, "incident", "HUB-6031")
