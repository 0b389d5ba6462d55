"""Codes of mapping: 30xx the spec, 31xx canonical documents, 32xx running a mapping."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        "HUB-3101",
        "not a canonical document",
        "JSON handed in as a canonical document does not fit the model.",
        "Compare it with the published JSON Schema; the message names the field.",
        "reject",
    ),
    Row(
        "HUB-3110",
        "document without number",
        "Every document needs its sender's number; without it nothing can refer to it.",
        "Ask the sender for the number or set it by the mapping.",
        "error",
    ),
    Row(
        "HUB-3111",
        "line number repeated",
        "Two lines of one order carry the same number, so later documents cannot say which they mean.",
        "Ask the sender to number the lines apart.",
        "error",
    ),
    Row(
        "HUB-3112",
        "quantity not above zero",
        "A line orders or ships nothing or less.",
        "Ask the sender; a cancelled line is a change, not a zero.",
        "error",
    ),
    Row(
        "HUB-3113",
        "orphan in a ship notice",
        "A package or line refers to one the notice does not have.",
        "Look at the hierarchy (HL, CPS) of the message.",
        "error",
    ),
    Row(
        "HUB-3114",
        "invoice without total",
        "An invoice must say what is to be paid.",
        "Ask the sender, or map the total.",
        "error",
    ),
    Row(
        "HUB-3115",
        "SSCC wrong",
        "A Serial Shipping Container Code has 18 digits, the last a check digit.",
        "Check the label's number at its source.",
        "error",
    ),
)
