"""Listens on this machine for the notifications that Dryland sends, and remembers them."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any

HOST, PORT = "127.0.0.1", 8799  # where dryland.yml sends to, unless SHOP_WEBHOOK_PORT says otherwise


class Receiver:
    """A web hook that answers 204 and keeps the JSON it was sent; use it as a context manager.

    Port 0 picks a free one. `received` grows while it runs and stays readable afterwards.
    """

    def __init__(self, port: int = PORT) -> None:
        self.received: list[Any] = []
        self._server = HTTPServer((HOST, port), _handler(self.received))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Where to send notifications."""
        return f"http://{HOST}:{self.port}/notify"

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(received: list[Any]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # a caller who sends nothing must not keep the receiver from stopping

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                received.append(json.loads(body))
            except ValueError:
                self.send_error(400, "The body is not JSON")
                return
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent: whoever started the receiver decides what to show."""

    return Handler
