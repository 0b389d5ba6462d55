"""A first mapping of a message type: the rules other mappings of its standard have for the same fields, as far as its
directory has their places, and places found by the values of an example. A starting point that compiles, no more.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from hub.canonical import DOCUMENTS, Document, Moment
from hub.errors import ConfigError, NotYetError
from hub.mapping.fields import hints, inner, is_struct
from hub.mapping.library import Library
from hub.mapping.mapping import Mapping as MappingSpec
from hub.mapping.spec import Spec, Text, as_mapping
from hub.mapping.values import Refused, day
from hub.mapping.variants import strip
from hub.schema import MessageDef, Node, SegmentDef, definition
from hub.schema.walk import walk
from hub.syntax.model import Message

Tree = dict[str, Any]
FAULTS = 400
"""So many rules may be taken out of what other mappings say before a draft is given up."""


class Draft(NamedTuple):
    """source: the YAML. found: fields and the places an example gave them. missing: what of it no rule reads."""

    source: bytes
    found: list[str]
    missing: list[str]


def draft(
    library: Library,
    standard: str,
    version: str,
    type: str,
    document: str,
    examples: Sequence[tuple[Message, Document]] = (),
) -> Draft:
    """A mapping `standard/type` of that release. NotYetError HUB-3030: no directory has it. ConfigError HUB-3018: there
    is no such document.
    """
    known = definition(standard, version, type)
    if known is None:
        raise NotYetError("HUB-3030", f"not yet: {type} ({standard} {version}) is in no directory here")
    if document not in DOCUMENTS:
        raise ConfigError("HUB-3018", f'there is no document "{document}"; there are {", ".join(sorted(DOCUMENTS))}')
    fields = _learned(library, known, document)
    found: list[str] = []
    for message, wanted in examples:
        found += _by_value(library, known, fields, message, wanted)
    fields = _pruned(library, known, document, fields)
    mapping = _compiled(library, known, document, fields)
    missing = []
    for message, wanted in examples:
        reading = mapping.read(message)
        missing += absent(wanted, reading.document)
    source = _head(known, document) + yaml({"fields": _plain(fields)}, 0)
    return Draft(source.encode(), list(dict.fromkeys(found)), list(dict.fromkeys(missing)))


def _head(known: MessageDef, document: str) -> str:
    standard, version = known.standard, known.version
    return (
        "# A draft: every rule below compiles, and none is known to be what your partner means. Try it on real\n"
        f"# messages with hub mapping test, and look at what is read by no rule.\nmapping: {standard}/{known.type}\n"
        f"versions: ['{version}']\ndocument: {document}\n"
    )


# ---- from other mappings


def _learned(library: Library, known: MessageDef, document: str) -> dict[str, Spec]:
    """Field -> what the nearest mapping of the standard says of it: one of the same document, else any."""
    candidates: dict[str, list[tuple[int, Spec]]] = {}
    for id in library.ids():
        mapping = library.get(id)
        if mapping.standard != known.standard or mapping.id == f"{known.standard}/{known.type}":
            continue
        near = 0 if mapping.document == document else 1
        for key, spec in as_mapping(mapping.spec.get(Text("fields")), "fields").items():
            candidates.setdefault(str(key), []).append((near, spec))
    fields: dict[str, Spec] = {}
    for name in DOCUMENTS[document].__struct_fields__:
        for _, spec in sorted(candidates.get(name, ()), key=lambda pair: pair[0]):
            pruned = _pruned(library, known, document, {name: spec})
            if pruned:
                fields[name] = pruned[name]
                break
    fields |= _beginning(known, document, fields)
    return _pruned(library, known, document, fields)


def _beginning(known: MessageDef, document: str, fields: Mapping[str, Spec]) -> dict[str, Spec]:
    """The number and date of the message's first segment, where no mapping told of them."""
    slot = next((slot for slot in known.root.slots if slot.tag not in ("ST", "UNH")), None)
    segment = known.segments.get(slot.tag) if slot is not None else None
    found: dict[str, Spec] = {}
    for number, element in enumerate(segment.elements if segment is not None else (), 1):
        at = f"{segment.tag}{number:02}"  # type: ignore[union-attr]
        if element.components:
            continue
        if element.type == "AN" and not element.coded and "number" not in {*fields, *found}:
            found["number"] = Text(at)
        if element.type == "DT" and "issued" not in {*fields, *found}:
            found["issued"] = Text(f"{at} | date")
    return found


