"""Variants of a document: without this or that part, so that a mapping is tried on more than its samples say."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from hub.canonical import Document, Moment, Package, ShippedOrder
from hub.mapping.fields import required

_KEPT = frozenset(
    (
        "ext", "id", "number", "parent", "package", "packages", "order", "orders", "kind", "sscc", "type", "role",
        "scheme", "issued", "total",
    )
)  # fmt: skip
"""Fields other parts refer to, or that say what a part is: a part without them is another part. Without a date of issue
another date takes its place; without a total (TDS) the parts of the last line and of the invoice are one."""


def strip(document: Document) -> Document:
    """The document without any ext, and with packages and orders named by their position."""
    bare: Document = _bare(document)
    names = {
        part.id: f"{name} {number}"
        for name in ("packages", "orders")
        for number, part in enumerate(getattr(bare, name, ()))
        if isinstance(part, Package | ShippedOrder)
    }
    return _named(bare, names) if names else bare


def _named(part: Any, names: Mapping[str, str]) -> Any:
    changes: dict[str, Any] = {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if name in ("id", "parent", "package", "order") and isinstance(value, str):
            changes[name] = names.get(value, value)
        elif isinstance(value, list) and value:
            inside = isinstance(value[0], msgspec.Struct)
            changes[name] = [_named(entry, names) if inside else names.get(entry, entry) for entry in value]
    return msgspec.structs.replace(part, **changes)


def _bare(part: Any) -> Any:
    if isinstance(part, list):
        return [_bare(entry) for entry in part]
    if not isinstance(part, msgspec.Struct):
        return part
    changes = {name: _bare(getattr(part, name)) for name in part.__struct_fields__ if name != "ext"}
    if "ext" in part.__struct_fields__:
        changes["ext"] = {}
    return msgspec.structs.replace(part, **changes)


def variants(document: Document) -> Iterator[tuple[str, Document]]:
    """What was changed, and the document with it: nothing but ext; each field left out; each list with one item."""
    whole = strip(document)
    yield "without ext", whole
    seen: set[str] = set()
    for what, changed in _changes(whole, ""):
        if what not in seen:
            seen.add(what)
            yield what, changed


def _changes(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    cls: type = type(part)
    needed = required(cls)
    for name in part.__struct_fields__:
        value = getattr(part, name)
        spot = f"{path}.{name}" if path else name
        if value in (None, [], {}) or name == "ext":
            continue
        if name not in needed and name not in _KEPT and _others(part, name):
            yield f"without {spot}", msgspec.structs.replace(part, **{name: [] if isinstance(value, list) else None})
        if isinstance(value, list) and isinstance(value[0], msgspec.Struct):
            if len(value) > 1 and name not in _KEPT:
                yield f"{spot} of one", msgspec.structs.replace(part, **{name: value[:1]})
            for number, entry in enumerate(value):
                for what, changed in _changes(entry, f"{spot}[]"):
                    others = [*value[:number], changed, *value[number + 1 :]]
                    yield what, msgspec.structs.replace(part, **{name: others})
        elif isinstance(value, msgspec.Struct) and not isinstance(value, Moment):
            for what, changed in _changes(value, spot):
                yield what, msgspec.structs.replace(part, **{name: changed})


def _others(part: Any, name: str) -> bool:
    """Whether anything is left of the part without that field."""
    return any(getattr(part, other) not in (None, [], {}) for other in part.__struct_fields__ if other != name)
