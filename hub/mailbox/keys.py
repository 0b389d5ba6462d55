"""The mailbox's host keys. They are in the store, so that every mailbox process shows partners the same ones."""

import io

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from hub.store.engine import Database
from hub.store.ports import Clock
from hub.store.tables import host_key


def host_keys(database: Database, clock: Clock) -> list[paramiko.PKey]:
    """An Ed25519 and an RSA key, made by the first process that asks; old clients know only RSA."""
    return [
        paramiko.Ed25519Key.from_private_key(io.StringIO(_stored(database, clock, "ed25519"))),
        paramiko.RSAKey.from_private_key(io.StringIO(_stored(database, clock, "rsa"))),
    ]


def _stored(database: Database, clock: Clock, kind: str) -> str:
    query = select(host_key.c.body).where(host_key.c.type == kind)
    with database.read() as conn:
        body = conn.execute(query).scalar_one_or_none()
    if body is None:
        made = _generate(kind)
        try:
            with database.begin() as conn:
                conn.execute(insert(host_key), {"type": kind, "body": made, "created_at": clock.now()})
        except IntegrityError:  # another process was quicker; its key stands
            pass
        with database.read() as conn:
            body = conn.execute(query).scalar_one()
    return bytes(body).decode()


def _generate(kind: str) -> bytes:
    key: Ed25519PrivateKey | RSAPrivateKey
    key = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, 3072)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
