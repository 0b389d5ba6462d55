"""Any payload, names and protection: what a partner opens is what was sent, and its MIC is the sender's."""

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from hub.as2 import (
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
from hub.as2.enveloped import CIPHERS
from tests.contracts.as2_peers import NOW, identity

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
BITS = st.booleans()


@cache
def own(name: str) -> Key:
    """Reading a key checks it, which takes its time."""
    return read_key(identity(name).pem, None, name)


@given(
    payload=st.binary(max_size=2000),
    sender=NAMES,
    receiver=NAMES,
    file_name=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    signer=st.sampled_from(["", "them", "ec"]),
    encrypted=BITS,
    compressed=BITS,
    pss=BITS,
    cipher=st.sampled_from(list(CIPHERS)),
    digest=st.sampled_from(["sha-1", "sha-256", "sha-384", "sha-512"]),
)
def test_what_is_opened_is_what_was_sent(
    payload: bytes,
    sender: str,
    receiver: str,
    file_name: str,
    signer: str,
    encrypted: bool,
    compressed: bool,
    pss: bool,
    cipher: str,
    digest: str,
) -> None:
    us = own("us")
    key = own(signer) if signer else None
    digest = "sha-256" if digest == "sha-1" and (signer == "ec" or pss) else digest
    heading = Heading(sender, receiver, "<1@them>", Wanted(True, (digest,)))
    made = make(
        payload,
        heading=heading,
        media_type="application/edifact",
        file_name=file_name,
        subject="x",
        protection=Protection(key, us.certificate if encrypted else None, compressed, digest, cipher, pss),
        now=NOW,
        random=lambda size: b"r" * size,
    )
    headers = {name.lower(): value for name, value in made.headers.items()}
    assert read_heading(headers) == heading
    opened = open_message(
        headers,
        made.body,
        keys=[us],
        certificates=[key.certificate] if key else [],
        rules=Rules(bool(signer), encrypted, [digest], [cipher], 2000),
        wanted=heading.receipt,
        now=NOW,
    )
    assert (opened.body, opened.mic, opened.file_name) == (payload, made.mic, file_name)
    assert opened.media_type == "application/edifact"


@given(text=st.text(max_size=200), sender=NAMES, receiver=NAMES, modifier=st.sampled_from(["", "decryption-failed"]))
def test_what_a_receipt_says_is_read(text: str, sender: str, receiver: str, modifier: str) -> None:
    key = own("ec")
    heading = Heading(sender, receiver, "<1@them>", None)
    text = text.encode("utf-8", "replace").decode()
    headers, body = make_receipt(
        heading, text=text, message_id="<m@us>", now=NOW, mic="AAAA, sha1", modifier=modifier, signing=(key, "sha-256")
    )
    said = read_receipt(
        {name.lower(): value for name, value in headers.items()},
        body,
        read_certificates(identity("ec").certificate, "ec"),
        digests=["sha-256"],
        now=NOW,
    )
    assert (said.accepted, said.mic, said.message_id) == (not modifier, "AAAA, sha1", "<1@them>")
    assert said.text == " ".join(text.split())
    assert said.signer is not None
