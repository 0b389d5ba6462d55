"""hub mapping diff and approve: stored traffic or files under the rules in force and under new ones."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping

from hub.canonical import decode
from hub.cli.library import library_of
from hub.errors import HubError, UsageError
from hub.mapping import Library, Reading
from hub.mapping import Mapping as MappingSpec
from hub.mapping.differences import Change, Comparer, payload_changes, reading_changes, writing_changes
from hub.mapping.faults import mapping_files
from hub.pipeline.restore import restore
from hub.store.blobs import read_slice
from hub.store.traffic import mapped_messages
from hub.syntax import cut, detect, parse
from hub.workspace import Workspace, open_workspace

APPROVALS = "approvals.csv"
_COLUMNS = ("class", "rules", "who", "when", "why")
MOST = 2000


class Rules(NamedTuple):
    """The mappings in force, and those that would be. only: the one mapping that changes, None: any may."""

    old: Library
    new: Library
    only: str | None


def rules_of(workspace: Workspace, published: Mapping[str, bytes] | None, new: Path | None) -> Rules:
    """published: the files of the revision in force, None: the workspace's own are. new: a workspace or a mapping file,
    None: the workspace as it stands. UsageError: it is neither.
    """
    old = Library(files={**_hooks(workspace), **published}) if published is not None else library_of(workspace)
    if new is None or new.is_dir():
        return Rules(old, library_of(open_workspace(new) if new is not None else workspace), None)
    body = new.read_bytes()
    named = [id for id in mapping_files({"mappings/new.yaml": body}) if id]
    if not named:
        raise UsageError("HUB-9202", f"{new} is no mapping file: its first line must be `mapping: <its id>`.")
    files = workspace.mappings() if published is None else {**_hooks(workspace), **published}
    known = mapping_files(files).get(named[0], [f"mappings/{named[0]}.yaml"])
    return Rules(old, Library(files={**files, known[-1]: body}), named[0])


def _hooks(workspace: Workspace) -> dict[str, bytes]:
    return {path: body for path, body in workspace.mappings().items() if path.endswith(".py")}


def digest_of_rules(files: Mapping[str, bytes]) -> str:
    """The name of a workspace's mappings, tables and crosswalks: what an approval holds for."""
    total = hashlib.sha256()
    for path in sorted(files):
        if path.endswith((".yaml", ".yml", ".csv", ".py")):
            total.update(f"{path}\0".encode() + files[path] + b"\0")
    return total.hexdigest()[:16]


# ---- traffic


def compare_files(rules: Rules, files: Sequence[tuple[str, bytes]], comparer: Comparer) -> None:
    """Every message of the files that a mapping here reads."""
    for name, data in files:
        for label, old, new, id in _read_twice(rules, name, data):
            comparer.note(id, "in", label, reading_changes(old, new))


def _read_twice(rules: Rules, name: str, data: bytes) -> Iterator[tuple[str, Reading, Reading, str]]:
    standard = detect(data[:4096])
    if standard in ("x12", "edifact"):
        for interchange in cut(data):
            for span in interchange.messages:
                new = _chosen(rules.new, rules.only, standard, span.type)
                old = _chosen(rules.old, rules.only, standard, span.type)
                if new is not None and old is not None:
                    message = parse(data[span.offset : span.offset + span.length], span, interchange)
                    yield f"{name} message {span.ordinal}", old.read(message), new.read(message), new.id
        return
    id = rules.only
    if id is None:
        raise UsageError("HUB-9202", f"{name} is {standard}, which does not name its mapping: compare a mapping file.")
    pairs = [_whole(library.get(id), data) for library in (rules.old, rules.new)]
    for number, (old_one, new_one) in enumerate(zip(*pairs, strict=False), 1):
        yield f"{name} document {number}", old_one, new_one, id


def _whole(mapping: MappingSpec, data: bytes) -> list[Reading]:
    return mapping.read_flat(data) if mapping.is_flat else [mapping.read_payload(data)]


