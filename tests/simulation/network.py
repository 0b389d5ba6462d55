"""Far ends in memory. Each keeps what arrived and what lies there to be collected; a fate says what goes wrong."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from hub.connector import Arrival, Parcel, Receipt, Refusal, RemoteFile, Request
from hub.errors import InDoubtError, TransientError
from tests.simulation.house import Points


class Hosted:
    """Our own mailbox: the hub itself is the far end."""

    hosted = True


class Post:
    """Takes requests in, as the carrier makes them."""

    def accept(self, request: Request) -> Arrival:
        if request.headers.get("authorization") != "Bearer token":
            raise Refusal(401, "not authenticated")
        return Arrival(body=request.body, protocol_id=request.headers["idempotency-key"], media_type="application/json")


class FarEnd:
    """A partner's system: a folder that keeps every copy, or a service that takes each key once.

    knows: what it can say of a delivery of unknown outcome. once: it takes each key once, and repeatable says so.
    """

    def __init__(
        self, name: str, points: Points, *, once: bool, repeatable: bool, knows: bool, came: Callable[[bytes], None]
    ) -> None:
        self.name = name
        self.repeatable = repeatable
        self.arrived: list[tuple[str, bytes]] = []
        self.lying: dict[str, tuple[datetime, bytes]] = {}
        self._once = once
        self._knows = knows
        self._points = points
        self._came = came

    # -- what the hub does ---------------------------------------------------------------------------------------------

    def deliver(self, parcel: Parcel) -> Receipt:
        self._points.at(f"deliver {self.name}")
        known = any(key == parcel.key for key, _ in self.arrived)
        self.arrived.append((parcel.key, parcel.body))
        if not known:
            self._came(parcel.body)
        self._points.at(f"delivered {self.name}")
        return Receipt(reference=parcel.file_name)

    def probe(self, parcel: Parcel) -> Literal["delivered", "absent", "unknown"]:
        self._points.at(f"probe {self.name}")
        if not self._knows:
            return "unknown"
        return "delivered" if any(key == parcel.key for key, _ in self.arrived) else "absent"

    def list(self) -> list[RemoteFile]:
        self._points.at(f"list {self.name}")
        return [
            RemoteFile(name=name, identity=f"{name}:{len(body)}:{at.isoformat()}", size=len(body), modified=at)
            for name, (at, body) in sorted(self.lying.items())
        ]

    def fetch(self, file: RemoteFile) -> Iterator[bytes]:
        self._points.at(f"fetch {self.name}")
        _, body = self.lying[file.name]
        yield body[: len(body) // 2]
        self._points.at(f"half fetched {self.name}")
        yield body[len(body) // 2 :]

    def done(self, file: RemoteFile) -> None:
        self._points.at(f"take away {self.name}")
        self.lying.pop(file.name, None)
        self._points.at(f"taken away {self.name}")

    # -- what became of it ---------------------------------------------------------------------------------------------

    def applied(self) -> Counter[str]:
        """How often each delivery was taken, by its key."""
        keys = [key for key, _ in self.arrived]
        return Counter(dict.fromkeys(keys, 1)) if self._once else Counter(keys)


def refused(place: str, asked: float | None = None) -> TransientError:
    return TransientError("HUB-5002", f"{place}: not now.", retry_after=asked)


def lost(place: str) -> InDoubtError:
    return InDoubtError("HUB-5004", f"{place}: the line went dead.")
