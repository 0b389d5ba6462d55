"""What the API needs of the running hub."""

from collections.abc import Mapping
from typing import Protocol

from hub.connector import Request
from hub.store.engine import Database
from hub.store.ports import Clock


class Operations(Protocol):
    """What a person may do with a message. Each returns what came of it, as JSON; HubError: it cannot be done."""

    def resend(self, message_id: str, actor: str) -> Mapping[str, object]:
        """The same bytes again."""
        ...

    def reissue(self, message_id: str, actor: str) -> Mapping[str, object]:
        """The same message in a new envelope with new control numbers."""
        ...

    def replay(self, message_id: str, actor: str) -> Mapping[str, object]:
        """Derive again from the stored bytes."""
        ...


class Context(Protocol):
    """The running hub. token: what administrators sign in with; None shuts the API to everybody."""

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def token(self) -> str | None: ...

    @property
    def operations(self) -> Operations: ...

    def listen(self, partner: str, connection: str, request: Request) -> tuple[int, Mapping[str, object]]:
        """Takes a partner's request; status and answer. What is received is stored durably. Refusal: not let in."""
        ...
