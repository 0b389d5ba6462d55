"""What `hub check` reports of a payload."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from hub.acknowledgement import check_messages
from hub.cli.source import Stored
from hub.errors import Finding, Severity, UnreadableError
from hub.syntax import cut
from hub.syntax.model import Interchange, MessageSpan

SeveritiesOf = Callable[[Interchange, MessageSpan], Mapping[str, Severity]]
"""The severities agreed for a message, by code of finding."""


def check_payload(
    name: str, payload: bytes | Stored, severities_of: SeveritiesOf | None = None
) -> Iterator[dict[str, Any]]:
    """The objects of `hub check` for one file: one for each finding, envelope first, then the summary.

    severities_of: what is agreed for a message, where it is not the catalogue's severities. A payload nothing can read
    gives that finding and a summary of no interchanges.
    """
    counts = {"interchanges": 0, "messages": 0, "reject": 0, "error": 0, "warn": 0}
    try:
        for interchange in cut(payload):
            counts["interchanges"] += 1
            counts["messages"] += len(interchange.messages)
            found = [*interchange.findings, *(each for group in interchange.groups for each in group.findings)]
            yield from _rows(name, found, counts)
            for result in check_messages(payload if isinstance(payload, bytes) else payload.at, interchange):
                agreed = severities_of(interchange, result.span) if severities_of else {}
                yield from _rows(name, [_with_severity(each, agreed) for each in result.findings], counts)
    except UnreadableError as error:
        yield from _rows(name, [error.as_finding()], counts)
    yield {"file": name, "summary": counts}


def _with_severity(found: Finding, agreed: Mapping[str, Severity]) -> Finding:
    return msgspec.structs.replace(found, severity=agreed.get(found.code, found.severity))


def _rows(name: str, findings: list[Finding], counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for each in findings:
        counts[each.severity] += 1
        yield {
            "file": name,
            "code": each.code,
            "severity": each.severity,
            "message": each.message,
            "location": msgspec.to_builtins(each.location),
            "value": each.value,
            "expected": each.expected,
            "rule": each.rule,
        }
