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
_NONE = Decimal(0)


class Statuses(msgspec.Struct, frozen=True, kw_only=True):
    """Three axes, each moving on its own: fulfilment, money, after_sales."""

    fulfilment: str
    money: str
    after_sales: str


def statuses(lines: Sequence[Quantities]) -> Statuses:
    """The statuses of an order out of its lines' quantities."""
    return Statuses(fulfilment=_fulfilment(lines), money=_money(lines), after_sales=_after_sales(lines))


def _total(lines: Sequence[Quantities], kind: str) -> Decimal:
    return sum((line[kind] for line in lines if kind in line), _NONE)


def _reached(lines: Sequence[Quantities], kind: str) -> bool:
    """There is some of kind, and every line has as much of it as is still wanted of the line."""
    if _total(lines, kind) <= 0:
        return False
    wanted = ((line, line.get("ordered", _NONE) - line.get("cancelled", _NONE)) for line in lines)
    return all(line.get(kind, _NONE) >= due for line, due in wanted)


def _fulfilment(lines: Sequence[Quantities]) -> str:
    for kind in ("delivered", "shipped"):
        if _total(lines, kind) > 0:
            return kind if _reached(lines, kind) else f"partly_{kind}"
    ordered = _total(lines, "ordered")
    if ordered and _total(lines, "cancelled") >= ordered:
        return "cancelled"
    for kind in ("released", "accepted"):
        if _total(lines, kind) > 0:
            return kind if _reached(lines, kind) else f"partly_{kind}"
    return "ordered"


def _money(lines: Sequence[Quantities]) -> str:
    if _reached(lines, "credited"):
        return "credited"
    if _reached(lines, "invoiced"):
        return "invoiced"
    return "partly_invoiced" if _total(lines, "invoiced") > 0 else "not_invoiced"


def _after_sales(lines: Sequence[Quantities]) -> str:
    if _total(lines, "returned") <= 0:
        return "none"
    return "returned" if _reached(lines, "returned") else "partly_returned"
