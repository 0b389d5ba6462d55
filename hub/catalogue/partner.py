"""Codes of the area: partner."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = ()
