"""One mapping: reads messages into documents and writes documents as messages, by code generated from its spec."""

import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from hub.canonical import DOCUMENTS, Document, ShippedOrder
from hub.errors import ConfigError, Finding, NotYetError, UnreadableError, finding
from hub.mapping.build import Builder
from hub.mapping.build_flat import ColumnBuilder, RecordBuilder
from hub.mapping.build_tree import TreeBuilder
from hub.mapping.codes import CodeTable
from hub.mapping.compiled import Variant, digest_of, emit, load_code, namespace
from hub.mapping.computed import STRUCTURES, compute, differs
from hub.mapping.crosswalk import Row, overlay
from hub.mapping.flat import FLAT, Columns, Part, Records, read_records, read_rows, write_records, write_rows
from hub.mapping.hierarchy import read_tree
from hub.mapping.inside import AROUND, Inside, forget, inside, repeat, repeated
from hub.mapping.kept import UNPLACED, Keeper, is_spelling, numbers
from hub.mapping.plan import Plan
from hub.mapping.results import Payload, Reading, TreeWriting, Writing
from hub.mapping.run import CarefulReader, CarefulWriter, Reader, Trace, Writer
from hub.mapping.sequence import header
from hub.mapping.source import ENVELOPE
from hub.mapping.spec import Spec, Text
from hub.mapping.tree import TreeReader, TreeScope
from hub.mapping.tree_computed import Computed
from hub.mapping.tree_write import TreeWriter
from hub.mapping.xml_kept import unread_places
from hub.mapping.xml_mapping import XmlMapping
from hub.record import replace
from hub.schema import MessageDef, Node, Positions, definition
from hub.schema.walk import walk
from hub.syntax.json import read_json, write_json
from hub.syntax.model import SEAM, Element, Message
from hub.syntax.xml import read_xml

if TYPE_CHECKING:
    from hub.mapping.library import Library

_BUILDERS: dict[str, type[TreeBuilder]] = {"csv": ColumnBuilder, "fixed": RecordBuilder}
_ROW = re.compile(r"row\[(\d+)\]/|")


