"""CMS SignedData, detached (RFC 5652, section 5; algorithms RFC 3370, 4056, 5754): made and verified."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from hub.as2.ber import (
    INTEGER,
    NULL,
    OCTETS,
    SEQUENCE,
    SET,
    Value,
    again,
    der,
    inside,
    number,
    octets,
    oid,
    parts,
    read,
)
from hub.as2.fault import As2Error
from hub.as2.keys import Key, describe, why_not

DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = oid("1.2.840.113549.1.9.5")
_RSA = oid("1.2.840.113549.1.1.1")
_PSS = oid("1.2.840.113549.1.1.10")
_MGF1 = oid("1.2.840.113549.1.1.8")

Hash = hashes.SHA1 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512
HASHES: dict[str, Hash] = {
    "sha-1": hashes.SHA1(),  # noqa: S303 - taken only where a connection says so
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}
_DIGESTS = {
    "sha-1": oid("1.3.14.3.2.26"),
    "sha-256": oid("2.16.840.1.101.3.4.2.1"),
    "sha-384": oid("2.16.840.1.101.3.4.2.2"),
    "sha-512": oid("2.16.840.1.101.3.4.2.3"),
}
_ECDSA = {
    "sha-256": oid("1.2.840.10045.4.3.2"),
    "sha-384": oid("1.2.840.10045.4.3.3"),
    "sha-512": oid("1.2.840.10045.4.3.4"),
}
_MOST_SIGNERS = 8


class Signer(NamedTuple):
    """Who signed, and by which digest ("sha-256")."""

    certificate: Certificate
    digest: str


def digest_name(said: str) -> str:
    """The digest by any of its spellings (sha1, SHA256, rsa-sha1, sha-256, ..) as RFC 5751 spells it."""
    bare = said.strip().strip('"').lower().removeprefix("rsa-").replace("-", "").replace("_", "")
    return f"sha-{bare[3:]}" if bare in ("sha1", "sha256", "sha384", "sha512") else bare


def wire_name(digest: str) -> str:
    """How a digest is written in headers and receipts (RFC 5751, 3.4.3.2)."""
    return "sha1" if digest == "sha-1" else digest


def digest_of(content: bytes, digest: str) -> bytes:
    """The digest of these bytes. digest: as digest_name gives it."""
    return hashlib.new(digest.replace("-", ""), content, usedforsecurity=False).digest()


def sign(content: bytes, key: Key, *, digest: str, now: datetime, pss: bool = False) -> bytes:
    """A detached signature over the content, in DER."""
    algorithm = der(SEQUENCE, _DIGESTS[digest])
    attributes = sorted(
        (
            der(SEQUENCE, _CONTENT_TYPE, der(SET, DATA)),
            der(SEQUENCE, _SIGNING_TIME, der(SET, _time(now))),
            der(SEQUENCE, _MESSAGE_DIGEST, der(SET, der(OCTETS, digest_of(content, digest)))),
        )
    )
    how, signature = _sign(der(SET, *attributes), key, digest, pss)
    certificate = key.certificate
    signer = der(
        SEQUENCE,
        number(1),
        der(SEQUENCE, certificate.issuer.public_bytes(), number(certificate.serial_number)),
        algorithm,
        der(0xA0, *attributes),
        how,
        der(OCTETS, signature),
    )
    signed = der(
        SEQUENCE,
        number(1),
        der(SET, algorithm),
        der(SEQUENCE, DATA),
        der(0xA0, certificate.public_bytes(Encoding.DER)),
        der(SET, signer),
    )
    return der(SEQUENCE, SIGNED_DATA, der(0xA0, signed))


def _time(now: datetime) -> bytes:
    """RFC 5652, 11.3: UTCTime to 2049, GeneralizedTime from 2050 on."""
    utc = now.astimezone(UTC)
    if utc.year < 2050:
        return der(0x17, utc.strftime("%y%m%d%H%M%SZ").encode())
    return der(0x18, utc.strftime("%Y%m%d%H%M%SZ").encode())


def _sign(content: bytes, key: Key, digest: str, pss: bool) -> tuple[bytes, bytes]:
    """The AlgorithmIdentifier, and the signature."""
    hashed = HASHES[digest]
    if isinstance(key.private, ec.EllipticCurvePrivateKey):
        return der(SEQUENCE, _ECDSA[digest]), key.private.sign(content, ec.ECDSA(hashed))
    if pss:
        size = hashed.digest_size
        scheme = der(SEQUENCE, _DIGESTS[digest])
        explained = der(
            SEQUENCE,
            der(0xA0, scheme),
            der(0xA1, der(SEQUENCE, _MGF1, scheme)),
            der(0xA2, number(size)),
        )
        signature = key.private.sign(content, padding.PSS(padding.MGF1(hashed), size), hashed)
        return der(SEQUENCE, _PSS, explained), signature
    return der(SEQUENCE, _RSA, NULL), key.private.sign(content, padding.PKCS1v15(), hashed)


def verify(
    content: bytes,
    signature: bytes,
    certificates: Sequence[Certificate],
    *,
    digests: Collection[str],
    now: datetime,
) -> Signer:
    """Who of the certificates signed the content. digests: those allowed.

    As2Error: it is no signature (HUB-5050), by nobody known or outdated (HUB-5052), of other bytes (HUB-5053), or by a
    digest that is not allowed (HUB-5051).
    """
    try:
        signers = _signers(signature)
    except ValueError as error:
        raise As2Error("HUB-5050", f"The signature is no CMS SignedData: {error}.") from None
    wrong: As2Error | None = None
    for signer in signers:
        try:
            return _verify(content, signer, certificates, digests, now)
        except ValueError as error:
            wrong = As2Error("HUB-5050", f"The signature's SignerInfo cannot be read: {error}.")
        except As2Error as error:
            wrong = error
    raise wrong or As2Error("HUB-5052", "The signature names nobody who signed.")


def _signers(signature: bytes) -> list[Value]:
    kind, wrapped, *_ = parts(read(signature), SEQUENCE, 2)
    if kind.raw != SIGNED_DATA:
        raise ValueError("its content type is another one")
    fields = parts(parts(wrapped, 0xA0, 1)[0], SEQUENCE, 4)
    return parts(fields[-1], SET)[:_MOST_SIGNERS]


def _verify(
    content: bytes,
    signer: Value,
    certificates: Sequence[Certificate],
    digests: Collection[str],
    now: datetime,
) -> Signer:
    _, sid, algorithm, *rest = parts(signer, SEQUENCE, 5)
    attributes = rest.pop(0) if rest[0].tag == 0xA0 else None
    how, signature, *_ = rest
    digest = _allowed_digest(algorithm, digests)
    if attributes is None:
        signed = [content]
    else:
        _check_digest(content, attributes, digest)
        plain = der(SET, attributes.content)
        signed = list(dict.fromkeys((plain, again(read(plain)))))
    scheme, value = parts(how, SEQUENCE, 1)[0].raw, octets(signature)
    for certificate in certificates:
        if any(_is_by(certificate, scheme, digest, value, one) for one in signed):
            if reason := why_not(certificate, now):
                raise As2Error("HUB-5052", f"It is signed with a certificate that may not be used: {reason}.")
            return Signer(certificate, digest)
    known = "; ".join(map(describe, certificates)) or "none"
    raise As2Error(
        "HUB-5052",
        f"It is signed by {_named(sid)}, and that signature is by none of the partner's certificates in the settings: "
        f"{known}. If the partner has a new certificate, add it to certificates.",
    )


def _allowed_digest(algorithm: Value, digests: Collection[str]) -> str:
    kind = parts(algorithm, SEQUENCE, 1)[0].raw
    name = next((name for name, known in _DIGESTS.items() if known == kind), None)
    if name is None or name not in digests:
        raise As2Error(
            "HUB-5051",
            f"It is signed by the digest {name or f'with the object identifier {bytes(kind).hex()}'}; allowed are "
            f"{', '.join(digests)}. Ask the partner for one of them, or allow it in digests.",
        )
    return name


def _check_digest(content: bytes, attributes: Value, digest: str) -> None:
    """ValueError: the attributes are not as they must be. As2Error HUB-5053: their digest is of other content."""
    found: list[bytes] = []
    for attribute in inside(attributes):
        kind, values = parts(attribute, SEQUENCE, 2)[:2]
        if kind.raw == _MESSAGE_DIGEST:
            found += [octets(value) for value in parts(values, SET)]
        elif kind.raw == _CONTENT_TYPE and [bytes(value.raw) for value in parts(values, SET)] != [DATA]:
            raise ValueError("it is over another content type")
    if len(found) != 1:
        raise ValueError(f"{len(found)} message digests where one belongs")
    if not hmac.compare_digest(digest_of(content, digest), found[0]):
        raise As2Error(
            "HUB-5053",
            "The content is not what was signed: it was changed on its way. Ask the partner to send it again.",
        )


def _is_by(certificate: Certificate, scheme: memoryview, digest: str, signature: bytes, content: bytes) -> bool:
    key, hashed = certificate.public_key(), HASHES[digest]
    try:
        if isinstance(key, rsa.RSAPublicKey) and scheme == _PSS:
            key.verify(signature, content, padding.PSS(padding.MGF1(hashed), padding.PSS.AUTO), hashed)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), hashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(hashed))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _named(sid: Value) -> str:
    """How the signer names its certificate."""
    if sid.tag != SEQUENCE:
        return f"the key {bytes(sid.content[:32]).hex()}"
    _, serial = parts(sid, SEQUENCE, 2)[:2]
    if serial.tag != INTEGER:
        raise ValueError("a serial number that is no number")
    return f"the certificate with the serial number {int.from_bytes(serial.content[:32]):X}"
