"""The three statuses of a message, and the only ways they move. Every value has a way out or is an end."""

import functools
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection, update

from hub.store.batch import writes_of
from hub.store.tables import message

Validation = Literal["pending", "accepted", "accepted_with_errors", "rejected", "held", "ignored"]
Delivery = Literal["none", "queued", "delivered", "failed", "in_doubt", "held", "cancelled"]
Acknowledgement = Literal["none", "expected", "accepted", "accepted_with_errors", "partially", "rejected", "overdue"]

_DECIDED = ("accepted", "accepted_with_errors", "rejected", "held")
_ANSWERED = ("accepted", "accepted_with_errors", "partially", "rejected")

TRANSITIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "validation": {
        "pending": (*_DECIDED, "ignored"),  # ignored: nothing is to come of it, a person says
        "held": ("pending", "accepted", "accepted_with_errors", "rejected", "ignored"),  # unhold derives again
        "accepted": ("pending", "held", "rejected", "ignored"),  # replay; held: its document waits for a person
        "accepted_with_errors": ("pending", "held", "rejected", "ignored"),  # rejected: its document is
        "rejected": ("pending", "ignored"),
        "ignored": ("pending", "accepted"),  # replay; resend
    },
    "delivery": {
        "none": ("queued", "held"),
        "queued": ("delivered", "failed", "in_doubt", "held", "cancelled"),
        "in_doubt": ("delivered", "queued", "failed", "held", "cancelled"),
        "held": ("queued", "cancelled"),
        "failed": ("queued", "delivered", "cancelled"),  # resend; delivered: the partner says that it has it
        "delivered": ("queued", "failed"),  # resend; failed: the far end's late receipt refuses it
        "cancelled": ("queued",),  # resend
    },
    "acknowledgement": {
        "none": ("expected", *_ANSWERED),  # an answer nobody asked for is still recorded
        "expected": (*_ANSWERED, "overdue", "none"),
        "overdue": ("expected", *_ANSWERED, "none"),  # resend
        "accepted": ("expected", "accepted_with_errors", "partially", "rejected"),  # a later, different answer stands
        "accepted_with_errors": ("expected", "accepted", "partially", "rejected"),
        "partially": ("expected", "accepted", "accepted_with_errors", "rejected"),
        "rejected": ("expected", "accepted", "accepted_with_errors", "partially"),
    },
}

START = {"validation": "pending", "delivery": "none", "acknowledgement": "none"}
ENDS = {
    "validation": ("accepted", "accepted_with_errors", "rejected", "ignored"),
    "delivery": ("none", "delivered", "failed", "cancelled"),
    "acknowledgement": ("none", *_ANSWERED),
}


@functools.cache
def sources(field: str, target: str) -> tuple[str, ...]:
    """The values of field from which it may move to target, and target itself: setting it again is no change."""
    return (target, *(value for value, targets in TRANSITIONS[field].items() if target in targets))


def move(conn: Connection, field: str, message_ids: Sequence[str], target: str) -> None:
    """Set field of the messages to target where it may move there, with the transaction's other writes."""
    writes = writes_of(conn)
    if writes is None or not writes.move(field, message_ids, sources(field, target), target):
        move_counted(conn, field, message_ids, target)


def move_counted(conn: Connection, field: str, message_ids: Sequence[str], target: str) -> int:
    """As move, at once: how many moved (those already there count too)."""
    column = message.c[field]
    guarded = update(message).where(message.c.id.in_(message_ids), column.in_(sources(field, target)))
    return conn.execute(guarded.values({column: target})).rowcount
