"""Codes of the area: mapping."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
