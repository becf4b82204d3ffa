"""USB cameras by index, through OpenCV, for the live source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from ingest.cameras.demand import Demand
from ingest.cameras.live import LazyPicture
from ingest.cameras.presentation import Stamp
from ingest.cameras.source import Image, SourceError, SourceFailure
from ingest.cameras.telemetry import Telemetry
from ingest.clock import Clock


class GrabbedPicture:
    """A picture that already is pixels; drivers tell no time, so it was taken when it arrived."""

    def __init__(self, image: Image) -> None:
        self._image = image

    @property
    def stamp(self) -> Stamp:
        """Nothing."""
        return Stamp()

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR."""
        return self._image


class UsbReader:
    """Opens a camera by index; call it for a context that yields its frames."""

    def __init__(self, index: int, demand: Demand, telemetry: Telemetry, *, clock: Clock) -> None:
        self._index = index
        self._demand = demand
        self._telemetry = telemetry
        self._clock = clock

    @contextmanager
    def __call__(self) -> Iterator[Iterator[LazyPicture | None]]:
        """Raises SourceError when there is no such camera or it stops answering."""
        capture = cv2.VideoCapture(self._index)
        try:
            if not capture.isOpened():
                raise SourceError(SourceFailure.NOT_FOUND, f"no camera at usb:{self._index}")
            yield self._grabs(capture)
        finally:
            capture.release()

    def _grabs(self, capture: cv2.VideoCapture) -> Iterator[LazyPicture | None]:
        """Every frame is taken from the driver, or old ones would queue there; only those due are decoded."""
        self._telemetry.single_pictures()
        last_s: float | None = None
        while True:
            if not capture.grab():
                raise SourceError(SourceFailure.STREAM_ENDED, f"the camera at usb:{self._index} stopped answering")
            yield None
            now = self._clock.monotonic()
            if not self._demand.is_due(None if last_s is None else now - last_s):
                continue
            last_s = now
            decoded, image = capture.retrieve()
            if not decoded or image is None:
                raise SourceError(SourceFailure.CORRUPT, f"the camera at usb:{self._index} gave a damaged picture")
            yield GrabbedPicture(np.ascontiguousarray(image, dtype=np.uint8))
