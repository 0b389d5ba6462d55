"""YAML in which every scalar is text that knows its file, line and column.

YAML's own types would eat EDI codes (00 becomes 0, 1E5 becomes 100000.0), so nothing is typed here: readers do that.
"""

import difflib
from collections.abc import Iterable
from typing import Union

import yaml

from hub.errors import ConfigError

Spec = Union["Text", list["Spec"], dict["Text", "Spec"]]

_Composer = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Text(str):
    """A scalar of a file and where it stands (line and column 1-based)."""

    __slots__ = ("column", "file", "line")

    file: str
    line: int
    column: int

    def __new__(cls, value: str, file: str = "", line: int = 0, column: int = 0) -> "Text":
        text = super().__new__(cls, value)
        text.file, text.line, text.column = file, line, column
        return text

    def like(self, value: str, shift: int = 0) -> "Text":
        """Another text that stands where this one does (shift columns to the right)."""
        return Text(value, self.file, self.line, self.column + shift)


def wrong(at: Spec | str | None, code: str, message: str) -> ConfigError:
    """The error for something in a file; `at` is the text, or the mapping or list that holds the fault."""
    while isinstance(at, dict | list):
        at = next(iter(at), None)
    if isinstance(at, Text):
        return ConfigError(code, message, file=at.file, line=at.line, column=at.column)
    return ConfigError(code, message)


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean "release"?` or nothing."""
    match = difflib.get_close_matches(word, list(known), 1)
    return f'; did you mean "{match[0]}"?' if match else ""


def load(source: bytes, file: str, first: str = "mapping") -> dict[Text, Spec]:
    """The file as nested texts; first is the key it should begin with.

    ConfigError HUB-3014: no YAML mapping; HUB-3001: a key given twice.
    """
    try:
        node = yaml.compose(source.decode("utf-8"), Loader=_Composer)
    except UnicodeDecodeError as error:
        raise ConfigError("HUB-3014", f"This file is not UTF-8: {error.reason}.", file=file) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        if mark is not None and [*source.decode("utf-8").split("\n"), ""][mark.line][mark.column :].startswith("\t"):
            text = "A tab stands here, and YAML is indented with blanks alone."
            raise ConfigError("HUB-3014", text, file=file, line=line, column=column) from error
        raise ConfigError(
            "HUB-3014", f"This is not YAML: {error.problem}.", file=file, line=line, column=column
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError("HUB-3014", f"This is not YAML: {error}.", file=file) from error
    spec = _convert(node, file) if node is not None else {}
    if not isinstance(spec, dict):
        text = f"The file must be a YAML mapping (name: value); start it with `{first}:`."
        raise ConfigError("HUB-3014", text, file=file, line=1)
    return spec


def _convert(node: yaml.Node, file: str) -> Spec:
    if isinstance(node, yaml.ScalarNode):
        return Text(node.value, file, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_convert(child, file) for child in node.value]
    out: dict[Text, Spec] = {}
    for key_node, value_node in node.value:
        key = _convert(key_node, file)
        if not isinstance(key, Text):
            raise wrong(key, "HUB-3014", "A key here must be plain text.")
        if key in out:
            raise wrong(key, "HUB-3001", f'key "{key}" is given twice')
        out[key] = _convert(value_node, file)
    return out


def as_text(value: Spec | None, what: str, at: Spec | str | None = None) -> Text:
    """value, or HUB-3014: something else stands where text must."""
    if isinstance(value, Text):
        return value
    said = "is missing" if value is None else "must be plain text"
    raise wrong(value if value else at, "HUB-3014", f"{what} {said}.")


def as_mapping(value: Spec | None, what: str, at: Spec | str | None = None) -> dict[Text, Spec]:
    if isinstance(value, dict):
        return value
    said = "is missing" if value is None else "must be a YAML mapping (name: value)"
    raise wrong(value if value else at, "HUB-3014", f"{what} {said}.")
