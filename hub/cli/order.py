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

_reason = click.option("--reason", required=True, help="Why, and who said it; the audit log keeps it.")


@click.group()
def order() -> None:
    """Orders: what was ordered, shipped and invoiced; what people enter."""


@order.command()
@click.argument("order_number", metavar="ORDER")
@click.pass_obj
def show(options: Options, order_number: str) -> None:
    """Show an order's lines, quantities and statuses. ORDER: its number or its id."""
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
    people().print(f"Order {order_number}: {derived.fulfilment}, {derived.money}", style="bold")
    kinds = list(dict.fromkeys(kind for line in rows.lines for kind in line.quantities))
    print_table(
        ("Line", "Item", *(kind.capitalize() for kind in kinds)),
        [(line.number, line.item, *(line.quantities.get(kind, "") for kind in kinds)) for line in rows.lines],
    )


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
        text = f"{'Several orders have' if found else 'No order has'} the number or id {order_number}."
        raise UsageError("HUB-8011", text)
    return str(found[0])
