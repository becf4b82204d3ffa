"""The `models` commands with the engines behind them: `models` itself may not know `detectors`, where they live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from models.cli import models as _bare
from models.errors import BackendMissing, TrialFailed
from models.trial import Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.card import Backend
    from models.catalogue import ResolvedModel


def look(
    model: ResolvedModel, backend: Backend, pictures: Sequence[NDArray[np.uint8]], min_score: float
) -> list[list[Seen]]:
    """See `models.trial.Look`."""
    from detectors.runtime.opening import open_detector
    from detectors.types import Detections, DetectorError, FailureReason

    def rows(found: Detections) -> list[Seen]:
        return [
            Seen(kind, float(score), (float(box[0]), float(box[1]), float(box[2]), float(box[3])))
            for kind, score, box in zip(found.classes, found.scores, found.boxes, strict=True)
        ]

    try:
        detector = open_detector(model, backend=backend)
        try:
            return [rows(found) for found in detector.detect(pictures, min_score=min_score)]
        finally:
            detector.close()
    except DetectorError as error:
        kind = BackendMissing if error.reason is FailureReason.BACKEND_MISSING else TrialFailed
        raise kind(str(error)) from error


models = click.Group("models", commands=_bare.commands, help=_bare.help, context_settings={"obj": look})