class Mapping:
    """id: "x12/850" or a partner's variant of it; base: the mapping at the root of `extends`, which gives standard
    and type.
    """

    def __init__(
        self, id: str, base: str, spec: dict[Text, Spec], library: "Library", digest: bytes,
        hooks: Sequence[tuple[str, bytes]] = (), crosswalk: Table[str, Sequence[Row]] | None = None, partner: str = "",
    ) -> None:  # fmt: skip
        """hooks: name and source of the `.py` files beside it, the base's first. crosswalk: rows over its code tables,
        of that partner.
        """
        self.id = id
        self.partner = partner
        self._hook_files = hooks
        self._crosswalk = crosswalk or {}
        self.base = base
        self.spec = spec
        self.standard, _, self.type = base.partition("/")
        self._library = library
        self._digest = digest
        self._plans: dict[str, Plan] = {}
        self._tree_scope: TreeScope | None = None
        self._computed = Computed()
        self._flat: Columns | Records | None = None
        self._modules: dict[tuple[str, Variant], dict[str, Any]] = {}
        self._readers: dict[str, tuple[MessageDef, dict[str, Any]]] = {}

    @property
    def versions(self) -> list[str]:
        """The versions the spec lists."""
        listed = self.spec.get(Text("versions"), [])
        return [str(version) for version in listed] if isinstance(listed, list) else [str(listed)]

    @property
    def document(self) -> str:
        """The name of the document it reads into ("Order")."""
        return str(self.spec.get(Text("document")))

    def definition(self, version: str) -> MessageDef:
        """The directory's definition for a version. NotYetError HUB-3030: no directory here has this message."""
        found = definition(self.standard, version, self.type)
        if found is None:
            raise NotYetError("HUB-3030", f"not yet: {self.type} ({self.standard} {version}) is in no directory here")
        return found

    def plan(self, version: str) -> Plan:
        """The rule table for a version. ConfigError: the spec is wrong, and where."""
        known = self.definition(version)
        if known.version not in self._plans:
            builder = Builder(
                self.id, self.spec, known, self._library.tables(self.standard).get, self._over,
                lambda: list(self._library.tables(self.standard)), tolerant=known.version not in self.versions,
            )  # fmt: skip
            self._plans[known.version] = builder.build()
        return self._plans[known.version]

    @cached_property
    def _hooks(self) -> dict[str, Any]:
        """The functions of the `.py` files beside this mapping and those it extends."""
        functions: dict[str, Any] = {}
        for name, source in self._hook_files:
            try:
                exec(compile(source, name, "exec"), functions)  # noqa: S102 - content of the workspace, as connectors are
            except Exception as error:
                raise ConfigError("HUB-3022", f"This file cannot be loaded: {error}.", file=name) from error
        return functions

    def _tables(self) -> dict[str, CodeTable]:
        """The shared tables of its standard, with the crosswalk's rows over them."""
        shared = self._library.tables(self.standard)
        own = {name: self._over(name, shared.get(name)) for name in self._crosswalk}
        return shared | {name: table for name, table in own.items() if table is not None}

    def _over(self, name: str, table: CodeTable | None) -> CodeTable | None:
        rows = self._crosswalk.get(name, ())
        return overlay(table, rows, name, self.standard) if rows else table

    def _module(self, known: MessageDef, variant: Variant) -> dict[str, Any]:
        key = (known.version, variant)
        if key not in self._modules:
            digest = digest_of(self._digest, self._library.codes_digest(self.standard), known, variant)
            code = load_code(
                self._library.cache, digest, lambda: emit(self.plan(known.version), variant), f"{self.id} {variant}"
            )
            names = namespace() | {"HOOKS": self._hooks}
            exec(code, names)  # noqa: S102 - code generated from the mapping, never from a message
            self._modules[key] = names
        return self._modules[key]

    # ---- JSON

    def _tree(self) -> TreeScope:
        if self._tree_scope is None:
            builder = _BUILDERS.get(self.standard, TreeBuilder)(
                self.standard, self.spec, self._library.tables(self.standard), self._over, lambda: self._hooks
            )
            self._tree_scope, self._computed = builder.build(), builder.computed
            self._flat = getattr(builder, "columns", None) or getattr(builder, "records", None)
        return self._tree_scope

    def read_tree(self, tree: object) -> Reading:
        """The document an object (parsed JSON) means, or the findings that hold it."""
        scope, reader = self._tree(), TreeReader(self.id, self.partner)
        around: dict[str, Any] = {}
        if self._inside is not None:
            tree, around, count = self._inside.unwrap(tree)
            if count > 1:
                text = f"{self._inside} holds {count} documents, and one is asked for."
                return Reading(None, [finding("HUB-3233", text, value=str(count), expected="1", rule=self.id)])
        try:
            tree = self._shape(0, tree)
        except Exception as error:  # noqa: BLE001 - a hook's fault is told, like that of a value
            return Reading(None, [self._failed(0, error)])
        taken = self._computed.take(tree, reader.mark)
        document = reader.read(scope, tree)
        reader.findings += self._computed.verify(taken, document, self.id) if document is not None else []
        if self._given and document is not None:
            forget(document, self._given, self.id, document)
        if around and document is not None:
            document.ext = {**document.ext, self.id: {**document.ext.get(self.id, {}), AROUND: around}}
        held = any(found.severity != "warn" for found in reader.findings)
        return Reading(None if held else document, reader.findings, str(reader.document.get("number") or ""))

    def write_tree(self, document: Document) -> TreeWriting:
        """The document as an object to be written as JSON."""
        writer = TreeWriter(self.id, document)
        tree = writer.write(self._tree(), document)
        self._computed.put(tree, document, self.id)
        try:
            tree = self._shape(1, tree)
        except Exception as error:  # noqa: BLE001 - a hook's fault is told, like that of a value
            writer.findings.append(self._failed(1, error))
        repeat(tree, self._given, document)
        if self._inside is not None:
            tree = self._inside.wrap(tree, document.ext.get(self.id, {}).get(AROUND, {}))
        return TreeWriting(tree, writer.findings)

    def _shape(self, way: int, tree: Any) -> Any:
        """The tree as the rules see it (0) and as the payload has it (1), where the mapping has functions for that."""
        names = str(self.spec.get(Text("shape"), "")).split()
        return self._hooks[names[way]](tree) if names else tree

    def _failed(self, way: int, error: Exception) -> Finding:
        name = str(self.spec[Text("shape")]).split()[way]
        return finding(
            "HUB-3230", f"{self.id}: its function {name} failed: {type(error).__name__}: {error}.", rule=self.id
        )

    @cached_property
    def _given(self) -> dict[str, str]:
        """What a JSON payload repeats of the document."""
        return repeated(self.spec, DOCUMENTS[self.document]) if Text("given") in self.spec else {}

    @cached_property
    def _inside(self) -> Inside | None:
        """Where in a JSON payload the document stands; None: the payload is the document."""
        return inside(self.spec)

    # ---- XML

    @cached_property
    def xml(self) -> XmlMapping | None:
        """The XML side of the mapping; None: it is one of segments or of JSON. What names a root is XML."""
        if Text("root") not in self.spec:
            return None
        library, standard = self._library, self.standard
        return XmlMapping(
            self.id, standard, self.spec, self._tables, lambda: self._hooks,
            lambda: self._digest + library.codes_digest(standard), library.cache,
        )  # fmt: skip

    # ---- whole payloads (XML and JSON)

    def read_payload(self, data: bytes) -> Reading:
        """The document an XML or JSON payload means, or the findings that hold it. UnreadableError: it is neither."""
        if self.xml is not None:
            return self.xml.read(read_xml(data), data)
        tree = read_json(data)
        return self.read_tree(tree[0] if isinstance(tree, list) and len(tree) == 1 else tree)

    def write_payload(self, document: Document, options: Table[str, str] | None = None) -> Payload:
        """The document as an XML or JSON payload."""
        if self.xml is not None:
            body, findings = self.xml.write(document, options or {})
            return Payload(body, findings)
        tree = self.write_tree(document)
        return Payload(write_json(tree.tree), tree.findings)

    # ---- flat files (CSV and fixed width): a payload holds several documents

    @property
    def is_flat(self) -> bool:
        """Whether it is one of CSV or of fixed-width records."""
        return self.standard in FLAT

    def score(self, data: bytes) -> int:
        """How well a flat payload fits: the columns of its header that are known; 0 if it makes no document."""
        try:
            self._tree()
            return self._flat.score(data) if self._flat is not None else 0
        except UnreadableError:
            return 0

    def parts(self, data: bytes) -> list[Part]:
        """The documents of a flat or JSON payload, each as a tree. UnreadableError: it is none, or lacks a column."""
        if self.standard == "json":
            return [Part(tree, []) for tree in self.trees(read_json(data))]
        scope = self._tree()
        if isinstance(self._flat, Columns):
            return read_rows(data, self._flat, scope, {entry.way[-1].name for entry in self._computed.entries})
        assert self._flat is not None  # noqa: S101 - the builders of flat files set it
        return read_records(data, self._flat)

    def trees(self, tree: Any) -> list[Any]:
        """A tree for each document of a JSON payload: of a list of them, or of the list that `inside` names."""
        if isinstance(tree, list):
            return [one for row in tree for one in self.trees(row)] or [tree]
        return [tree] if self._inside is None else self._inside.apart(tree)

    def read_flat(self, data: bytes) -> list[Reading]:
        """The documents of a flat or JSON payload, each with the findings that hold it."""
        return [self.read_part(part) for part in self.parts(data)]

    def read_part(self, part: Part) -> Reading:
        """The document one part of a flat or JSON payload means."""
        reading = self.read_tree(part.tree)
        located = [_at_line(found, part) for found in reading.findings] if part.lines else reading.findings
        reading.findings = part.findings + located
        if any(found.severity != "warn" for found in reading.findings):
            reading.document = None
        if reading.document is not None and part.layout:
            own = reading.document.ext.get(self.id, {})
            reading.document.ext = {**reading.document.ext, self.id: {**own, **part.layout}}
        return reading

    def write_flat(self, documents: Sequence[Document], options: Table[str, str] | None = None) -> Payload:
        """The documents as one flat payload."""
        written = [self.write_tree(document) for document in documents]
        findings = [found for one in written for found in one.findings]
        trees = [one.tree for one in written]
        if isinstance(self._flat, Records):
            body, more = write_records(trees, self._flat)
            return Payload(body, findings + more)
        layout = documents[0].ext.get(self.id, {}) if documents else {}
        assert self._flat is not None  # noqa: S101 - the builders of flat files set it
        body, more = write_rows(trees, self._flat, layout, options or {})
        return Payload(body, findings + more)

    # ---- reading

    def read(self, message: Message) -> Reading:
        """The document a message means, or the findings that hold it."""
        version = message.version
        if version not in self._readers:
            known = self.definition(version)
            self._readers[version] = known, self._module(known, "read")
        known, module = self._readers[version]
        tree, structure = walk(message, known)
        context = Reader(message)
        try:
            document = self._run(module, tree, context, known)
        except ConfigError:
            raise
        except Exception:  # noqa: BLE001 - the careful variant says what it was
            reading = self._read_carefully(message, tree, known)[0]
        else:
            reading = Reading(document, self._verify(module, context, document))
        if structure and reading.document is not None:
            self._keep_unplaced(message, tree, reading.document)
        return reading

    def _keep_unplaced(self, message: Message, tree: Node, document: Document) -> None:
        """Segments the directory has no place for go to ext under "?", by their position in the message."""
        keeper, placed = Keeper(message), set(numbers(tree))
        lost = [
            [number, keeper.whole(segment)]
            for number, segment in enumerate(message.segments)
            if number not in placed and segment[0] not in ENVELOPE
        ]
        if lost:
            document.ext = {**document.ext, self.id: {**document.ext.get(self.id, {}), UNPLACED: lost}}

    def _read_carefully(self, message: Message, tree: Node, known: MessageDef) -> tuple[Reading, CarefulReader]:
        module = self._module(known, "read-careful")
        context = CarefulReader(message, module["RULES"], self.partner)
        document = self._run(module, tree, context, known)
        findings = context.findings
        if any(found.severity != "warn" for found in findings):
            return Reading(None, findings), context
        return Reading(document, findings + self._verify(module, context, document)), context

    def _run(self, module: dict[str, Any], tree: Node, context: Reader, known: MessageDef) -> Document:
        if module["HIERARCHY"]:
            return cast(Document, read_tree(module, tree, context))
        return cast(Document, module["read_0"](tree, context, None, "", 0))

    def _verify(self, module: dict[str, Any], context: Reader, document: Document) -> list[Finding]:
        """Findings of computed places, and a mark of those that are written only where the message had them."""
        found = []
        for id, raw, segment in context.checks:
            note = module["COMPUTED"][id]
            expected = compute(note, document, context.message.segments)
            try:
                same = expected is None or Decimal(raw.replace(",", ".")) == expected
            except ArithmeticError:
                same = False
            if not same and expected is not None:
                number = Positions(context.message.segments).of(segment)
                place = context.message.location(number, note.element, note.component)
                found.append(differs(note, raw, expected, place))
            if note.function == "structure":
                shape = document.ext.get(self.id, {}).get("=shape") or " ".join(module["HIERARCHY"]["shape"])
                kept = raw if raw != STRUCTURES.get(str(shape)) else None
            else:
                kept = "" if note.if_present else None
            if kept is not None:
                document.ext = {**document.ext, self.id: {**document.ext.get(self.id, {}), f"={note.place}": kept}}
        return found

    def explain(self, message: Message) -> list[Trace]:
        """Every value read: by which rule, from where, into which field."""
        known = self.definition(message.version)
        tree, _ = walk(message, known)
        return self._read_carefully(message, tree, known)[1].trace

    def loss(self, message: Message) -> list[str]:
        """The places of a message that no rule reads, in the order of the document's parts, with repeats."""
        reading = self.read(message)
        return self.unread(reading.document) if reading.document is not None else []

    def unread(self, document: Document) -> list[str]:
        """The places its message had and no rule reads, as the document keeps them."""
        if self.xml is not None:
            return unread_places(document, self.id, self.xml.frame, self.xml.void, self.xml.repeated(document))
        return _unread(document, self.id)

    def derived(self, version: str = "") -> set[tuple[type, str]]:
        """The fields (struct and name) a reader fills and no writer writes: those of `read:`, and the store of an
        order."""
        if self.xml is not None:
            return self.xml.derived
        if self.standard == "json" or self.is_flat:
            return _read_only(self._tree())
        scopes = self.plan(version).scopes
        found = {(scope.cls, rule.path[0]) for scope in scopes for rule in scope.rules if rule.one_way == "read"}
        found |= {(scope.cls, path[0]) for scope in scopes for path, _ in scope.constants}
        return found | {(ShippedOrder, "store")}

    # ---- writing

    def write(self, document: Document, version: str, options: Table[str, str] | None = None) -> Writing:
        """The document as a message of that version ("004010", "D.96A"). options: the agreement's choices (`shape`,
        ..).
        """
        known = self.definition(version)
        chosen = dict(options or {})
        variants: tuple[Variant, ...] = ("write", "write-kept")
        for variant in variants:
            writer = _bind(Writer(document, self.id, known.version, chosen), self._module(known, variant))
            try:
                joined, lines = variant == "write", _write(writer)
                if joined and writer.module["HIERARCHY"]:
                    lines = [SEAM.join(cast(list[str], line)) for line in lines]
                return Writing(lines, writer.findings, joined)
            except ConfigError:
                raise
            except Exception:  # noqa: BLE001, S112 - the next variant, at last the careful one, says what it was
                continue
        module = self._module(known, "write-careful")
        writer = _bind(CarefulWriter(document, self.id, known.version, chosen, module["RULES"]), module)
        return Writing(_write(writer), writer.findings)


