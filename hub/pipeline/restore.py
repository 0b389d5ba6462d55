"""An interchange and the spans of its messages, out of their rows."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import RowMapping

from hub.errors import Finding
from hub.record import replace
from hub.syntax import Interchange, MessageSpan


def restore(interchange: RowMapping, messages: Iterable[RowMapping]) -> Interchange:
    """The interchange with its groups and the spans of those messages, out of their rows."""
    header = msgspec.convert(interchange["header"], Interchange)
    spans = [_span(row) for row in messages]
    groups = [replace(group, messages=[span for span in spans if span.group == group.index]) for group in header.groups]
    return replace(header, groups=groups)


def _span(row: RowMapping) -> MessageSpan:
    """segments is not kept: nothing after the cut needs it. findings are those of the cut (HUB-1xxx)."""
    return MessageSpan(
        index=row["group_ordinal"],
        ordinal=row["ordinal"],
        type=row["type"],
        version=row["version"],
        control_number=row["control_number"],
        offset=row["offset"],
        length=row["length"],
        segments=0,
        group=row["group_index"],
        group_control_number=row["group_control_number"],
        association=row["association"],
        findings=[one for one in msgspec.convert(row["findings"] or [], list[Finding]) if one.code < "HUB-2"],
    )
