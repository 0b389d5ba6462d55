"""What a person needs to make a partner of a sender that nobody knows."""

from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.partner.draft import draft_partner
from hub.store import chain
from hub.syntax import Interchange

UNKNOWN = "HUB-4102"
"""The code that holds an interchange for its sender."""


def draft_of(conn: Transaction, interchange: RowMapping) -> str | None:
    """A draft of its sender's partner.toml; None: it is not held for its sender."""
    findings: list[dict[str, Any]] = interchange["findings"] or []
    if UNKNOWN not in [one["code"] for one in findings]:
        return None
    header = msgspec.convert(interchange["header"], Interchange)
    return draft_partner(
        connection=interchange["connection"],
        standard=interchange["standard"],
        sender=header.sender,
        receiver=header.receiver,
        test=header.test,
        kinds=[(row["version"], row["type"]) for row in chain.messages_of(conn, interchange["id"])],
    )[1]
