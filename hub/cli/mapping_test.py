"""hub mapping test: the samples beside mappings, read and written back, against what is kept of them."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hub.errors import HubError, UsageError
from hub.mapping import Library
from hub.mapping.faults import mapping_files
from hub.mapping.samples import Sampled, places_unread, run_sample, same_as_golden
from hub.workspace import Workspace, builtin_root


class Sample(NamedTuple):
    """A payload beside a mapping, and the file that keeps what it means."""

    payload: Path
    golden: Path


class Outcome(msgspec.Struct, kw_only=True):
    """One sample. golden: "same", "differs", "missing", "written" (by --update). fault: why it could not be run."""

    mapping: str
    sample: str
    messages: list[Sampled] = []
    golden: str = ""
    fault: str | None = None
    difference: list[str] = []

    @property
    def failed(self) -> bool:
        return self.fault is not None or self.golden in ("differs", "missing") or any(m.faulty for m in self.messages)


def samples_of(workspace: Workspace, files: dict[str, list[str]], id: str) -> list[Sample]:
    """The samples beside a mapping's file: NAME.json keeps what NAME.edi means, NAME.payload.json what JSON means."""
    relative = files[id][-1].removesuffix(".yaml")
    for folder in dict.fromkeys((workspace.folder, builtin_root())):
        beside = folder / relative / "samples"
        if beside.is_dir():
            return sorted(samples_in(beside))
    return []


def samples_in(folder: Path) -> Iterator[Sample]:
    """The samples in a folder, in no order."""
    for path in folder.iterdir():
        if path.name.endswith(".payload.json"):
            yield Sample(path, path.with_name(path.name.removesuffix(".payload.json") + ".json"))
        elif path.is_file() and path.suffix not in (".json", ".md"):
            yield Sample(path, path.with_suffix(".json"))


def chosen(workspace: Workspace, library: Library, names: tuple[str, ...]) -> list[str]:
    """The mappings asked for; without names those of the workspace's own folder. UsageError: there is none."""
    files = mapping_files(workspace.mappings())
    if names:
        for name in names:
            library.get(name)
        return list(names)
    own = [id for id in library.ids() if (workspace.folder / files[id][-1]).is_file()]
    if not own:
        text = "This workspace has no mappings of its own; name those to test, as in: hub mapping test x12/850"
        raise UsageError("HUB-9202", text)
    return own


def run(workspace: Workspace, library: Library, ids: list[str], *, update: bool) -> Iterator[Outcome]:
    """Every sample of the mappings, in order. update: what it means now is kept."""
    files = mapping_files(workspace.mappings())
    for id in ids:
        for sample in samples_of(workspace, files, id):
            yield _run(library, id, sample, update)


def _run(library: Library, id: str, sample: Sample, update: bool) -> Outcome:
    outcome = Outcome(mapping=id, sample=sample.payload.name)
    try:
        outcome.messages = run_sample(library.get(id), sample.payload.read_bytes())
    except HubError as error:
        outcome.fault = str(error)
        return outcome
    if not outcome.messages:
        outcome.fault = f"no message of type {library.get(id).type} is in it"
        return outcome
    kept = sample.golden.read_bytes() if sample.golden.is_file() else None
    if kept is not None and same_as_golden(outcome.messages, msgspec.json.decode(kept)):
        outcome.golden = "same"
        return outcome
    fresh = msgspec.json.format(msgspec.json.encode([one.golden() for one in outcome.messages]), indent=1) + b"\n"
    outcome.golden = "missing" if kept is None else "differs"
    old = msgspec.json.format(kept, indent=1).decode().splitlines() if kept is not None else []
    outcome.difference = list(
        difflib.unified_diff(
            old, fresh.decode().splitlines(), f"{sample.golden.name} (kept)", f"{sample.golden.name} (now)",
            lineterm="", n=2,
        )
    )  # fmt: skip
    if update:
        sample.golden.write_bytes(fresh)
        outcome.golden = "written"
    return outcome


def rows_of(outcome: Outcome) -> Iterator[dict[str, Any]]:
    """The JSON objects of one sample, one for each message."""
    about = {"mapping": outcome.mapping, "sample": outcome.sample}
    if outcome.fault is not None:
        yield about | {"fault": outcome.fault, "failed": True}
        return
    for one in outcome.messages:
        row: dict[str, Any] = {
            "message_index": one.index, "written": one.written, "golden": outcome.golden,
            "elements": one.elements, "unread_elements": one.unread_elements, "variants": one.variants,
            "findings": one.findings, "lost": one.lost, "added": one.added, "unwritable": one.unwritable,
            "drift": one.drift, "broken": one.broken, "unread": one.unread, "failed": outcome.failed,
        }  # fmt: skip
        yield about | row


def faults_of(outcome: Outcome) -> Iterator[str]:
    """What is wrong with one sample, a sentence each."""
    if outcome.fault is not None:
        yield outcome.fault
    if outcome.golden == "missing":
        yield "Nothing is kept of what it means; look at it, then keep it with --update."
    if outcome.golden == "differs":
        yield "It means something else than what is kept; --update keeps the new meaning:"
        yield from (f"  {line}" for line in outcome.difference)
    for one in outcome.messages:
        said = f"message {one.index}: " if len(outcome.messages) > 1 else ""
        yield from (f"{said}lost when written back: {segment}" for segment in one.lost)
        yield from (f"{said}added when written back: {segment}" for segment in one.added)
        yield from (f"{said}cannot be written: {text}" for text in one.unwritable)
        yield from (f"{said}written and read again, {text}" for text in one.drift)
        yield from (f"{said}does not come back {text}" for text in one.broken)


def loss(outcomes: list[Outcome]) -> list[tuple[str, str, int]]:
    """Mapping, place and count of everything no rule reads, the most frequent first in each mapping."""
    by_mapping: dict[str, list[Sampled]] = {}
    for outcome in outcomes:
        by_mapping.setdefault(outcome.mapping, []).extend(outcome.messages)
    return [(id, place, count) for id, found in by_mapping.items() for place, count in places_unread(found)]
