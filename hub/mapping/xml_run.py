"""What generated readers and writers of XML run against: fast ones that give up at the first surprise, careful ones
that tell.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from hub.errors import Finding, finding
from hub.location import NOWHERE, Location
from hub.mapping.run import Surprise, Trace, Writer, _shown
from hub.mapping.spec import Text
from hub.mapping.values import Refused
from hub.mapping.xml_kept import from_tree, to_tree
from hub.mapping.xml_place import parse_xml_place, peek
from hub.syntax.nodes import Node, place_of


class XmlNote(NamedTuple):
    """What a careful variant says about a rule."""

    file: str
    line: int
    column: int
    field: str
    place: str
    codec: str
    table: str

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def group(kids: Sequence[Node]) -> dict[str, list[Node]]:
    """Children by name, in order."""
    found: dict[str, list[Node]] = {}
    for kid in kids:
        known = found.get(kid.tag)
        if known is None:
            found[kid.tag] = [kid]
        else:
            known.append(kid)
    return found


def xpath(root: Node, number: int) -> str:
    """The way to the number-th element: /Order/cac:OrderLine[2]/cbc:ID."""

    def search(node: Node, way: str) -> str | None:
        if node.number == number:
            return way
        names = [kid.tag for kid in node.kids]
        for index, kid in enumerate(node.kids):
            later = next((one.number for one in node.kids[index + 1 :] if one.number), None)
            if not kid.tag or (later is not None and later <= number):
                continue
            many = names.count(kid.tag) > 1
            step = f"/{kid.tag}[{names[: index + 1].count(kid.tag)}]" if many else f"/{kid.tag}"
            if found := search(kid, way + step):
                return found
        return None

    return search(root, f"/{root.tag}") or f"/{root.tag}"


class XmlReader:
    """The context of one fast read. given: fields of the document that attributes repeat, and where they stand."""

    def __init__(self, mapping: str, given: Mapping[Any, Callable[[Node], str | None]]) -> None:
        self.mapping = mapping
        self.when: dict[Any, Any] = {}
        self._ways = given
        self._given: dict[Any, str | None] = {}
        self._found: dict[Any, str] = {}

    def begin(self, root: Node) -> None:
        """Looks up what attributes repeat."""
        self._given = {path: read(root) for path, read in self._ways.items()}

    def same(self, path: Any, value: str) -> bool:
        """Whether an attribute repeats the field; where the document does not say that, by the first such attribute."""
        if path[0][:1] == "=":
            return bool(value == path[0][1:])
        known = self._given.get(path)
        if known is None:
            self._given[path] = self._found[path] = value
            return True
        return known == value

    def finish(self, document: Any, ext: dict[str, Any]) -> None:
        """A field that only attributes say is known all the same; the writer leaves its own place out."""
        for path, value in self._found.items():
            if len(path) == 1 and getattr(document, path[0]) is None:
                setattr(document, path[0], value)
                ext[f"=given {path[0]}"] = []

    def place(self, item: Any, number: int) -> None:
        """Notes the alternative an item is from."""
        item.ext = {**item.ext, self.mapping: {**item.ext.get(self.mapping, {}), "=place": number}}

    def layout(self, ext: dict[str, Any], key: str, counts: Sequence[int], room: Sequence[int]) -> None:
        """How many texts each place of a list had, unless a writer would fill them so. room: 1, or 0 for all left."""
        left = sum(counts)
        for count, most in zip(counts, room, strict=True):
            fill = min(left, most) if most else left
            if count != fill:
                ext[key] = list(counts)
                return
            left -= fill

    def keep(self, ext: dict[str, Any], key: str, index: int, node: Node) -> None:
        """Keeps a whole element by its index among those of its name. An empty one says nothing."""
        tree = to_tree(node)
        if tree != "":
            ext.setdefault(key, []).append([index, tree])

    def keep_from(self, ext: dict[str, Any], key: str, nodes: Sequence[Node], start: int) -> None:
        for index in range(start, len(nodes)):
            self.keep(ext, key, index, nodes[index])

    def rest(self, ext: dict[str, Any], way: str, kids: Mapping[str, Sequence[Node]]) -> None:
        """Children no rule reads."""
        for tag, nodes in kids.items():
            self.keep_from(ext, f"{way}{tag}", nodes, 0)

    def texts(
        self, ext: dict[str, Any], way: str, nodes: Iterable[tuple[int, Node]], rest: tuple[str, ...]
    ) -> list[str]:
        """The text at `rest` of each node; what else a node holds is kept, and a node without that text whole."""
        found = []
        for index, node in nodes:
            text = peek(node, rest)
            if text:
                found.append(text)
                self._beside(ext, f"{way}{node.tag}#{len(found)}/", node, rest)
            else:
                self.keep(ext, f"{way}{node.tag}", index, node)
        return found

    def _beside(self, ext: dict[str, Any], way: str, node: Node, rest: tuple[str, ...]) -> None:
        """Keeps what stands beside the text at `rest`."""
        for name, value in node.attributes.items():
            ext[f"{way}@{name}"] = value
        if not rest:
            self.rest(ext, way, group(node.kids))
            return
        if node.text:
            ext[f"{way}."] = node.text
        kids = group(node.kids)
        first, *others = kids.pop(rest[0])
        for index, other in enumerate(others, 1):
            self.keep(ext, f"{way}{rest[0]}", index, other)
        self.rest(ext, way, kids)
        self._beside(ext, f"{way}{rest[0]}/", first, rest[1:])

    def orphan(self, ext: dict[str, Any], way: str, parts: Sequence[tuple[str, str]]) -> None:
        """Parts of a value whose main part is missing are kept where they stood."""
        for place, raw in parts:
            if raw:
                ext[way + place] = raw

    def fixed(self, rule: int, raw: str, wanted: str, nodes: Sequence[Node | None]) -> None:
        raise Surprise


class CarefulXmlReader(XmlReader):
    """Runs every rule on its own, gathers findings and a trace. data: the payload, for lines and bytes."""

    def __init__(
        self, mapping: str, given: Mapping[Any, Callable[[Node], str | None]], notes: Mapping[int, XmlNote], root: Node,
        data: bytes | None, standard: str,
    ) -> None:  # fmt: skip
        super().__init__(mapping, given)
        self.notes = notes
        self.root = root
        self.data = data
        self.standard = standard
        self.findings: list[Finding] = []
        self.trace: list[Trace] = []

    def leaf(self, rule: int, raws: Sequence[str], nodes: Sequence[Node | None], read: Callable[[], Any]) -> Any:
        """The rule's value, or None and a finding."""
        note = self.notes[rule]
        try:
            value = read()
        except Exception as error:  # noqa: BLE001 - whatever one rule meets becomes one finding
            self._report(note, raws, nodes, error)
            return None
        number = next((node.number for node in nodes if node is not None), 0)
        self.trace.append(
            Trace(
                rule=note.where, field=note.field, place=note.place, value=" ".join(raws).strip(), segment=number,
                element=0,
            )
        )  # fmt: skip
        return value

    def _where(self, nodes: Sequence[Node | None]) -> tuple[str, Location]:
        node = next((node for node in nodes if node is not None), None)
        if node is None:
            return "", NOWHERE
        found = place_of(self.data, node.number) if self.data is not None else None
        line = f", line {found[0]}" if found else ""
        return f"{xpath(self.root, node.number)}{line}: ", Location(
            interchange=1, message=1, offset=found[1] if found else None
        )

    def _report(self, note: XmlNote, raws: Sequence[str], nodes: Sequence[Node | None], error: Exception) -> None:
        value = " ".join(raw for raw in raws if raw)
        place, location = self._where(nodes)
        if isinstance(error, Refused):
            code, text, expected = error.code, error.message, error.expected
        elif isinstance(error, KeyError) and note.table:
            code = "HUB-3202" if note.table == "unit" else "HUB-3201"
            text = f'the code "{value}" has no word in the table {note.table} of {self.standard}'
            expected = f"a code of the table {note.table}; add it there, or ask the sender what it means"
        else:
            code = "HUB-3230" if note.codec.startswith("call ") else "HUB-3204"
            text, expected = f'"{value}" cannot be read by `{note.codec}`: {error}', note.codec
        self.findings.append(
            finding(
                code, f"{place}{note.place} ({note.field}): {text}.", location=location, value=value, expected=expected,
                rule=f"{note.where} {note.place}",
            )
        )  # fmt: skip

    def fixed(self, rule: int, raw: str, wanted: str, nodes: Sequence[Node | None]) -> None:
        note = self.notes[rule]
        place, location = self._where(nodes)
        self.findings.append(
            finding(
                "HUB-3205", f'{place}{note.place} is "{raw}", and this mapping is for "{wanted}" only.',
                location=location, value=raw, expected=wanted, rule=f"{note.where} {note.place}",
            )
        )  # fmt: skip


