"""hub message: find a message, see what happened to it, send it or derive it again."""

from typing import TYPE_CHECKING, Any, BinaryIO

import click

from hub.cli.operate import add_operations
from hub.cli.options import Options
from hub.cli.output import people, print_finding, print_json, print_payload, print_table
from hub.cli.stored import open_stored
from hub.errors import UsageError

if TYPE_CHECKING:
    from hub.errors import Finding
    from hub.store.browse import MessageRow
    from hub.store.browse_message import MessageChain


@click.group()
def message() -> None:
    """Find messages, see what happened to them, and do something about it."""


add_operations(message)


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
    with open_stored(options).read() as conn:
        try:
            _refuse_status(status)
            rows = browse.list_messages(conn, wanted, limit=limit).messages
        except ValueError as error:
            raise UsageError("HUB-6025", f"{error}") from error
    if options.json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        any_filter = any((query, partner, type_, direction, status))
        click.echo("No message is like that." if any_filter else "There are no messages yet.")
        return
    print_table(
        ("Time (UTC)", "Partner", "Type", "Number", "Validation", "Delivery", "Acknowledgement", "Id"),
        [
            (
                f"{row.at:%Y-%m-%d %H:%M:%S}",
                _towards(row),
                _type(row),
                row.number,
                row.validation,
                "" if row.delivery == "none" else row.delivery,
                "" if row.acknowledgement == "none" else row.acknowledgement,
                row.id,
            )
            for row in rows
        ],
    )


def _refuse_status(status: str) -> None:
    """ValueError: there is no such status field, or it has no such value."""
    from typing import get_args

    from hub.store import status as statuses

    field, colon, value = status.partition(":")
    kinds = {"validation": statuses.Validation, "delivery": statuses.Delivery}
    values = {name: get_args(kind) for name, kind in {**kinds, "acknowledgement": statuses.Acknowledgement}.items()}
    if not colon and status in ("", "problem", "waiting", "done"):
        return
    if field not in values:
        raise ValueError(f'--status is "{status}"; it can be problem, waiting, done, or one such as delivery:failed.')
    if value not in values[field]:
        raise ValueError(f'{field} is never "{value}"; it can be {", ".join(values[field])}.')


def _towards(row: "MessageRow") -> str:
    return f"{'from' if row.direction == 'in' else 'to'} {row.partner or 'nobody known'}"


def _type(row: "MessageRow") -> str:
    """What people call it: a JSON payload by its document, everything else by its type."""
    return row.document if row.standard == "json" and row.document else row.type


@message.command()
@click.argument("message_id", metavar="MESSAGE")
@click.pass_obj
def show(options: Options, message_id: str) -> None:
    """Show one message: what it is, what is wrong with it and what to do, and everything that happened to it."""
    from hub.store import browse_message

    database = open_stored(options)
    with database.read() as conn:
        found = browse_message.message_chain(conn, whole_id(conn, message_id))
    if found is None:
        raise UsageError("HUB-6024", f"There is no message {message_id}; hub message list shows what there is.")
    if options.json:
        print_json(found)
    else:
        _show(found)
    options.note(int(found.message.concern == "problem"))


def _show(found: "MessageChain") -> None:
    row = found.message
    words = (row.standard, row.type, row.version, row.number, _towards(row))
    people().print(" ".join(word for word in words if word), style="bold")
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
        ("payload", found.payload and f"{found.payload.id} {found.payload.file_name}"),
        ("mapping", found.mapping),
        ("reissue of", found.reissue_of),
        ("corrected from", found.edited_from),
        ("erased (UTC)", found.erased_at and f"{found.erased_at:%Y-%m-%d %H:%M:%S}"),
    ]
    for name, value in facts:
        if value:
            people().print(f"  {name:16} {value}")
    if findings := [*found.interchange_findings, *found.findings]:
        people().print("\nWhat was found", style="bold")
        for finding in findings:
            print_finding(finding)
            _print_fix(finding)
    if found.refusal is not None:
        people().print(f"\nRefused by the partner's {found.refusal.kind}", style="bold")
        for text in found.refusal.said or ["It does not say why."]:
            people().print(f"  {text}")
    for delivery in found.deliveries:
        people().print(f"\nDelivery {delivery.state}: {delivery.file_name} by {delivery.connection}", style="bold")
        for attempt in delivery.attempts:
            people().print(
                f"  {attempt.started_at:%H:%M:%S} try {attempt.number}: {attempt.outcome} {attempt.detail or ''}"
            )
        if delivery.receipt_state:
            said = delivery.receipt or {}
            text = said.get("receipt_text") or said.get("receipt") or ""
            people().print(f"  its receipt (MDN) is {delivery.receipt_state}. {text}".rstrip(), markup=False)
    if (given := found.answer) is not None:
        how = "at once" if given.delivery is None else f"by a receipt that goes later: {given.delivery}"
        people().print(f"\nAnswered {how}", style="bold")
    if others := dict.fromkeys([*found.produced, *found.related]):
        people().print("\nRelated", style="bold")
        for other in others:
            people().print(f"  {other.at:%H:%M:%S} {_towards(other):20} {_type(other):20} {other.number:20} {other.id}")
    people().print("\nHistory", style="bold")
    for event in found.events:
        people().print(f"  {event.at:%Y-%m-%d %H:%M:%S} {event.name} by {event.actor}")
        told = (event.detail or {}) if event.name == "routed" else {}
        for line in (*told.get("why", ()), *filter(None, [told.get("note")])):
            people().print(f"    {line}")


