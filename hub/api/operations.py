"""The routes that change something: messages one by one and in bulk, incidents; and who did what."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from hub.api.access import actor_of
from hub.api.answer import answer, answers
from hub.api.context import Context
from hub.api.errors import RequestError
from hub.api.models import AuditPage, Bulks, Said
from hub.api.receive import read_body
from hub.pipeline.bulk import Preview
from hub.pipeline.operations import ACTIONS, Done
from hub.store import audit, bulks
from hub.store.audit import Verdict
from hub.store.browse import MessageFilter
from hub.store.bulks import BulkRow

MOST = 5_000_000
T = TypeVar("T", bound=msgspec.Struct)


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operation is asked with. options: what some take besides, such as the connection to reroute to."""

    reason: str = ""
    options: dict[str, str] = {}
    dry_run: bool = False


class BulkAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operation on every message that fits. upto: of the preview, so that nothing newer is touched."""

    action: str
    wanted: MessageFilter
    reason: str = ""
    options: dict[str, str] = {}
    upto: str = ""


async def asked_of(request: Request, kind: type[T]) -> T:
    """The request's body; none at all is an empty one."""
    try:
        return msgspec.json.decode(await read_body(request, MOST) or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise RequestError(400, "HUB-9104", f"The request {request.url.path} cannot be understood: {error}.") from error


def add_operations(app: FastAPI, context: Context) -> None:
    """Each operation is its own route, so that each has its own rule and description."""
    for name, action in ACTIONS.items():
        path = f"/api/messages/{{message_id}}/{name}"
        app.add_api_route(
            path, _operate(context, name), methods=["POST"], name=name, description=action.effect, **answers(Done)
        )
    _add_bulk(app, context)

    @app.post("/api/incidents/{incident_id}/close", **answers(Said))
    async def close(incident_id: str, request: Request) -> Response:
        """An incident is dealt with; the reason says how."""
        asked = await asked_of(request, Asked)
        if not asked.reason.strip():
            raise RequestError(400, "HUB-6028", "To close an incident needs a reason: the audit log keeps it.")
        await run_in_threadpool(context.desk.close_incident, incident_id, actor_of(request), asked.reason)
        return answer(Said(done="close", subject=incident_id))

    @app.get("/api/audit", **answers(AuditPage))
    def entries(
        subject: Annotated[str, Query(max_length=500)] = "",
        actor: Annotated[str, Query(max_length=100)] = "",
        before: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """Who did what and why, newest first."""
        with context.database.read() as conn:
            rows = audit.list_audit(conn, subject_id=subject, actor=actor, before=before, limit=limit)
            return answer(AuditPage(entries=rows, head=str(audit.read_head(conn))))

    @app.get("/api/audit/verify", **answers(Verdict))
    def verify() -> Response:
        """Reads the whole log: whether an entry was changed, taken out, put in or moved."""
        with context.database.read() as conn:
            return answer(audit.verify(conn))


def _operate(context: Context, name: str) -> Callable[..., Any]:
    async def operate(message_id: str, request: Request) -> Response:
        asked = await asked_of(request, Asked)
        done = await run_in_threadpool(
            context.operations.act,
            name,
            message_id,
            actor_of(request),
            asked.reason,
            asked.options,
            dry_run=asked.dry_run,
        )
        return answer(done)

    return operate


def _add_bulk(app: FastAPI, context: Context) -> None:
    @app.post("/api/bulk/preview", **answers(Preview))
    async def preview(request: Request) -> Response:
        """What an operation on every message that fits would do."""
        asked = await asked_of(request, BulkAsked)
        told = await run_in_threadpool(
            context.bulk.preview, asked.action, asked.wanted, actor_of(request), asked.reason, asked.options
        )
        return answer(told)

    @app.post("/api/bulk", **answers(BulkRow, status=202))
    async def start(request: Request) -> Response:
        """Begin an operation on every message that fits; a worker does it."""
        asked = await asked_of(request, BulkAsked)
        made = await run_in_threadpool(
            context.bulk.start,
            asked.action,
            asked.wanted,
            actor_of(request),
            asked.reason,
            asked.options,
            upto=asked.upto,
        )
        return answer(context.bulk.find(made), 202)

    @app.get("/api/bulk", **answers(Bulks))
    def every() -> Response:
        """Bulk operations, newest first."""
        with context.database.read() as conn:
            return answer(Bulks(bulks=bulks.list_bulks(conn)))

    @app.get("/api/bulk/{bulk_id}", **answers(BulkRow))
    def progress(bulk_id: str) -> Response:
        """How far a bulk operation is."""
        return answer(context.bulk.find(bulk_id))

    @app.post("/api/bulk/{bulk_id}/cancel", **answers(BulkRow))
    async def cancel(bulk_id: str, request: Request) -> Response:
        """Begin no more of it; what is done stays done."""
        asked = await asked_of(request, Asked)
        return answer(await run_in_threadpool(context.bulk.cancel, bulk_id, actor_of(request), asked.reason))
