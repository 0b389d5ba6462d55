"""Codes of the area: orders."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
