"""A line carries quantities, not one state; the statuses of an order are derived from them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

KINDS = (
    "ordered",
    "accepted",
    "backordered",
    "cancelled",
    "allocated",
    "released",
    "picked",
    "packed",
    "shipped",
    "delivered",
    "received",
    "invoiced",
    "credited",
    "returned",
)
"""Each grows only by events; a correction is a counter-event."""

Quantities = Mapping[str, Decimal]


class Statuses(msgspec.Struct, frozen=True, kw_only=True):
    """Three axes, each moving on its own: fulfilment, money, after_sales."""

    fulfilment: str
    money: str
    after_sales: str


def statuses(lines: Sequence[Quantities]) -> Statuses:
    """The statuses of an order out of its lines' quantities."""
    return Statuses(fulfilment=_fulfilment(lines), money=_money(lines), after_sales=_after_sales(lines))


def _total(lines: Sequence[Quantities], kind: str) -> Decimal:
    return sum((line.get(kind, Decimal(0)) for line in lines), Decimal(0))


def _reached(lines: Sequence[Quantities], kind: str) -> bool:
    """Every line has so much of kind as is still wanted of it, and something is wanted at all."""
    wanted = [(line, line.get("ordered", Decimal(0)) - line.get("cancelled", Decimal(0))) for line in lines]
    return any(due > 0 for _, due in wanted) and all(line.get(kind, Decimal(0)) >= due for line, due in wanted)


def _fulfilment(lines: Sequence[Quantities]) -> str:
    ordered = _total(lines, "ordered")
    if ordered and _total(lines, "cancelled") >= ordered:
        return "cancelled"
    for kind in ("delivered", "shipped", "released", "accepted"):
        if _reached(lines, kind):
            return kind
        if _total(lines, kind) > 0:
            return f"partly_{kind}"
    return "ordered"


def _money(lines: Sequence[Quantities]) -> str:
    invoiced, credited = _total(lines, "invoiced"), _total(lines, "credited")
    if invoiced and credited >= invoiced:
        return "credited"
    if _reached(lines, "invoiced"):
        return "invoiced"
    return "partly_invoiced" if invoiced else "not_invoiced"


def _after_sales(lines: Sequence[Quantities]) -> str:
    returned = _total(lines, "returned")
    if not returned:
        return "none"
    return "returned" if returned >= _total(lines, "shipped") else "partly_returned"
