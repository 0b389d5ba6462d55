"""JSON and XML from partners: read strictly, written the same way every time."""

from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from hub.errors import DataError, UnreadableError
from hub.syntax.json import read_json, write_json
from hub.syntax.xml import read_xml


def test_numbers_are_exact() -> None:
    value = read_json(b'{"price": 19.90, "count": 12345678901234567890, "small": 1e-7}')
    assert value == {"price": Decimal("19.90"), "count": 12345678901234567890, "small": Decimal("1E-7")}
    assert write_json(value) == b'{"price":19.90,"count":12345678901234567890,"small":0.0000001}'


def test_text_is_any_unicode_and_a_byte_order_mark_means_nothing() -> None:
    assert read_json(b"\xef\xbb\xbf" + '{"ü": "😀\\u00e9\\ud83d\\ude00"}'.encode()) == {"ü": "😀é😀"}
    assert write_json({"ü": "😀"}) == '{"ü":"😀"}'.encode()


@pytest.mark.parametrize(
    ("raw", "code", "offset"),
    [
        (b'{"a": 1,}', "HUB-1070", 8),
        ('{"ü": tru}'.encode(), "HUB-1070", 7),
        (b"", "HUB-1070", 0),
        (b'{"a": 1, "b": {"a": 2, "a": 3}}', "HUB-1071", 23),
        (b"[NaN]", "HUB-1072", None),
        (b"[-Infinity]", "HUB-1072", None),
        (b"[1e99999999999]", "HUB-1072", None),
        (b"[" + b"9" * 5000 + b"]", "HUB-1072", None),
        (b"[" * 65 + b"]" * 65, "HUB-1073", 64),
        (b'{"a": "\\ud83d"}', "HUB-1074", 7),
        (b'["\xff"]', "HUB-1075", 2),
        ('{"a": 1}'.encode("utf-16"), "HUB-1075", 0),
    ],
)
def test_faults_of_json_are_named_at_their_byte(raw: bytes, code: str, offset: int | None) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_json(raw)
    assert caught.value.code == code
    assert caught.value.location.offset == offset


def test_brackets_in_text_are_no_nesting() -> None:
    assert read_json(b'["' + b"[" * 500 + b'"]') == ["[" * 500]
    assert read_json(b'["' + b'\\"[' * 500 + b'"]') == ['"[' * 500]


@pytest.mark.parametrize("value", [float("nan"), Decimal("NaN"), {1: 2}, {"a": object()}, "\ud83d"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(DataError):
        write_json(value)


def test_xml_is_read_in_its_own_charset() -> None:
    root = read_xml(b"<?xml version='1.0' encoding='ISO-8859-1'?><a b='1'><!-- note --><c>\xfc</c></a>")
    assert root.tag == "a"
    assert [each.text for each in root] == ["ü"]


def test_a_doctype_is_passed_over_and_opens_nothing() -> None:
    root = read_xml(b'<!DOCTYPE cXML SYSTEM "http://127.0.0.1:9/cXML.dtd"><cXML version="1.2.014"/>')
    assert root.tag == "cXML"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<a><b></a>", "HUB-1080"),
        (b"<a>&b;</a>", "HUB-1080"),
        (b"<a>\xff</a>", "HUB-1080"),
        (b"", "HUB-1080"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "HUB-1081"),
        (b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/x"> %b;]><a/>', "HUB-1081"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"), "HUB-1081"),
        (b"<a>" * 101 + b"</a>" * 101, "HUB-1073"),
        (b"<a>" * 9999 + b"</a>" * 9999, "HUB-1073"),
    ],
)
def test_faults_of_xml(raw: bytes, code: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_xml(raw)
    assert caught.value.code == code


def test_xml_never_reads_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    include = f'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="{secret}" parse="text"/></a>'
    assert b"SECRET" not in etree.tostring(read_xml(include.encode()))
    with pytest.raises(UnreadableError):
        read_xml(f'<!DOCTYPE a [<!ENTITY b SYSTEM "{secret}">]><a>&b;</a>'.encode())
