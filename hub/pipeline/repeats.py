"""What came before under the same control number, and where it differs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.errors import Finding, UsageError, finding
from hub.store import chain
from hub.store.blobs import Place, first_difference, read_slice
from hub.store.incidents import resolve_whole
from hub.syntax import Interchange

REPEAT_WINDOW = timedelta(days=90)
"""A control number may be used again after this long."""

IDENTITY = "HUB-41"
"""Codes that begin so hold an interchange for its envelope's identities."""

NUMBER = "HUB-4203"
"""The code that holds one for a control number used twice."""

HELD_WHOLE = (IDENTITY, NUMBER)
"""How codes begin that hold an interchange before anybody looks into its messages."""

_BEFORE, _AFTER = 30, 20
"""Bytes shown around the place where two interchanges of one number begin to differ."""


def cause_of(interchange: RowMapping | Mapping[str, Any], code: str) -> str:
    """What an interchange held as a whole is an incident of."""
    return f"identity/{interchange['connection']}/{code}/{interchange['sender']}/{interchange['receiver']}"


def settle_whole(conn: Transaction, now: datetime, interchange: RowMapping, codes: Sequence[str], actor: str) -> None:
    """Resolves what it was held as a whole for, unless others like it are held for it still."""
    for code in codes:
        resolve_whole(conn, now, cause_of(interchange, code), code, interchange, actor)


def held_whole(interchange: RowMapping) -> list[str]:
    """The codes for which all of it was held, before anybody looked into it."""
    return [one["code"] for one in interchange["findings"] or [] if one["code"].startswith(HELD_WHOLE)]


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


def numbered_twice(partner: str, interchange: Interchange, before: RowMapping, differs: str) -> Finding:
    """What holds an interchange whose number came before with other content."""
    text = (
        f"{partner} sent interchange {interchange.control_number} before, at "
        f"{before['created_at']:%Y-%m-%d %H:%M} UTC, with other content ({differs}). Ask which one counts, and "
        "for a new control number; replay this one if it is new business."
    )
    return finding(NUMBER, text, value=interchange.control_number)


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
