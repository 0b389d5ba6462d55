"""hub connection: which there are, how they fare, and whether they work right now."""

from datetime import datetime
from typing import Any

import click

from hub.cli.options import Options
from hub.cli.output import complain, people, print_json, print_table


@click.group()
def connection() -> None:
    """Connections: one account on one transport each."""


@connection.command("list")
@click.pass_obj
def list_connections(options: Options) -> None:
    """List the connections with their connector, what waits and when they last worked."""
    from hub.cli.serve import open_config
    from hub.store import browse
    from hub.store.engine import open_database
    from hub.store.ports import SystemClock

    workspace, config = open_config(options)
    with open_database(config.database).read() as conn:
        fares = {row.connection: row for row in browse.list_connections(conn, SystemClock().now())}
    rows: list[dict[str, Any]] = []
    for one in workspace.partners().connections():
        fare = fares.get(one.name)
        rows.append(
            {
                "connection": one.name,
                "connector": one.connector,
                "environment": one.environment,
                "circuit": fare.circuit if fare else "closed",
                "failures": fare.failures if fare else 0,
                "waiting": fare.waiting if fare else 0,
                "set_aside": fare.set_aside if fare else 0,
                "received_at": fare.received_at if fare else None,
                "delivered_at": fare.delivered_at if fare else None,
            }
        )
    if options.json:
        for row in rows:
            print_json(row)
        return
    print_table(
        (
            "Connection",
            "Connector",
            "Environment",
            "Circuit",
            "Failures",
            "Waiting",
            "Set aside",
            "Received (UTC)",
            "Delivered (UTC)",
        ),
        [[_shown(value) for value in row.values()] for row in rows],
    )


@connection.command()
@click.argument("name", required=False)
@click.pass_obj
def test(options: Options, name: str | None) -> None:
    """Try a connection, or all of them, without side effects, and say in words how it went."""
    from hub.cli.serve import open_config
    from hub.errors import UsageError
    from hub.partner.suggest import suggestion

    workspace, config = open_config(options)
    known = {one.name: one for one in workspace.partners().connections()}
    if name is not None and name not in known:
        raise UsageError("HUB-4008", f'there is no connection "{name}"{suggestion(name, list(known))}')
    for one in [known[name]] if name is not None else known.values():
        works, said = workspace.test(one, config.secrets)
        options.note(int(not works))
        if options.json:
            print_json({"connection": one.name, "works": works, "said": said})
        elif works:
            people().print(f"{one.name}: {said}")
        else:
            complain(f"{one.name}: {said}")


def _shown(value: object) -> object:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value
