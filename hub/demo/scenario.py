"""What is played: every number, name and quantity of the demo in one place. Both sides of a wire may look here."""

from typing import NamedTuple


def gs1(digits: str) -> str:
    """The digits with their GS1 check digit (weights 3 and 1 from the right)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


class Item(NamedTuple):
    number: str
    gtin: str
    name: str
    price: str


WIDGET = Item("NW-100", gs1("03600029145"), "Blue widget", "12.50")
BOTTLE = Item("NW-200", gs1("01234567890"), "Steel bottle 750 ml", "7.25")
MUG = Item("AL-300", gs1("400638133393"), "Enamel mug", "4.20")
ITEMS = {item.number: item for item in (WIDGET, BOTTLE, MUG)}

SPLIT_ORDER = "4501001"
"""Bluebird's order that Harbor ships in two parts, one line of it short."""
BAD_ORDER = "4501002"
"""Bluebird's order that breaks three rules of X12 and is rejected alone."""
WHOLE_ORDER = "4501003"
"""Bluebird's order that Harbor ships at once."""
EUROPEAN_ORDER = "EM-88001"
"""Europa's order, which Alpine ships for us."""

AS2_ORDER = "SU-70001"
"""Summit's order, which comes over AS2 and Harbor ships at once."""

LINES = {
    SPLIT_ORDER: ((WIDGET, 10), (BOTTLE, 4)),
    BAD_ORDER: ((WIDGET, 1),),
    WHOLE_ORDER: ((BOTTLE, 24),),
    EUROPEAN_ORDER: ((MUG, 12),),
    AS2_ORDER: ((BOTTLE, 6),),
}

SHIP_TO = {
    SPLIT_ORDER: "Bluebird Store 12",
    WHOLE_ORDER: "Bluebird Store 12",
    AS2_ORDER: "Summit Outlet 12",
}

BAD_ANSWER = (
    ["AK3", "DTM", "3", "", "8"],
    ["AK4", "2", "373", "8", "20261345"],
    ["AK3", "ZZZ", "4", "", "1"],
    ["AK5", "R", "4", "5"],
)
"""What the 997 must say of the bad order: the impossible date, the unknown segment, the wrong count in SE01."""


class Part(NamedTuple):
    """A parcel of a shipment: what is in it (item, ordered, shipped, W1201 status), SSCC and tracking number."""

    contents: tuple[tuple[Item, int, int, str], ...]
    sscc: str
    tracking: str


SHIPMENTS: dict[str, tuple[tuple[Part, ...], ...]] = {
    SPLIT_ORDER: (
        (Part(((WIDGET, 10, 6, "BP"),), gs1("00980000000000101"), "RR100000001US"),),
        (
            Part(((WIDGET, 10, 4, "CC"),), gs1("00980000000000102"), "RR100000002US"),
            Part(((BOTTLE, 4, 3, "CP"),), gs1("00980000000000103"), "RR100000003US"),
        ),
    ),
    WHOLE_ORDER: ((Part(((BOTTLE, 24, 24, "CC"),), gs1("00980000000000104"), "RR100000004US"),),),
    AS2_ORDER: ((Part(((BOTTLE, 6, 6, "CC"),), gs1("00980000000000105"), "RR100000005US"),),),
}
"""What Harbor ships: order -> shipments -> parcels. BP: more to come; CP: short, and closed."""

ALPINE_SSCC = gs1("34056789000000017")

PARCELS = ("RR100000001US", "RR100000002US", "RR100000003US", ALPINE_SSCC)
"""What the carrier reports by webhook."""
FREIGHT = "RR100000004US"
"""What it reports by X12 214."""
JOURNEY = ("picked_up", "in_transit", "out_for_delivery", "delivered")
"""The statuses of a parcel in their order. One parcel's in_transit comes last of all, one event comes twice."""

NAMES = {
    "bluebird": "Bluebird Stores",
    "summit": "Summit Outdoor",
    "europa": "Europa Markt",
    "harbor": "Harbor 3PL",
    "alpine": "Alpine Dropship",
    "roadrunner": "Roadrunner Parcel",
    "northwind-erp": "Northwind ERP",
}

REFUSALS = 2
"""How often the merchant's system answers 503 before it works."""

DOCUMENTS = {
    "Order": 5,  # two of Bluebird's, Summit's, Europa's, ours to Alpine
    "OrderResponse": 4,
    "WarehouseOrder": 3,
    "ShipmentConfirmation": 4,
    "ShipNotice": 6,  # Alpine's, and ours: three to Bluebird, one to Summit, one to Europa
    "Invoice": 5,
    "TrackingEvent": len(PARCELS) * len(JOURNEY) + 1,
}
"""What the merchant's system must have got at the end."""