def _at_line(found: Finding, part: Part) -> Finding:
    """A finding of a row says in which line of the payload it stands."""
    match = _ROW.match(found.message)
    if not match or not match[1]:
        return replace(found, message=f"Line {part.lines[0]}: {found.message}")
    number = int(match[1]) - 1
    line = part.lines[number] if number < len(part.lines) else part.lines[0]
    return replace(found, message=f"Line {line}: {found.message[match.end() :]}")


def _read_only(scope: TreeScope) -> set[tuple[type, str]]:
    found = {(scope.cls, rule.path[0]) for rule in scope.rules if rule.one_way == "read"}
    return found.union(*(_read_only(each.scope) for each in scope.eachs))


def _write(writer: Writer) -> list[Sequence[Element]]:
    document = writer.document
    if "leaf" in writer.module["HIERARCHY"]:
        document = header(writer, document)
    segments = cast(list[Sequence[Element]], writer.module["write_0"](document, [], writer, None, ""))
    for number, segment in document.ext.get(writer.mapping, {}).get(UNPLACED, ()):
        segments.insert(min(number - 1, len(segments)), segment)
    return segments


def _bind(writer: Writer, module: dict[str, Any]) -> Writer:
    writer.module = module
    return writer


def _unread(part: Any, mapping: str) -> list[str]:
    found: list[str] = []
    own = getattr(part, "ext", {}).get(mapping, {}) if hasattr(part, "ext") else {}
    for key, value in own.items():
        if not is_spelling(key):
            found += [key] * (len(value) if isinstance(value, list) and value and isinstance(value[0], list) else 1)
    for name in getattr(part, "__struct_fields__", ()):
        value = getattr(part, name)
        for inner in value if isinstance(value, list) else [value]:
            if hasattr(inner, "__struct_fields__"):
                found += _unread(inner, mapping)
    return found
