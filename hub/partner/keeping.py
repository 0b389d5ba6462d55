"""How long payloads are kept: a default in hub.toml, and what is different for a partner."""

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field

from hub.partner.calendar import parse_time
from hub.partner.schedule import parse_duration
from hub.partner.table import Table


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _long_enough(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError(f"{value} is less than a day; m is minutes, so write months as days: 60d")
    return value


_Keep = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_long_enough)]


class KeepTable(Table):
    received: _Keep | None = Field(
        default=None, description="The bytes of what came in are kept so long: 90d, 2y. Default: for ever."
    )
    sent: _Keep | None = Field(default=None, description="The bytes of what went out. Default: for ever.")


def _time(text: str) -> str:
    parse_time(text)
    return text


class HubKeepTable(KeepTable):
    at: Annotated[str, AfterValidator(_time)] = Field(
        default="02:00", description="When workers take out what is not kept any longer, every day, in UTC."
    )
    archive: str | None = Field(
        default=None,
        description="Folder (from the workspace's on) for what is not kept any longer; workers on several machines "
        "must share it. Default: it is deleted.",
    )


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """How long the bytes of payloads are kept, by direction; None: for ever."""

    received: timedelta | None = None
    sent: timedelta | None = None

    def of(self, direction: str) -> timedelta | None:
        return self.received if direction == "in" else self.sent


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """When (UTC) workers take out what is not kept any longer, and the folder it goes to; None: it is deleted."""

    at: time
    archive: Path | None


def settle_retention(hub: HubKeepTable, folder: Path) -> Retention:
    """folder: the workspace's."""
    return Retention(at=parse_time(hub.at), archive=folder / hub.archive if hub.archive else None)


def settle_keep(hub: KeepTable, partner: KeepTable) -> Keep:
    """What the partner's file says wins over hub.toml."""
    said: Mapping[str, timedelta | None] = {
        name: getattr(partner, name) if getattr(partner, name) is not None else getattr(hub, name)
        for name in ("received", "sent")
    }
    return Keep(**said)
