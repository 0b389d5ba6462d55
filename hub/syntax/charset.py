"""Which codec reads an interchange: by UNB 0001 (UNOA..UNOY), by what its bytes are, or by what is agreed."""

import codecs
from collections.abc import Iterable
from functools import cache

from hub.record import Record

UNOX: dict[str, str] = {
    "UNOA": "latin-1",
    "UNOB": "latin-1",
    "UNOC": "latin-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
    "IATA": "latin-1",
    "IATB": "latin-1",
    "KECA": "euc_kr",
}
"""UNB 0001 (syntax identifier) to a Python codec. UNOA and UNOB promise less; latin-1 reads more."""

_LEVEL_A = frozenset(" ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-()/=!\"%&*;<>'+:?")
LEVELS = {"UNOA": _LEVEL_A, "UNOB": _LEVEL_A | frozenset("abcdefghijklmnopqrstuvwxyz")}
"""The characters of levels A and B (ISO 9735): parts of ASCII. All other syntax identifiers name a charset."""

_EVERY_BYTE = bytes(range(256))
EBCDIC = frozenset({"cp037", "cp500"})

_AMBIGUOUS = ("shift_jis", "cp932", "cp949", "cp950", "big5", "gb18030", "gbk", "johab", "hz", "utf-7", "iso2022")
"""Codecs in which a byte of a character may look like a separator, or means something else behind another, by name."""


def codec_of(name: str) -> str | None:
    """The Python codec of a charset by its name: UNOC, "windows-1252", "cp037".

    None: there is no such charset, or separators cannot be found in it.
    """
    if name.strip().upper() in UNOX:
        return UNOX[name.strip().upper()]
    try:
        codec = codecs.lookup(name.strip()).name
        ascii_alike = _EVERY_BYTE[:128].decode(codec) == _EVERY_BYTE[:128].decode("ascii")
    except (LookupError, ValueError):
        return None
    if codec in EBCDIC:
        return codec
    if not ascii_alike or codec.startswith(_AMBIGUOUS):
        return None
    return "latin-1" if codec in ("iso8859-1", "ascii") else codec


def readable(text: bytes, codec: str) -> tuple[bytes, str]:
    """Text and codec as the engine reads them: EBCDIC becomes ISO 8859-1 of the same length, all else is as it is."""
    return (text.translate(_from_ebcdic(codec)), "latin-1") if codec in EBCDIC else (text, codec)


@cache
def _from_ebcdic(codec: str) -> bytes:
    """The table that turns its bytes into ISO 8859-1, byte for byte, so that offsets stay. NEL is a line feed."""
    return _EVERY_BYTE.decode(codec).replace("\x85", "\n").encode("latin-1")


def to_ebcdic(text: bytes, codec: str) -> bytes:
    """Text of ISO 8859-1 in EBCDIC, byte for byte; other codecs leave it as it is."""
    return text.decode("latin-1").encode(codec) if codec in EBCDIC else text


class Choice(Record):
    """codec reads the bytes; fits: every byte fitted it; switched: it is not the declared one."""

    codec: str
    fits: bool
    switched: bool


_LATIN = frozenset({"latin-1", "iso8859-15", "iso8859-9"})
"""Charsets that senders declare and windows-1252 takes the place of: where they have controls, it has letters."""

_CONTROLS = bytes(range(0x80, 0xA0))


class Evidence:
    """What the bytes of an interchange say about their charset, collected message by message.

    level: the characters that the syntax identifier allows (UNOA, UNOB), separators and line breaks among them; None
    where it allows all of its charset. wrapped: line breaks may fall inside a character. first and outside: offsets
    of the first byte beyond ASCII, and of the first beyond the level.
    """

    def __init__(self, level: bytes | None = None, *, wrapped: bool = False) -> None:
        self.first: int | None = None
        self.outside: int | None = None
        self.found = ""
        self._level = level
        self._wrapped = wrapped
        self._utf8 = True
        self._controls = False
        self._fitting: dict[str, bool] = {}

    def add(self, text: bytes, offset: int, declared: str) -> None:
        """Look at text (at offset in the payload), which is meant to be in the codec `declared`."""
        if self._level is not None and self.outside is None and (beyond := text.translate(None, self._level)):
            self.outside = offset + text.index(beyond[:1])
            self.found = beyond[:1].decode("latin-1")
        if text.isascii():
            return
        if self.first is None:
            self.first = offset + next(at for at, byte in enumerate(text) if byte > 0x7F)
        text = text.translate(None, b"\r\n") if self._wrapped else text
        if self._utf8:
            self._utf8 = _decodes(text, "utf-8")
        self._controls = self._controls or len(text.translate(None, _CONTROLS)) < len(text)
        for codec in (declared, "cp1252"):
            if self._fitting.get(codec, True):
                self._fitting[codec] = _decodes(text, codec)

    def fits(self, codec: str) -> bool:
        """Whether all bytes looked at as being in that codec were."""
        return self._fitting.get(codec, True)

    def choose(self, declared: str) -> Choice:
        """The codec to read with: the declared one, unless the bytes are plainly UTF-8 or windows-1252, or misfit."""
        if self.first is None:
            return Choice(declared, True, False)
        if self._utf8 and declared != "euc_kr":
            return Choice("utf-8", True, declared != "utf-8")
        if self._controls and declared in _LATIN:
            return Choice("cp1252", True, True) if self.fits("cp1252") else Choice(declared, False, True)
        if self.fits(declared):
            return Choice(declared, True, False)
        return Choice("latin-1", False, True)


def level_of(syntax: str, separators: Iterable[str | None]) -> bytes | None:
    """The bytes that may stand in an interchange of that syntax identifier; None: all of its charset."""
    level = LEVELS.get(syntax)
    if level is None:
        return None
    return "".join([*level, *(mark for mark in separators if mark), "\r\n"]).encode("latin-1", "replace")


def _decodes(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
