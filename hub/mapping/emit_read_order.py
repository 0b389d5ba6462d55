"""In which order a reader asks what a loop has: what is usual first, the rest only where something is left."""

from collections.abc import Callable, Sequence

from hub.mapping.plan import Block, Claim
from hub.schema import Slot

_USUAL = frozenset(
    ["DTM", "IMD", "MEA", "MOA", "N1", "N3", "N4", "NAD", "PIA", "PID", "PRI", "QTY", "REF", "RFF", "SN1"]
)
"""What most loops of most messages are made of."""


def usual_first(slots: list[Slot], is_fixed: Callable[[Slot], bool]) -> int:
    """Puts those in front that messages usually have, so that the others are asked for where something is left; how
    many. is_fixed: whether a slot must stay behind those before it.
    """
    usual = [slot for slot in slots if slot.tag in _USUAL and not is_fixed(slot)]
    if len(slots) < len(usual) + 3:
        return 0
    first = {slot.key for slot in usual}
    slots.sort(key=lambda slot: slot.key not in first)
    return len(usual)


def is_many(claims: Sequence[Claim]) -> bool:
    """Whether texts of several segments may make one list, in their order."""
    return any(rule.many for claim in claims for rule in claim.rules)


def has_many(block: Block) -> bool:
    """The same of all that is read of a loop passed through."""
    inner = [has_many(sub.block) for subs in block.subs.values() for sub in subs]
    return any(inner) or any(map(is_many, block.claims.values()))
