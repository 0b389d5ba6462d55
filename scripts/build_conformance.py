"""docs/reference/conformance.md: what scripts/conformance.txt says, and tables of what the code has."""

from collections.abc import Iterator
from pathlib import Path

from hub.acknowledgement import KINDS
from hub.mapping import Library
from hub.schema.directory import directories, directory
from hub.syntax.charset import EBCDIC, UNOX

ROOT = Path(__file__).resolve().parent.parent
TEXT = ROOT / "scripts" / "conformance.txt"


def conformance_page() -> str:
    """docs/reference/conformance.md."""
    mapped = set(Library([ROOT / "mappings"]).ids())
    charsets = [_cells(name, codec) for name, codec in UNOX.items()]
    return TEXT.read_text(encoding="utf-8").format(
        x12="\n".join(_messages("x12", mapped)),
        edifact="\n".join(_messages("edifact", mapped)),
        charsets="\n".join([_cells("UNB 0001", "is read as"), "|---|---|", *charsets]),
        ebcdic=" and ".join(sorted(EBCDIC)),
        kinds=", ".join(kind for kinds in KINDS.values() for kind in kinds),
    )


def _messages(standard: str, mapped: set[str]) -> Iterator[str]:
    """A table of message types against the directories that define them."""
    known = {name: directory(f"{standard}-{name.lower()}").types() for name in directories(standard)}
    yield _cells("message", *known, "mapping")
    yield "|---" * (len(known) + 2) + "|"
    for type_ in sorted({type_ for types in known.values() for type_ in types}):
        mapping = f"`{standard}/{type_}`" if f"{standard}/{type_}" in mapped else ""
        yield _cells(type_, *("yes" if type_ in types else "" for types in known.values()), mapping)


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
