"""The cryptography of AS2 against `openssl cms`: every form it writes is read, and what we write it reads."""

import os
from pathlib import Path

import pytest

from hub.as2.ber import read
from hub.as2.enveloped import CIPHERS, decrypt, encrypt
from hub.as2.fault import As2Error
from hub.as2.keys import read_certificates, read_key
from hub.as2.signed import sign, verify
from tests.contracts.as2_peers import NOW, Identity, OpenSsl, identity

pytestmark = pytest.mark.peer("openssl")
US, THEM = identity("us"), identity("them")
CONTENT = b"Content-Type: application/edi-x12\r\n\r\nISA*\x00\xff\n~" + bytes(range(256)) * 300
DIGESTS = ["sha-1", "sha-256", "sha-384", "sha-512"]


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    return OpenSsl(US, THEM, tmp_path)


@pytest.mark.parametrize(
    ("options", "digest"),
    [
        ("-md sha1", "sha-1"),
        ("-md sha256", "sha-256"),
        ("-md sha384", "sha-384"),
        ("-md sha512", "sha-512"),
        ("-md sha256 -keyopt rsa_padding_mode:pss", "sha-256"),
        ("-md sha512 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20", "sha-512"),
        ("-md sha256 -noattr", "sha-256"),
        ("-md sha256 -nosmimecap -nocerts", "sha-256"),
        ("-md sha256 -keyid -stream", "sha-256"),
    ],
)
def test_its_signatures(openssl: OpenSsl, options: str, digest: str) -> None:
    certificates = read_certificates(US.certificate + THEM.certificate, "both")
    command, *more = options.replace("-md", "-sign -binary -outform DER -in c -md", 1).split(" -keyopt")
    keyopts = "".join(f" -keyopt{one}" for one in more)
    der = openssl.run(f"{command} -signer them -inkey key{keyopts}", c=CONTENT)
    signer = verify(CONTENT, der, certificates, digests=DIGESTS, now=NOW)
    assert signer == (certificates[1], digest)
    with pytest.raises(As2Error) as caught:
        verify(CONTENT + b"x", der, certificates, digests=DIGESTS, now=NOW)
    assert caught.value.code == ("HUB-5052" if "-noattr" in options else "HUB-5053")
    with pytest.raises(As2Error) as caught:
        verify(CONTENT, der, certificates[:1], digests=DIGESTS, now=NOW)
    assert caught.value.code == "HUB-5052"
    with pytest.raises(As2Error) as caught:
        verify(CONTENT, der, certificates, digests=["sha-224"], now=NOW)
    assert caught.value.code == "HUB-5051"


@pytest.mark.parametrize(
    ("who", "digest", "pss"),
    [
        ("us", "sha-1", False),
        ("us", "sha-256", False),
        ("us", "sha-384", True),
        ("us", "sha-512", True),
        ("ec", "sha-256", False),
        ("ec", "sha-512", False),
    ],
)
def test_our_signatures(openssl: OpenSsl, who: str, digest: str, pss: bool) -> None:
    one: Identity = identity(who)
    der = sign(CONTENT, read_key(one.pem, None, who), digest=digest, now=NOW, pss=pss)
    openssl.run(
        "-verify -inform DER -in s -content c -binary -CAfile ca -purpose any -nointern -certfile ca",
        s=der,
        c=CONTENT,
        ca=one.certificate.encode(),
    )


@pytest.mark.parametrize("stream", ["", "-stream "])
@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("-aes128", "aes-128-cbc"),
        ("-aes192", "aes-192-cbc"),
        ("-aes256", "aes-256-cbc"),
        ("-aes-128-gcm", "aes-128-gcm"),
        ("-aes-256-gcm", "aes-256-gcm"),
        ("-des3", "3des"),
        ("-aes256 -keyid", "aes-256-cbc"),
        ("-aes256 -keyopt rsa_padding_mode:oaep", "aes-256-cbc"),
        ("-aes256 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256", "aes-256-cbc"),
    ],
)
def test_its_envelopes(openssl: OpenSsl, options: str, name: str, stream: str) -> None:
    command, *more = options.split(" -keyopt")
    keyopts = "".join(f" -keyopt{one}" for one in more)
    sealed = openssl.run(f"-encrypt -binary {stream}-outform DER {command} -in c -recip us{keyopts}", c=CONTENT)
    keys = [read_key(THEM.pem, None, "them"), read_key(US.pem, None, "us")]
    assert decrypt(sealed, keys, ciphers=CIPHERS) == (CONTENT, name)
    with pytest.raises(As2Error) as caught:
        decrypt(sealed, keys[:1], ciphers=CIPHERS)
    assert caught.value.code == "HUB-5054"


def test_an_envelope_for_several(openssl: OpenSsl) -> None:
    sealed = openssl.run("-encrypt -binary -outform DER -aes256 -in c them us", c=CONTENT)
    for one in (US, THEM):
        assert decrypt(sealed, [read_key(one.pem, None, "one")], ciphers=CIPHERS)[0] == CONTENT


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("content", [CONTENT, b"", b"x" * 16], ids=["long", "empty", "a block"])
def test_our_envelopes(openssl: OpenSsl, cipher: str, content: bytes) -> None:
    (certificate,) = read_certificates(THEM.certificate, "them")
    sealed = encrypt(content, certificate, cipher=cipher, random=os.urandom)
    assert openssl.run("-decrypt -inform DER -binary -in s -recip them -inkey key", s=sealed) == content


def test_a_large_stream_in_many_pieces(openssl: OpenSsl) -> None:
    large = os.urandom(1024) * 5000
    sealed = openssl.run("-encrypt -binary -stream -outform DER -aes256 -in c us", c=large)
    assert read(sealed).raw[1] == 0x80
    assert decrypt(sealed, [read_key(US.pem, None, "us")], ciphers=CIPHERS)[0] == large
