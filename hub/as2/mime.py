"""MIME as AS2 needs it (RFC 2045, 2046, 1847): entities read as the very bytes they came in, and written.

A signature and a MIC are over exact bytes, so nothing here rewrites what it reads.
"""

import base64
import binascii
import hashlib
import quopri
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from hub.as2.fault import As2Error

_MOST_HEADERS = 64 * 1024
_MOST_PARTS = 20
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)(?:\r?\n|\Z)")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))')
_REST_OF_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,100}")


class Entity(NamedTuple):
    """headers have lower-case names; raw is headers and body as they came; body is still in its transfer encoding."""

    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def kind(self) -> str:
        """The media type in lower case, without parameters; empty: it names none."""
        return media_type(self.headers.get("content-type", ""))

    @property
    def content(self) -> bytes:
        """The body without its transfer encoding. As2Error HUB-5050: it cannot be decoded."""
        encoding = self.headers.get("content-transfer-encoding", "binary").strip().lower()
        if encoding == "base64":
            try:
                return base64.b64decode(self.body)
            except binascii.Error as error:
                raise As2Error("HUB-5050", f"A part says it is base64 and is not: {error}.") from None
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body)
        if encoding in ("binary", "7bit", "8bit", ""):
            return self.body
        raise As2Error("HUB-5050", f'A part has the transfer encoding "{encoding}", which MIME does not know.')

    @property
    def file_name(self) -> str:
        """The name that it came with, or an empty one."""
        disposition = parameters(self.headers.get("content-disposition", ""))
        return disposition.get("filename") or parameters(self.headers.get("content-type", "")).get("name", "")


def read_entity(raw: bytes) -> Entity:
    """Headers and body. What begins with no header field is all body. As2Error HUB-5050: endless headers."""
    headers: dict[str, str] = {}
    at = 0
    while at < _MOST_HEADERS and (field := _FIELD.match(raw, at)) is not None:
        value = re.sub(rb"\r?\n[ \t]+", b" ", field[2]).strip()
        headers.setdefault(field[1].decode("ascii").lower(), value.decode("utf-8", "replace"))
        at = field.end()
    for blank in (b"\r\n", b"\n"):
        if raw.startswith(blank, at):
            return Entity(headers, raw[at + len(blank) :], raw)
    if at >= _MOST_HEADERS:
        raise As2Error("HUB-5050", f"The headers of a part are longer than {_MOST_HEADERS:,} bytes.")
    if at == len(raw):
        return Entity(headers, b"", raw)
    return Entity({}, raw, raw)


def split(entity: Entity) -> list[Entity]:
    """The parts of a multipart, each as the bytes between its delimiters. As2Error HUB-5050: it has none, or many."""
    boundary = parameters(entity.headers.get("content-type", "")).get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise As2Error("HUB-5050", f"A {entity.kind} has no boundary that can be used ({boundary[:100]!r}).")
    body, mark = entity.body, f"--{boundary}".encode()
    found: list[Entity] = []
    start: int | None = None
    at = body.find(mark)
    while at >= 0 and len(found) <= _MOST_PARTS:
        rest = _REST_OF_DELIMITER.match(body, at + len(mark))
        if rest is not None and (at == 0 or body[at - 1 : at] == b"\n"):
            if start is not None:
                end = at - 2 if body[at - 2 : at] == b"\r\n" else at - 1
                found.append(read_entity(body[start : max(start, end)]))
            start = None if rest[1] else rest.end()
            if rest[1]:
                break
        at = body.find(mark, at + len(mark))
    if start is not None:
        raise As2Error("HUB-5050", f"A {entity.kind} breaks off: its closing boundary is missing.")
    if not found or len(found) > _MOST_PARTS:
        raise As2Error("HUB-5050", f"A {entity.kind} has {len(found)} parts.")
    return found


def media_type(value: str) -> str:
    """The media type of a Content-Type."""
    return value.partition(";")[0].strip().lower()


def parameters(value: str) -> dict[str, str]:
    """The parameters of a header field by lower-case name; name*= (RFC 2231) stands in for name=."""
    found: dict[str, str] = {}
    for name, quoted, token in _PARAMETER.findall(value):
        text = re.sub(r"\\(.)", r"\1", quoted) if quoted else token
        if name.endswith("*") and text.count("'") >= 2:
            charset, _, encoded = text.split("'", 2)
            try:
                found[name[:-1].lower()] = unquote(encoded, charset or "utf-8", "replace")
            except LookupError:
                continue
        else:
            found.setdefault(name.lower(), text)
    return found


def entity(headers: Mapping[str, str], body: bytes) -> bytes:
    """A part as bytes, each header on a line of its own."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return lines.encode() + b"\r\n" + body


def multipart(parts: Sequence[bytes]) -> tuple[str, bytes]:
    """The boundary, and the body of a multipart of these parts. The boundary comes from the parts themselves."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    boundary = f"=_{digest.hexdigest()[:40]}"
    mark = f"--{boundary}".encode()
    pieces: list[bytes] = []
    for part in parts:
        pieces += [mark, b"\r\n", part, b"\r\n"]
    return boundary, b"".join((*pieces, mark, b"--\r\n"))


def base64_lines(content: bytes) -> bytes:
    """Base64 in lines of 76 characters that end in CRLF."""
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def with_crlf(content: bytes) -> bytes:
    """The canonical form of text: every line ends in CRLF."""
    return re.sub(rb"\r?\n", b"\r\n", content)


def file_name_parameter(name: str) -> str:
    """filename=.. of a Content-Disposition; letters beyond ASCII by RFC 2231 as well."""
    plain = re.sub(r"[^ !#-\[\]-~]", "_", name)
    if plain == name:
        return f'filename="{name}"'
    encoded = "".join(
        chr(octet) if chr(octet).isalnum() and octet < 128 else f"%{octet:02X}" for octet in name.encode()
    )
    return f"filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def fields(lines: Iterable[tuple[str, str]]) -> bytes:
    """The fields of a message/disposition-notification."""
    return "".join(f"{name}: {value}\r\n" for name, value in lines).encode()
