"""The provers in use, one for each definition, its separators and treatment of codes."""

from hub.schema.machine import machine_of
from hub.schema.model import MessageDef
from hub.syntax.model import Separators

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.schema.prove import Prover

_KEPT = 64

_provers: "dict[tuple[int, Separators, bool], Prover]" = {}


def prover_of(definition: MessageDef, separators: Separators, *, codes: bool) -> "Prover":
    """The prover of this very definition, separators and treatment of codes; the _KEPT used last are kept."""
    key = (id(definition), separators, codes)
    kept = _provers.pop(key, None)
    if kept is None or kept.definition is not definition:
        from hub.schema.prove import Prover

        if len(_provers) >= _KEPT:
            _provers.pop(next(iter(_provers)), None)
        kept = Prover(definition, separators, codes=codes)
    _provers[key] = kept
    return kept


def known_prover(definition: MessageDef, separators: Separators, *, codes: bool) -> "Prover | None":
    """The same, if there is one already."""
    kept = _provers.get((id(definition), separators, codes))
    return kept if kept is not None and kept.definition is definition else None


def prover_for(definition: MessageDef, separators: Separators, *, codes: bool) -> "Prover | None":
    """The prover that learns from the next message. None: it is the first of its definition, from which nothing is
    learned, since many a process checks no other.
    """
    machine = machine_of(definition)
    if not machine.met:
        machine.met = True
        return known_prover(definition, separators, codes=codes)
    return prover_of(definition, separators, codes=codes)
