"""Documents we write because of an order: pure functions from what is known to the canonical document.

Nothing of an order's `ext` goes along: what one partner sent for itself is written back to that partner's mapping only.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

from hub.canonical import (
    Carrier,
    Content,
    DateAt,
    Id,
    Invoice,
    InvoiceLine,
    LineResponse,
    Measure,
    Moment,
    Order,
    OrderLine,
    OrderRef,
    OrderResponse,
    Package,
    Party,
    Quantity,
    Reference,
    ResponseLine,
    ShipNotice,
    ShippedOrder,
    WarehouseLine,
    WarehouseOrder,
)

CENT = Decimal("0.01")


class Shipped(msgspec.Struct, kw_only=True):
    """So much of an order line in one package (None: loose or not said)."""

    line: OrderLine
    quantity: Quantity
    package: str | None = None
    lot: str | None = None


class Parcel(msgspec.Struct, kw_only=True):
    """A package of a shipment. id is ours within the shipment."""

    id: str
    sscc: str | None = None
    tracking: str | None = None
    measures: list[Measure] = []


class Shipment(msgspec.Struct, kw_only=True):
    """What left towards the buyer, as the warehouse or supplier confirmed it."""

    number: str
    shipped: Moment
    carrier: Carrier | None = None
    parcels: list[Parcel] = []
    contents: list[Shipped] = []
    measures: list[Measure] = []
    references: list[Reference] = []
    ship_from: Party | None = None


def today(now: datetime) -> Moment:
    """The date alone, of UTC: most headers have no place for a time."""
    return Moment(date=now.astimezone(UTC).strftime("%Y-%m-%d"))


def moment(now: datetime) -> Moment:
    """Date and time to the minute, of UTC: ship notices have a place for it."""
    return Moment(date=now.astimezone(UTC).strftime("%Y-%m-%d"), time=now.astimezone(UTC).strftime("%H:%M"))


def as_role(party: Party, role: str) -> Party:
    """A copy of the party in that role, without what its sender kept for itself, under its first identifier: N1 and NAD
    hold one."""
    return Party(
        role=role,
        ids=[Id(scheme=entry.scheme, value=entry.value) for entry in party.ids[:1]],
        name=party.name,
        more_names=list(party.more_names),
        address=party.address,
    )


def parties(order: Order, own: Party, *roles: str) -> list[Party]:
    """The order's parties in those roles; the seller, if it names none, is our own side."""
    found = [as_role(party, role) for role in roles if (party := order.party(role)) is not None]
    if "seller" in roles and order.party("seller") is None:
        found.append(as_role(own, "seller"))
    return found


def _ids(line: OrderLine) -> list[Id]:
    return [Id(scheme=entry.scheme, value=entry.value) for entry in line.ids]


def order_ref(order: Order, line: str | None = None) -> OrderRef:
    return OrderRef(number=order.number, release=order.release, date=order.issued, line=line)


def order_response(
    order: Order, own: Party, number: str, now: datetime, status: Literal["accepted", "rejected"] = "accepted"
) -> OrderResponse:
    """Every line accepted as ordered, promised for the day that was asked for; or every line rejected."""
    accepted = status == "accepted"
    promised = (order.date("requested_ship") or order.date("requested_delivery")) if accepted else None
    lines = [
        ResponseLine(
            number=line.number,
            ids=_ids(line),
            description=line.description,
            quantity=line.quantity,
            price=line.price,
            status=status,
            responses=[
                LineResponse(
                    status=status,
                    quantity=line.quantity,
                    dates=[DateAt(type="promised", at=promised)] if promised else [],
                )
            ],
        )
        for line in order.lines
    ]
    return OrderResponse(
        number=number,
        purpose="original",
        status=status,
        issued=today(now),
        currency=order.currency,
        order=order_ref(order),
        parties=parties(order, own, "buyer", "seller", "ship_to"),
        lines=lines,
    )


def warehouse_order(
    order: Order, own: Party, number: str, now: datetime, warehouse: Party, lines: Sequence[OrderLine]
) -> WarehouseOrder:
    """Ship this: the lines a warehouse holds, to the order's ship-to."""
    wanted = ("requested_ship", "ship_not_before", "ship_not_after", "requested_delivery", "cancel_after")
    return WarehouseOrder(
        number=number,
        purpose="original",
        issued=today(now),
        order=order_ref(order),
        dates=[DateAt(type=entry.type, at=entry.at) for entry in order.dates if entry.type in wanted],
        parties=[
            as_role(own, "depositor"),
            as_role(warehouse, "ship_from"),
            *parties(order, own, "ship_to", "buyer", "mark_for"),
        ],
        carrier=order.carrier
        and Carrier(scac=order.carrier.scac, name=order.carrier.name, routing=order.carrier.routing),
        lines=[
            WarehouseLine(number=line.number, ids=_ids(line), description=line.description, quantity=line.quantity)
            for line in lines
        ],
    )


