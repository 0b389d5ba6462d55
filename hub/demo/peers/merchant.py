"""Northwind ERP, the merchant's own system: gets the canonical JSON of every document; out of order at first."""

import json
import sys
import threading
from collections.abc import Mapping

from hub.demo import scenario
from hub.demo.wire import Expected, Seen, serve, stay, tell, told_to_go


class System:
    def __init__(self) -> None:
        self._seen = Seen()
        self._expected = Expected(scenario.DOCUMENTS)
        self._refusals = scenario.REFUSALS
        self._lock = threading.Lock()

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        with self._lock:
            if self._refusals:
                self._refusals -= 1
                tell("refused", text="503 on purpose")
                return 503
        if self._seen.before(headers):
            return 200
        document = json.loads(body)
        tell("got", what=document["document"], number=document.get("number", ""))
        self._expected.got(document["document"])
        return 200


def main() -> None:
    tell("ready", port=serve(System().take, sys.argv[1]))
    told_to_go()
    stay()


if __name__ == "__main__":
    main()
