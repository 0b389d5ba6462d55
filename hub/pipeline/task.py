"""One operation of a person on one message, in the transaction of whoever runs it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.errors import UsageError
from hub.pipeline.context import Context
from hub.store import chain
from hub.store.events import record_event
from hub.store.status import move

STATUSES = ("validation", "delivery", "acknowledgement")


class Task(NamedTuple):
    """row: the message, locked. options: what the operation takes besides, such as the connection to reroute to."""

    conn: Transaction
    context: Context
    row: RowMapping
    actor: str
    reason: str
    options: Mapping[str, Any]

    @property
    def message_id(self) -> str:
        return str(self.row["id"])

    @property
    def what(self) -> str:
        """How people call the message."""
        towards = "from" if self.row["direction"] == "in" else "to"
        return f"{self.row['type']} {self.row['number'] or self.row['id']} {towards} {self.row['partner'] or 'nobody'}"

    def refuse(self, why: str) -> UsageError:
        """To be raised: the operation makes no sense for this message, and what does."""
        return UsageError("HUB-6023", f"Message {self.row['id']} ({self.what}) {why}")

    def option(self, name: str) -> str:
        value = self.options.get(name)
        if not isinstance(value, str) or not value:
            raise UsageError("HUB-6028", f"This needs the option {name}, a text that is not empty.")
        return value

    def move(self, field: str, target: str, ids: list[str] | None = None) -> None:
        """This message, or these, to target; what may not move there stays."""
        move(self.conn, field, [self.message_id] if ids is None else ids, target)

    def note(self, name: str, detail: Mapping[str, Any] | None = None, ids: list[str] | None = None) -> None:
        """An event of this message, or of these, in the name of the person."""
        said = {**({"reason": self.reason} if self.reason else {}), **(detail or {})}
        for one in [self.message_id] if ids is None else ids:
            record_event(self.conn, self.context.now(), "message", one, name, self.actor, said or None)

    def together(self) -> list[str]:
        """The messages that are sent with this one, itself among them: they share an interchange."""
        if self.row["interchange_id"] is None:
            return [self.message_id]
        return [row["id"] for row in chain.messages_of(self.conn, self.row["interchange_id"])]


def statuses(row: RowMapping) -> dict[str, Any]:
    """What the audit log compares."""
    return {name: row[name] for name in (*STATUSES, "hold_reason", "connection", "document_id")}
