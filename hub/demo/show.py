"""What the audience sees: one line for each message once its fate is known, and what is amiss at the end."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hub.demo import scenario

OPEN = {"validation": ("pending",), "delivery": ("queued",), "acknowledgement": ("expected",)}
SHOWN = {
    "validation": {"accepted": "valid", "accepted_with_errors": "valid with errors"},
    "delivery": {"none": ""},
    "acknowledgement": {"none": "", "accepted": "acknowledged", "rejected": "acknowledged as such"},
}


class Line(NamedTuple):
    """One message: local time, who to whom, as what, number, statuses; good: nobody needs to look at it."""

    time: str
    way: str
    what: str
    number: str
    statuses: str
    good: bool


class Show:
    """Remembers which messages the audience has seen, and how each stood a moment ago."""

    def __init__(self) -> None:
        self._before: dict[str, Line] = {}
        self._shown: dict[str, Line] = {}

    def lines(self, messages: Iterable[Mapping[str, Any]], *, last: bool = False) -> Sequence[Line]:
        """Lines for the messages whose fate is known and stands since the call before; last: do not wait for that.
        Messages come newest first, lines oldest first."""
        new = []
        for message in messages:
            if any(message[field] in values for field, values in OPEN.items()):
                continue
            key, line = message["id"], _line(message)
            if self._shown.get(key) != line and (last or self._before.get(key) == line):
                self._shown[key] = line
                new.append(line)
            self._before[key] = line
        return new[::-1]


def _line(message: Mapping[str, Any]) -> Line:
    name = scenario.NAMES.get(message["partner"], message["partner"])
    at = datetime.fromisoformat(message["at"]).astimezone()
    standard = {"x12": "X12", "edifact": "EDIFACT", "json": "JSON"}.get(message["standard"], message["standard"])
    words = [SHOWN[field].get(message[field], message[field]) for field in OPEN]
    if message["tries"] > 1:
        words[1] += f" at try {message['tries']}"
    return Line(
        time=f"{at:%H:%M:%S}",
        way=f"{name} -> hub" if message["direction"] == "in" else f"hub -> {name}",
        what=f"{standard} {message['type']}"
        if standard != "JSON"
        else f"JSON {message['document'] or message['type']}",
        number=message["number"],
        statuses=", ".join(word.replace("_", " ") for word in words if word),
        good=message["concern"] != "problem",
    )
