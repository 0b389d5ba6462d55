"""Crossdock: an EDI and integration hub."""

__version__ = "0.1.0"
