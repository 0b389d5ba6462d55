"""The demo's own workspace: the shipped partners, pointed at the processes that play them."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def make_secrets(folder: Path) -> dict[str, str]:
    """New secrets, one file each, readable by their owner only."""
    made = {name: secrets.token_urlsafe(18) for name in SECRETS}
    vault = folder / "var" / "secrets"
    vault.mkdir(parents=True, mode=0o700)
    for name, secret in made.items():
        with os.fdopen(os.open(vault / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secret)
    return made


def write_workspace(folder: Path, ready: Mapping[str, Mapping[str, Any]]) -> None:
    """hub.toml and partners. ready: what each listening partner said of itself: port, and Harbor's host_key."""
    shipped = builtin_root()
    lines = [(shipped / "hub.toml").read_text(encoding="utf-8"), "", "# Where the partners of this demo listen."]
    for partner in ("europa", "alpine", "roadrunner", "northwind-erp"):
        lines += [
            f'[connection."{partner}/http"]',
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
    for partner in ("bluebird", "europa", "harbor", "alpine", "roadrunner", "northwind-erp"):
        target = folder / "partners" / partner
        target.mkdir(parents=True)
        source = shipped / "partners" / partner / "partner.toml"
        (target / "partner.toml").write_bytes(source.read_bytes())
