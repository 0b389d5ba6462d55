"""The words of a guide's file: reading keys, numbers, lengths and lists, each with its place in the file."""

import re
from collections.abc import Iterable

from hub.schema.model import UNLIMITED, ElementDef
from hub.syntax.yaml import Spec, Text, as_text, near, wrong

_LENGTH = re.compile(r"(?:(\d+)\.\.)?(\d+)")
_ELEMENT = re.compile(r"(AN|ID|DT|TM|R|N[0-9]?|an|a|n) ?(?:(\d+)?\.\.)?(\d+)( mandatory)?")


def hint(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a word that is not known."""
    return near(word, known) or "."


def only(said: dict[Text, Spec], known: Iterable[str], what: str) -> None:
    """ConfigError HUB-3301: there is another key than those known."""
    for key in said:
        if key not in known:
            raise wrong(key, "HUB-3301", f'{what} has no "{key}"{hint(key, known)} It may have: {", ".join(known)}.')


def key_of(said: dict[Text, Spec], word: str) -> Text:
    """The key itself, which knows its line."""
    return next(key for key in said if key == word)


def one_of(value: Spec | None, known: Iterable[str], what: str) -> str | None:
    """The word, one of those known; None where nothing is said."""
    if value is None:
        return None
    text = as_text(value, what)
    if text not in known:
        raise wrong(text, "HUB-3301", f'"{text}" is not one of {", ".join(known)}{hint(text, known)}')
    return str(text)


def listed(value: Spec) -> list[Text]:
    """The texts of a list; a text alone is a list of one."""
    return [as_text(each, "An entry of a list") for each in (value if isinstance(value, list) else [value])]


def texts(value: Spec | None, at: Text) -> tuple[str, ...]:
    """The values of a list that may not be empty; none where nothing is said."""
    if value is None:
        return ()
    found = tuple(str(each) for each in listed(value))
    if not found:
        raise wrong(at, "HUB-3301", f"the list of values for {at} is empty; write use: forbidden to leave it unused")
    return found


def number(said: dict[Text, Spec], word: str) -> int | None:
    """The whole number that a key has."""
    value = said.get(Text(word))
    if value is None:
        return None
    text = as_text(value, word)
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise wrong(text, "HUB-3301", f'{word} is "{text}", and must be a whole number')
    return int(text)


def length(said: dict[Text, Spec]) -> tuple[int, int] | None:
    """Least and most characters of `length:`."""
    value = said.get(Text("length"))
    if value is None:
        return None
    text = as_text(value, "length")
    match = _LENGTH.fullmatch(text)
    if match is None or int(match[1] or match[2]) > int(match[2]):
        raise wrong(text, "HUB-3301", f'length is "{text}", and must be like 1..10, or 10 for exactly ten')
    return int(match[1] or match[2]), int(match[2])


def element_def(text: Text) -> ElementDef:
    """An element as `segments:` writes it: "AN 1..30 mandatory"."""
    match = _ELEMENT.fullmatch(text)
    if match is None:
        says = f'"{text}" is no element; write it like "AN 1..30", "ID 2", "an..35", with " mandatory" behind it'
        raise wrong(text, "HUB-3301", says)
    kind, least, most = match[1], match[2], int(match[3])
    exact = ".." not in text
    first = most if exact else int(least or 1)
    return ElementDef(id="", type=kind, min=first, max=min(most, UNLIMITED), mandatory=bool(match[4]))
