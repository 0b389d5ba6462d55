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
        "not the original of an order",
        "The purpose says that this repeats, changes or cancels an order, and no original is known.",
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
    Row(
        "HUB-8008",
        "shipment came before with other content",
        "A shipment of this number was told before, and this message says something else of it.",
        "Ask the shipper which one counts; if both do, ask for a new shipment number.",
    ),
    Row(
        "HUB-8009",
        "two lines of one number",
        "Two lines of an order have the same line number, so shipments and invoices could not say which they mean.",
        "Ask the buyer to number the lines, each once, and to send the order again.",
    ),
    Row(
        "HUB-8010",
        "shipped in another unit than ordered",
        "A shipped quantity is in another unit than the order line, and no pack size says how many one holds.",
        "Ask the shipper to confirm in the unit of the order.",
    ),
    Row(
        "HUB-8011",
        "fact that the order cannot have",
        "A person entered a quantity of a line or kind the order does not have, or more was taken back than there is.",
        "Look at the order's lines (hub order show) and enter it again.",
    ),
    Row(
        "HUB-8012",
        "invoice came before with other content",
        "An invoice of this number was taken before from the same partner, and this one says something else.",
        "Ask which one counts: ignore this one, or edit it and call its kind corrected.",
    ),
)
