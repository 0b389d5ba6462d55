"""An AS2 message (RFC 4130; compression RFC 5402): made, and opened again.

Made: compressed, then signed, then encrypted, each where asked for. Opened: what is signed may also be compressed
around the signature.
"""

import base64
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple

from cryptography.x509 import Certificate

from hub.as2.enveloped import Randomness, compress, content_kind, decompress, decrypt, encrypt
from hub.as2.fault import As2Error
from hub.as2.keys import Key
from hub.as2.mime import (
    Entity,
    base64_lines,
    entity,
    file_name_parameter,
    multipart,
    parameters,
    read_entity,
    split,
    with_crlf,
)
from hub.as2.names import quote_name, unquote_name
from hub.as2.signed import HASHES, Signer, digest_name, digest_of, sign, verify, wire_name

_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_AROUND = 64 * 1024
"""Bytes that headers and a signature may take around a payload."""

_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")


class Wanted(NamedTuple):
    """The receipt that a sender wants: signed by one of the digests (the first known), or unsigned; address: where it
    is to be posted (asynchronous), empty: the answer itself."""

    signed: bool = False
    digests: Sequence[str] = ()
    address: str = ""

    @property
    def digest(self) -> str:
        """The first digest we know; RFC 4130, 7.3: SHA-1 where none is named."""
        return next((name for name in self.digests if name in HASHES), "sha-1")


class Heading(NamedTuple):
    """What the HTTP headers of a message say. receipt: None, the sender wants none."""

    sender: str
    receiver: str
    message_id: str
    receipt: Wanted | None


class Opened(NamedTuple):
    """A message's payload. mic: of what the sender's own is (RFC 4130, 7.3.1), as mic() writes it."""

    body: bytes
    media_type: str
    file_name: str
    mic: str
    signer: Signer | None
    cipher: str


class Made(NamedTuple):
    """A message to post. Its mic is what the receipt must repeat."""

    headers: dict[str, str]
    body: bytes
    mic: str


class Protection(NamedTuple):
    """How a message is protected. signing: our key; encrypting: the partner's certificate; None: it is not done."""

    signing: Key | None
    encrypting: Certificate | None
    compressed: bool = False
    digest: str = "sha-256"
    cipher: str = "aes-256-cbc"
    pss: bool = False


def mic(content: bytes, digest: str) -> str:
    """A MIC as a receipt carries it: base64, and the digest's name."""
    return f"{base64.b64encode(digest_of(content, digest)).decode()}, {wire_name(digest)}"


def normal_mic(said: str) -> str:
    """A MIC in the one spelling of mic(), so that two can be compared; empty: it is none."""
    value, _, digest = said.partition(",")
    name = digest_name(digest) if digest.strip() else "sha-1"
    value = re.sub(r"\s", "", value)
    return f"{value}, {wire_name(name)}" if value else ""


def read_heading(headers: Mapping[str, str]) -> Heading:
    """Who writes to whom, and what receipt is wanted. headers: lower-case names.

    As2Error HUB-5050: there is no Message-ID or no AS2 name.
    """
    said = {name: headers.get(name, "").strip() for name in ("as2-from", "as2-to", "message-id")}
    if missing := [name for name, value in said.items() if not value]:
        raise As2Error("HUB-5050", f"The request has no header {' and no '.join(missing)}: it is no AS2 message.")
    return Heading(
        unquote_name(said["as2-from"]), unquote_name(said["as2-to"]), said["message-id"][:998], _wanted(headers)
    )


def _wanted(headers: Mapping[str, str]) -> Wanted | None:
    if not headers.get("disposition-notification-to", "").strip():
        return None
    options: dict[str, list[str]] = {}
    for option in headers.get("disposition-notification-options", "").split(";"):
        name, _, values = option.partition("=")
        options[name.strip().lower()] = [value.strip() for value in values.split(",")]
    protocol = [value.lower() for value in options.get("signed-receipt-protocol", ())]
    digests = tuple(digest_name(value) for value in options.get("signed-receipt-micalg", ())[1:])
    return Wanted("pkcs7-signature" in protocol, digests, headers.get("receipt-delivery-option", "").strip())


