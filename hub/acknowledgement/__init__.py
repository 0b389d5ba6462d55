"""Acknowledgements: findings become TA1, 997, 999, CONTRL, or in business terms 824 and APERAK; and theirs are read."""

from hub.acknowledgement.results import MessageResult, check_messages
from hub.acknowledgement.unit import document_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.acknowledgement.answer import KINDS, acknowledge
    from hub.acknowledgement.business import BUSINESS_KINDS, answer_business, answered_groups
    from hub.acknowledgement.model import Acknowledgement, Answer, Detail, Level, Status
    from hub.acknowledgement.read import read_acknowledgement, read_ta1
else:
    _LATER = {
        "answer": ("KINDS", "acknowledge"),
        "business": ("BUSINESS_KINDS", "answer_business", "answered_groups"),
        "model": ("Acknowledgement", "Answer", "Detail", "Level", "Status"),
        "read": ("read_acknowledgement", "read_ta1"),
    }

    def __getattr__(name):
        """What writes and reads answers is loaded when it is asked for: to check a file takes none of it."""
        module = next((module for module, names in _LATER.items() if name in names), None)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{module}"), name)


__all__ = [
    "BUSINESS_KINDS",
    "KINDS",
    "Acknowledgement",
    "Answer",
    "Detail",
    "Level",
    "MessageResult",
    "Status",
    "acknowledge",
    "answer_business",
    "answered_groups",
    "check_messages",
    "document_named",
    "read_acknowledgement",
    "read_ta1",
]
