"""What is done to the nodes of a payload before its rules read them, and undone when they are written.

`split: {InvoiceDetailOrder: InvoiceDetailItem}`: an outer element that repeats and holds several inner ones becomes one
outer element for each, so that what it says belongs to each of its items; neighbours that agree become one again.
`everywhere: {SEGMENT: '1'}`: attributes that every element with children has, from the third level down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.mapping.xml_kept import to_tree
from hub.syntax.nodes import Node


@dataclass(frozen=True)
class Shape:
    """split: outer -> inner. everywhere: attribute -> value."""

    split: Mapping[str, str]
    everywhere: Mapping[str, str]

    def opened(self, root: Node) -> Node:
        """The nodes as rules read them (the root itself, changed)."""
        if self.everywhere:
            for node in root:
                for name, value in self.everywhere.items():
                    if node.attributes.get(name) == value and node.kids:
                        del node.attributes[name]
        if self.split:
            self._open(root)
        return root

    def _open(self, node: Node) -> None:
        kids: list[Node] = []
        for kid in node.kids:
            self._open(kid)
            kids += self._split(kid)
        node.kids = kids

    def _split(self, node: Node) -> list[Node]:
        inner = self.split.get(node.tag)
        count = sum(kid.tag == inner for kid in node.kids) if inner is not None else 0
        if count < 2:
            return [node]
        made = []
        for number in range(count):
            copy = Node(node.tag, node.text, node.number)
            copy.attributes = dict(node.attributes)
            seen = -1
            for kid in node.kids:
                seen += kid.tag == inner
                if kid.tag != inner or seen == number:
                    copy.kids.append(kid)
            made.append(copy)
        return made

    def close(self, root: Node) -> None:
        """Undoes it in the nodes to be written."""
        if self.split:
            self._close(root)
        if self.everywhere:
            for node in (kid for level in root.kids for below in level.kids for kid in below):
                if node.kids:
                    node.attributes = {**self.everywhere, **node.attributes}

    def _close(self, node: Node) -> None:
        kids: list[Node] = []
        for kid in node.kids:
            self._close(kid)
            inner = self.split.get(kid.tag)
            if inner is not None and kids and kids[-1].tag == kid.tag and _frame(kids[-1], inner) == _frame(kid, inner):
                last = max(number for number, one in enumerate(kids[-1].kids) if one.tag == inner)
                kids[-1].kids[last + 1 : last + 1] = [one for one in kid.kids if one.tag == inner]
            else:
                kids.append(kid)
        node.kids = kids


def _frame(node: Node, inner: str) -> object:
    """All of a node but its inner ones; an object equal to nothing where it has none."""
    if not any(kid.tag == inner for kid in node.kids):
        return object()
    frame = Node(node.tag, node.text)
    frame.attributes = node.attributes
    frame.kids = [kid for kid in node.kids if kid.tag != inner]
    return to_tree(frame)
