"""From a plan to running code: generated once, the code object cached by digest."""

import hashlib
import marshal
import os
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, Literal

import hub.canonical
import hub.schema
from hub.mapping import values
from hub.mapping.computed import ComputedNote
from hub.mapping.emit_read import emit_reader
from hub.mapping.emit_write import emit_writer
from hub.mapping.hierarchy import write_levels
from hub.mapping.nests import ordinal, ordinal_joined, read_nest, write_nests
from hub.mapping.plan import Plan
from hub.mapping.run import SHAPES, RuleNote
from hub.schema import MessageDef
from hub.syntax.model import JOINT, SEAM

Variant = Literal["read", "read-careful", "write", "write-kept", "write-careful"]
"""write: of a document of which nothing was kept under this mapping; write-kept: of any."""


def emit(plan: Plan, variant: Variant) -> str:
    """The source of one variant: its functions, and what the engine must know without the plan."""
    computed = ", ".join(
        f"{entry.id}: ComputedNote({str(entry.place.source)!r}, {entry.function!r}, {entry.words[0]!r}, "
        f"{entry.if_present!r}, {f'{entry.at.file}:{entry.at.line}:{entry.at.column}'!r}, {entry.position[0]}, "
        f"{entry.position[1]})"
        for entry in plan.computed
    )
    head = f"COMPUTED = {{{computed}}}\nHIERARCHY = {plan.hierarchy!r}\n"
    head += 'MARKS = SHAPES | {f"={note.place}" for note in COMPUTED.values()}\n'
    careful = variant.endswith("careful")
    if variant.startswith("read"):
        return head + emit_reader(plan, careful=careful)
    return head + emit_writer(plan, careful=careful, quick=variant == "write")


def _compiler() -> bytes:
    """A digest of everything here that decides what is generated."""
    digest = hashlib.sha256(sys.implementation.cache_tag.encode() if sys.implementation.cache_tag else b"")
    for folder in (Path(__file__).parent, Path(hub.canonical.__file__).parent):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()


COMPILER = _compiler()
"""Taken when this module is loaded: an upgrade of the files under a running process must not name its old code new."""


@cache
def _directory(standard: str, version: str) -> bytes:
    path = Path(hub.schema.__file__).parent / "directories" / f"{standard}-{version.lower()}.json"
    return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""


def digest_of(spec: bytes, codes: bytes, definition: MessageDef, variant: Variant) -> str:
    """What the cached code of a variant is called: all it depends on."""
    digest = hashlib.sha256(spec + codes + COMPILER + _directory(definition.standard, definition.version))
    digest.update(f"{definition.standard}/{definition.version}/{definition.type}/{variant}".encode())
    return digest.hexdigest()


def namespace() -> dict[str, Any]:
    """What generated modules see."""
    names: dict[str, Any] = {
        "ComputedNote": ComputedNote,
        "RuleNote": RuleNote,
        "SHAPES": SHAPES,
        "Decimal": Decimal,
        "SEAM": SEAM,
        "JOINT": JOINT,
    }
    names |= {"write_levels": write_levels, "read_nest": read_nest, "write_nests": write_nests, "ordinal": ordinal}
    names |= {"ordinal_joined": ordinal_joined, "SEAM": SEAM, "JOINT": JOINT}
    names |= {name: getattr(hub.canonical, name) for name in hub.canonical.__all__}
    names |= {name: value for name, value in vars(values).items() if not name.startswith("_")}
    return names


def load_code(cache_folder: Path, digest: str, make: Callable[[], str], name: str) -> CodeType:
    """The code object of that digest: from the cache, or made and put there. A cache that cannot be written is no
    fault.
    """
    path = cache_folder / f"{digest}.code"
    try:
        code = marshal.loads(path.read_bytes())  # noqa: S302 - our own file, in the user's own cache
        if isinstance(code, CodeType):
            return code
    except (OSError, ValueError, EOFError, TypeError):
        pass
    code = compile(make(), f"<{name}>", "exec")
    try:
        cache_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(marshal.dumps(code))
        part.replace(path)
    except OSError:
        pass
    return code
