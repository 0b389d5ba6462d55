"""ext of XML mappings: elements as JSON values.

A plain text is text; anything else is an object: "@name" attributes, "." the text, "/" the children as [name, value].
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.syntax.nodes import Node

Way = tuple[str, ...]
"""The names on the way to a value; an attribute is "@name"."""

_STEP = re.compile(r"\(.*\)|#(\d+|\*)$")


def to_tree(node: Node) -> Any:
    """The element as a JSON value; "" if it holds nothing."""
    kids = [[kid.tag, below] for kid in node.kids if (below := to_tree(kid)) != ""]
    if not kids and not node.attributes:
        return node.text
    tree: dict[str, Any] = {f"@{name}": value for name, value in node.attributes.items()}
    if node.text:
        tree["."] = node.text
    if kids:
        tree["/"] = kids
    return tree


def from_tree(tag: str, tree: Any) -> Node:
    """The inverse of to_tree."""
    if isinstance(tree, str):
        return Node(tag, tree)
    node = Node(tag, tree.get(".", ""))
    node.attributes = {name[1:]: value for name, value in tree.items() if name[0] == "@"}
    node.kids = [from_tree(name, below) for name, below in tree.get("/", ())]
    return node


def plain(node: Node) -> dict[str, Any]:
    """The element as nested dicts and lists, for comparisons: "@name", ".", and the children by name."""
    tree: dict[str, Any] = {f"@{name}": value for name, value in node.attributes.items()}
    tree["."] = node.text
    for kid in node.kids:
        tree.setdefault(kid.tag, []).append(plain(kid))
    return tree


def count_values(tree: Mapping[str, Any], frame: Sequence[Way], void: Sequence[str], way: Way = ()) -> int:
    """How many values a `plain` element holds, without those of the frame and the texts that say nothing."""
    if in_frame(way, frame):
        return 0
    texts = ((name, value) for name, value in tree.items() if isinstance(value, str) and value and value not in void)
    own = sum(1 for name, _ in texts if not _framed(way, name, frame))
    inside = ((name, kid) for name, kids in tree.items() if isinstance(kids, list) for kid in kids)
    return own + sum(count_values(kid, frame, void, (*way, name)) for name, kid in inside)


Repeated = Mapping[tuple[str, str], str | None]
"""(element, or "" for every one; "@name") -> what that attribute repeats of the document."""


def unread_places(
    part: Any, mapping: str, frame: Sequence[Way], void: Sequence[str], repeated: Repeated
) -> list[str]:  # fmt: skip
    """The places of the values of its message that no rule read, here and in the parts below, without the frame's, the
    texts that say nothing and the attributes that repeat what was read elsewhere."""
    found = []
    for key, value in getattr(part, "ext", {}).get(mapping, {}).items():
        if key[0] == "=":
            continue
        way = tuple(_STEP.sub("", step) for step in split_key(key) if step != ".")
        for tree in [tree for _, tree in value] if isinstance(value, list) else [value]:
            leaves = _leaves(tree, way, void)
            found += [one for one, text in leaves if not (in_frame(one, frame) or _repeats(one, text, repeated))]
    places = ["/".join(one) for one in found]
    for name in getattr(part, "__struct_fields__", ()):
        value = getattr(part, name)
        for inner in value if isinstance(value, list) else [value]:
            if hasattr(inner, "__struct_fields__"):
                places += unread_places(inner, mapping, frame, void, repeated)
    return places


def in_frame(way: Way, frame: Sequence[Way]) -> bool:
    """Whether a place is one of the frame's, or below one: their names stand in its way, one after the other."""
    return any(names == way[at : at + len(names)] for names in frame for at in range(len(way) - len(names) + 1))


def _framed(way: Way, name: str, frame: Sequence[Way]) -> bool:
    return name[0] == "@" and in_frame((*way, name), frame)


def _repeats(way: Way, text: str, repeated: Repeated) -> bool:
    return any(repeated.get((tag, way[-1])) == text for tag in ("", *way[-2:-1]))


def _leaves(tree: Any, way: Way, void: Sequence[str]) -> list[tuple[Way, str]]:
    """The place of every value of a kept element, and the value."""
    if isinstance(tree, str):
        return [(way, tree)] if tree and tree not in void else []
    own = [
        (way if name == "." else (*way, name), value)
        for name, value in tree.items() if name != "/" and value not in void
    ]  # fmt: skip
    return own + [leaf for name, below in tree.get("/", ()) for leaf in _leaves(below, (*way, name), void)]


def split_key(key: str) -> list[str]:
    """The steps of an ext key; slashes inside of tests and of namespaces in braces are none."""
    parts, depth, start = [], 0, 0
    for position, char in enumerate(key):
        depth += (char in "({") - (char in ")}")
        if char == "/" and not depth:
            parts.append(key[start:position])
            start = position + 1
    return [*parts, key[start:]]
