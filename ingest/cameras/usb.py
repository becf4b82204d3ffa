"""USB cameras by index, through OpenCV, for the live source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from ingest.cameras.live import LazyPicture
from ingest.cameras.source import Image, SourceError, SourceFailure


class GrabbedPicture:
    """A picture that already is pixels."""

    def __init__(self, image: Image) -> None:
        self._image = image

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR."""
        return self._image


class UsbReader:
    """Opens a camera by index; call it for a context that yields its frames."""

    def __init__(self, index: int) -> None:
        self._index = index

    @contextmanager
    def __call__(self) -> Iterator[Iterator[LazyPicture]]:
        """Raises SourceError when there is no such camera or it stops answering."""
        capture = cv2.VideoCapture(self._index)
        try:
            if not capture.isOpened():
                raise SourceError(SourceFailure.NOT_FOUND, f"no camera at usb:{self._index}")
            yield _grabs(capture, self._index)
        finally:
            capture.release()


def _grabs(capture: cv2.VideoCapture, index: int) -> Iterator[LazyPicture]:
    while True:
        answered, image = capture.read()
        if not answered or image is None:
            raise SourceError(SourceFailure.STREAM_ENDED, f"the camera at usb:{index} stopped answering")
        yield GrabbedPicture(np.ascontiguousarray(image, dtype=np.uint8))
