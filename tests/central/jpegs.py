"""Small JPEG files built by hand: headers only, as the picture store reads them."""

from __future__ import annotations


def jpeg(width: int = 640, height: int = 480, padding: int = 0) -> bytes:
    """A JPEG whose frame header states the size; its picture data is empty."""
    app = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0\x00\x0b\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\0" * padding
    return b"\xff\xd8" + app + frame + scan + b"\xff\xd9"
