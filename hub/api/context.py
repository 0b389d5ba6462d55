"""What the API needs of the running hub."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from hub.connector import Answer, Request
from hub.partner import Connection
from hub.pipeline.bulk import Bulk
from hub.pipeline.desk import Desk
from hub.pipeline.operations import Operations
from hub.store.engine import Database
from hub.store.ports import Clock


class Context(Protocol):
    """The running hub. tokens: what people sign in with, by their names; without any the API is shut to everybody."""

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def tokens(self) -> Mapping[str, str]: ...

    def why_idle(self) -> str | None:
        """Why this process may begin no work, such as other code than the revision in force; None: it may."""
        ...

    @property
    def operations(self) -> Operations: ...

    @property
    def bulk(self) -> Bulk: ...

    @property
    def desk(self) -> Desk: ...

    def connections(self) -> Sequence[Connection]:
        """Every connection of the revision in force."""
        ...

    def test_connection(self, name: str) -> tuple[bool, str]:
        """Try a connection without side effects: whether it works, and a sentence. UsageError: there is none."""
        ...

    def listen(self, partner: str, connection: str, request: Request) -> Answer:
        """Takes a partner's request; what to answer. What is received is stored durably."""
        ...

    def listen_for(self, transport: str, request: Request) -> Answer:
        """As listen, at the address that all connections of a transport share: the request says whose it is."""
        ...
