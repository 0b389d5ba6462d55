"""Codes of the area: acknowledgement."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
