"""When windows open: zones, daylight saving, holidays."""

from datetime import UTC, date, datetime, time

import pytest

from hub.partner.calendar import Calendar
from hub.partner.window import Window

NEW_YORK = "America/New_York"


def window(*at: str, zone: str = NEW_YORK, holidays: tuple[str, ...] = (), working: bool = True) -> Window:
    days = frozenset(date.fromisoformat(one) for one in holidays)
    calendar = Calendar(zone=zone, holidays=days)
    return Window(at=tuple(time.fromisoformat(one) for one in at), calendar=calendar, working=working)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("opened", "now", "expected"),
    [
        (window("18:30"), "2026-01-05T09:00", "2026-01-05T23:30"),
        (window("18:30"), "2026-01-05T23:30", "2026-01-05T23:30"),
        (window("18:30"), "2026-01-05T23:30:01", "2026-01-06T23:30"),
        (window("18:30"), "2026-07-06T09:00", "2026-07-06T22:30"),
        (window("18:30"), "2026-01-10T09:00", "2026-01-12T23:30"),
        (window("18:30", working=False), "2026-01-10T09:00", "2026-01-10T23:30"),
        (window("18:30", holidays=("2026-12-25",)), "2026-12-25T09:00", "2026-12-28T23:30"),
        (window("18:30"), "2026-12-25T02:00", "2026-12-25T23:30"),
        (window("06:00", "18:30"), "2026-01-05T12:00", "2026-01-05T23:30"),
        (window("06:00", "18:30"), "2026-01-05T09:00", "2026-01-05T11:00"),
        (window("02:30", working=False), "2026-03-08T05:00", "2026-03-08T07:30"),
        (window("01:30", working=False), "2026-11-01T04:00", "2026-11-01T05:30"),
        (window("01:30", working=False), "2026-11-01T06:00", "2026-11-02T06:30"),
        (window("00:15", zone="Pacific/Auckland"), "2026-01-04T11:00", "2026-01-04T11:15"),
    ],
    ids=[
        "the same day", "on the dot", "a second late", "summer", "a weekend", "a weekend that counts", "a holiday",
        "no holiday", "the second of a day", "the first of a day", "a time that is skipped", "a time that comes twice",
        "between the two", "a zone far ahead",
    ],
)  # fmt: skip
def test_the_next_moment(opened: Window, now: str, expected: str) -> None:
    assert opened.next(moment(now)) == moment(expected)
