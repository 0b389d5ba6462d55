"""What an element of an XML vocabulary may hold, and in which order (built by scripts/build_content_models.py)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "content"


@dataclass(frozen=True)
class Child:
    """position: its rank among the children. most None: any number."""

    position: int
    least: int
    most: int | None


@dataclass(frozen=True)
class ContentModel:
    """Of one vocabulary. Names carry the prefixes of its usual spelling (cbc, cac, ext)."""

    name: str
    roots: Mapping[str, str]
    types: Mapping[str, Mapping[str, Child]]
    elements: Mapping[str, str]
    attributes: Mapping[str, tuple[str, ...]]

    def children(self, tag: str) -> Mapping[str, Child] | None:
        """The children an element or root may have; None: it holds text."""
        kind = self.roots.get(tag) or self.elements.get(tag)
        return None if kind is None else self.types.get(kind)


@cache
def content_model(name: str) -> ContentModel | None:
    """The model of that name ("ubl-2.1"); None: there is none here."""
    path = _FOLDER / f"{name}.json"
    if not path.is_file():
        return None
    raw = json.loads(path.read_text("utf-8"))
    types = {
        kind: {tag: Child(position, least, most) for position, (tag, least, most) in enumerate(children)}
        for kind, children in raw["types"].items()
    }
    attributes = {tag: tuple(names.split()) for tag, names in raw["attributes"].items()}
    return ContentModel(name, raw["roots"], types, raw["elements"], attributes)


def content_bytes(name: str) -> bytes:
    """The file a model is read from, for digests; empty where there is none."""
    path = _FOLDER / f"{name}.json"
    return path.read_bytes() if path.is_file() else b""