class XmlWriter(Writer):
    """The context of one fast write. ranks: tag -> child -> its position. chosen: the attributes (of elements of a name)
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


def split_key(key: str) -> list[str]:
    """The steps of an ext key; slashes inside of tests and of namespaces in braces are none."""
    parts, depth, start = [], 0, 0
    for position, char in enumerate(key):
        depth += (char in "({") - (char in ")}")
        if char == "/" and not depth:
            parts.append(key[start:position])
            start = position + 1
    return [*parts, key[start:]]


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
        except Refused as error:
            code, text, expected = error.code, error.message, error.expected
            empty = empty if error.written is None else error.written
        except KeyError:
            code, text = "HUB-3220", f'"{value}" has no code in the table {note.table}'
            expected = f"a word of the table {note.table}; add a code for it there"
        except Exception as error:  # noqa: BLE001 - whatever one rule meets becomes one finding
            code = "HUB-3230" if note.codec.startswith("call ") else "HUB-3220"
            text, expected = f'"{value}" cannot be written by `{note.codec}`: {error}', note.codec
        self.findings.append(
            finding(
                code, f"{note.field} does not fit {note.place}: {text}.", value=_shown(value), expected=expected,
                rule=f"{note.where} {note.place}",
            )
        )  # fmt: skip
        return empty
