"""HTTP: delivers by a request to a partner's URL, and takes requests in (webhooks, uploads).

Every delivery carries the same Idempotency-Key over all its tries. Redirects are never followed, bodies never
unpacked, and the address is resolved once, judged, and connected to: no URL leads into our own network.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hub.connector import Arrival, Parcel, Receipt, Refusal, Request, Secrets
from hub.errors import PermanentError, readable
from hub.interop.exchange import Exchange, Reach, basic, check_url, plain_name
from hub.interop.webhook import Signature, one_of, sign, signature_header, verify


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


class Settings(Reach):
    """What a connection may say."""

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
            check_url(self.url, self)
        return self


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
        answer = self._exchange().send(parcel.body, self._headers(parcel, time.time()))
        text = answer.body.decode("utf-8", "backslashreplace")
        pattern = self.settings.failure_pattern
        if pattern is not None and re.search(pattern, answer.body.decode("utf-8", "replace")):
            raise PermanentError(
                "HUB-5035",
                f"{self.settings.method} {self.settings.url}: status {answer.status}, but the body tells of a failure, "
                f'saying "{text[:300].strip()}".',
            )
        evidence = {
            "status": str(answer.status),
            "body": text,
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
        return self._exchange().test()

    def _exchange(self) -> Exchange:
        settings = self.settings
        if settings.url is None:
            raise PermanentError("HUB-5008", "The connection has no url to deliver to. Set url on the connection.")
        return Exchange(
            settings, settings.method, settings.url, identity="Idempotency-Key", repeatable=settings.idempotent
        )

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
                headers["authorization"] = basic(settings.user or "", secret)
            elif settings.auth == "header":
                headers[settings.auth_header.lower()] = secret
        if settings.signature is not None:
            secret = self._secrets(settings.signature.secrets[0])
            headers |= sign(settings.signature, secret, parcel.body, message_id=parcel.key, now=int(now))
        return headers

    # -- taking requests in ------------------------------------------------------------------------------------------

    def accept(self, request: Request) -> Arrival:
        """Let a request in that proves its sender and fits the settings."""
        inbound = self.settings.inbound
        if inbound is None:
            raise Refusal(404, "not found")
        if request.method not in ("POST", "PUT"):
            raise Refusal(405, "send it by POST")
        if len(request.body) > inbound.max_size:
            text = f"larger than {inbound.max_size} bytes"
            why = f"it has {len(request.body)} bytes, and inbound.max_size is {inbound.max_size}."
            raise Refusal(413, text, why=why, cause="size")
        if not self._proven(inbound, request):
            by = " and ".join([*(["token"] if inbound.tokens else []), *(["signature"] if inbound.signature else [])])
            why = f"it does not prove its sender by {by}. If it is the partner, compare secrets (and clocks) with them."
            raise Refusal(401, "not authenticated", why=why, cause="authentication")
        media_type = request.headers.get("content-type", "application/octet-stream").split(";")[0].strip().lower()
        if inbound.media_types and media_type not in inbound.media_types:
            text = f"media type {media_type} is not taken here"
            why = f'its media type is "{readable(media_type)[:100]}", and inbound.media_types names others.'
            raise Refusal(415, text, why=why, cause="media type", kept=request.body)
        return Arrival(
            body=request.body,
            protocol_id=_protocol_id(inbound, request.headers),
            file_name=plain_name(request.headers.get(inbound.file_name_header.lower(), "")),
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
