"""Metres of what stands in a picture (实际尺寸), through the homography of the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

from detectors.ground import GroundPlane
from ingest.messages import Box
from ingest.zones import Point

WIDE = 16 / 9
"""Width by height of a picture where nothing else is known."""


@dataclass
class GroundSizes:
    """Widths and heights of boxes (fractions of the frame), taken where their foot touches the ground.

    The lower edge of a box lies at one distance from a camera that hangs level, so that its length on the ground is the
    width; the same scale upwards gives the height. Of something deep the box shows its depth too: a car seen along the
    street is about as tall as it is, half as tall again from high above. ``aspect`` is the frame's width by its height.
    """

    plane: GroundPlane
    aspect: float = WIDE

    def distance_m(self, first: Point, second: Point) -> float | None:
        """See :meth:`GroundPlane.distance_m`."""
        return self.plane.distance_m(first, second)

    def size_m(self, box: Box) -> tuple[float, float] | None:
        """Width and height in metres; None at or above the horizon, or for a box without a width."""
        x1, y1, x2, y2 = box
        left, right = self.plane.metres(x1, y2), self.plane.metres(x2, y2)
        if left is None or right is None or x2 <= x1:
            return None
        width = math.dist(left, right)
        return width, width * (y2 - y1) / (x2 - x1) / self.aspect
