"""Read-only: an order with its lines, fulfilments and everything said about it, for the page and the API."""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, select

from hub.store.browse import MessageRow, rows_where
from hub.store.browse_message import EventRow
from hub.store.orders import order_lines, quantities
from hub.store.tables import event, fulfilment, message, package, sales_order, tracking

T = TypeVar("T", bound=msgspec.Struct)


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """quantities: kind ("ordered", "shipped", ..) -> how much, in unit."""

    id: str
    number: str
    item: str
    description: str
    unit: str | None
    price: Decimal | None
    quantities: dict[str, Decimal]


class FulfilmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """source: the partner who ships it; reason: why that one."""

    number: str
    source: str
    state: str
    reason: str
    lines: list[dict[str, Any]]
    created_at: datetime


class PackageRow(msgspec.Struct, frozen=True, kw_only=True):
    shipment: str
    sscc: str | None
    tracking: str | None
    lines: list[dict[str, Any]]


class TrackingRow(msgspec.Struct, frozen=True, kw_only=True):
    """said: date, time and zone as the carrier sent them, code, reason, place."""

    number: str
    status: str
    at: datetime | None
    said: Any
    created_at: datetime


class OrderRows(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its tables hold it; every list in order of time, lines in order of the document."""

    id: str
    number: str
    partner: str
    account: str
    environment: str
    order_type: str | None
    review: str
    hold_reason: str | None
    created_at: datetime
    lines: list[LineRow]
    fulfilments: list[FulfilmentRow]
    packages: list[PackageRow]
    tracking: list[TrackingRow]
    messages: list[MessageRow]
    events: list[EventRow]


def plain(quantity: Decimal) -> Decimal:
    """Without the zeros a column of fixed scale adds."""
    return quantity.quantize(Decimal(1)) if quantity == quantity.to_integral_value() else quantity.normalize()


def _all(conn: Connection, kind: type[T], table: Any, condition: Any, order: Any) -> list[T]:
    columns = [table.c[name] for name in kind.__struct_fields__]
    return [kind(**row) for row in conn.execute(select(*columns).where(condition).order_by(order)).mappings()]


def order_rows(conn: Connection, order_id: str) -> OrderRows | None:
    """The order; None: there is no such order."""
    row = conn.execute(select(sales_order).where(sales_order.c.id == order_id)).mappings().one_or_none()
    if row is None:
        return None
    sums = quantities(conn, order_id)
    of_order = (event.c.subject_type == "order") & (event.c.subject_id == order_id)
    return OrderRows(
        **{name: row[name] for name in OrderRows.__struct_fields__ if name in row},
        lines=[
            LineRow(
                **{name: line[name] for name in ("id", "number", "item", "description", "unit")},
                price=None if line["price"] is None else plain(line["price"]),
                quantities={kind: plain(quantity) for kind, quantity in sums.get(line["id"], {}).items()},
            )
            for line in order_lines(conn, order_id)
        ],
        fulfilments=_all(conn, FulfilmentRow, fulfilment, fulfilment.c.order_id == order_id, fulfilment.c.id),
        packages=_all(conn, PackageRow, package, package.c.order_id == order_id, package.c.id),
        tracking=_all(conn, TrackingRow, tracking, tracking.c.order_id == order_id, tracking.c.created_at),
        messages=rows_where(conn, message.c.order_id == order_id),
        events=_all(conn, EventRow, event, of_order, event.c.seq),
    )
