"""Signed requests as webhooks carry them: HMAC-SHA256 in four styles, made and checked.

Styles: Shopify (webhook HTTPS delivery), Stripe (webhook signatures v1), Svix (Standard Webhooks 1.0), and a plain one.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TOLERANCE = 300
"""Seconds a signed time may be off."""

Style = Literal["plain", "shopify", "stripe", "svix"]


class Signature(BaseModel):
    """How a request proves its sender: an HMAC-SHA256 over its raw body."""

    model_config = ConfigDict(extra="forbid")

    style: Style = Field(
        "plain",
        description="plain: hex over `timestamp.body` in X-Signature, the time in X-Timestamp. "
        "shopify: base64 over the body in X-Shopify-Hmac-Sha256. "
        "stripe: `t=..,v1=..` over `timestamp.body` in Stripe-Signature. "
        "svix: `v1,..` over `id.timestamp.body` in webhook-signature, webhook-id, webhook-timestamp (or svix-..).",
    )
    secrets: list[str] = Field(
        min_length=1,
        max_length=2,
        description="The live secrets. Requests out are signed with the first; in, either is right, so that a "
        "secret can be changed without a gap.",
    )
    header: str | None = Field(None, description="Header of the signature, where it is not the style's own.")


def sign(signature: Signature, secret: str, body: bytes, *, message_id: str, now: int) -> dict[str, str]:
    """The headers that sign a body. now: seconds since 1970."""
    style = signature.style
    stamp = str(now).encode()
    if style == "shopify":
        return {signature_header(signature): _b64(secret.encode(), body), "x-shopify-webhook-id": message_id}
    if style == "stripe":
        return {signature_header(signature): f"t={now},v1={_hex(secret.encode(), stamp + b'.' + body)}"}
    if style == "svix":
        content = message_id.encode() + b"." + stamp + b"." + body
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            signature_header(signature): f"v1,{_b64(_svix_key(secret), content)}",
        }
    return {"x-timestamp": str(now), signature_header(signature): _hex(secret.encode(), stamp + b"." + body)}


def verify(
    signature: Signature, secrets: Sequence[str], body: bytes, *, headers: Mapping[str, str], now: datetime
) -> bool:
    """Whether one of the secrets signed this very body at most TOLERANCE seconds from now. headers: lower case."""
    style, secrets = signature.style, [secret for secret in secrets if secret]
    said = headers.get(signature_header(signature), "")
    if style == "svix":
        prefix = "webhook" if "webhook-id" in headers else "svix"
        said = said or headers.get(f"{prefix}-signature", "")
        stamp, message_id = headers.get(f"{prefix}-timestamp", ""), headers.get(f"{prefix}-id", "")
        content = f"{message_id}.{stamp}.".encode("utf-8", "surrogateescape") + body
        given = [part.removeprefix("v1,") for part in said.split(" ") if part.startswith("v1,")]
        right = [_b64(_svix_key(secret), content) for secret in secrets]
        return bool(message_id) and _recent(stamp, now) and any_equal(given, right)
    if style == "shopify":
        return any_equal([said], [_b64(secret.encode(), body) for secret in secrets])
    if style == "stripe":
        fields = [part.strip().partition("=")[::2] for part in said.split(",")]
        stamp = next((value for name, value in fields if name == "t"), "")
        given = [value for name, value in fields if name == "v1"]
    else:
        stamp, given = headers.get("x-timestamp", ""), [said.removeprefix("sha256=")]
    right = [_hex(secret.encode(), stamp.encode("utf-8", "surrogateescape") + b"." + body) for secret in secrets]
    return _recent(stamp, now) and any_equal(given, right)


def signature_header(signature: Signature) -> str:
    """The header that carries the signature, in lower case."""
    own = {
        "plain": "x-signature",
        "shopify": "x-shopify-hmac-sha256",
        "stripe": "stripe-signature",
        "svix": "webhook-signature",
    }
    return (signature.header or own[signature.style]).lower()


def _recent(stamp: str, now: datetime) -> bool:
    return re.fullmatch(r"[0-9]{1,12}", stamp) is not None and abs(now.timestamp() - int(stamp)) <= TOLERANCE


def any_equal(given: Iterable[str], right: Iterable[str]) -> bool:
    rights = list(right)
    return any(one_of(value, rights) for value in given if value)


def one_of(value: str, allowed: Iterable[str]) -> bool:
    raw = value.encode("utf-8", "surrogateescape")
    return any(hmac.compare_digest(raw, one.encode()) for one in allowed if one)


def _hex(key: bytes, content: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _b64(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _svix_key(secret: str) -> bytes:
    with suppress(ValueError):
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return secret.encode()
