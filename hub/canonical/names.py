"""Names that the model does not have: decoding passes over them, and whoever wrote them would not be told."""

from difflib import get_close_matches
from typing import cast

import msgspec

from hub.canonical.documents import DOCUMENTS
from hub.errors import DataError


def names_document(body: object) -> bool:
    """Whether JSON says that it is a canonical document: {"document": "Order", ..}."""
    return isinstance(body, dict) and body.get("document") in DOCUMENTS


def refuse_unknown(body: object, part: object, path: str = "$") -> None:
    """A name the model does not have would be dropped unsaid. DataError HUB-3101: there is one."""
    if isinstance(part, msgspec.Struct) and isinstance(body, dict):
        config = part.__struct_config__
        for name, value in cast(dict[str, object], body).items():
            if name in part.__struct_encode_fields__:
                field = part.__struct_fields__[part.__struct_encode_fields__.index(name)]
                refuse_unknown(value, getattr(part, field), f"{path}.{name}")
            elif name != config.tag_field:
                near = get_close_matches(name, part.__struct_encode_fields__, 1)
                hint = f'; did you mean "{near[0]}"?' if near else "."
                raise DataError("HUB-3101", f'{type(part).__name__} has no field "{name}" (at {path}){hint}')
    elif isinstance(part, list | tuple) and isinstance(body, list):
        for number, (one, its) in enumerate(zip(body, part, strict=False)):
            refuse_unknown(one, its, f"{path}[{number}]")
