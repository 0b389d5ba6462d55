"""Reading a guide from mappings/guides: every fault with file, line and column, and the nearest right word."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast, get_args

from hub.schema.directory import definition as definition_of
from hub.schema.guide import Condition, Extra, Guide, Rule, Together, Use
from hub.schema.model import UNLIMITED, ElementDef, Loop, MessageDef
from hub.schema.place import Place, Step, parse_place
from hub.syntax.yaml import Spec, Text, as_mapping, as_text, load, near, wrong

_KEYS = ("guide", "rules", "segments", "together")
_RULE = ("use", "min", "max", "length", "codes", "codes+", "value")
_SEGMENT = ("max", "elements")
_TOGETHER = ("in", "if", "require", "forbid")
_USES = get_args(Use)
_LENGTH = re.compile(r"(?:(\d+)\.\.)?(\d+)")
_ELEMENT = re.compile(r"(AN|ID|DT|TM|R|N[0-9]?|an|a|n) ?(?:(\d+)?\.\.)?(\d+)( mandatory)?")
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
        _known(spec, _KEYS, "A guide")
        self.definition = self._definition()
        self.extras: dict[str, Extra] = {}

    def read(self) -> Guide:
        extras = tuple(self._each("segments", self._extra))
        self.extras = {extra.place.tag: extra for extra in extras}
        return Guide(
            name=self.name,
            reference=str(self.spec[Text("guide")]),
            standard=self.definition.standard,
            type=self.definition.type,
            rules=tuple(self._each("rules", self._rule)),
            extras=extras,
            together=tuple(self._together(entry) for entry in self._list("together")),
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
        return [read(place, rule) for place, rule in as_mapping(value, f"`{key}:`", _key(self.spec, key)).items()]

    def _list(self, key: str) -> list[Spec]:
        value = self.spec.get(Text(key), [])
        return value if isinstance(value, list) else [value]

    # -- rules

    def _rule(self, key: Text, value: Spec) -> Rule:
        place = self._place(key)
        said = as_mapping({Text("use"): value} if isinstance(value, Text) else value, f"The rule for {key}", key)
        _known(said, _RULE, f"The rule for {key}")
        use = cast(Use | None, _one_of(said.get(Text("use")), _USES, "use"))
        codes = _texts(said.get(Text("value"), said.get(Text("codes"))), key)
        element = self._element(place)
        for word in ("min", "max"):
            if place.element is not None and word in said:
                raise wrong(_key(said, word), "HUB-3301", f"{word} counts segments, and {key} is an element.")
        for word in ("length", "codes", "codes+", "value"):
            if place.element is None and word in said:
                text = f"{word} is about an element, and {key} is a segment; say {key}01 or the like"
                raise wrong(_key(said, word), "HUB-3301", text)
            if word in said and element is not None and element.components:
                raise wrong(key, "HUB-3303", f"{key} is a composite; say {key}-1 or the like")
        least, most = _number(said, "min"), _number(said, "max")
        return Rule(
            line=key.line,
            place=place,
            use=use,
            least=least if least is not None else int(use == "mandatory"),
            most=0 if use == "forbidden" else most,
            length=_length(said),
            numeric=element is not None and bool(_NUMERIC.fullmatch(element.type)),
            codes=codes or None,
            more=_texts(said.get(Text("codes+")), key),
        )

    def _extra(self, key: Text, value: Spec) -> Extra:
        place = parse_place(key)
        if place.element is not None or place.tests:
            raise wrong(key, "HUB-3301", f"{key} must be a segment such as ZZ1, or PO1/ZZ1 in a loop")
        self._loops(place.steps, key)
        said = as_mapping(value, f"The segment {key}", key) if value != "" else {}
        _known(said, _SEGMENT, f"The segment {key}")
        listed = said.get(Text("elements"))
        elements = tuple(_element_def(text) for text in _listed(listed)) if listed is not None else None
        return Extra(line=key.line, place=place, most=_number(said, "max"), elements=elements)

    def _together(self, value: Spec) -> Together:
        said = as_mapping(value, "A rule of `together:`")
        _known(said, _TOGETHER, "A rule of `together:`")
        first = next(iter(said))
        then = [word for word in ("require", "forbid") if word in said]
        if "if" not in said or len(then) != 1:
            raise wrong(first, "HUB-3301", "a rule of `together:` has `if:` and either `require:` or `forbid:`")
        steps: tuple[Step, ...] = ()
        if "in" in said:
            loop = as_text(said[Text("in")], "in", first)
            inside = parse_place(loop.like(f"{loop}/ZZZ"))
            steps = inside.steps
            self._loops(steps, loop)
        when, required = (self._condition(as_text(said[Text(word)], word, first)) for word in ("if", then[0]))
        return Together(first.line, steps, when, required, then[0] == "forbid")

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
            raise wrong(text, "HUB-3303", f"{place.tag} is not in {where}{_hint(place.tag, known)} {advice}")
        self._element(place)
        return place

    def _loops(self, steps: Iterable[Step], at: Text) -> list[Loop]:
        found = [self.definition.root]
        for step in steps:
            inner = [(key, each) for loop in found for key, each in _loops_below(loop)]
            found = [each for key, each in inner if key == step.key]
            if not found:
                known = sorted({key for key, _ in inner})
                text = f"{step.key} opens no loop of {self.definition.type} there{_hint(step.key, known)}"
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


# -- words


def _hint(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a word that is not known."""
    return near(word, known) or "."


