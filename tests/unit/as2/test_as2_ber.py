"""ASN.1 of CMS: what is written reads back, what is damaged is a ValueError, and nothing runs deep or long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.as2.ber import OCTETS, SEQUENCE, SET, again, der, inside, number, octets, oid, parts, read, set_of


def indefinite(tag: int, *content: bytes) -> bytes:
    return bytes((tag, 0x80)) + b"".join(content) + b"\0\0"


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=2**200))
def test_what_is_written_reads_back(content: bytes, value: int) -> None:
    whole = der(SEQUENCE, der(OCTETS, content), number(value))
    first, second = parts(read(whole + b"behind"), SEQUENCE, 2)
    assert octets(first) == content
    assert int.from_bytes(second.content, signed=True) == value
    assert bytes(read(whole).raw) == again(read(whole)) == whole


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_lengths(size: int) -> None:
    assert len(octets(read(der(OCTETS, b"x" * size)))) == size


def test_object_identifiers() -> None:
    assert oid("1.2.840.113549.1.7.2").hex() == "06092a864886f70d010702"
    assert oid("2.16.840.1.101.3.4.2.1").hex() == "0609608648016503040201"


def test_indefinite_lengths_and_pieces() -> None:
    string = indefinite(0x24, der(OCTETS, b"ab"), indefinite(0x24, der(OCTETS, b"c")), der(OCTETS, b""))
    value = read(indefinite(SEQUENCE, string, number(5)) + b"behind")
    first, second = inside(value)
    assert octets(first) == b"abc"
    assert bytes(second.content) == b"\x05"
    assert again(value) == der(SEQUENCE, der(OCTETS, b"abc"), number(5))


def test_sets_are_put_in_order() -> None:
    assert again(read(der(SET, number(2), number(1)))) == set_of(number(2), number(1)) == der(SET, number(1), number(2))


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\x30",
        b"\x30\x05\x02\x01\x01",
        b"\x30\x80\x02\x01\x01",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x89" + b"\x01" * 20,
        b"\x04\x80\x00\x00",
        b"\x1f\x81\x01\x00",
        b"\x30\x80" * 1000,
        b"\x30\x80" * 30 + b"\0\0" * 30,
    ],
)
def test_damage_is_a_value_error(damaged: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        again(read(damaged))


def test_nothing_runs_deep() -> None:
    deep = b"x"
    for _ in range(100):
        deep = der(0x24, deep)
    for function in (octets, again):
        with pytest.raises(ValueError, match="levels"):
            function(read(deep))


def test_nothing_runs_wide() -> None:
    with pytest.raises(ValueError, match="1001 values"):
        parts(read(der(SEQUENCE, b"\x05\x00" * 5000)), SEQUENCE)
