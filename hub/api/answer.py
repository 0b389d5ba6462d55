"""Answers: msgspec makes the JSON, and describes it in OpenAPI."""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import Response

REFERENCE = "#/components/schemas/{name}"


def answer(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def answers(kind: type[msgspec.Struct] | None = None, *, status: int = 200, media_type: str = "") -> dict[str, Any]:
    """The arguments of a route that answers with that shape (or with bytes of the media type), or with an error."""
    content: dict[str, Any] = {media_type or "application/json": {}}
    if kind is not None:
        content = {"application/json": {"schema": {"$ref": REFERENCE.format(name=kind.__name__)}}}
    error = {"application/json": {"schema": {"$ref": REFERENCE.format(name="ErrorAnswer")}}}
    return {
        "status_code": status,
        "responses": {
            status: {"description": "what was asked for", "content": content},
            "default": {"description": "why not, and what to do", "content": error},
        },
    }


def components(kinds: Sequence[type[msgspec.Struct]]) -> dict[str, Any]:
    """The OpenAPI schemas of these shapes and of all they are made of."""
    return msgspec.json.schema_components(kinds, ref_template=REFERENCE)[1]
