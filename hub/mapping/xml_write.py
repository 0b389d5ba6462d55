"""What generated writers of XML run against: fast ones give up at the first surprise, careful ones tell."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.errors import finding
from hub.mapping.run import Writer
from hub.mapping.spec import Text
from hub.mapping.told import unwritten
from hub.mapping.values import Refused
from hub.mapping.xml_kept import from_tree, split_key
from hub.mapping.xml_place import parse_xml_place
from hub.mapping.xml_read import XmlNote
from hub.syntax.nodes import Node


class XmlWriter(Writer):
    """The context of one fast write. ranks: tag -> child -> its position. chosen: the attributes (of elements by name)
    that the agreement's options fill; what the message had there does not count."""

    __slots__ = ("chosen", "notes", "ranks")

    def __init__(
        self, document: Any, mapping: str, options: Mapping[str, str], notes: Mapping[int, XmlNote],
        ranks: Mapping[str, Mapping[str, int]],
    ) -> None:  # fmt: skip
        super().__init__(document, mapping, "", options)
        self.notes = notes
        self.ranks = ranks
        self.chosen: frozenset[tuple[str, str | None]] = frozenset()

    def leaf(self, rule: int, value: Any, empty: Any, write: Callable[[], Any]) -> Any:
        del rule, value, empty
        return write()

    def parts_of(self, texts: list[str], counts: Sequence[int] | None, room: Sequence[int]) -> list[list[str]]:
        """The texts of a list for each of its places, as the message had them; what is left over comes last."""
        if counts is None or sum(counts) != len(texts):
            counts = [min(1, len(texts)) if most else len(texts) for most in room]
        parts = []
        for count in counts:
            parts.append(texts[:count])
            texts = texts[count:]
        return [*parts, texts]

    def spelled(self, raws: Sequence[str], value: Any, written: Any, read: Callable[..., Any]) -> Any:
        """How the message spelled the value, as long as that still means it."""
        try:
            same = read(*raws) == value
        except Exception:  # noqa: BLE001 - whatever was kept, it is not this value
            return written
        return (raws[0] if len(raws) == 1 else tuple(raws)) if same else written

    def given(self, node: Node, attribute: str, path: Sequence[str]) -> None:
        """An attribute that repeats a field of the document; without the field nothing can be written there."""
        if path[0][:1] == "=":
            node.attributes.setdefault(attribute, path[0][1:])
            return
        value = self.at(path) or self.options.get(".".join(path))
        if value is None:
            field, place = ".".join(path), f"{node.tag}/@{attribute}"
            if f"given {field}" not in self._said:
                self._said.add(f"given {field}")
                self.findings.append(
                    finding(
                        "HUB-3229", f"{place} must be there and repeats the document's {field}, which is not known. "
                        f"Set {field} at its source, or as an option of the agreement.",
                        expected=field, rule=self.mapping,
                    )
                )  # fmt: skip
        else:
            node.attributes[attribute] = value

    def constant(self, node: Node, way: Sequence[str], value: str) -> None:
        """What a test on a step asks for, unless a rule wrote there."""
        for name in way:
            if name[0] == "@":
                node.attributes.setdefault(name[1:], value)
                return
            found = next((kid for kid in node.kids if kid.tag == name), None)
            if found is None:
                found = node.add(name)
                self.sort(node)
            node = found
        if not node.text:
            node.text = value

    def sum_of(self, part: Any, path: Sequence[str]) -> Decimal | None:
        """The sum of a field of the items of a list; None where none has it."""
        items, *rest = path
        values = []
        for item in getattr(part, items):
            for name in rest:
                item = getattr(item, name, None)
            if item is not None:
                values.append(item)
        return sum(values, Decimal(0)) if values else None

    def line_amount(self, line: Any) -> Decimal | None:
        """Quantity times price, where both are in one unit."""
        price, quantity = line.price, line.quantity
        if price is None or quantity is None or price.unit not in (None, quantity.unit):
            return None
        amount: Decimal = quantity.value * price.amount / (price.per or 1)
        return amount

    def sort(self, node: Node) -> None:
        """Children in the order of the vocabulary; those it does not name stay behind the one before them."""
        ranks = self.ranks.get(node.tag)
        if ranks is None:
            return
        last, keys = -1, {}
        for kid in node.kids:
            last = ranks.get(kid.tag, last)
            keys[id(kid)] = last
        node.kids.sort(key=lambda kid: keys[id(kid)])

    def put_back(self, root: Node, kept: Mapping[str, Any]) -> None:
        """What the message had and no rule reads."""
        touched: dict[int, Node] = {}
        for key, value in kept.items():
            if key[0] == "=":
                continue
            *way, last = split_key(key)
            node = self._down(root, way)
            if last == ".":
                node.text = node.text or value
            elif last[0] == "@":
                if (node.tag, last[1:]) not in self.chosen:
                    node.attributes[last[1:]] = value
            else:
                for index, tree in value:
                    _insert(node, index, from_tree(last, tree))
                touched[id(node)] = node
        for node in touched.values():
            self.sort(node)

    def _down(self, node: Node, way: Sequence[str]) -> Node:
        for step in way:
            plain, _, number = step.partition("#")
            name, _, tests = plain.partition("(")
            found = [kid for kid in node.kids if kid.tag == name]
            if number:
                if len(found) >= int(number):
                    node = found[int(number) - 1]
                    continue
                found = []
            if tests:
                found = [kid for kid in found if _holds(kid, tests)]
            if not found:
                made = node.add(name)
                self.sort(node)
                if tests:
                    for test in tests.rstrip(")").split("&"):
                        key, _, wanted = test.partition("=")
                        self.constant(made, [part for part in key.split("/") if part != "."], wanted.partition("|")[0])
                found = [made]
            node = found[0]
        return node


def _holds(node: Node, tests: str) -> bool:
    step = parse_xml_place(Text(f"x({tests.rstrip(')')})")).steps[0]
    return all(test.holds(node) for test in step.tests)


def _insert(node: Node, index: int, kid: Node) -> None:
    """As the index-th of its name."""
    same = [position for position, one in enumerate(node.kids) if one.tag == kid.tag]
    if index < len(same):
        node.kids.insert(same[index], kid)
    elif same:
        node.kids.insert(same[-1] + 1, kid)
    else:
        node.kids.append(kid)


class CarefulXmlWriter(XmlWriter):
    """Writes what can be written and says what cannot."""

    __slots__ = ()

    def leaf(self, rule: int, value: Any, empty: Any, write: Callable[[], Any]) -> Any:
        note = self.notes[rule]
        try:
            return write()
        except Exception as error:  # noqa: BLE001 - whatever one rule meets becomes one finding
            self.findings.append(unwritten(note, error, value))
            written = error.written if isinstance(error, Refused) else None
            return empty if written is None else written
