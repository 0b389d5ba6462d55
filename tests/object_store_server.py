"""An S3 server in a process of its own: says where it listens, and goes away, fails and comes back as it is told."""

import itertools
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import BaseWSGIServer, make_server

BUCKET = "payloads"


class Failing:
    """Answers 503 to some requests: from the first on, so many."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self.expect(0, 0)

    def expect(self, first: int, count: int) -> None:
        self._numbers = itertools.count(1)
        self._failing = range(first, first + count)

    def passed(self) -> int:
        return next(self._numbers) - 1

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if next(self._numbers) in self._failing:
            start_response("503 Slow Down", [("Content-Length", "0")])
            return [b""]
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


def listen(app: Failing, port: int) -> BaseWSGIServer:
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    s3_backends["123456789012"]["aws"].create_bucket(BUCKET, "us-east-1")
    app = Failing()
    server = listen(app, 0)
    port = server.server_port
    print(port, flush=True)
    for line in sys.stdin:
        said = "done"
        match line.split():
            case ["cut"]:
                server.shutdown()
                server.server_close()
            case ["back"]:
                server = listen(app, port)
            case ["fail", first, count]:
                app.expect(int(first), int(count))
            case ["passed"]:
                said = str(app.passed())
        print(said, flush=True)


if __name__ == "__main__":
    main()
