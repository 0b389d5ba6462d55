"""The order's life: what a document that came in changes, and which documents must go out because of it."""

from hub.orders.apply import apply
from hub.orders.intake import look_up
from hub.orders.life import KINDS, Statuses, statuses
from hub.orders.model import Context, Outcome, Outward

__all__ = ["KINDS", "Context", "Outcome", "Outward", "Statuses", "apply", "look_up", "statuses"]