def _known(said: dict[Text, Spec], known: Iterable[str], what: str) -> None:
    for key in said:
        if key not in known:
            raise wrong(key, "HUB-3301", f'{what} has no "{key}"{_hint(key, known)} It may have: {", ".join(known)}.')


def _key(said: dict[Text, Spec], word: str) -> Text:
    return next(key for key in said if key == word)


def _one_of(value: Spec | None, known: Iterable[str], what: str) -> str | None:
    if value is None:
        return None
    text = as_text(value, what)
    if text not in known:
        raise wrong(text, "HUB-3301", f'"{text}" is not one of {", ".join(known)}{_hint(text, known)}')
    return str(text)


def _listed(value: Spec) -> list[Text]:
    return [as_text(each, "An entry of a list") for each in (value if isinstance(value, list) else [value])]


def _texts(value: Spec | None, at: Text) -> tuple[str, ...]:
    if value is None:
        return ()
    found = tuple(str(each) for each in _listed(value))
    if not found:
        raise wrong(at, "HUB-3301", f"the list of values for {at} is empty; write use: forbidden to leave it unused")
    return found


def _number(said: dict[Text, Spec], word: str) -> int | None:
    value = said.get(Text(word))
    if value is None:
        return None
    text = as_text(value, word)
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise wrong(text, "HUB-3301", f'{word} is "{text}", and must be a whole number')
    return int(text)


def _length(said: dict[Text, Spec]) -> tuple[int, int] | None:
    value = said.get(Text("length"))
    if value is None:
        return None
    text = as_text(value, "length")
    match = _LENGTH.fullmatch(text)
    if match is None or int(match[1] or match[2]) > int(match[2]):
        raise wrong(text, "HUB-3301", f'length is "{text}", and must be like 1..10, or 10 for exactly ten')
    return int(match[1] or match[2]), int(match[2])


def _element_def(text: Text) -> ElementDef:
    match = _ELEMENT.fullmatch(text)
    if match is None:
        says = f'"{text}" is no element; write it like "AN 1..30", "ID 2", "an..35", with " mandatory" behind it'
        raise wrong(text, "HUB-3301", says)
    kind, least, most = match[1], match[2], int(match[3])
    exact = ".." not in text
    first = most if exact else int(least or 1)
    return ElementDef(id="", type=kind, min=first, max=min(most, UNLIMITED), mandatory=bool(match[4]))


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
