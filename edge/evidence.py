"""Evidence of an incident (取证): wide picture, crop, and the place before; redacted, or withheld with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
import structlog

from detectors.incidents import Opened
from detectors.privacy import Redacted, RedactionPolicy, Withheld, encode_jpeg, redact_with
from detectors.types import Detector, Frame
from edge.pictures import PictureStore, StoredPicture
from ingest.messages import Box, Evidence, EvidencePicture, EvidenceRole

log = structlog.get_logger(__name__)

MAX_SIDE = 1920
"""Longest side of a wide picture, pixels: the centre takes 4 MiB, and an operator's screen shows no more."""

CROP_MARGIN = 0.3
"""Surroundings shown around the box, as a fraction of its size."""

MIN_CROP_PX = 96
STORAGE_FAILED = "storage_failed"


@dataclass(frozen=True)
class Gathered:
    """Pictures on disk, and what the message says about them."""

    evidence: Evidence
    stored: tuple[StoredPicture, ...]


class EvidenceMaker:
    """Makes the pictures of incidents.

    Args:
        detector: Finds what must be covered, down to the model's privacy threshold.
        store: Where the files go.
    """

    def __init__(self, detector: Detector, store: PictureStore) -> None:
        self._detector = detector
        self._store = store
        self._policy = RedactionPolicy(min_score=detector.card.thresholds.privacy)

    def cover(self, frame: Frame) -> Redacted | Withheld:
        """The frame without faces and plates; once per look, however many incidents it opens."""
        return redact_with(self._detector, frame, self._policy)

    def gather(self, opened: Opened, covered: Redacted | Withheld, background: Frame | None) -> Gathered:
        """Put an incident's pictures on disk.

        Args:
            opened: The incident.
            covered: The frame it was raised on, from :meth:`cover`.
            background: The place without it (uint8, H x W x 3, BGR), where one is known.
        """
        if isinstance(covered, Withheld):
            return _withheld(covered.reason.value)
        wide, at = covered.image, opened.at
        views: list[tuple[EvidenceRole, Frame, datetime]] = [
            (EvidenceRole.WIDE, _limited(wide), at),
            (EvidenceRole.CROP, _limited(crop(wide, opened.standing.box)), at),
        ]
        if background is not None and not opened.standing.present_at_start:
            before = self.cover(background)
            if isinstance(before, Redacted):
                views.append((EvidenceRole.BEFORE, before.image, opened.standing.first_seen))
        try:
            written = [self._write(role, image, taken_at) for role, image, taken_at in views]
        except OSError as error:
            log.error("evidence.storage_failed", error=str(error))
            return _withheld(STORAGE_FAILED)
        pictures = tuple(picture for picture, _ in written)
        return Gathered(Evidence(pictures=pictures), tuple(stored for _, stored in written))

    def _write(
        self, role: EvidenceRole, image: Frame, taken_at: datetime
    ) -> tuple[EvidencePicture, StoredPicture]:
        stored = self._store.write(encode_jpeg(Redacted(image=image, regions=())))
        height, width = image.shape[:2]
        picture = EvidencePicture(
            role=role, sha256=stored.sha256, bytes=stored.size, width=width, height=height, taken_at=taken_at
        )
        return picture, stored


def crop(image: Frame, box: Box) -> Frame:
    """The box (fractions) with its surroundings, at least :data:`MIN_CROP_PX` a side where the picture is."""
    height, width = image.shape[:2]
    left, right = _span(box[0], box[2], width)
    top, bottom = _span(box[1], box[3], height)
    return np.ascontiguousarray(image[top:bottom, left:right])


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    centre = (low + high) / 2 * size
    half = max((high - low) * size * (0.5 + CROP_MARGIN), MIN_CROP_PX / 2)
    start = max(0, min(size - 1, int(centre - half)))
    return start, max(start + 1, min(size, int(np.ceil(centre + half))))


def _limited(image: Frame) -> Frame:
    longest = max(image.shape[:2])
    if longest <= MAX_SIDE:
        return image
    scale = MAX_SIDE / longest
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _withheld(reason: str) -> Gathered:
    return Gathered(Evidence(withheld=reason), ())
