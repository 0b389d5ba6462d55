"""MIME as AS2 software writes it, folded, quoted and bare; every part is the very bytes that came."""

import pytest

from hub.as2.fault import As2Error
from hub.as2.mime import (
    base64_lines,
    entity,
    file_name_parameter,
    media_type,
    multipart,
    parameters,
    read_entity,
    split,
    with_crlf,
)

BODIES = [b"", b"\r\n", b"ISA*~", b"a\r\n--x\r\nb\n--=_y--\r\n", bytes(range(256)), b"-" * 100 + b"\r\n\r\n"]


def test_parts_come_back_byte_for_byte() -> None:
    made = [entity({"Content-Type": "a/b", "X": "1"}, body) for body in BODIES]
    boundary, body = multipart(made)
    whole = read_entity(entity({"Content-Type": f'multipart/mixed; boundary="{boundary}"'}, body))
    found = split(whole)
    assert [part.raw for part in found] == made
    assert [part.body for part in found] == BODIES
    assert multipart(made) == (boundary, body)


def test_bare_line_feeds_preamble_and_epilogue() -> None:
    head = b'Content-type: Multipart/Signed;\n\tboundary="b c";\n micalg=sha1\n\n'
    raw = head + b"pre\n--b c\nX: 1\n\none\n\n--b c  \n\ntwo\n--b c--\nend"
    whole = read_entity(raw)
    assert whole.kind == "multipart/signed"
    one, two = split(whole)
    assert (one.headers, one.body, one.raw) == ({"x": "1"}, b"one\n", b"X: 1\n\none\n")
    assert (two.headers, two.body) == ({}, b"two")


def test_a_longer_boundary_inside_is_another() -> None:
    body = b"--b\r\n\r\n--bb\r\nx --b\r\n--b--\r\n"
    (only,) = split(read_entity(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body))
    assert only.body == b"--bb\r\nx --b"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "has 0 parts"),
        (b"--b--\r\n", "has 0 parts"),
        (b"--b\r\n\r\nx\r\n", "closing boundary is missing"),
        (b"--b\r\n\r\nx\r\n" * 30 + b"--b--", "parts|closing"),
    ],
)
def test_multiparts_that_are_none(body: bytes, said: str) -> None:
    with pytest.raises(As2Error, match=said):
        split(read_entity(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body))
    with pytest.raises(As2Error, match="no boundary"):
        split(read_entity(b"Content-Type: multipart/mixed\r\n\r\n" + body))


def test_headers() -> None:
    read = read_entity(b"Subject : a\r\n  b\r\n\tc \r\nsubject: second\r\nX:\r\n\r\nbody")
    assert read.headers == {"subject": "a b c", "x": ""}
    assert read.body == b"body"
    assert read_entity(b"\r\nbody").body == b"body"
    assert read_entity(b"ISA*00*~\nX: 1").body == b"ISA*00*~\nX: 1"
    assert read_entity(b"X: 1").headers == {"x": "1"}
    with pytest.raises(As2Error, match="longer than 65,536"):
        read_entity(b"X: 1\r\n" * 20_000)


def test_transfer_encodings() -> None:
    def content(encoding: str, body: bytes) -> bytes:
        return read_entity(entity({"Content-Transfer-Encoding": encoding}, body)).content

    assert content("BASE64", base64_lines(bytes(range(256)))) == bytes(range(256))
    assert content("quoted-printable", b"a=3D=\r\nb") == b"a=b"
    for encoding in ("binary", "7bit", " 8Bit "):
        assert content(encoding, b"a=3D\n") == b"a=3D\n"
    for encoding, body in (("base64", b"a"), ("x-uue", b"a")):
        with pytest.raises(As2Error, match="HUB-5050"):
            content(encoding, body)


def test_parameters() -> None:
    said = 'a/b; Name="x;\\"y"; micalg = sha1 ;smime-type=enveloped-data; filename*=UTF-8\'\'gr%C3%B6%C3%9Fe.edi'
    assert media_type(said) == "a/b"
    assert parameters(said) == {
        "name": 'x;"y',
        "micalg": "sha1",
        "smime-type": "enveloped-data",
        "filename": "größe.edi",
    }
    assert parameters("a/b; x*=no-such-charset''%41") == {}


@pytest.mark.parametrize("name", ["order.edi", "größe 1.edi", 'a"b\\c', "a\r\nX: 1", "..\\..\\x", "100%.edi", ""])
def test_file_names_go_there_and_back(name: str) -> None:
    written = file_name_parameter(name)
    assert written.isascii()
    assert written.isprintable()
    read = read_entity(entity({"Content-Disposition": f"attachment; {written}"}, b""))
    assert read.file_name == name


def test_line_ends() -> None:
    assert with_crlf(b"a\nb\r\nc\r\r\n\n") == b"a\r\nb\r\nc\r\r\n\r\n"
