"""partner.toml and hub.toml -> models, with every fault at its line and column."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from types import UnionType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hub.errors import ConfigError
from hub.partner.file import HubFile, PartnerFile, name_fault
from hub.partner.place import TomlFile
from hub.partner.suggest import nearest, suggestion
from hub.partner.table import Table
from hub.partner.toml import Path

Model = TypeVar("Model", bound=BaseModel)

_TYPES = {
    "string_type": 'text in quotes: "..."',
    "list_type": 'a list: ["..."]',
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "a table",
    "model_type": "a table",
    "date_type": "a date without quotes: 2026-03-01",
    "time_delta_type": 'a duration in quotes: "24h"',
}


def read_partner(text: str, file: str) -> PartnerFile:
    """A partner.toml; the partner's id is the name of the folder in `file`. ConfigError: the first fault in it."""
    toml = TomlFile(text, file)
    partner = validate(PartnerFile, toml.content, toml)
    partner._id = PurePosixPath(file).parent.name
    if faults := _folder_faults(toml):
        raise faults[0]
    partner._toml = toml
    return partner


def read_hub(text: str, file: str = "hub.toml") -> HubFile:
    """A hub.toml. ConfigError: the first fault in it."""
    toml = TomlFile(text, file)
    hub = validate(HubFile, toml.content, toml)
    hub._toml = toml
    return hub


def partner_faults(text: str, file: str) -> list[ConfigError]:
    """Every fault of a partner.toml by itself, in the order of the file."""
    try:
        toml = TomlFile(text, file)
    except ConfigError as error:
        return [error]
    return _folder_faults(toml) + _file_faults(PartnerFile, toml)


def hub_faults(text: str, file: str = "hub.toml") -> list[ConfigError]:
    """Every fault of a hub.toml by itself, in the order of the file."""
    try:
        toml = TomlFile(text, file)
    except ConfigError as error:
        return [error]
    return _file_faults(HubFile, toml)


def _folder_faults(toml: TomlFile) -> list[ConfigError]:
    fault = name_fault(PurePosixPath(toml.file).parent.name)
    return [toml.error("HUB-4005", f"the partner's folder: {fault}")] if fault else []


def _file_faults(model: type[Table], toml: TomlFile) -> list[ConfigError]:
    try:
        model.model_validate(toml.content)
    except ValidationError as error:
        return faults_of(error, model, toml)
    return []


def validate(model: type[Model], content: Mapping[str, Any], toml: TomlFile, path: Path = ()) -> Model:
    """A table's content as a model; path: where the table stands in the file. ConfigError: its first fault."""
    try:
        return model.model_validate(dict(content))
    except ValidationError as error:
        raise faults_of(error, model, toml, path)[0] from None


def faults_of(error: ValidationError, model: type[BaseModel], toml: TomlFile, path: Path = ()) -> list[ConfigError]:
    """What pydantic found, as sentences with places, in the order of the file."""
    found_all = error.errors(include_url=False)
    misspelt = {
        (*found["loc"][:-1], meant)
        for found in found_all
        if found["type"] == "extra_forbidden" and (meant := _meant(found, model))
    }
    faults = [
        _fault(found, model, toml, path)
        for found in found_all
        if not (found["type"] == "missing" and found["loc"] in misspelt)
    ]
    return sorted(faults, key=lambda fault: (fault.line or 0, fault.column or 0))


def _meant(found: ErrorDetails, model: type[BaseModel]) -> str | None:
    """The key that an unknown one was meant to be."""
    return nearest(str(found["loc"][-1]), _keys_at(model, found["loc"][:-1]))


def _fault(found: ErrorDetails, model: type[BaseModel], toml: TomlFile, above: Path) -> ConfigError:
    path: Path = (*above, *(part for part in found["loc"] if part != "[key]"))
    key = str(path[-1]) if path else ""
    kind = found["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, found["loc"][:-1])
        hint = suggestion(key, known) or f"; it can hold {', '.join(known)}"
        message = f'the key "{key}" is unknown {_inside(path[:-1])}{hint}'
        return toml.error("HUB-4002", message, path, at_key=True)
    if kind == "missing":
        return toml.error("HUB-4003", f'the key "{key}" is missing {_inside(path[:-1])}; add it', path)
    name = _name(path)
    if kind in _TYPES:
        return toml.error("HUB-4004", f"{name} is {_shown(found['input'])}, expected {_TYPES[kind]}", path)
    if kind == "literal_error":
        allowed = _literals(found)
        message = f"{name} is {_shown(found['input'])}, expected {_one_of(allowed)}"
        return toml.error("HUB-4005", message + suggestion(str(found["input"]), allowed), path)
    if kind == "value_error":
        at_key = found["loc"][-1:] == ("[key]",)
        return toml.error("HUB-4005", f"{name}: {found['ctx']['error']}", path, at_key=at_key)
    if kind == "inline_secret":
        path = (*path, *found["ctx"]["path"])
        message = f'{_name(path)} holds a secret itself; write "secret:<name>" and keep the value in the environment'
        return toml.error("HUB-4007", f"{message} variable HUB_SECRET_<NAME> or in the file var/secrets/<name>", path)
    return toml.error("HUB-4005", f"{name} is {_shown(found['input'])}: {found['msg'].lower()}", path)


def _keys_at(model: type[BaseModel], location: Iterable[str | int]) -> list[str]:
    """The keys the table at a location of pydantic's takes."""
    at: Any = model
    for part in location:
        at = _table_in(at)
        at = _fields(at).get(str(part)) if isinstance(at, type) else at.__args__[-1]
    return list(_fields(_table_in(at)))


def _table_in(annotation: Any) -> Any:
    """The table, list or dict in an annotation that may be .. | None."""
    if isinstance(annotation, UnionType):
        return next(one for one in annotation.__args__ if one is not type(None))
    return annotation


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _literals(found: ErrorDetails) -> list[str]:
    """The values of a Literal, out of pydantic's "'a', 'b' or 'c'"."""
    expected = str(found["ctx"]["expected"])
    return [word.strip("' ") for word in expected.replace(" or ", ", ").split(", ")]


def _one_of(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _inside(path: Path) -> str:
    return f"in {_name(path)}" if path else "at the top of the file"


def _name(path: Path) -> str:
    """A path for a person: agreement 2, separators.element."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f" {part + 1}"
        else:
            words += f", {part}" if words and words[-1].isdigit() else f".{part}" if words else str(part)
    return words or "the file"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return str(value)
