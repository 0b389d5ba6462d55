"""ext of XML mappings: elements as JSON values.

A plain text is text; anything else is an object: "@name" attributes, "." the text, "/" the children as [name, value].
"""

from typing import Any

from hub.syntax.nodes import Node


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


def leaves(tree: Any) -> int:
    """How many values a kept element holds."""
    if isinstance(tree, str):
        return 1 if tree else 0
    own = sum(1 for name in tree if name != "/")
    return own + sum(leaves(below) for _, below in tree.get("/", ()))


def plain(node: Node) -> dict[str, Any]:
    """The element as nested dicts and lists, for comparisons: "@name", ".", and the children by name."""
    tree: dict[str, Any] = {f"@{name}": value for name, value in node.attributes.items()}
    tree["."] = node.text
    for kid in node.kids:
        tree.setdefault(kid.tag, []).append(plain(kid))
    return tree


def unread_values(part: Any, mapping: str) -> int:
    """How many values of its message no rule read, here and in the parts below."""
    count = 0
    for key, value in getattr(part, "ext", {}).get(mapping, {}).items():
        if key[0] != "=":
            count += sum(leaves(tree) for _, tree in value) if isinstance(value, list) else 1
    for name in getattr(part, "__struct_fields__", ()):
        value = getattr(part, name)
        for inner in value if isinstance(value, list) else [value]:
            if hasattr(inner, "__struct_fields__"):
                count += unread_values(inner, mapping)
    return count
