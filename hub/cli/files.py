"""hub inspect, hub check, hub acknowledge: what is in a file, what is wrong with it, and what its sender is told."""

from typing import TYPE_CHECKING, Any

import click

from hub.cli.options import Options
from hub.cli.output import (
    complain,
    print_finding,
    print_json,
    print_payload,
    print_table,
    status_of_findings,
)
from hub.cli.source import about, read_chunks, read_moment, stored

if TYPE_CHECKING:
    from hub.cli.check import TermsOf


def _codec(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    """The codec of the charset named. BadParameter: there is none, or the engine cannot read it."""
    from hub.syntax.charset import codec_of

    if name is not None and codec_of(name) is None:
        raise click.BadParameter(
            f"{name} is no charset of EDI; name one like UNOC, utf-8, windows-1252, cp037 (EBCDIC)."
        )
    return codec_of(name) if name else None


CHARSET = click.option(
    "--charset", metavar="C", callback=_codec, help="Read in this charset, whatever is declared; cp037, cp500: EBCDIC."
)
FILES = click.argument("files", nargs=-1, required=True, metavar="FILE..")


@click.command()
@FILES
@CHARSET
@click.pass_obj
def inspect(options: Options, files: tuple[str, ...], charset: str | None) -> None:
    """Show the interchanges and messages in files: who sent them, types, versions, control numbers, where they lie."""
    from functools import partial

    from hub.cli.inspect import inspect_payload
    from hub.cli.known import named

    for name in files:
        with about(options, name):
            for interchange in inspect_payload(name, read_chunks(name), partial(named, options), charset):
                _print_interchange(options, interchange)


def _print_interchange(options: Options, interchange: dict[str, Any]) -> None:
    findings = interchange["findings"]
    options.note(2 if interchange["standard"] is None else status_of_findings(findings))
    if options.json:
        print_json(interchange)
        return
    if interchange["standard"] is not None:
        named = interchange["sender"] or interchange["receiver"]
        parties = f", {interchange['sender'] or '?'} to {interchange['receiver'] or '?'}" if named else ""
        number = f", control number {interchange['control_number']}" if interchange["control_number"] else ""
        test = ", test" if interchange["test"] else ""
        print_table(
            ["type", "version", "control number", "group", "offset", "length", "segments"],
            [
                [
                    message["type"],
                    " ".join(filter(None, (message["version"], message.get("association")))),
                    message["control_number"],
                    message["group_control_number"],
                    message["offset"],
                    message["length"],
                    message["segments"],
                ]
                for message in interchange["messages"]
            ],
            title=f"{interchange['file']}: {interchange['standard']}{parties}{number}{test}",
        )
    else:
        click.secho(f"{interchange['file']}: not readable", bold=True)
    for finding in findings:
        print_finding(finding)


@click.command()
@FILES
@click.option("--partner", metavar="P", help="Take severities and guides from the agreements with this partner.")
@click.option("--guide", metavar="NAME", help="Check messages of its type against this guide of mappings/guides.")
@CHARSET
@click.pass_obj
def check(
    options: Options, files: tuple[str, ...], partner: str | None, guide: str | None, charset: str | None
) -> None:
    """Find every fault in files and say where it is, what was expected and what to do."""
    from hub.cli.check import check_files

    check_files(options, files, _terms(options, partner, guide), charset)


def _terms(options: Options, partner: str | None, guide: str | None) -> "TermsOf | None":
    """What is agreed, for a partner or a guide named; None: nothing is, and nothing need be loaded."""
    if partner is None and guide is None:
        return None
    from hub.cli.terms import terms_with

    return terms_with(options, partner, guide)


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--kind",
    type=click.Choice(["997", "999", "TA1", "CONTRL", "824", "APERAK"], case_sensitive=False),
    help="Default: 997, CONTRL. 824, APERAK: the business answer to what a guide finds.",
)
@click.option("--control-number", type=click.IntRange(1, 999_999_999), default=1, show_default=True, metavar="N")
@click.option("--at", metavar="TIME", help="Date and time of the acknowledgement, ISO 8601. Default: now, in UTC.")
@click.option("--partner", metavar="P", help="Take severities and guides from the agreements with this partner.")
@click.option("--guide", metavar="NAME", help="Check messages of its type against this guide of mappings/guides.")
@click.option("--groups", is_flag=True, help="Name no messages as long as all of their group are accepted.")
@CHARSET
@click.pass_obj
def acknowledge(
    options: Options,
    file: str,
    kind: str | None,
    control_number: int,
    at: str | None,
    partner: str | None,
    guide: str | None,
    groups: bool,
    charset: str | None,
) -> None:
    """Write the acknowledgement of a file: one interchange for each in it that asks for an answer."""
    from hub.cli.acknowledge import acknowledge_payload

    terms_of = _terms(options, partner, guide)
    with about(options, file), stored(file) as given:
        moment = read_moment(at)
        written = acknowledge_payload(
            given,
            kind=kind,
            control_number=control_number,
            at=moment,
            charset=charset,
            detail="group" if groups else "message",
            terms_of=terms_of,
        )
        for payload in written:
            print_payload(options, file, payload)
        if not written:
            business = kind in ("824", "APERAK")
            technical = "an acknowledgement is not answered, nor what names no sender"
            why = "no guide finds a fault" if business else technical
            complain(f"Nothing in it is to be acknowledged: {why}.", file)
