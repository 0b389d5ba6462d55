"""Identities: one `qualifier:id` value, as ISA05-06, UNB S002 or the header of an XML document give it, with a group's
own identity behind a slash.

"ZZ:BIG" is an interchange's identity, whoever its groups are from; "ZZ:BIG/DIVISION7" only with GS02 (UNG 0040, UNB
0008) "DIVISION7". ":PLAIN" has no qualifier, as EDIFACT allows.
"""

from collections.abc import Iterable


def split_identity(identity: str) -> tuple[str, str]:
    """The interchange's identity and the group's ("" where none is named): ("ZZ:BIG", "DIVISION7")."""
    envelope, _, group = identity.partition("/")
    return envelope, group


def find_identity(identities: Iterable[str], envelope: str, group: str) -> str | None:
    """The identity that an envelope and a group carry, the one that names the group first; None: none of them."""
    plain = None
    for identity in identities:
        own_envelope, own_group = split_identity(identity)
        if own_envelope == envelope and own_group and own_group == group:
            return identity
        if own_envelope == envelope and not own_group:
            plain = identity
    return plain


def identity_fault(identity: str) -> str | None:
    """What is wrong with the form of an identity, as a sentence's end; None: nothing."""
    envelope, slash, group = identity.partition("/")
    qualifier, colon, id_ = envelope.partition(":")
    if not colon:
        return f'found "{identity}", expected a qualifier, a colon and an id: "ZZ:{identity}"'
    if not id_ or id_ != id_.strip() or qualifier != qualifier.strip() or (slash and not group.strip()):
        return f'found "{identity}", expected a qualifier, a colon and an id without spaces around them'
    return None


def envelope_fault(standard: str, identity: str) -> str | None:
    """Why an identity does not fit the envelope of a standard. X12: ISA05 two characters, ISA06 one to fifteen; EDIFACT
    S002: at most 4 and 35. XML has room for any: cXML's "NetworkId:AN01000000123", the "GS1:4012345000009" of GS1."""
    qualifier, _, id_ = split_identity(identity)[0].partition(":")
    if standard == "x12" and (len(qualifier) != 2 or len(id_) > 15):
        return f'"{identity}" does not fit an ISA: its qualifier has two characters and its id at most 15'
    if standard == "edifact" and (len(qualifier) > 4 or len(id_) > 35):
        return f'"{identity}" does not fit a UNB: its qualifier has at most 4 characters and its id at most 35'
    return None
