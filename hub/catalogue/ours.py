"""Codes of the area: ours."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
