"""Writes H.264 files with PyAV."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.video.stream import VideoStream

from scenarios.scene.camera import Image

_ENCODERS = ("libx264", "libopenh264", "h264")
_BITRATE = 190_000


def encoder_name() -> str:
    """The first H.264 encoder that PyAV was built with; raises RuntimeError if there is none."""
    for name in _ENCODERS:
        if name in av.codecs_available:
            try:
                av.Codec(name, "w")
            except ValueError:
                continue
            return name
    raise RuntimeError(f"PyAV has no H.264 encoder (looked for {', '.join(_ENCODERS)}): install the wheel 'av'")


class VideoWriter:
    """An MP4 file with one H.264 stream and a key frame each second; use it as a context manager."""

    def __init__(self, path: Path, width: int, height: int, fps: int) -> None:
        name = encoder_name()
        self._container = av.open(str(path), "w", options={"movflags": "+faststart"})
        options = {"preset": "superfast", "x264-params": f"threads=1:keyint={fps}:scenecut=0"}
        stream = self._container.add_stream(name, rate=fps, options=options if name == "libx264" else {})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = _BITRATE
        stream.codec_context.gop_size = fps
        stream.time_base = Fraction(1, fps)
        self._stream = stream
        self._count = 0

    def write(self, frame: Image) -> None:
        """Adds a frame (H, W, 3) BGR."""
        picture = av.VideoFrame.from_ndarray(frame, format="bgr24")
        picture.pts = self._count
        self._count += 1
        self._container.mux(self._stream.encode(picture))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
