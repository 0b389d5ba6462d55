"""A hub's parts over one database, with every port in the caller's hands: clock, database, far ends, child processes.

What children do is done here, through the same frames; that they may be killed is tested elsewhere.
"""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import event, select

from hub.app import stages
from hub.dispatch import Commit, Dispatcher, Handler, Item
from hub.mapping import Library
from hub.partner import Connection, Partners
from hub.partner.keeping import Retention
from hub.pipeline import jobs
from hub.pipeline.children import Children
from hub.pipeline.context import Context
from hub.store.engine import Database, open_database
from hub.store.ports import ManualClock
from hub.store.tables import lane, work
from hub.workspace import Workspace
from tests.hubs import POLLS

SOURCE = Path(__file__).parent.parent / "workspace"

_ALLOWED = msgspec.msgpack.Decoder(jobs.Allowed)


class Here(Children):
    """Does the children's jobs in this process."""

    def __init__(self, library: Library) -> None:
        super().__init__({}, size=1)
        self._library = library

    def _try(self, frame: bytes, _seconds: float) -> bytes:
        return msgspec.msgpack.encode(jobs.run(_ALLOWED.decode(frame).job, self._library))


class Content:
    """The content in force; connector says who stands at the other end of a connection."""

    revision = "as it is"
    retention = Retention(at=time(2), archive=None)

    def __init__(
        self, partners: Partners, library: Library, children: Children, connector: Callable[[Connection], object]
    ) -> None:
        self.partners = partners
        self.library = library
        self.children = children
        self._connector = connector
        self._built: dict[str, object] = {}

    def connector(self, connection: Connection) -> object:
        if connection.name not in self._built:
            self._built[connection.name] = self._connector(connection)
        return self._built[connection.name]


@functools.cache
def loaded(folder: Path = SOURCE, poll: str = "30m") -> tuple[Partners, Library]:
    """A workspace, read once: what does not change from run to run. poll: how often folders are looked into."""
    read = Workspace(folder)
    drop, polled = b'connector = "drop"\n', f'connector = "drop"\npoll = "{poll}"\n'.encode()
    files = {path: body.replace(drop, polled) for path, body in read.files().items()}
    workspace = Workspace.from_files(files, folder)
    mappings = {path.removeprefix("mappings/"): body for path, body in workspace.mappings().items()}
    return workspace.partners(), Library(files=mappings)


class Points:
    """Told of every place at which a process may fail; does nothing."""

    stage = ""
    """What the worker is doing: the kind of work, or nothing."""

    def at(self, place: str) -> None:
        """Something is about to happen, or has just happened."""


class WatchedDatabase(Database):
    """Tells of each statement, of each commit about to be made, and of each commit made."""

    def __init__(self, url: str, points: Points) -> None:
        super().__init__(open_database(url).engine)
        self._points = points
        self._tell: dict[str, Callable[..., None]] = {
            "before_cursor_execute": lambda *_: points.at("statement"),
            "commit": lambda _: points.at("commit"),
        }
        for moment, tell in self._tell.items():
            event.listen(self.engine, moment, tell)

    def end(self) -> None:
        """Tells no more: what it told would be kept for as long as the process lives."""
        for moment, tell in self._tell.items():
            event.remove(self.engine, moment, tell)
        self.dispose()

    @contextlib.contextmanager
    def begin(self, *, durable: bool = True) -> Iterator[Transaction]:
        with super().begin(durable=durable) as conn:
            yield conn
        self._points.at("committed")


class _Told:
    """A stage that says when it works."""

    def __init__(self, inner: Handler, points: Points) -> None:
        self.kind = inner.kind
        self.batch = inner.batch
        self.alone = getattr(inner, "alone", False)
        self._inner = inner
        self._points = points

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        self._points.stage = self.kind
        try:
            self._inner.run(items, commit)
        finally:
            self._points.stage = ""


class House:
    """One hub. worker() is another process of it, as it were."""

    def __init__(
        self,
        url: str,
        clock: ManualClock,
        points: Points,
        connector: Callable[[Connection], object],
        *,
        folder: Path = SOURCE,
        secrets: Mapping[str, Any] | None = None,
    ) -> None:
        partners, library = loaded(folder)
        self.database = WatchedDatabase(url, points)
        self.clock = clock
        self.points = points
        self.content = Content(partners, library, Here(library), connector)
        self.context = Context(self.database, clock, lambda: self.content, lambda name: str((secrets or {})[name]))
        self._made = 0

    def worker(self) -> Dispatcher:
        self._made += 1
        told = [_Told(stage, self.points) for stage in stages(self.context)]
        made = Dispatcher(self.database, told, self.clock, f"worker {self._made}")
        made.ahead = timedelta(seconds=self._made % 2)  # one claims what is next as it commits, the other does not
        return made

    def next_due(self, polls: Collection[str] = ()) -> datetime | None:
        """When there is work next, or a lease ends; None: never. Of timers without end only these polls count."""
        counts = work.c.kind.not_in(POLLS) | work.c.lane.in_(polls)
        has_work = select(work.c.id).where(work.c.lane == lane.c.name, ~work.c.set_aside, counts).exists()
        moments: list[datetime] = []
        with self.database.read() as conn:
            for row in conn.execute(select(lane).where(has_work | (lane.c.state == "leased"))):
                if row.state == "leased":
                    moments.append(row.leased_until + timedelta(milliseconds=1))
                elif row.state == "ready":
                    moments.append(max(row.due_at, row.backoff_until or row.due_at))
                elif row.state == "asleep":
                    moments.append(self.clock.now())  # for the sweeper
        return min(moments, default=None)

    def close(self) -> None:
        self.database.end()
