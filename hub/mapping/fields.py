"""What the canonical structs hold, for the compiler of mappings."""

import types
import typing
from functools import cache
from typing import Any

import msgspec

from hub.mapping.spec import Text, near, wrong

NEVER_TOLD = frozenset({"ext", "id", "account", "kind_scheme", "kind_list"})
"""Fields that nobody misses in another format: the hub's own, and whose list a code was of that is a word here."""


@cache
def hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def field_type(cls: Any, name: Text) -> Any:
    """The annotation of a field. ConfigError HUB-3005: there is none of that name."""
    if not is_struct(cls):
        raise wrong(name, "HUB-3006", f'there is no "{name}" in a plain value')
    known = hints(cls)
    if str(name) not in known:
        raise wrong(name, "HUB-3005", f'{cls.__name__} has no field "{name}"{near(name, known)}')
    return known[str(name)]


def is_list(kind: Any) -> bool:
    return typing.get_origin(kind) is list


def inner(kind: Any) -> Any:
    """The type inside of list[..] and .. | None."""
    if typing.get_origin(kind) is list:
        return inner(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(kind) if part is not type(None)]
        return inner(parts[0]) if len(parts) == 1 else kind
    return kind


def is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


@cache
def required(cls: type) -> tuple[str, ...]:
    """The fields a struct cannot be made without."""
    return tuple(field.name for field in msgspec.structs.fields(cls) if field.required)


def word_of(kind: Any) -> str:
    """What a type is called: "moment", "whole number"."""
    names = {str: "text", int: "whole number"}
    return names.get(kind) or getattr(kind, "__name__", str(kind)).lower()
