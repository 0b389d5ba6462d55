"""Payloads without an envelope of their own: XML, JSON and CSV are one interchange with one message."""

from lxml import etree

from hub.syntax.json import read_json
from hub.syntax.model import Group, Interchange, MessageSpan
from hub.syntax.xml import read_xml


def whole_interchange(standard: str, payload: bytes, charset: str | None) -> Interchange:
    """One interchange around a whole payload; the message's type is the XML root's name, else "".

    UnreadableError: not well-formed XML, not strict JSON.
    """
    type_, version = "", ""
    codec = charset or "utf-8"
    if standard == "xml":
        root = read_xml(payload)
        name = etree.QName(root)
        type_, version = name.localname, name.namespace or ""
        codec = root.getroottree().docinfo.encoding or "utf-8"
    elif standard == "json":
        read_json(payload)
    elif charset is None:
        codec = _csv_codec(payload)
    span = MessageSpan(
        index=1,
        ordinal=1,
        type=type_,
        version=version,
        control_number="",
        offset=0,
        length=len(payload),
        segments=0,
        group=1,
    )
    return Interchange(
        index=1,
        standard=standard,
        offset=0,
        length=len(payload),
        charset=codec.lower(),
        groups=[Group(index=1, messages=[span], implicit=True, findings=[])],
        findings=[],
    )


def _csv_codec(payload: bytes) -> str:
    if payload.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