def _print_fix(finding: "Finding") -> None:
    """What to do, where the sentence itself does not say it in the same words."""
    from hub.catalogue import CATALOGUE

    fix = CATALOGUE[finding.code].fix if finding.code in CATALOGUE else ""
    if fix and fix.lower() not in finding.message.lower():
        people().print(f"       What to do: {fix}")


@message.command()
@click.argument("message_id", metavar="MESSAGE")
@click.pass_obj
def payload(options: Options, message_id: str) -> None:
    """Print the message's bytes as they came or went."""
    from hub.store.blobs import read_slice
    from hub.store.browse_message import message_place

    with open_stored(options).read() as conn:
        place = message_place(conn, whole_id(conn, message_id))
        if place is None:
            raise UsageError("HUB-6024", f"Message {message_id} has no bytes of its own; see hub message document.")
        print_payload(options, place.file_name, read_slice(conn, place.payload_id, place.offset, place.length))


@message.command()
@click.argument("message_id", metavar="MESSAGE")
@click.pass_obj
def document(options: Options, message_id: str) -> None:
    """Print the canonical document the message was read into or written from."""
    from hub.store import chain

    with open_stored(options).read() as conn:
        row = chain.get_message(conn, whole_id(conn, message_id))
        if row["document_id"] is None:
            raise UsageError("HUB-6024", f"Message {message_id} has no document.")
        body = bytes(chain.get_document(conn, row["document_id"])["body"])
    print_payload(options, f"{row['number'] or row['id']}.json", body)


@message.command()
@click.argument("message_id", metavar="MESSAGE")
@click.option("--payload", "payload_file", type=click.File("rb"), help="The message's corrected bytes (ST to SE).")
@click.option("--document", "document_file", type=click.File("rb"), help="The corrected canonical document.")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.pass_obj
def edit(
    options: Options, message_id: str, payload_file: BinaryIO | None, document_file: BinaryIO | None, reason: str
) -> None:
    """Correct a message and let it go on: the original is kept, the corrected one is checked like any other.

    hub message payload and hub message document print what there is to correct.
    """
    from hub.cli.operate import operate_on

    files = {"payload": payload_file, "document": document_file}
    given = {name: file.read() for name, file in files.items() if file is not None}
    operate_on(options, "edit", message_id, reason, given)


def whole_id(conn: Any, message_id: str) -> str:
    """The one message whose id begins or ends so, because people copy parts of ids, or whose business number it is."""
    from sqlalchemy import or_, select

    from hub.store.tables import message as table

    if len(message_id) == 36:
        return message_id
    begins = table.c.id.startswith(message_id, autoescape=True)
    ends = table.c.id.endswith(message_id, autoescape=True)
    found = conn.execute(select(table.c.id).where(or_(begins, ends)).limit(2)).scalars().all()
    if not found:
        return _by_number(conn, message_id)
    if len(found) > 1:
        raise UsageError("HUB-6024", f"More than one message has an id like {message_id}; give more of it.")
    return str(found[0])


def _by_number(conn: Any, number: str) -> str:
    """The message that has this number itself, or the only one that belongs to it: what people have at hand."""
    from hub.store import browse

    rows = browse.list_messages(conn, browse.MessageFilter(query=number), limit=200).messages
    found = [row for row in rows if row.number == number] or rows
    if not found:
        text = f"No message has an id or a number like {number}; hub message list shows what there is."
        raise UsageError("HUB-6024", text)
    if len(found) > 1:
        text = f"More than one message belongs to {number}; choose an id: hub message list {number}"
        raise UsageError("HUB-6024", text)
    return found[0].id
