"""What a payload is, by its first bytes."""

import re

from hub.errors import UnreadableError
from hub.location import Location
from hub.syntax.dialect import BLANK
from hub.syntax.header import BARE, START

_FOREIGN = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x00<": "UTF-16",
    b"I\x00": "UTF-16",
    b"U\x00": "UTF-16",
    b"\x00I": "UTF-16",
    b"\x00U": "UTF-16",
    b"\xc9\xe2\xc1": "EBCDIC",
    b"\xe4\xd5\xc1": "EBCDIC",
    b"\xe4\xd5\xc2": "EBCDIC",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "gzip",
    b"%PDF": "PDF",
}
_CUT_SHORT = re.compile(rb"(?:I|IS|ISA|U|UN|UNA.?|UNB)\Z", re.DOTALL)
_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def detect(head: bytes) -> str:
    """The standard of a payload by its first few KB: x12, edifact, xml, json, csv (a workbook, too). UnreadableError:
    none of them.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(BLANK)
    if not text:
        raise UnreadableError(
            "HUB-1001", "The payload is empty: the transfer may have been picked up half-written; ask for it again."
        )
    if head.startswith(b"PK\x03\x04") and (b"[Content_Types].xml" in head or b"xl/" in head):
        return "csv"
    for mark, name in _FOREIGN.items():
        if head.startswith(mark):
            if name == "UTF-16" and _is_xml16(head):
                return "xml"
            agreed = ', or let the agreement name its code page: charset = "cp037" or "cp500"'
            raise UnreadableError(
                "HUB-1005",
                f"The payload is {name}; ask the sender for plain text in UTF-8 or ISO 8859-1"
                f"{agreed if name == 'EBCDIC' else ''}.",
                location=Location(offset=0),
                value=name,
            )
    if START.match(text) or BARE.match(text):
        return "edifact" if text.startswith(b"UN") else "x12"
    if text.startswith(b"<"):
        return "xml"
    if text.startswith((b"{", b"[")):
        return "json"
    if _CUT_SHORT.match(text):
        name = text.decode("latin-1")
        raise UnreadableError(
            "HUB-1003",
            f"The payload ends after {name!r}: the transfer was cut short; ask the sender to send it again.",
            location=Location(offset=0),
            value=name,
        )
    if found := START.search(text):
        return "edifact" if found[0].startswith(b"UN") else "x12"
    line = text.splitlines()[0]
    if not _TEXT.search(text) and any(mark in line for mark in (b",", b";", b"\t", b"|")):
        return "csv"
    raise UnreadableError(
        "HUB-1002",
        "The payload is neither X12 nor EDIFACT, XML, JSON or CSV: it begins with "
        f"{text[:20].decode('latin-1')!r}. Look at what the sender put there.",
        location=Location(offset=len(head) - len(text)),
        value=text[:20].decode("latin-1"),
    )


def _is_xml16(head: bytes) -> bool:
    return head[:2] in (b"\xff\xfe", b"\xfe\xff", b"\x00<") and b"<" in head[:6]
