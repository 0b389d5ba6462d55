"""Errors as HTTP answers: one shape, a whole sentence, and what to do."""

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hub.api.answer import answer
from hub.catalogue import CATALOGUE
from hub.connector import Refusal
from hub.errors import DataError, HubError, NotYetError, PartnerSystemError, UsageError


class ErrorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request failed. fix: what to do about it."""

    code: str
    message: str
    fix: str


class RequestError(UsageError):
    """A request that cannot be served. status: of HTTP."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code, message)
        self.status = status


_STATUS: tuple[tuple[type[HubError], int], ...] = (
    (DataError, 422),
    (PartnerSystemError, 502),
    (NotYetError, 501),
    (UsageError, 409),
)


def refuse(status: int, code: str, message: str) -> Response:
    """The answer to a request that failed with that code."""
    row = CATALOGUE.get(code)
    return answer(ErrorAnswer(code=code, message=message, fix=row.fix if row else ""), status)


async def _hub_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HubError):
        raise error
    known = (status for kind, status in _STATUS if isinstance(error, kind))
    status = error.status if isinstance(error, RequestError) else next(known, 500)
    return refuse(status, error.code, error.message)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    return refuse(400, "HUB-9104", f"The request {request.url.path} cannot be understood: {'; '.join(faults)}.")


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 404:
        return refuse(404, "HUB-9103", f"There is nothing at {request.url.path}.")
    return refuse(error.status_code, "HUB-9104", f"{request.method} {request.url.path}: {error.detail}.")


async def _refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return refuse(error.status, "HUB-9101" if error.status in (401, 403) else "HUB-9104", error.text)


async def _unforeseen(request: Request, error: Exception) -> Response:
    return refuse(500, "HUB-9107", f"The hub failed at {request.method} {request.url.path}; its log says why.")


def add_errors(app: FastAPI) -> None:
    """Every error of a route becomes an ErrorAnswer; one nobody foresaw is also raised on, to be logged."""
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(Exception, _unforeseen)
