"""X12 syntax notes: which elements of a segment need or exclude each other (X12.59: P, R, E, C, L)."""

from collections.abc import Callable, Sequence, Set
from functools import cache, lru_cache

from hub.record import Record


class Breach(Record):
    """A note that does not hold: the catalogue's code, the element to name (1-based), and the sentence's middle."""

    code: str
    element: int
    words: str


@cache
def positions(note: str) -> tuple[int, ...]:
    """The elements a note names: 6 and 7 for P0607."""
    return tuple(int(note[at : at + 2]) for at in range(1, len(note), 2))


def breaches(note: str, given: Set[int], name: Callable[[int], str]) -> list[Breach]:
    """What breaks the note, given which elements have a value. name gives an element's name ("PO106")."""
    kind, places = note[0], positions(note)
    if kind != "R" and given.isdisjoint(places):
        return []
    there = [place for place in places if place in given]
    away = [place for place in places if place not in given]
    if kind == "P" and there and away:
        return [
            Breach("HUB-2021", place, f"{name(place)} is missing: {_all(places, name)} come together") for place in away
        ]
    if kind == "R" and not there:
        return [Breach("HUB-2021", places[0], f"one of {_all(places, name, 'or')} is missing")]
    if kind == "E" and len(there) > 1:
        return [Breach("HUB-2022", there[1], f"{_all(there, name)} exclude each other: send one of them")]
    if kind == "C" and places[0] in there:
        return [Breach("HUB-2021", place, f"{name(place)} is missing: {name(places[0])} requires it") for place in away]
    if kind == "L" and there == [places[0]]:
        wanted = _all(places[1:], name, "or")
        return [Breach("HUB-2021", places[1], f"{wanted} is missing: {name(places[0])} requires one")]
    return []


@lru_cache(maxsize=4096)
def hold(notes: tuple[str, ...], given: frozenset[int]) -> bool:
    """Whether no note is broken by elements that have a value: the same few lie side by side again and again."""
    return not any(breaches(note, given, str) for note in notes)


def _all(places: Sequence[int], name: Callable[[int], str], last: str = "and") -> str:
    names = [name(place) for place in places]
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else names[0]
