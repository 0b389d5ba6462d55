"""An AS2 partner as a process of its own: `python -m tests.crash.as2_peer FOLDER` prints its port.

It takes each Message-ID once and keeps, a line each, what it was sent: FOLDER/as2.log holds "message-id new" or
"message-id again", FOLDER/mdn.log the digest of every receipt posted to it and what that is about. A message gets the
receipt that it got first; one that is to be posted lies in FOLDER/posts, once for each time it was asked for.
"""

import hashlib
import re
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import ClassVar

import msgspec

from tests.contracts.as2_peers import Identity, Pyas2lib, Way

Posted = tuple[dict[str, str], bytes]


class Peer(BaseHTTPRequestHandler):
    folder: ClassVar[Path]
    partner: ClassVar[Pyas2lib]
    lock: ClassVar[Lock] = Lock()

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or -1)
        body = self.rfile.read(max(length, 0))
        if length < 0 or len(body) < length:  # it broke off
            return
        with self.lock:
            headers, answer = ({}, b"") if self.path == "/mdn" else self._message(body)
            if self.path == "/mdn":
                self._receipt(body)
        self.send_response(200)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, " ".join(value.split()))
        self.send_header("content-length", str(len(answer)))
        with suppress(OSError):  # whoever asked was killed
            self.end_headers()
            self.wfile.write(answer)

    def _message(self, body: bytes) -> Posted:
        headers = {name.lower(): value for name, value in self.headers.items()}
        name, log = headers["message-id"].strip("<>"), self.folder / "as2.log"
        lines = log.read_text().splitlines() if log.exists() else []
        kept = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()}.mdn"
        known = f"{name} new" in lines
        if not known:
            _, receipt = self.partner.receive(headers, body, Way(True, True, False, "sync"))
            kept.write_bytes(msgspec.json.encode(receipt))
        with log.open("a") as file:
            file.write(f"{name} {'again' if known else 'new'}\n")
        if "receipt-delivery-option" not in headers:
            return msgspec.json.decode(kept.read_bytes(), type=Posted)
        times = sum(line.split()[0] == name for line in lines)
        part = self.folder / "posts" / f"{kept.stem}.{times}.part"
        part.write_bytes(kept.read_bytes())
        part.rename(part.with_suffix(".json"))
        return {}, b""

    def _receipt(self, body: bytes) -> None:
        about = re.search(rb"Original-Message-ID: *<([^>]*)>", body)
        assert about is not None
        with (self.folder / "mdn.log").open("a") as file:
            file.write(f"{about[1].decode()} {hashlib.sha256(body).hexdigest()}\n")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def main(folder: str) -> None:
    Peer.folder = Path(folder)
    us, them = (msgspec.json.decode((Peer.folder.parent / f"{name}.json").read_bytes()) for name in ("us", "them"))
    Peer.partner = Pyas2lib(Identity(*us), Identity(*them), Peer.folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
