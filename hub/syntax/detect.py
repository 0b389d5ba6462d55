"""What a payload is, by its first bytes."""

import re

from hub.errors import UnreadableError
from hub.location import Location
from hub.syntax.dialect import BLANK
from hub.syntax.header import BARE, START

_PLAIN = "ask the sender for plain text in UTF-8 or ISO 8859-1"
_UNPACKED = "ask the sender to send what is in it, unpacked"
_OURS = "ask the sender for X12, EDIFACT, XML, JSON or CSV"
_DECODED = "ask the sender to send it as it is, not encoded"
_CMS = rb"-----BEGIN PKCS7|0[\x80\x82].{2}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_EBCDIC = f'{_PLAIN}, or let the agreement name its code page: charset = "cp037" or "cp500"'
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (rb"\xff\xfe|\xfe\xff|\x00[<IU]|[IU]\x00", "UTF-16", _PLAIN),
    (rb"\xc9\xe2\xc1|\xe4\xd5[\xc1\xc2]", "EBCDIC", _EBCDIC),
    (rb"PK\x03\x04", "a zip archive", _UNPACKED),
    (rb"\x1f\x8b", "packed with gzip", _UNPACKED),
    (rb"BZh[1-9]|\xfd7zXZ|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd", "a packed archive", _UNPACKED),
    (rb"-----BEGIN PGP|\x85[\x01-\x04]", "encrypted with PGP", "decrypt it in the connection, or ask for plain text"),
    (_CMS, "encrypted or signed (CMS)", _DECODED),
    (rb"%PDF", "PDF", _OURS),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*", "a picture", _OURS),
    (rb"\xd0\xcf\x11\xe0", "an Office document of the old kind", _OURS),
    (
        rb"\s*(?i:<!doctype html|<html[\s>])",
        "a web page, most likely one that tells of an error",
        "look at what it says",
    ),
    (rb"\s*(?:SVNB|VU5[BC])[A-Za-z0-9+/=\s]*\Z", "EDI in base64", _DECODED),
    (rb"\s*(?:isa|una|unb)[^A-Za-z0-9\s]", "EDI in small letters", "ask the sender for its tags in capitals"),
    (rb"\s*STX=", "TRADACOMS", _OURS),
    (rb"\s*(?:UNA.{6}\s*)?UIB[^A-Za-z0-9\s]", "interactive EDIFACT (UIB)", "ask the sender for an interchange (UNB)"),
    (rb"\s*MSH[^A-Za-z0-9\s]", "HL7", _OURS),
    (rb"\s*ISA\t0[0-9]\t", "X12 with tabs between its elements", "ask the sender for another separator"),
    (rb"\s*DXS[^A-Za-z0-9\s]", "UCS direct exchange (DXS)", "ask the sender for an interchange (ISA)"),
    (rb"EDI_DC(?:40)?\s", "a flat SAP IDoc", "ask the sender for the IDoc as XML"),
    (rb"(?:511|551|711|821)0[1-3][^,;|\t\r\n]{100}", "VDA", _OURS),
    (rb'\s*"(?:ISA|UN[AB])[^"\n]*\\[nr]', "EDI in a JSON string", _DECODED),
    (rb'\s*"(?:ISA|UN[AB])[^"\n]*"\s*\n\s*"', "EDI with each line in quotation marks", _DECODED),
    (rb"\s*>\s?(?:ISA|UN[AB])[^\n]*\n\s*>", "EDI quoted in a mail, with > before each line", _DECODED),
    (rb"\s*0*1[:.)]?[ \t]+(?:ISA|UN[AB])[^\n]*\n\s*0*2[:.)]?[ \t]", "EDI with numbers before its lines", _DECODED),
)
"""What a payload may be instead: how it begins, its name, and what to do."""

_ENTITY = rb"&(?:[lg]t|amp|apos|quot|#x?[0-9a-fA-F]{1,4});"
_ENCODED: tuple[tuple[bytes, str, str], ...] = (
    (rb"ISA.{70,110}" + _ENTITY + rb"|UN[AB][^'\r\n]{0,200}" + _ENTITY + rb"\s*UN[BGH]", "EDI in HTML", _DECODED),
    (rb"(?:ISA|UN[AB]).{0,200}(?:=0D|=0A)=\r?\n", "EDI in quoted-printable", _DECODED),
)
"""What begins as an interchange does, and is none as it stands."""

