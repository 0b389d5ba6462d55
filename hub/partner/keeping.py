"""How long payloads are kept: a default in hub.toml, and what is different for a partner."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import msgspec
from pydantic import BeforeValidator, Field

from hub.partner.schedule import parse_duration
from hub.partner.table import Table


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


_Keep = Annotated[timedelta, BeforeValidator(_duration)]


class KeepTable(Table):
    received: _Keep | None = Field(
        default=None, description="The bytes of what came in are kept so long: 90d, 2y. Default: for ever."
    )
    sent: _Keep | None = Field(default=None, description="The bytes of what went out. Default: for ever.")


class HubKeepTable(KeepTable):
    archive: str | None = Field(
        default=None,
        description="Folder (from the workspace's on) for what is not kept any longer. Default: it is deleted.",
    )


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """How long the bytes of payloads are kept, by direction; None: for ever."""

    received: timedelta | None = None
    sent: timedelta | None = None

    def of(self, direction: str) -> timedelta | None:
        return self.received if direction == "in" else self.sent


def settle_keep(hub: KeepTable, partner: KeepTable) -> Keep:
    """What the partner's file says wins over hub.toml."""
    said: Mapping[str, timedelta | None] = {
        name: getattr(partner, name) if getattr(partner, name) is not None else getattr(hub, name)
        for name in ("received", "sent")
    }
    return Keep(**said)
