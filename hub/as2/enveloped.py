"""CMS EnvelopedData and AuthEnvelopedData (RFC 5652, section 6; 5083, 5084), and CompressedData (RFC 3274)."""

import zlib
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import Certificate, ExtensionNotFound, SubjectKeyIdentifier

from hub.as2.ber import (
    INTEGER,
    NULL,
    OCTETS,
    SEQUENCE,
    SET,
    Value,
    der,
    number,
    octets,
    oid,
    parts,
    read,
)
from hub.as2.fault import As2Error
from hub.as2.keys import Key, describe
from hub.as2.signed import DATA
from hub.errors import PermanentError

ENVELOPED = oid("1.2.840.113549.1.7.3")
AUTH_ENVELOPED = oid("1.2.840.113549.1.9.16.1.23")
COMPRESSED = oid("1.2.840.113549.1.9.16.1.9")
_ZLIB = oid("1.2.840.113549.1.9.16.3.8")
_RSA = oid("1.2.840.113549.1.1.1")
_OAEP = oid("1.2.840.113549.1.1.7")
_MOST_RECIPIENTS = 64
_TAG_SIZE = 16


class _Kind(NamedTuple):
    oid: bytes
    key_size: int
    block: int
    gcm: bool = False


CIPHERS = {
    "aes-128-cbc": _Kind(oid("2.16.840.1.101.3.4.1.2"), 16, 16),
    "aes-192-cbc": _Kind(oid("2.16.840.1.101.3.4.1.22"), 24, 16),
    "aes-256-cbc": _Kind(oid("2.16.840.1.101.3.4.1.42"), 32, 16),
    "aes-128-gcm": _Kind(oid("2.16.840.1.101.3.4.1.6"), 16, 16, gcm=True),
    "aes-256-gcm": _Kind(oid("2.16.840.1.101.3.4.1.46"), 32, 16, gcm=True),
    "3des": _Kind(oid("1.2.840.113549.3.7"), 24, 8),
}
Randomness = Callable[[int], bytes]


def content_kind(cms: bytes) -> str:
    """enveloped, compressed, other, or nothing where it cannot be read; whatever the MIME headers say."""
    try:
        kind = parts(read(cms), SEQUENCE, 2)[0].raw
    except ValueError:
        return ""
    if kind in (ENVELOPED, AUTH_ENVELOPED):
        return "enveloped"
    return "compressed" if kind == COMPRESSED else "other"


def encrypt(content: bytes, certificate: Certificate, *, cipher: str, random: Randomness) -> bytes:
    """The content for whoever has the certificate's key, in DER. random(n): n random bytes.

    PermanentError HUB-5040: the certificate's key is not RSA.
    """
    public, kind = certificate.public_key(), CIPHERS[cipher]
    if not isinstance(public, rsa.RSAPublicKey):
        raise PermanentError("HUB-5040", f"{describe(certificate)} is not RSA: nothing can be encrypted for it.")
    key = random(kind.key_size)
    recipient = der(
        SEQUENCE,
        number(0),
        der(SEQUENCE, certificate.issuer.public_bytes(), number(certificate.serial_number)),
        der(SEQUENCE, _RSA, NULL),
        der(OCTETS, public.encrypt(key, padding.PKCS1v15())),
    )
    if kind.gcm:
        nonce = random(12)
        sealed = AESGCM(key).encrypt(nonce, content, None)
        how = der(SEQUENCE, kind.oid, der(SEQUENCE, der(OCTETS, nonce), number(_TAG_SIZE)))
        made, mac = der(0x80, memoryview(sealed)[:-_TAG_SIZE]), der(OCTETS, sealed[-_TAG_SIZE:])
        type_ = AUTH_ENVELOPED
    else:
        vector = random(kind.block)
        how = der(SEQUENCE, kind.oid, der(OCTETS, vector))
        encryptor = _cbc(kind, key, vector).encryptor()
        fill = kind.block - len(content) % kind.block
        made = der(0x80, encryptor.update(content), encryptor.update(bytes((fill,)) * fill), encryptor.finalize())
        mac, type_ = b"", ENVELOPED
    inner = der(SEQUENCE, number(0), der(SET, recipient), der(SEQUENCE, DATA, how, made), mac)
    return der(SEQUENCE, type_, der(0xA0, inner))


