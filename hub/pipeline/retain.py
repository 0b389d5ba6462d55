"""Retention: bytes of payloads that are older than a partner's file says leave the database, into an archive if there
is one. Rows, digests, documents and history stay.

An archive file is a zip of payloads, each under its id, and of manifest.json with the digest of each. It is complete
and synced before any row changes; a process that ends in between leaves a file too many, and never a payload too few.
"""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from hub.pipeline.context import Context
from hub.store import audit, retention
from hub.store.blobs import read_payload
from hub.store.retention import Old

PAGE = 200
MANIFEST = "manifest.json"


class Retained(msgspec.Struct, frozen=True, kw_only=True):
    """What was, or would be, taken out of the database for one partner and direction. files: of the archive."""

    partner: str
    direction: str
    before: datetime
    payloads: int
    bytes: int
    files: list[str] = []


class Retain:
    """archive: the folder of the archive; None: what is not kept is deleted."""

    def __init__(self, context: Context, archive: Path | None) -> None:
        self._context = context
        self._archive = archive

    def due(self) -> list[Retained]:
        """What run would take out now."""
        now, found = self._context.now(), []
        for partner in self._context.content().partners:
            for direction in ("in", "out"):
                if (keep := partner.keep.of(direction)) is not None:
                    old = Old(partner=partner.id, direction=direction, before=now - keep)
                    with self._context.database.read() as conn:
                        payloads, size = retention.count_old(conn, old)
                    row = Retained(
                        partner=partner.id, direction=direction, before=old.before, payloads=payloads, bytes=size
                    )
                    found.append(row)
        return [row for row in found if row.payloads]

    def run(self, actor: str, reason: str) -> list[Retained]:
        """Take out what is due. What waits, or needs a person, stays whatever its age."""
        return [self._take_out(row, actor, reason) for row in self.due()]

    def _take_out(self, due: Retained, actor: str, reason: str) -> Retained:
        old = Old(partner=due.partner, direction=due.direction, before=due.before)
        files: list[str] = []
        taken = size = 0
        while True:
            with self._context.database.read() as conn:
                rows = retention.list_old(conn, old, PAGE)
                name = self._write(conn, old, rows) if rows and self._archive else ""
            if not rows:
                break
            with self._context.database.begin() as conn:
                audit.lock_audit(conn)
                removed = retention.remove_bytes(conn, [row["id"] for row in rows], name)
                audit.append(
                    conn,
                    self._context.now(),
                    actor=actor,
                    action="retain",
                    subject_type="partner",
                    subject_id=due.partner,
                    reason=reason,
                    after={"direction": due.direction, "payloads": removed, "archive": name, "before": due.before},
                )
            taken += removed
            size += sum(row["size"] for row in rows)
            files += [name] if name else []
        return msgspec.structs.replace(due, payloads=taken, bytes=size, files=files)

    def _write(self, conn: Any, old: Old, rows: Sequence[RowMapping]) -> str:
        """The archive file's name, from the archive's folder on."""
        folder = self._archive
        if folder is None:
            raise AssertionError("nothing is written without a folder")
        now = self._context.now()
        name = f"{old.partner}/{now:%Y}/{old.direction}-{now:%Y%m%d}-{self._context.new_id()}.zip"
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_suffix(".part")
        manifest = []
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
                for row in rows:
                    body = read_payload(conn, row["id"])
                    packed.writestr(row["id"], body)
                    # What was erased has other bytes than it came with: both digests are told.
                    manifest.append({**row, "archived_digest": hashlib.sha256(body).hexdigest()})
                packed.writestr(MANIFEST, msgspec.json.encode(manifest))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
        return name


def faults_of(folder: Path) -> list[str]:
    """Every archive file under the folder read to its end: what is missing or is not what was archived."""
    found = []
    for file in sorted(folder.rglob("*.zip")):
        try:
            with zipfile.ZipFile(file) as packed:
                manifest = msgspec.json.decode(packed.read(MANIFEST))
                found += [
                    f"{file}: payload {row['id']} is not what was archived"
                    for row in manifest
                    if hashlib.sha256(packed.read(row["id"])).hexdigest() != row["archived_digest"]
                ]
        except (zipfile.BadZipFile, KeyError, msgspec.DecodeError, OSError) as error:
            found.append(f"{file}: it cannot be read: {error}")
    return found
