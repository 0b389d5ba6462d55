"""The HTTP application: partner traffic, the API, and the page."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi

from hub import __version__
from hub.api.access import COOKIE, RULES, SecureHeaders, guard
from hub.api.answer import answer, answers, components
from hub.api.connections import SHAPES as CONNECTION_SHAPES
from hub.api.connections import add_connections
from hub.api.context import Context
from hub.api.due import SHAPES as DUE_SHAPES
from hub.api.due import add_due
from hub.api.errors import ErrorAnswer, add_errors
from hub.api.messages import add_messages
from hub.api.metrics import add_metrics
from hub.api.models import (
    AuditPage,
    Bulks,
    Changes,
    Health,
    Incidents,
    MessageDetail,
    OrderDetail,
    Said,
    Signed,
    Uploads,
)
from hub.api.operations import add_operations
from hub.api.pages import add_pages, add_session
from hub.api.receive import MOST_BYTES, add_health, add_partner_traffic
from hub.api.stream import Feed, add_stream, following
from hub.pipeline.bulk import Preview
from hub.pipeline.operations import Done
from hub.store.audit import Verdict
from hub.store.browse import MessagePage, Summary
from hub.store.browse_orders import OrderPage
from hub.store.bulks import BulkRow

_SHAPES = (
    AuditPage,
    BulkRow,
    Bulks,
    Changes,
    Done,
    ErrorAnswer,
    Health,
    Incidents,
    MessageDetail,
    MessagePage,
    OrderDetail,
    OrderPage,
    Preview,
    Said,
    Signed,
    Summary,
    Uploads,
    Verdict,
    *CONNECTION_SHAPES,
    *DUE_SHAPES,
)


def create_app(context: Context, *, most_bytes: int = MOST_BYTES) -> FastAPI:
    """The application over a running hub. most_bytes: of the body of one partner's request."""
    feed = Feed(context)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with following(feed):
            yield

    app = FastAPI(
        title="Crossdock",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=[Depends(guard(context))],
    )
    app.add_middleware(SecureHeaders)
    add_errors(app)
    add_health(app, context)
    add_metrics(app, context)
    add_partner_traffic(app, context, most_bytes)
    add_messages(app, context)
    add_operations(app, context)
    add_connections(app, context)
    add_due(app, context)
    add_stream(app, feed)
    add_session(app, context)
    add_pages(app, context)

    @app.get("/api/openapi.json", include_in_schema=False, **answers(media_type="application/json"))
    def openapi() -> Response:
        return answer(describe(app))

    return app


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the shapes msgspec knows and who may call what."""
    described = get_openapi(title=app.title, version=app.version, routes=app.routes)
    described["components"] = {
        "schemas": components(_SHAPES),
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        },
    }
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            operation["responses"].pop("422", None)
            if RULES.get(f"{method.upper()} {path}") == "admin":
                operation["security"] = [{"token": []}, {"session": []}]
    return described
