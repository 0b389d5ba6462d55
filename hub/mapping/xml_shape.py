"""What is done to the nodes of a payload before its rules read them, and undone when they are written.

`split: {InvoiceDetailOrder: InvoiceDetailItem}`: an outer element that repeats and holds several inner ones becomes one
outer element for each, so that what it says belongs to each of its items; neighbours that agree become one again.
`lift: {cac:TransportHandlingUnit: cac:DespatchLine}`: units that hold lines, and smaller units, at any depth. All units
and all lines become children of what holds the outermost ones; `@in` of each is the number of the unit it stood in.
`nest` and `pack`: see hub.mapping.xml_nest.
`qualify: {StandardBusinessDocumentHeader: sh}`: an element sent without the namespace it belongs to, and all below it.
`everywhere: {SEGMENT: '1'}`: attributes that every element with children has, from the third level down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.errors import Finding
from hub.mapping.xml_kept import to_tree
from hub.mapping.xml_nest import Names, Sort, close_nest, close_pack, open_nest, open_pack
from hub.syntax.nodes import Node


@dataclass(frozen=True)
class Shape:
    """split: outer -> inner. everywhere: attribute -> value. lift: unit -> line. nest: name -> what it is on the levels
    below. pack: unit, item, line -> their names."""

    mapping: str
    split: Mapping[str, str]
    everywhere: Mapping[str, str]
    lift: Mapping[str, str]
    nest: Names
    pack: Mapping[str, str]

    def opened(self, root: Node) -> Node:
        """The nodes as rules read them (the root itself, changed)."""
        if self.everywhere:
            for node in root:
                for name, value in self.everywhere.items():
                    if node.attributes.get(name) == value and node.kids:
                        del node.attributes[name]
        if self.split:
            self._open(root)
        if self.lift:
            self._raise(root)
        if self.nest:
            open_nest(root, self.nest)
        if self.pack:
            open_pack(root, self.pack)
        return root

    def _raise(self, node: Node) -> None:
        kids: list[Node] = []
        count = 0
        for kid in node.kids:
            if kid.tag in self.lift:
                count = self._units(kid, None, count, kids)
            else:
                self._raise(kid)
                kids.append(kid)
        node.kids = kids

    def _units(self, unit: Node, within: int | None, count: int, into: list[Node]) -> int:
        """Puts a unit, its lines and what it contains behind each other; gives how many units there are by now."""
        line = self.lift[unit.tag]
        own, unit.kids = unit.kids, []
        number = within
        if any(kid.tag not in (line, unit.tag) for kid in own):  # else it holds lines that lie in no package
            number = count = count + 1
            if within is not None:
                unit.attributes["in"] = str(within)
            into.append(unit)
        for kid in own:
            if kid.tag == unit.tag:
                count = self._units(kid, number, count, into)
            elif kid.tag == line:
                if number is not None:
                    kid.attributes["in"] = str(number)
                into.append(kid)
            else:
                unit.kids.append(kid)
        return count

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

    def close(self, root: Node, sort: Sort) -> list[Finding]:
        """Undoes it in the nodes to be written, and tells what has no place there. sort: puts children in order."""
        found = close_pack(root, self.pack, self.mapping) if self.pack else []
        if self.nest:
            close_nest(root, self.nest, sort)
        if self.lift:
            self._lower(root)
        if self.split:
            self._close(root)
        if self.everywhere:
            for node in (kid for level in root.kids for below in level.kids for kid in below):
                if node.kids:
                    node.attributes = {**self.everywhere, **node.attributes}
        return found

    def _lower(self, node: Node) -> None:
        for kid in node.kids:
            self._lower(kid)
        units = [kid for kid in node.kids if kid.tag in self.lift]
        inside = {id(kid): unit for kid in node.kids if (unit := self._unit_of(kid, units)) is not None}
        loose = [kid for kid in node.kids if kid.tag in self.lift.values() and id(kid) not in inside]
        if loose:  # lines that lie in no package
            unit = Node(next(outer for outer, line in self.lift.items() if line == loose[0].tag))
            node.kids.insert(node.kids.index(loose[0]), unit)
            inside |= {id(kid): unit for kid in loose}
        for kid in node.kids:
            if id(kid) in inside:
                inside[id(kid)].kids.append(kid)
        node.kids = [kid for kid in node.kids if id(kid) not in inside]

    def _unit_of(self, node: Node, units: list[Node]) -> Node | None:
        """The unit a unit or line goes into again."""
        if node.tag not in self.lift and node.tag not in self.lift.values():
            return None
        number = node.attributes.pop("in", "")
        return units[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(units) else None

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


def qualified(node: Node, names: Mapping[str, str]) -> Node:
    """The node, changed: elements of these names without a prefix, and all that stands below them, have one."""
    for kid in node.kids:
        prefix = names.get(kid.tag)
        if prefix is None:
            qualified(kid, names)
        else:
            for below in kid:
                below.tag = below.tag if ":" in below.tag or not below.tag else f"{prefix}:{below.tag}"
    return node
