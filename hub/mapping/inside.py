"""A document inside of an API's own frame: `inside: payload/order`, or, alone in a list, `inside: invoices#1`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.mapping.spec import Spec, Text, as_text, wrong
from hub.mapping.tree import steps

AROUND = "=around"
"""Where ext keeps what stands around the document."""


@dataclass(frozen=True)
class Inside:
    """Where in a payload the document stands: names on the way to it; listed: in a list of one."""

    names: tuple[str, ...]
    listed: bool

    def unwrap(self, tree: Any) -> tuple[Any, dict[str, Any], int]:
        """The object, what stands around it, and how many objects stand there (0: none, or it stands by itself)."""
        spot, outer = tree, tree
        for name in self.names:
            spot = spot.get(name) if isinstance(spot, dict) else None
        if spot is None:
            return tree, {}, 0
        rows = spot if isinstance(spot, list) else [spot]
        return (rows[0] if rows else {}), _without(outer, self.names), len(rows)

    def wrap(self, tree: dict[str, Any], around: Mapping[str, Any]) -> dict[str, Any]:
        """The payload with the object in it."""
        whole = _copied(around)
        spot = whole
        for name in self.names[:-1]:
            spot = spot.setdefault(name, {})
        spot[self.names[-1]] = [tree] if self.listed else tree
        return whole


def _without(tree: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The object without what stands at the end of the names, and without objects that are empty then."""
    rest = {name: value for name, value in tree.items() if name != names[0]}
    if len(names) > 1 and (inner := _without(tree[names[0]], names[1:])):
        rest[names[0]] = inner
    return rest


def _copied(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copied(value) if isinstance(value, dict) else value for name, value in tree.items()}


def inside(spec: dict[Text, Spec]) -> Inside | None:
    """Where the document stands in a payload: `orders` or, alone in a list, `orders#1`. HUB-3002: that is no place."""
    if Text("inside") not in spec:
        return None
    place = as_text(spec[Text("inside")], "inside", spec)
    found = steps(place.removesuffix("#1"))
    if not found or any(step.key is not None for step in found):
        raise wrong(place, "HUB-3002", f'"{place}" is not where a document stands; that looks like payload/orders#1')
    return Inside(tuple(step.name for step in found), place.endswith("#1"))