def _cbc(kind: _Kind, key: bytes, vector: bytes) -> Cipher[modes.CBC]:
    algorithm = TripleDES(key) if kind.block == 8 else algorithms.AES(key)
    return Cipher(algorithm, modes.CBC(vector))


def decrypt(envelope: bytes, keys: Sequence[Key], *, ciphers: Collection[str]) -> tuple[bytes, str]:
    """The content, and the cipher's name. Whichever key of ours a recipient names is used.

    As2Error: it is for others, cannot be decrypted or read (HUB-5054), or its cipher is not allowed (HUB-5051).
    """
    try:
        return _decrypt(envelope, keys, ciphers)
    except ValueError as error:
        raise As2Error("HUB-5054", f"The encrypted content cannot be read: {error}.") from None


def _decrypt(envelope: bytes, keys: Sequence[Key], ciphers: Collection[str]) -> tuple[bytes, str]:
    type_, wrapped, *_ = parts(read(envelope), SEQUENCE, 2)
    fields = parts(parts(wrapped, 0xA0, 1)[0], SEQUENCE, 3)
    rest = [field for field in fields[1:] if field.tag != 0xA0]  # OriginatorInfo is nothing to us
    recipients, content, *behind = rest
    _, how, sealed = parts(content, SEQUENCE, 3)[:3]
    kind, parameters = parts(how, SEQUENCE, 2)[:2]
    name = next((name for name, cipher in CIPHERS.items() if cipher.oid == kind.raw), None)
    if name is None or name not in ciphers:
        raise As2Error(
            "HUB-5051",
            f"It is encrypted by {name or f'the cipher with the object identifier {bytes(kind.raw).hex()}'}; allowed "
            f"are {', '.join(ciphers)}. Ask the partner for one of them, or allow it in ciphers.",
        )
    cipher, secret = CIPHERS[name], octets(sealed)
    if cipher.gcm != (type_.raw == AUTH_ENVELOPED):
        raise ValueError(f"{name} in the wrong kind of envelope")
    key = _content_key(recipients, keys)
    if len(key) != cipher.key_size:
        raise As2Error("HUB-5054", "The content's key cannot be decrypted with ours.")
    if cipher.gcm:
        return _open_gcm(key, parameters, secret, behind), name
    vector = octets(parameters)
    if len(vector) != cipher.block or not secret or len(secret) % cipher.block:
        raise ValueError("its length or vector does not fit the cipher")
    decryptor = _cbc(cipher, key, vector).decryptor()
    plain = decryptor.update(secret) + decryptor.finalize()
    fill = plain[-1]
    if not 1 <= fill <= cipher.block or plain[-fill:] != bytes((fill,)) * fill:
        raise As2Error("HUB-5054", "The content cannot be decrypted with our key.")
    return plain[:-fill], name


def _open_gcm(key: bytes, parameters: Value, secret: bytes, behind: Sequence[Value]) -> bytes:
    nonce = octets(parts(parameters, SEQUENCE, 1)[0])
    macs = [octets(field) for field in behind if field.tag & ~0x20 == OCTETS]
    attributes = next((der(SET, field.content) for field in behind if field.tag == 0xA1), None)
    if len(macs) != 1 or not 12 <= len(macs[0]) <= _TAG_SIZE or not 8 <= len(nonce) <= 128:
        raise ValueError("a nonce or authentication code that cannot be")
    if len(macs[0]) < _TAG_SIZE:
        raise As2Error("HUB-5051", f"Its authentication code has {len(macs[0])} bytes; {_TAG_SIZE} are wanted.")
    try:
        return AESGCM(key).decrypt(nonce, secret + macs[0], attributes)
    except InvalidTag:
        raise As2Error("HUB-5054", "The content cannot be decrypted with our key, or was changed on its way.") from None


