"""What a message may hold: directories as data, the walk of a message along its definition, and the check."""

from hub.schema.check import check
from hub.schema.directory import definition
from hub.schema.model import ElementDef, Loop, MessageDef, Node, Positions, SegmentDef, Slot

__all__ = [
    "ElementDef",
    "Loop",
    "MessageDef",
    "Node",
    "Positions",
    "SegmentDef",
    "Slot",
    "check",
    "definition",
]
