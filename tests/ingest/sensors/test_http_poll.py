"""A real HTTP server that answers well, badly, endlessly, elsewhere or not at all."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingest.clock import ManualClock
from ingest.sensors.http_poll import HttpDevice
from ingest.sensors.numbers import MOST_BYTES
from ingest.sensors.settings import HttpSource
from ingest.sensors.source import Failure, NoSample, Sample
from tests.servers import free_port

CLOCK = ManualClock(datetime(2026, 1, 31, 8, tzinfo=UTC))
SEEN: list[str | None] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SEEN.append(self.headers.get("Authorization"))
        answers = {
            "/good": (200, {}, b'{"pm": {"pm25": "31.5"}}'),
            "/broken": (500, {}, b"{}"),
            "/elsewhere": (302, {"Location": "/good"}, b""),
            "/page": (200, {}, b"<html>"),
            "/large": (200, {}, b" " * (MOST_BYTES + 1)),
            "/packed": (200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"pm": {"pm25": 1}}')),
        }
        if self.path == "/mute":
            release.wait(10)
            return
        status, headers, body = answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Quiet."""


release = threading.Event()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    release.set()
    server.shutdown()
    server.server_close()


def ask(url: str, **settings: Any) -> Sample | NoSample:
    source = HttpSource.model_validate({"url": url, "value": "/pm/pm25", **settings})
    with closing(HttpDevice(source, clock=CLOCK)) as device:
        return device.ask()


def test_the_number_is_found_and_the_token_sent(address: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    answer = ask(f"{address}/good", token_file=tmp_path / "token")
    assert isinstance(answer, Sample), answer
    assert (answer.number, SEEN[-1]) == (31.5, "Bearer s3cret")


@pytest.mark.parametrize(
    ("path", "failure"),
    [
        ("/broken", Failure.REFUSED),
        ("/elsewhere", Failure.REFUSED),
        ("/page", Failure.BAD_ANSWER),
        ("/large", Failure.BAD_ANSWER),
        ("/packed", Failure.BAD_ANSWER),
        ("/mute", Failure.TIMED_OUT),
    ],
)
def test_everything_else_is_no_reading_with_its_reason(address: str, path: str, failure: Failure) -> None:
    answer = ask(address + path, timeout_s=0.5 if path == "/mute" else 10.0)
    assert isinstance(answer, NoSample)
    assert answer.failure is failure


def test_nobody_there_is_unreachable() -> None:
    answer = ask(f"http://127.0.0.1:{free_port()}/good")
    assert isinstance(answer, NoSample)
    assert answer.failure is Failure.UNREACHABLE


@pytest.mark.parametrize("url", ["ftp://x/", "http://user:pw@x/", "http:///x", "http://x:99999/", "http://x/ y"])
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        HttpSource.model_validate({"url": url})
