"""Durations, the times of tries, and the counters of control numbers."""

from datetime import timedelta
from itertools import count, takewhile

import pytest

from hub.partner import delay, group_scope, interchange_scope, parse_duration
from hub.partner.schedule import RETRY


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("60s", 60), ("5m", 300), ("24h", 86400), ("2d", 172800), ("1h30m", 5400)]
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "5 m", "m", "-5m", "1.5h", "5min", "\u0665m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


def test_the_usual_schedule_waits_longer_each_time_and_then_ends() -> None:
    hours = [0, 5 / 3600, 5 / 60, 0.5, 2, 5, 10, 10]
    assert [delay(RETRY, tries) for tries in range(9)] == [*(timedelta(hours=hour) for hour in hours), None]


def test_an_open_obligation_shortens_every_wait_to_ten_minutes() -> None:
    waits = list(takewhile(bool, (delay(RETRY, tries, obliged=True) for tries in count(1))))
    assert waits[:2] == [timedelta(seconds=5), timedelta(minutes=5)]
    assert set(waits[2:]) == {timedelta(minutes=10)}
    assert sum(waits, timedelta()) == sum(RETRY, timedelta()), "it is not given up on sooner for that"


def test_control_numbers_count_by_the_identities_of_their_envelope() -> None:
    assert interchange_scope("x12", "ZZ:US", "ZZ:THEM") == "x12/interchange/ZZ:US/ZZ:THEM"
    assert group_scope("x12", "PO", "US", "THEM") == "x12/group/PO/US/THEM"
