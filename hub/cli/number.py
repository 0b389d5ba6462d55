"""hub number: control numbers, and taking them over from another system."""

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json, print_table
from hub.cli.stored import open_stored
from hub.errors import UsageError


@click.group()
def number() -> None:
    """Control numbers: the last one taken in every scope."""


@number.command("list")
@click.argument("beginning", default="")
@click.pass_obj
def list_numbers(options: Options, beginning: str) -> None:
    """List scopes that begin so, such as x12/interchange, with the number taken last."""
    from hub.store.numbers import list_numbers as numbers

    with open_stored(options).read() as conn:
        rows = numbers(conn, beginning)
    if options.json:
        for scope, last in rows:
            print_json({"scope": scope, "last": last})
        return
    print_table(("Scope", "Last"), rows)


@number.command("set")
@click.argument("scope")
@click.argument("last", type=click.IntRange(0, 999_999_999))
@click.option("--lower", is_flag=True, help="Even if that number was passed: the partner may refuse repeats.")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.pass_obj
def set_number(options: Options, scope: str, last: int, lower: bool, reason: str) -> None:
    """The next number of SCOPE is LAST + 1: what the system before this one used last.

    SCOPE: x12/interchange/OURS/THEIRS, x12/group/PO/OURS/THEIRS or edifact/interchange/OURS/THEIRS, with identities as
    in the partner's file (ZZ:US); groups have them without the qualifier.
    """
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator
    from hub.store.numbers import last_number

    hub = open_hub(options)
    try:
        with hub.database.read() as conn:
            before = last_number(conn, scope)
        if before is not None and last < before and not lower:
            text = f"{before} was taken in {scope} already; {last} would repeat numbers. Say --lower if that is meant."
            raise UsageError("HUB-6028", text)
        hub.desk.set_number(scope, last, operator(), reason)
    finally:
        hub.stop()
    if options.json:
        print_json({"scope": scope, "before": before, "last": last})
    else:
        people().print(f"The next number of {scope} is {last + 1} (the last one was {before or 'none'}).")
