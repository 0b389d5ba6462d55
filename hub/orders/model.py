"""What the order's life is told and what it answers."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from hub.canonical import Document, Order, OrderLine, Party

ChooseSource = Callable[[Order, OrderLine], str | None]
"""Which partner ships a line; None: no rule names one."""


class Context(msgspec.Struct, kw_only=True):
    """One document's surroundings. partner: who sent the document. own, party_of: our side and a partner, as parties
    without a role. known: orders by business key, as far as they were looked up; None: there is none. duplicate: what
    becomes of an order that came before with other content: hold, ignore or reject."""

    now: datetime
    account: str
    partner: str
    environment: str
    document_id: str
    own: Party
    choose_source: ChooseSource
    new_id: Callable[[], str]
    is_warehouse: Callable[[str], bool]
    party_of: Callable[[str], Party]
    known: dict[str, Mapping[str, Any] | None]
    duplicate: Callable[[], str] = lambda: "hold"

    @property
    def scope(self) -> dict[str, str]:
        """Within what the document can be about anything."""
        return {"account": self.account, "environment": self.environment}


class Outward(msgspec.Struct, kw_only=True):
    """A document to send, to whom, and why."""

    document: Document
    partner: str
    reason: str


class Outcome(msgspec.Struct, kw_only=True):
    """order_id: the order the document belongs to, when known. hold: why a person must look before anything happens.
    repeated: it says what was known already, so nobody needs to hear of it again. rejected: why the agreement has it
    rejected; the sender is answered, and no person need look."""

    order_id: str | None = None
    outward: list[Outward] = []
    hold: str | None = None
    rejected: str | None = None
    code: str | None = None
    note: str | None = None
    repeated: bool = False
