"""Codes of the order's life."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        "HUB-8001",
        "order came before with other content",
        "An order of this number, release and ship-to was taken before, and this one says something else.",
        "Compare the two; if the new one counts, ask for a change (860, ORDCHG) or cancel the first.",
    ),
    Row(
        "HUB-8002",
        "copy of an unknown order",
        "The purpose says duplicate, copy or information only, so it may not make an order, and no original is known.",
        "Ask the partner to send the original.",
    ),
    Row(
        "HUB-8003",
        "answer to something never asked",
        "A shipment or response names a number this partner was never sent.",
        "Check the number with the partner; correct it and replay.",
    ),
    Row(
        "HUB-8004",
        "shipped line not on the order",
        "A shipped line has neither an item nor a line number of the order.",
        "Check the item numbers with the shipper; add the missing cross-reference, then replay.",
    ),
    Row(
        "HUB-8005",
        "ship notice for several purchase orders",
        "A supplier's ship notice must be for exactly one of our purchase orders to be passed on.",
        "Ask the supplier for one notice per purchase order.",
    ),
    Row(
        "HUB-8006",
        "supplier does not accept",
        "A supplier rejects or changes our purchase order.",
        "Find another source for the lines, or agree to the change with the supplier.",
    ),
    Row(
        "HUB-8007",
        "nobody ships an order line",
        "No [[source]] rule of hub.toml fits the item of an order line, so the order waits whole.",
        "Add a rule, then replay the order.",
    ),
)
