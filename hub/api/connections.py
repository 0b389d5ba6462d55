"""Connections and their lanes: how they fare, trying one, holding up and letting go, work that was set aside."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from hub import dispatch
from hub.api.access import actor_of
from hub.api.answer import answer, answers
from hub.api.context import Context
from hub.api.models import Said
from hub.api.operations import Asked, asked_of
from hub.dispatch import Lane, SetAside
from hub.store import audit
from hub.store.browse import ConnectionRow, list_connections


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as the partner's file has it. shadow: nothing is ever sent by it."""

    connection: str
    partner: str
    connector: str
    environment: str
    shadow: bool


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """connections: those that were used. configured: those of the revision in force."""

    connections: list[ConnectionRow]
    configured: list[Configured]
    now: datetime


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Who paused a lane, and why."""

    lane: str
    actor: str
    reason: str
    at: datetime


class LaneRows(msgspec.Struct, frozen=True, kw_only=True):
    """Lanes, who paused those that are paused, and the work in them that waits for a person."""

    lanes: list[Lane]
    pauses: list[Pause]
    set_aside: list[SetAside]


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """How the try of a connection went, in a sentence."""

    connection: str
    works: bool
    said: str


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the lane was empty, and is paused now; else it is as soon as it is empty."""

    lane: str
    drained: bool


class ConnectionAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connection: str


class LaneAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lane: str
    reason: str = ""


SHAPES = (Connections, LaneRows, Tested, Drained)


def add_connections(app: FastAPI, context: Context) -> None:
    @app.get("/api/connections", **answers(Connections))
    def connections() -> Response:
        """Every connection: what waits in its lanes, and when something last came or went."""
        now = context.clock.now()
        with context.database.read() as conn:
            used = list_connections(conn, now)
        known = [
            Configured(
                connection=one.name,
                partner=one.partner,
                connector=one.connector,
                environment=one.environment,
                shadow=one.shadow,
            )
            for one in context.connections()
        ]
        return answer(Connections(connections=used, configured=known, now=now))

    @app.post("/api/connections/test", **answers(Tested))
    async def test(request: Request) -> Response:
        """Try a connection without side effects, and say in words how it went."""
        asked = await asked_of(request, ConnectionAsked)
        works, said = await run_in_threadpool(context.test_connection, asked.connection)
        return answer(Tested(connection=asked.connection, works=works, said=said))

    _add_lanes(app, context)
    _add_work(app, context)


def _add_lanes(app: FastAPI, context: Context) -> None:
    @app.get("/api/lanes", **answers(LaneRows))
    def lanes(connection: Annotated[str | None, Query(max_length=300)] = None) -> Response:
        """Every lane, or those of a connection ("": the hub's own): what waits in it, and what holds it up."""
        with context.database.read() as conn:
            shown = [row for row in dispatch.list_lanes(conn) if connection in (None, row.connection)]
            names = {row.name for row in shown}
            paused = [
                Pause(lane=row.name, actor=entry.actor, reason=entry.reason, at=entry.at)
                for row in shown
                if row.state == "paused"
                for entry in audit.list_audit(conn, subject_id=row.name, limit=1)
            ]
            aside = [work for work in dispatch.list_set_aside(conn) if work.lane in names]
        return answer(LaneRows(lanes=shown, pauses=paused, set_aside=aside))

    def change(name: str, text: str) -> None:
        async def changed(request: Request) -> Response:
            asked = await asked_of(request, LaneAsked)
            await run_in_threadpool(getattr(context.desk, f"{name}_lane"), asked.lane, actor_of(request), asked.reason)
            return answer(Said(done=name, subject=asked.lane))

        app.add_api_route(
            f"/api/lanes/{name}", changed, methods=["POST"], name=f"{name} a lane", description=text, **answers(Said)
        )

    change("pause", "Begin no further work of a lane.")
    change("resume", "Let a lane go on at once.")

    @app.post("/api/lanes/drain", **answers(Drained))
    async def drain(request: Request) -> Response:
        """Pause a lane once all its work is done, however long that takes. Resuming it gives that up."""
        asked = await asked_of(request, LaneAsked)
        empty = await run_in_threadpool(context.desk.drain_lane, asked.lane, actor_of(request), asked.reason)
        return answer(Drained(lane=asked.lane, drained=empty))


def _add_work(app: FastAPI, context: Context) -> None:
    @app.post("/api/work/{work_id}/retry", **answers(Said))
    async def retry(work_id: int, request: Request) -> Response:
        """Try work again that was set aside, once its cause is mended."""
        asked = await asked_of(request, Asked)
        await run_in_threadpool(context.desk.retry_work, work_id, actor_of(request), asked.reason)
        return answer(Said(done="retry", subject=str(work_id)))

    @app.post("/api/work/{work_id}/drop", **answers(Said))
    async def drop(work_id: int, request: Request) -> Response:
        """Give up work that was set aside. What it was about stays as it is."""
        asked = await asked_of(request, Asked)
        await run_in_threadpool(context.desk.drop_work, work_id, actor_of(request), asked.reason)
        return answer(Said(done="drop", subject=str(work_id)))
