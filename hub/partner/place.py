"""A TOML file that knows where everything in it stands, and the errors that say so."""

import re
import tomllib
from functools import cached_property
from typing import Any

from hub.errors import ConfigError
from hub.partner.toml import Path, Place, Places, find_places

_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlFile:
    """A TOML text, its content and its places. ConfigError HUB-4001: it is not TOML."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._text = text
        try:
            self.content: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._grammar_error(str(error)) from None

    @cached_property
    def _places(self) -> Places:
        return find_places(self._text)

    def _grammar_error(self, said: str) -> ConfigError:
        where = _WHERE.search(said)
        line, column = (self._text.count("\n") + 1, 1)
        if where and where[1]:
            line, column = int(where[1]), int(where[2])
        reason = _WHERE.sub("", said)
        return ConfigError(
            "HUB-4001",
            f"this is not TOML: {reason[:1].lower()}{reason[1:]}. Correct this place; text stands in quotes.",
            file=self.file,
            line=line,
            column=column,
        )

    def error(self, code: str, message: str, path: Path = (), *, at_key: bool = False) -> ConfigError:
        """An error at the value (or the key) of a path, or at the nearest thing above it that is in the text."""
        place = self._find(path, at_key)
        return ConfigError(code, message, file=self.file, line=place.line, column=place.column)

    def _find(self, path: Path, at_key: bool) -> Place:
        for length in range(len(path), 0, -1):
            places = self._places.keys if at_key and length == len(path) else self._places.values
            if place := places.get(path[:length]):
                return place
        return Place(1, 1)
