"""Expiry: a certificate that ends is an incident of its connection a month before, until another one lasts."""

from datetime import datetime, timedelta

from sqlalchemy import Connection as Transaction

from hub.connector import Expiring
from hub.errors import HubError
from hub.partner import Connection
from hub.pipeline.context import Content, Context
from hub.store.incidents import last_seen, open_incident, resolve_incident

EVERY = timedelta(hours=1)
"""How often connections are looked at, besides at once after a change of the partners."""
AGAIN = timedelta(days=1)
"""How often it is told anew, with the days that are left, even if somebody closed it."""


class Expiry:
    """The connections of the revision in force that have something that ends."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._revision = ""
        self._due: datetime | None = None

    def look(self, conn: Transaction) -> None:
        """Says of which connections a key or certificate ends, and which have one that lasts again."""
        content, now = self._context.content(), self._context.now()
        if self._due is not None and now < self._due and content.revision == self._revision:
            return
        self._revision, self._due = content.revision, now + EVERY
        for connection in content.partners.connections():
            self._look_at(conn, content, connection)

    def _look_at(self, conn: Transaction, content: Content, connection: Connection) -> None:
        cause, now = f"expiry/{connection.name}", self._context.now()
        try:
            connector = content.connector(connection)
            told = connector.expiring(now) if isinstance(connector, Expiring) else []
        except HubError:  # a secret that is missing is told wherever it is needed
            return
        if not told:
            resolve_incident(conn, now, cause)
            return
        seen = last_seen(conn, cause)
        if seen is None or now - seen >= AGAIN:
            text = f"{connection.name}: {' '.join(told)} Agree on the next one with the partner, and add it beside it."
            open_incident(conn, self._context.clock, cause, "HUB-4218", text, "connection", connection.name)
