"""Alpine Dropship, a supplier: gets our ORDERS by HTTP and ships straight to the customer."""

import sys
import threading
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

US, THEM = "14:4056789000003", "14:4098765000010"


def ship_notice(number: str, items: list[tuple[str, str]]) -> list[Segment]:
    """A DESADV for a purchase order: everything in one carton. items: (GTIN, quantity)."""
    today = time.strftime("%Y%m%d")
    segments = [
        Segment("BGM", "351", f"LS-{number}", "9"),
        Segment("DTM", ["137", today, "102"]),
        Segment("DTM", ["11", today, "102"]),
        Segment("RFF", ["ON", number]),
        Segment("NAD", "SU", ["4056789000003", "", "9"]),
        Segment("NAD", "DP", ["4012345000108", "", "9"]),
        Segment("CPS", "1"),
        Segment("PAC", "1", "", "CT"),
        Segment("PCI", "33E"),
        Segment("GIN", "BJ", scenario.ALPINE_SSCC),
    ]
    for place, (gtin, quantity) in enumerate(items, 1):
        segments += [Segment("LIN", str(place), "", [gtin, "EN"]), Segment("QTY", ["12", quantity, "PCE"])]
    return segments


class Supplier:
    def __init__(self) -> None:
        self._seen = Seen()
        self._expected = Expected({"ORDERS": 1, "CONTRL": 1})
        self._number = int(time.time())
        self.go: dict[str, Any] = {}

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        if self._seen.before(headers):
            return 200
        kind, interchange, segments = read_edifact(body)
        if kind == "ORDERS":
            number = value(segments, "BGM")
            tell("got", what=kind, number=number)
            self.send("CONTRL", control(interchange, kind))
            threading.Thread(target=self.ship, args=(number, segments), daemon=True).start()
        else:
            tell("got", what=kind, number="DESADV")
        self._expected.got(kind)
        return 200

    def ship(self, number: str, segments: list[Segment]) -> None:
        time.sleep(1)
        gtins = [segment.elements[2][0] for segment in segments if segment.tag == "LIN"]
        wanted = [segment.elements[0][1] for segment in segments if segment.tag == "QTY"]
        self.send("DESADV", ship_notice(number, list(zip(gtins, wanted, strict=True))))
        tell("sent", to="hub", what="DESADV", number=number)

    def send(self, kind: str, segments: list[Segment]) -> None:
        self._number += 1
        url, secret = f"{self.go['http']}/in/alpine/http", self.go["secrets"]["alpine-in"]
        body = edifact(US, THEM, str(self._number), kind, segments)
        post_document(url, secret, body, f"alpine-{self._number}", f"{kind}.edi")


def main() -> None:
    supplier = Supplier()
    tell("ready", port=serve(supplier.take, sys.argv[1]))
    supplier.go = told_to_go()
    stay()


if __name__ == "__main__":
    main()
