"""The still to draw on, and what the address says about the camera."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2

from ingest.cameras import AddressKind, Frame, grab_still, parse_address
from kerbwatch.camera_setup.draft import CameraDraft


class StillError(Exception):
    """The picture cannot be shown."""


@dataclass(frozen=True)
class Still:
    """One picture of the camera: JPEG bytes and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


def take_still(url: str, timeout_s: float) -> Still:
    """Look once at the camera.

    Raises:
        AddressError: The address is not allowed.
        SourceError: There is no picture.
        StillError: The picture cannot be encoded.
    """
    return encode(grab_still(url, timeout_s))


def encode(frame: Frame) -> Still:
    """A frame as JPEG."""
    height, width = frame.image.shape[:2]
    encoded, data = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not encoded:
        raise StillError(f"a picture of {width} x {height} pixels could not be encoded as JPEG")
    return Still(data.tobytes(), width, height)


def new_draft(url: str, base_dir: Path) -> CameraDraft:
    """An empty drawing for the camera at ``url``.

    A file's source is written relative to ``base_dir`` when it lies below it. Files and folders play on media
    time and need the instant of their first frame: the file's own time is the first guess.
    """
    address = parse_address(url)
    if address.live:
        return CameraDraft("camera-1", url)
    path = Path(address.target).resolve()
    source = os.path.relpath(path, base_dir) if path.is_relative_to(base_dir.resolve()) else str(path)
    modified = datetime.fromtimestamp(int(path.stat().st_mtime), tz=UTC)
    stem = path.name if address.kind is AddressKind.FOLDER else path.stem
    return CameraDraft(name_from(stem), source, modified)


def name_from(text: str) -> str:
    """``text`` turned into a camera name: lower case letters, digits, ``-`` and ``_``."""
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:63]
    return name or "camera-1"
