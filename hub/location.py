"""Where in a payload something is: the one way every finding and error points at bytes."""

from hub.record import Record


class Location(Record, unsafe_hash=True):
    """A place in a payload. Positions are 1-based as in the standards, absent parts are None.

    segment counts as AK301 and UCS do: ST or UNH is 1, within its message; outside a message it counts from the ISA or
    UNB of the interchange. offset is 0-based from the start of the payload, of the element if known, else of the
    segment.
    """

    interchange: int | None = None
    group: int | None = None
    message: int | None = None
    segment: int | None = None
    tag: str | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    offset: int | None = None

    def __init__(
        self,
        interchange: int | None = None,
        group: int | None = None,
        message: int | None = None,
        segment: int | None = None,
        tag: str | None = None,
        element: int | None = None,
        component: int | None = None,
        repetition: int | None = None,
        offset: int | None = None,
    ) -> None:
        self.interchange = interchange
        self.group = group
        self.message = message
        self.segment = segment
        self.tag = tag
        self.element = element
        self.component = component
        self.repetition = repetition
        self.offset = offset

    def __str__(self) -> str:
        """The place in words: "interchange 1, message 2, segment 5 (PO1), element 3, byte 412"."""
        words = [
            f"{name} {value}"
            for name in ("interchange", "group", "message")
            if (value := getattr(self, name)) is not None
        ]
        if self.segment is not None:
            words.append(f"segment {self.segment}" + (f" ({self.tag})" if self.tag else ""))
        elif self.tag:
            words.append(self.tag)
        words += [
            f"{name} {value}"
            for name in ("element", "component", "repetition")
            if (value := getattr(self, name)) is not None
        ]
        if self.offset is not None:
            words.append(f"byte {self.offset}")
        return ", ".join(words) or "the whole payload"


NOWHERE = Location()
