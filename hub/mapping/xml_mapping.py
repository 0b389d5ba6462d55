"""XML mappings: from a payload to a document and back, by code generated from the rule table."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

from lxml import etree

from hub.canonical import Document
from hub.errors import ConfigError, Finding, finding
from hub.mapping.build_xml import XmlBuilder
from hub.mapping.codes import CodeTable
from hub.mapping.compiled import COMPILER, Variant, load_code, namespace
from hub.mapping.emit_xml_read import emit_xml_reader
from hub.mapping.emit_xml_write import emit_xml_writer
from hub.mapping.plan import Path as Field
from hub.mapping.results import Reading
from hub.mapping.run import Trace
from hub.mapping.spec import Spec, Text, as_mapping, as_text, wrong
from hub.mapping.xml_complete import complete
from hub.mapping.xml_kept import Way
from hub.mapping.xml_links import LINKS, read_links, write_links
from hub.mapping.xml_place import XmlPlace, XmlStep, parse_xml_place, peek
from hub.mapping.xml_plan import XmlPlan
from hub.mapping.xml_profile import Profile, read_profiles
from hub.mapping.xml_read import CarefulXmlReader, XmlNote, XmlReader, group
from hub.mapping.xml_shape import Shape, qualified
from hub.mapping.xml_write import CarefulXmlWriter, XmlWriter
from hub.schema.content_model import ContentModel, content_bytes, content_model
from hub.syntax.nodes import Node, to_nodes, write_nodes
from hub.syntax.xml import read_xml


def _branch(tag: str, rest: tuple[str, ...], text: str) -> Node:
    """A node with a text so many names below it."""
    node = here = Node(tag)
    for name in rest:
        here = here.add(name)
    here.text = text
    return node


class XmlMapping:
    """The XML side of one mapping. tables: the shared code tables of its standard; hooks: functions beside it."""

    def __init__(
        self, id: str, standard: str, spec: dict[Text, Spec], tables: Callable[[], Mapping[str, CodeTable]],
        hooks: Callable[[], dict[str, Any]], digest: Callable[[], bytes], cache: Path,
    ) -> None:  # fmt: skip
        self.id = id
        self.standard = standard
        self.spec = spec
        self._tables = tables
        self._hooks = hooks
        self._digest = digest
        self._cache = cache
        self._modules: dict[Variant, dict[str, Any]] = {}

    # ---- what the spec says

    @cached_property
    def namespaces(self) -> dict[str, str]:
        """Prefix -> URI; "" is the namespace of names without a prefix."""
        found = as_mapping(self.spec.get(Text("namespaces"), {}), "namespaces")
        return {str(prefix): str(as_text(uri, "A namespace", prefix)) for prefix, uri in found.items()}

    @cached_property
    def roots(self) -> list[XmlStep]:
        """The roots it is for, with tests; the first is the one written. ConfigError HUB-3010: it names none."""
        value = self.spec.get(Text("root"))
        texts = value if isinstance(value, list) else [value]
        if not value:
            raise wrong(self.spec, "HUB-3010", "an XML mapping says the root it is for, as in `root: Order`")
        steps = [parse_xml_place(as_text(text, "root", self.spec)).steps for text in texts]
        if any(len(way) != 1 for way in steps):
            raise wrong(texts[0], "HUB-3002", "a root is one element, perhaps with tests")
        return [way[0] for way in steps]

    @cached_property
    def model(self) -> ContentModel | None:
        """The content model the mapping names. ConfigError HUB-3010: there is none of that name."""
        name = self.spec.get(Text("model"))
        if name is None:
            return None
        found = content_model(as_text(name, "model", self.spec))
        if found is None:
            raise wrong(name, "HUB-3010", f'there is no content model "{name}" here')
        return found

    @cached_property
    def plan(self) -> XmlPlan:
        """The rule table. ConfigError: the spec is wrong, and where."""
        tag = self.roots[0].name
        return XmlBuilder(self.id, self.standard, self.spec, self._tables(), self.model, tag, self.needed).build()

    @cached_property
    def _given(self) -> dict[Field, Callable[[Node], str | None]]:
        """Where the fields stand that attributes repeat."""
        wanted = set(self.plan.given.values())
        return {
            rule.path: _finder(rule.places[0])
            for rule in self.plan.root.rules
            if rule.path in wanted and rule.one_way != "write" and rule.places
        }

    @cached_property
    def needed(self) -> dict[tuple[str, str], str]:
        """(parent, child) -> what it holds where it must be there and the document says nothing of it."""
        found = {}
        for place, text in as_mapping(self.spec.get(Text("given"), {}), "given").items():
            if "@" in place:
                continue
            parent, _, child = place.rpartition("/")
            word = as_text(text, "A given text", place)
            if not parent or not word.startswith("="):
                raise wrong(place, "HUB-3002", f'write what {place} holds as "cac:Shipment/cbc:ID: =NA"')
            found[(parent, child)] = str(word[1:])
        return found

    @cached_property
    def links(self) -> dict[str, str]:
        """Fields of contents that name an order or a package -> the list of these."""
        found = as_mapping(self.spec.get(Text("links"), {}), "links")
        for field, into in found.items():
            if (str(field), str(into)) not in LINKS:
                raise wrong(field, "HUB-3010", f"links are {', '.join(f'`{one}: {list}`' for one, list in LINKS)}")
        return {str(field): str(into) for field, into in found.items()}

    @property
    def derived(self) -> set[tuple[type, str]]:
        """The fields (struct and name) a reader fills and no writer writes, or not as the document says them: what it
        has of `stamp` may be made by the writer.
        """
        stamped = XmlPlace((), self._stamp)
        return {
            (scope.cls, rule.path[0])
            for scope in self.plan.scopes
            for rule in scope.rules
            if rule.one_way == "read" or (scope is self.plan.root and self._stamp and stamped in rule.places)
        }

    def nodes(self, data: bytes) -> Node:
        """A payload as nodes with the mapping's prefixes."""
        return self.nodes_of(read_xml(data))

    def nodes_of(self, root: etree._Element) -> Node:
        """A document that is read already as nodes: its root by the name the mapping writes, whichever it has."""
        node = qualified(to_nodes(root, self.namespaces), self._qualify)
        node.tag = self.roots[0].name if any(node.tag == step.name for step in self.roots) else node.tag
        return node

    @cached_property
    def _qualify(self) -> dict[str, str]:
        return self._texts("qualify")

    @cached_property
    def _single(self) -> list[XmlPlace]:
        """Elements of which a payload has one: each more would be a document of its own."""
        value = self.spec.get(Text("single"), [])
        texts = value if isinstance(value, list) else [value]
        return [parse_xml_place(as_text(one, "single", self.spec)) for one in texts]

    @cached_property
    def frame(self) -> list[Way]:
        """What stands around and beside what the message says: its envelope, and the names of code lists."""
        value = self.spec.get(Text("frame"), [])
        texts = value if isinstance(value, list) else [value]
        return [parse_xml_place(as_text(one, "frame", self.spec)).names for one in texts]

    @cached_property
    def void(self) -> list[str]:
        """Texts that stand for no date."""
        value = self.spec.get(Text("void"), [])
        return [str(as_text(one, "void", self.spec)) for one in (value if isinstance(value, list) else [value])]

    @cached_property
    def _stamp(self) -> str | None:
        """The attribute of the root that no two documents may have alike, and one sent again must."""
        place = self.spec.get(Text("stamp"))
        return parse_xml_place(as_text(place, "stamp", self.spec)).attribute if place is not None else None

    def _texts(self, key: str) -> dict[str, str]:
        found = as_mapping(self.spec.get(Text(key), {}), key)
        return {str(name): str(as_text(value, key, name)) for name, value in found.items()}

    @cached_property
    def shape(self) -> Shape:
        """How the nodes of a payload and those the rules see differ."""
        split, everywhere, lift, pack = map(self._texts, ("split", "everywhere", "lift", "pack"))
        return Shape(self.id, split, everywhere, lift, self._nest(), pack)

    def _nest(self) -> dict[str, list[str]]:
        """HUB-3010: a level has no name."""
        found = {}
        for name, value in as_mapping(self.spec.get(Text("nest"), {}), "nest").items():
            levels = [str(as_text(one, "nest", name)) for one in (value if isinstance(value, list) else [value])]
            if not levels:
                raise wrong(name, "HUB-3010", f"`nest` says what {name} is called on the levels below")
            found[str(name)] = levels
        return found

    def repeated(self, document: Any) -> dict[tuple[str, str], str | None]:
        """What attributes repeat of a document (`given`): by element and attribute."""
        return {
            (tag, f"@{name}"): path[0][1:] if path[0][:1] == "=" else reduce(_part, path, document)
            for (tag, name), path in self.plan.given.items()
        }  # fmt: skip

    def matches(self, root: etree._Element) -> int | None:
        """How exactly the mapping is for a document with that root: the number of tests; None: it is not."""
        local = etree.QName(root)
        candidates = [
            step
            for step in self.roots
            if step.name.rpartition(":")[2] == local.localname
            and self.namespaces.get(step.name.rpartition(":")[0]) == local.namespace
        ]
        if not candidates:
            return None
        if not any(step.tests for step in candidates):
            return 0
        node = self.nodes_of(root)
        return max(
            (len(step.tests) for step in candidates if all(test.holds(node) for test in step.tests)), default=None
        )

    # ---- code

    def _module(self, variant: Variant) -> dict[str, Any]:
        if variant not in self._modules:
            model = content_bytes(self.model.name) if self.model is not None else b""
            digest = hashlib.sha256(b"xml\0" + self._digest() + COMPILER + model + variant.encode()).hexdigest()
            code = load_code(self._cache, digest, lambda: self.source(variant), f"{self.id} {variant}")
            names = namespace() | {"HOOKS": self._hooks(), "Node": Node, "group": group, "peek": peek}
            names |= {"EMPTY": {}, "branch": _branch, "XmlNote": XmlNote}
            exec(code, names)  # noqa: S102 - code generated from the mapping, never from a message
            self._modules[variant] = names
        return self._modules[variant]

    def source(self, variant: Variant) -> str:
        """The generated source of one variant: tables and notes, then the functions."""
        plan = self.plan
        used = {rule.codec.table.name: rule.codec.table for rule in plan.rules if rule.codec.table is not None}
        notes = {
            rule.id: (rule.at.file, rule.at.line, rule.at.column, ".".join(rule.path), str(rule.at).split(" | ")[0],
                      rule.codec.name, rule.codec.table.name if rule.codec.table else "")
            for rule in plan.rules
        }  # fmt: skip
        head = [
            f"WORDS = { ({name: table.words for name, table in sorted(used.items())})!r}",
            f"BACK = { ({name: table.back for name, table in sorted(used.items())})!r}",
            "VARIANTS = {" + ", ".join(f"{n!r}: {sorted(t.variants)!r}" for n, t in sorted(used.items())) + "}",
            f"RANKS = { ({tag: dict(ranks) for tag, ranks in plan.ranks.items()})!r}",
            f"NOTES = {{id: XmlNote(*note) for id, note in {notes!r}.items()}}",
        ]
        emitter = emit_xml_reader if variant.startswith("read") else emit_xml_writer
        return "\n".join([*head, emitter(plan, careful=variant.endswith("careful"))])

    # ---- reading

    def read(self, root: etree._Element, data: bytes | None = None) -> Reading:
        """The document an XML document means, or the findings that hold it. data: its bytes, for lines in findings."""
        node = self.nodes_of(root)
        if several := self._several(node):
            return Reading(None, [several])
        node = self.shape.opened(node)
        try:
            document = self._module("read")["read_0"](node, XmlReader(self.id, self._given), None, "")
            read_links(document, self.links, self.id)
            return Reading(document)
        except ConfigError:
            raise
        except Exception:  # noqa: BLE001 - the careful variant says what it was
            document, context = self._carefully(node, data)
        held = any(found.severity != "warn" for found in context.findings)
        return Reading(None if held else document, context.findings, document.number or "")

    def _several(self, node: Node) -> Finding | None:
        """HUB-3233: there is more than one document here."""
        for place in self._single:
            found = [node]
            for step in place.steps:
                found = [kid for one in found for kid in one.kids if kid.tag == step.name]
            if len(found) > 1:
                text = f"This payload has {len(found)} {place.steps[-1].name}, and {self.id} reads one document."
                return finding("HUB-3233", text, value=str(len(found)), expected="1", rule=self.id)
        return None

    def _carefully(self, node: Node, data: bytes | None) -> tuple[Document, CarefulXmlReader]:
        module = self._module("read-careful")
        context = CarefulXmlReader(self.id, self._given, module["NOTES"], node, data, self.standard)
        document = module["read_0"](node, context, None, "")
        read_links(document, self.links, self.id)
        return document, context

    def explain(self, data: bytes) -> list[Trace]:
        """Every value read: by which rule, from where, into which field. segment: the number of the element."""
        return self._carefully(self.shape.opened(self.nodes(data)), data)[1].trace

    # ---- writing

    def write_node(self, document: Document, options: Mapping[str, str]) -> tuple[Node, list[Finding]]:
        """The document as nodes, and what of it has no place there. HUB-3010: there is no profile of that name."""
        profile = self._profile(options.get("profile"))
        options = {**profile.options, **options} if profile is not None else options
        listed = {each.path[0]: each.most for each in self.plan.root.eachs}
        document, lost = write_links(document, self.links, self.id, listed)
        module = self._module("write")
        root = Node(self.roots[0].name)
        writer = XmlWriter(document, self.id, options, module["NOTES"], module["RANKS"])
        writer.chosen = self._chosen(options)
        try:
            module["write_0"](document, writer, root)
        except ConfigError:
            raise
        except Exception:  # noqa: BLE001 - the careful variant says what it was
            module = self._module("write-careful")
            root = Node(self.roots[0].name)
            writer = CarefulXmlWriter(document, self.id, options, module["NOTES"], module["RANKS"])
            writer.chosen = self._chosen(options)
            module["write_0"](document, writer, root)
        writer.findings += lost + self.shape.close(root, self._in_order)
        if self.model is not None:
            writer.findings += complete(root, self.model, self.needed, self.id)
        if profile is not None:
            for node in profile.fill(root):
                self._in_order(node)
            writer.findings += profile.missing(root, self.id)
        if self._stamp and self._stamp not in root.attributes:
            digest = hashlib.sha256(write_nodes(root, self.namespaces)).hexdigest()
            stamp = f"{digest[:32]}@{options.get('sender_identity', 'crossdock')}"
            root.attributes = {self._stamp: stamp, **root.attributes}
        return root, writer.findings

    def _profile(self, name: str | None) -> Profile | None:
        if name is None:
            return None
        if name not in self._profiles:
            known = ", ".join(self._profiles) or "none"
            raise ConfigError("HUB-3010", f'{self.id} has no profile "{name}"; it has {known}.')
        return self._profiles[name]

    @cached_property
    def _profiles(self) -> dict[str, Profile]:
        return read_profiles(self.spec)

    def _in_order(self, node: Node) -> None:
        """Puts the children of a node in the order of the vocabulary."""
        known = self.model.children(node.tag) if self.model is not None else None
        if known is not None:
            node.kids.sort(key=lambda kid: known[kid.tag].position if kid.tag in known else len(known))

    def _chosen(self, options: Mapping[str, str]) -> frozenset[tuple[str, str | None]]:
        return frozenset(
            (rule.spots[0][0].tag, rule.spots[0][1])
            for rule in self.plan.rules
            if rule.constant is not None and rule.constant[:1] == "@" and options.get(rule.constant[1:])
        )

    def write(self, document: Document, options: Mapping[str, str]) -> tuple[bytes, list[Finding]]:
        """The document as XML. DataError HUB-1082: a character XML cannot hold."""
        root, findings = self.write_node(document, options)
        doctype = self.spec.get(Text("doctype"), Text(""))
        return write_nodes(root, self.namespaces, str(doctype)), findings


def _finder(place: XmlPlace) -> Callable[[Node], str | None]:
    way = place.names
    return lambda node: peek(node, way) or None


def _part(part: Any, name: str) -> Any:
    return getattr(part, name, None)
