"""The settings of one process: which workspace, which database, where secrets are."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.errors import UsageError
from hub.partner.file import HubFile

_SECRET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:)(.+)")


class Secrets:
    """Looks secrets up by name, "secret:name" too: in the environment, then in the files of <workspace>/var/secrets.

    Nothing is kept: a changed secret is used from the next look-up on.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self._folder = folder / "var" / "secrets"
        self._environ = os.environ if environ is None else environ

    def __call__(self, name: str) -> str:
        """The secret. UsageError HUB-4010: there is none of that name; HUB-4011: others may read its file."""
        name = name.removeprefix("secret:")
        if not _SECRET_NAME.fullmatch(name):
            raise UsageError(
                "HUB-4010", f'"{name}" is no name of a secret: it has letters, digits, dots, - and _ only.'
            )
        variable = "HUB_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
        if variable in self._environ:
            return self._environ[variable]
        file = self._folder / name
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except FileNotFoundError:
            message = (
                f'The secret "{name}" is nowhere: set the environment variable {variable}, or write the file {file}.'
            )
            raise UsageError("HUB-4010", message) from None
        if mode & 0o077:
            message = f"Others may read the secret in {file} (mode {mode:04o}); type: chmod 600 {file}"
            raise UsageError("HUB-4011", message)
        return file.read_text(encoding="utf-8").rstrip("\r\n")


@dataclass(frozen=True)
class Config:
    """folder: the workspace's. database: SQLAlchemy URL; an SQLite file's path in it is absolute. payloads: the object
    store's address; "": there is none. largest_request: bytes of one request of a partner."""

    folder: Path
    database: str
    secrets: Secrets
    payloads: str = ""
    largest_request: int = 50_000_000


def read_config(folder: Path, hub: HubFile, environ: Mapping[str, str] | None = None) -> Config:
    """The settings of a process: HUB_DATABASE, then hub.toml, then sqlite in the workspace's var folder; HUB_PAYLOADS,
    then hub.toml."""
    environ = os.environ if environ is None else environ
    folder = folder.resolve()
    url = environ.get("HUB_DATABASE") or hub.hub.database or "sqlite:///var/hub.db"
    if relative := _SQLITE.fullmatch(url):
        url = f"{relative[1]}{folder / relative[2]}"
    payloads = environ.get("HUB_PAYLOADS") or hub.hub.payloads or ""
    return Config(
        folder=folder,
        database=url,
        secrets=Secrets(folder, environ),
        payloads=payloads,
        largest_request=hub.hub.largest_request,
    )
