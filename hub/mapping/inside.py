"""A document inside of an API's own frame: `inside: payload/order`, or, alone in a list, `inside: invoices#1`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from hub.mapping.fields import field_type
from hub.mapping.spec import Spec, Text, as_mapping, as_text, wrong
from hub.mapping.tree import FIRST, steps

AROUND = "=around"
"""Where ext keeps what stands around the document."""


@dataclass(frozen=True)
class Inside:
    """Where in a payload the document stands: the names on the way to it, each with whether it is a list of one."""

    way: tuple[tuple[str, bool], ...]

    def unwrap(self, tree: Any) -> tuple[Any, dict[str, Any], int]:
        """The object, what stands around it, and the most objects that a list on the way holds (0: it stands bare)."""
        most, spot = 0, tree
        for name, _ in self.way:
            spot = spot.get(name) if isinstance(spot, dict) else None
            rows = spot if isinstance(spot, list) else [spot]
            most = max(most, len(rows))
            spot = rows[0] if rows else None
        return (tree, {}, 0) if spot is None else (spot, _around(tree, self.way), most)

    def apart(self, tree: Any) -> list[Any]:
        """A payload for each of the documents in it, every one in the frame of them all."""
        return _apart(tree, [name for name, _ in self.way])

    def wrap(self, tree: dict[str, Any], around: Mapping[str, Any]) -> dict[str, Any]:
        """The payload with the object in it."""
        return _wrapped(tree, around, self.way)

    def __str__(self) -> str:
        return "/".join(name for name, _ in self.way)


def _apart(tree: Any, way: Sequence[str]) -> list[Any]:
    if not way or not isinstance(tree, dict) or way[0] not in tree:
        return [tree]
    name, *further = way
    value = tree[name]
    if not isinstance(value, list):
        return [{**tree, name: one} for one in _apart(value, further)]
    return [{**tree, name: [one]} for row in value for one in _apart(row, further)] or [tree]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _around(tree: Mapping[str, Any], way: tuple[tuple[str, bool], ...]) -> dict[str, Any]:
    """What stands beside the way."""
    (name, _), *further = way
    rest = {key: value for key, value in tree.items() if key != name}
    if further and (inner := _around(_first(tree[name]), tuple(further))):
        rest[name] = inner
    return rest


def _wrapped(tree: dict[str, Any], around: Mapping[str, Any], way: tuple[tuple[str, bool], ...]) -> dict[str, Any]:
    (name, listed), *further = way
    inner = _wrapped(tree, around.get(name, {}), tuple(further)) if further else tree
    return {**around, name: [inner] if listed else inner}


def repeat(tree: Any, given: Mapping[str, str], document: Any) -> None:
    """Puts fields of the document where the mapping says they are repeated and nothing stands yet: `given:
    {price/currencyCode: currency}` in every object called price."""
    if isinstance(tree, list):
        for entry in tree:
            repeat(entry, given, document)
    if not isinstance(tree, dict):
        return
    for place, field in given.items():
        name, _, key = place.rpartition("/")
        value = getattr(document, field)
        if value is not None and isinstance(tree.get(name), dict):
            tree[name].setdefault(key, value)
    for entry in tree.values():
        repeat(entry, given, document)


def forget(part: Any, given: Mapping[str, str], mapping: str, document: Any) -> None:
    """Takes what merely repeats a field of the document out of what is kept unread: `repeat` writes it again."""
    kept = part.ext.get(mapping) if hasattr(part, "ext") else None
    for key in list(kept or ()):
        field = given.get("/".join(key.rsplit("/", 2)[-2:]))
        if kept is not None and field is not None and kept[key] == getattr(document, field):
            del kept[key]
    if kept is not None and not kept:
        del part.ext[mapping]
    for name in part.__struct_fields__:
        value = getattr(part, name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, msgspec.Struct):
                forget(inner, given, mapping, document)


def repeated(spec: dict[Text, Spec], document: type) -> dict[str, str]:
    """Place -> field of what is repeated. ConfigError HUB-3005: the document has no such field."""
    found: dict[str, str] = {}
    for place, field in as_mapping(spec.get(Text("given"), {}), "given").items():
        name = as_text(field, "A field that is repeated", place)
        field_type(document, name)
        found[str(place)] = str(name)
    return found


def inside(spec: dict[Text, Spec]) -> Inside | None:
    """Where the document stands in a payload: `order` or, alone in a list, `orders#1`. HUB-3002: that is no place."""
    if Text("inside") not in spec:
        return None
    place = as_text(spec[Text("inside")], "inside", spec)
    found = steps(place)
    if not found or any(step.key not in (None, FIRST) for step in found):
        raise wrong(place, "HUB-3002", f'"{place}" is not where a document stands; that looks like payload/orders#1')
    return Inside(tuple((step.name, step.key == FIRST) for step in found))
