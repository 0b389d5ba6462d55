"""From a resolved spec and a directory to the rule table (hub.mapping.plan). Every fault names file, line and
column.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from hub.canonical import DOCUMENTS
from hub.errors import ConfigError
from hub.mapping.claims import check_tests, sort_claims
from hub.mapping.codec import make_codec, read_modifiers
from hub.mapping.codes import CodeTable, over_shared, table
from hub.mapping.computed import how_computed
from hub.mapping.crosswalk import free_table
from hub.mapping.fields import field_type, hints, inner, is_list, is_struct, required, word_of
from hub.mapping.levels import build_levels
from hub.mapping.locate import find_slot, resolve_positions
from hub.mapping.nests import build_nest, is_nest
from hub.mapping.place import Place, Step, parse_place
from hub.mapping.plan import (
    ALWAYS,
    Alternative,
    Block,
    Claim,
    Computed,
    EachLoop,
    ListField,
    OneWay,
    Path,
    Plan,
    Rule,
    Scope,
    Slots,
    Sub,
)
from hub.mapping.spec import Spec, Text, as_mapping, as_text, near, wrong
from hub.schema import Loop, MessageDef, Slot
from hub.schema.model import UNLIMITED

TOP = {
    "mapping",
    "versions",
    "document",
    "extends",
    "codes",
    "fields",
    "hierarchy",
    "read",
    "write",
    "computed",
    "fixed",
    "unsaid",
    "active_from",
}
RESERVED = {"each", "set", "when", "read", "write", "slots", "step", "fill"}
TableFor = Callable[[str], CodeTable | None]


class Builder:
    """Builds the plan of one mapping for one directory version. tolerant: the mapping does not list this version, so
    rules whose place it lacks are left out instead of refused."""

    def __init__(
        self,
        mapping: str,
        spec: dict[Text, Spec],
        definition: MessageDef,
        table_for: TableFor,
        over: Callable[[str, CodeTable | None], CodeTable | None],
        table_names: Callable[[], list[str]],
        *,
        tolerant: bool = False,
    ) -> None:
        self.spec = spec
        self.definition = definition
        self.standard = definition.standard
        self.table_for = table_for
        self.over = over
        self.table_names = table_names
        self.tolerant = tolerant
        self.own_tables = {
            str(name): table(str(name), self.standard, over_shared(self.table_for(str(name)), name, body))
            for name, body in as_mapping(spec.get(Text("codes"), {}), "codes").items()
        }
        document = as_text(spec.get(Text("document")), "document", spec)
        if str(document) not in DOCUMENTS:
            raise wrong(document, "HUB-3018", f'there is no document "{document}"{near(document, DOCUMENTS)}')
        self.scopes: list[Scope] = []
        self.rules: list[Rule] = []
        self.computed: list[Computed] = []
        self.document = DOCUMENTS[str(document)]
        self.mapping = mapping

    def build(self) -> Plan:
        for key in self.spec:
            if key not in TOP:
                raise wrong(key, "HUB-3010", f'"{key}" is not a key of a mapping{near(key, TOP)}')
        body = dict(as_mapping(self.spec.get(Text("fields")), "fields", self.spec))
        for key in (Text("read"), Text("write")):
            if key in self.spec:
                body[key] = self.spec[key]
        block = Block(loop=self.definition.root, prefix="")
        root = self.scope(block, self.document, body)
        for place, words in as_mapping(self.spec.get(Text("computed"), {}), "computed").items():
            self._guarded(place, partial(self._computed, block, place, as_text(words, place, place)))
        for place, value in as_mapping(self.spec.get(Text("fixed"), {}), "fixed").items():
            self._guarded(place, partial(self._fixed, block, place, as_text(value, place, place)))
        self._check_when(root)
        plan = Plan(self.mapping, self.definition, self.document, root, self.scopes, self.rules, self.computed, {})
        for field, other in as_mapping(self.spec.get(Text("unsaid"), {}), "unsaid").items():
            self._check_unsaid(field, as_text(other, field, field))
            plan.unsaid[str(field)] = str(other)
        if Text("hierarchy") in self.spec:
            build_levels(self, plan, as_mapping(self.spec[Text("hierarchy")], "hierarchy", self.spec))
        for rule in self.rules:
            if rule.codec.table is not None:
                plan.tables[rule.codec.table.name] = rule.codec
        for scope in self.scopes:
            check_tests(scope.block, scope.segment)
            sort_claims(scope.block)
        return plan

    def _check_unsaid(self, field: Text, other: Text) -> None:
        kind: Any = self.document
        *way, name = field.split(".")
        for step in way:
            kind = inner(field_type(kind, field.like(step)))
        for each in (field.like(name), other):
            if each != ALWAYS:
                field_type(kind, each)

    def _check_when(self, root: Scope) -> None:
        """HUB-3016: a `when` asks for what is read only after the lists, or not at all."""
        early = {
            rule.path for claims in root.block.claims.values() for claim in claims if claim.kind == "one"
            for rule in claim.rules
        }  # fmt: skip
        for scope in self.scopes:
            for field in scope.lists.values():
                for alternative in field.alternatives:
                    for path, _ in alternative.when:
                        if path not in early:
                            raise wrong(
                                alternative.at, "HUB-3016", f"`when` needs a field a segment of the message itself "
                                f"gives, and {'.'.join(path)} is none",
                            )  # fmt: skip

    # ---- scopes

    def scope(
        self,
        block: Block,
        cls: type,
        body: dict[Text, Spec],
        segment: Claim | None = None,
        given: tuple[str, ...] = (),
    ) -> Scope:
        scope = Scope(len(self.scopes), cls, block, segment, "ext" in hints(cls), given=given)
        self.scopes.append(scope)
        for name, value in body.items():
            if name == "read":
                for path, rule in as_mapping(value, "read", name).items():
                    self._read_only(scope, path, as_text(rule, "A read rule", path))
            elif name == "write":
                for place, rule in as_mapping(value, "write", name).items():
                    self._guarded(place, partial(self._write_only, scope, place, as_text(rule, "A write rule", place)))
            elif name not in RESERVED:
                self._field(scope, (str(name),), field_type(cls, name), value, name)
        return scope

    def _field(self, scope: Scope, path: Path, kind: Any, value: Spec, at: Text) -> None:
        if isinstance(value, Text):
            self._guarded(value, lambda: self._rule(scope, path, kind, value))
        elif isinstance(value, list):
            for entry in value:
                self._field(scope, path, kind, entry, at)
            if sum(rule.path == path and not rule.one_way for rule in scope.rules) > 1 and not is_list(kind):
                raise wrong(value, "HUB-3008", f"{'.'.join(path)} is one value, and more than one rule gives it")
        elif "each" in value or "slots" in value:
            if not is_list(kind) or not is_struct(inner(kind)):
                raise wrong(
                    value, "HUB-3008", f"{'.'.join(path)} is no list of parts, so `each` and `slots` have no meaning"
                )
            add = self._each if "each" in value else self._slots
            first = value[Text("each")] if "each" in value else value[Text("slots")]
            self._guarded(as_text(first, "each", at), lambda: add(scope, path, inner(kind), value))
        else:
            cls = inner(kind)
            if not is_struct(cls) or is_list(kind):
                raise wrong(value or at, "HUB-3006", f"field {'.'.join(path)} has no parts")
            for name, part in value.items():
                self._field(scope, (*path, str(name)), field_type(cls, name), part, name)

    def _guarded(self, at: Text, add: Callable[[], None]) -> None:
        """Runs add; a place the version lacks is no fault where the rule says `only known` or the version is not
        listed.
        """
        try:
            add()
        except ConfigError as error:
            missing = error.code in ("HUB-3003", "HUB-3004", "HUB-3007")
            if not (missing and (self.tolerant or " | only known" in at)):
                raise

    def _served(self, text: Text) -> Text | None:
        """The rule without its `only`; None if it is for other versions."""
        head, mark, words = text.partition(" | only ")
        if mark:
            wanted = words.split()
            return text.like(head) if wanted == ["known"] or self.definition.version in wanted else None
        head, mark, words = text.partition(" | except ")
        return text.like(head) if not mark or self.definition.version not in words.split() else None

    # ---- rules

    def _rule(self, scope: Scope, path: Path, kind: Any, text: Text, one_way: OneWay = "") -> None:
        served = self._served(text)
        if served is None:
            return
        if served.startswith("="):
            raise wrong(text, "HUB-3021", "a constant is one-way; write it under `read:` or `write:`, or use `set`")
        source, *modifiers = served.split(" | ")
        place = parse_place(served.like(source.strip()))
        rule, block, slot = self._leaf(scope, place, modifiers, served, path)
        rule.one_way = one_way
        many = is_list(kind)
        wanted = inner(kind)
        if rule.codec.name.startswith("call ") and rule.codec.name.count(" ") == 1 and not one_way:
            raise wrong(
                text, "HUB-3021", "a `call` without an inverse is one-way; name the inverse, or write it under `read:`"
            )
        if rule.codec.python not in (wanted, object):
            raise wrong(
                text,
                "HUB-3008",
                f"{'.'.join(path)} is a {word_of(wanted)}, and `{rule.codec.name}` gives a "
                f"{word_of(rule.codec.python)}",
            )
        rule.many = many
        if not many and place.number == "*":
            raise wrong(text, "HUB-3008", f"{'.'.join(path)} is one value, and {source} gives a list")
        if not many and len(rule.positions) > rule.codec.width:
            raise wrong(text, "HUB-3008", f"`{rule.codec.name}` takes {rule.codec.width} part(s), {source} gives more")
        scope.rules.append(rule)
        self._claim(block, slot, place, "all" if many and place.number == "*" else "one").rules.append(rule)

    def _leaf(
        self, scope: Scope, place: Place, modifiers: list[str], at: Text, path: Path, constant: str | None = None
    ) -> tuple[Rule, Block, Slot]:
        block, place = self._inside(scope.block, place)
        slot = find_slot(block.loop, place, self.definition)
        if place.element is None and place.data_element is None:
            raise wrong(at, "HUB-3002", f'"{place.source}" names a segment; an element is needed, as in {place.tag}01')
        segment = self.definition.segments[place.tag]
        positions, elements = resolve_positions(place, segment, self.standard)
        label = f"{place.tag}{positions[0][0]:02}" + (f"-{positions[0][1]}" if positions[0][1] else "")
        said = read_modifiers(
            modifiers, at, label, self.standard, elements, self._table, constant=constant is not None
        )  # fmt: skip
        codec, element = said.codec, elements[-1 if said.codec.qualifiers else 0]
        rule = Rule(
            len(self.rules), at, path, place, positions, codec, said.default, said.omit, said.written_only,
            constant=constant, max=element.max if codec.python is str and codec.table is None and element.max else None,
        )  # fmt: skip
        self.rules.append(rule)
        return rule, block, slot

    def _table(self, name: str, at: Text) -> CodeTable:
        found = self.over(name, self.own_tables.get(name) or self.table_for(name)) or free_table(name, self.standard)
        if found is None:
            raise wrong(at, "HUB-3012", f'no code table "{name}"{near(name, [*self.own_tables, *self.table_names()])}')
        return found

    def _inside(self, block: Block, place: Place) -> tuple[Block, Place]:
        """The block of the place's last loop, making the loops on the way."""
        while place.steps:
            step = place.steps[0]
            slot = find_slot(block.loop, _as_place(step, place), self.definition, loop_wanted=True)
            assert slot.loop is not None  # noqa: S101 - the builder made it so
            subs = block.subs.setdefault(slot.key, [])
            sub = next((known for known in subs if known.name == step.source), None)
            if sub is None:
                inside = Block(slot.loop, f"{block.prefix}{step.source}/", step.tests)
                sub = Sub(slot.key, step.source, step.tests, inside)
                subs.append(sub)
            block, place = sub.block, place.inside()
        return block, place

    def _claim(self, block: Block, slot: Slot, place: Place, kind: str) -> Claim:
        claims = block.claims.setdefault(slot.key, [])
        name = place.head.removesuffix("#*")
        for known in claims:
            if known.kind == kind and known.name == name and kind == "one":
                return known
        claim = Claim(
            kind if kind != "one" else "one",  # type: ignore[arg-type]
            slot.key,
            place.tag,
            name,
            place.tests,
            None if place.number == "*" else place.number,
            self.definition.segments[place.tag],
        )
        claim.most = slot.max
        claims.append(claim)
        return claim

    def _read_only(self, scope: Scope, path: Text, text: Text) -> None:
        names = tuple(path.split("."))
        kind: Any = scope.cls
        for name in names:
            kind = field_type(inner(kind), path.like(name))
        if text.startswith("="):
            rule = Rule(len(self.rules), text, names, None, [], make_codec(text.like("text"), "", "", self._table))
            rule.constant, rule.one_way = text[1:], "read"
            self.rules.append(rule)
            scope.constants.append((names, rule))
        else:
            self._guarded(text, lambda: self._rule(scope, names, kind, text, "read"))

    def _write_only(self, scope: Scope, place_text: Text, text: Text) -> None:
        served = self._served(text)
        if served is None:
            return
        place = parse_place(place_text)
        source, *modifiers = served.split(" | ")
        constant = source[1:] if source.startswith("=") else None
        path = () if constant is not None else tuple(source.strip().split("."))
        kind: Any = scope.cls
        for name in path:
            kind = field_type(inner(kind), served.like(name))
        rule, block, slot = self._leaf(scope, place, modifiers, served, path, constant)
        rule.one_way = "write"
        scope.rules.append(rule)
        self._claim(block, slot, place, "one").rules.append(rule)

    # ---- lists of parts

    def _list_field(self, scope: Scope, path: Path, item: type) -> ListField:
        return scope.lists.setdefault(path, ListField(path, item))

    def _alternative(self, scope: Scope, path: Path, item: type, body: dict[Text, Spec]) -> Alternative:
        sets = []
        for name, value in as_mapping(body.get(Text("set"), {}), "set").items():
            if inner(field_type(item, name)) is not str:
                raise wrong(name, "HUB-3008", f"`set` gives texts, and {name} is none")
            sets.append((str(name), str(as_text(value, "A value of set", name))))
        when = []
        for name, value in as_mapping(body.get(Text("when"), {}), "when").items():
            kind: Any = self.document
            for part in name.split("."):
                kind = field_type(inner(kind), name.like(part))
            when.append((tuple(name.split(".")), str(as_text(value, "A value of when", name))))
        return Alternative(self._list_field(scope, path, item), sets, when, at=next(iter(body)))

    def _each(self, scope: Scope, path: Path, item: type, body: dict[Text, Spec]) -> None:
        served = self._served(as_text(body[Text("each")], "each"))
        if served is None:
            return
        place = parse_place(served)
        if place.element is not None:
            raise wrong(served, "HUB-3002", f'`each` takes a segment or loop, and "{served}" is an element')
        if place.steps:
            outer = find_slot(scope.block.loop, _as_place(place.steps[0], place), self.definition, loop_wanted=True)
            known = any(sub.name == place.steps[0].source for sub in scope.block.subs.get(outer.key, ()))
            if is_nest(outer, place) and not known:
                self._nest(scope, path, item, outer, place, body)
                return
        block, place = self._inside(scope.block, place)
        slot = find_slot(block.loop, place, self.definition, loop_wanted=None)
        alternative = self._alternative(scope, path, item, body)
        name = place.head
        given = tuple(field for field, _ in alternative.sets)
        if "id" in required(item) and Text("id") not in body:
            given += ("id",)
        if slot.loop is not None:
            child = Block(slot.loop, "", place.tests)
            inside = self.scope(child, item, body, given=given)
            each = EachLoop(slot.key, name, place.tests, alternative, inside, block)
            alternative.loop = each
            block.eachs.setdefault(slot.key, []).append(each)
        else:
            claim = Claim("each", slot.key, place.tag, name, place.tests, None, self.definition.segments[place.tag])
            inside_slot = Slot(key=slot.key, tag=slot.tag, min=0, max=1)
            child = Block(Loop(name="", slots=[inside_slot], by={slot.tag: [inside_slot]}), "", place.tests)
            claim.scope = self.scope(child, item, body, segment=claim, given=given)
            claim.each = alternative
            alternative.claim = claim
            block.claims.setdefault(slot.key, []).append(claim)
        alternative.group, alternative.most = (id(block), f"{'.'.join(path)} {slot.key}"), slot.max
        alternative.field.alternatives.append(alternative)

    def _nest(
        self, scope: Scope, path: Path, item: type, outer: Slot, place: Place, body: dict[Text, Spec]
    ) -> None:  # fmt: skip
        alternative = self._alternative(scope, path, item, body)
        each = build_nest(self, scope.block, outer, place, alternative, body)
        alternative.loop = each
        scope.block.eachs[outer.key] = [each]
        alternative.group, alternative.most = (id(scope.block), f"{'.'.join(path)} {outer.key}"), UNLIMITED
        alternative.field.alternatives.append(alternative)

    def _slots(self, scope: Scope, path: Path, item: type, body: dict[Text, Spec]) -> None:
        served = self._served(as_text(body[Text("slots")], "slots"))
        if served is None:
            return
        place = parse_place(served)
        block, place = self._inside(scope.block, place)
        slot = find_slot(block.loop, place, self.definition)
        segment = self.definition.segments[place.tag]
        if place.element is None:
            raise wrong(served, "HUB-3002", f'"{served}" names no elements; slots look like PO106..25')
        step = int(as_text(body.get(Text("step"), Text("1")), "step"))
        last = min(place.last or place.element, max(len(segment.elements), place.element))
        alternative = self._alternative(scope, path, item, body)
        slots = Slots(alternative.field, place, place.element, last, step, [], [], one=body.get(Text("fill")) == "one")
        for name, value in body.items():
            if name not in RESERVED:
                self._part(scope, slots, item, (str(name),), value, name)
        slots.constants += alternative.sets
        claim = self._claim(block, slot, place, "all" if place.number == "*" else "one")
        if any(claim.kind == "all" or (other.start <= last and slots.start <= other.last) for other in claim.slots):
            raise wrong(served, "HUB-3016", f"{claim.name} has slots already")
        slots.label = f"{block.prefix}{claim.name.removesuffix('#*')}.{slots.start:02}"
        claim.slots.append(slots)
        alternative.slots, alternative.claim = slots, claim
        alternative.group, alternative.most = (id(slots), ".".join(path)), slot.max
        alternative.field.alternatives.append(alternative)

    def _part(self, scope: Scope, slots: Slots, item: type, path: Path, value: Spec, at: Text) -> None:
        kind: Any = item
        for name in path:
            kind = field_type(inner(kind), at.like(name))
        if isinstance(value, dict):
            for name, part in value.items():
                self._part(scope, slots, item, (*path, str(name)), part, name)
            return
        text = as_text(value, "A part of slots", at)
        source, *modifiers = text.split(" | ")
        if source.startswith("="):
            slots.constants.append((str(at), source[1:]))
            return
        simple = self.standard == "x12"
        whole = simple and source.strip().endswith("-1")
        head = simple and slots.place.number == "*" and source.startswith(slots.place.tag)
        number = source.strip().removesuffix("-1" if whole else "").removeprefix(slots.place.tag if head else "")
        if not number.isdigit():
            raise wrong(text, "HUB-3002", f'"{source}" is not an offset; a part of slots looks like `1 | decimal`')
        offset = -int(number) if head else int(number)
        element = -offset if head else slots.start + offset if simple else slots.start
        component = (1 if whole else None) if simple else offset
        place = replace(
            slots.place, element=element, component=component, last=None, last_component=None, steps=()
        )  # fmt: skip
        if simple and offset >= slots.step:
            raise wrong(text, "HUB-3007", f"offset {offset} lies outside of a group of {slots.step}")
        outer = Block(self._loop_of(slots.place), "")
        rule, _, _ = self._leaf(replace(scope, block=outer), place, modifiers, text, (*slots.field.path, "#", *path))
        if rule.codec.python is not inner(kind):
            what = f"{'.'.join(path)} is a {word_of(inner(kind))}, and `{rule.codec.name}` is not"
            raise wrong(text, "HUB-3008", what)
        slots.parts.append((path, offset, rule))

    def _loop_of(self, place: Place) -> Loop:
        slot = Slot(key=place.key, tag=place.tag, min=0, max=1)
        return Loop(name="", slots=[slot], by={place.tag: [slot]})

    # ---- computed and fixed

    def _computed(self, block: Block, place_text: Text, text: Text) -> None:
        served = self._served(text)
        if served is None:
            return
        place = parse_place(place_text)
        block, place = self._inside(block, place)
        slot = find_slot(block.loop, place, self.definition)
        positions, _ = resolve_positions(place, self.definition.segments[place.tag], self.standard)
        function, word, if_present = how_computed(text.like(served), self.document)
        entry = Computed(
            len(self.computed), text, place, positions[0], function, [word], if_present, check=function == "check"
        )
        self.computed.append(entry)
        self._claim(block, slot, place, "one").computed.append(entry)

    def _fixed(self, block: Block, place_text: Text, text: Text) -> None:
        served = self._served(text)
        if served is None:
            return
        scope = Scope(-1, self.document, block, None, True)
        place = parse_place(place_text)
        rule, inside, slot = self._leaf(scope, place, [], served, (), constant=str(served))
        self._claim(inside, slot, place, "one").fixed.append(rule)


def _as_place(step: Step, place: Place) -> Place:
    return Place(place.source, (), step.key, step.tag, step.tests)
