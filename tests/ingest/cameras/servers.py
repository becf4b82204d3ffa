"""Real camera servers on loopback: RTSP (aio-rtsp-toolkit) and MJPEG over HTTP."""

from __future__ import annotations

import http.server
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from tests.ingest.cameras.makers import jpeg
from tests.servers import free_port, listening
from tests.waiting import wait_for

BOUNDARY = "frameboundary"


class RtspServer:
    """Publishes the files of a folder: ``rtsp://127.0.0.1:{port}/{file}``."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._control_port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> RtspServer:
        program = Path(sys.executable).with_name("rtsp-server")
        self._process = subprocess.Popen(
            [program, "-d", self._folder, "-H", "127.0.0.1", "-p", str(self.port), "-cp", str(self._control_port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: listening(self.port), what="the RTSP server listening")
        return self

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing comes."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


class MjpegServer:
    """A camera over HTTP with many faces.

    ``/mjpeg`` is an endless stream; ``/secret`` and ``/digest`` want a password; ``/hang`` never answers; ``/to?URL``
    redirects; ``/flood`` sends as fast as it can; ``/giant`` announces a picture of a gigabyte and sends it; ``/huge``
    sends a header that claims 60,000 pixels a side; ``/flap`` changes its size at every picture; ``/trickle`` sends a
    byte now and then.
    """

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.sent = 0
        self.seen: list[tuple[str, str]] = []
        """Path and Authorization header of every request."""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        self.seen.append((request.path, request.headers.get("Authorization", "")))
        if request.path == "/hang":
            self.stopping.wait(60)
            return
        if request.path.startswith("/to?"):
            request.send_response(302)
            request.send_header("Location", request.path[4:])
            request.end_headers()
            return
        if request.path == "/digest" and "Digest" not in request.headers.get("Authorization", ""):
            request.send_response(401)
            request.send_header("WWW-Authenticate", 'Digest realm="camera", nonce="abc", qop="auth"')
            request.end_headers()
            return
        if request.path == "/secret" and "Authorization" not in request.headers:
            request.send_response(401)
            request.send_header("WWW-Authenticate", 'Basic realm="camera"')
            request.end_headers()
            return
        if request.path == "/playlist":
            request.send_response(200)
            request.send_header("Content-Type", "application/vnd.apple.mpegurl")
            request.end_headers()
            request.wfile.write(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n")
            return
        self._stream(request)

    def _stream(self, request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        request.end_headers()
        try:
            self._pictures(request.path, request.wfile)
        except OSError:
            return

    def _pictures(self, path: str, out: BinaryIO) -> None:
        index = 0
        while not self.stopping.wait(0.0 if path == "/flood" else 0.04):
            if path == "/trickle":
                out.write(b"x")
                self.stopping.wait(0.2)
                continue
            picture = jpeg(index, *((64, 48) if path != "/flap" or index % 2 else (96, 64)))
            if path == "/huge":
                at = picture.index(b"\xff\xc0") + 5
                picture = picture[:at] + b"\xea\x60\xea\x60" + picture[at + 4 :]
            length = 1 << 30 if path == "/giant" else len(picture)
            out.write(f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n".encode())
            while path == "/giant":
                out.write(b"x" * 65536)
            out.write(picture + b"\r\n")
            index += 1
            self.sent += 1

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
