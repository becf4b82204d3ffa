"""What the detector saw, look by look: the input that both systems share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.taxonomy import ObjectClass


@dataclass(frozen=True, slots=True, eq=False)
class DetectedLook:
    """One look of one camera.

    Attributes:
        at_s: Seconds since the scenario's start.
        boxes: float32 N x 4, x1 y1 x2 y2 in fractions of the frame.
        scores: float32 N, 0..1; each reaches the threshold of its class.
        classes: N.
        blind: Nobody could look: then nothing was seen and nothing was absent.
    """

    at_s: float
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: tuple[ObjectClass, ...]
    blind: bool = False

    def __post_init__(self) -> None:
        count = len(self.classes)
        if self.boxes.shape != (count, 4) or self.scores.shape != (count,):
            raise ValueError(
                f"look at {self.at_s:g} s: boxes {self.boxes.shape}, scores {self.scores.shape}, {count} classes; "
                "give boxes N x 4 and N of each other"
            )
        if self.blind and count:
            raise ValueError(f"look at {self.at_s:g} s: blind, yet it saw {count} thing(s)")

    @classmethod
    def nothing(cls, at_s: float, *, blind: bool = False) -> DetectedLook:
        """A look that saw nothing, or could not look."""
        return cls(at_s, np.zeros((0, 4), np.float32), np.zeros(0, np.float32), (), blind)
