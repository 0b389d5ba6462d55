"""hub obligation: what is owed, by when, and what it costs to miss it."""

from typing import TYPE_CHECKING

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json, print_table
from hub.cli.stored import open_stored, the_one

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from hub.store.evidence import ObligationRow


@click.group()
def obligation() -> None:
    """Obligations: what partners are owed, and owe us, by when."""


@obligation.command("list")
@click.option("--partner", default="", help="Only of this partner.")
@click.option("--all", "all_", is_flag=True, help="Those that have ended, too; the newest first.")
@click.option("--by", type=click.Choice(["due", "money"]), default="due", show_default=True, help="What comes first.")
@click.pass_obj
def list_obligations(options: Options, partner: str, all_: bool, by: str) -> None:
    """List what is open, the first due on top, or what is most dear to miss."""
    from hub.store import obligations
    from hub.store.evidence import by_money, obligation_row
    from hub.store.ports import SystemClock

    now = SystemClock().now()
    with open_stored(options).read() as conn:
        found = obligations.newest(conn, partner=partner) if all_ else obligations.open_ones(conn, partner=partner)
    rows = [obligation_row(row, now) for row in found]
    rows = by_money(rows) if by == "money" else rows
    if options.json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        click.echo("No obligation is open." if not all_ else "There are no obligations.")
        return
    print_table(
        ("Due (UTC)", "State", "Partner", "What", "For", "At risk", "Id"),
        [
            (f"{row.due_at:%Y-%m-%d %H:%M}", _state(row), row.partner, row.wants, row.number, _money(row), row.id)
            for row in rows
        ],
    )


@obligation.command()
@click.argument("obligation_id", metavar="ID")
@click.pass_obj
def show(options: Options, obligation_id: str) -> None:
    """Show one with its evidence: what opened and met it, digests, receipts, acknowledgements."""
    from hub.store.evidence import obligation_row, proofs
    from hub.store.ports import SystemClock

    with open_stored(options).read() as conn:
        found = _find(conn, obligation_id)
        told = proofs(conn, found)
    row = obligation_row(found, SystemClock().now())
    if options.json:
        print_json({"obligation": row, "evidence": told})
        return
    people().print(f"{row.kind}: {row.wants} for {row.number}, {row.partner}", style="bold")
    people().print(f"  {_state(row)}, due {row.due_at:%Y-%m-%d %H:%M} UTC  {_money(row)}")
    print_table(
        ("When (UTC)", "What", "SHA-256"),
        [(f"{one.at:%Y-%m-%d %H:%M:%S}", one.what, one.digest or "") for one in told],
    )


@obligation.command("kept")
@click.option("--since", default="30d", show_default=True, help="Of those opened in this time: 24h, 30d, 1y.")
@click.pass_obj
def list_kept(options: Options, since: str) -> None:
    """How many were met in time, by partner and kind, the least punctual first: what a scorecard says."""
    from hub.partner.schedule import parse_duration
    from hub.store.evidence import kept
    from hub.store.ports import SystemClock

    now = SystemClock().now()
    try:
        begin = now - parse_duration(since)
    except ValueError as error:
        raise click.UsageError(f"--since: {error}") from error
    with open_stored(options).read() as conn:
        rows = kept(conn, now, begin)
    if options.json:
        for row in rows:
            print_json(row)
        return
    print_table(
        ("Partner", "Kind", "What", "Due", "In time", "%"),
        [(row.partner, row.kind, row.wants, row.due, row.in_time, f"{100 * row.share:.1f}") for row in rows],
    )


@obligation.command()
@click.argument("obligation_id", metavar="ID")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.pass_obj
def close(options: Options, obligation_id: str, reason: str) -> None:
    """Say that it is settled without the document: by phone, by agreement."""
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator

    hub = open_hub(options)
    try:
        with hub.database.read() as conn:
            row = _find(conn, obligation_id)
        hub.desk.close_obligation(row["id"], operator(), reason)
    finally:
        hub.stop()
    if options.json:
        print_json({"closed": row["id"]})
    else:
        people().print(f"Closed: {row['wants']} for {row['number']}, {row['partner']}")


def _state(row: "ObligationRow") -> str:
    return f"{row.state}, late" if row.late else row.state


def _money(row: "ObligationRow") -> str:
    return f"{row.penalty} {row.currency or ''}".strip() if row.penalty is not None else ""


def _find(conn: "Connection", part: str) -> "RowMapping":
    from hub.store import obligations

    return the_one(obligations.find(conn, part), part, "obligation", "HUB-6034")
