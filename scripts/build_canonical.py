"""The canonical documents as a JSON Schema and as a page for readers; build_reference.py writes both.

The schema is msgspec's own, of all documents together; a document's name stands in its field "document".
"""

import json
import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from hub.canonical import DOCUMENTS, AnyDocument, Document, GoodsDocument, GoodsLine, Line, Part

SHARED: list[type] = [Document, GoodsDocument, Line, GoodsLine]
PLAIN = {"str": "text", "Decimal": "exact number", "int": "whole number", "bool": "true or false"}


def canonical_schema() -> str:
    """docs/reference/canonical.schema.json."""
    (reference,), parts = msgspec.json.schema_components([AnyDocument], ref_template="#/$defs/{name}")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Canonical document", **reference}
    lines = [f"{json.dumps(name)}: {json.dumps(_tidy(part))}" for name, part in sorted(parts.items())]
    return json.dumps(head)[:-1] + ',\n"$defs": {\n' + ",\n".join(lines) + "\n}}\n"


def _tidy(part: dict[str, Any]) -> dict[str, Any]:
    """With the description in one line."""
    text = part.get("description")
    return {**part, "description": re.sub(r"\s+", " ", text).strip()} if text else part


def canonical_page() -> str:
    """docs/reference/canonical.md."""
    lines = [
        "# Canonical documents",
        "",
        "Every message is read into one of these documents and written from one, whatever its standard. As JSON each",
        'says its own name: `{"document": "Order", ..}`. Fields that are absent are left out. Exact numbers are text',
        '(`"12.50"`), so that no digit is lost. The same as a [JSON Schema](canonical.schema.json).',
        "",
        "Types, roles and schemes are words of the hub. A code that has no word yet stays as `x12:REF01/XY` and is",
        "written back only where it came from. `ext` keeps what a partner sends that no field is for.",
        "",
        "## Documents",
        "",
    ]
    for document in DOCUMENTS.values():
        lines += _struct(document)
    lines += ["## What documents and lines share", ""]
    for kind in SHARED:
        lines += _struct(kind)
    lines += ["## Parts", ""]
    known = {*DOCUMENTS.values(), *SHARED}
    for part in sorted(_parts(), key=lambda part: part.__name__):
        if part not in known:
            lines += _struct(part)
    return "\n".join(lines).rstrip() + "\n"


def _struct(kind: type) -> Iterator[str]:
    """A heading, what it is, and the fields it has besides those of what it is built on."""
    base = next((parent for parent in kind.__mro__[1:] if parent in SHARED), None)
    hints = get_type_hints(kind)
    yield f"### {kind.__name__}"
    yield ""
    if kind.__doc__:
        yield re.sub(r"\s+", " ", kind.__doc__).strip()
        yield ""
    if base is not None:
        yield f"All of [{base.__name__}](#{base.__name__.lower()})" + (", and:" if _own(kind, base) else ".")
        yield ""
    if names := _own(kind, base):
        yield "| field | holds |"
        yield "|---|---|"
        yield from (f"| `{name}` | {_holds(hints[name])} |" for name in names)
        yield ""


def _own(kind: type, base: type | None) -> list[str]:
    inherited = {field.name for field in msgspec.structs.fields(base)} if base is not None else set()
    return [field.name for field in msgspec.structs.fields(kind) if field.name not in inherited]


def _holds(annotation: Any) -> str:
    """A field's type in a reader's words."""
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_holds(one) for one in get_args(annotation) if one is not NoneType)
    if get_origin(annotation) is list:
        return f"list of {_holds(get_args(annotation)[0])}"
    if get_origin(annotation) is dict:
        return "what the mapping of that name keeps"
    name = annotation.__name__
    return PLAIN.get(name, f"[{name}](#{name.lower()})")


def _parts() -> set[type]:
    """Every struct the documents are made of."""
    found: set[type] = set()
    todo: list[Any] = list(DOCUMENTS.values())
    while todo:
        annotation = todo.pop()
        todo += get_args(annotation)
        if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct) and annotation not in found:
            found.add(annotation)
            todo += get_type_hints(annotation).values()
    return found - {Part}
