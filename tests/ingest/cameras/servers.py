"""Real camera servers on loopback: RTSP (aio-rtsp-toolkit) and MJPEG over HTTP."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from pathlib import Path

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

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


class MjpegServer:
    """An endless MJPEG stream under ``/mjpeg``; ``/secret`` wants a password; ``/hang`` never answers."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
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
        if request.path == "/hang":
            self.stopping.wait(60)
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
        index = 0
        try:
            while not self.stopping.wait(0.04):
                picture = jpeg(index)
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                request.wfile.write(head.encode() + picture + b"\r\n")
                index += 1
        except OSError:
            return

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
