"""hub mapping diff and approve: stored traffic or files under the rules in force and under new ones."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping

from hub import schema
from hub.canonical import decode
from hub.cli.library import library_of, mapping_of
from hub.errors import Finding, HubError, Severity, UsageError
from hub.mapping import Library, Reading
from hub.mapping import Mapping as MappingSpec
from hub.mapping.differences import Change, Comparer, payload_changes, reading_changes, writing_changes
from hub.mapping.faults import mapping_files
from hub.partner import Agreement, Partners
from hub.pipeline.restore import restore
from hub.schema.guide_check import check_guide
from hub.store.blobs import read_slice
from hub.store.traffic import mapped_messages
from hub.syntax import Message, cut, detect, parse
from hub.workspace import Workspace, open_workspace

APPROVALS = "approvals.csv"
_COLUMNS = ("class", "rules", "who", "when", "why")
MOST = 2000


class Rules(NamedTuple):
    """The mappings and agreements in force, and those that would be. only: the one mapping that changes, and nothing
    else; None: any may, and what is agreed too.
    """

    old: Library
    new: Library
    only: str | None
    agreed: tuple[Partners, Partners] | None = None


class Terms(NamedTuple):
    """What an agreement says of the messages under it."""

    mapping: str
    guide: str | None = None
    severities: Mapping[str, Severity] = {}


def rules_of(workspace: Workspace, published: Mapping[str, bytes] | None, new: Path | None) -> Rules:
    """published: the files of the revision in force, None: the workspace's own are. new: a workspace or a mapping file,
    None: the workspace as it stands. UsageError: it is neither.
    """
    old = Library(files={**_hooks(workspace), **published}) if published is not None else library_of(workspace)
    if new is None or new.is_dir():
        meant = open_workspace(new) if new is not None else workspace
        before = Workspace.from_files(published, workspace.folder) if published is not None else workspace
        return Rules(old, library_of(meant), None, (before.partners(), meant.partners()))
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
    """The name of a workspace's mappings, tables, crosswalks and partner files: what an approval holds for."""
    total = hashlib.sha256()
    for path in sorted(files):
        if path.endswith((".yaml", ".yml", ".csv", ".py", "/partner.toml")):
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
    before: Terms | None = Terms(id)
    after = before
    if rules.agreed is not None:
        before, after = (_terms(*each, row) for each in zip(rules.agreed, (rules.old, rules.new), strict=True))
    if before is None or before.mapping not in rules.old.ids():
        return
    if after is None:
        yield Change("agreement", "removed", before.mapping, "")
        return
    if after.mapping not in rules.new.ids():
        yield Change("mapping", "removed", before.mapping, "")
        return
    on = row["created_at"].date()
    old = rules.old.get(before.mapping, partner=row["partner"], on=on)
    new = rules.new.get(after.mapping, partner=row["partner"], on=on)
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
        stopped = _stopped(rules.old, before, message), _stopped(rules.new, after, message)
        yield from _verdict_changes(*stopped)
        if not any(found is not None and found.severity == "reject" for found in stopped):
            yield from reading_changes(old.read(message), new.read(message))
    else:
        place = row["ordinal"] - 1
        yield from reading_changes(_whole(old, data)[place], _whole(new, data)[place])


def _terms(partners: Partners, library: Library, row: RowMapping) -> Terms | None:
    """What a stored message would come under; None: nothing is agreed of it, or no mapping reads it."""
    at, standard = row["created_at"], row["standard"]
    whose = (row["partner"], row["account"], row["environment"])
    agreement: Agreement | None
    if row["direction"] == "in":
        kind = (standard, row["type"], row["version"], row["association"])
        agreement = partners.agreement_in(*whose, *kind, now=at)
    else:
        sent = [
            one for one in partners.agreements(*whose, "out") if (one.standard, one.type) == (standard, row["type"])
        ]
        agreement = next((one for one in reversed(sent) if one.is_active(at)), None)
    if agreement is None:
        return None
    mapping = mapping_of(library, agreement, row["version"])
    return Terms(mapping, agreement.guide, agreement.severities) if mapping is not None else None


def _stopped(library: Library, terms: Terms, message: Message) -> Finding | None:
    """The finding by which a message is rejected or held before it is read, if one does."""
    definition = schema.definition(message.standard, message.version, message.type)
    guide = library.guide(terms.guide) if terms.guide else None
    technical = schema.check(message, definition, severities=terms.severities, guide=guide)
    business = check_guide(message, definition, guide, severities=terms.severities) if guide else []
    grave = [one for one in technical if one.severity == "reject"]
    return next((one for one in (*grave, *business) if one.severity != "warn"), None)


def _verdict_changes(old: Finding | None, new: Finding | None) -> Iterator[Change]:
    """Whether a message that went on would be rejected or held, or the other way round."""
    if new is not None and (old is None or (old.code, old.severity) != (new.code, new.severity)):
        kind = "rejected" if new.severity == "reject" else "held"
        yield Change(new.code, kind, old.message if old else "", new.message)
    elif old is not None and new is None:
        yield Change(old.code, "released", old.message, "")


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
