"""Records: small classes of named fields, which cost next to nothing to load.

To whoever asks (msgspec, dataclasses.fields, ..) a record is a dataclass with slots. `dataclasses` itself takes as long
to load as the interpreter takes to start, so it is loaded only then; and so is `typing`, half as long.
"""

from __future__ import annotations

import sys
from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar, dataclass_transform

    _R = TypeVar("_R", bound="Record")
else:

    def dataclass_transform():
        return lambda kind: kind


class _Fields:
    """The dataclass fields of a record, made when somebody first asks for them."""

    def __get__(self, instance: object, kind: type[Record]) -> dict[str, Any]:
        from dataclasses import field, make_dataclass

        rows: list[Any] = []
        for name, type_ in kind.__annotations__.items():
            if isinstance(type_, str) and type_.isidentifier():
                # One that its module makes when it is asked for.
                type_ = kind.__annotations__[name] = getattr(sys.modules[kind.__module__], type_)
            if name not in kind._defaults:
                rows.append((name, type_))
            elif name in kind._fresh:
                rows.append((name, type_, field(default_factory=type(kind._defaults[name]))))
            else:
                rows.append((name, type_, field(default=kind._defaults[name])))
        made: dict[str, Any] = make_dataclass(kind.__name__, rows, kw_only=True).__dict__["__dataclass_fields__"]
        kind.__dataclass_fields__ = made
        return made


class _Kind(type):
    """Makes the class of a record from the names in its body."""

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        *,
        eq: bool = True,
        frozen: bool = False,
        unsafe_hash: bool = False,
        kw_only: bool = False,
    ) -> _Kind:
        if bases:
            names = tuple(body.get("__annotations__", ()))
            defaults = {each: body.pop(each) for each in names if each in body}
            fresh = tuple(each for each, value in defaults.items() if isinstance(value, list | dict))
            slots = (*names, "_hash") if frozen else names
            body |= {"__slots__": slots, "_names": names, "_defaults": defaults, "_fresh": fresh}
            body["__dataclass_fields__"] = _Fields()
            if eq:
                hashed = _kept_hash if frozen else _hashed if unsafe_hash else None
                body |= {"_values": attrgetter(*names), "__eq__": _equals, "__hash__": hashed}
        return super().__new__(cls, name, bases, body)

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any], **_: bool) -> None:
        super().__init__(name, bases, body)


def _equals(self: Any, other: Any) -> bool:
    return self._values(self) == other._values(other) if type(other) is type(self) else NotImplemented


def _hashed(self: Any) -> int:
    return hash(self._values(self))


def _kept_hash(self: Any) -> int:
    try:
        known: int = self._hash
    except AttributeError:
        known = self._hash = _hashed(self)
    return known


@dataclass_transform()
class Record(metaclass=_Kind):
    """The base of all records. Class keywords as of a dataclass: eq, unsafe_hash, frozen, kw_only; over the last two
    only the type checker watches.

    Default lists and dictionaries are made anew for each. A record of which very many are made has an __init__ of its
    own, which is several times as fast.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        _names: tuple[str, ...]
        _defaults: dict[str, Any]
        _fresh: tuple[str, ...]
        __dataclass_fields__: dict[str, Any]

    def __init__(self, *given: Any, **named: Any) -> None:
        names = self._names
        values = {**self._defaults, **dict(zip(names, given, strict=False)), **named}
        if wrong := values.keys() ^ set(names):
            text = f"{type(self).__name__} has no value for a field, or one for a field it has not"
            raise TypeError(f"{text}: {', '.join(sorted(wrong))}")
        for name, value in values.items():
            setattr(self, name, value)
        for name in self._fresh:
            if name not in named and len(given) <= names.index(name):
                setattr(self, name, type(self._defaults[name])())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in as_dict(self).items())})"


def as_dict(record: Record, /) -> dict[str, Any]:
    """The fields of a record by name, as they are."""
    return {name: getattr(record, name) for name in record._names}


def replace(record: _R, /, **changes: Any) -> _R:
    """A copy of a record in which some fields are others. TypeError: it has no such field."""
    if wrong := changes.keys() - set(record._names):
        raise TypeError(f"{type(record).__name__} has no field {', '.join(sorted(wrong))}")
    made: _R = object.__new__(type(record))
    for name in record._names:
        setattr(made, name, changes[name] if name in changes else getattr(record, name))
    return made
