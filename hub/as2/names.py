"""Names in AS2: of the two ends (RFC 4130, 6.2), and of a message, made from its delivery's key and led back to it."""

import re


def quote_name(name: str) -> str:
    """An AS2 name as AS2-From and AS2-To carry it (RFC 4130, 6.2)."""
    if re.fullmatch(r"[!#-\[\]-~]+", name):
        return name
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def unquote_name(said: str) -> str:
    """The AS2 name of a header."""
    said = said.strip()
    if len(said) >= 2 and said.startswith('"') and said.endswith('"'):
        return re.sub(r"\\(.)", r"\1", said[1:-1])
    return said


def domain_of(name: str) -> str:
    """What stands behind the @ of our Message-IDs, from our AS2 name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "as2"


def message_id_of(key: str, domain: str) -> str:
    """The Message-ID of a delivery, the same every time; key_of is its inverse."""
    local = re.sub(r"[^A-Za-z0-9_.-]", lambda found: "".join(f"={octet:02X}" for octet in found[0].encode()), key)
    return f"<{local}@{domain}>"


def key_of(message_id: str, domain: str) -> str | None:
    """The delivery that a Message-ID names; None: it is none of ours."""
    found = re.fullmatch(r"<?((?:[A-Za-z0-9_.-]|=[0-9A-F]{2})+)@" + re.escape(domain) + ">?", message_id)
    if found is None:
        return None
    octets = re.sub(rb"=(..)", lambda code: bytes.fromhex(code[1].decode()), found[1].encode())
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return None
