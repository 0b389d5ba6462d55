"""The page of the mappings shipped, each with the samples that prove it; build_reference.py writes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hub.cli.mapping_test import Sample, samples_in
from hub.mapping import Library, Mapping
from hub.mapping.coverage import Coverage, coverage, tree_coverage
from hub.mapping.xml_kept import plain
from hub.syntax import cut, parse
from hub.syntax.json import read_json
from scripts.build_unread import unread_table

ROOT = Path(__file__).resolve().parent.parent
MAPPINGS = ROOT / "mappings"
CLOSING = ROOT / "scripts" / "mappings.txt"

OPENING = """# Mappings

Every mapping reads and writes. *Proved by*: of each release the fullest message beside the mapping, where there is one
(its SOURCES.md tells where it is from): it is read into the document beside it and written back the same, as
`hub mapping test` shows. Besides, documents made up from the mapping's own domain are written and read again in every
release named here. Nearer releases are read too. *Read*: the share of the samples' elements that rules read; the rest
is kept in `ext` and written back by the same mapping. In brackets: messages that are held, as they break the standard.

| mapping | document | proved by | messages | read |
|---|---|---|---|---|
"""


UNREAD = """## What is left unread, and why

All messages of X12 and EDIFACT in this repository, most of them public ones and not only those beside the mappings, are
read. Of every type not named here rules read every element. *Without faults*: the same messages without what breaks the
standard, which the check proves: segments the message has no place for, values its directory does not allow, elements a
syntax note ties to one that is missing. All that is left unread is kept in `ext` and comes back.

"""


class Read(NamedTuple):
    """One message of a sample. covered: None if it is held."""

    release: str
    covered: Coverage | None


def mappings_page() -> str:
    """docs/reference/mappings.md."""
    library = Library([MAPPINGS])
    rows = "".join(_row(library.get(id)) for id in library.ids())
    return f"{OPENING}{rows}\n{UNREAD}{unread_table()}\n{CLOSING.read_text()}"


def _row(mapping: Mapping) -> str:
    proofs: dict[str, tuple[int, str]] = dict.fromkeys(mapping.versions, (0, ""))
    total, read, held = Coverage(0, 0), 0, 0
    for sample in _samples(mapping):
        for release, covered in _messages(mapping, sample.payload.read_bytes()):
            if covered is None:
                held += 1
                continue
            read, total = read + 1, total + covered
            link = f"[{sample.payload.name.partition('.')[0]}](../../{sample.payload.relative_to(ROOT).as_posix()})"
            proofs[release] = max(proofs.get(release, (0, "")), (covered.elements, link))
    proved = ", ".join(f"{release} {link}".strip() for release, (_, link) in sorted(proofs.items()))
    count = f"{read} ({held})" if held else str(read or "")
    share = f"{total.percent:.0f} %" if read else ""
    return f"| `{mapping.id}` | {mapping.document} | {proved} | {count} | {share} |\n"


def _samples(mapping: Mapping) -> list[Sample]:
    folder = MAPPINGS / mapping.id / "samples"
    return sorted(samples_in(folder)) if folder.is_dir() else []


def _messages(mapping: Mapping, payload: bytes) -> Iterator[Read]:
    if mapping.is_flat:
        for part in mapping.parts(payload):
            document = mapping.read_part(part).document
            yield Read("", tree_coverage(mapping, part.tree, document) if document else None)
    elif mapping.xml is not None:
        document = mapping.read_payload(payload).document
        tree = plain(mapping.xml.nodes(payload))
        yield Read(next(iter(mapping.versions), ""), tree_coverage(mapping, tree, document) if document else None)
    elif mapping.standard == "json":
        payload_tree = read_json(payload)
        document = mapping.read_tree(payload_tree).document
        yield Read("", tree_coverage(mapping, payload_tree, document) if document else None)
    else:
        for interchange in cut(payload):
            for span in interchange.messages:
                if span.type == mapping.type:
                    message = parse(payload[span.offset : span.offset + span.length], span, interchange)
                    document = mapping.read(message).document
                    yield Read(message.version, coverage(mapping, message, document) if document else None)
