"""What the store takes from outside besides the database: the time and new ids.

A simulation or a golden flow replaces the clock, and with it the ids, and then comes out the same byte for byte.
"""

import os
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_RANDOM_BITS = 74
_DRAWN = 4096


class _Entropy:
    """The system's random bits, drawn many at a time: to ask the system costs more than all else of an id."""

    def __init__(self) -> None:
        self._drawn, self._used = b"", 0
        os.register_at_fork(after_in_child=self._forget)

    def bits(self, count: int) -> int:
        """Not to be called by two threads at once."""
        size = (count + 7) // 8
        if self._used + size > len(self._drawn):
            self._drawn, self._used = os.urandom(_DRAWN), 0
        self._used += size
        return int.from_bytes(self._drawn[self._used - size : self._used], "big") >> size * 8 - count

    def _forget(self) -> None:
        self._drawn = b""


class Ids:
    """Makes UUIDv7 texts (RFC 9562 section 5.7), each greater than the one before, whatever the clock does."""

    def __init__(self, random_bits: Callable[[int], int] | None = None) -> None:
        self._random_bits = random_bits or _Entropy().bits
        self._last = 0
        self._lock = threading.Lock()

    def new(self, now: datetime) -> str:
        milliseconds = int(now.timestamp() * 1000)
        with self._lock:
            if milliseconds > self._last >> _RANDOM_BITS:
                made = milliseconds << _RANDOM_BITS | self._random_bits(_RANDOM_BITS)
            else:
                made = self._last + 1 + self._random_bits(32)
            self._last = made
        return _uuid(made)


def _uuid(value: int) -> str:
    """48 bits of milliseconds, version 7, 12 random bits, variant 2, 62 random bits."""
    time, high, low = value >> _RANDOM_BITS, value >> 62 & 0xFFF, value & (1 << 62) - 1
    text = f"{time << 80 | 7 << 76 | high << 64 | 2 << 62 | low:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_floor(moment: datetime) -> str:
    """A text that sorts before every id made at or after moment."""
    return _uuid(int(moment.timestamp() * 1000) << _RANDOM_BITS)


class Clock(Protocol):
    """The time (UTC, time-zone aware) and the ids made from it."""

    @property
    def ids(self) -> Ids: ...

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock. All of a process share one line of ids."""

    ids = Ids()

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved. The same start and seed give the same ids."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC), *, seed: int = 0) -> None:
        self.ids = Ids(random.Random(seed).getrandbits)  # noqa: S311 - repeatable on purpose, guards nothing
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def new_id(clock: Clock) -> str:
    """A new UUIDv7 text; ids of one process sort by the order in which they were made."""
    return clock.ids.new(clock.now())
