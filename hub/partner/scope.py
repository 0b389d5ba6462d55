"""Which counter a control number comes from: it belongs to the envelope's identities, not to an agreement.

X12.5 and X12.22 (ISA13, GS06), EDIFACT ISO 9735 (UNB 0020, UNG 0048). Test and production on the same identities share
one counter, because the receiver sees one sequence.
"""


def interchange_scope(standard: str, sender: str, receiver: str) -> str:
    """The counter of ISA13 or UNB 0020: "x12/interchange/ZZ:US/ZZ:THEM"."""
    return f"{standard}/interchange/{sender}/{receiver}"


def group_scope(standard: str, functional_id: str, sender: str, receiver: str) -> str:
    """The counter of GS06 (or UNG 0048), per GS01, GS02 and GS03: "x12/group/PO/US/THEM"."""
    return f"{standard}/group/{functional_id}/{sender}/{receiver}"
