"""Bytes to interchanges, messages and segments, and back; no meaning of fields.

XML and JSON are read as trees by hub.syntax.xml and hub.syntax.json.
"""

from hub.syntax.cutter import cut
from hub.syntax.detect import detect
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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.syntax.writer import Envelope, OutGroup, OutMessage, write
else:

    def __getattr__(name):
        """The writer is loaded when it is asked for: to read a payload takes none of it."""
        if name not in ("Envelope", "OutGroup", "OutMessage", "write"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from hub.syntax import writer

        return getattr(writer, name)


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
    "write",
]
