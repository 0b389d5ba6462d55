"""Codes of the area: acknowledgement."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        "HUB-7001",
        "This kind of acknowledgement does not exist for this standard",
        "X12 is answered by TA1, 997, 999 or 824, EDIFACT by CONTRL or APERAK; XML, JSON and CSV by nothing.",
        "Leave the kind out, or ask for one the standard has.",
        severity="error",
    ),
    Row(
        "HUB-7002",
        "An answered group has no control number for its answer",
        "Each group is answered in a group of its own, which needs a number of its own.",
        "Give as many group control numbers as there are groups to answer.",
        severity="error",
    ),
    Row(
        "HUB-7010",
        "The partner found a fault in our interchange",
        "A TA1 or the UCI of a CONTRL names a fault of the envelope we sent.",
        "Look at the interchange's envelope, correct the partner's settings and reissue.",
        severity="reject",
    ),
    Row(
        "HUB-7011",
        "The partner found a fault in our group",
        "AK9 of a 997 or 999, or UCF of a CONTRL, names a fault of the group's envelope.",
        "Correct the group's envelope and reissue.",
        severity="reject",
    ),
    Row(
        "HUB-7012",
        "The partner found a fault in our message",
        "AK5, IK5 or UCM names a fault of the message as a whole.",
        "Look at the findings of its segments, correct the document or the mapping, and reissue.",
        severity="reject",
    ),
    Row(
        "HUB-7013",
        "The partner found a fault in one of our segments",
        "AK3, IK3 or UCS names the segment and what is wrong with it.",
        "Correct the document or the mapping and reissue the message.",
        severity="reject",
    ),
    Row(
        "HUB-7014",
        "The partner found a fault in one of our elements",
        "AK4, IK4 or UCD names the element and what is wrong with it.",
        "Correct the document or the mapping and reissue the message.",
        severity="reject",
    ),
    Row(
        "HUB-7015",
        "The partner cannot use our document",
        "An 824 or APERAK names a business fault of what we sent, which was right in its syntax.",
        "Correct the document or the mapping, or talk to the partner, and reissue the message.",
        severity="reject",
    ),
    Row(
        "HUB-7020",
        "The acknowledgement cannot be understood",
        "It lacks the segment that says what it answers, or gives a status the standard does not know.",
        "Ask the partner what became of the message; look at what they sent.",
        severity="error",
    ),
)
