"""The commands of hub message that change something: on one message, or on all that fit a filter."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.options import Options
from hub.cli.output import complain, counted, people, print_json, print_table

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.pipeline.bulk import Preview
    from hub.pipeline.operations import Done
    from hub.store.browse import MessageFilter
    from hub.store.bulks import BulkRow

COMMANDS = {
    "resend": "Send the same bytes again, control numbers and all.",
    "retry": "Try to deliver it now, and not at its next time.",
    "reissue": "Send the same document in a new envelope with new control numbers.",
    "replay": "Derive the message again with the revision in force, or another one.",
    "hold": "Do nothing more with it until it is unheld.",
    "unhold": "Let what is held go on.",
    "cancel": "Never send it.",
    "reroute": "Send the same bytes by another connection.",
    "confirm": "Note that the partner says it has it, by phone or mail.",
    "ignore": "Decide that nothing is to come of it: it is no problem any more.",
    "erase": "Overwrite what it says, for good: bytes, document, search keys. Digests and the audit log stay.",
}

DONE = {
    "resend": "To be sent again",
    "retry": "To be tried now",
    "reissue": "To be sent anew",
    "replay": "To be derived again",
    "hold": "Held",
    "unhold": "Unheld",
    "cancel": "Cancelled",
    "reroute": "To be sent otherwise",
    "confirm": "Confirmed",
    "edit": "Corrected",
    "ignore": "Ignored",
    "erase": "Erased",
}
"""What is said once it is done. What a worker has still to do is "to be"."""

LEFT_TO_WORKERS = {"resend", "retry", "reissue", "replay", "unhold", "reroute"}


def add_operations(group: click.Group) -> None:
    """One command for each operation."""
    for name, about in COMMANDS.items():
        group.add_command(_command(name, about))


def _command(name: str, about: str) -> click.Command:
    @click.argument("messages", metavar="[MESSAGE]...", nargs=-1)
    @click.option("--reason", default="", help="Why; the audit log keeps it.")
    @click.option("--matching", default="", metavar="QUERY", help="All with a business number that begins so.")
    @click.option("--partner", default="", help="All of this partner.")
    @click.option("--type", "type_", default="", help="All of this type.")
    @click.option("--direction", type=click.Choice(["in", "out"]), default=None, help="All inbound or outbound ones.")
    @click.option("--status", default="", help='All with this status, such as "problem" or "delivery:failed".')
    @click.option("--dry-run", is_flag=True, help="Show what it would do, and do nothing.")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @click.pass_obj
    def operate(
        options: Options,
        /,
        messages: tuple[str, ...],
        reason: str,
        matching: str,
        partner: str,
        type_: str,
        direction: str | None,
        status: str,
        dry_run: bool,
        yes: bool,
        **more: Any,
    ) -> None:
        from hub.store.browse import MessageFilter

        given = {name: value for name, value in more.items() if value is not None}
        wanted = MessageFilter(query=matching, partner=partner, type=type_, direction=direction or "", status=status)
        _operate(options, name, messages, wanted, reason, given, dry_run=dry_run, yes=yes)

    operate.__doc__ = f"""{about}

    Give messages (an id, a part of it, or a business number only one has), or choose all that fit with the options; all
    that fit are shown and counted before anything is done.
    """
    command = click.command(name)(operate)
    if name == "replay":
        about_revision = "Read what came in with this published revision (its first characters)."
        command.params.append(click.Option(["--revision"], default=None, help=about_revision))
    if name == "reroute":
        command.params.append(click.Option(["--connection"], required=True, help="The other connection."))
    return command


def _operate(
    options: Options,
    name: str,
    messages: tuple[str, ...],
    wanted: "MessageFilter",
    reason: str,
    more: dict[str, Any],
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    from hub.store.browse import MessageFilter

    chosen = wanted != MessageFilter()
    if bool(messages) == chosen:
        raise click.UsageError("Give messages, or choose them by --matching, --partner, --type, --direction, --status.")
    hub = open_hub(options)
    try:
        if chosen:
            _all_matching(options, hub, name, wanted, reason, more, dry_run=dry_run, yes=yes)
            return
        for one in messages:
            _one(options, hub, name, one, reason, more, dry_run=dry_run)
        if not options.json and not dry_run and name in LEFT_TO_WORKERS:
            people().print("A running hub (hub serve or hub worker) goes on with it; hub message show tells how.")
    finally:
        hub.stop()


def operate_on(options: Options, name: str, message: str, reason: str, more: dict[str, Any]) -> None:
    """One operation on one message."""
    hub = open_hub(options)
    try:
        _one(options, hub, name, message, reason, more, dry_run=False)
    finally:
        hub.stop()


def _one(
    options: Options, hub: "Hub", name: str, message: str, reason: str, more: dict[str, Any], *, dry_run: bool
) -> None:
    from hub.cli.message import whole_id
    from hub.cli.serve import operator

    with hub.database.read() as conn:
        whole = whole_id(conn, message)
    _tell(options, hub.operations.act(name, whole, operator(), reason, more, dry_run=dry_run))


def _tell(options: Options, done: "Done") -> None:
    if options.json:
        print_json(done)
        return
    head = f"Would {done.action}" if done.dry_run else f"{DONE[done.action]}:"
    people().print(f"{head} {done.what} ({done.message})")
    for field, before in done.before.items():
        after = done.after[field]
        if after != before:
            people().print(f"  {field.replace('_', ' ')}: {before or 'none'} -> {after or 'none'}")
    for field, value in done.made.items():
        if value is True or (field, value) == ("messages", 1):
            continue
        people().print(f"  {field.replace('_', ' ')}: {value}")


def _all_matching(
    options: Options,
    hub: "Hub",
    name: str,
    wanted: "MessageFilter",
    reason: str,
    more: dict[str, Any],
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    from hub.cli.serve import operator

    preview = hub.bulk.preview(name, wanted, operator(), reason, more)
    if options.json and dry_run:
        print_json(preview)
    if not options.json:
        _show(preview)
    if dry_run or not preview.total:
        return
    if not yes and not click.confirm(f"{name.capitalize()} {counted(preview.total, 'message')}?", err=True):
        complain("Nothing was done.")
        raise click.Abort
    made = hub.bulk.start(name, wanted, operator(), reason, more, upto=preview.upto, by_worker=False)
    row = _run(options, hub, made)
    options.note(int(row.refused > 0))
    if options.json:
        print_json(row)
        return
    refused = f", {row.refused} refused" if row.refused else ""
    people().print(f"{name.capitalize()}: {row.done} of {counted(row.total, 'message')} done{refused}.")
    for each in row.refusals:
        people().print(f"  {each['text']}")


def _run(options: Options, hub: "Hub", bulk_id: str) -> "BulkRow":
    """To its end; Ctrl-C cancels what is not begun."""
    from rich.progress import Progress

    from hub.cli.serve import operator

    row = hub.bulk.find(bulk_id)
    with Progress(disable=options.json, transient=True) as progress:
        bar = progress.add_task(row.action, total=row.total)
        try:
            while row.state == "running":
                row = hub.bulk.step(bulk_id, 20)
                progress.update(bar, completed=row.done + row.refused)
        except KeyboardInterrupt:
            row = hub.bulk.cancel(bulk_id, operator(), "interrupted")
            complain(f"Stopped: {row.done} of {counted(row.total, 'message')} done, the rest is as it was.")
            raise
    return row


def _show(preview: "Preview") -> None:
    people().print(preview.effect)
    print_table(
        ("Messages", "Partner", "Type", "Validation", "Delivery", "Acknowledgement"),
        [
            (each.count, each.partner, each.type, each.validation, each.delivery, each.acknowledgement)
            for each in preview.alike
        ],
        f"{preview.action.capitalize()} {counted(preview.total, 'message')}",
    )
    for done in preview.examples:
        changes = [
            f"{field.replace('_', ' ')} {before or 'none'} -> {done.after[field] or 'none'}"
            for field, before in done.before.items()
            if done.after[field] != before
        ]
        people().print(f"  for example {done.what}: {', '.join(changes) or 'no status changes'}")
    for each in preview.refused:
        people().print(f"  refused, for example: {each.text}")


def open_hub(options: Options) -> "Hub":
    """The hub over the workspace's database, for one command."""
    from hub.app import Hub
    from hub.cli.serve import open_config

    workspace, config = open_config(options)
    return Hub(workspace, config)


