"""Routing rules: which documents go to whom besides those the order's life names. Data in hub.toml, [[route]]."""

from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from pydantic import Field, field_validator

from hub.canonical import Document
from hub.partner.table import Table


class RouteTable(Table):
    """A rule fits a document when everything it names fits; patterns are as in file names (NW-*)."""

    name: str = Field(min_length=1, description="What the rule is called where a message says why it went somewhere.")
    to: list[str] = Field(default=[], description="Partners that get the document too, by their agreements to send it.")
    copies: bool = Field(
        default=True, description="false: the merchant's own systems get no copy of a document that fits."
    )
    document: str = Field(default="*", description="Pattern over the document's type: Order, Ship*.")
    order_type: str = Field(default="*", description="Pattern over the order's type: drop_ship.")
    partner: str = Field(default="*", description="Pattern over the folder of the partner who sent what caused it.")
    role: str = Field(default="*", description="Pattern over that partner's role: retailer, warehouse.")
    party: str = Field(default="*", description="Pattern over the identifiers and names of all parties it names.")
    ship_to: str = Field(default="*", description="Pattern over the identifiers and the name of the ship-to.")
    ship_to_country: str = Field(default="*", description="Pattern over the ISO 3166 code of where it goes.")
    item: str = Field(default="*", description="Pattern over its lines' item identifiers; one that fits is enough.")
    least: str | None = Field(default=None, description='Only documents of at least this amount: "10000".')
    below: str | None = Field(default=None, description='Only documents of less than this amount: "500.00".')

    @field_validator("least", "below")
    @classmethod
    def _amount(cls, text: str | None) -> str | None:
        if text is not None and not (text.isascii() and text.replace(".", "", 1).isdigit()):
            raise ValueError(f'found "{text}", expected an amount such as "10000" or "500.00"')
        return text


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of hub.toml; RouteTable says what its parts mean."""

    name: str
    to: tuple[str, ...]
    copies: bool = True
    document: str = "*"
    order_type: str = "*"
    partner: str = "*"
    role: str = "*"
    party: str = "*"
    ship_to: str = "*"
    ship_to_country: str = "*"
    item: str = "*"
    least: Decimal | None = None
    below: Decimal | None = None

    def fits(self, facts: "RouteFacts") -> bool:
        """Whether everything the rule names is so. A document without an amount is of none."""
        amount = facts.amount
        one = (
            (self.document, facts.document),
            (self.order_type, facts.order_type),
            (self.partner, facts.partner),
            (self.role, facts.role),
            (self.ship_to_country, facts.ship_to_country),
        )
        some = ((self.party, facts.parties), (self.ship_to, facts.ship_to), (self.item, facts.items))
        return (
            all(pattern == "*" or fnmatchcase(value, pattern) for pattern, value in one)
            and all(p == "*" or any(fnmatchcase(value, p) for value in values) for p, values in some)
            and (self.least is None or (amount is not None and amount >= self.least))
            and (self.below is None or (amount is not None and amount < self.below))
        )


class RouteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules may ask of a document. partner and role: of who sent what caused it."""

    document: str
    order_type: str = ""
    partner: str = ""
    role: str = ""
    parties: tuple[str, ...] = ()
    ship_to: tuple[str, ...] = ()
    ship_to_country: str = ""
    items: tuple[str, ...] = ()
    amount: Decimal | None = None


def route_facts(document: Document, partner: str, role: str) -> RouteFacts:
    parties = list(getattr(document, "parties", ()))
    lines = list(getattr(document, "lines", ()))
    there = next((party for party in parties if party.role == "ship_to"), None)
    country = there.address.country if there is not None and there.address is not None else None
    return RouteFacts(
        document=type(document).__name__,
        order_type=getattr(document, "order_type", None) or "",
        partner=partner,
        role=role,
        parties=tuple(name for party in parties for name in _names(party)),
        ship_to=_names(there) if there is not None else (),
        ship_to_country=country or "",
        items=tuple(entry.value for line in lines for entry in getattr(line, "ids", ()) if entry.value),
        amount=_amount(document, lines),
    )


def _names(party: Any) -> tuple[str, ...]:
    return tuple(name for name in (*(entry.value for entry in party.ids), party.name) if name)


def _amount(document: Document, lines: Sequence[Any]) -> Decimal | None:
    """The total it states, else what its priced lines come to; None: it speaks of no money."""
    total = getattr(document, "total", None)
    if isinstance(total, Decimal):
        return total
    priced = [
        line.quantity.value * line.price.amount / (line.price.per or 1)
        for line in lines
        if getattr(line, "price", None) is not None and getattr(line, "quantity", None) is not None
    ]
    return sum(priced, Decimal(0)) if priced else None
