"""Who may call what. Every route has a rule here; one without is refused to everybody."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.context import Context
from hub.api.errors import RequestError

Rule = Literal["open", "partner", "admin"]
"""open: anybody (no content of the hub). partner: its connection authenticates. admin: token or session."""

OPERATIONS = (
    *("resend", "retry", "reissue", "replay", "hold", "unhold", "cancel"),
    *("reroute", "confirm", "ignore", "edit", "erase"),
)
"""Written out: a new operation is refused to everybody until somebody decides who may do it."""

RULES: dict[str, Rule] = {
    "GET /": "open",
    "GET /messages": "open",
    "GET /messages/{message_id}": "open",
    "GET /orders": "open",
    "GET /orders/{order_id}": "open",
    "GET /incidents": "open",
    "GET /deadlines": "open",
    "GET /connections": "open",
    "GET /connections/{partner}/{connection}": "open",
    "GET /audit": "open",
    "GET /static/{name}": "open",
    "GET /health": "open",
    "GET /ready": "open",
    "GET /metrics": "admin",
    "POST /in/{partner}/{connection}": "partner",
    "POST /as2": "partner",
    "POST /api/session": "open",
    "DELETE /api/session": "admin",
    "GET /api/openapi.json": "admin",
    "GET /api/messages": "admin",
    "GET /api/messages/{message_id}": "admin",
    "GET /api/messages/{message_id}/raw": "admin",
    **{f"POST /api/messages/{{message_id}}/{action}": "admin" for action in OPERATIONS},
    "GET /api/payloads/{payload_id}/raw": "admin",
    "POST /api/bulk/preview": "admin",
    "POST /api/bulk": "admin",
    "GET /api/bulk": "admin",
    "GET /api/bulk/{bulk_id}": "admin",
    "POST /api/bulk/{bulk_id}/cancel": "admin",
    "POST /api/incidents/{incident_id}/close": "admin",
    "GET /api/deadlines": "admin",
    "GET /api/obligations/{obligation_id}": "admin",
    "POST /api/obligations/{obligation_id}/close": "admin",
    "GET /api/lanes": "admin",
    "POST /api/lanes/pause": "admin",
    "POST /api/lanes/resume": "admin",
    "POST /api/lanes/drain": "admin",
    "POST /api/work/{work_id}/retry": "admin",
    "POST /api/work/{work_id}/drop": "admin",
    "GET /api/audit": "admin",
    "GET /api/audit/verify": "admin",
    "GET /api/orders": "admin",
    "GET /api/orders/{order_id}": "admin",
    "GET /api/summary": "admin",
    "GET /api/incidents": "admin",
    "GET /api/connections": "admin",
    "POST /api/connections/test": "admin",
    "GET /api/uploads": "admin",
    "GET /api/stream": "admin",
}

COOKIE = "hub_session"
SESSION = timedelta(hours=12)
ADMIN = "admin"
"""Who holds the hub's own token; everybody else has a token and a name of their own."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


Tokens = Mapping[str, str]
"""Who may sign in, by name, with what."""


def whose_token(tokens: Tokens, given: str) -> str | None:
    """The name of who has this token; None: nobody. No token is empty."""
    same = [name for name, token in tokens.items() if token and hmac.compare_digest(token.encode(), given.encode())]
    return same[0] if same else None


def _signature(token: str, name: str, until: str) -> str:
    return hmac.new(token.encode(), f"session {name} {until}".encode(), hashlib.sha256).hexdigest()


def new_session(token: str, name: str, now: datetime) -> str:
    """A cookie's value that is good for a while, wherever the token is the same, and tells nothing of the token."""
    until = str(int((now + SESSION).timestamp()))
    return f"{name}.{until}.{_signature(token, name, until)}"


def whose_session(tokens: Tokens, value: str, now: datetime) -> str | None:
    """The name of who signed in; None: nobody did, or it is too long ago."""
    name, _, rest = value.partition(".")
    until, _, signature = rest.partition(".")
    token = tokens.get(name)
    if not token or not (until.isascii() and until.isdigit()):
        return None
    signed = hmac.compare_digest(_signature(token, name, until).encode(), signature.encode())
    return name if signed and int(until) > now.timestamp() else None


def actor_of(request: Request) -> str:
    """Whose name the audit log has for what the request does."""
    return str(request.state.actor)


def guard(context: Context) -> Callable[[Request], None]:
    """The check that runs before every route."""

    def check(request: Request) -> None:
        rule = RULES.get(f"{request.method} {request.scope['route'].path}")
        if rule in ("open", "partner"):
            return
        if rule is None:
            raise RequestError(403, "HUB-9101", f"{request.url.path} has no rule that lets anybody in.")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            request.state.actor = whose_token(context.tokens, given.strip())
            if request.state.actor is None:
                raise RequestError(401, "HUB-9101", "The token is not one of this hub's.")
            return
        request.state.actor = whose_session(context.tokens, request.cookies.get(COOKIE, ""), context.clock.now())
        if request.state.actor is None:
            raise RequestError(401, "HUB-9101", f"{request.url.path} needs you to sign in with a token of the hub.")
        if request.method != "GET" and request.headers.get("x-hub") != "1":
            raise RequestError(403, "HUB-9102", f"{request.method} {request.url.path} lacks the header X-Hub: 1.")

    return check


class SecureHeaders:
    """Puts the headers on every answer that keep a browser from running, framing or guessing anything of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], *self.headers]
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)
