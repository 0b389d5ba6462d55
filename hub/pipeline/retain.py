"""Retention: bytes of payloads that are older than a partner's file says leave the database, into an archive if there
is one. Rows, digests, documents and history stay.

An archive file is a zip of payloads, each under its id, and of manifest.json with the digest of each. It is complete
and synced before any row changes; a process that ends in between leaves a file too many, and never a payload too few.
"""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.dispatch import Commit, Item, enqueue
from hub.errors import HubError
from hub.partner.calendar import Calendar
from hub.pipeline.context import Context
from hub.store import audit, chain, retention
from hub.store.blobs import read_payload, sweep_chunks, sweep_objects
from hub.store.incidents import open_incident, resolve_incident
from hub.store.retention import Old

LANE = "clock/retention"
CAUSE = "retention"
AGAIN = timedelta(hours=1)
"""When a fault of the archive's disk is looked at again."""

ABANDONED = timedelta(days=1)
"""Pieces of a large payload that was begun so long ago and never accepted belong to nobody."""

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
    """HubError HUB-6036: the archive cannot be written; what it has not is still in the database."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def due(self) -> list[Retained]:
        """What run would take out now."""
        found = []
        for old in self._olds():
            with self._context.database.read() as conn:
                payloads, size = retention.count_old(conn, old)
            found.append(_retained(old, payloads, size, []))
        return [row for row in found if row.payloads]

    def run(self, actor: str, reason: str) -> list[Retained]:
        """Take out what is due. What waits, or needs a person, stays whatever its age."""
        found = []
        for old in self._olds():
            pages = []
            while (page := self._page(old, actor, reason)) is not None:
                pages.append(page)
            taken, size = sum(page.payloads for page in pages), sum(page.bytes for page in pages)
            found.append(_retained(old, taken, size, [name for page in pages for name in page.files]))
        return [row for row in found if row.payloads]

    def step(self, actor: str, reason: str) -> bool:
        """Take out some of it. False: nothing is due."""
        return any(self._page(old, actor, reason) for old in self._olds())

    def _olds(self) -> list[Old]:
        now = self._context.now()
        return [
            Old(partner=partner.id, direction=direction, before=now - keep)
            for partner in self._context.content().partners
            for direction in ("in", "out")
            if (keep := partner.keep.of(direction)) is not None
        ]

    def _page(self, old: Old, actor: str, reason: str) -> Retained | None:
        """The oldest of them; None: there are none."""
        archive = self._context.content().retention.archive
        with self._context.database.read() as conn:
            rows = retention.list_old(conn, old, PAGE)
            name = self._write(conn, archive, old, rows) if rows and archive else ""
        if not rows:
            return None
        with self._context.database.begin() as conn:
            audit.lock_audit(conn)
            removed = retention.remove_bytes(conn, [row["id"] for row in rows], name)
            audit.append(
                conn,
                self._context.now(),
                actor=actor,
                action="retain",
                subject_type="partner",
                subject_id=old.partner,
                reason=reason,
                after={"direction": old.direction, "payloads": removed, "archive": name, "before": old.before},
            )
        return _retained(old, removed, sum(row["size"] for row in rows), [name] if name else [])

    def _write(self, conn: Transaction, archive: Path, old: Old, rows: Sequence[RowMapping]) -> str:
        """The archive file's name, from the archive's folder on."""
        now = self._context.now()
        name = f"{old.partner}/{now:%Y}/{old.direction}-{now:%Y%m%d}-{self._context.new_id()}.zip"
        file = archive / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _pack(conn, file, rows)
        except OSError as error:
            text = (
                f"The archive file {file} cannot be written: {error.strerror}. What it was for stays in the database."
            )
            raise HubError("HUB-6036", text) from error
        return name


def _retained(old: Old, payloads: int, size: int, files: list[str]) -> Retained:
    return Retained(
        partner=old.partner, direction=old.direction, before=old.before, payloads=payloads, bytes=size, files=files
    )


def _pack(conn: Transaction, file: Path, rows: Sequence[RowMapping]) -> None:
    """Whole or not at all, and for nobody else's eyes."""
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
    for folder in (file.parent, file.parent.parent, file.parent.parent.parent):  # the name is as durable as the bytes
        _sync(folder)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class RetainStage:
    """Work of kind "retain": a timer that goes off once a day, and again until nothing is due."""

    kind = "retain"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context
        self._retain = Retain(context)

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            context = self._context
            try:
                at = context.now() if self._retain.step("hub", "retention") else _next(context)
                if at > context.now():
                    sweep_objects(context.database, context.now() - ABANDONED)
            except HubError as error:
                with commit([item]) as conn:
                    open_incident(conn, context.clock, CAUSE, error.code, error.message, "lane", LANE)
                    commit.retry(item, context.now() + AGAIN)
                return
            with commit([item]) as conn:
                resolve_incident(conn, context.now(), CAUSE)
                sweep_chunks(conn, context.now() - ABANDONED)
                commit.retry(item, at)


def schedule_retention(context: Context) -> None:
    """Starts the timer, once."""
    at = _next(context)
    with context.database.begin() as conn:
        if not chain.has_work(conn, LANE):
            enqueue(conn, context.now(), lane=LANE, kind="retain", subject_id="payloads", run_at=at)


def _next(context: Context) -> datetime:
    return Calendar().cut_off(context.now() + timedelta(seconds=1), context.content().retention.at, working=False)


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
