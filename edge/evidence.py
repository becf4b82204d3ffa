"""Evidence of an incident (取证): wide picture, crop, and the place before; redacted, or withheld with a reason.

Whatever goes wrong here costs the picture, never the event: it is told as the reason and counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from detectors.incidents import Opened
from detectors.privacy import Redacted, RedactionPolicy, Withheld, WithholdReason, encode_jpeg, redact_with
from detectors.types import Detector, Frame
from edge.errands import Brought
from edge.pictures import PictureStore, StoredPicture
from ingest.fleet import CommandPicture
from ingest.messages import Box, Evidence, EvidencePicture, EvidenceRole
from ingest.sealed import MEDIA_TYPE, SealedFacts, SealError, seal

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


_Written = tuple[EvidencePicture, StoredPicture]


class EvidenceMaker:
    """Makes the pictures of incidents.

    Args:
        detector: Finds what must be covered, down to the model's privacy threshold.
        store: Where the files go.
        authority: For whom the original of the crop is sealed; there is none without it.
    """

    def __init__(self, detector: Detector, store: PictureStore, authority: X25519PublicKey | None = None) -> None:
        self._detector = detector
        self._store = store
        self._authority = authority
        self._counters: Counter[str] = Counter()
        self._policy = RedactionPolicy(min_score=detector.card.thresholds.privacy)

    def cover(self, frame: Frame) -> Redacted | Withheld:
        """The frame without faces and plates; once per look, however many incidents it opens."""
        covered = redact_with(self._detector, frame, self._policy)
        if isinstance(covered, Withheld):
            self._counters[f"pictures_withheld_{covered.reason.value}"] += 1
            log.error("evidence.withheld", reason=covered.reason.value, detail=covered.detail)
        return covered

    @property
    def counters(self) -> dict[str, int]:
        """Pictures withheld, and originals not sealed, by reason."""
        return dict(self._counters)

    def gather(
        self,
        opened: Opened,
        covered: Redacted | Withheld,
        background: Frame | None,
        original: Frame | None = None,
    ) -> Gathered:
        """Put an incident's pictures on disk: redacted, and where an authority is named, one that is sealed.

        Args:
            opened: The incident.
            covered: The frame it was raised on, from :meth:`cover`.
            background: The place without it (uint8, H x W x 3, BGR), where one is known.
            original: The frame itself, of which only the sealed crop is kept.
        """
        try:
            shown = self._shown(opened, covered, background)
            wide = shown[0][0].sha256 if shown else None
            written = [*shown, *self._sealed(opened, original, wide)]
        except Exception as error:  # noqa: BLE001 - counted and told: the picture is lost, the event goes on
            reason = STORAGE_FAILED if isinstance(error, OSError) else WithholdReason.REDACTION_FAILED.value
            self._counters[f"pictures_withheld_{reason}"] += 1
            log.error("evidence.failed", reason=reason, error=f"{type(error).__name__}: {error}")
            return Gathered(Evidence(withheld=reason), ())
        evidence = Evidence(
            pictures=tuple(picture for picture, _ in written),
            withheld=covered.reason.value if isinstance(covered, Withheld) else None,
        )
        return Gathered(evidence, tuple(stored for _, stored in written))

    def snapshot(self, camera: str, frame: Frame, at: datetime) -> Brought:
        """A covered picture on its own, on disk but not yet queued."""
        try:
            covered = self.cover(frame)
            if isinstance(covered, Withheld):
                return Brought(covered.reason.value, covered.detail)
            picture, stored = self._write(EvidenceRole.WIDE, _limited(covered.image), at)
        except Exception as error:  # noqa: BLE001 - counted and told: whoever asked learns why there is no picture
            reason = STORAGE_FAILED if isinstance(error, OSError) else WithholdReason.REDACTION_FAILED.value
            self._counters[f"pictures_withheld_{reason}"] += 1
            return Brought(reason, f"{type(error).__name__}: {error}"[:300])
        told = CommandPicture(
            camera=camera,
            sha256=picture.sha256,
            bytes=picture.bytes,
            width=picture.width,
            height=picture.height,
            taken_at=at,
        )
        return Brought(picture=told, stored=stored)

    def overview(self, frame: Frame, at: datetime, camera: str) -> Gathered:
        """A camera's covered picture for what is no problem in it: a sensor's alarm. Withheld with its reason."""
        try:
            covered = self.cover(frame)
            if isinstance(covered, Withheld):
                return Gathered(Evidence(withheld=covered.reason.value), ())
            picture, stored = self._write(EvidenceRole.WIDE, _limited(covered.image), at)
        except Exception as error:  # noqa: BLE001 - counted and told: the picture is lost, the event goes on
            reason = STORAGE_FAILED if isinstance(error, OSError) else WithholdReason.REDACTION_FAILED.value
            self._counters[f"pictures_withheld_{reason}"] += 1
            log.error("evidence.failed", reason=reason, error=f"{type(error).__name__}: {error}")
            return Gathered(Evidence(withheld=reason), ())
        return Gathered(Evidence(pictures=(picture.model_copy(update={"camera": camera}),)), (stored,))

    def _shown(self, opened: Opened, covered: Redacted | Withheld, background: Frame | None) -> list[_Written]:
        """What everybody may see: wide, crop, before. Nothing where the frame is withheld."""
        if isinstance(covered, Withheld):
            return []
        wide, at = covered.image, opened.at
        views: list[tuple[EvidenceRole, Frame, datetime]] = [
            (EvidenceRole.WIDE, _limited(wide), at),
            (EvidenceRole.CROP, _limited(crop(wide, opened.standing.box)), at),
        ]
        if background is not None and not opened.standing.present_at_start:
            before = self.cover(background)
            if isinstance(before, Redacted):
                views.append((EvidenceRole.BEFORE, before.image, opened.standing.first_seen))
        return [self._write(role, image, taken_at) for role, image, taken_at in views]

    def _sealed(self, opened: Opened, original: Frame | None, shown: str | None) -> list[_Written]:
        """The uncovered crop, encrypted before anything of it leaves this function."""
        if self._authority is None or original is None:
            return []
        image = _limited(crop(original, opened.standing.box))
        height, width = image.shape[:2]
        facts = SealedFacts(
            incident_id=opened.standing.incident_id,
            taken_at=opened.at,
            width=width,
            height=height,
            shown_sha256=shown,
        )
        try:
            plain = encode_jpeg(Redacted(image=image, regions=()))
            stored = self._store.write(seal(plain, facts, self._authority))
        except (SealError, OSError) as error:
            reason = "storage_failed" if isinstance(error, OSError) else "too_large"
            self._counters[f"originals_not_sealed_{reason}"] += 1
            log.error("evidence.not_sealed", reason=reason, error=str(error))
            return []
        picture = EvidencePicture(
            role=EvidenceRole.SEALED,
            sha256=stored.sha256,
            bytes=stored.size,
            width=width,
            height=height,
            media_type=MEDIA_TYPE,
            taken_at=opened.at,
        )
        return [(picture, stored)]

    def _write(self, role: EvidenceRole, image: Frame, taken_at: datetime) -> _Written:
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
