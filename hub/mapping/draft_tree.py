"""A first mapping of JSON or of a table, by the values of an example and of the document it should become. A starting
point that compiles, no more.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

import msgspec

from hub.canonical import Document, Moment
from hub.mapping import values
from hub.mapping.draft import Draft, Tree, absent, leaves, yaml
from hub.mapping.fields import required
from hub.mapping.flat import ROW
from hub.mapping.library import Library
from hub.mapping.values import Refused
from hub.syntax.json import read_json
from hub.syntax.sheet import read_sheet

_NO_WORD = re.compile(r"[^a-z0-9]+")
_KINDS = ("role", "type", "scheme", "kind")
"""Fields that say which item of a list one is."""


def draft_tree(id: str, document: str, examples: Sequence[tuple[bytes, Document]]) -> Draft:
    """The mapping `json/..` or `csv/..` of the first example; missing: what of any example it does not give.

    UnreadableError: the first example is none.
    """
    payload, wanted = examples[0]
    table = id.startswith("csv/")
    tree, names = _of_table(payload) if table else (read_json(payload), {})
    fields = _fields(wanted, tree)
    spec: Tree = {"fields": fields}
    if table:
        number = str(fields.get("number", ""))
        spec = {"columns": names, **({"group": number} if number in names else {}), **spec}
    head = (
        "# A draft: its rules are places where the example has the values of its document. Try it on more payloads\n"
        f"# with hub mapping test, and look at what is read by no rule.\nmapping: {id}\ndocument: {document}\n"
    )
    source = (head + yaml(spec, 0)).encode()
    mapping = Library(files={f"mappings/{id}.yaml": source}).get(id)
    missing = []
    for body, meant in examples:
        reading = next(iter(mapping.read_flat(body)), None)
        missing += absent(meant, reading.document if reading is not None else None)
    return Draft(source, [f"{name}: {rule}" for name, rule in _told(fields)], list(dict.fromkeys(missing)))


def _of_table(payload: bytes) -> tuple[Tree, Tree]:
    """The rows of a table, with the columns that say the same in each beside them; column -> its header."""
    sheet = read_sheet(payload)
    names = {
        _NO_WORD.sub("_", name.lower()).strip("_") or f"column_{at}": name for at, name in enumerate(sheet.header, 1)
    }
    rows = [dict(zip(names, (cell.strip() for cell in row), strict=False)) for row in sheet.rows]
    same = (
        {name: rows[0].get(name, "") for name in names if len({row.get(name, "") for row in rows}) == 1} if rows else {}
    )
    return {**same, ROW: rows}, {name: [header] for name, header in names.items()}


def _told(fields: Tree, before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _told(value, f"{before}{name}.")
        elif isinstance(value, str) and name not in ("each", "set"):
            yield f"{before}{name}", value


def _fields(part: Any, tree: Any) -> Tree:
    """Rules for the single values of a struct and for its lists."""
    fields: Tree = {}
    for path, value in leaves(part):
        if (rule := _rule(path[-1], value, tree)) is not None:
            spot = fields
            for name in path[:-1]:
                spot = spot.setdefault(name, {})
            spot[path[-1]] = rule
    for name in part.__struct_fields__:
        items = getattr(part, name)
        if isinstance(items, list) and items and isinstance(items[0], msgspec.Struct):
            spec = _rows(items, tree) or _apart(items, tree)
            if spec:
                fields[name] = spec
    return fields


def _rule(field: str, value: Any, tree: Any) -> str | None:
    """The place whose value is that one: the only one, or the one named most like the field."""
    found = [(place, codec) for place, raw in _scalars(tree) if (codec := _codec(raw, value)) is not None]
    if not found:
        return None
    place, codec = max(found, key=lambda one: SequenceMatcher(None, field, one[0].lower()).ratio())
    return f"{place} | {codec}" if codec else place


def _codec(raw: Any, value: Any) -> str | None:
    """How a JSON value gives a value of the document; None: it does not."""
    if isinstance(raw, bool) or raw is None or raw == "":
        return None
    if isinstance(value, Moment):
        try:
            return "iso" if isinstance(raw, str) and values.iso(raw) == value else None
        except Refused:
            return None
    if isinstance(value, Decimal | int):
        try:
            same = values.decimal(str(raw)) == value
        except Refused:
            return None
        return None if not same else "decimal" if isinstance(raw, str) else "number"
    if not isinstance(value, str) or str(raw) != value:
        return None
    return "" if isinstance(raw, str) else "number"


def _scalars(tree: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """Places of single values outside of lists."""
    for name, value in tree.items() if isinstance(tree, dict) else ():
        if isinstance(value, dict):
            yield from _scalars(value, f"{way}{name}/")
        elif not isinstance(value, list) and not set(name) & set("()#[]/ |+"):
            yield f"{way}{name}", value


def _objects(tree: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """Places of objects, the innermost first, and of lists of objects."""
    for name, value in tree.items() if isinstance(tree, dict) else ():
        if set(name) & set("()#[]/ |+"):
            continue
        if isinstance(value, dict):
            yield from _objects(value, f"{way}{name}/")
            yield f"{way}{name}", value
        elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            yield f"{way}{name}", value


def _rows(items: Sequence[Any], tree: Any) -> Tree | None:
    """The list of objects that are these items, if there is one."""
    best: Tree = {}
    for place, rows in _objects(tree):
        if not isinstance(rows, list) or len(rows) != len(items):
            continue
        spec = _fields(items[0], rows[0])
        for name in _KINDS:
            said = {getattr(item, name, None) for item in items}
            if name not in spec and len(said) == 1 and isinstance(word := said.pop(), str):
                spec = {"set": {name: word}, **spec}
        if _whole(items[0], spec) and len(spec) > len(best):
            best = {"each": place, **spec}
    return best or None


def _apart(items: Sequence[Any], tree: Any) -> list[Tree]:
    """Each item from an object of its own, or from the one at hand."""
    found: list[Tree] = []
    for item in items:
        kinds = {name: word for name in _KINDS if isinstance(word := getattr(item, name, None), str)}
        rest = msgspec.structs.replace(item, **dict.fromkeys(kinds, ""))
        spots = [(place, node) for place, node in _objects(tree) if isinstance(node, dict)]
        specs = [(place, _fields(rest, node)) for place, node in [*spots, (".", tree)]]
        place, spec = max(specs, key=lambda one: len(list(_told(one[1]))))
        spec = {name: rule for name, rule in spec.items() if name not in kinds}
        made = {"each": place, **({"set": kinds} if kinds else {}), **spec}
        if spec and _whole(item, made) and made not in found:
            found.append(made)
    return found


def _whole(item: Any, spec: Tree) -> bool:
    """Whether a draft gives what an item cannot be without."""
    cls: Any = type(item)
    return all(name in spec or name in spec.get("set", {}) for name in required(cls))
