"""What `hub inspect` reports of a payload: its interchanges, and where their messages lie."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from hub.errors import UnreadableError
from hub.syntax.cutter import cut
from hub.syntax.model import Interchange, MessageSpan

Match = Callable[[bytes], Mapping[str, Any]]
"""What the mappings at hand know of an XML or JSON payload: sender, receiver, type, .. as the row names them."""


def inspect_payload(
    name: str, data: Iterable[bytes], match: Match | None = None, charset: str | None = None
) -> Iterator[dict[str, Any]]:
    """One object per interchange of the payload `name` whose chunks are data.

    A payload nothing can read gives one object, whose standard is null and whose findings say why. The type
    of an XML message is the name of its root where match knows no better, of a JSON message null then. charset: the
    codec that is agreed.
    """
    kept: list[bytes] = []
    try:
        for interchange in cut(_keeping(data, kept) if match else data, charset=charset):
            yield _row(name, interchange, kept, match)
    except UnreadableError as error:
        yield {
            "file": name,
            "standard": None,
            "sender": None,
            "receiver": None,
            "control_number": None,
            "test": None,
            "messages": [],
            "findings": [msgspec.to_builtins(error.as_finding())],
        }


def _keeping(data: Iterable[bytes], kept: list[bytes]) -> Iterator[bytes]:
    """The chunks of data, kept as long as the payload may be XML or JSON."""
    for chunk in data:
        if not kept or kept[0].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"<", b"{", b"[", b""):
            kept.append(chunk)
        yield chunk


def _row(name: str, interchange: Interchange, kept: list[bytes], match: Match | None) -> dict[str, Any]:
    more = dict(match(b"".join(kept))) if interchange.standard in ("xml", "json") and match else {}
    about = {name: more.pop(name) for name in ("type", "version") if name in more}
    return {
        "file": name,
        "standard": interchange.standard,
        "sender": interchange.sender or None,
        "receiver": interchange.receiver or None,
        "control_number": interchange.control_number or None,
        "test": interchange.test,
        "messages": [_message(interchange, span) | about for span in interchange.messages],
        "findings": [msgspec.to_builtins(finding) for finding in interchange.all_findings],
    } | more


def _message(interchange: Interchange, span: MessageSpan) -> dict[str, Any]:
    segmented = interchange.standard in ("x12", "edifact")
    row: dict[str, Any] = {
        "type": span.type or None,
        "version": span.version or None,
        "control_number": span.control_number or None,
        "group_control_number": span.group_control_number or None,
        "offset": span.offset,
        "length": span.length,
        "segments": span.segments if segmented else None,
    }
    if interchange.standard == "edifact":
        row["association"] = span.association
    return row