def _compiled(library: Library, known: MessageDef, document: str, fields: Mapping[str, Spec]) -> MappingSpec:
    spec: dict[Text, Spec] = {
        Text("document"): Text(document),
        Text("versions"): [Text(known.version)],
        Text("fields"): {Text(name): value for name, value in fields.items()},
    }
    id = f"{known.standard}/{known.type}"
    return MappingSpec(id, id, spec, library, repr(_plain(fields)).encode())


def _pruned(library: Library, known: MessageDef, document: str, fields: Mapping[str, Spec]) -> dict[str, Spec]:
    """The fields without the rules this message has no place for."""
    left = {name: _placed(_resolved(value), name) for name, value in fields.items()}
    for _ in range(FAULTS):
        try:
            _compiled(library, known, document, left).plan(known.version)
            return left
        except ConfigError as error:
            taken = _without(left, error.line)
            if taken is None:
                return {}
            left = taken
    return {}


class _Count:
    """Each text of a draft gets a line of its own, so that a fault names it."""

    line = 0


def _resolved(spec: Spec) -> Spec:
    """The rules without `only` and `except`, which name other releases."""
    if isinstance(spec, dict):
        return {key: _resolved(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [_resolved(value) for value in spec]
    return Text(str(spec).partition(" | only ")[0].partition(" | except ")[0])


def _placed(spec: Spec, name: str) -> Spec:
    if isinstance(spec, dict):
        return {_at(key): _placed(value, str(key)) for key, value in spec.items()}
    if isinstance(spec, list):
        return [_placed(value, name) for value in spec]
    return _at(spec)


def _at(text: str) -> Text:
    _Count.line += 1
    return Text(str(text), "draft", _Count.line, 1)


def _without(spec: Any, line: int | None) -> Any:
    """The spec without the entry of that line; None: it has none, or nothing is left."""
    if isinstance(spec, dict):
        kept: dict[Any, Any] = {}
        hit = False
        for key, value in spec.items():
            if _is(key, line) or _is(value, line):
                hit = True
                if str(key) in ("each", "slots", "set", "when", "step"):
                    return None
                continue
            inside = _without(value, line) if isinstance(value, dict | list) else value
            if inside is None:
                hit = True
                continue
            kept[key] = inside
        rules = [key for key in kept if str(key) not in ("each", "set", "when", "slots", "step", "fill")]
        return kept if rules or not hit else None
    if isinstance(spec, list):
        out = []
        for value in spec:
            if _is(value, line):
                continue
            inside = _without(value, line) if isinstance(value, dict | list) else value
            if inside is not None:
                out.append(inside)
        return out or None
    return spec


def _is(value: Any, line: int | None) -> bool:
    return isinstance(value, Text) and value.line == line


# ---- from an example


def _by_value(
    library: Library, known: MessageDef, fields: dict[str, Spec], message: Message, wanted: Document
) -> list[str]:
    """Puts rules in place for values of the document that stand in the message once; the fields and places found."""
    tree, _ = walk(message, known)
    places = list(_places(message, tree, known, ""))
    reading = _compiled(library, known, type(wanted).__name__, _pruned(library, known, type(wanted).__name__, fields))
    got = reading.read(message).document
    found = []
    for path, value in leaves(wanted):
        if got is not None and _value(got, path) == value:
            continue
        rules = [rule for rule in (_rule(library, known, place, value) for place in places) if rule is not None]
        if len(rules) == 1:
            _put(fields, path, rules[0])
            found.append(f"{'.'.join(path)}: {rules[0]}")
    return found


class _Place(NamedTuple):
    source: str
    raw: str
    element: Any


def _places(message: Message, node: Node, known: MessageDef, way: str) -> Iterator[_Place]:
    """Every element of segments that stand alone, outside of loops and in loops that occur once."""
    for key, segments in node.segments.items():
        if len(segments) == 1 and segments[0][0] not in ("ST", "SE", "UNH", "UNT"):
            yield from _elements(message, segments[0], known.segments[segments[0][0]], f"{way}{key}")
    for key, instances in node.loops.items():
        if len(instances) == 1:
            yield from _places(message, instances[0], known, f"{way}{key}/")


def _elements(message: Message, segment: Sequence[str], known: SegmentDef, way: str) -> Iterator[_Place]:
    for number, raw in enumerate(segment[1:], 1):
        if not raw or number > len(known.elements):
            continue
        element = known.elements[number - 1]
        if not element.components:
            yield _Place(f"{way}{number:02}", raw, element)
            continue
        for part, text in enumerate(message.components(raw), 1):
            if text and part <= len(element.components):
                yield _Place(f"{way}{number:02}-{part}", text, element.components[part - 1])


def leaves(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Single values of a document by path; lists are the business of `each`."""
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if name in ("ext", "id", "account") or value in (None, [], {}) or isinstance(value, list):
            continue
        if isinstance(value, msgspec.Struct) and not isinstance(value, Moment):
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _rule(library: Library, known: MessageDef, place: _Place, value: Any) -> Text | None:
    """How that place gives that value, if it does."""
    if isinstance(value, Moment):
        try:
            return Text(f"{place.source} | date") if day(place.raw) == value.date and value.time is None else None
        except Refused:
            return None
    if isinstance(value, Decimal):
        if not place.raw.replace(".", "").isdigit():
            return None
        if Decimal(place.raw) == value:
            return Text(f"{place.source} | decimal")
        return Text(f"{place.source} | decimal implied 2") if Decimal(place.raw).scaleb(-2) == value else None
    if not isinstance(value, str):
        return None
    if place.element.coded:
        tables = library.tables(known.standard).values()
        named = next(
            (table for table in tables if table.words.get(place.raw) == value and table.place == place.source), None
        )
        named = named or next((table for table in tables if table.words.get(place.raw) == value), None)
        if named is not None:
            return Text(f"{place.source} | code {named.name} open")
        return Text(f"{place.source} | raw") if place.raw == value else None
    return Text(place.source) if place.raw == value else None


def _put(fields: dict[str, Spec], path: tuple[str, ...], rule: Text) -> None:
    spot: Any = fields
    for name in path[:-1]:
        inside = spot.get(name)
        if not isinstance(inside, dict):
            inside = spot[name] = {}
        spot = inside
    for key in [key for key in spot if str(key) == path[-1]]:
        del spot[key]
    spot[Text(path[-1]) if spot is not fields else path[-1]] = rule


def _value(part: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        part = getattr(part, name, None)
    return part


def absent(wanted: Document, got: Document | None) -> list[str]:
    """The fields of the example that the draft does not give."""
    if got is None:
        return ["the whole document: the draft cannot read the example"]
    missing = []
    wanted, got = strip(wanted), strip(got)
    for name in wanted.__struct_fields__:
        value, other = getattr(wanted, name), getattr(got, name)
        if name not in ("ext", "id", "account") and value not in (None, [], {}) and other != value:
            kind = inner(hints(type(wanted))[name])
            missing.append(f"{name} (of {len(value)} parts)" if isinstance(value, list) and is_struct(kind) else name)
    return missing


# ---- YAML


def _plain(spec: Any) -> Any:
    if isinstance(spec, Mapping):
        return {str(key): _plain(value) for key, value in spec.items()}
    return [_plain(value) for value in spec] if isinstance(spec, list) else str(spec)


def yaml(spec: Tree, depth: int) -> str:
    """Block style for what is long, flow style for what fits a line."""
    lines = []
    for key, value in spec.items():
        flow = _flow(value)
        indent = "  " * depth
        if isinstance(value, str) or len(indent) + len(key) + len(flow) < 110:
            lines.append(f"{indent}{key}: {flow}\n")
        elif isinstance(value, dict):
            lines.append(f"{indent}{key}:\n{yaml(value, depth + 1)}")
        else:
            lines.append(f"{indent}{key}:\n")
            lines += [f"{indent}  - {_flow(entry)}\n" for entry in value]
    return "".join(lines)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(entry) for entry in value) + "]"
    text = str(value)
    plain = text and not set(text) & set("{}[],:&*#?!%@`\"'") and text[0] not in "-=>|" and text.strip() == text
    return text if plain else "'" + text.replace("'", "''") + "'"
