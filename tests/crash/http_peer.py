"""A partner's service as a process of its own: `python -m tests.crash.http_peer FOLDER` prints its port.

It takes each Idempotency-Key once and keeps, a line each, what it was sent: FOLDER/<path>.log holds "key new" or
"key again". The line is on the disk before the answer is sent.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import ClassVar


class Peer(BaseHTTPRequestHandler):
    folder: ClassVar[Path]
    lock: ClassVar[Lock] = Lock()

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or -1)
        if length < 0 or len(self.rfile.read(length)) < length:  # it broke off
            return
        log = self.folder / f"{self.path.strip('/')}.log"
        key = self.headers["idempotency-key"]
        with self.lock:
            known = log.read_text().splitlines() if log.exists() else []
            told = "again" if f"{key} new" in known else "new"
            with log.open("a") as file:
                file.write(f"{key} {told}\n")
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def main(folder: str) -> None:
    Peer.folder = Path(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
