"""HTTP: delivers by a request to a partner's URL, and takes requests in (webhooks, uploads).

Every delivery carries the same Idempotency-Key over all its tries. Redirects are never followed, bodies never
unpacked, and the address is resolved once, judged, and connected to: no URL leads into our own network.
"""

import base64
import hashlib
import re
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

import httpcore
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hub.connector import Arrival, Parcel, Receipt, Refusal, Request, Secrets
from hub.errors import HubError, InDoubtError, PermanentError, TransientError
from hub.interop.network import GuardedNetwork
from hub.interop.webhook import Signature, one_of, sign, signature_header, verify

EVIDENCE = 64 * 1024
RETRY_AFTER_CAP = 3600.0
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Inbound(BaseModel):
    """What is let in."""

    model_config = ConfigDict(extra="forbid")

    tokens: list[str] = Field(
        default_factory=list, max_length=2, description="Secrets of which one must come as a bearer token."
    )
    signature: Signature | None = Field(None, description="The signature that every request must carry.")
    id_header: str | None = Field(
        None,
        description="Header that identifies a request at its sender. Default: Idempotency-Key, webhook-id, svix-id or "
        "X-Shopify-Webhook-Id, the first that is there; else the signature itself.",
    )
    file_name_header: str = Field("x-file-name", description="Header that names the file, if any.")
    media_types: list[str] = Field(default_factory=list, description="Media types let in; none named: all.")
    max_size: int = Field(25 * 1024 * 1024, gt=0, description="Largest body in bytes.")

    @model_validator(mode="after")
    def _proves_its_sender(self) -> "Inbound":
        if not self.tokens and self.signature is None:
            raise ValueError("inbound needs tokens or a signature: a request must prove its sender")
        return self


class Settings(BaseModel):
    """What a connection may say."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, description="Where to deliver to. https, or http with allow_private.")
    method: Literal["POST", "PUT", "PATCH"] = Field("POST", description="Method of a delivery.")
    headers: dict[str, str] = Field(default_factory=dict, description="Headers added to every delivery.")
    auth: Literal["none", "bearer", "basic", "header"] = Field("none", description="How we prove who we are.")
    user: str | None = Field(None, description="User name for basic.")
    secret: str | None = Field(None, description="The secret: token, password or the header's value.")
    auth_header: str = Field("x-api-key", description="The header for auth = header.")
    signature: Signature | None = Field(None, description="Sign deliveries.")
    idempotent: bool = Field(
        False,
        description="The partner takes the same Idempotency-Key only once, so a delivery of unknown outcome is simply "
        "sent again and not marked a possible duplicate.",
    )
    failure_pattern: str | None = Field(
        None, description="A regular expression; a success status whose body matches it is a failure all the same."
    )
    allow_private: bool = Field(False, description="Allow private and local addresses, and plain http.")
    ca: str | None = Field(None, description="Certificates (PEM) to trust instead of the system's authorities.")
    connect_timeout: Seconds = Field(10, description="Seconds to connect.")
    timeout: Seconds = Field(30, description="Seconds to wait for the next bytes.")
    total_timeout: Seconds = Field(120, description="Seconds for the whole exchange.")
    inbound: Inbound | None = Field(None, description="Requests let in. None: the connection takes no requests.")

    @field_validator("failure_pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        if self.auth != "none" and self.secret is None:
            raise ValueError(f"auth = {self.auth} needs secret")
        if self.auth == "basic" and self.user is None:
            raise ValueError("auth = basic needs user")
        if self.url is not None:
            parts = urlsplit(self.url)
            if parts.scheme not in ("https", "http") or not parts.hostname:
                raise ValueError("url must begin with https:// and name a host")
            if not self.url.isascii() or not self.url.isprintable() or " " in self.url or parts.port == 0:
                raise ValueError("url must be plain ASCII: encode spaces and letters as %.., a host as xn--..")
            if parts.username is not None or parts.password is not None:
                raise ValueError("url must not hold a user or password: use auth and secret")
            if parts.scheme == "http" and not self.allow_private:
                raise ValueError("url must be https: plain http is for private networks (allow_private = true)")
        return self


class _Answer(NamedTuple):
    """headers have lower-case names; at most EVIDENCE bytes of the body; broken says why it broke off, if it did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: str


