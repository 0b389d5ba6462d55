"""Codes of the area: schema."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
