"""AS2 (RFC 4130): exchanges signed and encrypted messages with a partner over HTTP, each answered by a receipt (MDN).

A message's Message-ID is that of its delivery, the same over all tries: a partner takes it once. A certificate is
rolled over without a gap, because each side's old and new ones stand side by side.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from cryptography.x509 import Certificate
from pydantic import Field, field_validator, model_validator

from hub import as2
from hub.as2 import TOLD, As2Error, Heading, Key, Wanted
from hub.connector import Answer, Arrival, Parcel, Receipt, Refusal, RefusedError, Request, Secrets, Word
from hub.errors import PermanentError
from hub.interop.exchange import Exchange, Reach, basic, check_url, plain_name

Digest = Literal["sha-1", "sha-256", "sha-384", "sha-512"]
CipherName = Literal["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm", "3des"]
LONGEST_RECEIPT = 1024 * 1024


class Settings(Reach):
    """What a connection may say."""

    url: str | None = Field(None, description="Where to deliver to. https, or http with allow_private.")
    as2_from: str = Field(description="Our AS2 name.", min_length=1, max_length=128)
    as2_to: str = Field(description="The partner's AS2 name.", min_length=1, max_length=128)
    private_keys: list[str] = Field(
        default_factory=list,
        max_length=8,
        description='Our keys as "secret:name", each a PEM of the private key and its certificate. The first that is '
        "valid signs; all of them decrypt.",
    )
    passphrase: str | None = Field(None, description="Passphrase of the private keys, if they have one.")
    certificates: list[str] = Field(
        default_factory=list,
        max_length=8,
        description='The partner\'s certificates, each as PEM text or as "secret:name". The first that is valid '
        "encrypts; a signature by any valid one is right.",
    )
    sign: bool = Field(True, description="Sign what we send.")
    encrypt: bool = Field(True, description="Encrypt what we send.")
    compress: bool = Field(False, description="Compress what we send.")
    digest: Digest = Field("sha-256", description="Digest of our signatures.")
    pss: bool = Field(False, description="Sign by RSA-PSS instead of RSA PKCS#1 v1.5.")
    cipher: CipherName = Field("aes-256-cbc", description="Cipher of what we encrypt.")
    mdn: Literal["sync", "async", "none"] = Field(
        "sync", description="The receipt that we ask for: in the answer, later to mdn_url, or none."
    )
    mdn_signed: bool = Field(True, description="Ask for signed receipts, and take no others.")
    mdn_url: str | None = Field(None, description="For mdn = async: where the partner posts its receipts to us.")
    subject: str = Field("EDI", description="Subject of our messages.", max_length=200)
    content_type: str | None = Field(None, description="Media type of our payloads. Default: as the payload has it.")
    user: str | None = Field(
        None, description="User name for HTTP basic authentication, where the partner asks for it."
    )
    password: str | None = Field(None, description="The password to it.")
    repeatable: bool = Field(
        True,
        description="The partner takes the same Message-ID only once and repeats its receipt, so that a delivery of "
        "unknown outcome is simply sent again.",
    )
    require_signed: bool = Field(True, description="Take signed messages only.")
    require_encrypted: bool = Field(True, description="Take encrypted messages only.")
    digests: list[Digest] = Field(
        default=["sha-256", "sha-384", "sha-512"], description="Digests that signatures may use. sha-1 is broken."
    )
    ciphers: list[CipherName] = Field(
        default=["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"],
        description="Ciphers that messages may use. 3des is weak; take it only from a partner that has no other.",
    )
    mdn_hosts: list[str] = Field(
        default_factory=list,
        description="Hosts that an unsigned message may have its receipt posted to, besides that of url.",
    )
    max_size: int = Field(100_000_000, gt=0, description="Largest payload in bytes when it is unpacked.")

    @field_validator("as2_from", "as2_to", "subject")
    @classmethod
    def _printable(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            raise ValueError("must be printable ASCII without spaces at its ends: it is sent as an HTTP header")
        return value

    @field_validator("private_keys")
    @classmethod
    def _named(cls, value: list[str]) -> list[str]:
        if not all(name.startswith("secret:") for name in value):
            raise ValueError('a private key is named as "secret:<name>"; keep the PEM itself in that secret')
        return value

    @field_validator("certificates")
    @classmethod
    def _readable(cls, value: list[str]) -> list[str]:
        for pem in value:
            if not pem.startswith("secret:"):
                try:
                    as2.read_certificates(pem, "it")
                except PermanentError as error:
                    raise ValueError(error.message) from None
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        if self.url is not None:
            check_url(self.url, self)
        if (self.mdn == "async") != (self.mdn_url is not None):
            raise ValueError("mdn = async and mdn_url belong together")
        if self.mdn_url is not None:
            check_url(self.mdn_url, self)
        if not self.private_keys and ((self.sign and self.url is not None) or self.require_encrypted):
            raise ValueError("sign and require_encrypted need private_keys; or set both to false")
        if not self.certificates and (
            (self.url is not None and (self.encrypt or (self.mdn != "none" and self.mdn_signed))) or self.require_signed
        ):
            raise ValueError("encrypt, mdn_signed and require_signed need certificates; or set them to false")
        if self.pss and self.digest == "sha-1":
            raise ValueError("pss needs a digest of the sha-2 family")
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together")
        return self


class Connector:
    """Each delivery opens a connection of its own, so calls from several threads do not meet."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self.settings = settings
        self._secrets = secrets
        self._domain = as2.domain_of(settings.as2_from)

    @property
    def repeatable(self) -> bool:
        """Whether the partner takes the same parcel twice as once."""
        return self.settings.repeatable

    # -- delivering --------------------------------------------------------------------------------------------------

    def deliver(self, parcel: Parcel) -> Receipt:
        """Send it as a message; or a receipt of ours, where the parcel names an address."""
        if parcel.address:
            return self._deliver_receipt(parcel)
        settings, now = self.settings, datetime.now(UTC)
        exchange = self._exchange()
        heading = Heading(
            settings.as2_from, settings.as2_to, as2.message_id_of(parcel.key, self._domain), self._wanted()
        )
        made = as2.make(
            parcel.body,
            heading=heading,
            media_type=settings.content_type or parcel.media_type,
            file_name=plain_name(parcel.file_name),
            subject=settings.subject,
            protection=as2.Protection(
                signing=as2.signing_key(self._keys(), now) if settings.sign else None,
                encrypting=as2.encryption_certificate(self._certificates(), now) if settings.encrypt else None,
                compressed=settings.compress,
                digest=settings.digest,
                cipher=settings.cipher,
                pss=settings.pss,
            ),
            now=now,
            random=os.urandom,
        )
        answer = exchange.send(made.body, {**self._plain_headers(), **made.headers}, LONGEST_RECEIPT)
        evidence = {
            "status": str(answer.status),
            "message_id": heading.message_id,
            "mic": made.mic,
            "sent_sha256": hashlib.sha256(parcel.body).hexdigest(),
        }
        here = settings.mdn == "sync" or as2.is_receipt(answer.headers, answer.body)  # some refuse at once
        if settings.mdn == "none" or not here:
            return Receipt(reference=heading.message_id, evidence=evidence, awaited=settings.mdn == "async")
        try:
            said = as2.read_receipt(
                answer.headers, answer.body, self._certificates(), digests=settings.digests, now=datetime.now(UTC)
            )
        except As2Error as error:
            if error.code == "HUB-5050":
                text = answer.body[:300].decode("utf-8", "backslashreplace").strip()
                raise exchange.unknown(
                    f'{self._about()}: status {answer.status} without a receipt that can be read, but "{text}". '
                    f"{error.message.rstrip('.')}"
                ) from error
            raise PermanentError("HUB-5043", f"{self._about()}: the receipt is not proven. {error.message}") from error
        if said.message_id.strip("<> ") != heading.message_id.strip("<>"):
            raise exchange.unknown(
                f"{self._about()}: the receipt is for the message {said.message_id[:200]}, not for {heading.message_id}"
            )
        mdn = _entity(answer.headers, answer.body)
        kept = Receipt(reference=heading.message_id, evidence={**evidence, **_evidence(said)}, body=mdn)
        self._judge(said, made.mic, kept)
        return kept

    def _judge(self, said: as2.Receipt, mic: str, kept: Receipt) -> None:
        """Raise what the receipt means, if it is no yes."""
        if not said.accepted:
            text = f"{self._about()}: {_sentence(said)} Settle it with them, then resend."
            raise RefusedError("HUB-5041", text, kept)
        if self.settings.mdn_signed and said.signer is None:
            raise PermanentError(
                "HUB-5043",
                f"{self._about()}: the receipt is not signed, and we asked for a signed one. {_sentence(said)}",
            )
        if self._lacks_mic(said) or said.mic not in ("", mic):
            raise RefusedError(
                "HUB-5042",
                f"{self._about()}: the receipt is for other bytes than were sent: its MIC is "
                f"{said.mic or 'missing'}, ours {mic}. Ask the partner what arrived before you resend.",
                kept,
            )

    def _lacks_mic(self, said: as2.Receipt) -> bool:
        """Whether a receipt for a signed message proves nothing; one of a duplicate may leave the MIC out."""
        return self.settings.sign and not said.mic and not said.duplicate

    def _deliver_receipt(self, parcel: Parcel) -> Receipt:
        exchange = Exchange(self.settings, "POST", parcel.address, identity="Message-ID", repeatable=True)
        answer = exchange.send(parcel.body, {**self._plain_headers(own=False), **parcel.headers})
        return Receipt(reference=parcel.headers.get("Message-ID", ""), evidence={"status": str(answer.status)})

    def probe(self, parcel: Parcel) -> Literal["delivered", "absent", "unknown"]:
        """AS2 has no way to ask: unknown. The same Message-ID again is answered with the first receipt."""
        return "unknown"

    def test(self) -> str:
        """Read keys and certificates, tell which end soon, and look at the partner's address; no message is sent."""
        now = datetime.now(UTC)
        told = [] if self.settings.url is not None else ["It has no url, so it takes messages only."]
        keys, certificates = self._keys(), self._certificates()
        if self.settings.url is not None:
            if self.settings.sign:
                as2.signing_key(keys, now)
            if self.settings.encrypt:
                as2.encryption_certificate(certificates, now)
            told.append(self._exchange().test())
        told += [f"Ours: {as2.describe(key.certificate)}." for key in keys]
        told += [f"The partner's: {as2.describe(certificate)}." for certificate in certificates]
        told += [f"Warning: {one}" for one in as2.ending_soon([*(key.certificate for key in keys), *certificates], now)]
        return " ".join(told)

    def expiring(self, now: datetime) -> list[str]:
        """What soon leaves this connection without a key or certificate; one that another outlives does not."""
        both = [key.certificate for key in self._keys()], self._certificates()
        return as2.ending_soon([max(side, key=lambda one: one.not_valid_after_utc) for side in both if side], now)

    def _exchange(self) -> Exchange:
        settings = self.settings
        if settings.url is None:
            raise PermanentError("HUB-5008", "The connection has no url to deliver to. Set url on the connection.")
        return Exchange(settings, "POST", settings.url, identity="Message-ID", repeatable=settings.repeatable)

    def _about(self) -> str:
        return f"AS2 to {self.settings.as2_to} at {self.settings.url}"

    def _plain_headers(self, own: bool = True) -> dict[str, str]:
        """The headers of every request; own: with our credentials, which are for the partner's url alone."""
        headers = {"User-Agent": "Crossdock", "Accept": "*/*", "Accept-Encoding": "identity"}
        if own and self.settings.user is not None and self.settings.password is not None:
            headers["Authorization"] = basic(self.settings.user, self._secrets(self.settings.password))
        return headers

    def _wanted(self) -> Wanted | None:
        settings = self.settings
        if settings.mdn == "none":
            return None
        return Wanted(settings.mdn_signed, (settings.digest,), settings.mdn_url or "")

    def _keys(self) -> list[Key]:
        passphrase = self._secrets(self.settings.passphrase) if self.settings.passphrase is not None else None
        return [_key(self._secrets(name), passphrase, name) for name in self.settings.private_keys]

    def _certificates(self) -> list[Certificate]:
        found: list[Certificate] = []
        for number, one in enumerate(self.settings.certificates, 1):
            pem = self._secrets(one) if one.startswith("secret:") else one
            found += _pem(pem, one if one.startswith("secret:") else f"certificates, number {number},")
        return found

    # -- taking messages in ------------------------------------------------------------------------------------------

    def knows(self, request: Request) -> bool:
        """Whether AS2-From and AS2-To are the partner's name and ours. It proves nothing."""
        try:
            heading = as2.read_heading(request.headers)
        except As2Error:
            return False
        return (heading.sender, heading.receiver) == (self.settings.as2_to, self.settings.as2_from)

    def accept(self, request: Request) -> Arrival | Word:
        """Open a message, with the receipt it is answered with; or read a receipt that comes late."""
        if request.method != "POST":
            raise Refusal(405, "send it by POST")
        try:
            heading = as2.read_heading(request.headers)
        except As2Error as error:
            raise Refusal(400, "it is no AS2 message: AS2-From, AS2-To or Message-ID is missing") from error
        if as2.is_receipt(request.headers, request.body):
            return self._word(heading, request)
        return self._take(heading, request)

    def _take(self, heading: Heading, request: Request) -> Arrival:
        proven = False
        try:
            if not self.knows(request):
                raise As2Error(
                    "HUB-5056",
                    f'A message from "{heading.sender[:128]}" to "{heading.receiver[:128]}" came to the connection of '
                    f'"{self.settings.as2_to}" to "{self.settings.as2_from}". Compare the AS2 names with the partner.',
                )
            opened = self._open(heading, request)
            proven = opened.signer is not None
            answer, later = self._receipt(heading, request.now, proven, mic=opened.mic)
        except As2Error as error:
            raise self._refusal(heading, request, error) from error
        return Arrival(
            body=opened.body,
            protocol_id=_protocol_id(heading.message_id),
            file_name=plain_name(opened.file_name),
            media_type=opened.media_type or "application/octet-stream",
            answer=answer,
            later=later,
        )

    def _open(self, heading: Heading, request: Request) -> as2.Opened:
        settings = self.settings
        return as2.open_message(
            request.headers,
            request.body,
            keys=self._keys(),
            certificates=self._certificates(),
            rules=as2.Rules(
                settings.require_signed,
                settings.require_encrypted,
                settings.digests,
                settings.ciphers,
                settings.max_size,
            ),
            wanted=heading.receipt,
            now=request.now,
        )

    def _receipt(
        self, heading: Heading, now: datetime, proven: bool, *, mic: str = "", modifier: str = ""
    ) -> tuple[Answer, Parcel | None]:
        """The answer to a message, and the receipt that is to be posted after it."""
        wanted = heading.receipt
        if wanted is None:
            return Answer(), None
        if wanted.address:
            self._check_address(wanted.address, proven)
        told = (
            "The message was received and stored." if not modifier else f"The message was not taken. {TOLD[modifier]}"
        )
        digest = wanted.digest if wanted.digest in self.settings.digests else self.settings.digest
        key = self._receipt_key(now) if wanted.signed else None
        identity = hashlib.sha256(f"{heading.message_id}\n{heading.sender}\n{now.isoformat()}".encode()).hexdigest()[
            :40
        ]
        headers, body = as2.make_receipt(
            heading,
            text=f"{told} Message-ID: {heading.message_id}",
            message_id=f"<mdn-{identity}@{self._domain}>",
            now=now,
            mic=mic,
            modifier=modifier,
            signing=(key, digest) if key is not None else None,
        )
        if not wanted.address:
            return Answer(headers=headers, body=body), None
        later = Parcel(
            file_name=f"mdn-{identity}.txt",
            body=body,
            key=f"mdn-{identity}",
            media_type=headers["Content-Type"].partition(";")[0],
            headers=headers,
            address=wanted.address,
        )
        return Answer(), later

    def _receipt_key(self, now: datetime) -> Key | None:
        """The key that signs receipts: rather one that has ended than none, for the partner is owed an answer."""
        keys = self._keys()
        try:
            return as2.signing_key(keys, now)
        except PermanentError:
            return keys[0] if keys else None

    def _check_address(self, address: str, proven: bool) -> None:
        """As2Error HUB-5051: whoever sent this may not have a receipt posted there."""
        try:
            check_url(address, self.settings)
        except ValueError as error:
            raise As2Error("HUB-5050", f"The receipt is wanted at {address[:300]}: {error}.") from None
        ours = urlsplit(self.settings.url).hostname if self.settings.url is not None else None
        if not proven and urlsplit(address).hostname not in (ours, *self.settings.mdn_hosts):
            raise As2Error(
                "HUB-5051",
                f"The receipt is wanted at {address[:300]}, and no signature proves who wants it. If that is the "
                "partner's host, write it into mdn_hosts.",
            )

    def _refusal(self, heading: Heading, request: Request, error: As2Error) -> Refusal:
        """The answer to a message that is not taken: a receipt that says so, where one is wanted and may be sent."""
        answer, later, modifier = None, None, error.modifier
        with suppress(As2Error):
            answer, later = self._receipt(heading, request.now, False, modifier=modifier)
        if heading.receipt is None:
            answer = None
        return Refusal(
            200 if answer is not None else 403,
            TOLD[modifier],
            answer=answer,
            later=later,
            kept=_entity(request.headers, request.body),
            why=f"AS2 message {heading.message_id[:200]} of {heading.sender[:128]}: {error.message}",
            cause=modifier,
        )

    def _word(self, heading: Heading, request: Request) -> Word:
        """What a late receipt says. Refusal: it is not the partner's, or speaks of nothing of ours."""
        settings = self.settings
        try:
            if not self.knows(request):
                raise As2Error(
                    "HUB-5056", f"A receipt from {heading.sender[:128]} to {heading.receiver[:128]} is for another."
                )
            said = as2.read_receipt(
                request.headers, request.body, self._certificates(), digests=settings.digests, now=request.now
            )
            if settings.mdn_signed and said.signer is None:
                raise As2Error("HUB-5051", "The receipt is not signed, and we asked for a signed one.")
        except As2Error as error:
            kept = _entity(request.headers, request.body)
            raise Refusal(
                403, "the receipt is not proven", kept=kept, why=error.message, cause=error.modifier
            ) from error
        key = as2.key_of(said.message_id, self._domain)
        if key is None:
            raise Refusal(404, "the receipt speaks of no message of ours")
        lacks = said.accepted and self._lacks_mic(said)
        return Word(
            key=key,
            accepted=said.accepted and not lacks,
            text=_sentence(said) + (" It has no MIC, so it proves nothing." if lacks else ""),
            evidence=_evidence(said) | ({"mic": said.mic} if said.mic else {}),
            body=_entity(request.headers, request.body),
        )


def _entity(headers: Mapping[str, str], body: bytes) -> bytes:
    """What came, as a MIME entity that can be read and proven by itself, years later."""
    wanted = ("message-id", "content-type", "content-transfer-encoding")
    return as2.entity({name: headers[name] for name in wanted if name in headers}, body)


def _sentence(said: as2.Receipt) -> str:
    return f'The partner\'s receipt says "{said.disposition}"' + (f": {said.text}" if said.text else ".")


def _evidence(said: as2.Receipt) -> dict[str, str]:
    signer = as2.describe(said.signer.certificate) if said.signer is not None else "nobody"
    return {"disposition": said.disposition, "receipt": said.text, "signed_by": signer}


def _protocol_id(message_id: str) -> str:
    """The Message-ID, as long as the store takes it."""
    return message_id if len(message_id) <= 255 else f"sha256:{hashlib.sha256(message_id.encode()).hexdigest()}"


@lru_cache(maxsize=32)
def _key(pem: str, passphrase: str | None, name: str) -> Key:
    return as2.read_key(pem, passphrase, name)


@lru_cache(maxsize=64)
def _pem(pem: str, name: str) -> Sequence[Certificate]:
    return tuple(as2.read_certificates(pem, name))
