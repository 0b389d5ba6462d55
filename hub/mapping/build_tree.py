"""From a resolved spec to the rule table of a JSON mapping."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hub.canonical import DOCUMENTS, Moment
from hub.mapping import values
from hub.mapping.codec import Codec, make_codec
from hub.mapping.codes import CodeTable, table
from hub.mapping.computed import ComputedNote, how_computed
from hub.mapping.crosswalk import free_table
from hub.mapping.fields import field_type, inner, is_list, is_struct, word_of
from hub.mapping.spec import Spec, Text, as_mapping, as_text, near, wrong
from hub.mapping.tree import Step, TreeEach, TreeRule, TreeScope, steps
from hub.mapping.tree_computed import Computed, TreeComputed
from hub.mapping.values import Refused

TOP = {
    "mapping", "versions", "document", "extends", "codes", "fields", "read", "write", "fixed", "active_from",
    "inside", "marks", "shape", "given", "computed",
}  # fmt: skip
_RESERVED = {"each", "set", "when", "read", "write"}


class TreeBuilder:
    """keys: what may stand at the top of a mapping of its kind."""

    keys = TOP
    scalar = False
    """Whether every place holds one value, so that a list needs as many."""

    def __init__(
        self, standard: str, spec: dict[Text, Spec], shared: dict[str, CodeTable],
        over: Callable[[str, CodeTable | None], CodeTable | None], hooks: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:  # fmt: skip
        """hooks: the functions of the `.py` files beside the mapping."""
        self.over = over
        self.hooks = hooks
        self.standard = standard
        self.spec = spec
        self.shared = shared
        self.own = {
            str(name): table(str(name), standard, body)
            for name, body in as_mapping(spec.get(Text("codes"), {}), "codes").items()
        }

    def build(self) -> TreeScope:
        for key in self.spec:
            if key not in self.keys:
                text = f'"{key}" is not a key of a mapping of {self.standard}{near(key, self.keys)}'
                raise wrong(key, "HUB-3010", text)
        document = as_text(self.spec.get(Text("document")), "document", self.spec)
        if str(document) not in DOCUMENTS:
            raise wrong(document, "HUB-3018", f'there is no document "{document}"{near(document, DOCUMENTS)}')
        shape = as_text(self.spec.get(Text("shape"), Text("read write")), "shape", self.spec)
        if len(shape.split()) != 2:
            raise wrong(shape, "HUB-3011", "`shape` names two functions: one for reading, one for writing")
        body = dict(as_mapping(self.spec.get(Text("fields")), "fields", self.spec))
        for key in (Text("read"), Text("write")):
            if key in self.spec:
                body[key] = self.spec[key]
        scope = self._scope(DOCUMENTS[str(document)], body)
        for place, value in as_mapping(self.spec.get(Text("fixed"), {}), "fixed").items():
            rule = self._rule((), str, place, place)
            rule.constant = str(as_text(value, "A fixed value", place))
            scope.rules.append(rule)
        self.computed = Computed([
            self._computed(place, as_text(text, "A computed value", place), scope.cls)
            for place, text in as_mapping(self.spec.get(Text("computed"), {}), "computed").items()
        ])  # fmt: skip
        return scope

    def _computed(self, place: Text, text: Text, document: type) -> TreeComputed:
        how, *codec = text.split(" | ")
        function, word, if_present = how_computed(text.like(how), document)
        if function == "structure" or word.isupper():
            raise wrong(text, "HUB-3011", f"`{how}` is of segments; say `count lines`, `sum lines.quantity.value`")
        codec = codec or ["decimal" if self.scalar else "number"]
        rule = self._rule((), Decimal, place.like(" | ".join([place, *codec])), text)
        where = f"{text.file}:{text.line}:{text.column}"
        return TreeComputed(rule, ComputedNote(str(place), function, word, if_present, where, 0, None))

    def way(self, source: Text) -> list[Step]:
        """The steps of a place. HUB-3002: it is none."""
        found = steps(source.strip())
        if found is None:
            raise wrong(source, "HUB-3002", f'"{source}" is not a place; a place looks like customer/name')
        return found

    def _scope(self, cls: type, body: dict[Text, Spec]) -> TreeScope:
        scope = TreeScope(cls)
        for name, value in body.items():
            if name == "read":
                for path, text in as_mapping(value, "read", name).items():
                    scope.rules.append(self._read_only(cls, path, as_text(text, "A read rule", path)))
            elif name == "write":
                for place, text in as_mapping(value, "write", name).items():
                    scope.rules.append(self._write_only(cls, place, as_text(text, "A write rule", place)))
            elif name not in _RESERVED:
                self._field(scope, (str(name),), field_type(cls, name), value)
        return scope

    def _field(self, scope: TreeScope, path: tuple[str, ...], kind: Any, value: Spec) -> None:
        if isinstance(value, Text):
            rule = self._rule(path, inner(kind), value, value)
            rule.many = is_list(kind)
            scope.rules.append(rule)
            if rule.many and self.scalar:
                self._share(scope, path)
        elif isinstance(value, list):
            for entry in value:
                self._field(scope, path, kind, entry)
            self._share(scope, path)
        elif "each" in value:
            self._each(scope, path, kind, value)
        else:
            if not is_struct(inner(kind)) or is_list(kind):
                slip = near("each", value).replace("did you mean", "is this `each`:")
                text = f"{'.'.join(path)} has no parts; a list of parts needs `each`{slip}"
                raise wrong(value, "HUB-3006", text)
            for name, part in value.items():
                self._field(scope, (*path, str(name)), field_type(inner(kind), name), part)

    def _share(self, scope: TreeScope, path: tuple[str, ...]) -> None:
        """Several rules of one list hold one value each."""
        rules = [rule for rule in scope.rules if rule.path == path and rule.many]
        for number, rule in enumerate(rules):
            rule.part, rule.parts = number, len(rules)

    def _each(self, scope: TreeScope, path: tuple[str, ...], kind: Any, body: dict[Text, Spec]) -> None:
        if not is_list(kind) or not is_struct(inner(kind)):
            raise wrong(body, "HUB-3008", f"{'.'.join(path)} is no list of parts, so `each` has no meaning")
        source = as_text(body[Text("each")], "each")
        plain = source.removesuffix("#1")
        way = self.way(source.like(plain))
        sets = as_mapping(body.get(Text("set"), {}), "set")
        for name in sets:
            field_type(inner(kind), name)
        when = [
            (tuple(name.split(".")), str(as_text(value, "A value of when", name)))
            for name, value in as_mapping(body.get(Text("when"), {}), "when").items()
        ]
        inside = self._scope(inner(kind), body)
        pairs = [(str(name), str(as_text(value, "A value of set", name))) for name, value in sets.items()]
        for field, value in pairs:
            constant = TreeRule(source, (field,), [], _plain_codec(), str, one_way="read", constant=value)
            inside.rules.append(constant)
        scope.eachs.append(TreeEach(path, way, plain != source, not way, pairs, when, inside))

    def _rule(self, path: tuple[str, ...], kind: type, text: Text, at: Text) -> TreeRule:
        source, *modifiers = text.split(" | ")
        if source.startswith("="):
            raise wrong(at, "HUB-3021", "a constant is one-way; write it under `read:` or `write:`, or use `set`")
        places = [self.way(at.like(part)) for part in source.split(" + ")]
        default, omit = None, False
        fill: tuple[int, str] | None = None
        codec: Codec | None = None
        native: tuple[Any, Any] | None = None
        moments: tuple[Any, Any] | None = None
        for modifier in (word.strip() for word in modifiers):
            name, *words = modifier.split()
            if name == "default":
                omit = words[-1:] == ["omit"]
                default = " ".join(words[: -1 if omit else None])
            elif modifier == "number":
                native = (_number, _write_number) if kind is Decimal else (_text, values.whole)
            elif name == "flag":
                if len(words) not in (0, 2):
                    raise wrong(at, "HUB-3011", "`flag` takes a word for true and one for false, as in `flag yes no`")
                native = _flag(*(words or ("true", "false")))
            elif modifier in _FRACTIONS:
                native = _FRACTIONS[modifier]
            elif modifier in _MOMENTS:
                moments = _MOMENTS[modifier]
            elif name == "pad" and codec is not None:
                fill = _fill(at, words)
            else:
                codec = make_codec(at.like(modifier), source, self.standard, self._table)
        codec = codec or _plain_codec()
        rule = TreeRule(at, path, places, codec, kind, default, omit)
        if moments is not None:
            if kind is not Moment:
                raise wrong(at, "HUB-3008", f"{'.'.join(path)} is no moment")
            rule.read, rule.write = moments
        elif native is not None:
            rule.read, rule.write = native
        else:
            self._bind(rule)
        if fill is not None:
            rule.read, rule.write = _padded(rule.read, rule.write, *fill)
        return rule

    def _bind(self, rule: TreeRule) -> None:
        """Gives the rule its codec's functions."""
        codec = rule.codec
        if codec.name in ("text", "raw"):
            if rule.kind is not str:
                fits = {Moment: "iso", Decimal: "number", int: "number"}.get(rule.kind)
                named = f"; name a codec, as in `| {fits}`" if fits else ", so its parts need places of their own"
                raise wrong(rule.at, "HUB-3008", f"{'.'.join(rule.path)} is a {word_of(rule.kind)} and no text{named}")
            rule.read, rule.write = _text, _text
            return
        if codec.name == "int":
            rule.read, rule.write = _whole, _same
            return
        if codec.python not in (rule.kind, object):
            name = ".".join(rule.path)
            if is_struct(rule.kind) and rule.kind is not Moment:
                parts = ", ".join(f"{part}: .." for part in rule.kind.__struct_fields__[:2])  # type: ignore[attr-defined]
                raise wrong(rule.at, "HUB-3008", f"{name} has parts, each with a place: {{{parts}}}")
            text = f"{name} is a {word_of(rule.kind)}, and `{codec.name}` gives a {word_of(codec.python)}"
            raise wrong(rule.at, "HUB-3008", text)
        names = {name: value for name, value in vars(values).items() if not name.startswith("__")}
        if codec.table is not None:
            names |= {"WORDS": {codec.table.name: codec.table.words}, "BACK": {codec.table.name: codec.table.back}}
        if codec.name.startswith("call "):
            names["HOOKS"] = self._functions(rule)
        raws = [f"r{index}" for index in range(len(rule.places))]
        reader = eval(f"lambda {', '.join(raws)}: {codec.read(raws)}", names)  # noqa: S307 - source from codecs, not data
        rule.read = lambda *parts: reader(*("" if part is None else _text(part) for part in parts))
        rule.write = eval(f"lambda v: {codec.write('v')}", names)  # noqa: S307 - source from codecs, not data

    def _functions(self, rule: TreeRule) -> Mapping[str, Any]:
        """HUB-3022: the file beside the mapping lacks a function the rule calls."""
        hooks = self.hooks()
        for name in rule.codec.name.split()[1:]:
            if not callable(hooks.get(name)):
                text = f'the file beside the mapping has no function "{name}"{near(name, hooks)}'
                raise wrong(rule.at, "HUB-3022", text)
        return hooks

    def _table(self, name: str, at: Text) -> CodeTable:
        found = self.over(name, self.own.get(name) or self.shared.get(name)) or free_table(name, self.standard)
        if found is None:
            raise wrong(at, "HUB-3012", f'no code table "{name}"{near(name, [*self.own, *self.shared])}')
        return found

    def _read_only(self, cls: type, path: Text, text: Text) -> TreeRule:
        names = tuple(path.split("."))
        kind: Any = cls
        for name in names:
            kind = field_type(inner(kind), path.like(name))
        if text.startswith("="):
            return TreeRule(text, names, [], _plain_codec(), str, one_way="read", constant=text[1:])
        rule = self._rule(names, inner(kind), text, text)
        rule.one_way = "read"
        return rule

    def _write_only(self, cls: type, place: Text, text: Text) -> TreeRule:
        source, *modifiers = text.split(" | ")
        if source.startswith("="):
            rule = self._rule((), str, place, text)
            rule.constant = source[1:]
        else:
            names = tuple(source.strip().split("."))
            kind: Any = cls
            for name in names:
                kind = field_type(inner(kind), text.like(name))
            rule = self._rule(names, inner(kind), text.like(" | ".join([place, *modifiers])), text)
        rule.one_way = "write"
        return rule


