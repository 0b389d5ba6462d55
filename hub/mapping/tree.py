"""Mappings of JSON: the same language with steps instead of segments, run over plain objects.

A place is names joined by "/": `customer/name`, `addresses(type=ship)/city`; "." is the object itself. `each: lines`
is a list of objects, `each: address#1` an object (a list of at most one), `each: .` the object seen again. null and
absent are equal. What no rule reads is kept in ext by its path, as in messages.

`inside: payload/orders` is where an API puts the document: an object, or a list that holds it alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.errors import Finding, finding
from hub.mapping import values
from hub.mapping.codec import Codec
from hub.mapping.crosswalk import missing_row
from hub.mapping.fields import hints, required
from hub.mapping.source import nested_class
from hub.mapping.spec import Text
from hub.mapping.told import known
from hub.mapping.values import Refused

_STEP = re.compile(r"(?P<name>[^()#\[\]]+)(?:#(?P<first>1)|\((?P<key>[^()=]+)=(?P<value>[^()]*)\))?")
FIRST = "#"
"""The key of a step to the first object of a list."""


@dataclass(frozen=True)
class Step:
    """One name on the way; with a key, the object of the list there whose key has that value, or the first (FIRST)."""

    name: str
    key: str | None = None
    value: str | None = None

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether the step goes to that object of a list."""
        return self.key == FIRST or str(row.get(self.key or "")) == self.value


@dataclass(eq=False)
class TreeRule:
    """One leaf: a field and the places of its parts. many: the field is a list. part of parts: it holds that one of the
    list (0-based), None: the place holds the list as a whole.
    """

    at: Text
    path: tuple[str, ...]
    places: list[list[Step]]
    codec: Codec
    kind: type
    default: str | None = None
    omit: bool = False
    one_way: str = ""
    constant: str | None = None
    many: bool = False
    part: int | None = None
    parts: int = 1
    read: Any = None
    write: Any = None

    @property
    def where(self) -> str:
        return f"{self.at.file}:{self.at.line}:{self.at.column}"


@dataclass(eq=False)
class TreeEach:
    """Items of a list field: steps to the list (or object, one; or the object itself, here)."""

    path: tuple[str, ...]
    steps: list[Step]
    one: bool
    here: bool
    sets: list[tuple[str, str]]
    when: list[tuple[tuple[str, ...], str]]
    scope: "TreeScope"


@dataclass(eq=False)
class TreeScope:
    cls: type
    rules: list[TreeRule] = field(default_factory=list)
    eachs: list[TreeEach] = field(default_factory=list)


def steps(source: str) -> list[Step] | None:
    """The steps of a place; None if it is none."""
    if source == ".":
        return []
    out = []
    for part in source.split("/"):
        match = _STEP.fullmatch(part.strip())
        if not match:
            return None
        out.append(Step(match["name"], FIRST if match["first"] else match["key"], match["value"]))
    return out


def _absent(value: Any) -> bool:
    return value is None or value == ""


