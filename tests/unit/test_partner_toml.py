"""Places in TOML: every key and value of whatever tomllib reads is found where it stands."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ConfigError
from hub.partner.place import TomlFile
from hub.partner.toml import Path, Place, find_places

NASTY = '''# a comment with "quotes" and [brackets]
title = "a \\"quoted\\" # not a comment"   # a comment
'literal key' = 'C:\\path\\'
"esc\\u0061ped" . dotted .x = 1
empty = {}
date = 1979-05-27 07:32:00
list = [ 1, # one
  [ "a]", 'b,' ], { deep = [true, {x = "}"}] }
]
text = """
[not.a.header]
key = "not a key" \\""" still text"""
raw = \'\'\'it''s "raw" \\\'\'\'
two = """quotes at the end"""""

[table]
key = 1

[table.below."with.dot"]
x = {a.b = 1, c = [1,
 2]}

[[array]]
name = "first"
[[array.inner]]
n = 1
[[array.inner]]
n = 2
[array.sub]
s = 1

[[array]]
name = "second"
[[array.inner]]
n = 3
'''


def paths(value: Any, above: Path = ()) -> list[Path]:
    found = [above] if above else []
    if isinstance(value, dict):
        for key, below in value.items():
            found += paths(below, (*above, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            found += paths(below, (*above, index))
    return found


def test_every_path_of_nasty_toml_has_a_place() -> None:
    places = find_places(NASTY)
    for path in paths(tomllib.loads(NASTY)):
        assert path in places.values, path
        if isinstance(path[-1], str):
            assert path in places.keys, path


def text_at(text: str, place: Place) -> str:
    return text.split("\n")[place.line - 1][place.column - 1 :]


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        (("title",), '"a \\"quoted'),
        (("literal key",), "'C:"),
        (("escaped", "dotted", "x"), "1"),
        (("list", 1, 0), '"a]"'),
        (("list", 1, 1), "'b,'"),
        (("list", 2, "deep", 1, "x"), '"}"}'),
        (("text",), '"""'),
        (("raw",), "'''"),
        (("two",), '"""quotes'),
        (("table", "below", "with.dot", "x", "a", "b"), "1, c"),
        (("table", "below", "with.dot", "x", "c", 1), "2]}"),
        (("array", 0, "inner", 1, "n"), "2"),
        (("array", 0, "sub", "s"), "1"),
        (("array", 1, "name"), '"second"'),
        (("array", 1, "inner", 0, "n"), "3"),
    ],
)
def test_a_value_stands_where_its_place_says(path: Path, starts: str) -> None:
    assert text_at(NASTY, find_places(NASTY).values[path]).startswith(starts)


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        (("literal key",), "'literal key'"),
        (("escaped", "dotted"), "dotted"),
        (("table",), "table]"),
        (("table", "below", "with.dot"), '"with.dot"]'),
        (("array", 1), "[[array]]"),
        (("array", 0, "inner"), "inner]]"),
    ],
)
def test_a_key_stands_where_its_place_says(path: Path, starts: str) -> None:
    assert text_at(NASTY, find_places(NASTY).keys[path]).startswith(starts)


def test_line_ends_of_windows_do_not_move_places() -> None:
    assert find_places(NASTY.replace("\n", "\r\n")) == find_places(NASTY)


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(key)} = {as_toml(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n # a ] comment\n".join(map(as_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = "".join(f"\\U{ord(character):08x}" if character in '"\\' else character for character in value)
        return f'"{escaped}"'
    return str(value)


words = st.text("ab \"'\\#[]{}=.,é", max_size=5)
values = st.recursive(
    st.one_of(words, st.integers(), st.booleans()),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(words, values, min_size=1, max_size=4))
def test_any_document_is_scanned_to_its_end(document: dict[str, Any]) -> None:
    text = "".join(f"{as_toml(key)} = {as_toml(value)}\n" for key, value in document.items())
    read = tomllib.loads(text)
    assert read == document
    places = find_places(text)
    assert set(places.values) == set(paths(read))
    for path in paths(read):
        value = read
        for part in path:
            value = value[part]  # type: ignore[index]
        assert text_at(text, places.values[path]).startswith(as_toml(value).split("\n")[0])


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('name = "x"\nrole = retailer\n', 2, 8), ("a = 1\na = 2\n", 2, 6), ('a = "open', 1, 1), ("= 1\n", 1, 1)],
)
def test_what_is_no_toml_is_said_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(ConfigError) as caught:
        TomlFile(text, "partners/x/partner.toml")
    assert caught.value.code == "HUB-4001"
    assert caught.value.line == line
    assert caught.value.column is not None
    assert abs(caught.value.column - column) <= 1
