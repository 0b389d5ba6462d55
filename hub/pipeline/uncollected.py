"""Uncollected: what lies in a partner's mailbox for too long is an incident of its connection until it is collected."""

from datetime import timedelta

from sqlalchemy import Connection as Transaction

from hub.errors import HubError
from hub.partner import Connection
from hub.pipeline.context import Content, Context
from hub.pipeline.rounds import Rounds
from hub.store.incidents import last_seen, open_incident, resolve_incidents
from hub.store.mailbox import lying_since

EVERY = timedelta(minutes=15)
"""How often mailboxes are looked at, besides at once after a change of the partners."""
AGAIN = timedelta(days=1)
"""How often it is told anew."""
COLLECT_DUE = timedelta(hours=24)
"""How long a file may lie where its connection says nothing."""


class Uncollected:
    """The mailboxes of the revision in force. Only production counts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rounds = Rounds(EVERY)

    def look(self, conn: Transaction) -> None:
        """Says which partners do not collect, and which do again."""
        content, now = self._context.content(), self._context.now()
        if not self._rounds.begin(content.revision, now):
            return
        emptied = []
        for one in content.partners.connections():
            if one.environment != "production" or not _is_hosted(content, one):
                continue
            found = lying_since(conn, one.name, now - (one.receipt_due or COLLECT_DUE))
            if found is None:
                emptied.append(_cause(one.name))
                continue
            seen = last_seen(conn, _cause(one.name))
            if seen is None or now - seen >= AGAIN:
                count, name, since = found
                text = (
                    f"{one.partner} has not collected what lies in its mailbox {one.name}: {count} files, the oldest "
                    f"{name}, since {since:%Y-%m-%d %H:%M} UTC. Ask whether its collection runs and its login works."
                )
                open_incident(conn, self._context.clock, _cause(one.name), "HUB-4220", text, "connection", one.name)
        resolve_incidents(conn, now, emptied)


def _is_hosted(content: Content, connection: Connection) -> bool:
    try:
        return bool(getattr(content.connector(connection), "hosted", False))
    except HubError:  # a setting of another transport
        return False


def _cause(name: str) -> str:
    return f"uncollected/{name}"
