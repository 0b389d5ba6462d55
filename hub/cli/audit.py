"""hub audit: who did what and why, and whether anybody changed the log."""

import re
from typing import TYPE_CHECKING

import click

from hub.cli.options import Options
from hub.cli.output import counted, people, print_json, print_table
from hub.cli.stored import open_stored

if TYPE_CHECKING:
    from hub.store.audit import Head


@click.group()
def audit() -> None:
    """The audit log: what people did. A change of it is found."""


@audit.command("list")
@click.argument("subject", default="")
@click.option("--actor", default="", help="Only what this person did.")
@click.option("--action", default="", help="Only this, such as cancel.")
@click.option("--limit", default=50, show_default=True, help="How many at the most.")
@click.pass_obj
def list_entries(options: Options, subject: str, actor: str, action: str, limit: int) -> None:
    """List entries, newest first. SUBJECT: the whole id of a message, lane, order, incident or revision."""
    from hub.store.audit import list_audit

    with open_stored(options).read() as conn:
        rows = list_audit(conn, subject_id=subject, actor=actor, action=action, limit=limit)
    if options.json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        click.echo("Nobody did anything like that.")
        return
    print_table(
        ("No.", "Time (UTC)", "Who", "What", "On", "Why", "Before", "After"),
        [
            (
                row.seq,
                f"{row.at:%Y-%m-%d %H:%M:%S}",
                row.actor,
                row.action,
                f"{row.subject_type} {_words(row.subject_id)}",
                row.reason,
                _words(row.before),
                _words(row.after),
            )
            for row in rows
        ],
    )


@audit.command()
@click.option("--head", "heads", multiple=True, metavar="NUMBER:DIGEST", help="A head that was noted earlier.")
@click.pass_obj
def verify(options: Options, heads: tuple[str, ...]) -> None:
    """Read the whole log and find out whether an entry was changed, taken out, put in or moved.

    Prints the log's head. Note it somewhere else now and then: who can write to the database could make the whole log
    anew, and only a head that was noted elsewhere tells.
    """
    from hub.store.audit import verify as verify_log

    with open_stored(options).read() as conn:
        verdict = verify_log(conn, [_head(text) for text in heads])
    options.note(int(verdict.fault is not None))
    if options.json:
        print_json(verdict)
    elif verdict.fault is not None:
        people().print(verdict.fault, style="bold red")
    else:
        entries = counted(verdict.entries, "entry").replace("entrys", "entries")
        people().print(f"The audit log is as it was written: {entries}.\nIts head: {verdict.head}")


def _head(text: str) -> "Head":
    from hub.store.audit import Head

    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise click.UsageError(f'"{text}" is no head; hub audit verify prints one: a number, a colon, 64 characters.')
    return Head(seq=int(number), digest=digest)


def _words(value: object) -> str:
    """For people; of a digest the first characters, which are enough to name a revision."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items())
    return "none" if value is None else re.sub(r"\b[0-9a-f]{64}\b", lambda digest: digest[0][:12], str(value))
