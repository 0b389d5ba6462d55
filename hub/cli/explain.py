"""What `hub explain` reports: where an element of a message goes, by which rule, and where a field came from."""

import re
from collections.abc import Iterator
from typing import Any

from hub.acknowledgement import check_messages
from hub.cli.check import Terms, TermsOf
from hub.cli.read import TodaysLibrary
from hub.errors import UsageError
from hub.mapping import Library, Trace
from hub.syntax import cut
from hub.syntax.model import Message

_ELEMENT = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:(\d\d)(?:-(\d+))?)?")
_FIELD = re.compile(r"[a-z_]+(\.[a-z_]+)*")


def explain_payload(
    name: str,
    data: bytes,
    wanted: str,
    every: Library,
    mapping: str | None = None,
    terms_of: TermsOf | None = None,
    partner: str = "",
) -> Iterator[dict[str, Any]]:
    """The objects of `hub explain` for one file: one for each value that the wanted element holds or the field took.

    wanted: an element ("PO102", "DTM01-2"), a segment ("N1"), or a field as the mapping names it ("price.amount").
    mapping, terms_of, partner: as `read_messages` has them.
    UsageError: it is none of these. UnreadableError: nothing here can read the payload. NotYetError: a message has no
    mapping.
    """
    if not _ELEMENT.fullmatch(wanted) and not _FIELD.fullmatch(wanted):
        message = f'"{wanted}" is neither an element such as PO102 or DTM01-2 nor a field such as price.amount.'
        raise UsageError("HUB-9202", message)
    library = TodaysLibrary(every, partner)
    for interchange in cut(data):
        for result in check_messages(data, interchange):
            if result.message is None:
                continue
            about = {
                "file": name,
                "interchange": interchange.index,
                "message_index": result.span.ordinal,
                "control_number": result.span.control_number,
            }
            agreed = terms_of(interchange, result.span) if terms_of else Terms()
            known = library.of_message(interchange, result.span, mapping or agreed.mapping)
            for trace in known.explain(result.message):
                if _matches(wanted, trace, result.message):
                    yield about | _place(trace, result.message)


def _matches(wanted: str, trace: Trace, message: Message) -> bool:
    if _FIELD.fullmatch(wanted):
        return f".{wanted}." in f".{trace.field}."
    tag = message.segments[trace.segment - 1][0]
    segment = f"{tag}{trace.element:02}"
    component = f"{segment}-{trace.component}" if trace.component is not None else segment
    return wanted in (tag, segment, component)


def _place(trace: Trace, message: Message) -> dict[str, Any]:
    segment = message.segments[trace.segment - 1]
    raw = segment[trace.element] if trace.element < len(segment) else ""
    return {
        "segment": trace.segment,
        "tag": segment[0],
        "element": trace.element,
        "component": trace.component,
        "offset": message.location(trace.segment - 1, trace.element).offset,
        "length": len(raw.encode(message.charset, "replace")),
        "value": trace.value,
        "field": trace.field,
        "rule": trace.rule,
        "place": trace.place,
    }
