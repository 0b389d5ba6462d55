"""Every HUB-nnnn code: what it means, what to do, and which acknowledgement codes it becomes. One table, in parts by
area.

1xxx syntax and envelope, 2xxx schema, 3xxx mapping and guides, 4xxx partner and identity, 5xxx connectors and delivery,
6xxx store and dispatch, 7xxx acknowledgement, 8xxx orders, 9xxx ours.
"""

import sys

from hub.catalogue.row import Row

_AREAS = {
    "1": ("syntax", "envelope"),
    "2": ("schema",),
    "3": ("mapping", "guide"),
    "4": ("partner", "pipeline"),
    "5": ("delivery",),
    "6": ("store",),
    "7": ("acknowledgement",),
    "8": ("orders",),
    "9": ("ours",),
}
"""The first digit of the codes, and the modules that hold them."""

_known: dict[str, Row] = {}


def row_of(code: str) -> Row:
    """The row of a code; no other area is loaded for it. KeyError: there is none."""
    if code not in _known:
        _load(code[4:5])
    return _known[code]


def _load(digit: str) -> None:
    for area in _AREAS.get(digit, ()):
        name = f"{__name__}.{area}"
        __import__(name)
        _known.update((row.code, row) for row in sys.modules[name].ROWS)


TYPE_CHECKING = False
if TYPE_CHECKING:
    CATALOGUE: dict[str, Row]
else:

    def __getattr__(name):
        """The whole table is put together when somebody asks for it."""
        global CATALOGUE
        if name != "CATALOGUE":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        for digit in _AREAS:
            _load(digit)
        CATALOGUE = dict(sorted(_known.items()))
        return CATALOGUE


__all__ = ["CATALOGUE", "Row", "row_of"]
