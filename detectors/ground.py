"""From picture to ground (地面标定): a homography fitted to points whose positions are known.

Works in metres on a plane tangent at the points' mean (equirectangular), exact enough for a camera's view.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.messages import Position

METRES_PER_DEGREE = 111_194.9
"""Mean length of a degree of latitude (mean earth radius 6,371,008.8 m)."""

CLICK_ERROR = 0.005
"""Assumed error of a picture point, as a fraction of the frame: how well a box's foot is known."""

MIN_SPREAD = 0.02
"""Least singular value ratio of the points; below it they lie nearly on one line and fix no plane."""


class GroundError(ValueError):
    """Points that give no plane; the message says what is wrong with them."""


@dataclass(frozen=True)
class GroundPoint:
    """A point in fractions of the frame and where it lies, WGS-84 degrees."""

    x: float
    y: float
    latitude: float
    longitude: float


@dataclass(frozen=True, eq=False)
class GroundPlane:
    """A fitted homography.

    Attributes:
        errors_m: Distance in metres between each point and where the fit puts it (all 0 for four points).
    """

    errors_m: tuple[float, ...]
    _matrix: NDArray[np.float64]
    _origin: tuple[float, float]

    @property
    def rms_m(self) -> float:
        """Root mean square of :attr:`errors_m`: the reprojection error."""
        return math.sqrt(sum(error**2 for error in self.errors_m) / len(self.errors_m))

    @classmethod
    def fit(cls, points: Sequence[GroundPoint]) -> GroundPlane:
        """Least-squares homography of at least four points.

        Raises:
            GroundError: Too few points, points on one line, or points whose order in the picture cannot be seen
                from above (a swapped pair).
        """
        if len(points) < 4:
            raise GroundError(f"{len(points)} points; give at least four")
        origin = _mean_position(points)
        picture = np.array([(p.x, p.y) for p in points], np.float64)
        ground = np.array([_to_metres(p.latitude, p.longitude, origin) for p in points], np.float64)
        _check_spread(picture, "in the picture")
        _check_spread(ground, "on the ground")
        _check_corners(picture, ground)
        matrix = _homography(picture, ground)
        weights = np.column_stack([picture, np.ones(len(points))]) @ matrix[2]
        if not (weights > 1e-9).all() and not (weights < -1e-9).all():
            raise GroundError("no camera sees these points so; check whether two of them are swapped")
        if weights[0] < 0:
            matrix = -matrix
        mapped = _apply(matrix, picture)
        errors = np.hypot(*(mapped - ground).T)
        return cls(tuple(float(error) for error in errors), matrix, origin)

    def position(self, x: float, y: float) -> Position | None:
        """Where the picture point (fractions) touches the ground; ``None`` at or above the horizon.

        The uncertainty joins the fit's error with what :data:`CLICK_ERROR` of the frame means at that place.
        """
        weight = float(self._matrix[2] @ (x, y, 1.0))
        if weight <= 1e-9:
            return None
        east, north = _apply(self._matrix, np.array([(x, y)]))[0]
        uncertainty = math.hypot(self.rms_m, self._metres_per_frame(x, y) * CLICK_ERROR)
        latitude, longitude = _to_degrees(float(east), float(north), self._origin)
        if uncertainty > 100_000 or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return None
        return Position(latitude=latitude, longitude=longitude, uncertainty_m=uncertainty)

    def distance_m(self, first: tuple[float, float], second: tuple[float, float]) -> float | None:
        """Metres on the ground between two picture points (fractions); ``None`` at or above the horizon."""
        points = np.array([first, second], np.float64)
        if (np.column_stack([points, np.ones(2)]) @ self._matrix[2] <= 1e-9).any():
            return None
        here, there = _apply(self._matrix, points)
        return float(np.hypot(*(there - here)))

    def metres(self, x: float, y: float) -> tuple[float, float] | None:
        """Metres east and north of the points' mean where the picture point touches the ground; ``None`` at or above
        the horizon."""
        if float(self._matrix[2] @ (x, y, 1.0)) <= 1e-9:
            return None
        east, north = _apply(self._matrix, np.array([(x, y)]))[0]
        return float(east), float(north)

    def _metres_per_frame(self, x: float, y: float) -> float:
        """Largest stretch of the mapping at a point, metres per frame side."""
        h = self._matrix
        u, v, w = h @ (x, y, 1.0)
        jacobian = np.array(
            [
                [(h[0, 0] * w - u * h[2, 0]) / w**2, (h[0, 1] * w - u * h[2, 1]) / w**2],
                [(h[1, 0] * w - v * h[2, 0]) / w**2, (h[1, 1] * w - v * h[2, 1]) / w**2],
            ]
        )
        return float(np.linalg.norm(jacobian, 2))


def _mean_position(points: Sequence[GroundPoint]) -> tuple[float, float]:
    count = len(points)
    return sum(p.latitude for p in points) / count, sum(p.longitude for p in points) / count


def _to_metres(latitude: float, longitude: float, origin: tuple[float, float]) -> tuple[float, float]:
    """East and north of the origin."""
    scale = math.cos(math.radians(origin[0]))
    return (longitude - origin[1]) * METRES_PER_DEGREE * scale, (latitude - origin[0]) * METRES_PER_DEGREE


def _to_degrees(east: float, north: float, origin: tuple[float, float]) -> tuple[float, float]:
    scale = math.cos(math.radians(origin[0]))
    return origin[0] + north / METRES_PER_DEGREE, origin[1] + east / (METRES_PER_DEGREE * scale)


def _check_spread(points: NDArray[np.float64], where: str) -> None:
    singular = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    if singular[0] <= 1e-9 or singular[1] / singular[0] < MIN_SPREAD:
        raise GroundError(f"the points lie on one line {where}; spread them over the ground")


def _check_corners(picture: NDArray[np.float64], ground: NDArray[np.float64]) -> None:
    """With four points, any three on one line leave the fit undetermined."""
    if len(picture) > 4:
        return
    for left_out in range(4):
        keep = [i for i in range(4) if i != left_out]
        _check_spread(picture[keep], "in the picture (three of four)")
        _check_spread(ground[keep], "on the ground (three of four)")


def _normaliser(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hartley's normalisation: mean at the origin, mean distance sqrt(2); without it the fit loses digits."""
    centre = points.mean(axis=0)
    scale = math.sqrt(2) / float(np.hypot(*(points - centre).T).mean())
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def _homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """3 x 3 matrix by the direct linear transform."""
    from_norm, to_norm = _normaliser(source), _normaliser(target)
    rows = []
    for (x, y), (u, v) in zip(_apply(from_norm, source), _apply(to_norm, target), strict=True):
        rows.append([-x, -y, -1, 0, 0, 0, u * x, u * y, u])
        rows.append([0, 0, 0, -x, -y, -1, v * x, v * y, v])
    matrix = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    fitted: NDArray[np.float64] = np.linalg.inv(to_norm) @ matrix @ from_norm
    return fitted / np.linalg.norm(fitted)


def _apply(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: NDArray[np.float64] = mapped[:, :2] / mapped[:, 2:]
    return result
