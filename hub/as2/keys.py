"""Keys and certificates: ours to sign and decrypt with, the partner's to verify and encrypt with.

Several of each stand side by side, so that a certificate can be rolled over without both ends switching at the same
instant. There is no authority in it: whom the settings name is trusted, nobody else.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate

from hub.errors import PermanentError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SOON = timedelta(days=30)


class Key(NamedTuple):
    """A private key of ours and its certificate."""

    private: PrivateKey
    certificate: Certificate


def read_certificates(pem: str, name: str) -> list[Certificate]:
    """The certificates in a PEM, at least one; name is the setting's. PermanentError HUB-5040: there is none."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise PermanentError(
            "HUB-5040",
            f"{name} holds no certificate that can be read ({error}). It is a PEM: -----BEGIN CERTIFICATE-----, the "
            "certificate, -----END CERTIFICATE-----.",
        ) from None


def read_key(pem: str, passphrase: str | None, name: str) -> Key:
    """A private key and its certificate from one PEM. PermanentError HUB-5040: one is missing, or they do not match."""
    try:
        private = load_pem_private_key(pem.encode(), passphrase.encode() if passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PermanentError(
            "HUB-5040",
            f"{name} holds no private key that can be read ({error}). Put the private key and its certificate into one "
            "PEM, and set passphrase if the key has one.",
        ) from None
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise PermanentError("HUB-5040", f"{name} holds a key that is neither RSA nor of an elliptic curve.")
    own = private.public_key()
    for certificate in read_certificates(pem, name):
        if certificate.public_key() == own:
            return Key(private, certificate)
    raise PermanentError("HUB-5040", f"{name} holds a private key and no certificate that belongs to it.")


def describe(certificate: Certificate) -> str:
    """Which one it is, for a person: its subject, serial number and last day."""
    return (
        f'"{certificate.subject.rfc4514_string()}" (serial number {certificate.serial_number:X}, valid until '
        f"{certificate.not_valid_after_utc:%Y-%m-%d})"
    )


def why_not(certificate: Certificate, now: datetime) -> str:
    """Why a certificate may not be used at this moment; empty: it may."""
    if now < certificate.not_valid_before_utc:
        return f"{describe(certificate)} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if now > certificate.not_valid_after_utc:
        return f"{describe(certificate)} ended on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    return ""


def signing_key(keys: Sequence[Key], now: datetime) -> Key:
    """The first of ours that is valid now. PermanentError HUB-5040: none is."""
    for key in keys:
        if not why_not(key.certificate, now):
            return key
    reasons = "; ".join(why_not(key.certificate, now) for key in keys) or "private_keys names none"
    raise PermanentError(
        "HUB-5040", f"There is no key of ours to sign with: {reasons}. Add a new key first in private_keys."
    )


def encryption_certificate(certificates: Sequence[Certificate], now: datetime) -> Certificate:
    """The first of the partner's that is valid now and RSA. PermanentError HUB-5040: none is."""
    for certificate in certificates:
        if not why_not(certificate, now) and isinstance(certificate.public_key(), rsa.RSAPublicKey):
            return certificate
    reasons = "; ".join(
        why_not(certificate, now) or f"{describe(certificate)} is not RSA" for certificate in certificates
    )
    raise PermanentError(
        "HUB-5040",
        f"There is no certificate of the partner to encrypt for: {reasons or 'certificates names none'}. Ask the "
        "partner for the new one and put it first in certificates.",
    )


def ending_soon(certificates: Iterable[Certificate], now: datetime) -> list[str]:
    """A sentence for each certificate that is not valid now or ends within SOON."""
    told = []
    for certificate in certificates:
        if reason := why_not(certificate, now):
            told.append(f"{reason}.")
        elif certificate.not_valid_after_utc - now < SOON:
            days = (certificate.not_valid_after_utc - now).days
            told.append(f"{describe(certificate)} ends in {days} day{'s' if days != 1 else ''}.")
    return told
