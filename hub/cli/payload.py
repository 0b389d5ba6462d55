"""hub payload: what came in: shown, and dealt with where nothing could read it."""

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json, print_payload, print_table


@click.group()
def payload() -> None:
    """Payloads: show one and what it was answered with; try again or ignore those that nothing could read."""


@payload.command("list")
@click.option("--refused", is_flag=True, help="Those of requests that were not let in instead.")
@click.pass_obj
def list_payloads(options: Options, refused: bool) -> None:
    """List the unreadable ones, newest first, with the reason."""
    from sqlalchemy import select

    from hub.cli.serve import open_config
    from hub.store.engine import open_database
    from hub.store.tables import payload as table

    names = ("id", "created_at", "partner", "connection", "file_name", "size", "note")
    query = select(*(table.c[name] for name in names)).where(table.c.state == ("refused" if refused else "unreadable"))
    with open_database(open_config(options)[1].database).read() as conn:
        rows = conn.execute(query.order_by(table.c.id.desc()).limit(200)).mappings().all()
    if options.json:
        for row in rows:
            print_json(dict(row))
        return
    print_table(
        ("Time (UTC)", "Connection", "File", "Bytes", "Why", "Id"),
        [
            (
                f"{row['created_at']:%Y-%m-%d %H:%M}",
                row["connection"],
                row["file_name"],
                row["size"],
                row["note"],
                row["id"],
            )
            for row in rows
        ],
    )


@payload.command("aborted")
@click.pass_obj
def list_aborted(options: Options) -> None:
    """List uploads to the mailbox whose session was lost, newest first: they are kept, and were never received."""
    from hub.cli.serve import open_config
    from hub.store.engine import open_database
    from hub.store.mailbox import aborted_uploads

    with open_database(open_config(options)[1].database).read() as conn:
        rows = aborted_uploads(conn)
    if options.json:
        for row in rows:
            print_json(row)
        return
    print_table(
        ("Begun (UTC)", "Lost (UTC)", "Connection", "File", "Bytes"),
        [
            (f"{row.created_at:%Y-%m-%d %H:%M}", f"{row.changed_at:%H:%M:%S}", row.connection, row.name, row.size)
            for row in rows
        ],
    )


@payload.command()
@click.argument("payload_id", metavar="ID")
@click.pass_obj
def show(options: Options, payload_id: str) -> None:
    """Show a payload and its interchanges. One whose sender nobody knows comes with a draft of its partner.toml."""
    from sqlalchemy.exc import NoResultFound

    from hub.cli.serve import open_config
    from hub.errors import UsageError
    from hub.pipeline.stranger import draft_of
    from hub.store import chain
    from hub.store.engine import open_database

    with open_database(open_config(options)[1].database).read() as conn:
        try:
            row = chain.get_payload(conn, payload_id)
        except NoResultFound:
            raise UsageError("HUB-6005", f"The store holds no payload {payload_id}.") from None
        interchanges = chain.interchanges_of(conn, payload_id)
        drafts = [draft_of(conn, one) for one in interchanges]
    names = ("id", "created_at", "state", "partner", "connection", "file_name", "size", "digest", "note")
    if options.json:
        print_json({name: row[name] for name in names})
        for one, draft in zip(interchanges, drafts, strict=True):
            shown = {name: one[name] for name in ("id", "standard", "sender", "receiver", "control_number", "findings")}
            print_json({"interchange": shown, "draft": draft})
        return
    for name in names:
        people().print(f"{name:<12}{row[name]}", markup=False)
    for one, draft in zip(interchanges, drafts, strict=True):
        people().print(f"Interchange {one['control_number']} from {one['sender']} to {one['receiver']}", markup=False)
        for found in one["findings"] or []:
            people().print(f"  {found['code']} {found['message']}", markup=False)
        if draft is not None:
            click.echo(f"\n{draft}")


@payload.command("bytes")
@click.argument("payload_id", metavar="ID")
@click.pass_obj
def print_bytes(options: Options, payload_id: str) -> None:
    """Print a payload's bytes as they came, went, or were refused."""
    from hub.cli.stored import open_stored
    from hub.store import chain
    from hub.store.blobs import read_payload

    with open_stored(options).read() as conn:
        body = read_payload(conn, payload_id)
        name = chain.get_payload(conn, payload_id)["file_name"]
    print_payload(options, name or f"{payload_id}.bin", body)


@payload.command("answer")
@click.argument("payload_id", metavar="ID")
@click.option("--again", is_flag=True, help="Deliver the receipt that went later (asynchronous MDN) once more.")
@click.option("--reason", default="", help="Why; the audit log keeps it.")
@click.pass_obj
def show_answer(options: Options, payload_id: str, again: bool, reason: str) -> None:
    """Print what the request that brought a payload was answered with (an MDN), or deliver it once more."""
    from hub.cli.stored import open_stored
    from hub.errors import UsageError
    from hub.store import chain, receipts
    from hub.store.blobs import read_payload

    if again:
        _do(options, "answer_again", payload_id, reason, "gets its receipt delivered once more by a running hub.")
        return
    with open_stored(options).read() as conn:
        found = receipts.find_answer(conn, payload_id)
        if found is None:
            raise UsageError("HUB-6005", f"The store holds no answer of its own to payload {payload_id}.")
        body = found.body
        if found.delivery_id is not None:
            sent = chain.get_deliveries(conn, [found.delivery_id])[found.delivery_id]["interchange_id"]
            body = read_payload(conn, chain.payloads_of(conn, [sent])[sent]["id"])
    print_payload(options, f"{payload_id}.mdn", body)


@payload.command()
@click.argument("payload_id", metavar="ID")
@click.option("--reason", default="", help="Why; the audit log keeps it.")
@click.pass_obj
def replay(options: Options, payload_id: str, reason: str) -> None:
    """Look at it again with the partner files in force, once a charset or an agreement is mended."""
    _do(options, "identify_again", payload_id, reason, "is looked at again by a running hub.")


@payload.command()
@click.argument("payload_id", metavar="ID")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.pass_obj
def ignore(options: Options, payload_id: str, reason: str) -> None:
    """Decide that nothing is to come of it."""
    _do(options, "ignore_payload", payload_id, reason, "is ignored.")


def _do(options: Options, operation: str, payload_id: str, reason: str, sentence: str) -> None:
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator

    hub = open_hub(options)
    try:
        getattr(hub.desk, operation)(payload_id, operator(), reason)
    finally:
        hub.stop()
    if options.json:
        print_json({"done": operation, "payload": payload_id})
    else:
        people().print(f"Payload {payload_id} {sentence}")
