"""Codes of the area: store."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
