"""Delivery windows: what is sent waits for certain times of day and goes together then."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated

import msgspec
from pydantic import AfterValidator, Field

from hub.partner.calendar import Calendar, CalendarTable, parse_time, settle_calendar
from hub.partner.table import Table
from hub.partner.zone import zone_fault


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """at: times of day in the calendar's zone. working: only on its working days."""

    at: tuple[time, ...]
    calendar: Calendar
    working: bool = True

    def next(self, now: datetime) -> datetime:
        """The first of its moments that is not before now."""
        return min(self.calendar.cut_off(now, one, working=self.working) for one in self.at)


def _time(text: str) -> str:
    parse_time(text)
    return text


def _zone(name: str) -> str:
    if fault := zone_fault(name):
        raise ValueError(fault)
    return name


class WindowTable(Table):
    at: list[Annotated[str, AfterValidator(_time)]] = Field(
        min_length=1, description='The times of day at which what waits leaves: ["12:00", "18:30"].'
    )
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None, description="IANA name of the zone these times are meant in. Default: the partner's."
    )
    calendar: str | None = Field(
        default=None, description="A [calendar] of hub.toml whose working days count. Default: the partner's own."
    )
    every_day: bool = Field(default=False, description="On holidays and days off, too.")


def settle_window(table: WindowTable | None, own: Calendar, named: Mapping[str, CalendarTable]) -> Window | None:
    """own: the partner's calendar; named: those of hub.toml, where the table's is one of them."""
    if table is None:
        return None
    zone = table.zone or own.zone
    calendar = settle_calendar(named[table.calendar], zone) if table.calendar else own
    calendar = msgspec.structs.replace(calendar, zone=zone)
    return Window(at=tuple(parse_time(text) for text in table.at), calendar=calendar, working=not table.every_day)


def deliver_by(window: Window | None, deadline: timedelta | None, now: datetime) -> datetime | None:
    """By when what is to be sent now must be there; None: nobody said."""
    if deadline is None:
        return None
    return (window.next(now) if window else now) + deadline
