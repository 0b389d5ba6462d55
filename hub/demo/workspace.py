"""The demo's own workspace: the shipped partners, pointed at the processes that play them."""

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub.workspace import builtin_root

SECRETS = (
    "bluebird-mailbox",
    "europa-out",
    "europa-in",
    "harbor-sftp",
    "alpine-out",
    "alpine-in",
    "roadrunner-out",
    "roadrunner-webhook",
    "erp-out",
)
TOKENS = {
    "europa": "europa-out",
    "alpine": "alpine-out",
    "roadrunner": "roadrunner-out",
    "northwind-erp": "erp-out",
    "harbor": "harbor-sftp",
}
"""What each partner that listens lets us in with."""

HUB_KEY = "northwind-as2"
"""The hub's own key for AS2: no partner sees it."""


def make_secrets(folder: Path) -> dict[str, str]:
    """New secrets, one file each, readable by their owner only; for AS2 keys and certificates, as PEM."""
    made = {name: secrets.token_urlsafe(18) for name in SECRETS}
    (key, certificate), (partner_key, partner_certificate) = _key_pair("Northwind"), _key_pair("Summit Outdoor")
    made |= {HUB_KEY: key + certificate, "northwind-certificate": certificate}
    made |= {"summit-key": partner_key + partner_certificate, "summit-as2": partner_certificate}
    vault = folder / "var" / "secrets"
    vault.mkdir(parents=True, mode=0o700)
    for name, secret in made.items():
        with os.fdopen(os.open(vault / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secret)
    return made


def _key_pair(name: str) -> tuple[str, str]:
    """A new key and its certificate for two months, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=60))
    signed = made.sign(key, hashes.SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode(), signed.public_bytes(Encoding.PEM).decode()


def write_workspace(folder: Path, ready: Mapping[str, Mapping[str, Any]]) -> None:
    """hub.toml and partners. ready: what each listening partner said of itself: port, and Harbor's host_key."""
    shipped = builtin_root()
    lines = [(shipped / "hub.toml").read_text(encoding="utf-8"), "", "# Where the partners of this demo listen."]
    for partner in ("europa", "alpine", "roadrunner", "northwind-erp", "summit"):
        lines += [
            f'[connection."{partner}/{"as2" if partner == "summit" else "http"}"]',
            f'url = "http://127.0.0.1:{ready[partner]["port"]}/in"',
            "allow_private = true",
            "",
        ]
    lines += [
        '[connection."harbor/sftp"]',
        'host = "127.0.0.1"',
        f"port = {ready['harbor']['port']}",
        f'host_key = ["{ready["harbor"]["host_key"]}"]',
        "settle = 0.2",
        'poll = "1s"',
        "",
    ]
    (folder / "hub.toml").write_text("\n".join(lines), encoding="utf-8")
    for partner in ("bluebird", "summit", "europa", "harbor", "alpine", "roadrunner", "northwind-erp"):
        target = folder / "partners" / partner
        target.mkdir(parents=True)
        source = shipped / "partners" / partner / "partner.toml"
        (target / "partner.toml").write_bytes(source.read_bytes())