def drop_ship_order(
    order: Order, own: Party, number: str, now: datetime, supplier: Party, lines: Sequence[OrderLine]
) -> Order:
    """Our purchase order to a supplier who ships straight to the ship-to. Prices are between it and us: none here."""
    ship_to = order.party("ship_to") or order.party("buyer")
    return Order(
        number=number,
        purpose="original",
        order_type="drop_ship",
        issued=today(now),
        currency=order.currency,
        dates=[DateAt(type=entry.type, at=entry.at) for entry in order.dates],
        references=[Reference(type="customer_order", value=order.number)],
        parties=[
            as_role(own, "buyer"),
            as_role(supplier, "seller"),
            *([as_role(ship_to, "ship_to")] if ship_to else []),
        ],
        lines=[
            OrderLine(number=line.number, ids=_ids(line), description=line.description, quantity=line.quantity)
            for line in lines
        ],
    )


def ship_notice(order: Order, own: Party, shipment: Shipment, now: datetime) -> ShipNotice:
    """Tells the buyer what is on its way, package by package."""
    ship_from = shipment.ship_from or own
    return ShipNotice(
        number=shipment.number,
        purpose="original",
        issued=moment(now),
        dates=[DateAt(type="shipped", at=shipment.shipped)],
        references=[Reference(type=entry.type, value=entry.value) for entry in shipment.references],
        parties=[as_role(ship_from, "ship_from"), *parties(order, own, "ship_to", "buyer", "seller")],
        carrier=shipment.carrier
        and Carrier(
            scac=shipment.carrier.scac,
            name=shipment.carrier.name,
            mode=shipment.carrier.mode,
            routing=shipment.carrier.routing,
        ),
        measures=[Measure(type=entry.type, value=entry.value, unit=entry.unit) for entry in shipment.measures],
        orders=[ShippedOrder(id="1", order=order_ref(order))],
        packages=[
            Package(
                id=parcel.id,
                kind="carton",
                sscc=parcel.sscc,
                tracking=parcel.tracking,
                measures=[Measure(type=entry.type, value=entry.value, unit=entry.unit) for entry in parcel.measures],
            )
            for parcel in shipment.parcels
        ],
        contents=[
            Content(
                number=part.line.number,
                ids=_ids(part.line),
                description=part.line.description,
                package=part.package,
                order="1",
                quantity=part.quantity,
                lot=part.lot,
            )
            for part in shipment.contents
        ],
    )


def invoice(order: Order, own: Party, number: str, shipment: Shipment, now: datetime) -> Invoice:
    """Bills what shipped, at the order's prices, to the cent."""
    shipped: dict[str | None, Decimal] = {}
    by_number = {part.line.number: part.line for part in shipment.contents}
    for part in shipment.contents:
        shipped[part.line.number] = shipped.get(part.line.number, Decimal(0)) + part.quantity.value
    lines = []
    for line_number, quantity in shipped.items():
        line = by_number[line_number]
        unit = line.quantity.unit if line.quantity else None
        lines.append(
            InvoiceLine(
                number=line_number,
                ids=_ids(line),
                description=line.description,
                quantity=Quantity(value=quantity, unit=unit),
                price=line.price,
                amount=_amount(line, quantity),
            )
        )
    total = sum((line.amount or Decimal(0) for line in lines), Decimal("0.00"))
    return Invoice(
        number=number,
        kind="invoice",
        purpose="original",
        issued=today(now),
        currency=order.currency,
        order=order_ref(order),
        shipment=shipment.number,
        dates=[DateAt(type="shipped", at=shipment.shipped)],
        parties=[*parties(order, own, "buyer", "seller", "ship_to", "bill_to"), as_role(own, "remit_to")],
        lines=lines,
        lines_total=total,
        total=total,
    )


def _amount(line: OrderLine, quantity: Decimal) -> Decimal:
    price = line.price
    if price is None:
        return Decimal("0.00")
    return (quantity * price.amount / (price.per or Decimal(1))).quantize(CENT, ROUND_HALF_UP)