def make(
    payload: bytes,
    *,
    heading: Heading,
    media_type: str,
    file_name: str,
    subject: str,
    protection: Protection,
    now: datetime,
    random: Randomness,
) -> Made:
    """A message. The same payload gives the same MIC every time."""
    digest = protection.digest
    inner = {"Content-Type": media_type, "Content-Transfer-Encoding": "binary"}
    if file_name:
        inner["Content-Disposition"] = f"attachment; {file_name_parameter(file_name)}"
    headers, body, over = inner, payload, payload
    if protection.compressed:
        over = entity(headers, body)
        headers, body = _pkcs7("compressed-data", "smime.p7z"), compress(over)
    if protection.signing is not None:
        over = entity(headers, body)
        signature = sign(over, protection.signing, digest=digest, now=now, pss=protection.pss)
        headers, body = _signed(over, signature, digest)
    if protection.encrypting is not None:
        clear = entity(headers, body)
        if protection.signing is None and not protection.compressed:
            over = clear
        sealed = encrypt(clear, protection.encrypting, cipher=protection.cipher, random=random)
        headers, body = _pkcs7("enveloped-data", "smime.p7m"), sealed
    about = {
        "AS2-Version": "1.2",
        "AS2-From": quote_name(heading.sender),
        "AS2-To": quote_name(heading.receiver),
        "Message-ID": heading.message_id,
        "Subject": subject,
        "Date": format_datetime(now, usegmt=True),
        "MIME-Version": "1.0",
        "EDIINT-Features": "AS2-Reliability",
    }
    return Made({**about, **_asking(heading.receipt, heading.sender), **headers}, body, mic(over, digest))


def _asking(wanted: Wanted | None, sender: str) -> dict[str, str]:
    """The headers that ask for a receipt. The digest is named alone: some software takes the last one of a list."""
    if wanted is None:
        return {}
    headers = {"Disposition-Notification-To": quote_name(sender)}
    if wanted.signed:
        headers["Disposition-Notification-Options"] = (
            "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, "
            + wire_name(wanted.digest)
        )
    if wanted.address:
        headers["Receipt-Delivery-Option"] = wanted.address
    return headers


def _pkcs7(kind: str, name: str) -> dict[str, str]:
    return {
        "Content-Type": f'application/pkcs7-mime; smime-type={kind}; name="{name}"',
        "Content-Transfer-Encoding": "binary",
        "Content-Disposition": f'attachment; filename="{name}"',
    }


def _signed(content: bytes, signature: bytes, digest: str) -> tuple[dict[str, str], bytes]:
    """A multipart/signed: its headers and body (RFC 1847, 2.1)."""
    headers = {
        "Content-Type": 'application/pkcs7-signature; name="smime.p7s"',
        "Content-Transfer-Encoding": "base64",
        "Content-Disposition": 'attachment; filename="smime.p7s"',
    }
    boundary, body = multipart([content, entity(headers, base64_lines(signature))])
    kind = (
        f'multipart/signed; protocol="application/pkcs7-signature"; micalg={wire_name(digest)}; boundary="{boundary}"'
    )
    return {"Content-Type": kind}, body


def make_signed(content: bytes, key: Key, *, digest: str, now: datetime, pss: bool = False) -> tuple[str, bytes]:
    """An entity signed by our key, as a multipart/signed: its Content-Type and body."""
    headers, body = _signed(content, sign(content, key, digest=digest, now=now, pss=pss), digest)
    return headers["Content-Type"], body


class Rules(NamedTuple):
    """What a message must be like. most: bytes of a payload when it is unpacked."""

    signed: bool
    encrypted: bool
    digests: Collection[str]
    ciphers: Collection[str]
    most: int


