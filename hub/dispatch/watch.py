"""What a process sees of its own work: how long each stage took, what failed, and, if asked, a span of each batch.

Counts are of this process and live as long as it; what all processes share is counted in the database
(hub.store.figures).
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec
import structlog

from hub.dispatch.work import Item

BOUNDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
"""Upper bounds of the histogram, in seconds a batch."""

Span = Callable[[str, str, str, int], contextlib.AbstractContextManager[object]]
"""Of a stage, lane, first subject and number of items: what surrounds their work."""


class StageFigures(msgspec.Struct, kw_only=True):
    """batches: those within each bound, and beyond the last."""

    items: int = 0
    failed: int = 0
    seconds: float = 0.0
    batches: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))


class PartnerFigures(msgspec.Struct, kw_only=True):
    """Of a stage in the lanes of one partner. slowest: seconds of its slowest batch."""

    items: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


class Watch:
    """One for a process. span None: nothing is traced."""

    def __init__(self) -> None:
        self.span: Span | None = None
        self._stages: dict[str, StageFigures] = {}
        self._partners: dict[tuple[str, str], PartnerFigures] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def over(self, batch: Sequence[Item]) -> Iterator[None]:
        """Surrounds the work of a batch: its log lines carry stage, lane and subject."""
        first, begun, failed = batch[0], time.perf_counter(), True
        said = {"stage": first.kind, "lane": first.lane, "subject": first.subject_id}
        around = self.span(first.kind, first.lane, first.subject_id, len(batch)) if self.span else None
        with structlog.contextvars.bound_contextvars(**said), around or contextlib.nullcontext():
            try:
                yield
                failed = False
            finally:
                self._note(first, len(batch), time.perf_counter() - begun, failed)

    def figures(self) -> dict[str, StageFigures]:
        """By stage, as they are now."""
        with self._lock:
            return {kind: msgspec.structs.replace(one, batches=list(one.batches)) for kind, one in self._stages.items()}

    def by_partner(self) -> dict[tuple[str, str], PartnerFigures]:
        """By stage and partner, as they are now; lanes of no partner's are left out."""
        with self._lock:
            return {key: msgspec.structs.replace(one) for key, one in self._partners.items()}

    def _note(self, first: Item, items: int, seconds: float, failed: bool) -> None:
        place = next((at for at, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        with self._lock:
            one = self._stages.setdefault(first.kind, StageFigures())
            one.items += items
            one.failed += failed
            one.seconds += seconds
            one.batches[place] += 1
            way, _, rest = first.lane.partition("/")
            if way in ("in", "out", "poll"):
                whose = self._partners.setdefault((first.kind, rest.partition("/")[0]), PartnerFigures())
                whose.items += items
                whose.seconds += seconds
                whose.slowest = max(whose.slowest, seconds)


WATCH = Watch()
