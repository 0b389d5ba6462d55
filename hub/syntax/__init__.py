"""Bytes to interchanges, messages and segments, and back; XML and JSON as trees. No meaning of fields."""

from hub.syntax.cutter import cut
from hub.syntax.detect import detect
from hub.syntax.json import read_json, write_json
from hub.syntax.model import (
    EDIFACT_SEPARATORS,
    X12_SEPARATORS,
    Element,
    Group,
    Interchange,
    Message,
    MessageSpan,
    Segment,
    Separators,
)
from hub.syntax.pack import Most, pack
from hub.syntax.parser import elements, parse
from hub.syntax.writer import Envelope, OutGroup, OutMessage, write
from hub.syntax.xml import read_xml, write_xml

__all__ = [
    "EDIFACT_SEPARATORS",
    "X12_SEPARATORS",
    "Element",
    "Envelope",
    "Group",
    "Interchange",
    "Message",
    "MessageSpan",
    "Most",
    "OutGroup",
    "OutMessage",
    "Segment",
    "Separators",
    "cut",
    "detect",
    "elements",
    "pack",
    "parse",
    "read_json",
    "read_xml",
    "write",
    "write_json",
    "write_xml",
]
