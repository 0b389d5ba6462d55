"""hub mapping new: a draft into the workspace, with the examples it was made from as its samples."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from hub import canonical
from hub.canonical import Document
from hub.cli.library import library_of
from hub.cli.source import read_bytes
from hub.errors import UsageError
from hub.mapping.draft import Draft, draft
from hub.mapping.draft_tree import draft_tree
from hub.partner.reference import ENVELOPED, parse_reference
from hub.syntax import Message, cut, parse
from hub.workspace import open_workspace

_SAMPLES = {"json": ".payload.json", "csv": ".csv"}
"""What is drafted from examples alone, and how its samples end."""


class Made(NamedTuple):
    draft: Draft
    file: Path


def write_draft(
    folder: Path | None, reference: str, document: str, examples: Sequence[tuple[str, str]], *, stdout: bool
) -> Made:
    """UsageError: it is no X12 or EDIFACT message, an example is none of it, or the file is there already."""
    workspace = open_workspace(folder)
    try:
        wanted = parse_reference(reference)
    except ValueError as error:
        raise UsageError("HUB-9202", f'"{reference}" says no standard, version and type: {error}.') from None
    if wanted.standard in _SAMPLES and examples:
        payloads = [(read_bytes(payload), _document(golden)) for payload, golden in examples]
        made = draft_tree(reference, document, payloads)
        file = workspace.folder / "mappings" / f"{reference}.yaml"
        return _into(file, made, examples, _SAMPLES[wanted.standard], stdout=stdout)
    if wanted.standard not in ENVELOPED:
        text = "A draft is made from a directory, which X12 and EDIFACT have, or for JSON and CSV from an --example."
        raise UsageError("HUB-9202", text)
    plain = wanted.version
    version = plain if wanted.standard == "x12" or "." in plain else f"{plain[:1]}.{plain[1:]}".upper()
    pairs = [(_message(message, wanted.type), _document(golden)) for message, golden in examples]
    made = draft(library_of(workspace), wanted.standard, version, wanted.type, document, pairs)
    file = workspace.folder / "mappings" / wanted.standard / f"{wanted.type}.yaml"
    return _into(file, made, examples, ".edi", stdout=stdout)


def _into(file: Path, made: Draft, examples: Sequence[tuple[str, str]], kind: str, *, stdout: bool) -> Made:
    """The draft and its samples in the workspace, unless it is only printed."""
    if stdout:
        return Made(made, file)
    if file.exists():
        raise UsageError("HUB-9202", f"{file} is there already; print the draft with --stdout, or move the file.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(made.source)
    samples = file.with_suffix("") / "samples"
    for message, _ in examples:
        samples.mkdir(parents=True, exist_ok=True)
        (samples / f"{Path(message).stem}{kind}").write_bytes(read_bytes(message))
    return Made(made, file)


def _message(name: str, type: str) -> Message:
    data = read_bytes(name)
    for interchange in cut(data):
        for span in interchange.messages:
            if span.type == type:
                return parse(data[span.offset : span.offset + span.length], span, interchange)
    raise UsageError("HUB-9202", f"{name} holds no message of type {type}.")


def _document(name: str) -> Document:
    try:
        found = msgspec.json.decode(read_bytes(name))
    except msgspec.DecodeError as error:
        raise UsageError("HUB-9202", f"{name} is not JSON: {error}.") from None
    if isinstance(found, list) and found:
        found = found[0]
    return canonical.from_builtins(found["document"] if isinstance(found, dict) and "findings" in found else found)
