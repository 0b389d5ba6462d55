"""hub read, hub write, hub translate, hub explain: from messages to canonical documents and back."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.library import open_library
from hub.cli.options import Options
from hub.cli.output import (
    FAILING,
    complain,
    print_finding,
    print_json,
    print_payload,
    print_table,
    status_of_findings,
)
from hub.cli.source import about, read_bytes, read_moment
from hub.errors import Finding
from hub.location import NOWHERE

if TYPE_CHECKING:
    from hub.cli.check import TermsOf
    from hub.cli.write import Written
    from hub.partner import Agreement

MAPPING = click.option("--mapping", metavar="ID", help="Read with this mapping, not with the one that fits.")
AGREED = click.option(
    "--partner", metavar="P", help="Read as agreed with this partner: its mappings, crosswalks, severities and guides."
)
PARTNER = click.option("--partner", metavar="P", help="Write by the agreement with this partner.")
AT = click.option("--at", metavar="TIME", help="Date and time in the envelope, ISO 8601. Default: now, in UTC.")


def _agreement(options: Options, partner: str | None, to: str) -> "tuple[Agreement | None, str]":
    """The agreement to write by, and the password it names for its envelope."""
    if partner is None:
        return None, ""
    from hub.cli.write import agreement_for
    from hub.config import Secrets
    from hub.workspace import open_workspace

    workspace = open_workspace(options.workspace)
    agreement = agreement_for(workspace.partners(), partner, to)
    named = agreement.writing.password
    return agreement, Secrets(workspace.folder)(named) if named else ""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE..")
@MAPPING
@AGREED
@click.pass_obj
def read(options: Options, files: tuple[str, ...], mapping: str | None, partner: str | None) -> None:
    """Read messages into canonical documents."""
    from hub.cli.read import read_payload

    library, terms_of = open_library(options), _terms(options, partner)
    for name in files:
        with about(options, name):
            for row in read_payload(name, read_bytes(name), library, mapping, terms_of, partner or ""):
                options.note(status_of_findings(row["findings"]))
                _print_read(options, row)


def _terms(options: Options, partner: str | None) -> "TermsOf | None":
    if partner is None:
        return None
    from hub.cli.terms import terms_with

    return terms_with(options, partner, None)


def _print_read(options: Options, row: dict[str, Any]) -> None:
    if options.json:
        print_json(row)
        return
    import json

    number = f" {row['control_number']}" if row["control_number"] else ""
    click.secho(f"{row['file']}: {row['message']}{number}: {row['document'] or 'no document'}", bold=True)
    if row["body"] is not None:
        click.echo(json.dumps(row["body"], indent=2, ensure_ascii=False))
    for finding in row["findings"]:
        print_finding(finding)
    _print_way_out(row)


def _print_way_out(row: dict[str, Any]) -> None:
    """What to do with a message that is not read because of what its sender did."""
    refused = dict.fromkeys(finding["code"] for finding in row["findings"] if finding["severity"] == "reject")
    if row["body"] is None and refused:
        lowered = ", ".join(f'"{code}" = "warn"' for code in refused)
        text = f"It is not read because of {', '.join(refused)}. Where it must flow all the same, the agreement may say"
        click.secho(f"{text} severities = {{ {lowered} }}; then read it with --partner.", dim=True)


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--as", "to", required=True, metavar="ID", help="What to write: x12/004010/850.")
@PARTNER
@AT
@click.pass_obj
def write(options: Options, file: str, to: str, partner: str | None, at: str | None) -> None:
    """Write canonical documents as messages of one interchange, or of as many as the agreement asks for."""
    from hub.cli.write import documents_in, write_documents

    with about(options, file):
        documents = documents_in(read_bytes(file))
        agreement, password = _agreement(options, partner, to)
        library, moment = open_library(options), read_moment(at)
        written = write_documents(documents, to, library, agreement=agreement, password=password, at=moment)
        _print_written(options, file, written)


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--to", required=True, metavar="ID", help="What to write: edifact/d96a/ORDERS.")
@PARTNER
@AT
@click.pass_obj
def translate(options: Options, file: str, to: str, partner: str | None, at: str | None) -> None:
    """Read messages and write them in another standard: one interchange for each that comes in."""
    from itertools import groupby

    from hub.cli.read import read_messages
    from hub.cli.write import write_documents

    with about(options, file):
        library = open_library(options)
        agreement, password = _agreement(options, partner, to)
        moment = read_moment(at)
        messages = read_messages(read_bytes(file), library)
        for _, interchange in groupby(messages, key=lambda message: message.interchange):
            documents = []
            for message in interchange:
                _say(options, message.findings)
                if message.document is not None:
                    documents.append(message.document)
            if documents:
                written = write_documents(documents, to, library, agreement=agreement, password=password, at=moment)
                _print_written(options, file, written)


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("element", metavar="ELEMENT")
@MAPPING
@AGREED
@click.pass_obj
def explain(options: Options, file: str, element: str, mapping: str | None, partner: str | None) -> None:
    """Show where an element goes, or where a field of the document comes from: rule, line, bytes.

    ELEMENT is an element (PO102, DTM01-2), a segment (N1), or a field as the mapping names it (price.amount).
    """
    from hub.cli.explain import explain_payload

    with about(options, file):
        library, terms_of = open_library(options), _terms(options, partner)
        rows = list(explain_payload(file, read_bytes(file), element, library, mapping, terms_of, partner or ""))
        if options.json:
            for row in rows:
                print_json(row)
        elif rows:
            columns = ("message", "segment", "tag", "element", "value", "field", "rule", "offset", "length")
            print_table(columns, [[row["control_number"], *(row[column] for column in columns[1:])] for row in rows])
        if not rows:
            complain(f"No rule reads {element} here.", file)
            options.note(1)


def _print_written(options: Options, file: str, written: "Written") -> None:
    _say(options, written.findings)
    if written.payload is not None:
        print_payload(options, file, written.payload)


def _say(options: Options, findings: list[Finding]) -> None:
    """Findings beside a payload go to standard error, so that standard output holds nothing but the payload."""
    for finding in findings:
        options.note(int(finding.severity in FAILING))
        place = "" if finding.location == NOWHERE else f" {finding.location}"
        click.echo(f"{finding.severity} {finding.code}{place}: {finding.message}", err=True)