_FIRST_LINES = 4096

_CUT_SHORT = rb"(?s)(?:I|IS|ISA|U|UN|UNA.?|UNB)\Z"
_DAMAGED = (
    rb"[^<{\[\s]{0,6}[^A-Za-z0-9]0[0-6][^A-Za-z0-9].{10}[^A-Za-z0-9]0[01][^A-Za-z0-9].{10}[^A-Za-z0-9]..[^A-Za-z0-9]"
    rb"|[A-Z][A-Z0-9]{1,2}\*[^\r\n]{0,200}[~\r\n]"
    rb"|(?P<unb>[^<{\[\s]{0,4}\+?UNO[A-Z]:[1-4]\+|[A-Z]{3}\+[^\r\n]{0,200}')"
)
"""The beginning of an ISA or UNB whose tag or first separator is not what it should be; or any segment."""

_TEXT = rb"[\x00-\x08\x0e-\x1f]"


def detect(head: bytes) -> str:
    """The standard of a payload by its first few KB: x12, edifact, xml, json, csv (a workbook, too). UnreadableError:
    none of them.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(BLANK)
    if not text:
        raise UnreadableError(
            "HUB-1001", "The payload is empty: the transfer may have been picked up half-written; ask for it again."
        )
    if text.startswith((b"ISA", b"UNB")) and START.match(text):
        if b"&" in text or b"=0" in text:
            _refuse(_ENCODED, text)
        return "edifact" if text.startswith(b"UN") else "x12"
    if head.startswith(b"PK\x03\x04") and (b"[Content_Types].xml" in head or b"xl/" in head):
        return "csv"
    if _is_xml16(head):
        return "xml"
    _refuse(_FOREIGN + _ENCODED, head)
    if START.match(text) or re.match(BARE, text):
        return "edifact" if text.startswith(b"UN") else "x12"
    if text.startswith(b"<"):
        return "xml"
    if text.startswith((b"{", b"[")):
        return "json"
    if re.match(_CUT_SHORT, text):
        name = text.decode("latin-1")
        raise UnreadableError(
            "HUB-1003",
            f"The payload ends after {name!r}: the transfer was cut short; ask the sender to send it again.",
            location=Location(offset=0),
            value=name,
        )
    if found := START.search(text):
        return "edifact" if found[0].startswith(b"UN") else "x12"
    damaged = re.match(_DAMAGED, text, re.DOTALL)
    if not damaged and not re.search(_TEXT, text) and _is_table(text):
        return "csv"
    what = f"it begins with {text[:20].decode('latin-1')!r}"
    raise UnreadableError(
        "HUB-1002",
        f"The payload looks like {'EDIFACT' if damaged['unb'] else 'X12'} whose header is damaged or missing: {what}, "
        f"where {'UNB+' if damaged['unb'] else 'ISA*'} belongs. Ask the sender to send it again."
        if damaged
        else f"The payload is neither X12 nor EDIFACT, XML, JSON or CSV: {what}. Look at what the sender put there.",
        location=Location(offset=len(head) - len(text)),
        value=text[:20].decode("latin-1"),
    )


def _is_table(text: bytes) -> bool:
    """Whether the first line of a text holds a mark of CSV, and so does another line, if there is one."""
    line, *others = text[:_FIRST_LINES].splitlines()
    marks = [mark for mark in (b",", b";", b"\t", b"|") if mark in line]
    others = [other for other in others if other.strip(BLANK)]
    return any(not others or any(mark in other for other in others) for mark in marks)


def _refuse(foreign: tuple[tuple[bytes, str, str], ...], head: bytes) -> None:
    """UnreadableError HUB-1005: the payload is one of these."""
    for beginning, name, advice in foreign:
        if re.match(beginning, head, re.DOTALL):
            message = f"The payload is {name}, which cannot be read here: {advice}."
            raise UnreadableError("HUB-1005", message, location=Location(offset=0), value=name)


def _is_xml16(head: bytes) -> bool:
    return head[:2] in (b"\xff\xfe", b"\xfe\xff", b"\x00<") and b"<" in head[:6]
