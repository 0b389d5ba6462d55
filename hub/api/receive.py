"""Partner traffic over HTTP, and whether the hub is alive and ready."""

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from hub.api.answer import answer, answers
from hub.api.context import Context
from hub.api.errors import RequestError
from hub.api.models import Health
from hub.connector import Request as PartnerRequest
from hub.store.migrate import is_current

MOST_BYTES = 50_000_000


async def read_body(request: Request, most: int) -> bytes:
    """The body. RequestError 413: it is larger; nothing more of it is read then."""
    said = request.headers.get("content-length", "")
    body = bytearray()
    if not (said.isdigit() and int(said) > most):
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                break
        else:
            return bytes(body)
    raise RequestError(413, "HUB-9105", f"The body is larger than {most:,} bytes, the most the hub takes over HTTP.")


def add_partner_traffic(app: FastAPI, context: Context, most_bytes: int = MOST_BYTES) -> None:
    async def taken(request: Request) -> PartnerRequest:
        return PartnerRequest(
            method=request.method,
            headers=dict(request.headers),
            query=dict(request.query_params),
            body=await read_body(request, most_bytes),
            now=context.clock.now(),
        )

    @app.post("/in/{partner}/{connection}", **answers(media_type="application/json"))
    async def receive(partner: str, connection: str, request: Request) -> Response:
        """A partner's payload: any body. 2xx means it is stored durably."""
        said = await run_in_threadpool(context.listen, partner, connection, await taken(request))
        return Response(said.body, said.status, dict(said.headers))

    @app.post("/as2", **answers(media_type="multipart/report"))
    async def receive_as2(request: Request) -> Response:
        """A message or an asynchronous MDN by AS2: AS2-From and AS2-To say by which connection. The MDN that is
        answered means that it is stored durably."""
        said = await run_in_threadpool(context.listen_for, "as2", await taken(request))
        return Response(said.body, said.status, dict(said.headers))


def add_health(app: FastAPI, context: Context) -> None:
    @app.get("/health", **answers(Health))
    async def health() -> Response:
        """The server answers."""
        return answer(Health(status="alive"))

    @app.get("/ready", **answers(Health))
    def ready() -> Response:
        """The database can be reached, its tables are those of this release, and so is the revision in force."""
        try:
            current = is_current(context.database)
        except SQLAlchemyError as error:
            raise RequestError(503, "HUB-9106", "The database cannot be reached.") from error
        if not current:
            raise RequestError(
                503, "HUB-9106", "The database's tables are older than this release: run hub db upgrade."
            )
        if (reason := context.why_idle()) is not None:
            raise RequestError(503, "HUB-9106", f"Nothing is begun here: {reason}")
        return answer(Health(status="ready"))
