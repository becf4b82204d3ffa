"""A small RTSP camera that speaks UDP: FFmpeg packs the RTP packets and sends sender reports; can want a password."""

from __future__ import annotations

import base64
import re
import socket
import threading
import time
from fractions import Fraction
from pathlib import Path

import av

_ANSWER = "RTSP/1.0 {status}\r\nCSeq: {cseq}\r\n{headers}\r\n"


class UdpCamera:
    """Plays a clip in a loop to whoever asks, over UDP only (TCP transport is answered with 461).

    Args:
        clip: H.264 in MPEG-TS, whose parameter sets travel with the pictures.
        password: Of user ``admin``; ``None``: everybody.
    """

    def __init__(self, clip: Path, *, password: str | None = None) -> None:
        self._clip = clip
        self._wanted = None if password is None else base64.b64encode(f"admin:{password}".encode()).decode()
        self._closing = threading.Event()
        self.transports: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._listener.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        port, ended = 0, threading.Event()
        buffer = b""
        with client:
            while not self._closing.is_set():
                try:
                    piece = client.recv(4096)
                except OSError:
                    break
                if not piece:
                    break
                buffer += piece
                while b"\r\n\r\n" in buffer:
                    request, _, buffer = buffer.partition(b"\r\n\r\n")
                    text = request.decode()
                    if found := re.search(r"client_port=(\d+)", text):
                        port = int(found[1])
                    client.sendall(self._answer(text).encode())
                    if text.startswith("PLAY"):
                        threading.Thread(target=self._send, args=(port, ended), daemon=True).start()
        ended.set()

    def _answer(self, request: str) -> str:
        found = re.search(r"CSeq: *(\d+)", request, re.IGNORECASE)
        cseq = found[1] if found else "0"
        if self._wanted is not None and f"Basic {self._wanted}" not in request:
            return _ANSWER.format(
                status="401 Unauthorized", cseq=cseq, headers='WWW-Authenticate: Basic realm="camera"\r\n'
            )
        method = request.split(" ", 1)[0]
        if method == "OPTIONS":
            return _ANSWER.format(
                status="200 OK", cseq=cseq, headers="Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
            )
        if method == "DESCRIBE":
            sdp = self._sdp()
            headers = f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n"
            return _ANSWER.format(status="200 OK", cseq=cseq, headers=headers) + sdp
        if method == "SETUP":
            transport = re.search(r"Transport: *(.*)", request, re.IGNORECASE)
            assert transport is not None
            asked = transport[1].strip()
            self.transports.append("tcp" if "TCP" in asked else "udp")
            if "TCP" in asked:
                return _ANSWER.format(status="461 Unsupported Transport", cseq=cseq, headers="")
            headers = f"Transport: {asked}\r\nSession: 1\r\n"
            return _ANSWER.format(status="200 OK", cseq=cseq, headers=headers)
        return _ANSWER.format(status="200 OK", cseq=cseq, headers="Session: 1\r\n")

    def _sdp(self) -> str:
        return (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track0\r\n"
        )

    def _send(self, port: int, ended: threading.Event) -> None:
        with av.open(f"rtp://127.0.0.1:{port}?pkt_size=1200", "w", format="rtp") as out:
            origin, base = time.monotonic(), Fraction(0)
            sink = None
            while not (ended.is_set() or self._closing.is_set()):
                with av.open(str(self._clip)) as clip:
                    source = clip.streams.video[0]
                    sink = sink or out.add_stream_from_template(source)
                    assert source.time_base is not None
                    last = Fraction(0)
                    first = source.start_time or 0
                    for packet in clip.demux(source):
                        if packet.dts is None or ended.is_set() or self._closing.is_set():
                            continue
                        at = base + (packet.dts - first) * source.time_base
                        self._closing.wait(max(0.0, float(at) - (time.monotonic() - origin)))
                        shift = int(base / source.time_base)
                        last = (packet.dts - first) * source.time_base
                        packet.dts += shift
                        packet.pts = (packet.pts or 0) + shift
                        packet.stream = sink
                        out.mux(packet)
                    base += last + Fraction(1, 25)
