"""What came before under the same control number, and where it differs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.errors import UsageError
from hub.store import chain
from hub.store.blobs import Place, first_difference, read_slice
from hub.syntax import Interchange

REPEAT_WINDOW = timedelta(days=90)
"""A control number may be used again after this long."""

IDENTITY = "HUB-41"
"""Codes that begin so hold an interchange for its envelope's identities."""

_BEFORE, _AFTER = 30, 20
"""Bytes shown around the place where two interchanges of one number begin to differ."""


def numbered_alike(conn: Transaction, interchange: Interchange, now: datetime) -> list[RowMapping]:
    """Earlier ones with its identities and control number. One that was held for its identity took no number: else
    whoever pretends to be a partner could use up that partner's numbers."""
    if not interchange.control_number:
        return []
    found = chain.interchanges_numbered(
        conn,
        interchange.sender,
        interchange.receiver,
        interchange.control_number,
        interchange.standard,
        now - REPEAT_WINDOW,
    )
    return [row for row in found if not any(one["code"].startswith(IDENTITY) for one in row["findings"] or [])]


def compared(
    conn: Transaction, payload_id: str, interchange: Interchange, before: Sequence[RowMapping]
) -> tuple[RowMapping | None, str]:
    """The earlier interchange that this one repeats by the letter; else where it differs from the first of them."""
    here, differs = Place(payload_id, interchange.offset, interchange.length), ""
    for row in before:
        header = msgspec.convert(row["header"], Interchange)
        there = Place(row["payload_id"], header.offset, header.length)
        try:
            first = first_difference(conn, here, there)
        except UsageError:  # retained no longer
            continue
        if first is None:
            return row, ""
        differs = differs or _difference(conn, here, there, first)
    return None, differs or "its bytes are not kept any longer"


def _difference(conn: Transaction, here: Place, there: Place, first: int) -> str:
    """What stands where the two begin to differ, from the beginning of the segment on."""
    start = max(0, first - _BEFORE)
    now, then = (
        read_slice(conn, one.payload_id, one.offset + start, min(one.length - start, _BEFORE + _AFTER))
        for one in (there, here)
    )
    return f'from byte {first} on: "{_shown(now)}" -> "{_shown(then)}"'


def _shown(piece: bytes) -> str:
    """Bytes as text that can be stored and shown."""
    return "".join(letter if letter.isprintable() else " " for letter in piece.decode("latin-1"))
