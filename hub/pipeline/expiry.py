"""Expiry: a certificate that ends is an incident of its connection a month before, until another one lasts."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection as Transaction

from hub.connector import Expiring
from hub.errors import HubError
from hub.partner import Connection
from hub.pipeline.context import Content, Context
from hub.pipeline.rounds import Rounds
from hub.store.incidents import last_seen, open_incident, resolve_incidents

EVERY = timedelta(hours=1)
"""How often connections are looked at, besides at once after a change of the partners."""
AGAIN = timedelta(days=1)
"""How often it is told anew, with the days that are left, even if somebody closed it."""


class Expiry:
    """The connections of the revision in force that have something that ends."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rounds = Rounds(EVERY)

    def look(self, conn: Transaction) -> None:
        """Says of which connections a key or certificate ends, and which have one that lasts again."""
        content, now = self._context.content(), self._context.now()
        if not self._rounds.begin(content.revision, now):
            return
        told = {one.name: self._told(content, one) for one in content.partners.connections()}
        resolve_incidents(conn, now, [_cause(name) for name, ends in told.items() if ends == []])
        for name, ends in told.items():
            seen = last_seen(conn, _cause(name)) if ends else None
            if ends and (seen is None or now - seen >= AGAIN):
                text = f"{name}: {' '.join(ends)} Agree on the next one with the partner, and add it beside it."
                open_incident(conn, self._context.clock, _cause(name), "HUB-4218", text, "connection", name)

    def _told(self, content: Content, connection: Connection) -> Sequence[str] | None:
        """What ends of a connection; None: it cannot be known."""
        try:
            connector = content.connector(connection)
            return connector.expiring(self._context.now()) if isinstance(connector, Expiring) else []
        except HubError:  # a secret that is missing is told wherever it is needed
            return None


def _cause(name: str) -> str:
    return f"expiry/{name}"
