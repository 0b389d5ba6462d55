"""What every stage is given: the database, the clock, and the content in force (partners and mappings)."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from hub.errors import HubError
from hub.mapping import Library
from hub.partner import Agreement, Connection, Partners
from hub.partner.keeping import Retention
from hub.pipeline.children import Children
from hub.store.engine import Database
from hub.store.ports import Clock, new_id


class Content(Protocol):
    """One revision, loaded. connector(name) builds a connection's connector once and keeps it."""

    @property
    def revision(self) -> str: ...
    @property
    def partners(self) -> Partners: ...
    @property
    def library(self) -> Library: ...
    @property
    def children(self) -> Children: ...
    @property
    def retention(self) -> Retention: ...
    def connector(self, connection: Connection) -> object: ...


class Context:
    """Shared by all stages of a process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        content: Callable[[], Content],
        secret: Callable[[str], str],
        content_of: Callable[[str], Content] | None = None,
    ) -> None:
        self.database = database
        self._content_of = content_of
        self.secret = secret
        self.clock = clock
        self.content = content

    def now(self) -> datetime:
        return self.clock.now()

    def content_of(self, revision: str) -> Content:
        """A published revision, in force or not, by its whole digest; "": the one in force."""
        if not revision:
            return self.content()
        if self._content_of is None:
            raise HubError("HUB-6022", "This process knows no revision but the one in force.")
        return self._content_of(revision)

    def new_id(self) -> str:
        return new_id(self.clock)


def in_lane(connection: str) -> str:
    """The lane in which what comes over a connection is identified and translated."""
    return f"in/{connection}"


def out_lane(agreement: Agreement) -> str:
    """The lane in which messages to a partner are written and delivered."""
    return lane_out(agreement.partner, agreement.connection)


def lane_out(partner: str, connection: str) -> str:
    return f"out/{partner}/{connection.removeprefix(f'{partner}/')}"
