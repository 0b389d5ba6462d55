"""The page, its files, and signing in."""

from pathlib import PurePosixPath

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from hub.api.access import COOKIE, SESSION, new_session, whose_token
from hub.api.answer import answer, answers
from hub.api.context import Context
from hub.api.errors import RequestError
from hub.api.models import Signed
from hub.api.receive import read_body
from hub.console import static_files

PAGES = (
    *("/", "/messages", "/messages/{message_id}", "/orders", "/orders/{order_id}", "/deadlines", "/incidents"),
    *("/connections", "/connections/{partner}/{connection}", "/audit"),
)
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Credentials(msgspec.Struct, frozen=True):
    token: str


def _signed_in(response: Response, context: Context, request: Request, name: str) -> Response:
    response.set_cookie(
        COOKIE,
        new_session(context.tokens[name], name, context.clock.now()),
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def add_pages(app: FastAPI, context: Context) -> None:
    """One page at every address of the console; its script shows what the address names."""
    files = static_files()

    def file_answer(name: str) -> Response:
        media_type = _MEDIA_TYPES[PurePosixPath(name).suffix]
        return Response(files[name], media_type=media_type, headers={"Cache-Control": "no-cache"})

    def page(request: Request) -> Response:
        given = request.query_params.get("token")
        if given is None:
            return file_answer("index.html")
        response = RedirectResponse(request.url.path, 303)  # so that the token does not stay in the address
        name = whose_token(context.tokens, given)
        return _signed_in(response, context, request, name) if name else response

    for path in PAGES:
        app.add_api_route(path, page, methods=["GET"], include_in_schema=False)

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> Response:
        if name not in files:
            raise RequestError(404, "HUB-9103", f"There is nothing at /static/{name}.")
        return file_answer(name)


def add_session(app: FastAPI, context: Context) -> None:
    @app.post("/api/session", **answers(Signed))
    async def sign_in(request: Request) -> Response:
        """{"token": ..}: sets the session's cookie."""
        try:
            given = msgspec.json.decode(await read_body(request, 10_000), type=Credentials)
        except msgspec.DecodeError as error:
            raise RequestError(400, "HUB-9104", 'Signing in takes a body such as {"token": ".."}.') from error
        name = whose_token(context.tokens, given.token)
        if name is None:
            raise RequestError(401, "HUB-9101", "The token is not one of this hub's.")
        return _signed_in(answer(Signed(signed_in=True)), context, request, name)

    @app.delete("/api/session", **answers(Signed))
    def sign_out() -> Response:
        """Takes the session's cookie away."""
        response = answer(Signed(signed_in=False))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response
