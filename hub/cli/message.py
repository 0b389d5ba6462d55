"""hub message: find a message, see what happened to it, send it or derive it again."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.options import Options
from hub.cli.output import people, print_finding, print_json, print_table
from hub.errors import UsageError

if TYPE_CHECKING:
    from hub.store.browse_message import MessageChain
    from hub.store.engine import Database


@click.group()
def message() -> None:
    """Find messages and see what happened to them."""


@message.command("list")
@click.argument("query", default="")
@click.option("--partner", default="", help="Only this partner's.")
@click.option("--type", "type_", default="", help='Only this type, such as "850".')
@click.option("--direction", type=click.Choice(["in", "out"]), default=None, help="Only inbound or outbound ones.")
@click.option("--status", default="", help='problem, waiting, done, or a field and value such as "delivery:failed".')
@click.option("--limit", default=50, show_default=True, help="How many at the most.")
@click.pass_obj
def list_messages(
    options: Options, query: str, partner: str, type_: str, direction: str | None, status: str, limit: int
) -> None:
    """List messages, newest first. QUERY is a business number (PO, shipment, invoice, SSCC, tracking, control number)
    or how it begins."""
    from hub.store import browse

    wanted = browse.MessageFilter(query=query, partner=partner, type=type_, direction=direction or "", status=status)
    with _database(options).read() as conn:
        try:
            rows = browse.list_messages(conn, wanted, limit=limit).messages
        except ValueError as error:
            raise UsageError("HUB-6025", f"{error}") from error
    if options.json:
        for row in rows:
            print_json(row)
        return
    print_table(
        ("Time (UTC)", "", "Partner", "Type", "Number", "Validation", "Delivery", "Acknowledgement", "Id"),
        [
            (
                f"{row.at:%Y-%m-%d %H:%M:%S}",
                "<-" if row.direction == "in" else "->",
                row.partner,
                row.type,
                row.number,
                row.validation,
                "" if row.delivery == "none" else row.delivery,
                "" if row.acknowledgement == "none" else row.acknowledgement,
                row.id,
            )
            for row in rows
        ],
    )


@message.command()
@click.argument("message_id")
@click.pass_obj
def show(options: Options, message_id: str) -> None:
    """Show one message: what it is, what is wrong with it and what to do, and everything that happened to it."""
    from hub.store import browse_message

    database = _database(options)
    with database.read() as conn:
        found = browse_message.message_chain(conn, _whole_id(conn, message_id))
    if found is None:
        raise UsageError("HUB-6024", f"There is no message {message_id}; hub message list shows what there is.")
    if options.json:
        print_json(found)
    else:
        _show(found)
    options.note(int(found.message.concern == "problem"))


def _show(found: "MessageChain") -> None:
    row = found.message
    towards = "from" if row.direction == "in" else "to"
    people().print(f"{row.standard} {row.type} {row.version} {row.number} {towards} {row.partner}", style="bold")
    facts: list[tuple[str, Any]] = [
        ("id", row.id),
        ("time (UTC)", f"{row.at:%Y-%m-%d %H:%M:%S}"),
        ("account", f"{row.account}, {row.environment}, by {row.connection}"),
        ("control number", row.control_number),
        ("validation", row.validation),
        ("delivery", row.delivery),
        ("acknowledgement", row.acknowledgement),
        ("waits because", row.hold_reason),
        ("order", row.order_id),
        ("mapping", found.mapping),
    ]
    for name, value in facts:
        if value:
            people().print(f"  {name:16} {value}")
    if findings := [*found.interchange_findings, *found.findings]:
        people().print("\nWhat was found", style="bold")
        for finding in findings:
            print_finding(finding)
            _print_fix(finding.code)
    for delivery in found.deliveries:
        people().print(f"\nDelivery {delivery.state}: {delivery.file_name} by {delivery.connection}", style="bold")
        for attempt in delivery.attempts:
            people().print(
                f"  {attempt.started_at:%H:%M:%S} try {attempt.number}: {attempt.outcome} {attempt.detail or ''}"
            )
    if found.related or found.produced or found.acknowledgements:
        people().print("\nRelated", style="bold")
        for other in dict.fromkeys([*found.produced, *found.related]):
            arrow = "<-" if other.direction == "in" else "->"
            people().print(
                f"  {other.at:%H:%M:%S} {arrow} {other.partner:16} {other.type:10} {other.number:20} {other.id}"
            )
    people().print("\nHistory", style="bold")
    for event in found.events:
        people().print(f"  {event.at:%Y-%m-%d %H:%M:%S} {event.name} by {event.actor}")


def _print_fix(code: str) -> None:
    from hub.catalogue import CATALOGUE

    if code in CATALOGUE:
        people().print(f"       What to do: {CATALOGUE[code].fix}")


def _operate(options: Options, operation: str, message_id: str) -> None:
    import os

    from hub.app import Hub
    from hub.cli.serve import open_config

    workspace, config = open_config(options)
    hub = Hub(workspace, config)
    with hub.database.read() as conn:
        whole = _whole_id(conn, message_id)
    done = getattr(hub.operations, operation)(whole, os.environ.get("USER", "somebody"))
    hub.stop()
    if options.json:
        print_json(dict(done))
    else:
        people().print(f"{operation}: {', '.join(f'{name} {value}' for name, value in done.items())}")


@message.command()
@click.argument("message_id")
@click.pass_obj
def resend(options: Options, message_id: str) -> None:
    """Send the same bytes again, control numbers and all."""
    _operate(options, "resend", message_id)


@message.command()
@click.argument("message_id")
@click.pass_obj
def reissue(options: Options, message_id: str) -> None:
    """Send the same document in a new envelope with new control numbers."""
    _operate(options, "reissue", message_id)


@message.command()
@click.argument("message_id")
@click.pass_obj
def replay(options: Options, message_id: str) -> None:
    """Derive the message again with the revision in force."""
    _operate(options, "replay", message_id)


def _database(options: Options) -> "Database":
    from hub.cli.serve import open_config
    from hub.store.engine import open_database

    _, config = open_config(options)
    return open_database(config.database)


def _whole_id(conn: Any, message_id: str) -> str:
    """The one message whose id begins or ends so: people copy parts of ids."""
    from sqlalchemy import or_, select

    from hub.store.tables import message as table

    if len(message_id) == 36:
        return message_id
    begins = table.c.id.startswith(message_id, autoescape=True)
    ends = table.c.id.endswith(message_id, autoescape=True)
    found = conn.execute(select(table.c.id).where(or_(begins, ends)).limit(2)).scalars().all()
    if len(found) != 1:
        raise UsageError("HUB-6024", f"{'No' if not found else 'More than one'} message has an id like {message_id}.")
    return str(found[0])