def open_message(
    headers: Mapping[str, str],
    body: bytes,
    *,
    keys: Sequence[Key],
    certificates: Sequence[Certificate],
    rules: Rules,
    wanted: Wanted | None,
    now: datetime,
) -> Opened:
    """The payload of a message, decrypted, verified and unpacked. headers: those of the request, lower-case names.

    As2Error: HUB-5050 to HUB-5055; the message is not taken.
    """
    layer = Entity(headers, body, body)
    over: bytes | None = None
    signer: Signer | None = None
    cipher, packed = "", False
    while True:
        kind = _kind(layer)
        if kind == "enveloped" and not cipher and not packed and signer is None:
            clear, cipher = decrypt(layer.content, keys, ciphers=rules.ciphers)
            layer = read_entity(clear)
            over = layer.raw
        elif kind == "multipart/signed" and signer is None:
            layer, signer = open_signed(layer, certificates, digests=rules.digests, now=now)
            over = layer.raw
        elif kind == "compressed" and not packed:
            packed = True
            layer = read_entity(decompress(layer.content, rules.most + _AROUND))
            over = over if signer is not None else layer.raw
        else:
            break
    if layer.kind in _PKCS7 or layer.kind == "multipart/signed":
        raise As2Error("HUB-5050", f"A {layer.kind} stands where AS2 has none, or is of a kind that AS2 has not.")
    _demand(rules, signer, cipher)
    payload = layer.content
    if len(payload) > rules.most:
        raise As2Error(
            "HUB-5055", f"The payload has {len(payload):,} bytes; the connection takes {rules.most:,} (max_size)."
        )
    if over is None:
        over = payload
    digest = signer.digest if signer is not None else wanted.digest if wanted is not None else "sha-256"
    return Opened(payload, layer.kind, layer.file_name, mic(over, digest), signer, cipher)


def _kind(layer: Entity) -> str:
    """What a layer is: of CMS by its own content type, and only if that cannot be read by its MIME header."""
    if layer.kind not in _PKCS7:
        return layer.kind
    kind = content_kind(layer.content)
    if kind:
        return kind
    said = parameters(layer.headers.get("content-type", "")).get("smime-type", "").lower()
    return {"enveloped-data": "enveloped", "compressed-data": "compressed"}.get(said, "other")


def _demand(rules: Rules, signer: Signer | None, cipher: str) -> None:
    missing = [
        word
        for word, lacks in (("signed", rules.signed and signer is None), ("encrypted", rules.encrypted and not cipher))
        if lacks
    ]
    if missing:
        raise As2Error(
            "HUB-5051",
            f"The message is not {' and not '.join(missing)}, and this connection demands it. Ask the partner to "
            "change that, or change the demand on the connection.",
        )


def open_signed(
    layer: Entity, certificates: Sequence[Certificate], *, digests: Collection[str], now: datetime
) -> tuple[Entity, Signer]:
    """What a multipart/signed holds, and who signed it. As2Error: it is not signed by any of these certificates."""
    found = split(layer)
    if len(found) != 2 or found[1].kind not in _SIGNATURES:
        protocol = parameters(layer.headers.get("content-type", "")).get("protocol", "none")
        raise As2Error(
            "HUB-5050", f"A multipart/signed has {len(found)} parts, and no CMS signature (it is {protocol})."
        )
    content, signature = found
    try:
        return content, verify(content.raw, signature.content, certificates, digests=digests, now=now)
    except As2Error as error:
        canonical = with_crlf(content.raw)  # some software signs the canonical form and then sends bare line feeds
        if error.code not in ("HUB-5052", "HUB-5053") or canonical == content.raw:
            raise
        with suppress(As2Error):
            signer = verify(canonical, signature.content, certificates, digests=digests, now=now)
            return read_entity(canonical), signer
        raise
