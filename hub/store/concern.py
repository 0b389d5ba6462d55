"""What a message's three statuses mean to a person. Both sets are small however many messages there are, so each has a
partial index; a query must spell the condition exactly as the index does, which is why it is text.

Of a message that a person ignores nothing is left to do, whatever its other statuses say."""

from collections.abc import Mapping
from typing import Literal

Concern = Literal["problem", "waiting", "done"]
"""Somebody must look; the hub or a partner is at it; nothing is left to do."""

PROBLEM = {
    "validation": ("rejected", "held"),
    "delivery": ("failed", "in_doubt", "held"),
    "acknowledgement": ("partially", "rejected", "overdue"),
}
WAITING = {"validation": ("pending",), "delivery": ("queued",), "acknowledgement": ("expected",)}


def condition(statuses: Mapping[str, tuple[str, ...]]) -> str:
    """SQL: a message has one of these values."""
    lists = {field: ", ".join(f"'{value}'" for value in values) for field, values in statuses.items()}
    return " OR ".join(f"{field} IN ({values})" for field, values in lists.items())


IS_PROBLEM = f"validation <> 'ignored' AND ({condition(PROBLEM)})"
IS_WAITING = f"validation <> 'ignored' AND ({condition(WAITING)})"