def _fill(at: Text, words: list[str]) -> tuple[int, str]:
    width, mark = words[0] if words else "", words[1] if len(words) > 1 else "0"
    if not width.isdigit() or len(mark) != 1:
        raise wrong(at, "HUB-3011", "`pad` takes a width and a character, as in `pad 9 0`")
    return int(width), mark


def _padded(read: Any, write: Any, width: int, mark: str) -> tuple[Any, Any]:
    """A codec behind the characters that fill its place from the left."""
    return (
        lambda raw: read(_text(raw).lstrip(mark) or mark),
        lambda value: str(write(value)).rjust(width, mark),
    )


def _plain_codec() -> Codec:
    return make_codec(Text("text"), "", "json", lambda name, at: CodeTable(name, "json", None, {}, {}))


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool | dict | list):
        raise Refused("HUB-3204", f"{value!r} is no text", "a JSON string")
    return value if isinstance(value, str) else str(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Refused("HUB-3204", f"{value!r} is not a number", "a JSON number")
    return values.decimal(str(value)) if isinstance(value, str) else Decimal(value)


def _write_number(value: Decimal) -> Any:
    return int(value) if value == value.to_integral_value() and "." not in str(value) else value


def _flag(yes: str, no: str) -> tuple[Any, Any]:
    """A JSON boolean as one of two words."""

    def read(value: Any) -> str:
        if not isinstance(value, bool):
            raise Refused("HUB-3204", f"{value!r} is neither true nor false", "a JSON boolean")
        return yes if value else no

    def write(value: str) -> bool:
        if value not in (yes, no):
            raise Refused("HUB-3220", f'"{value}" is neither {yes} nor {no}')
        return value == yes

    return read, write


def _percent(value: Any) -> Decimal:
    """A share of one, as percent."""
    return (_number(value) * 100).normalize() + 0


def _write_share(value: Decimal) -> Any:
    return _write_number((value / 100).normalize() + 0)


_FRACTIONS: dict[str, tuple[Any, Any]] = {
    "fraction": (_percent, _write_share),
    "fraction text": (_percent, lambda value: str(_write_share(value))),
}
"""Codecs of shares that are percent in documents: how they are read and written."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _from_epoch(value: Any) -> Moment:
    """Milliseconds since 1970 in UTC."""
    try:
        at = _EPOCH + timedelta(milliseconds=values.whole(_text(value)))
    except OverflowError:
        raise Refused("HUB-3203", f"{value} is no moment", "milliseconds since 1970") from None
    time = at.strftime("%H:%M:%S") + (f".{at.microsecond // 1000:03}" if at.microsecond else "")
    return Moment(date=at.strftime("%Y-%m-%d"), time=time, zone="UTC")


def _to_epoch(value: Moment) -> int:
    return (datetime.fromisoformat(_write_instant(value)) - _EPOCH) // timedelta(milliseconds=1)


def _from_instant(value: Any) -> Moment:
    """Fractions of a second that are none are left out: other standards have no place for them."""
    at = values.iso(_text(value))
    whole, _, fraction = (at.time or "").partition(".")
    return Moment(date=at.date, time=whole, zone=at.zone) if fraction and not int(fraction) else at


def _write_instant(value: Moment) -> str:
    """RFC 3339, with seconds and zone: a date alone is its first moment, and what has no zone is in UTC."""
    time = value.time or "00:00:00"
    whole = f"{time}:00" if time.count(":") == 1 else time
    return values.write_iso(Moment(date=value.date, time=whole, zone=value.zone or "UTC"))


_MOMENTS: dict[str, tuple[Any, Any]] = {
    "epoch": (_from_epoch, _to_epoch),
    "iso instant": (_from_instant, _write_instant),
}
"""The same of moments."""


def _whole(value: Any) -> int:
    return values.whole(_text(value))
