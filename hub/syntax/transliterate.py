"""Spelling text with the characters a charset holds: accents fall off, letters of other scripts are spelled in Latin.

Latin letters by Unicode's own decompositions; Greek after ELOT 743 and Cyrillic after the passport spelling of ICAO
Doc 9303 part 3, letter by letter: readable and plain, not reversible.
"""

import unicodedata
from collections.abc import Callable

_LATIN = "ß=ss æ=ae œ=oe ø=o ł=l đ=d ð=d þ=th ı=i ħ=h ŧ=t ŋ=n ĸ=k €=EUR •=-"  # noqa: RUF001
_GREEK = "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o"  # noqa: RUF001
_CYRILLIC = (
    "а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch "  # noqa: RUF001
    "ъ=ie ы=y ь= э=e ю=iu я=ia ё=e є=ie і=i ї=i ґ=g ў=u ђ=d ѓ=g љ=lj њ=nj ћ=c ќ=k џ=dz ѕ=dz ј=j"  # noqa: RUF001
)
_SPELLED = dict(pair.split("=") for text in (_LATIN, _GREEK, _CYRILLIC) for pair in text.split())
_SPELLED |= dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"') | dict.fromkeys("\u2018\u2019\u201a\u2039\u203a", "'")
_SPELLED |= dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-") | {"\u00d7": "x", "\u00ad": ""}


def transliterate(text: str, holds: Callable[[str], bool]) -> str:
    """The text with every character that the charset does not hold spelled by ones that it holds.

    "Łódź" becomes "Lodz" in ASCII and "Lódz" in ISO 8859-1. What has no spelling (Chinese, an emoji) is left as it is.
    holds: whether the charset holds a character.
    """
    composed = unicodedata.normalize("NFC", text)
    return "".join(character if holds(character) else _spell(character, holds) for character in composed)


def _spell(character: str, holds: Callable[[str], bool]) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    for each in (_spelling(character), _spelling(plain), plain or None):
        for cased in () if each is None else (each, each.upper()):
            if all(map(holds, cased)):
                return cased
    return character


def _spelling(character: str) -> str | None:
    """The table's spelling of a small letter or of its capital."""
    if character in _SPELLED:
        return _SPELLED[character]
    found = _SPELLED.get(character.lower())
    return found[:1].upper() + found[1:] if found is not None else None
