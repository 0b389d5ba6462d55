"""Which codec reads an interchange: by UNB 0001 (UNOA..UNOY) and by what its bytes are."""

from typing import NamedTuple

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
"""UNB 0001 (syntax identifier) to a Python codec. UNOA and UNOB promise ASCII; latin-1 reads more."""

ASCII_ONLY = frozenset({"UNOA", "UNOB"})


class Choice(NamedTuple):
    """codec reads the bytes; fits: every byte fitted it; switched: it is not the declared one."""

    codec: str
    fits: bool
    switched: bool


class Evidence:
    """What the bytes of an interchange say about their charset, collected message by message."""

    def __init__(self) -> None:
        self.first: int | None = None
        self._utf8 = True
        self._fitting: dict[str, bool] = {}

    def add(self, text: bytes, offset: int, declared: str) -> None:
        """Look at text (at offset in the payload), which is meant to be in the codec `declared`."""
        if text.isascii():
            return
        if self.first is None:
            self.first = offset + next(at for at, byte in enumerate(text) if byte > 0x7F)
        if self._utf8:
            self._utf8 = _decodes(text, "utf-8")
        if self._fitting.get(declared, True):
            self._fitting[declared] = _decodes(text, declared)

    def choose(self, declared: str) -> Choice:
        """The codec to read with: the declared one, unless the bytes are plainly UTF-8 or do not fit it."""
        if self.first is None:
            return Choice(declared, True, False)
        if self._utf8 and declared != "euc_kr":
            return Choice("utf-8", True, declared != "utf-8")
        if self._fitting.get(declared, True):
            return Choice(declared, True, False)
        return Choice("latin-1", False, True)


def _decodes(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
