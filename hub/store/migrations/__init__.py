"""The tables' history: one file a step, run by hub.store.migrate."""
