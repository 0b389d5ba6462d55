"""Codes of the area: delivery."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
