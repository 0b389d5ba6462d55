"""Durations as people write them, and when the next try of a delivery is."""

import re
from collections.abc import Sequence
from datetime import timedelta

_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_UNITS |= {"w": timedelta(days=7), "y": timedelta(days=365)}
_DURATION = re.compile(r"(?:\d+[smhdwy])+", re.ASCII)
_PART = re.compile(r"(\d+)([smhdwy])", re.ASCII)

RETRY = tuple(timedelta(seconds=seconds) for seconds in (0, 5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600))
"""The delays before each try where an agreement names none."""

OBLIGATION_CAP = timedelta(minutes=10)


def parse_duration(text: str) -> timedelta:
    """ "60s", "5m", "24h", "2d", "1h30m", "2w", "1y" (365 days). ValueError: anything else."""
    if not _DURATION.fullmatch(text):
        raise ValueError(f'found "{text}", expected a duration such as 60s, 5m, 24h, 2d, 1h30m or 1y')
    return sum((int(count) * _UNITS[unit] for count, unit in _PART.findall(text)), timedelta())


def parse_rate(text: str) -> timedelta:
    """ "10/s", "100/m", "1000/h", "1/d": the time that each one takes. ValueError: anything else."""
    count, _, unit = text.partition("/")
    if unit not in _UNITS or not count.isascii() or not count.isdigit() or not int(count):
        raise ValueError(f'found "{text}", expected a rate such as 10/s, 100/m, 1000/h or 5/d')
    return _UNITS[unit] / int(count)


def delay(schedule: Sequence[timedelta], tries: int, *, obliged: bool = False) -> timedelta | None:
    """How long to wait before the next try after so many tries; None: the schedule is used up.

    obliged: an obligation (an acknowledgement, a ship notice) is open, so no wait is longer than ten minutes; there are
    as many more tries as the schedule lasts.
    """
    if obliged:
        schedule = [piece for wait in schedule for piece in _short(wait)]
    return schedule[tries] if tries < len(schedule) else None


def _short(wait: timedelta) -> list[timedelta]:
    return [wait] if wait <= OBLIGATION_CAP else [OBLIGATION_CAP] * -(-wait // OBLIGATION_CAP)
