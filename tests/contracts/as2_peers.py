"""AS2 far ends: pyas2lib, and OpenSSL's command line with MIME written by hand; keys and certificates for all."""

import base64
import datetime as dt
import email
import hashlib
import importlib
import re
import subprocess
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

ASYNC_URL = "http://127.0.0.1:9/mdn"
NOW = dt.datetime.now(dt.UTC)


class Identity(NamedTuple):
    """A key and its certificate, each as PEM."""

    key: str
    certificate: str

    @property
    def pem(self) -> str:
        return self.key + self.certificate


@cache
def private_key(name: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """One key for each name, made once; names that begin with "ec" have an elliptic curve."""
    if name.startswith("ec"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def identity(name: str, begins: int = -10, ends: int = 400) -> Identity:
    """A key and a certificate valid from and until so many days from now."""
    key = private_key(name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + dt.timedelta(days=begins))
        .not_valid_after(NOW + dt.timedelta(days=ends))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return Identity(private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode())


class Way(NamedTuple):
    """One cell of the matrix."""

    sign: bool
    encrypt: bool
    compress: bool
    mdn: str


Posted = tuple[dict[str, str], bytes]


class As2Peer(Protocol):
    """A partner named "them" who knows us as "us"."""

    def receive(self, headers: Mapping[str, str], body: bytes, way: Way) -> tuple[bytes, Posted]:
        """The payload of a message of ours, and the receipt for it."""
        ...

    def send(self, payload: bytes, way: Way) -> Posted:
        """A message to us."""
        ...

    def judge(self, headers: Mapping[str, str], body: bytes) -> str:
        """What our receipt for the last message says, once it is proven to be right."""
        ...


def _raw(headers: Mapping[str, str], body: bytes) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n" + body


def _pyas2lib() -> Any:
    """Its crypto library reads OpenSSL's version with one digit for each number and knows no 3.0.19."""
    plain = re.search

    def search(pattern: Any, *rest: Any, **named: Any) -> Any:
        return plain(r"\b(\d+\.\d+\.\d+[a-z]*)\b" if pattern == r"\b(\d\.\d\.\d[a-z]*)\b" else pattern, *rest, **named)

    with mock.patch("re.search", search):
        return importlib.import_module("pyas2lib.as2")


class Pyas2lib:
    """The GPL library, as its own users call it."""

    def __init__(self, us: Identity, them: Identity, folder: Path) -> None:
        self._as2, self._us, self._them = _pyas2lib(), us, them
        self._sent: Any = None

    def _ends(self, way: Way) -> tuple[Any, Any]:
        key = self._them.pem.encode()
        own = self._as2.Organization(as2_name="them", sign_key=key, decrypt_key=key, mdn_url=ASYNC_URL, domain="them")
        far = self._as2.Partner(
            as2_name="us",
            verify_cert=self._us.certificate.encode(),
            encrypt_cert=self._us.certificate.encode(),
            sign=way.sign,
            encrypt=way.encrypt,
            compress=way.compress,
            enc_alg="aes_256_cbc",
            mdn_mode=way.mdn.upper(),
            mdn_digest_alg="sha256",
        )
        return own, far

    def receive(self, headers: Mapping[str, str], body: bytes, way: Way) -> tuple[bytes, Posted]:
        own, far = self._ends(way)
        message = self._as2.Message()
        status, (error, trace), mdn = message.parse(_raw(headers, body), lambda _: own, lambda _: far)
        assert status == "processed", (error, trace)
        assert (message.signed, message.encrypted, message.compressed) == way[:3]
        return message.content, (mdn.headers, mdn.content)

    def send(self, payload: bytes, way: Way) -> Posted:
        own, far = self._ends(way)
        self._sent = self._as2.Message(sender=own, receiver=far)
        self._sent.build(payload, filename="order.edi", content_type="application/edi-x12")
        return self._sent.headers, self._sent.content

    def judge(self, headers: Mapping[str, str], body: bytes) -> str:
        status, detail = self._as2.Mdn().parse(_raw(headers, body), lambda *_: self._sent)
        assert detail is None, detail
        return str(status)


class OpenSsl:
    """`openssl cms` for the cryptography; it streams, so its envelopes have indefinite lengths (BER)."""

    def __init__(self, us: Identity, them: Identity, folder: Path) -> None:
        self._folder = folder
        for name, content in (("us", us.certificate), ("them", them.certificate), ("key", them.key)):
            (folder / name).write_text(content)
        self._mic = ""

    def run(self, command: str, **files: bytes) -> bytes:
        for name, content in files.items():
            (self._folder / name).write_bytes(content)
        done = subprocess.run(["openssl", "cms", *command.split()], cwd=self._folder, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def receive(self, headers: Mapping[str, str], body: bytes, way: Way) -> tuple[bytes, Posted]:
        entity, over = _raw({"Content-Type": headers["content-type"]}, body), body
        if way.encrypt:
            entity = over = self.run("-decrypt -inform DER -binary -in sealed -recip them -inkey key", sealed=body)
        if way.sign:
            entity = over = self.verified(entity)
        if way.compress:
            packed = entity.partition(b"\r\n\r\n")[2]
            entity = unpack(packed)
            over = over if way.sign else entity
        mic = base64.b64encode(hashlib.sha256(over).digest()).decode()
        return entity.partition(b"\r\n\r\n")[2], self.receipt(headers["message-id"], mic)

    def verified(self, entity: bytes) -> bytes:
        """The first part of a multipart/signed of ours."""
        boundary = email.message_from_bytes(entity).get_boundary()
        assert boundary is not None
        content, signature = entity.split(b"--" + boundary.encode())[1:3]
        der = email.message_from_bytes(signature.lstrip()).get_payload(decode=True)
        assert isinstance(der, bytes)
        self.run(
            "-verify -inform DER -in signature -content content -binary -CAfile us -purpose any -nointern -certfile us",
            signature=der,
            content=content[2:-2],
        )
        return content[2:-2]

    def receipt(self, message_id: str, mic: str, disposition: str = "processed", **headers: str) -> Posted:
        """A signed receipt, its MIC in an old spelling."""
        report = (
            'Content-Type: multipart/report; report-type=disposition-notification;\r\n\tboundary="r"\r\n\r\n'
            "--r\r\nContent-Type: text/plain\r\n\r\nGot it.\r\n--r\r\n"
            "Content-Type: message/disposition-notification\r\n\r\nReporting-UA: by hand\r\n\r\n"
            f"Original-Message-ID: {message_id}\r\n"
            f"Disposition: automatic-action/MDN-sent-automatically;\r\n {disposition}\r\n"
            f"Received-Content-MIC: {mic}, SHA256\r\n\r\n--r--\r\n"
        ).encode()
        kind, body = self.signed(report)
        about = {"AS2-From": "them", "AS2-To": "us", "Message-ID": "<mdn@them>", "Content-Type": kind, **headers}
        return about, body

    def signed(self, content: bytes, digest: str = "sha256") -> tuple[str, bytes]:
        """A multipart/signed: its Content-Type and body."""
        der = self.run(f"-sign -binary -outform DER -md {digest} -in c -signer them -inkey key", c=content)
        part = b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        body = b"preamble\r\n--s\r\n" + content + b"\r\n--s\r\n" + part + base64.encodebytes(der) + b"\r\n--s--\r\n"
        return f'multipart/signed; protocol="application/pkcs7-signature"; micalg={digest}; boundary=s', body

    def send(
        self, payload: bytes, way: Way, *, cipher: str = "aes256", digest: str = "sha256", **headers: str
    ) -> Posted:
        kind, body, over = "application/EDI-X12", payload, payload
        if way.compress:
            over = _raw({"Content-Type": kind}, body)
            kind, body = "application/pkcs7-mime; smime-type=compressed-data", pack(over)
        if way.sign:
            over = _raw({"Content-Type": kind, "Content-Transfer-Encoding": "binary"}, body)
            kind, body = self.signed(over, digest)
        if way.encrypt:
            clear = _raw({"Content-Type": kind}, body)
            over = over if way.sign or way.compress else clear
            kind = "application/pkcs7-mime; smime-type=enveloped-data"
            body = self.run(f"-encrypt -binary -stream -outform DER -{cipher} -in c us", c=clear)
        self._mic = base64.b64encode(hashlib.new(digest, over).digest()).decode()
        about = {
            "AS2-Version": "1.2",
            "AS2-From": "them",
            "AS2-To": "us",
            "Message-ID": "<1@them>",
            "Content-Type": kind,
            "Disposition-Notification-To": "them@example.com",
            "Disposition-Notification-Options": "signed-receipt-protocol=optional, pkcs7-signature; "
            f"signed-receipt-micalg=optional, {digest}, md5",
        }
        if way.mdn == "async":
            about["Receipt-Delivery-Option"] = ASYNC_URL
        return {**about, **headers}, body

    def judge(self, headers: Mapping[str, str], body: bytes) -> str:
        report = self.verified(_raw({"Content-Type": headers["content-type"]}, body)).decode()
        assert re.search(r"(?m)^Original-Message-ID: <1@them>\r$", report)
        assert re.search(rf"(?m)^Received-Content-MIC: {re.escape(self._mic)}, sha-?(1|256)\r$", report)
        found = re.search(r"(?m)^Disposition: automatic-action/MDN-sent-automatically; (.*)\r$", report)
        assert found is not None
        return found[1]


def pack(content: bytes) -> bytes:
    """CompressedData as Bouncy Castle writes it: indefinite lengths and a string in pieces. Most builds of OpenSSL have
    no zlib."""
    packed = zlib.compress(content)
    pieces = b"".join(_tlv(0x04, packed[at : at + 100]) for at in range(0, len(packed), 100))
    data, compressed = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("060b2a864886f70d0109100109")
    algorithm = _tlv(0x30, bytes.fromhex("060b2a864886f70d0109100308"))
    end = b"\0\0"
    inner = b"\x30\x80" + data + b"\xa0\x80\x24\x80" + pieces + 3 * end
    return b"\x30\x80" + compressed + b"\xa0\x80\x30\x80\x02\x01\x00" + algorithm + inner + 3 * end


def unpack(cms: bytes) -> bytes:
    """The content of our own CompressedData."""
    at = cms.index(b"\x78\x9c")
    return zlib.decompress(cms[at:])


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes((tag, size)) + content if size < 128 else bytes((tag, 0x81, size)) + content


PEERS: dict[str, Callable[[Identity, Identity, Path], As2Peer]] = {"pyas2lib": Pyas2lib, "openssl": OpenSsl}
