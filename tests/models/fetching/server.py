"""A real HTTP server on the loopback that can be told to misbehave, one way per path."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Serves `server.files`; a path in `server.faults` is answered by its fault instead, until that returns False."""

    protocol_version = "HTTP/1.1"
    server: Mirror

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))
        fault = self.server.faults.get(self.path)
        if fault is not None and fault(self) is not False:
            return
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = self.range_start()
        if start:
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:])

    def range_start(self) -> int:
        """The first byte that is asked for."""
        return int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"", *, cut: bool = False) -> None:
        """Any answer; `cut` closes the connection after it."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.close_connection = cut

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Be silent."""


Fault = Callable[[Handler], object]


class Mirror(ThreadingHTTPServer):
    """The server; `asked` lists every request's path and Range, `done` is set when it ends."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, Fault] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.done = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what these tests are about."""


@contextmanager
def mirror() -> Iterator[Mirror]:
    """A running server."""
    server = Mirror()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def times(count: int, fault: Fault) -> Fault:
    """A fault that passes after so many requests."""
    left = [count]

    def _fault(handler: Handler) -> object:
        left[0] -= 1
        return fault(handler) if left[0] >= 0 else False

    return _fault
