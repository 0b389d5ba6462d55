"""Which separators an answer uses: the partner's own, unless they cannot be used."""

from hub.syntax.model import Separators


def usable(sent: Separators, standard: Separators) -> Separators:
    """The separators as the partner sent them if a writer can use them, else the standard's own."""
    marks = [mark for mark in (sent.element, sent.component, sent.segment, sent.repetition, sent.release) if mark]
    written = all(mark.isascii() and not mark.isalnum() and mark != " " for mark in marks)
    complete = bool(sent.element and sent.component and sent.segment)
    return sent if complete and written and len(set(marks)) == len(marks) else standard