@click.group()
def bulk() -> None:
    """Operations on many messages at once."""


@bulk.command("list")
@click.pass_obj
def list_bulks(options: Options) -> None:
    """List them, newest first, with how far they are."""
    from hub.store import bulks
    from hub.store.engine import open_database

    with open_database(_config(options).database).read() as conn:
        rows = bulks.list_bulks(conn)
    if options.json:
        for row in rows:
            print_json(row)
        return
    print_table(
        ("Begun (UTC)", "What", "Which", "State", "Done", "Refused", "Of", "By", "Reason", "Id"),
        [
            (
                f"{row.created_at:%Y-%m-%d %H:%M}",
                row.action,
                ", ".join(value for value in row.wanted.values() if value),
                row.state,
                row.done,
                row.refused,
                row.total,
                row.actor,
                row.reason,
                row.id,
            )
            for row in rows
        ],
    )


@bulk.command("cancel")
@click.argument("bulk_id", metavar="ID")
@click.option("--reason", default="", help="Why; the audit log keeps it.")
@click.pass_obj
def cancel_bulk(options: Options, bulk_id: str, reason: str) -> None:
    """Begin no more of it; what is done stays done."""
    _after(options, bulk_id, cancel=True, reason=reason)


@bulk.command("continue")
@click.argument("bulk_id", metavar="ID")
@click.pass_obj
def continue_bulk(options: Options, bulk_id: str) -> None:
    """Go on with one whose process ended in the middle."""
    _after(options, bulk_id, cancel=False)


def _after(options: Options, bulk_id: str, *, cancel: bool, reason: str = "") -> None:
    from hub.cli.serve import operator

    hub = open_hub(options)
    try:
        row = hub.bulk.cancel(bulk_id, operator(), reason) if cancel else _run(options, hub, bulk_id)
    finally:
        hub.stop()
    if options.json:
        print_json(row)
    else:
        people().print(f"{row.action}: {row.state}; {row.done} of {counted(row.total, 'message')} done.")


def _config(options: Options) -> Any:
    from hub.cli.serve import open_config

    return open_config(options)[1]
