"""What generated readers of XML run against: fast ones give up at the first surprise, careful ones tell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from hub.errors import Finding, finding
from hub.location import NOWHERE, Location
from hub.mapping.crosswalk import missing_row
from hub.mapping.run import Surprise, Trace
from hub.mapping.told import unread
from hub.mapping.xml_kept import to_tree
from hub.mapping.xml_place import peek
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
        row = missing_row("", note.table, value)
        self.findings.append(unread(note, error, value, location, standard=self.standard, row=row, at=place))

    def fixed(self, rule: int, raw: str, wanted: str, nodes: Sequence[Node | None]) -> None:
        note = self.notes[rule]
        place, location = self._where(nodes)
        self.findings.append(
            finding(
                "HUB-3205", f'{place}{note.place} is "{raw}", and this mapping is for "{wanted}" only.',
                location=location, value=raw, expected=wanted, rule=f"{note.where} {note.place}",
            )
        )  # fmt: skip
