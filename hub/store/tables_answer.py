"""The table of what requests were answered with, so that the same request gets the same answer for ever."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from hub.store.columns import metadata
from hub.store.types import Blob, Json

IS_OPEN = "receipt_state IN ('awaited', 'asked', 'overdue')"
"""Deliveries whose far end still owes its own receipt."""

answer = Table(
    "answer",
    metadata,
    Column("payload_id", String(36), ForeignKey("payload.id"), primary_key=True),
    Column("status", Integer, nullable=False),  # of HTTP
    Column("headers", Json, nullable=False),
    Column("body", Blob, nullable=False),  # an MDN: some kilobytes
    Column("delivery_id", String(36)),  # the receipt that goes later (asynchronous MDN); a resend replaces it
)
