"""The demo: a hub of its own, and seven partners as processes that know nothing of the hub but the wire."""
