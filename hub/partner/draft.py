"""A draft of a partner's file from what an unknown sender's interchange says of itself."""

import json
import re
from collections.abc import Iterable

from hub.partner.reference import parse_reference


def draft_partner(
    *,
    connection: str,
    standard: str,
    sender: str,
    receiver: str,
    test: bool,
    kinds: Iterable[tuple[str, str]],
) -> tuple[str, str]:
    """The partner's id and the text of its partner.toml, to be completed by a person.

    connection: by which it came ("valuenet/mailbox"). sender, receiver: "qualifier:id". kinds: version and type of its
    messages, as sent.
    """
    id_ = re.sub(r"[^a-z0-9_.-]+", "-", sender.partition(":")[2].lower()).strip("-._")[:60] or "partner"
    owner, _, key = connection.partition("/")
    found = (reference_of(standard, version, kind) for version, kind in kinds)
    agreements = [reference for reference in dict.fromkeys(found) if reference]
    lines = [
        f"# partners/{id_}/partner.toml: a draft from what came by {connection}. Say who it is and what it is to us.",
        f"# If it is right that {owner} brings it, add to [connection.{key}] in partners/{owner}/partner.toml:",
        f"#   carries = [{_quoted(id_)}]",
        f"name = {_quoted(sender.partition(':')[2] or sender)}",
        'role = "retailer"  # or marketplace, merchant, warehouse, supplier, carrier, network',
        f"{'test_identities' if test else 'identities'} = [{_quoted(sender)}]",
        f"our_identity = {_quoted(receiver)}",
    ]
    for reference in agreements:
        lines += ["", "[[agreement]]", f"receive = {_quoted(reference)}", f"connection = {_quoted(connection)}"]
    return id_, "\n".join(lines) + "\n"


def reference_of(standard: str, version: str, type: str) -> str:
    """Version and type as messages say them ("D.96A") -> as agreements do (edifact/d96a/ORDERS); "" if they cannot."""
    version = version.replace(".", "").lower() if standard == "edifact" else version or "*"
    try:
        parse_reference(reference := f"{standard}/{version}/{type}")
    except ValueError:
        return ""
    return reference


def _quoted(text: str) -> str:
    """A string of TOML, which is one of JSON but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
