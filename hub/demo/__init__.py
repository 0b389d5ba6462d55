"""The demo: a hub of its own, and six partners as processes that know nothing of the hub but the wire."""
