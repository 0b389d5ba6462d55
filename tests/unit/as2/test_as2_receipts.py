"""Receipts as other software writes them, the requests for them, and the MIC of every kind of message."""

import base64
import hashlib
import re
from typing import Any

import pytest

from hub.as2 import (
    As2Error,
    Heading,
    Protection,
    Rules,
    Wanted,
    domain_of,
    key_of,
    make,
    message_id_of,
    normal_mic,
    open_message,
    quote_name,
    read_certificates,
    read_heading,
    read_key,
    read_receipt,
    unquote_name,
)
from hub.as2.enveloped import CIPHERS, compress, decompress
from tests.contracts.as2_peers import NOW, identity

NAMES = {"as2-from": "them", "as2-to": '"Our Co"', "message-id": "<1@them>"}


def report(fields: str, text: str = "Thank you.", kind: str = "message/disposition-notification") -> dict[str, Any]:
    body = f"--r\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--r\r\nContent-Type: {kind}\r\n\r\n{fields}\r\n--r--"
    return {"headers": {"content-type": "multipart/report; boundary=r"}, "body": body.encode()}


def said(fields: str, **more: str) -> Any:
    return read_receipt(**report(fields, **more), certificates=[], digests=[], now=NOW)


@pytest.mark.parametrize(
    ("disposition", "accepted", "duplicate"),
    [
        ("automatic-action/MDN-sent-automatically; processed", True, False),
        ("automatic-action/mdn-sent-automatically;\r\n\tProcessed", True, False),
        ("manual-action/MDN-sent-manually; processed/warning: duplicate-document", True, True),
        ("automatic-action/MDN-sent-automatically; processed/Warning: something", True, False),
        ("automatic-action/MDN-sent-automatically; processed/error: decryption-failed", False, False),
        ("automatic-action/MDN-sent-automatically; processed/Error: unexpected-processing-error", False, False),
        ("automatic-action/MDN-sent-automatically; processed/failure: x", False, False),
        ("automatic-action/MDN-sent-automatically; failed/failure: sender-equals-receiver", False, False),
        ("automatic-action/MDN-sent-automatically; denied", False, False),
        ("processed", True, False),
        ("dispatched", False, False),
    ],
)
def test_dispositions(disposition: str, accepted: bool, duplicate: bool) -> None:
    receipt = said(f"Original-Message-ID: <1@us>\r\nDisposition: {disposition}\r\n")
    assert (receipt.accepted, receipt.duplicate, receipt.message_id) == (accepted, duplicate, "<1@us>")
    assert (receipt.text, receipt.mic, receipt.signer) == ("Thank you.", "", None)


def test_empty_lines_between_the_fields() -> None:
    receipt = said(
        "\r\nReporting-UA: x\r\n\r\noriginal-message-id: <1@us>\r\n\r\nDisposition: a/b; processed\r\n"
        "Received-content-MIC:\r\n AAAA,\r\n SHA1\r\n"
    )
    assert receipt.mic == "AAAA, sha1"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ("Disposition: a/b; processed", "message/disposition-notification"),
        ("Original-Message-ID: <1@us>", "message/disposition-notification"),
        ("Original-Message-ID: <1@us>\r\nDisposition: a/b; processed", "text/plain"),
    ],
)
def test_receipts_that_are_none(fields: str, kind: str) -> None:
    with pytest.raises(As2Error, match="HUB-5050"):
        said(fields, kind=kind)
    with pytest.raises(As2Error, match="it is text/html"):
        read_receipt({"content-type": "text/html"}, b"<html>", [], digests=[], now=NOW)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("AAAA, sha-256", "AAAA, sha-256"),
        ("AAAA,SHA256", "AAAA, sha-256"),
        (" AA\r\n AA , rsa-sha1", "AAAA, sha1"),
        ("AAAA", "AAAA, sha1"),
        ("AAAA, md5", "AAAA, md5"),
        ("", ""),
        (", sha1", ""),
    ],
)
def test_spellings_of_a_mic(written: str, normal: str) -> None:
    assert normal_mic(written) == normal


