"""Where in a TOML text each key and value stands, which tomllib does not say.

The text has been read by tomllib before, so the scanner may trust its grammar and only has to find its way.
"""

import tomllib
from typing import NamedTuple

Path = tuple[str | int, ...]
"""From the top of the document: names of keys and 0-based positions in arrays ("agreement", 1, "expects")."""

_BARE_END = " \t=.]"
_VALUE_END = ",]}#\n"


class Place(NamedTuple):
    """1-based, columns in characters."""

    line: int
    column: int


class Places(NamedTuple):
    """keys: where each key is first written; values: where its value starts (a table's: where its header stands)."""

    keys: dict[Path, Place]
    values: dict[Path, Place]


def find_places(text: str) -> Places:
    """The places of everything in a text that tomllib reads."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places = Places({}, {})
        self.tables: dict[Path, int] = {}  # how many tables each array of tables has so far
        self.lines = [0]
        for position, character in enumerate(text):
            if character == "\n":
                self.lines.append(position + 1)

    def scan(self) -> Places:
        current: Path = ()
        while self._skip_blank():
            if self.text.startswith("[[", self.at):
                current = self._array_header()
            elif self.text[self.at] == "[":
                current = self._header()
            else:
                self._pair(current)
        return self.places

    def _place(self) -> Place:
        low, high = 0, len(self.lines)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.lines[middle] <= self.at else (low, middle)
        return Place(low + 1, self.at - self.lines[low] + 1)

    def _skip_blank(self) -> bool:
        """Past spaces, line ends and comments; False at the end of the text."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at].isspace():
                self.at += 1
            else:
                return True
        return False

    def _skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def _key(self) -> list[tuple[str, Place]]:
        """A dotted key with the place of each part."""
        parts = []
        while True:
            self._skip_spaces()
            place = self._place()
            if self.text[self.at] in "\"'":
                start = self.at
                self._string()
                parts.append((str(tomllib.loads(f"k = {self.text[start : self.at]}")["k"]), place))
            else:
                start = self.at
                while self.text[self.at] not in _BARE_END:
                    self.at += 1
                parts.append((self.text[start : self.at], place))
            self._skip_spaces()
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _enter(self, path: Path, name: str, place: Place) -> Path:
        """The path one key further down; into the last table where the key names an array of tables."""
        path = (*path, name)
        self.places.keys.setdefault(path, place)
        self.places.values.setdefault(path, place)
        return (*path, self.tables[path] - 1) if path in self.tables else path

    def _header(self) -> Path:
        self.at += 1
        path: Path = ()
        for name, place in self._key():
            path = self._enter(path, name, place)
        self.at += 1
        return path

    def _array_header(self) -> Path:
        opened = self._place()
        self.at += 2
        *above, (name, place) = self._key()
        path: Path = ()
        for part, part_place in above:
            path = self._enter(path, part, part_place)
        path = (*path, name)
        self.places.keys.setdefault(path, place)
        self.places.values.setdefault(path, place)
        self.tables[path] = self.tables.get(path, 0) + 1
        path = (*path, self.tables[path] - 1)
        self.places.keys[path] = self.places.values[path] = opened
        self.at += 2
        return path

    def _pair(self, path: Path) -> None:
        for name, place in self._key():
            path = (*path, name)
            self.places.keys.setdefault(path, place)
            self.places.values.setdefault(path, place)
        self.at += 1
        self._skip_spaces()
        self._value(path)

    def _value(self, path: Path) -> None:
        self.places.values[path] = self._place()
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in _VALUE_END:
                self.at += 1

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip_blank() and self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
            self._skip_blank()
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._skip_blank() and self.text[self.at] != "}":
            self._pair(path)
            self._skip_blank()
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        fence = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(fence)
        while not self.text.startswith(fence, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(fence)
        if len(fence) == 3:  # up to two quotes may stand right before the closing fence
            while self.text.startswith(quote, self.at):
                self.at += 1
