"""What comes in by AS2, as a fuzz target: whatever bytes, only As2Error comes out."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from hub.as2 import (
    As2Error,
    Heading,
    Key,
    Protection,
    Rules,
    Wanted,
    make,
    make_receipt,
    open_message,
    read_certificates,
    read_heading,
    read_key,
    read_receipt,
)
from hub.as2.enveloped import CIPHERS, compress, decompress, decrypt, encrypt
from hub.as2.mime import entity, read_entity
from hub.as2.signed import sign, verify
from tests.contracts.as2_peers import identity

DIGESTS = ("sha-1", "sha-256", "sha-384", "sha-512")
AT = datetime.now(UTC)
HEADING = Heading("them", "us", "<1@them>", Wanted(True, ("sha-256",)))
MOST = 100_000


@cache
def keys() -> tuple[Key, Key]:
    """One that decrypts, and a small one that signs."""
    return read_key(identity("us").pem, None, "us"), read_key(identity("ec").pem, None, "ec")


def check(error: As2Error) -> None:
    """It says a sentence, and what an MDN says of it."""
    assert error.message.endswith("."), error.message
    assert error.modifier


def fuzz_as2(data: bytes) -> None:
    """A request: headers and body."""
    ours, theirs = keys()
    certificates = [theirs.certificate]
    for signed in (True, False):
        rules = Rules(signed, False, DIGESTS, CIPHERS, MOST)
        try:
            request = read_entity(data)
            heading = read_heading(request.headers)
            opened = open_message(
                request.headers,
                request.body,
                keys=[ours],
                certificates=certificates,
                rules=rules,
                wanted=heading.receipt,
                now=AT,
            )
        except As2Error as error:
            check(error)
        else:
            assert opened.signer is not None or not signed
            assert len(opened.body) <= max(MOST, len(data))
    try:
        request = read_entity(data)
        receipt = read_receipt(request.headers, request.body, certificates, digests=DIGESTS, now=AT)
    except As2Error as error:
        check(error)
    else:
        assert receipt.disposition


def fuzz_cms(data: bytes) -> None:
    """A CMS structure of every kind."""
    ours, theirs = keys()
    tries: list[Callable[[], object]] = [
        lambda: verify(b"content", data, [theirs.certificate, ours.certificate], digests=DIGESTS, now=AT),
        lambda: decrypt(data, [ours], ciphers=CIPHERS),
        lambda: decompress(data, MOST),
    ]
    for one in tries:
        try:
            one()
        except As2Error as error:
            check(error)


def as2_seeds() -> list[bytes]:
    """A message of each kind, and receipts."""
    ours, theirs = keys()
    made = []
    for signing, encrypting, compressed in ((theirs, None, False), (None, ours, False), (theirs, None, True)):
        certificate = encrypting.certificate if encrypting is not None else None
        message = make(
            b"ISA~",
            heading=HEADING,
            media_type="application/edi-x12",
            file_name="a.edi",
            subject="x",
            protection=Protection(signing, certificate, compressed),
            now=AT,
            random=lambda size: b"r" * size,
        )
        made.append(entity(message.headers, message.body))
    for key, modifier in ((theirs, ""), (None, "decryption-failed")):
        signing_by = (key, "sha-256") if key is not None else None
        text, message_id = "So it is.", "<m@us>"
        receipt = make_receipt(
            HEADING, text=text, message_id=message_id, now=AT, mic="AA==, sha1", modifier=modifier, signing=signing_by
        )
        made.append(entity(*receipt))
    return made


def cms_seeds() -> list[bytes]:
    """A structure of each kind."""
    ours, theirs = keys()
    (certificate,) = read_certificates(identity("us").certificate, "us")
    sealed = [encrypt(b"ISA~", certificate, cipher=cipher, random=lambda size: b"r" * size) for cipher in CIPHERS]
    signed = [sign(b"content", key, digest="sha-256", now=AT) for key in (ours, theirs)]
    return [*sealed, *signed, compress(b"content" * 10)]
