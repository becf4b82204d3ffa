"""Writes H.264 files with PyAV, at any frame rate and with the true time of every frame."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.stream import VideoStream

from scenarios.scene.camera import Image

_ENCODERS = ("libx264", "libopenh264", "h264")
_TICKS = 1000  # times are written in milliseconds, as they are sent; MP4 can then hold gaps of weeks
_QUALITY = 26  # x264 quantizer: a bag of 12 pixels survives, most sensor noise does not
_KBIT_A_FRAME = 24  # for encoders that know no constant quality
_LEAST_KEY_DISTANCE = 10  # frames; at low rates a key frame each second would be every frame


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
    """An MP4 file with one H.264 stream of constant quality; use it as a context manager.

    Args:
        path: The file to write.
        width, height: Size of the frames in pixels, both even.
        fps: Frames a second, above 0, also far below 1. A key frame comes each second, at low rates every ten frames.

    Raises:
        ValueError: ``fps`` is not above zero.
        RuntimeError: PyAV has no H.264 encoder.
    """

    def __init__(self, path: Path, width: int, height: int, fps: float) -> None:
        if not fps > 0:
            raise ValueError(f"fps {fps:g} must be above 0")
        name = encoder_name()
        options = {"movflags": "+faststart", "video_track_timescale": str(_TICKS)}
        self._container = av.open(str(path), "w", options=options)
        rate = Fraction(fps).limit_denominator(10_000)
        keys = max(_LEAST_KEY_DISTANCE, round(fps))
        settings = {
            "preset": "superfast",
            "crf": str(_QUALITY),
            "x264-params": f"threads=1:keyint={keys}:scenecut=0:bframes=0:qcomp=1",
        }
        stream = self._container.add_stream(name, rate=rate, options=settings if name == "libx264" else {})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if name != "libx264":
            stream.bit_rate = max(1, round(1000 * _KBIT_A_FRAME * fps))
        stream.codec_context.gop_size = keys
        stream.codec_context.time_base = stream.time_base = Fraction(1, _TICKS)
        self._stream = stream
        self._step_s = 1.0 / fps
        self._black = np.zeros((height, width, 3), np.uint8)
        self._last_s: float | None = None

    def write(self, frame: Image, at_s: float | None = None) -> None:
        """Adds a frame (H, W, 3) BGR at ``at_s`` seconds of the recording (absent: one step after the last one).

        A recording's clock begins with its first frame, so one that would begin later begins with a black picture.
        Raises ValueError for a time that does not follow the last frame's.
        """
        if at_s is None:
            at_s = 0.0 if self._last_s is None else self._last_s + self._step_s
        if self._last_s is None and at_s > 0:
            self._encode(self._black, 0.0)
        elif self._last_s is not None and at_s < self._last_s + 1.5 / _TICKS:
            raise ValueError(f"frame at {at_s:g} s does not follow the one at {self._last_s:g} s")
        self._encode(frame, at_s)

    def _encode(self, frame: Image, at_s: float) -> None:
        picture = av.VideoFrame.from_ndarray(frame, format="bgr24")
        # Rounded up, so that a frame made for a look never falls into the look before it.
        picture.pts = math.ceil(at_s * _TICKS - 1e-6)
        picture.time_base = Fraction(1, _TICKS)
        picture.duration = round(self._step_s * _TICKS)
        self._last_s = at_s
        self._container.mux(self._stream.encode(picture))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
