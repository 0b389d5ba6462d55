"""Summit Outdoor, an American retailer over AS2: what either side posts is answered by an MDN."""

import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub import as2
from hub.demo import scenario
from hub.demo.peers.retailer_us import order
from hub.demo.wire import (
    Expected,
    Reply,
    Seen,
    X12Segment,
    acknowledge_x12,
    first,
    post,
    serve,
    split_x12,
    stay,
    tell,
    told_to_go,
    x12,
)

US, THEM = "ZZ:SUMMIT", "ZZ:NORTHWIND"
OWN_NAME, HUB_NAME = "SUMMIT", "NORTHWIND"
RULES = as2.Rules(True, True, ["sha-256"], ["aes-256-cbc"], 1_000_000)


class Retailer:
    def __init__(self) -> None:
        self._expected = Expected({"997": 1, "855": 1, "856": 1, "810": 1, "MDN": 4})
        self._seen = Seen()
        self._answers: dict[str, Reply] = {}
        self._number = int(time.time()) % 100_000_000
        self._url = ""
        self._lock = threading.Lock()

    def go(self, said: Mapping[str, Any]) -> None:
        """Where the hub is, and what keys and certificates were exchanged."""
        self._key = as2.read_key(said["secrets"]["summit-key"], None, "our key")
        self._theirs = as2.read_certificates(said["secrets"]["northwind-certificate"], "the hub's certificate")
        self._url = f"{said['http']}/as2"

    def take(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """A message of the hub's: proven, opened, applied once, and answered by a receipt; the same one by the same."""
        with self._lock:
            return self._taken(body, headers)

    def _taken(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        now = datetime.now(UTC)
        try:
            heading = as2.read_heading(headers)
            if not self._seen.before({"idempotency-key": heading.message_id}):
                wanted, keys, known = heading.receipt, [self._key], self._theirs
                opened = as2.open_message(
                    headers, body, keys=keys, certificates=known, rules=RULES, wanted=wanted, now=now
                )
                self.got(split_x12(opened.body))
                made, receipt = as2.make_receipt(
                    heading,
                    text="Taken.",
                    message_id=f"<mdn-{time.time_ns()}@summit>",
                    now=now,
                    mic=opened.mic,
                    signing=(self._key, "sha-256"),
                )
                self._answers[heading.message_id] = (200, made, receipt)
        except as2.As2Error as error:
            tell("wrong", what="AS2", text=error.message)
            return 400, {}, b""
        return self._answers[heading.message_id]

    def got(self, segments: list[X12Segment]) -> None:
        kind = first(segments, "ST")[1]
        if kind == "997":
            if first(segments, "AK9")[1] != "A":
                tell("wrong", what=kind, text=f"our order is refused: {segments}")
            number = scenario.AS2_ORDER
        else:
            where = {"855": ("BAK", 3), "856": ("PRF", 1), "810": ("BIG", 4)}[kind]
            number = first(segments, where[0])[where[1]]
            if number != scenario.AS2_ORDER:
                tell("wrong", what=kind, text=f"it is about order {number!r}")
            self.send("FA", acknowledge_x12(segments))
        tell("got", what=kind, number=number)
        self._expected.got(kind)

    def send(self, functional_id: str, message: list[X12Segment]) -> None:
        """One interchange in one message; its receipt must be the hub's, and of these bytes."""
        self._number += 1
        now = datetime.now(UTC)
        wanted = as2.Wanted(True, ("sha-256",))
        made = as2.make(
            x12(US, THEM, self._number, functional_id, [message]),
            heading=as2.Heading(OWN_NAME, HUB_NAME, f"<{self._number}@summit>", wanted),
            media_type="application/edi-x12",
            file_name=f"{functional_id}_{self._number}.edi",
            subject="EDI",
            protection=as2.Protection(self._key, self._theirs[0]),
            now=now,
            random=os.urandom,
        )
        answer = post(self._url, made.body, made.headers)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        try:
            said = as2.read_receipt(headers, answer.content, self._theirs, digests=["sha-256"], now=datetime.now(UTC))
        except as2.As2Error as error:
            tell("wrong", what="MDN", text=f"status {answer.status_code}: {error.message}")
            return
        if not said.accepted or said.signer is None or said.mic != made.mic:
            tell("wrong", what="MDN", text=f"{said.disposition}, MIC {said.mic}, ours {made.mic}")
        tell("got", what="MDN", number=str(self._number))
        self._expected.got("MDN")


def main() -> None:
    retailer = Retailer()
    tell("ready", port=serve(retailer.take))
    retailer.go(told_to_go())
    retailer.send("PO", order(scenario.AS2_ORDER, "Summit Outdoor Inc", "SUMMIT"))
    tell("sent", to="hub", what="850", number=scenario.AS2_ORDER)
    stay()


if __name__ == "__main__":
    main()
