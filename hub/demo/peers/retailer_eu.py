"""Europa Markt, a European retailer: EDIFACT over HTTP, read and written by pydifact."""

import sys
import time
from collections.abc import Mapping
from typing import Any

from pydifact.segments import Segment

from hub.demo import scenario
from hub.demo.wire import (
    Expected,
    Seen,
    control,
    edifact,
    post_document,
    read_edifact,
    serve,
    stay,
    tell,
    told_to_go,
    value,
)

US, THEM = "14:4012345000009", "14:4098765000010"


def order(number: str) -> list[Segment]:
    """An ORDERS without UNH and UNT."""
    today, wanted = time.strftime("%Y%m%d"), time.strftime("%Y%m%d", time.localtime(time.time() + 10 * 86400))
    segments = [
        Segment("BGM", "220", number, "9"),
        Segment("DTM", ["137", today, "102"]),
        Segment("DTM", ["2", wanted, "102"]),
        Segment("NAD", "BY", ["4012345000009", "", "9"], "", "Europa Markt GmbH"),
        Segment("NAD", "SU", ["4098765000010", "", "9"]),
        Segment(
            "NAD", "DP", ["4012345000108", "", "9"], "", "Europa Markt Koeln", "Domplatz 1", "Koeln", "", "50667", "DE"
        ),
        Segment("CUX", ["2", "EUR", "9"]),
    ]
    for place, (item, quantity) in enumerate(scenario.LINES[number], 1):
        segments += [
            Segment("LIN", str(place), "", [item.gtin, "EN"]),
            Segment("PIA", "5", [item.number, "SA"]),
            Segment("IMD", "F", "", ["", "", "", item.name]),
            Segment("QTY", ["21", str(quantity), "PCE"]),
            Segment("PRI", ["AAA", item.price]),
        ]
    return [*segments, Segment("UNS", "S"), Segment("CNT", ["2", str(len(scenario.LINES[number]))])]


class Retailer:
    def __init__(self) -> None:
        self._seen = Seen()
        self._expected = Expected({"CONTRL": 1, "ORDRSP": 1, "DESADV": 1, "INVOIC": 1})
        self._number = int(time.time())
        self.go: dict[str, Any] = {}

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        if self._seen.before(headers):
            return 200
        kind, interchange, segments = read_edifact(body)
        if kind == "CONTRL":
            answer = value(segments, "UCI")  # sender; the action is the fourth element
            action = next(segment for segment in segments if segment.tag == "UCI").elements[3]
            if action not in ("7", "8"):
                tell("wrong", what=kind, text=f"our order is refused: {answer} {action}")
            tell("got", what=kind, number=scenario.EUROPEAN_ORDER)
        else:
            number = value(segments, "RFF", "ON")
            if number != scenario.EUROPEAN_ORDER:
                tell("wrong", what=kind, text=f"it is about order {number!r}")
            tell("got", what=kind, number=number)
            self.send("CONTRL", control(interchange, kind))
        self._expected.got(kind)
        return 200

    def send(self, kind: str, segments: list[Segment]) -> None:
        self._number += 1
        url, secret = f"{self.go['http']}/in/europa/http", self.go["secrets"]["europa-in"]
        body = edifact(US, THEM, str(self._number), kind, segments)
        post_document(url, secret, body, f"europa-{self._number}", f"{kind}.edi")


def main() -> None:
    retailer = Retailer()
    token = sys.argv[1]
    tell("ready", port=serve(retailer.take, token))
    retailer.go = told_to_go()
    retailer.send("ORDERS", order(scenario.EUROPEAN_ORDER))
    tell("sent", to="hub", what="ORDERS", number=scenario.EUROPEAN_ORDER)
    stay()


if __name__ == "__main__":
    main()
