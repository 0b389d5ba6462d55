"""What `hub check` reports of files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from hub.acknowledgement import MessageResult, check_messages
from hub.cli.options import Options
from hub.cli.output import FAILING, SEVERITIES, counted, print_finding, print_json, shown_as
from hub.cli.source import Stored, about, stored
from hub.errors import Finding, UnreadableError, finding
from hub.location import Location
from hub.record import Record, as_dict, replace
from hub.syntax import cut
from hub.syntax.model import Interchange, MessageSpan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hub.errors import Severity
    from hub.schema.guide import Guide


class Terms(Record):
    """What is agreed for a message: severities by code of finding, the partner's guide, and the mapping, if it is not
    the one that fits.
    """

    severities: "Mapping[str, Severity]" = {}
    guide: "Guide | None" = None
    mapping: str | None = None


TermsOf = Callable[[Interchange, MessageSpan], Terms]


def check_files(
    options: Options, files: Sequence[str], terms_of: TermsOf | None = None, charset: str | None = None
) -> None:
    """Check files and print what is found; the exit status rises with it."""
    for name in files:
        with about(options, name), stored(name) as payload:
            if len(files) > 1 and not options.json:
                print(shown_as(name, "1"), flush=True)
            for row in check_payload(name, payload, terms_of, charset, partial(_check_xml, options)):
                _print(options, row)


def _check_xml(options: Options, data: bytes) -> list[Finding] | None:
    from hub.cli.xml import check_xml

    return check_xml(options, data)


def _print(options: Options, row: "dict[str, Any]") -> None:
    summary = row.get("summary")
    if summary is None:
        options.note(int(row["severity"] in FAILING))
    elif summary["interchanges"] == 0:
        options.note(2)
    if options.json:
        print_json(row)
    elif summary is None:
        print_finding(row)
    else:
        held = f"{counted(summary['interchanges'], 'interchange')}, {counted(summary['messages'], 'message')}"
        found = ", ".join(f"{summary[severity]} {severity}" for severity in SEVERITIES)
        print(f"{row['file']}: {held}; {found}", flush=True)


def check_payload(
    name: str,
    payload: bytes | Stored,
    terms_of: TermsOf | None = None,
    charset: str | None = None,
    check_xml: Callable[[bytes], list[Finding] | None] = lambda data: None,
) -> "Iterator[dict[str, Any]]":
    """The objects of `hub check` for one file: one for each finding, envelope first, then the summary.

    terms_of: what is agreed for a message; else the catalogue's severities hold, and no guide. charset: the codec that
    is agreed. check_xml: what a vocabulary has against an XML payload; None: it has none. A payload nothing can read
    gives that finding and a summary of no interchanges.
    """
    counts = {"interchanges": 0, "messages": 0, "reject": 0, "error": 0, "warn": 0}
    try:
        for interchange in cut(payload, charset=charset):
            counts["interchanges"] += 1
            counts["messages"] += len(interchange.messages)
            found = [*interchange.findings, *(each for group in interchange.groups for each in group.findings)]
            if interchange.standard not in ("x12", "edifact"):
                body = payload if isinstance(payload, bytes) else b"".join(payload)
                told = check_xml(body) if interchange.standard == "xml" else None
                found += [_unchecked(interchange)] if told is None else told
            yield from _rows(name, found, counts)
            at = payload if isinstance(payload, bytes) else payload.at
            terms = partial(terms_of, interchange) if terms_of else None
            guides = partial(guide_of, terms) if terms else None
            for result in check_messages(at, interchange, guide_of=guides, parsed=False):
                if result.findings or result.business:
                    agreed = terms(result.span).severities if terms else {}
                    found = [with_severity(each, agreed) for each in (*result.findings, *result.business)]
                    yield from _rows(name, found, counts)
    except UnreadableError as error:
        yield from _rows(name, [error.as_finding()], counts)
    yield {"file": name, "summary": counts}


def _unchecked(interchange: Interchange) -> Finding:
    standard = interchange.standard.upper()
    taken = f"was taken for {standard}, since its first line holds commas or the like" if standard == "CSV" else ""
    text = (
        f"The payload {taken or f'is {standard}'}: no directory says what it must hold, so nothing of its content was "
        "checked. Read it with its mapping, or ask the sender what it is."
    )
    return finding("HUB-2003", text, location=Location(interchange=interchange.index))


def guide_of(terms: Callable[[MessageSpan], Terms], span: MessageSpan) -> "Guide | None":
    """The guide that the terms name for a message."""
    return terms(span).guide


def with_severity(found: Finding, agreed: "Mapping[str, Severity]") -> Finding:
    """The finding with the severity agreed for its code."""
    return replace(found, severity=agreed.get(found.code, found.severity))


def agreed_result(result: MessageResult, terms: Terms) -> MessageResult:
    """The result with the severities of the agreement."""
    if not terms.severities:
        return result
    return replace(
        result,
        findings=[with_severity(each, terms.severities) for each in result.findings],
        business=[with_severity(each, terms.severities) for each in result.business],
    )


def _rows(name: str, findings: list[Finding], counts: dict[str, int]) -> "Iterator[dict[str, Any]]":
    for each in findings:
        counts[each.severity] += 1
        yield {
            "file": name,
            "code": each.code,
            "severity": each.severity,
            "message": each.message,
            "location": as_dict(each.location),
            "value": each.value,
            "expected": each.expected,
            "rule": each.rule,
        }