@pytest.mark.parametrize("name", ["ACME", "Our Co", 'a"b', "a\\b", "a,b;c=d"])
def test_names(name: str) -> None:
    assert unquote_name(quote_name(name)) == name
    assert unquote_name(f"  {quote_name(name)} ") == name


@pytest.mark.parametrize("key", ["0192f0c2-77aa-7c3e", "a/b c", "ü=2F", "=", "k" * 100])
def test_a_message_id_names_its_delivery_and_nothing_else(key: str) -> None:
    domain = domain_of("Us & Co.")
    message_id = message_id_of(key, domain)
    assert re.fullmatch(r"<[A-Za-z0-9_.=-]+@us-co>", message_id)
    assert key_of(message_id, domain) == key
    assert key_of(message_id, "them") is None
    assert key_of("<=FF@us-co>", domain) is None


def test_headings() -> None:
    assert read_heading(NAMES) == Heading("them", "Our Co", "<1@them>", None)
    wanted = {
        "disposition-notification-to": "x@y",
        "disposition-notification-options": "signed-receipt-protocol=optional,pkcs7-signature;"
        " signed-receipt-micalg = optional, md5, SHA1, sha-512",
        "receipt-delivery-option": " https://them.example/mdn ",
    }
    receipt = read_heading({**NAMES, **wanted}).receipt
    assert receipt == Wanted(True, ("md5", "sha-1", "sha-512"), "https://them.example/mdn")
    assert receipt.digest == "sha-1"
    assert read_heading({**NAMES, "disposition-notification-to": "x"}).receipt == Wanted()
    with pytest.raises(As2Error, match="no header as2-to and no message-id"):
        read_heading({"as2-from": "them"})


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("signed", [False, True])
def test_the_mic_is_over_what_the_standard_says(signed: bool, encrypted: bool, compressed: bool) -> None:
    """RFC 4130, 7.3.1: with the MIME headers where signed or encrypted. RFC 5402, 4: of what was signed, compressed or
    not; where nothing is signed, of the content that is not compressed."""
    us, them = identity("us"), identity("them")
    key, certificates = read_key(them.pem, None, "them"), read_certificates(them.certificate, "them")
    protection = Protection(
        key if signed else None, read_certificates(us.certificate, "us")[0] if encrypted else None, compressed
    )
    heading = Heading("them", "us", "<1@them>", Wanted(True, ("sha-256",)))
    made = make(
        b"ISA~\n",
        heading=heading,
        media_type="application/edi-x12",
        file_name="",
        subject="x",
        protection=protection,
        now=NOW,
        random=lambda size: b"r" * size,
    )
    opened = open_message(
        {name.lower(): value for name, value in made.headers.items()},
        made.body,
        keys=[read_key(us.pem, None, "us")],
        certificates=certificates,
        rules=Rules(signed, encrypted, ["sha-256"], CIPHERS, 1000),
        wanted=heading.receipt,
        now=NOW,
    )
    assert (opened.body, opened.mic) == (b"ISA~\n", made.mic)
    assert (opened.signer is not None, bool(opened.cipher)) == (signed, encrypted)
    part = b"Content-Type: application/edi-x12\r\nContent-Transfer-Encoding: binary\r\n\r\nISA~\n"
    over = part if signed or encrypted or compressed else b"ISA~\n"
    expected = f"{base64.b64encode(hashlib.sha256(over).digest()).decode()}, sha-256"
    assert (made.mic == expected) == (not (signed and compressed))


@pytest.mark.parametrize("size", [0, 999, 1000])
def test_what_is_unpacked_may_be_as_large_as_allowed(size: int) -> None:
    assert decompress(compress(b"x" * size), 1000) == b"x" * size
    with pytest.raises(As2Error, match="larger than 998 bytes" if size else "cannot be read"):
        decompress(compress(b"x" * size) if size else compress(b"x")[:-3], 998)