def _chosen(library: Library, only: str | None, standard: str, type: str) -> MappingSpec | None:
    """The mapping a message of a file is read by: the one that changes, where it is for that type; else the shipped."""
    for id in (only, f"{standard}/{type}"):
        if id is not None and id in library.ids():
            mapping = library.get(id)
            if (mapping.standard, mapping.type) == (standard, type):
                return mapping
    return None


def compare_stored(rules: Rules, conn: Connection, since: datetime, comparer: Comparer, most: int = MOST) -> None:
    """The newest stored messages, read or written again both ways."""
    for row in mapped_messages(conn, since, most):
        id = row["mapping"]
        if rules.only not in (None, id):
            continue
        try:
            changes = list(_changes(rules, conn, row, id))
        except HubError as error:
            changes = [Change(error.code, "held", "", error.message)]
        comparer.note(id, row["direction"], f"{row['type']} {row['number']}".strip(), changes)


def _changes(rules: Rules, conn: Connection, row: RowMapping, id: str) -> Iterator[Change]:
    on = row["created_at"].date()
    if id not in rules.old.ids() or id not in rules.new.ids():
        if id in rules.old.ids():
            yield Change("mapping", "removed", id, "")
        return
    old, new = (library.get(id, partner=row["partner"], on=on) for library in (rules.old, rules.new))
    if row["direction"] == "out":
        document = decode(bytes(row["body"]))
        if row["standard"] in ("x12", "edifact"):
            yield from writing_changes(old.write(document, row["version"]), new.write(document, row["version"]))
        else:
            first, second = (_written(mapping, document) for mapping in (old, new))
            yield from payload_changes(first, second)
        return
    data = read_slice(conn, row["payload_id"], row["offset"], row["length"])
    if row["standard"] in ("x12", "edifact"):
        whole = restore(row, [row])
        message = parse(data, whole.messages[0], whole)
        yield from reading_changes(old.read(message), new.read(message))
    else:
        place = row["ordinal"] - 1
        yield from reading_changes(_whole(old, data)[place], _whole(new, data)[place])


def _written(mapping: MappingSpec, document: object) -> bytes:
    write = mapping.write_flat([document]) if mapping.is_flat else mapping.write_payload(document)  # type: ignore[list-item,arg-type]
    return write.body


# ---- approvals


class Approval(msgspec.Struct, frozen=True):
    """Somebody has looked at a class of differences that certain rules make, and wants it."""

    name: str
    rules: str
    who: str
    when: str
    why: str


def approvals(folder: Path) -> list[Approval]:
    """The approvals of a workspace. UsageError: its file is broken."""
    file = folder / APPROVALS
    if not file.is_file():
        return []
    with file.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    if any(row.get(name) is None for row in rows for name in _COLUMNS):
        raise UsageError("HUB-9202", f"{file} needs the columns {', '.join(_COLUMNS)} in every row.")
    return [Approval(row["class"], row["rules"], row["who"], row["when"], row["why"]) for row in rows]


def approve(folder: Path, names: Sequence[str], rules: str, who: str, now: datetime, why: str) -> None:
    """Adds approvals to the workspace's file, which belongs under version control."""
    file = folder / APPROVALS
    fresh = not file.is_file()
    with file.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if fresh:
            writer.writerow(_COLUMNS)
        writer.writerows([name, rules, who, f"{now:%Y-%m-%dT%H:%M:%SZ}", why] for name in names)


def approved(folder: Path, rules: str) -> set[str]:
    """The classes approved for exactly these rules."""
    return {one.name for one in approvals(folder) if one.rules == rules}


def parse_since(text: str) -> timedelta:
    """30d, 12h, 45m. UsageError: it is none."""
    units = {"d": "days", "h": "hours", "m": "minutes"}
    if not text[:-1].isdigit() or text[-1:] not in units:
        raise UsageError("HUB-9202", f'"{text}" is no span of time; write it like 30d, 12h or 45m.')
    return timedelta(**{units[text[-1]]: int(text[:-1])})