class Connector:
    """Each delivery opens a connection of its own, so calls from several threads do not meet."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self.settings = settings
        self._secrets = secrets

    @property
    def repeatable(self) -> bool:
        """Whether the partner takes the same parcel twice as once."""
        return self.settings.idempotent

    def deliver(self, parcel: Parcel) -> Receipt:
        """Send it. Only a 2xx status, whole, without the failure pattern, is a delivery."""
        answer = self._exchange(self.settings.method, parcel.body, self._headers(parcel, time.time()))
        self._judge(answer)
        evidence = {
            "status": str(answer.status),
            "body": answer.body.decode("utf-8", "backslashreplace"),
            "sent_sha256": hashlib.sha256(parcel.body).hexdigest(),
        }
        return Receipt(
            reference=answer.headers.get("location") or answer.headers.get("x-request-id", ""), evidence=evidence
        )

    def probe(self, parcel: Parcel) -> Literal["delivered", "absent", "unknown"]:
        """HTTP has no way to ask: unknown. Sending again is safe where the partner honours the Idempotency-Key."""
        return "unknown"

    def test(self) -> str:
        """Resolve, connect, and look at the certificate; no request is sent."""
        settings, parts = self.settings, urlsplit(self._url())
        network = GuardedNetwork(allow_private=settings.allow_private, seconds=settings.total_timeout)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            stream: httpcore.NetworkStream = network.connect_tcp(
                parts.hostname or "", port, self.settings.connect_timeout
            )
            try:
                if parts.scheme == "https":
                    stream = stream.start_tls(self._tls(), parts.hostname, settings.connect_timeout)
            finally:
                stream.close()
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
            raise self._typed(error, network, f"{parts.scheme}://{parts.hostname}:{port}") from error
        return f"Reached {parts.hostname} at {network.address}" + (
            ", its certificate is trusted." if parts.scheme == "https" else " by plain http."
        )

    def _url(self) -> str:
        if self.settings.url is None:
            raise PermanentError("HUB-5008", "The connection has no url to deliver to. Set url on the connection.")
        return self.settings.url

    def _headers(self, parcel: Parcel, now: float) -> dict[str, str]:
        settings = self.settings
        headers = {
            "accept": "*/*",
            "accept-encoding": "identity",
            "user-agent": "crossdock",
            "content-type": parcel.media_type,
            "idempotency-key": parcel.key,
            "x-file-name": parcel.file_name.encode("ascii", "backslashreplace").decode(),
        }
        headers |= {name.lower(): value for name, value in {**settings.headers, **parcel.headers}.items()}
        if settings.secret is not None:
            secret = self._secrets(settings.secret)
            if settings.auth == "bearer":
                headers["authorization"] = f"Bearer {secret}"
            elif settings.auth == "basic":
                pair = f"{settings.user}:{secret}".encode()
                headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
            elif settings.auth == "header":
                headers[settings.auth_header.lower()] = secret
        if settings.signature is not None:
            secret = self._secrets(settings.signature.secrets[0])
            headers |= sign(settings.signature, secret, parcel.body, message_id=parcel.key, now=int(now))
        for name, value in headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9a-z-]+", name) or re.search(r"[\0-\x08\n-\x1f\x7f]|^\s|\s$", value):
                raise PermanentError(
                    "HUB-5036",
                    f"{settings.method} {settings.url}: the header {name!r} or its value holds a line break or another "
                    "character that HTTP does not allow there. Nothing was sent.",
                )
        return headers

    def _exchange(self, method: str, body: bytes, headers: Mapping[str, str]) -> _Answer:
        url, settings = self._url(), self.settings
        network = GuardedNetwork(allow_private=settings.allow_private, seconds=settings.total_timeout)
        tls = self._tls() if url.startswith("https:") else None
        timeouts = {
            "connect": settings.connect_timeout,
            "read": settings.timeout,
            "write": settings.timeout,
            "pool": 1.0,
        }
        try:
            with (
                httpcore.ConnectionPool(ssl_context=tls, network_backend=network, max_connections=1) as pool,
                pool.stream(
                    method,
                    url,
                    headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                    content=body,
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                return _read(response)
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise self._typed(error, network) from error

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cadata=self.settings.ca)
        except ssl.SSLError as error:
            raise PermanentError(
                "HUB-5031", f"ca on the connection to {self.settings.url} is no PEM ({error}). Paste the certificate."
            ) from error

    def _typed(self, error: Exception, network: GuardedNetwork, about: str = "") -> HubError:
        """The error of ours. What was wholly sent before the answer failed may have been taken."""
        about, said = about or f"{self.settings.method} {self.settings.url}", str(error) or type(error).__name__
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return PermanentError("HUB-5031", f"{about}: the certificate is not trusted: {cause.verify_message}.")
            cause = cause.__cause__ or cause.__context__
        if network.sent_all:
            return self._unknown(f"{about}: everything was sent, then the answer failed ({said})")
        if isinstance(error, httpcore.TimeoutException):
            return TransientError(
                "HUB-5006", f"{about}: no connection or no progress in time ({said}). It is tried again."
            )
        return TransientError("HUB-5001", f"{about}: the connection failed ({said}). It is tried again.")

    def _unknown(self, what: str) -> HubError:
        if self.settings.idempotent:
            return TransientError(
                "HUB-5007", f"{what}. The partner takes the same Idempotency-Key only once, so it is sent again."
            )
        return InDoubtError(
            "HUB-5007", f"{what}. The partner may have it. It is sent again with the same Idempotency-Key."
        )

    def _judge(self, answer: _Answer) -> None:
        """Raise what the status and the body mean."""
        status, about = answer.status, f"{self.settings.method} {self.settings.url}"
        text = answer.body[:300].decode("utf-8", "backslashreplace").strip()
        said = f', saying "{text}"' if text else ""
        if 200 <= status < 300:
            if answer.broken:
                raise self._unknown(f"{about}: status {status}, but the answer broke off ({answer.broken})")
            pattern = self.settings.failure_pattern
            if pattern is not None and re.search(pattern, answer.body.decode("utf-8", "replace")):
                raise PermanentError("HUB-5035", f"{about}: status {status}, but the body tells of a failure{said}.")
        elif 300 <= status < 400:
            where = answer.headers.get("location", "nowhere")[:200]
            raise PermanentError(
                "HUB-5032",
                f"{about}: redirected ({status}) to {where}, which was not followed. If that is the partner's right "
                "address, write it into url.",
            )
        elif status in (408, 425, 429) or status >= 500:
            wait = retry_after(answer.headers.get("retry-after"), answer.headers.get("date"), datetime.now(UTC))
            asked = f" It asked for {wait:g} seconds." if wait is not None else ""
            raise TransientError(
                "HUB-5034", f"{about}: status {status}{said}. It is tried again.{asked}", retry_after=wait
            )
        elif status in (401, 407):
            raise PermanentError(
                "HUB-5002", f"{about}: our credentials were refused with status {status}{said}. Check the secret."
            )
        else:
            code = "HUB-5005" if status == 403 else "HUB-5033"
            raise PermanentError(code, f"{about}: refused with status {status}{said}. Correct the cause, then resend.")

    # -- taking requests in ------------------------------------------------------------------------------------------

    def accept(self, request: Request) -> Arrival:
        """Let a request in that proves its sender and fits the settings."""
        inbound = self.settings.inbound
        if inbound is None:
            raise Refusal(404, "not found")
        if request.method not in ("POST", "PUT"):
            raise Refusal(405, "send it by POST")
        if len(request.body) > inbound.max_size:
            raise Refusal(413, f"larger than {inbound.max_size} bytes")
        if not self._proven(inbound, request):
            raise Refusal(401, "not authenticated")
        media_type = request.headers.get("content-type", "application/octet-stream").split(";")[0].strip().lower()
        if inbound.media_types and media_type not in inbound.media_types:
            raise Refusal(415, f"media type {media_type} is not taken here")
        return Arrival(
            body=request.body,
            protocol_id=_protocol_id(inbound, request.headers),
            file_name=_plain_name(request.headers.get(inbound.file_name_header.lower(), "")),
            media_type=media_type,
        )

    def _proven(self, inbound: Inbound, request: Request) -> bool:
        if inbound.tokens:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not one_of(token.strip(), map(self._secrets, inbound.tokens)):
                return False
        if inbound.signature is None:
            return True
        secrets = [self._secrets(name) for name in inbound.signature.secrets]
        return verify(inbound.signature, secrets, request.body, headers=request.headers, now=request.now)


def _protocol_id(inbound: Inbound, headers: Mapping[str, str]) -> str | None:
    """The sender's id, the signed one where the style signs it; else the signature, so that a replay has the same."""
    names: tuple[str, ...] = ("idempotency-key", "webhook-id", "svix-id", "x-shopify-webhook-id")
    if inbound.id_header is not None:
        names = (inbound.id_header.lower(),)
    elif inbound.signature is not None and inbound.signature.style == "svix":
        names = ("webhook-id", "svix-id")
    elif inbound.signature is not None:
        names = (*names, signature_header(inbound.signature))
    return next((headers[name][:400] for name in names if headers.get(name)), None)


def _plain_name(said: str) -> str:
    """The last part of a name that came with a request, printable; it is shown, never a path."""
    name = re.split(r"[/\\]", said)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:250].strip(". ")


def _read(response: httpcore.Response) -> _Answer:
    """The answer as far as it is kept. It asked for no packing, and what is packed all the same stays packed."""
    body, broken = bytearray(), ""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    try:
        for part in response.iter_stream():
            body += part
            if len(body) >= EVIDENCE:
                break
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        broken = str(error) or type(error).__name__
    return _Answer(response.status, headers, bytes(body[:EVIDENCE]), broken)


def retry_after(said: str | None, date: str | None, now: datetime) -> float | None:
    """Seconds to wait by Retry-After (RFC 9110, 10.2.3: seconds or a date), at most RETRY_AFTER_CAP.

    None: it said nothing usable. A date counts from the answer's own Date, so that a wrong clock there does no harm.
    """
    if said is None:
        return None
    said = said.strip()
    if re.fullmatch(r"[0-9]+", said):
        return min(float(said[:12]), RETRY_AFTER_CAP)
    until, since = _moment(said), _moment(date or "") or now
    if until is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), RETRY_AFTER_CAP)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
