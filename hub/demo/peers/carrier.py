"""Roadrunner Parcel, a carrier: signed webhooks for parcels, an X12 214 for freight; gets our 997 by HTTP."""

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.demo import scenario
from hub.demo.wire import Expected, Seen, first, post, serve, split_x12, stay, stripe_signature, tell, told_to_go, x12

US, THEM = "02:RDRN", "ZZ:NORTHWIND"
PLACES = {
    "picked_up": ("Newark", "NJ"),
    "in_transit": ("Memphis", "TN"),
    "out_for_delivery": ("Austin", "TX"),
    "delivered": ("Austin", "TX"),
}


class Carrier:
    def __init__(self) -> None:
        self._seen = Seen()
        self._happened: dict[tuple[str, str], datetime] = {}
        self._expected = Expected({"997": 1})
        self.go: dict[str, Any] = {}

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        if self._seen.before(headers):
            return 200
        segments = split_x12(body)
        if first(segments, "AK9")[1] != "A":
            tell("wrong", what="997", text=f"our 214 is refused: {segments}")
        tell("got", what="997", number="214")
        self._expected.got("997")
        return 200

    def drive(self) -> None:
        """Every parcel through its journey; the last one's in_transit is late; one event is sent twice."""
        late = []
        for step in scenario.JOURNEY:
            for parcel in scenario.PARCELS:
                if (step, parcel) == ("in_transit", scenario.PARCELS[-1]):
                    late.append((step, parcel))
                    continue
                self.event(step, parcel)
            if step == "picked_up":
                self.event(step, scenario.PARCELS[0])
            time.sleep(0.7)
        for step, parcel in late:
            self.event(step, parcel)
        self.freight()

    def event(self, step: str, parcel: str) -> None:
        city, region = PLACES[step]
        now = datetime.fromtimestamp(int(time.time()), UTC)
        happened = self._happened.setdefault((step, parcel), now)  # said twice, it is the same event
        body = json.dumps(
            {
                "id": f"{parcel}-{step}",
                "tracking_number": parcel,
                "status": step,
                "occurred_at": happened.isoformat(),
                "location": {"city": city, "region": region, "country": "US"},
                "carrier": "RDRN",
            }
        ).encode()
        self.send(body, f"{parcel}-{step}", "application/json", f"{parcel}-{step}.json")
        tell("sent", to="hub", what=step, number=parcel)

    def freight(self) -> None:
        now = datetime.now(UTC)
        segments = [
            ["214"],
            ["B10", scenario.FREIGHT, scenario.WHOLE_ORDER, "RDRN"],
            ["LX", "1"],
            ["AT7", "D1", "NS", "", "", f"{now:%Y%m%d}", f"{now:%H%M}", "UT"],
            ["MS1", "Austin", "TX", "US"],
        ]
        number = int(time.time()) % 1_000_000
        self.send(x12(US, THEM, number, "QM", [segments]), f"214-{number}", "application/edi-x12", "214.edi")
        tell("sent", to="hub", what="214", number=scenario.FREIGHT)

    def send(self, body: bytes, event_id: str, media_type: str, name: str) -> None:
        headers = {
            "stripe-signature": stripe_signature(self.go["secrets"]["roadrunner-webhook"], body),
            "webhook-id": event_id,
            "content-type": media_type,
            "x-file-name": name,
        }
        answer = post(f"{self.go['http']}/in/roadrunner/http", body, headers)
        if not answer.is_success:
            tell("wrong", what=name, text=f"the hub answers {answer.status_code}: {answer.text[:200]}")


def main() -> None:
    carrier = Carrier()
    tell("ready", port=serve(carrier.take, sys.argv[1]))
    carrier.go = told_to_go()
    time.sleep(2)
    carrier.drive()
    stay()


if __name__ == "__main__":
    main()
