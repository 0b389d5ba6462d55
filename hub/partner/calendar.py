"""A partner's calendar: working days and hours, holidays, cut-offs, in its time zone. Pure reckoning with moments."""

import re
from collections.abc import Set
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from pydantic import AfterValidator, Field

from hub.partner.schedule import parse_duration
from hub.partner.table import Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([1-9][0-9]{0,2}) working (hour|day)s?", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_CADENCE = re.compile(r"(?:(working )?day )by ([0-9:]+)", re.ASCII)
_FAR = 3660
"""Days after which a calendar without a working day is given up on."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A length of time. clock: as clocks go. hours: of working time. days: whole working days."""

    kind: Literal["clock", "hours", "days"] = "clock"
    amount: timedelta

    def __str__(self) -> str:
        if self.kind == "days":
            return f"{self.amount.days} working days"
        hours = f"{self.amount.total_seconds() / 3600:g}"
        return f"{hours} working hours" if self.kind == "hours" else f"{hours} h"


class Cadence(msgspec.Struct, frozen=True, kw_only=True):
    """How often something should come: every so long, or by a time of each day (working: of each working day)."""

    every: timedelta | None = None
    by: time | None = None
    working: bool = False

    def __str__(self) -> str:
        if self.every is not None:
            return f"every {self.every.total_seconds() / 3600:g} h"
        return f"every {'working ' if self.working else ''}day by {self.by:%H:%M}"


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """zone: IANA name. days: the working days of a week, Monday is 0. opens to closes: the working hours of each."""

    zone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: time = time(9)
    closes: time = time(17)
    holidays: Set[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays

    def at(self, day: date, wall: time) -> datetime:
        """That time of that day, in UTC. A time that the clocks skip is as much later; of one that comes twice, the
        first."""
        return datetime.combine(day, wall, ZoneInfo(self.zone)).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def cut_off(self, moment: datetime, by: time, *, working: bool = True) -> datetime:
        """The first such time of a (working) day that is not before the moment."""
        day = self.day_of(moment)
        for _ in range(_FAR):
            if (not working or self.is_working(day)) and self.at(day, by) >= moment:
                return self.at(day, by)
            day += timedelta(days=1)
        return moment

    def add(self, moment: datetime, span: Span) -> datetime:
        """So much later."""
        if span.kind == "clock":
            return moment + span.amount
        return self._add_days(moment, span.amount.days) if span.kind == "days" else self._add_hours(moment, span.amount)

    def _add_days(self, moment: datetime, days: int) -> datetime:
        """At the same time of day, so many working days later."""
        wall = moment.astimezone(ZoneInfo(self.zone)).time()
        day = self.day_of(moment)
        for _ in range(_FAR):
            if not days:
                break
            day += timedelta(days=1)
            days -= self.is_working(day)
        return self.at(day, wall)

    def _add_hours(self, moment: datetime, left: timedelta) -> datetime:
        """When so much working time has passed."""
        day = self.day_of(moment)
        for _ in range(_FAR):
            if self.is_working(day):
                start = max(moment, self.at(day, self.opens))
                here = max(self.at(day, self.closes) - start, timedelta(0))
                if left <= here:
                    return start + left
                left -= here
            day += timedelta(days=1)
        return moment + left

    def next_due(self, cadence: Cadence, heard: datetime, due: datetime | None = None) -> datetime:
        """By when the next one should come, after the one that was due then came at that moment, in time or late."""
        if cadence.every is not None:
            return heard + cadence.every
        begin = heard if due is None else max(heard, due) + timedelta(seconds=1)
        return self.cut_off(begin, cadence.by or time(0), working=cadence.working)


def parse_span(text: str) -> Span:
    """ "24h", "30m", "2 working hours", "3 working days". ValueError: anything else."""
    if match := _SPAN.fullmatch(text):
        count = int(match[1])
        if match[2] == "day":
            return Span(kind="days", amount=timedelta(days=count))
        return Span(kind="hours", amount=timedelta(hours=count))
    try:
        return Span(amount=parse_duration(text))
    except ValueError as error:
        raise ValueError(f'{error}, or "2 working hours" or "3 working days"') from None


def parse_time(text: str) -> time:
    """ "16:00". ValueError: anything else."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f'found "{text}", expected a time of day such as 16:00')
    return time(int(match[1]), int(match[2]))


def parse_cadence(text: str) -> Cadence:
    """ "1d", "6h", "day by 06:00", "working day by 06:00". ValueError: anything else."""
    if match := _CADENCE.fullmatch(text):
        return Cadence(by=parse_time(match[2]), working=bool(match[1]))
    try:
        return Cadence(every=parse_duration(text))
    except ValueError as error:
        raise ValueError(f'{error}, or "day by 06:00" or "working day by 06:00"') from None


def _day(name: str) -> str:
    if name not in DAYS:
        raise ValueError(f'found "{name}", expected one of {", ".join(DAYS)}')
    return name


def _hours(text: str) -> str:
    opens, _, closes = text.partition("-")
    if parse_time(opens) >= parse_time(closes):
        raise ValueError(f'found "{text}", expected hours such as 09:00-17:00, the earlier first')
    return text


class CalendarTable(Table):
    days: list[Annotated[str, AfterValidator(_day)]] = Field(
        default=list(DAYS[:5]), min_length=1, description="The working days: mon, tue, wed, thu, fri, sat, sun."
    )
    hours: Annotated[str, AfterValidator(_hours)] = Field(
        default="09:00-17:00", description="The working hours of each, in the partner's zone."
    )
    holidays: list[date] = Field(default=[], description="Days on which nobody works: [2026-12-25, 2027-01-01].")


def settle_calendar(table: CalendarTable, zone: str) -> Calendar:
    opens, _, closes = table.hours.partition("-")
    return Calendar(
        zone=zone,
        days=tuple(DAYS.index(day) for day in table.days),
        opens=parse_time(opens),
        closes=parse_time(closes),
        holidays=frozenset(table.holidays),
    )
