"""JSON Schema of mapping files, for editors: made from the language's own tables and the canonical structs.

It is looser than the compiler, which alone knows the directories: it finds keys, fields and codecs that do not exist.
"""

import re
from typing import Any

import msgspec

from hub.canonical import DOCUMENTS
from hub.mapping import build, build_tree, build_xml
from hub.mapping.codec import NAMES
from hub.mapping.fields import hints, inner, is_list, is_struct
from hub.mapping.flat import KEYS

MODIFIERS = ("default", "else", "only", "except", "qualified", "joined", "lines")
"""What may follow a place besides a codec."""

_SCALAR = {"type": ["string", "number", "boolean"]}
_REMOVE = {"const": "remove"}


def spec_schema() -> dict[str, Any]:
    """The schema, draft 7."""
    structs: dict[str, type] = {}
    for document in DOCUMENTS.values():
        _gather(document, structs)
    definitions: dict[str, Any] = {"rule": _rule(), "texts": {"type": "object", "additionalProperties": _SCALAR}}
    definitions["part"] = {"type": "string", "pattern": "^.+/[^/]+$", "description": "A shared part: standard/part."}
    definitions["value"] = {"oneOf": [_ref("rule"), {"type": "array", "items": _ref("rule")}]}
    definitions["one_way"] = {"type": "object", "additionalProperties": _ref("rule")}
    definitions["codes"] = _codes()
    for name, struct in sorted(structs.items()):
        definitions[name] = _fields_of(struct)
        definitions[f"{name}.item"] = _item_of(struct)
        definitions |= _kinds_of(name)
    known = build.TOP | build_tree.TOP | build_xml.TOP | KEYS
    properties = {name: value for name, value in _top().items() if name in known}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A mapping of Crossdock",
        "type": "object",
        "required": ["mapping"],
        "anyOf": [{"required": ["document", "fields"]}, {"required": ["extends"]}],
        "properties": properties | {name: {} for name in sorted(known - properties.keys())},
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {"document": {"const": name}}, "required": ["document"]},
                "then": {"properties": {"fields": _ref(name)}},
            }
            for name in sorted(DOCUMENTS)
        ],
        "definitions": definitions,
    }


def _top() -> dict[str, Any]:
    texts = {"oneOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
    return {
        "mapping": {"type": "string", "pattern": "^[a-z0-9_-]+/.+$", "description": "Its id: standard/type."},
        "extends": {"type": "string", "description": "The id of the mapping this one changes."},
        "versions": texts | {"description": "The releases it is checked against."},
        "document": {"enum": sorted(DOCUMENTS), "description": "The canonical document it is read into."},
        "fields": {"type": "object", "description": "Field of the document: rule, parts, each or slots."},
        "read": _ref("one_way"),
        "write": _ref("one_way"),
        "fixed": _ref("texts"),
        "computed": {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": "^(count|sum|check|structure) \\S|^remove$"},
        },
        "unsaid": _ref("texts") | {"description": "Field that no rule need speak of: the field beside it, or always."},
        "codes": {"type": "object", "additionalProperties": _ref("codes")},
        "hierarchy": {"type": "object"},
        "active_from": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$", "description": "The day it counts from."},
        "columns": {"type": "object", "additionalProperties": texts, "description": "Column: what headers call it."},
        "group": texts | {"description": "The columns, or the record, that make a document."},
        "record": {"type": "string", "pattern": r"^\d+-\d+$", "description": "Where a line says what it is."},
    }


def _rule() -> dict[str, Any]:
    """place | codec, or a constant."""
    words = "|".join(re.escape(word) for word in (*NAMES, *MODIFIERS))
    piece = "(?:(?! \\| ).)+"
    return {
        "type": ["string", "number"],
        "pattern": f"^(=.*|remove|{piece}( \\| ({words})( {piece})?)*)$",
        "description": "A place and a codec: BEG05 | date",
    }


def _codes() -> dict[str, Any]:
    table = {
        "type": "object",
        "required": ["codes"],
        "properties": {
            "place": {"type": "string"},
            "codes": _ref("texts"),
            "preferred": _ref("texts"),
            "also": _ref("texts"),
            "only_read": {"oneOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
        },
        "additionalProperties": False,
    }
    plain = {"type": "object", "not": {"required": ["codes"]}, "additionalProperties": _SCALAR}
    return {"oneOf": [table, plain]}


def _gather(struct: type, found: dict[str, type]) -> None:
    if struct.__name__ in found:
        return
    found[struct.__name__] = struct
    for kind in hints(struct).values():
        if is_struct(inner(kind)):
            _gather(inner(kind), found)


def _fields_of(struct: type) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": _properties(struct) | {name: _ref("one_way") for name in ("read", "write")},
        "patternProperties": {"^[a-z_]+\\+$": {}},
        "additionalProperties": False,
    }


def _properties(struct: Any) -> dict[str, Any]:
    kinds = hints(struct)
    names = [one.name for one in msgspec.structs.fields(struct) if one.name != "ext"]
    return {"use": _ref("part")} | {name: _field(kinds[name]) for name in names}


def _field(kind: Any) -> dict[str, Any]:
    wanted = inner(kind)
    if not is_struct(wanted):
        return _ref("value")
    return _ref(f"{wanted.__name__}.list" if is_list(kind) else f"{wanted.__name__}.one")


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def _kinds_of(name: str) -> dict[str, Any]:
    """What a field that holds such a struct, or a list of them, may be given."""
    item = _ref(f"{name}.item")
    return {
        f"{name}.one": {"anyOf": [_ref("rule"), _ref(name), {"type": "array"}]},
        f"{name}.list": {"oneOf": [_REMOVE, item, {"type": "array", "items": item}]},
    }


def _item_of(struct: type) -> dict[str, Any]:
    """One alternative of a list: an each, slots, or (in a mapping that extends another) changes to either."""
    own = {
        "each": {"type": "string"},
        "slots": {"type": "string"},
        "step": _SCALAR,
        "fill": {"enum": ["pack", "one"]},
        "set": _ref("texts"),
        "also": _ref("texts"),
        "when": _ref("texts"),
        "read": _ref("one_way"),
        "write": _ref("one_way"),
    }
    return {
        "type": "object",
        "properties": _properties(struct) | {name: own[name] for name in sorted({*build.RESERVED, "also"})},
        "patternProperties": {"^[a-z_]+\\+$": {}},
        "additionalProperties": False,
    }
