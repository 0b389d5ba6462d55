"""Places of mapping rules are places of messages, as hub.schema.place reads them."""

from hub.schema.place import Place, Step, Test, parse_place

__all__ = ["Place", "Step", "Test", "parse_place"]
