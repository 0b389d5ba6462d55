"""Codes of partner guides: 330x the file, 331x what a message has against it. None is told in a 997, 999 or CONTRL."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        "HUB-3301",
        "not a guide",
        "Something in a guide's file is no key, word or number that guides know.",
        "Correct the file at the place named; docs/reference/guides.md shows all that a guide may say.",
    ),
    Row(
        "HUB-3302",
        "no such guide",
        "An agreement or a command names a guide that is not in mappings/guides.",
        "Correct the name, or write the guide.",
    ),
    Row(
        "HUB-3303",
        "place not in the directory",
        "A rule of a guide speaks of a segment, loop or element that its message type does not have.",
        "Correct the place; a segment of the partner's own is described under `segments:`.",
    ),
    Row(
        "HUB-3310",
        "The guide requires a segment",
        "The guide wants a segment, or more of them, than are there.",
        "Send the segment, or agree with the partner on another guide.",
    ),
    Row(
        "HUB-3311",
        "The guide has no room for a segment",
        "The guide forbids a segment, or allows fewer of them than are there.",
        "Leave the segment out, or agree with the partner on another guide.",
    ),
    Row(
        "HUB-3312",
        "The guide requires an element",
        "The guide makes an element mandatory that is empty.",
        "Send a value.",
    ),
    Row(
        "HUB-3313",
        "The guide forbids an element",
        "The guide leaves an element unused that has a value.",
        "Leave the value out.",
    ),
    Row(
        "HUB-3314",
        "The guide does not allow the value",
        "The guide names the values of an element, and this is none of them.",
        "Send one of the values named.",
    ),
    Row(
        "HUB-3315",
        "The value has not the form the guide wants",
        "The value is longer or shorter than the guide wants, or of another type.",
        "Send a value of the form named.",
    ),
    Row(
        "HUB-3316",
        "The guide wants values that go together",
        "A rule of the guide across elements does not hold.",
        "Send what the rule names, or change the value that asks for it.",
    ),
    Row(
        "HUB-3317",
        "There is more against the guide",
        "The first thousand findings against a guide are kept; the message has more.",
        "Correct those, and check again.",
    ),
    Row(
        "HUB-3318",
        "The guide has no such loop",
        "The guide lists the loops of this tag by their qualifiers, and this one has another.",
        "Leave the loop out, or send one of the qualifiers named.",
    ),
    Row(
        "HUB-3319",
        "A total does not agree",
        "A sum or count the guide asks for differs from the value that should equal it.",
        "Correct the total, or the lines it is made of.",
    ),
)
