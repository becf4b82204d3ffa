"""Makes small recordings and pictures for camera tests."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray


def numbered(index: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """A textured picture whose brightness tells its number (0..60)."""
    image = np.full((height, width, 3), 4 * (index % 61), np.uint8)
    image[:: height // 4] = 250
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """The number a picture made by :func:`numbered` tells, also after lossy coding."""
    height = image.shape[0]
    return round(float(np.median(image[height // 8 : height // 8 + 3])) / 4)


def write_video(
    path: Path,
    *,
    frames: int,
    fps: int = 10,
    gop: int = 1000,
    codec: str = "mpeg4",
    size: tuple[int, int] = (64, 48),
    plain: bool = False,
) -> Path:
    """A recording of numbered frames; with the default ``gop`` only the first is a key frame.

    ``plain``: as cameras code, without B-frames and with key frames at their distance and nowhere else (libx264 only).
    """
    options = {"bf": "0", "sc_threshold": "0", "preset": "ultrafast"} if plain else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = gop
        stream.bit_rate = 2_000_000
        for index in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(index, *size), format="bgr24")))
        container.mux(stream.encode())
    return path


def jpeg(index: int = 0, width: int = 64, height: int = 48) -> bytes:
    """A whole JPEG."""
    done, content = cv2.imencode(".jpg", numbered(index, width, height))
    assert done
    return content.tobytes()
