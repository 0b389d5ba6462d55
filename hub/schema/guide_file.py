"""Reading a guide from mappings/guides: every fault with file, line and column, and the nearest right word."""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TypeVar, cast, get_args

from hub.schema import guide_words as words
from hub.schema.directory import definition as definition_of
from hub.schema.guide import Condition, Extra, Guide, Held, Rule, Several, SeveralKind, Together, Total, Use
from hub.schema.model import ElementDef, Loop, MessageDef
from hub.schema.place import Place, Step, parse_place
from hub.syntax.yaml import Spec, Text, as_mapping, as_text, load, wrong

_KEYS = ("guide", "rules", "loops", "segments", "together")
_RULE = ("use", "min", "max", "length", "codes", "codes+", "value")
_SEGMENT = ("max", "elements")
_LOOP = ("name", "use", "min", "max", "holds")
_SEVERAL = get_args(SeveralKind)
_TOGETHER = ("in", "if", "require", "forbid", *_SEVERAL, "sum", "count", "equals", "within")
_WITHIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
_USES = get_args(Use)
_CONDITION = re.compile(r"(?P<place>.+?)(?:\s+(?P<not>!)?=\s+(?P<values>.+))?")
_NUMERIC = re.compile(r"R|N[0-9]?|n")

_T = TypeVar("_T")


def read_guide(source: bytes, file: str, name: str) -> Guide:
    """The guide in a file. ConfigError HUB-3014, HUB-3001: it is no YAML mapping; HUB-3002: a place is none; HUB-3301:
    a guide has no such word; HUB-3303: the message type has no such place."""
    return _Reader(load(source, file, "guide"), file, name).read()


