"""Codes of the area: syntax."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
