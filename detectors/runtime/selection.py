"""From a graph's candidates to the sightings of a frame: thresholds, class map, doubles, frame edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detectors.runtime.layouts import Candidates
from detectors.runtime.nms import suppress
from detectors.runtime.preprocess import Placement
from detectors.types import Detections, DetectorError, FailureReason
from ingest.taxonomy import ObjectClass
from models.card import ModelCard

_KINDS = tuple(ObjectClass)
_TINY = float(np.finfo(np.float32).tiny)  # rows that only fill a fixed-size output score 0


def select(candidates: Candidates, card: ModelCard, placement: Placement, min_score: float | None) -> Detections:
    """Sightings in fractions of the frame, surest first. Doubles are sought per `ObjectClass`, so that one
    object that a model calls both car and truck stays one. Raises DetectorError on infinite boxes."""
    codes = _codes(candidates.indices, card)
    floors = _floors(card, min_score)
    wanted = np.flatnonzero((codes >= 0) & (candidates.scores >= floors[codes]))
    boxes, scores = candidates.boxes[wanted], np.clip(candidates.scores[wanted], 0.0, 1.0)
    if not bool(np.isfinite(boxes).all()):
        raise DetectorError(FailureReason.OUTPUT_NOT_FINITE, f"model {card.name!r} yields an infinite box")
    boxes = placement.to_frame(boxes)
    visible = np.flatnonzero((boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3]))
    boxes, scores, codes = boxes[visible], scores[visible], codes[wanted][visible]
    kept = suppress(boxes, scores, codes, card.thresholds.nms_iou)
    return Detections(boxes[kept], scores[kept], tuple(_KINDS[code] for code in codes[kept]))


def _codes(indices: NDArray[np.int64], card: ModelCard) -> NDArray[np.int64]:
    """The position in ObjectClass of each of the model's indices; -1 where the card names none."""
    table = np.full(max(card.classes) + 2, -1, np.int64)
    for index, kind in card.classes.items():
        table[index] = _KINDS.index(kind)
    known = (indices >= 0) & (indices < len(table))
    return np.where(known, table[np.where(known, indices, -1)], -1)


def _floors(card: ModelCard, min_score: float | None) -> NDArray[np.float32]:
    floors = [card.thresholds.of(kind) if min_score is None else min_score for kind in _KINDS]
    return np.maximum(np.array(floors, np.float32), np.float32(_TINY))
