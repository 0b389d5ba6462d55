"""What mappings hand back: documents read, messages and payloads written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hub.canonical import Document
from hub.errors import Finding
from hub.syntax.model import Element, apart


@dataclass
class Reading:
    """What a message was read into. document is None where a finding of severity error or reject stands in the way;
    number is then what it would have had for its own, where a payload without segments tells it."""

    document: Document | None
    findings: list[Finding] = field(default_factory=list)
    number: str = ""


@dataclass
class Writing:
    """A message without ST/SE or UNH/UNT. lines: its segments as an OutMessage takes them, joined or not."""

    lines: Sequence[Sequence[Element]]
    findings: list[Finding] = field(default_factory=list)
    joined: bool = False

    @cached_property
    def segments(self) -> list[list[Element]]:
        """Each a list of tag and unescaped elements."""
        return apart(self.lines)


@dataclass
class TreeWriting:
    """An object to be written as JSON."""

    tree: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Payload:
    """A payload as it is sent, and what of the document has no place in it."""

    body: bytes
    findings: list[Finding] = field(default_factory=list)
