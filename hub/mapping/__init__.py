"""Runs one mapping spec in both directions: messages into canonical documents, documents into messages."""

from hub.mapping.library import Library
from hub.mapping.mapping import Mapping
from hub.mapping.results import Reading, Writing
from hub.mapping.run import Trace

__all__ = ["Library", "Mapping", "Reading", "Trace", "Writing"]
