"""hub order: orders as they stand, facts entered by hand, and orders taken over from another system."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from hub.cli.options import Options
from hub.cli.output import complain, counted, people, print_json, print_table
from hub.cli.stored import open_stored
from hub.errors import HubError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.store.browse_order import OrderRows

_reason = click.option("--reason", required=True, help="Why, and who said it; the audit log keeps it.")


@click.group()
def order() -> None:
    """Orders: what was ordered, shipped and invoiced; what people enter."""


@order.command("list")
@click.argument("query", default="")
@click.option("--partner", default="", help="Only this partner's.")
@click.option(
    "--state", default="", help="open, problem (a message needs a person), or how far, such as partly_shipped."
)
@click.option("--limit", default=50, show_default=True, help="How many at the most.")
@click.pass_obj
def list_(options: Options, query: str, partner: str, state: str, limit: int) -> None:
    """List orders, newest first. QUERY is an order's number or any key of what was sent about it (shipment, invoice,
    SSCC, tracking), or how it begins."""
    from hub.store.browse_orders import STATES, OrderFilter, list_orders

    if state and state not in STATES:
        raise UsageError("HUB-8011", f'--state is "{state}"; it can be {", ".join(STATES)}.')
    with open_stored(options).read() as conn:
        rows = list_orders(conn, OrderFilter(query=query, partner=partner, state=state), limit=limit).orders
    if options.json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        held = "One that is held or rejected before it begins is a message: hub message list"
        click.echo(f"No order is like that. {held} {query}".rstrip() if query or partner or state else "No order yet.")
        return
    print_table(
        ("Came (UTC)", "Partner", "Order", "How far", "Invoiced", "Lines", "Ships", "To look at", "Id"),
        [
            (
                f"{row.at:%Y-%m-%d %H:%M:%S}",
                row.partner,
                row.number,
                _words(row.fulfilment),
                _words(row.money),
                row.lines,
                ", ".join(row.sources),
                counted(row.problems, "message") if row.problems else "",
                row.id,
            )
            for row in rows
        ],
    )


def _words(status: str) -> str:
    return status.replace("_", " ")


@order.command()
@click.argument("order_number", metavar="ORDER")
@click.pass_obj
def show(options: Options, order_number: str) -> None:
    """Show an order's life: its lines and quantities, who ships it, what was sent about it and what carriers said.
    ORDER: its number or its id."""
    from hub.orders import statuses
    from hub.store.browse_order import order_rows

    with open_stored(options).read() as conn:
        rows = order_rows(conn, _whole(conn, order_number))
    if rows is None:
        raise UsageError("HUB-8011", f"There is no order {order_number}.")
    derived = statuses([line.quantities for line in rows.lines])
    if options.json:
        print_json({"order": rows, "statuses": derived})
        return
    reached = [derived.fulfilment, derived.money, *([derived.after_sales] if derived.after_sales != "none" else [])]
    about = f"Order {rows.number} of {rows.partner}, {rows.environment}: {', '.join(map(_words, reached))}"
    people().print(about, style="bold")
    kinds = list(dict.fromkeys(kind for line in rows.lines for kind in line.quantities))
    print_table(
        ("Line", "Item", *(kind.capitalize() for kind in kinds)),
        [(line.number, line.item, *(line.quantities.get(kind, "") for kind in kinds)) for line in rows.lines],
    )
    if rows.fulfilments:
        asked = [(one.source, one.number, one.state, one.reason) for one in rows.fulfilments]
        print_table(("Ships", "Asked as", "State", "Why"), asked)
    if rows.packages:
        packed = [(one.sscc, one.tracking, one.shipment, ", ".join(map(_share, one.lines))) for one in rows.packages]
        print_table(("SSCC", "Tracking", "Shipment", "Holds"), packed)
    print_table(("Time (UTC)", "What", "Who", "Number", "How it stands", "Id"), _life(rows))


def _share(line: dict[str, Any]) -> str:
    return f"{line['quantity']} of line {line['line']}"


def _life(rows: "OrderRows") -> list[tuple[str, ...]]:
    """What was sent, what carriers said and what people did, in order of time."""
    told = [
        (
            one.at,
            ("in" if one.direction == "in" else "out") + f" {one.document or one.type}",
            one.partner,
            one.number,
            ", ".join(
                _words(status) for status in (one.validation, one.delivery, one.acknowledgement) if status != "none"
            ),
            one.id,
        )
        for one in rows.messages
    ]
    told += [(one.at or one.created_at, "tracking", "", one.number, _words(one.status), "") for one in rows.tracking]
    told += [(one.at, _words(one.name), one.actor, "", "", "") for one in rows.events if one.actor != "hub"]
    return [(f"{at:%Y-%m-%d %H:%M:%S}", *rest) for at, *rest in sorted(told, key=lambda entry: entry[0])]


@order.command()
@click.argument("order_number", metavar="ORDER")
@click.option("--line", required=True, help="The order's line.")
@click.option("--kind", required=True, help="accepted, shipped, cancelled, delivered, returned, ..")
@click.option("--quantity", required=True, help="How much; negative takes back what was wrong.")
@_reason
@click.pass_obj
def fact(options: Options, order_number: str, line: str, kind: str, quantity: str, reason: str) -> None:
    """Enter a fact that no message told. Nobody is told of it; use enter for what must go on."""
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator

    try:
        value = Decimal(quantity)
    except InvalidOperation as error:
        raise click.UsageError(f'"{quantity}" is no quantity.') from error
    hub = open_hub(options)
    try:
        with hub.database.read() as conn:
            order_id = _whole(conn, order_number)
        after = hub.enter.fact(order_id, line, kind, value, operator(), reason)
    finally:
        hub.stop()
    if options.json:
        print_json({"order": order_id, "line": line, "quantities": after})
    else:
        said = ", ".join(f"{name} {amount}" for name, amount in after.items())
        people().print(f"Line {line} of order {order_number}: {said}.")


@order.command()
@click.argument("file", type=click.File("rb"))
@click.option("--partner", required=True, help="In whose name.")
@click.option("--account", default="", help="Our account. Default: the only one there is.")
@click.option("--environment", type=click.Choice(["production", "test"]), default="production", show_default=True)
@_reason
@click.pass_obj
def enter(options: Options, file: BinaryIO, partner: str, account: str, environment: str, reason: str) -> None:
    """Enter a canonical document (JSON) as if the partner had sent it: a confirmation by phone, a tracking number from
    a mail. It goes on like any other."""
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator
    from hub.pipeline.enter import Whose

    hub = open_hub(options)
    try:
        whose = Whose(partner=partner, account=account, environment=environment)
        made = hub.enter.document(file.read(), whose, operator(), reason)
    finally:
        hub.stop()
    if options.json:
        print_json({"message": made})
    else:
        people().print(f"Entered as message {made}; a running hub goes on with it.")


@order.command("import")
@click.argument("file", type=click.File("rb"))
@_reason
@click.pass_obj
def import_orders(options: Options, file: BinaryIO, reason: str) -> None:
    """Take over orders that another system has begun; nobody is told, and nothing is sent.

    FILE: one JSON object a line: {"partner": .., "document": the canonical Order, "facts": [{"line", "kind",
    "quantity"}], "fulfilments": [{"number", "source", "lines": [{"line", "quantity"}]}]}. An order that is here already
    is passed over, so an import can be run again.
    """
    from hub.cli.operate import open_hub

    hub = open_hub(options)
    try:
        counts = _import(options, hub, file, reason)
    finally:
        hub.stop()
    if options.json:
        print_json(counts)
    else:
        people().print(
            f"{counted(counts['imported'], 'order')} taken over, {counts['known']} known already, "
            f"{counts['refused']} refused."
        )


def _import(options: Options, hub: Any, file: BinaryIO, reason: str) -> dict[str, int]:
    import msgspec

    from hub.cli.serve import operator
    from hub.pipeline.enter import OpenOrder

    counts = {"imported": 0, "known": 0, "refused": 0}
    for place, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            made = hub.enter.open_order(msgspec.json.decode(line, type=OpenOrder), operator(), reason)
        except (HubError, msgspec.DecodeError) as error:
            complain(f"line {place}: {error}")
            counts["refused"] += 1
            options.note(1)
            continue
        counts["imported" if made else "known"] += 1
    return counts


def _whole(conn: "Connection", order_number: str) -> str:
    """The only order of that number, or the one of that id."""
    from sqlalchemy import or_, select

    from hub.store.tables import sales_order

    named = or_(sales_order.c.number == order_number, sales_order.c.id == order_number)
    found = conn.execute(select(sales_order.c.id).where(named).limit(2)).scalars().all()
    if len(found) != 1:
        text = (
            f"Several orders have the number {order_number}; choose an id: hub order list {order_number}"
            if found
            else f"No order has the number or id {order_number}. Held or rejected ones: hub message list {order_number}"
        )
        raise UsageError("HUB-8011", text)
    return str(found[0])
