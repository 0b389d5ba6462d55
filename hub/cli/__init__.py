"""The commands `hub` and `crossdock`."""

from hub.cli.main import main

__all__ = ["main"]
