"""Decoding of single pictures from strangers: the header is read, and refused, before the decoder runs."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from ingest.cameras.source import MAX_PIXELS, Image, SourceError, SourceFailure

MAX_BYTES = 64 * 1024 * 1024
"""Largest compressed picture read."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_START = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels that the header of a JPEG or PNG claims.

    Raises:
        SourceError: Neither JPEG nor PNG (``UNSUPPORTED``), or a header that ends early (``CORRUPT``).
    """
    if data.startswith(_PNG):
        if len(data) < 24 or data[12:16] != b"IHDR":
            raise SourceError(SourceFailure.CORRUPT, "PNG without a header")
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(_JPEG_START):
        return _jpeg_size(data)
    raise SourceError(SourceFailure.UNSUPPORTED, "neither JPEG nor PNG")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    offset = 2
    while offset + 4 <= len(data):
        if data[offset] != 0xFF:
            break
        marker = data[offset + 1]
        if marker == 0xFF or marker in _BARE_MARKERS:
            offset += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAME_MARKERS and offset + 9 <= len(data):
            height, width = struct.unpack(">HH", data[offset + 5 : offset + 9])
            return width, height
        offset += 2 + struct.unpack(">H", data[offset + 2 : offset + 4])[0]
    raise SourceError(SourceFailure.CORRUPT, "JPEG without a frame header")


def decode_picture(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Image:
    """The pixels of a JPEG or PNG, uint8 H x W x 3, BGR.

    Raises:
        SourceError: ``UNSUPPORTED``, ``CORRUPT`` (also when cut short: a half-grey picture would be taken
            for a change of the scene) or ``TOO_LARGE``.
    """
    width, height = picture_size(data)
    if width == 0 or height == 0:
        raise SourceError(SourceFailure.CORRUPT, f"header claims {width} x {height} pixels")
    if width * height > max_pixels:
        raise SourceError(
            SourceFailure.TOO_LARGE, f"header claims {width} x {height} pixels; the limit is {max_pixels}"
        )
    if not _is_whole(data):
        raise SourceError(SourceFailure.CORRUPT, "cut short: the end marker is missing")
    try:
        # The orientation tag is ignored: a camera hangs as it hangs, and zones are drawn on its raw picture.
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise SourceError(SourceFailure.CORRUPT, str(error)[:200]) from error
    if image is None or image.shape[:2] != (height, width):
        raise SourceError(SourceFailure.CORRUPT, "the decoder refused it")
    return np.ascontiguousarray(image, dtype=np.uint8)


def _is_whole(data: bytes) -> bool:
    end = b"IEND\xaeB`\x82" if data.startswith(_PNG) else _JPEG_END
    # Some cameras pad behind the end marker, so it may stand anywhere in the last kilobyte.
    return end in data[-1024:]