class TreeReader:
    """Reads one object. findings: what could not be read."""

    def __init__(self, mapping: str, partner: str = "") -> None:
        self.mapping = mapping
        self.partner = partner
        self.findings: list[Finding] = []
        self.document: dict[str, Any] = {}
        self._used: set[tuple[int, str]] = set()
        self._way: set[tuple[int, str]] = set()

    def read(self, scope: TreeScope, tree: Any) -> Any:
        """The document, or None if its main parts are missing."""
        return self._scope(scope, tree, "", root=True)

    def _scope(self, scope: TreeScope, tree: Any, way: str, *, root: bool = False, here: bool = False) -> Any:
        found: dict[tuple[str, ...], Any] = {}
        spelled: dict[str, Any] = {}
        for rule in scope.rules:
            if rule.one_way != "write":
                value = self._leaf(rule, tree, way)
                if value is not None and value != []:
                    found[rule.path] = [*found.get(rule.path, ()), *value] if rule.part is not None else value
                    if rule.places and (raw := self._spelling(rule, tree, value)) is not None:
                        spelled[f"={'.'.join(rule.path)}"] = raw
        if root:
            self.document = {".".join(path): value for path, value in found.items()}
        lists: dict[tuple[str, ...], list[Any]] = {}
        for each in scope.eachs:
            if all(self.document.get(".".join(path)) == wanted for path, wanted in each.when):
                lists.setdefault(each.path, []).extend(self._items(each, tree, way))
        document = _make(scope.cls, found | {path: items for path, items in lists.items() if items})
        if document is not None and "ext" in hints(scope.cls):
            kept = spelled if here else spelled | self._unread(tree)
            if kept:
                document.ext = {self.mapping: kept}
        return document

    def _items(self, each: TreeEach, tree: Any, way: str) -> list[Any]:
        if each.here:
            nodes: Any = [tree]
        else:
            nodes = go(tree, each.steps)
            if isinstance(nodes, dict):
                nodes = [nodes]
        if not isinstance(nodes, list):
            return []
        items = []
        given = {rule.path[0] for rule in each.scope.rules if rule.constant is not None and rule.one_way == "read"}
        for number, node in enumerate(nodes):
            if not isinstance(node, dict):
                continue
            label = f"{way}{'/'.join(step.name for step in each.steps)}[{number + 1}]/"
            item = self._scope(each.scope, node, label, here=each.here)
            shared = each.here or (each.one and node)  # other rules may have read it
            if shared and (item is None or _only(item, given)):
                continue
            if item is None:
                self._keep_whole(node)
                continue
            for name, value in each.sets:
                setattr(item, name, value)
            items.append(item)
        if items:
            self.mark(tree, each.steps)
        return items

    def _keep_whole(self, node: dict[str, Any]) -> None:
        for key in node:
            self._used.discard((id(node), key))

    def mark(self, tree: Any, way: list[Step]) -> None:
        for number, step in enumerate(way):
            if not isinstance(tree, dict):
                return
            (self._used if number == len(way) - 1 else self._way).add((id(tree), step.name))
            tree = go(tree, [step])
            if step.key not in (None, FIRST) and isinstance(tree, dict):
                self._used.add((id(tree), str(step.key)))

    def _leaf(self, rule: TreeRule, tree: Any, way: str) -> Any:
        if rule.constant is not None and rule.one_way == "read":
            return rule.constant
        raws = [go(tree, place) for place in rule.places]
        if all(_absent(raw) for raw in raws):
            return self._default(rule)
        try:
            value = [rule.read(raw) for raw in raws[0]] if rule.many and isinstance(raws[0], list) else rule.read(*raws)
        except Refused as error:
            self._tell(rule, raws, way, error.code, error.message, error.expected)
            return None
        except KeyError:
            name = rule.codec.table.name if rule.codec.table is not None else ""
            code = "HUB-3202" if name == "unit" else "HUB-3201"
            row = missing_row(self.partner, name, str(raws[0]))
            text = f'the code "{raws[0]}" has no word in the table {name}. {row}'
            self._tell(rule, raws, way, code, text, known(name, row))
            return None
        if rule.constant is not None and value != rule.constant:
            self._tell(rule, raws, way, "HUB-3205", f"this mapping is for {rule.constant!r} only", rule.constant)
        for place in rule.places:
            self.mark(tree, place)
        return None if rule.constant is not None else [value] if rule.many and not isinstance(value, list) else value

    def _spelling(self, rule: TreeRule, tree: Any, value: Any) -> Any:
        """How a value stands in the payload, if it would be written in another way."""
        if rule.one_way or rule.many:
            return None
        raws = [go(tree, place) for place in rule.places]
        if all(_absent(raw) for raw in raws):
            return None
        try:
            made = rule.write(value)
        except (Refused, KeyError):
            return raws
        made = list(values.fit(made, len(raws))) if isinstance(made, tuple) else [made]
        return None if made == ["" if raw is None else raw for raw in raws] else raws

    def _default(self, rule: TreeRule) -> Any:
        return None if rule.default is None else rule.default if rule.kind is str else rule.read(rule.default)

    def _tell(self, rule: TreeRule, raws: list[Any], way: str, code: str, text: str, expected: str | None) -> None:
        place = way + str(rule.at).split(" | ")[0]
        value = " ".join(str(raw) for raw in raws if not _absent(raw))
        self.findings.append(
            finding(
                code, f"{place} ({'.'.join(rule.path)}): {text}.", value=value, expected=expected,
                rule=f"{rule.where} {place}",
            )
        )  # fmt: skip

    def _unread(self, tree: Any, way: str = "") -> dict[str, Any]:
        """Path -> value of everything under an object that no rule read; whole subtrees where none of it was."""
        kept: dict[str, Any] = {}
        if not isinstance(tree, dict):
            return kept
        for key, value in tree.items():
            spot = (id(tree), key)
            if spot in self._used or _nothing(value):
                continue
            if spot not in self._way:
                kept[way + key] = value
            elif isinstance(value, dict):
                kept |= self._unread(value, f"{way}{key}/")
            elif isinstance(value, list):
                rows = [row for row in value if isinstance(row, dict)]
                if len(rows) == len(value):
                    for number, row in enumerate(rows, 1):
                        kept |= self._unread(row, f"{way}{key}#{number}/")
        return kept


def _only(item: Any, given: set[str]) -> bool:
    """Whether nothing of an item was read: all it says is what the rules put into it."""
    return all(name in given or getattr(item, name) in (None, "", [], {}) for name in item.__struct_fields__)


def _nothing(value: Any) -> bool:
    """null, or an object of nulls."""
    return value is None or (isinstance(value, dict) and all(_nothing(part) for part in value.values()))


def _make(cls: type, found: Mapping[tuple[str, ...], Any]) -> Any:
    """A struct from values by path; None if a main part is missing. A nested struct without its main part is left
    out.
    """
    arguments: dict[str, Any] = {}
    nested: dict[str, dict[tuple[str, ...], Any]] = {}
    for path, value in found.items():
        if len(path) == 1:
            arguments[path[0]] = value
        else:
            nested.setdefault(path[0], {})[path[1:]] = value
    for name, parts in nested.items():
        part = _make(nested_class(cls, (name,)), parts)
        if part is not None:
            arguments[name] = part
    if any(name not in arguments for name in required(cls)):
        return None
    return cls(**arguments)


def go(tree: Any, way: list[Step]) -> Any:
    """What stands at the end of the steps; None where the way ends."""
    for step in way:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(step.name)
        if step.key is not None:
            rows = tree if isinstance(tree, list) else [tree]
            tree = next((row for row in rows if isinstance(row, dict) and step.fits(row)), None)
    return tree


def descend(tree: dict[str, Any], way: list[Step]) -> dict[str, Any]:
    """The object at the end of the steps, made where it is missing."""
    for step in way:
        if step.key is None:
            tree = tree.setdefault(step.name, {})
            continue
        rows = tree.setdefault(step.name, [])
        row = next((row for row in rows if step.fits(row)), None)
        if row is None:
            row = {} if step.key == FIRST else {step.key: step.value}
            rows.append(row)
        tree = row
    return tree
