"""What a partner's finding points at in a message of ours: the element's text, and the field it was written from."""

from collections.abc import Sequence

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub import syntax
from hub.errors import Finding, HubError
from hub.mapping import Library
from hub.pipeline.context import Context
from hub.pipeline.restore import restore
from hub.record import replace
from hub.store import chain
from hub.store.blobs import read_slice
from hub.syntax import Message


def name_fields(conn: Transaction, context: Context, row: RowMapping, findings: Sequence[Finding]) -> list[str]:
    """Each finding as a sentence that begins with the place in the message we sent, what stands there and which field
    of the document it is."""
    message = _sent(conn, row)
    return [f"{_place(message, row, one, context.content().library)}: {one.message}" for one in findings]


def _sent(conn: Transaction, row: RowMapping) -> Message | None:
    """The message as it left; None: its bytes are gone, or have no segments."""
    if row["standard"] not in ("x12", "edifact") or row["offset"] is None:
        return None
    interchange = chain.get_interchange(conn, row["interchange_id"])
    try:
        body = read_slice(conn, interchange["payload_id"], row["offset"], row["length"])
        whole = restore(interchange, [row])
        return syntax.parse(body, whole.messages[0], replace(whole, groups=[]))
    except HubError:
        return None


def _place(message: Message | None, row: RowMapping, found: Finding, library: Library) -> str:
    place = found.location
    words = str(place)
    if message is None or place.segment is None or not 0 < place.segment <= len(message.segments):
        return words
    segment = message.segments[place.segment - 1]
    if place.tag not in (None, segment[0]):
        return words
    if place.element is None or not place.element < len(segment):
        return f'{words} ("{message.separators.element.join(segment)[:80]}")'
    said = message.text(segment[place.element])[:80]
    return f'{words} ("{said}"{_field(message, row, found, library)})'


def _field(message: Message, row: RowMapping, found: Finding, library: Library) -> str:
    """The canonical field the element was written from, as its mapping calls it."""
    place = found.location
    try:
        mapping = library.get(row["mapping"] or "", partner=row["partner"])
        traces = mapping.explain(message)
    except HubError:
        return ""
    here = [one for one in traces if (one.segment, one.element) == (place.segment, place.element)]
    exact = [one for one in here if place.component is None or one.component in (None, place.component)]
    return f", our {exact[0].field}" if exact else ""