def _content_key(recipients: Value, keys: Sequence[Key]) -> bytes:
    """The key of the content, from the recipient that is one of ours."""
    named = []
    for recipient in parts(recipients, SET)[:_MOST_RECIPIENTS]:
        if recipient.tag != SEQUENCE:  # key agreement, passwords: not of AS2
            continue
        _, rid, how, sealed = parts(recipient, SEQUENCE, 4)[:4]
        for key in keys:
            if isinstance(key.private, rsa.RSAPrivateKey) and _names(rid, key.certificate):
                return _open_key(key.private, how, octets(sealed))
        named.append(_named(rid))
    ours = "; ".join(describe(key.certificate) for key in keys) or "none"
    raise As2Error(
        "HUB-5054",
        f"It is encrypted for {', '.join(named) or 'nobody by RSA'}, and ours are: {ours}. Send the partner our "
        "present certificate, or put the key that it used back into private_keys.",
    )


def _open_key(private: rsa.RSAPrivateKey, how: Value, sealed: bytes) -> bytes:
    kind, *parameters = parts(how, SEQUENCE, 1)
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if kind.raw == _OAEP:
        hashed = hashes.SHA256() if _oaep_sha256(parameters) else hashes.SHA1()  # noqa: S303 - RFC 8017's default
        scheme = padding.OAEP(padding.MGF1(hashed), hashed, None)
    elif kind.raw != _RSA:
        raise ValueError("its key is encrypted by something else than RSA")
    try:
        return private.decrypt(sealed, scheme)
    except ValueError:
        raise As2Error("HUB-5054", "The content's key cannot be decrypted with ours.") from None


def _oaep_sha256(parameters: Sequence[Value]) -> bool:
    return bool(parameters) and oid("2.16.840.1.101.3.4.2.1") in bytes(parameters[0].raw)


def _names(rid: Value, certificate: Certificate) -> bool:
    """Whether a recipient is this certificate: by its serial number, or by its subject key identifier."""
    if rid.tag == SEQUENCE:
        return bytes(parts(rid, SEQUENCE, 2)[1].raw) == number(certificate.serial_number)
    try:
        extension = certificate.extensions.get_extension_for_class(SubjectKeyIdentifier)
    except ExtensionNotFound:
        return False
    return octets(rid) == extension.value.key_identifier


def _named(rid: Value) -> str:
    if rid.tag != SEQUENCE:
        return f"the key {bytes(rid.content[:32]).hex()}"
    serial = parts(rid, SEQUENCE, 2)[1]
    if serial.tag != INTEGER:
        raise ValueError("a serial number that is no number")
    return f"the serial number {int.from_bytes(serial.content[:32]):X}"


def compress(content: bytes) -> bytes:
    """CompressedData, in DER; the same bytes every time."""
    packed = der(0xA0, der(OCTETS, zlib.compress(content)))
    inner = der(SEQUENCE, number(0), der(SEQUENCE, _ZLIB), der(SEQUENCE, DATA, packed))
    return der(SEQUENCE, COMPRESSED, der(0xA0, inner))


def decompress(cms: bytes, most: int) -> bytes:
    """The content, at most so many bytes. As2Error HUB-5055: it is larger, or cannot be read."""
    try:
        _, wrapped, *_ = parts(read(cms), SEQUENCE, 2)
        _, how, content = parts(parts(wrapped, 0xA0, 1)[0], SEQUENCE, 3)[:3]
        if parts(how, SEQUENCE, 1)[0].raw != _ZLIB:
            raise ValueError("not by zlib")
        packed = octets(parts(parts(content, SEQUENCE, 2)[1], 0xA0, 1)[0])
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(packed, most + 1)
        if len(plain) > most:
            raise As2Error("HUB-5055", f"The content is larger than {most:,} bytes when it is unpacked.")
        if not unpacking.eof:
            raise ValueError("it breaks off")
    except (ValueError, zlib.error) as error:
        raise As2Error("HUB-5055", f"The compressed content cannot be read: {error}.") from None
    return plain
