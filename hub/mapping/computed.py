"""Places whose value is always made anew: counts, sums and checks of totals. Never stored, never taken from ext."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from hub.errors import Finding, finding
from hub.mapping.fields import field_type, inner
from hub.mapping.spec import Text, near, wrong
from hub.mapping.values import write_decimal


class ComputedNote(NamedTuple):
    """A `computed:` entry as generated modules carry it."""

    place: str
    function: str
    word: str
    if_present: bool
    where: str
    element: int
    component: int | None


def how_computed(text: Text, document: type) -> tuple[str, str, bool]:
    """Function, its word, and whether it is written only where the message had it. HUB-3005, HUB-3011."""
    words = text.split()
    if_present = words[-1:] == ["if_present"]
    function, *rest = words[:-1] if if_present else words or [""]
    if function not in ("count", "sum", "check", "structure") or len(rest) != 1:
        said = "say `count lines`, `sum lines.quantity.value`, `check invoice-total`, `structure HL`"
        raise wrong(text, "HUB-3011", f'"{text}" is not computed; {said}')
    [word] = rest
    if function == "check" and word not in CHECKS:
        raise wrong(text, "HUB-3011", f'there is no check "{word}"{near(word, CHECKS)}')
    if function in ("count", "sum") and not word.isupper():
        kind: Any = document
        for name in word.split("."):
            kind = field_type(inner(kind), text.like(name))
    return function, word, if_present


def compute(note: ComputedNote, document: Any, segments: Sequence[Sequence[Any]]) -> Decimal | None:
    """The value of a computed place for a document; segments: what is written so far (for counts of a segment's
    tag).
    """
    if note.function == "count":
        if note.word.isupper():
            return Decimal(sum(1 for segment in segments if segment[0] == note.word))
        return Decimal(len(_reach(document, note.word)))
    if note.function == "structure":
        return None
    if note.function == "sum":
        return sum((value for value in _reach(document, note.word) if value is not None), Decimal(0))
    return CHECKS[note.word](document)


def _reach(document: Any, path: str) -> list[Any]:
    """All values at a dotted path, lists opened on the way."""
    found: list[Any] = [document]
    for name in path.split("."):
        deeper: list[Any] = []
        for part in found:
            value = getattr(part, name) if part is not None else None
            deeper += value if isinstance(value, list) else [value]
        found = deeper
    return found


def _invoice_total(invoice: Any) -> Decimal | None:
    """Lines, charges, allowances and taxes of header and lines; None where a line has no amount to add."""
    total = Decimal(0)
    for line in invoice.lines:
        amount = line.amount
        if amount is None:
            if line.quantity is None or line.price is None:
                return None
            amount = line.quantity.value * line.price.amount / (line.price.per or 1)
        total += amount
    for part in [invoice, *invoice.lines]:
        for charge in part.charges:
            if charge.amount is not None:
                total += charge.amount if charge.kind == "charge" else -charge.amount
        total += sum((tax.amount for tax in part.taxes if tax.amount is not None), Decimal(0))
    return total.quantize(Decimal("0.01"))


def _lines_total(document: Any) -> Decimal | None:
    amounts = [line.amount for line in document.lines]
    return None if None in amounts else sum(amounts, Decimal(0))


STRUCTURES = {
    **dict.fromkeys(("S O P I", "S O T P I", "S O T I"), "0001"),
    **dict.fromkeys(("S O I P", "S O T I P"), "0002"),
    **dict.fromkeys(("S P O I", "S T P O I", "S T O I"), "0003"),
    "S O I": "0004",
}
"""X12 element 1005 by the order of the HL levels: shipment, order, pallet (tare), package, item. Pallets and packages
alike are its packaging; where orders stand between them it has no code."""

CHECKS: dict[str, Callable[[Any], Decimal | None]] = {"invoice-total": _invoice_total, "lines-total": _lines_total}


def differs(note: ComputedNote, raw: str, expected: Decimal, location: Any) -> Finding:
    return finding(
        "HUB-3206", f"{note.place} says {raw}, and {note.function} {note.word} gives {write_decimal(expected)}.",
        location=location, value=raw, expected=write_decimal(expected), rule=f"{note.where} {note.place}",
    )  # fmt: skip
