"""The receipt of AS2, a message disposition notification (MDN, RFC 8098; RFC 4130, section 7): made, and read."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple

from cryptography.x509 import Certificate

from hub.as2.fault import As2Error
from hub.as2.keys import Key
from hub.as2.message import Heading, make_signed, normal_mic, open_signed
from hub.as2.mime import Entity, entity, fields, media_type, multipart, read_entity, split
from hub.as2.names import quote_name
from hub.as2.signed import Signer

_NOTIFICATIONS = ("message/disposition-notification", "message/disposition-notification-original")
_LONGEST_TEXT = 2000


class Receipt(NamedTuple):
    """What a receipt says. message_id: of the message it speaks of. disposition: as it came, without the mode.

    accepted: the message was processed, perhaps with a warning, or before. duplicate: they had it already. mic: in
    the spelling of message.mic(); empty: it gives none. signer: who signed it; None: nobody.
    """

    message_id: str
    accepted: bool
    duplicate: bool
    disposition: str
    text: str
    mic: str
    signer: Signer | None


def make_receipt(
    heading: Heading,
    *,
    text: str,
    message_id: str,
    now: datetime,
    mic: str = "",
    modifier: str = "",
    signing: tuple[Key, str] | None = None,
) -> tuple[dict[str, str], bytes]:
    """The receipt for a message: headers and body. text: a sentence for a person; modifier: why it is not taken, empty:
    it is; signing: our key and the digest, None: unsigned.
    """
    name = quote_name(heading.receiver)
    lines = [
        ("Reporting-UA", "Crossdock"),
        ("Original-Recipient", f"rfc822; {name}"),
        ("Final-Recipient", f"rfc822; {name}"),
        ("Original-Message-ID", heading.message_id),
        (
            "Disposition",
            "automatic-action/MDN-sent-automatically; " + (f"processed/error: {modifier}" if modifier else "processed"),
        ),
    ]
    if mic:
        lines.append(("Received-Content-MIC", mic))
    words = {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    notification = {"Content-Type": "message/disposition-notification", "Content-Transfer-Encoding": "7bit"}
    boundary, body = multipart([entity(words, f"{text}\r\n".encode()), entity(notification, fields(lines))])
    kind = f'multipart/report; report-type=disposition-notification; boundary="{boundary}"'
    if signing is not None:
        key, digest = signing
        kind, body = make_signed(entity({"Content-Type": kind}, body), key, digest=digest, now=now)
    headers = {
        "AS2-Version": "1.2",
        "AS2-From": name,
        "AS2-To": quote_name(heading.sender),
        "Message-ID": message_id,
        "Subject": "Receipt",
        "Date": format_datetime(now, usegmt=True),
        "MIME-Version": "1.0",
        "EDIINT-Features": "AS2-Reliability",
        "Content-Type": kind,
    }
    return headers, body


def is_receipt(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a request is a receipt and no message, as far as can be told without proof. headers: lower-case names."""
    kind = media_type(headers.get("content-type", ""))
    if kind == "multipart/report":
        return True
    if kind != "multipart/signed":
        return False
    try:
        return split(Entity(headers, body, body))[0].kind == "multipart/report"
    except As2Error:
        return False


def read_receipt(
    headers: Mapping[str, str],
    body: bytes,
    certificates: Sequence[Certificate],
    *,
    digests: Collection[str],
    now: datetime,
) -> Receipt:
    """What a receipt says. headers: lower-case names. As2Error: it is none (HUB-5050), or its signature is wrong."""
    layer, signer = Entity(headers, body, body), None
    if layer.kind == "multipart/signed":
        layer, signer = open_signed(layer, certificates, digests=digests, now=now)
    if layer.kind != "multipart/report":
        raise As2Error("HUB-5050", f"The answer is no receipt: it is {layer.kind or 'of no media type'}.")
    found = split(layer)
    notification = next((part for part in found if part.kind in _NOTIFICATIONS), None)
    if notification is None:
        raise As2Error("HUB-5050", "The receipt has no part message/disposition-notification.")
    said = _fields(notification)
    disposition = said.get("disposition", "").rpartition(";")[2].strip()
    if not disposition or "original-message-id" not in said:
        raise As2Error("HUB-5050", "The receipt has no Disposition or no Original-Message-ID.")
    duplicate = "duplicate-document" in disposition.lower()
    words = next((part for part in found if part.kind in ("text/plain", "")), None)
    text = words.content.decode("utf-8", "replace") if words is not None else ""
    return Receipt(
        message_id=said["original-message-id"],
        accepted=duplicate or _accepted(disposition),
        duplicate=duplicate,
        disposition=disposition[:300],
        text=" ".join(text.split())[:_LONGEST_TEXT],
        mic=normal_mic(said.get("received-content-mic", "")),
        signer=signer,
    )


def _fields(notification: Entity) -> dict[str, str]:
    """The fields of the notification; some software writes an empty line between its groups of fields."""
    text = re.sub(rb"(\r?\n)(?:[ \t]*\r?\n)+", rb"\1", notification.content.strip()) + b"\r\n\r\n"
    return dict(read_entity(text).headers)


def _accepted(disposition: str) -> bool:
    """RFC 4130, 7.4.3: "processed", also with a warning, is taken; processed/error, failed/.. and others are not."""
    kind, _, modifier = disposition.partition("/")
    return kind.strip().lower() == "processed" and modifier.strip().lower().partition(":")[0].strip() in ("", "warning")
