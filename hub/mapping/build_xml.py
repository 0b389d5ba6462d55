"""From a resolved spec to the rule table of an XML mapping (hub.mapping.xml_plan). Faults name file, line, column."""

from collections.abc import Mapping
from typing import Any

from hub.canonical import DOCUMENTS
from hub.mapping.codec import Codec, make_codec, read_modifiers
from hub.mapping.codes import CodeTable, over_shared, table
from hub.mapping.fields import field_type, hints, inner, is_list, is_struct
from hub.mapping.plan import OneWay, Path
from hub.mapping.spec import Spec, Text, as_mapping, as_text, near, wrong
from hub.mapping.xml_place import XmlPlace, XmlStep, parse_xml_place
from hub.mapping.xml_plan import Spot, XmlEach, XmlPlan, XmlRule, XmlScope
from hub.schema.content_model import ContentModel

TOP = {
    "mapping", "versions", "document", "extends", "codes", "namespaces", "root", "doctype", "model", "sequence",
    "frame", "split", "lift", "nest", "pack", "qualify", "single", "everywhere", "void", "given", "links", "envelope",
    "profiles", "stamp", "fields", "read", "write", "fixed",
}  # fmt: skip
_RESERVED = {"each", "set", "also", "when", "read", "write"}


class XmlBuilder:
    """tables: the shared code tables by name. model: the content model the mapping names, if it does. needed: what
    children hold that must be there."""

    def __init__(
        self, mapping: str, standard: str, spec: dict[Text, Spec], tables: Mapping[str, CodeTable],
        model: ContentModel | None, root_tag: str, needed: Mapping[tuple[str, str], str],
    ) -> None:  # fmt: skip
        self.mapping = mapping
        self.standard = standard
        self.spec = spec
        self.shared = tables
        self.model = model
        self.root_tag = root_tag
        self.own = {
            str(name): table(str(name), standard, over_shared(tables.get(str(name)), name, body))
            for name, body in as_mapping(spec.get(Text("codes"), {}), "codes").items()
        }
        self.given = self._given()
        self.fillers = {place: text for place, text in needed.items() if text != "position"}
        self.scopes: list[XmlScope] = []
        self.rules: list[XmlRule] = []
        self._ids = 0

    def build(self) -> XmlPlan:
        for key in self.spec:
            if key not in TOP:
                raise wrong(key, "HUB-3010", f'"{key}" is not a key of an XML mapping{near(key, TOP)}')
        document = as_text(self.spec.get(Text("document")), "document", self.spec)
        if str(document) not in DOCUMENTS:
            raise wrong(document, "HUB-3018", f'there is no document "{document}"{near(document, DOCUMENTS)}')
        body = dict(as_mapping(self.spec.get(Text("fields")), "fields", self.spec))
        for key in (Text("read"), Text("write")):
            if key in self.spec:
                body[key] = self.spec[key]
        root = self._scope(DOCUMENTS[str(document)], Spot(self._next(), None, None, self.root_tag), body)
        for place, value in as_mapping(self.spec.get(Text("fixed"), {}), "fixed").items():
            rule = self._leaf(root, (), place, place)
            rule.constant = str(as_text(value, "A fixed value", place))
        void = self.spec.get(Text("void"), [])
        texts = tuple(str(text) for text in (void if isinstance(void, list) else [void]))
        return XmlPlan(
            self.mapping,
            DOCUMENTS[str(document)],
            root,
            self.scopes,
            self.rules,
            self._ranks(),
            self.given,
            texts,
            self.fillers,
        )

    def _next(self) -> int:
        self._ids += 1
        return self._ids

    def _given(self) -> dict[tuple[str, str], Path]:
        """`@currencyID: currency` for elements the model says must have it, `Money/@currency: currency` for these."""
        found = {}
        for place, name in as_mapping(self.spec.get(Text("given"), {}), "given").items():
            tag, mark, attribute = place.rpartition("@")
            if not mark:
                continue
            found[(tag.removesuffix("/").removeprefix("."), attribute)] = tuple(
                as_text(name, "A given field", place).split(".")
            )
        return found

    def _ranks(self) -> dict[str, dict[str, int]]:
        """The order of children of every element the rules touch."""
        listed = {
            str(tag): {str(name): rank for rank, name in enumerate(names)}
            for tag, names in as_mapping(self.spec.get(Text("sequence"), {}), "sequence").items()
            if isinstance(names, list)
        }
        if self.model is None:
            return listed
        touched, todo = {self.root_tag}, [scope.root for scope in self.scopes if not scope.here]
        while todo:
            spot = todo.pop()
            touched |= {spot.tag, *spot.groups}
            todo += spot.kids.values()
        for tag in sorted(touched):
            if children := self.model.children(tag):
                listed[tag] = {name: child.position for name, child in children.items()}
        return listed

    # ---- scopes

    def _scope(self, cls: type, root: Spot, body: dict[Text, Spec], *, here: bool = False) -> XmlScope:
        scope = XmlScope(len(self.scopes), cls, root, "ext" in hints(cls), here)
        self.scopes.append(scope)
        for name, value in body.items():
            if name == "read":
                for path, texts in as_mapping(value, "read", name).items():
                    for text in texts if isinstance(texts, list) else [texts]:
                        self._read_only(scope, path, as_text(text, "A read rule", path))
            elif name == "write":
                for place, text in as_mapping(value, "write", name).items():
                    self._write_only(scope, place, as_text(text, "A write rule", place))
            elif name not in _RESERVED:
                self._field(scope, (str(name),), field_type(cls, name), value, name)
        return scope

    def _field(self, scope: XmlScope, path: Path, kind: Any, value: Spec, at: Text) -> None:
        if isinstance(value, Text):
            self._rule(scope, path, kind, value)
        elif isinstance(value, list):
            for entry in value:
                self._field(scope, path, kind, entry, at)
            if sum(rule.path == path and not rule.one_way for rule in scope.rules) > 1 and not is_list(kind):
                raise wrong(value, "HUB-3008", f"{'.'.join(path)} is one value, and more than one rule gives it")
        elif "each" in value:
            self._each(scope, path, kind, value)
        else:
            if not is_struct(inner(kind)) or is_list(kind):
                raise wrong(value or at, "HUB-3006", f"field {'.'.join(path)} has no parts")
            for name, part in value.items():
                self._field(scope, (*path, str(name)), field_type(inner(kind), name), part, name)

    def _each(self, scope: XmlScope, path: Path, kind: Any, body: dict[Text, Spec]) -> None:
        source = as_text(body[Text("each")], "each")
        if not is_list(kind) or not is_struct(inner(kind)):
            raise wrong(source, "HUB-3008", f"{'.'.join(path)} is no list of parts, so `each` has no meaning")
        item = inner(kind)
        place = parse_xml_place(source)
        if place.attribute is not None:
            raise wrong(
                source, "HUB-3002", f'"{source}" is an attribute; write `each: .` and the attribute as its value'
            )
        sets = []
        for name, value in as_mapping(body.get(Text("set"), {}), "set").items():
            if inner(field_type(item, name)) is not str:
                raise wrong(name, "HUB-3008", f"`set` gives texts, and {name} is none")
            sets.append((str(name), str(as_text(value, "A value of set", name))))
        when = [
            (tuple(name.split(".")), str(as_text(value, "A value of when", name)))
            for name, value in as_mapping(body.get(Text("when"), {}), "when").items()
        ]
        if not place.steps:
            if when:
                raise wrong(
                    source, "HUB-3016", "an item that is the node itself (`each: .`) is there or not; no `when`"
                )
            inside = self._scope(item, scope.root, body, here=True)
            scope.eachs.append(XmlEach(self._next(), source, path, item, scope.root, None, sets, when, inside, 1))
            return
        *parents, step = place.steps
        spot = self._spot(scope.root, tuple(parents), source)
        most = self._check(spot, step, source)
        root = Spot(self._next(), None, None, step.name)
        root.given |= self.given_of(step.name)
        self._tested(root, step, source)
        inside = self._scope(item, root, body)
        each = XmlEach(
            self._next(), source, path, item, spot, step, sets, when, inside, 1 if step.number == "1" else most
        )
        each.needs = self._needs(inside, step.name)
        for name, value in as_mapping(body.get(Text("also"), {}), "also").items():
            if name not in dict(sets):
                raise wrong(name, "HUB-3010", f"`also` gives more words for a field of `set`, and {name} is none")
            each.also[str(name)] = str(as_text(value, "A value of also", name)).split()
        spot.groups.setdefault(step.name, []).append(each)
        scope.eachs.append(each)
        for test in step.tests:
            if test.constant is None and test.values and not self._reads(inside, test.way):
                raise wrong(
                    source, "HUB-3016", f"a rule must read {'/'.join(test.way)}, or a writer could not choose its value"
                )

    def _needs(self, scope: XmlScope, tag: str) -> tuple[Path, ...]:
        """The fields whose places the model says must be there, from the element of an item down."""
        needed = []
        for rule in scope.rules:
            if rule.one_way or rule.default is not None or rule.many or len(rule.places) != 1:
                continue
            parent = tag
            for step in rule.places[0].steps:
                children = self.model.children(parent) if self.model is not None else None
                if children is None or not children[step.name].least or step.tests:
                    break
                parent = step.name
            else:
                if rule.places[0].steps and rule.places[0].attribute is None:
                    needed.append(rule.path)
        return tuple(needed)

    def _reads(self, scope: XmlScope, way: tuple[str, ...]) -> bool:
        return any(place.names == way for rule in scope.rules for place in rule.places)

    # ---- spots

    def _spot(self, spot: Spot, way: tuple[XmlStep, ...], at: Text) -> Spot:
        """The spot at the end of a way, made where it is missing."""
        for number, step in enumerate(way):
            self._check(spot, step, at)
            known = spot.kids.get(step.source)
            if known is None:
                known = spot.kids[step.source] = Spot(self._next(), step, spot, step.name)
                known.given |= self.given_of(step.name)
                self._tested(known, step, at)
            if step.number == "*":
                known.rest = tuple(inside.name for inside in way[number + 1 :])
                return known
            spot = known
        return spot

    def _tested(self, spot: Spot, step: XmlStep, at: Text) -> None:
        """What a test asks for is read by it, where only one value passes."""
        for test in step.tests:
            if test.constant is None:
                continue
            names = [name for name in test.way if name[0] != "@"]
            at_spot = self._spot(spot, tuple(XmlStep(name, name) for name in names), at)
            if len(names) == len(test.way):
                at_spot.text = True
            else:
                at_spot.read.add(test.way[-1][1:])

    def given_of(self, tag: str) -> dict[str, Path]:
        """The attributes of an element that repeat a field of the document."""
        needed = self.model.attributes.get(tag, ()) if self.model is not None else ()
        return {
            attribute: path
            for (of, attribute), path in self.given.items()
            if of == tag or (not of and attribute in needed)
        }

    def _check(self, parent: Spot, step: XmlStep, at: Text) -> int | None:
        """How many there may be. HUB-3003: the model has no such child there."""
        children = self.model.children(parent.tag) if self.model is not None else None
        if children is None:
            return None
        if step.name not in children:
            raise wrong(at, "HUB-3003", f"{step.name} is not in {parent.tag}{near(step.name, children)}")
        return children[step.name].most

    # ---- rules

    def _rule(self, scope: XmlScope, path: Path, kind: Any, text: Text, one_way: OneWay = "") -> None:
        if text.startswith("="):
            raise wrong(text, "HUB-3021", "a constant is one-way; write it under `read:` or `write:`, or use `set`")
        rule = self._leaf(scope, path, text, text)
        rule.one_way = one_way
        rule.many = is_list(kind)
        if rule.codec.name.startswith("call ") and rule.codec.name.count(" ") == 1 and not one_way:
            raise wrong(
                text, "HUB-3021", "a `call` without an inverse is one-way; name the inverse, or write it under `read:`"
            )
        if rule.codec.python not in (inner(kind), object):
            word = inner(kind).__name__
            raise wrong(text, "HUB-3008", f"{'.'.join(path)} is a {word}, and `{rule.codec.name}` gives none")
        if (rule.lines or rule.places[0].many) and not rule.many:
            raise wrong(text, "HUB-3008", f"{'.'.join(path)} is one value, and {text} gives a list")

    def _leaf(self, scope: XmlScope, path: Path, text: Text, at: Text, *, reads: bool = True) -> XmlRule:
        source, *modifiers = text.split(" | ")
        places = [parse_xml_place(text.like(part.strip())) for part in source.split(" + ")]
        lines = "lines" in modifiers
        modifiers = [_split(word, len(places)) for word in modifiers if word != "lines"]
        for word in modifiers:
            if word.startswith(("joined", "qualified")):
                raise wrong(at, "HUB-3011", f"`{word}` is a codec of segments; XML says it by tests on steps")
        said = read_modifiers(modifiers, at, str(places[0].names[-1] if places[0].names else "."), self.standard, (),
                              self._table, constant=True)  # fmt: skip
        if len(places) > said.codec.width:
            raise wrong(at, "HUB-3008", f"`{said.codec.name}` takes {said.codec.width} part(s), {source} gives more")
        spots = [self._ending(scope, place, text, reads=reads) for place in places]
        rule = XmlRule(
            len(self.rules),
            at,
            path,
            places,
            spots,
            said.codec,
            said.default,
            said.omit,
            said.written_only,
            lines=lines,
        )
        self.rules.append(rule)
        scope.rules.append(rule)
        return rule

    def _ending(self, scope: XmlScope, place: XmlPlace, at: Text, *, reads: bool) -> tuple[Spot, str | None]:
        """The spot of a place; what no rule reads there is kept (reads: one does)."""
        spot = self._spot(scope.root, place.steps, at)
        if spot.rest is not None:
            return spot, place.attribute
        if not reads:
            if place.attribute is not None:
                spot.written.add(place.attribute)
            return spot, place.attribute
        if place.attribute is None:
            spot.text = True
        else:
            spot.read.add(place.attribute)
            spot.given.pop(place.attribute, None)
        return spot, place.attribute

    def _table(self, name: str, at: Text) -> CodeTable:
        found = self.own.get(name) or self.shared.get(name)
        if found is None:
            raise wrong(at, "HUB-3012", f'no code table "{name}"{near(name, [*self.own, *self.shared])}')
        return found

    def _read_only(self, scope: XmlScope, path: Text, text: Text) -> None:
        names = tuple(path.split("."))
        kind: Any = scope.cls
        for name in names:
            kind = field_type(inner(kind), path.like(name))
        if text.startswith("="):
            rule = XmlRule(len(self.rules), text, names, [], [], _plain(), one_way="read", constant=text[1:])
            self.rules.append(rule)
            scope.rules.append(rule)
        else:
            self._rule(scope, names, kind, text, "read")

    def _write_only(self, scope: XmlScope, place: Text, text: Text) -> None:
        source, *modifiers = text.split(" | ")
        constant = source[1:] if source.startswith("=") else None
        path = () if constant is not None else tuple(source.strip().split("."))
        kind: Any = scope.cls
        for name in path:
            kind = field_type(inner(kind), text.like(name))
        kept = constant is None or constant.startswith("@")
        rule = self._leaf(scope, path, place.like(" | ".join([place, *modifiers])), text, reads=not kept)
        rule.constant, rule.one_way = constant, "write"


def _split(modifier: str, places: int) -> str:
    """`iso` over two places is a date and a time."""
    return "iso split" if modifier == "iso" and places == 2 else modifier


def _plain() -> Codec:
    return make_codec(Text("text"), "", "xml", _no_table)


def _no_table(name: str, at: Text) -> CodeTable:
    raise wrong(at, "HUB-3012", f'no code table "{name}"')
