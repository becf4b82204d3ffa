"""A picture that may be shown, or the reason why there is none. Cut crops only from the redacted picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from detectors.privacy.finding import privacy_detections
from detectors.privacy.mosaic import Region, pixelate
from detectors.privacy.policy import RedactionPolicy
from detectors.privacy.regions import regions_to_cover
from detectors.types import Detections, Detector, DetectorError, Frame, check_frame
from ingest.taxonomy import ObjectClass

_DARK_STEP = 4
_MUST_FIND = frozenset({ObjectClass.PERSON, ObjectClass.VEHICLE})
"""A model that knows one of these not at all cannot cover faces or plates."""


class WithholdReason(StrEnum):
    """Why a picture may not be shown."""

    DETECTOR_FAILED = "detector_failed"
    BAD_FRAME = "bad_frame"
    TOO_DARK = "too_dark"
    MODEL_UNSUITABLE = "model_unsuitable"
    REDACTION_FAILED = "redaction_failed"


@dataclass(frozen=True, slots=True, eq=False)
class Redacted:
    """A picture that may be shown: uint8 H x W x 3 BGR, and the rectangles that were covered."""

    image: Frame
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """No picture may be shown; `detail` says more for the log."""

    reason: WithholdReason
    detail: str = ""


def redact(frame: Frame, detections: Detections, policy: RedactionPolicy) -> Redacted | Withheld:
    """Cover people and plates. `frame` is left as it is.

    `detections` must hold everything down to `policy.min_score`, not only what alerts; `privacy_detections`
    yields that. Use `redact_with` where a detector is at hand.
    """
    try:
        check_frame(frame)
    except DetectorError as error:
        return Withheld(WithholdReason.BAD_FRAME, str(error))
    if _is_dark(frame, policy):
        return Withheld(WithholdReason.TOO_DARK)
    regions = regions_to_cover(detections, frame.shape[1], frame.shape[0], policy)
    image = frame.copy()
    pixelate(image, regions, policy.colour_step)
    return Redacted(image=image, regions=regions)


def redact_with(detector: Detector, frame: Frame, policy: RedactionPolicy) -> Redacted | Withheld:
    """Find people and vehicles in the frame and its tiles, then `redact`. Fails closed, whatever goes wrong."""
    try:
        check_frame(frame)
    except DetectorError as error:
        return Withheld(WithholdReason.BAD_FRAME, str(error))
    if unknown := _MUST_FIND - set(detector.card.classes.values()):
        names = ", ".join(sorted(unknown))
        return Withheld(WithholdReason.MODEL_UNSUITABLE, f"model {detector.card.name!r} knows no {names}")
    try:
        found = privacy_detections(detector, frame, min_score=policy.min_score)
        return redact(frame, found, policy)
    except DetectorError as error:
        return Withheld(WithholdReason.DETECTOR_FAILED, str(error))
    except Exception as error:  # noqa: BLE001 - told as the reason, and the caller counts it: no picture, but the event
        return Withheld(WithholdReason.REDACTION_FAILED, f"{type(error).__name__}: {error}")


def encode_jpeg(picture: Redacted, *, quality: int = 85) -> bytes:
    """JPEG (quality 1..100) of a redacted picture. Holds pixels only: no EXIF, place, time or device."""
    done, content = cv2.imencode(".jpg", picture.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"picture of {picture.image.shape} cannot be a JPEG; sides must be below 65,500 pixels")
    return content.tobytes()


def _is_dark(frame: Frame, policy: RedactionPolicy) -> bool:
    sample = frame[::_DARK_STEP, ::_DARK_STEP].max(axis=2)
    return float(np.percentile(sample, 95)) < policy.dark_level