class _Reader:
    def __init__(self, spec: dict[Text, Spec], file: str, name: str) -> None:
        self.spec, self.file, self.name = spec, file, name
        words.only(spec, _KEYS, "A guide")
        self.definition = self._definition()
        self.extras: dict[str, Extra] = {}

    def read(self) -> Guide:
        extras = tuple(self._each("segments", self._extra))
        self.extras = {extra.place.tag: extra for extra in extras}
        loops = self._each("loops", self._loop)
        rules = [*self._each("rules", self._rule), *(rule for _, rules in loops for rule in rules)]
        told = [self._together(entry) for entry in self._list("together")]
        return Guide(
            name=self.name,
            reference=str(self.spec[Text("guide")]),
            standard=self.definition.standard,
            type=self.definition.type,
            rules=tuple(rules),
            extras=extras,
            together=tuple(each for each in told if isinstance(each, Together)),
            several=tuple(each for each in told if isinstance(each, Several)),
            totals=tuple(each for each in told if isinstance(each, Total)),
            loops=tuple(held for held, _ in loops),
        )

    def _definition(self) -> MessageDef:
        at = next(iter(self.spec), None)
        text = as_text(self.spec.get(Text("guide")), "`guide:`, such as x12/004010/850,", at)
        parts = text.split("/")
        found = definition_of(*parts) if len(parts) == 3 else None
        if found is None:
            says = f'"{text}" is in no directory here; a guide says what it is for like x12/004010/850'
            raise wrong(text, "HUB-3301", f"{says} or edifact/d96a/ORDERS")
        return found

    def _each(self, key: str, read: Callable[[Text, Spec], _T]) -> list[_T]:
        value = self.spec.get(Text(key))
        if value is None:
            return []
        return [
            read(place, rule) for place, rule in as_mapping(value, f"`{key}:`", words.key_of(self.spec, key)).items()
        ]

    def _list(self, key: str) -> list[Spec]:
        value = self.spec.get(Text(key), [])
        return value if isinstance(value, list) else [value]

    # -- rules

    def _rule(self, key: Text, value: Spec) -> Rule:
        place = self._place(key)
        said = as_mapping({Text("use"): value} if isinstance(value, Text) else value, f"The rule for {key}", key)
        words.only(said, _RULE, f"The rule for {key}")
        use = cast(Use | None, words.one_of(said.get(Text("use")), _USES, "use"))
        codes = words.texts(said.get(Text("value"), said.get(Text("codes"))), key)
        element = self._element(place)
        for word in ("min", "max"):
            if place.element is not None and word in said:
                raise wrong(words.key_of(said, word), "HUB-3301", f"{word} counts segments, and {key} is an element.")
        for word in ("length", "codes", "codes+", "value"):
            if place.element is None and word in said:
                text = f"{word} is about an element, and {key} is a segment; say {key}01 or the like"
                raise wrong(words.key_of(said, word), "HUB-3301", text)
            if word in said and element is not None and element.components:
                raise wrong(key, "HUB-3303", f"{key} is a composite; say {key}-1 or the like")
        least, most = words.number(said, "min"), words.number(said, "max")
        return Rule(
            line=key.line,
            place=place,
            use=use,
            least=least if least is not None else int(use == "mandatory"),
            most=0 if use == "forbidden" else most,
            length=words.length(said),
            numeric=element is not None and bool(_NUMERIC.fullmatch(element.type)),
            codes=codes or None,
            more=words.texts(said.get(Text("codes+")), key),
        )

    def _extra(self, key: Text, value: Spec) -> Extra:
        place = parse_place(key)
        if place.element is not None or place.tests:
            raise wrong(key, "HUB-3301", f"{key} must be a segment such as ZZ1, or PO1/ZZ1 in a loop")
        self._loops(place.steps, key)
        said = as_mapping(value, f"The segment {key}", key) if value != "" else {}
        words.only(said, _SEGMENT, f"The segment {key}")
        listed = said.get(Text("elements"))
        elements = tuple(words.element_def(text) for text in words.listed(listed)) if listed is not None else None
        return Extra(line=key.line, place=place, most=words.number(said, "max"), elements=elements)

    def _loop(self, key: Text, value: Spec) -> tuple[Held, list[Rule]]:
        """A loop chosen by its qualifier: how often, and what it holds; each of those is a rule like any other."""
        place = self._place(key)
        if place.element is not None:
            raise wrong(key, "HUB-3301", f"{key} is an element; a loop is named by its first segment, as N1(ST)")
        self._loops((*place.steps, Step(place.key, place.tag, place.tests, str(key))), key)
        said = as_mapping({Text("use"): value} if isinstance(value, Text) else value, f"The loop {key}", key)
        words.only(said, _LOOP, f"The loop {key}")
        rules = [self._rule(key, {word: said[word] for word in said if word in ("use", "min", "max")})]
        holds = said.get(Text("holds"))
        inside = as_mapping(holds, "holds", words.key_of(said, "holds")) if holds is not None else {}
        rules += [self._rule(each.like(f"{key}/{each}"), rule) for each, rule in inside.items()]
        tags = None if holds is None else frozenset(parse_place(each).tag for each in inside)
        name = said.get(Text("name"))
        return Held(key.line, place, str(as_text(name, "name", key)) if name is not None else "", tags), rules

    def _together(self, value: Spec) -> Together | Several | Total:
        said = as_mapping(value, "A rule of `together:`")
        words.only(said, _TOGETHER, "A rule of `together:`")
        first = next(iter(said))
        steps: tuple[Step, ...] = ()
        if "in" in said:
            loop = as_text(said[Text("in")], "in", first)
            inside = parse_place(loop.like(f"{loop}/ZZZ"))
            steps = inside.steps
            self._loops(steps, loop)
        counts = [word for word in ("sum", "count") if word in said]
        kinds = [word for word in _SEVERAL if word in said]
        then = [word for word in ("require", "forbid") if word in said]
        if counts:
            return self._total(said, first, steps)
        if len(kinds) == 1 and "if" not in said and not then:
            of = tuple(self._condition(each) for each in words.listed(said[Text(kinds[0])]))
            return Several(first.line, steps, cast(SeveralKind, kinds[0]), of)
        if "if" not in said or len(then) != 1 or kinds:
            text = f"a rule of `together:` has `if:` with `require:` or `forbid:`, or one of {', '.join(_SEVERAL)}, or "
            raise wrong(first, "HUB-3301", f"{text}`sum:` or `count:` with `equals:`")
        when, required = (self._condition(as_text(said[Text(word)], word, first)) for word in ("if", then[0]))
        return Together(first.line, steps, when, required, then[0] == "forbid")

    def _total(self, said: dict[Text, Spec], first: Text, steps: tuple[Step, ...]) -> Total:
        if "equals" not in said or ("sum" in said) == ("count" in said):
            raise wrong(first, "HUB-3301", "a total has `equals:`, and either `sum:` or `count:`")
        what = as_text(said[Text("sum" if "sum" in said else "count")], "sum", first)
        places = [self._place(what.like(part.strip())) for part in str(what).split("*")]
        equals = self._place(as_text(said[Text("equals")], "equals", first))
        if any(
            (each.tag, each.steps, each.tests) != (places[0].tag, places[0].steps, places[0].tests) for each in places
        ):
            raise wrong(what, "HUB-3301", f"the factors of {what} must stand in the same segment")
        for place in [*places, equals]:
            if (place.element is None) == ("sum" in said or place is equals):
                kind = "an element such as CTT02" if "sum" in said or place is equals else "a segment such as PO1"
                raise wrong(place.source, "HUB-3301", f"{place.source} must be {kind}")
        within = as_text(said.get(Text("within"), Text("0")), "within", first)
        if not _WITHIN.fullmatch(within):
            raise wrong(within, "HUB-3301", f'within is "{within}", and must be a number such as 0.05')
        factors = tuple((place, self._decimals(place)) for place in places) if "sum" in said else ()
        return Total(first.line, steps, places[0], factors, equals, self._decimals(equals), Decimal(within))

    def _decimals(self, place: Place) -> int:
        """The implied decimals of an element: 2 for X12's N2."""
        element = self._element(place)
        return int(element.type[1:] or 0) if element and re.fullmatch(r"N[0-9]?", element.type) else 0

    def _condition(self, text: Text) -> Condition:
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise wrong(text, "HUB-3002", f'"{text}" is not a place')
        values = tuple(part.strip() for part in (match["values"] or "").split("|") if part.strip())
        place = self._place(text.like(match["place"]))
        if values and place.element is None:
            raise wrong(text, "HUB-3301", f"{place.source} is a segment and has no value; say {place.source}01 or so")
        return Condition(place, values, bool(match["not"]))

    # -- places

    def _place(self, text: Text) -> Place:
        """ConfigError: it is no place, or not one of this message."""
        place = parse_place(text)
        if place.number or place.last or place.last_component or place.data_element:
            raise wrong(text, "HUB-3301", f"{text} must name one segment, or one element such as BEG02 or DTM01-1")
        loops = self._loops(place.steps, text)
        if place.tag not in self.extras and not any(place.tag in _tags(loop) for loop in loops):
            where = (
                f"loop {place.steps[-1].key}" if place.steps else f"{self.definition.type} {self.definition.version}"
            )
            known = sorted({tag for loop in loops for tag in _tags(loop)})
            advice = "A segment of the partner's own goes under `segments:`."
            raise wrong(text, "HUB-3303", f"{place.tag} is not in {where}{words.hint(place.tag, known)} {advice}")
        self._element(place)
        return place

    def _loops(self, steps: Iterable[Step], at: Text) -> list[Loop]:
        found = [self.definition.root]
        for step in steps:
            inner = [(key, each) for loop in found for key, each in _loops_below(loop)]
            found = [each for key, each in inner if key == step.key]
            if not found:
                known = sorted({key for key, _ in inner})
                text = f"{step.key} opens no loop of {self.definition.type} there{words.hint(step.key, known)}"
                raise wrong(at, "HUB-3303", text)
        return found

    def _element(self, place: Place) -> ElementDef | None:
        """The definition of a place's element or component; None: a segment, or nothing here knows its elements."""
        if place.element is None:
            return None
        own = self.extras.get(place.tag)
        shape = self.definition.segments.get(place.tag)
        elements = list(own.elements or ()) if own else shape.elements if shape else []
        if not elements:
            return None
        if not 0 < place.element <= len(elements):
            text = f"{place.tag} has {len(elements)} elements, so there is no {place.source}"
            raise wrong(place.source, "HUB-3303", text)
        element = elements[place.element - 1]
        parts = element.components
        if place.component is None:
            return parts[0] if parts and self.definition.standard == "edifact" else element
        if parts is None or place.component > len(parts):
            has = f"{len(parts)} components" if parts else "no components"
            raise wrong(place.source, "HUB-3303", f"{place.tag}{place.element:02} has {has}, so no {place.source}")
        return parts[place.component - 1]


# -- the definition


def _tags(loop: Loop) -> set[str]:
    """Every tag of a loop and of the loops in it."""
    found = {slot.tag for slot in loop.slots}
    return found.union(*[_tags(slot.loop) for slot in loop.slots if slot.loop is not None])


def _loops_below(loop: Loop) -> Iterator[tuple[str, Loop]]:
    for slot in loop.slots:
        if slot.loop is not None:
            yield slot.key, slot.loop
            yield from _loops_below(slot.loop)
