"""A live HLS server: a new segment every so often, a sliding playlist, and everything that can go wrong with it."""

from __future__ import annotations

import http.server
import io
import threading
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import av

from tests.ingest.cameras.makers import numbered

SEGMENT_S = 1
FPS = 10


class HlsServer:
    """``/live.m3u8`` and ``/master.m3u8``; segments have H.264 with a key frame at their beginning.

    Attributes:
        frozen: The playlist stands still.
        ended: The playlist says so.
        elsewhere: Host and port before segment names, ``http://other.example``.
        dated: With programme date-time; segments became available ``LATENCY_S`` after their last picture.
    """

    LATENCY_S = 2.0

    def __init__(self) -> None:
        self.frozen = False
        self.ended = False
        self.elsewhere = ""
        self.dated = True
        self.fetched: list[str] = []
        self._segments: list[tuple[str, bytes, datetime]] = []
        self._closing = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = outer.content(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self._contents = [segment(index) for index in range(6)]
        self._add()
        threading.Thread(target=self._go_on, daemon=True).start()

    def content(self, path: str) -> bytes | None:
        self.fetched.append(path)
        if path == "/master.m3u8":
            return (
                b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=8x8\nnone.m3u8\n"
                b"#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=64x48\nlive.m3u8\n"
                b"#EXT-X-STREAM-INF:BANDWIDTH=99,RESOLUTION=60000x60000\nnone.m3u8\n"
            )
        if path == "/live.m3u8":
            return self._playlist().encode()
        return next((content for name, content, _ in self._segments if path == f"/{name}"), None)

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _playlist(self) -> str:
        window = self._segments[-3:]
        lines = ["#EXTM3U", f"#EXT-X-TARGETDURATION:{SEGMENT_S}"]
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{len(self._segments) - len(window)}")
        for name, _, began in window:
            if self.dated:
                lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{began.isoformat()}")
            lines += [f"#EXTINF:{SEGMENT_S}.0,", f"{self.elsewhere}{'/' if self.elsewhere else ''}{name}"]
        return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if self.ended else []), ""])

    def _add(self) -> None:
        index = len(self._segments)
        began = datetime.now(UTC) - timedelta(seconds=SEGMENT_S + self.LATENCY_S)
        self._segments.append((f"s{index}.ts", self._contents[index % len(self._contents)], began))

    def _go_on(self) -> None:
        while not self._closing.wait(SEGMENT_S):
            if not self.frozen:
                self._add()


def segment(index: int) -> bytes:
    """One MPEG-TS segment; its pictures tell 10 x ``index`` and up."""
    out = io.BytesIO()
    with av.open(out, "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"bf": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", FPS
        for number in range(FPS * SEGMENT_S):
            frame = av.VideoFrame.from_ndarray(numbered(10 * index + number), format="bgr24")
            frame.pts, frame.time_base = index * FPS * SEGMENT_S + number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()
