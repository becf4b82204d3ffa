"""How things move in a clip: tracks sampled at the clip's frames.

Times are seconds from the first frame, positions metres on the ground, headings radians (0 = +y, turning to +x).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from scenarios.scene.camera import Floats
from scenarios.scene.raster import Pose

STEP_S = 0.1
_ACCELERATION = 1.8
_BRAKING = 2.4
_BUMPER_GAP_M = 2.2


@dataclass(frozen=True)
class Track:
    """Where a thing is at each frame: ``rows`` (N, 4) is x, y, heading, distance covered; first frame ``first``.

    Before its first and after its last row the thing is not there, unless ``stays`` holds the last row.
    """

    first: int
    rows: Floats
    stays: bool = False

    def row(self, frame: int) -> Floats | None:
        index = frame - self.first
        if index < 0 or len(self.rows) == 0:
            return None
        if index >= len(self.rows):
            if not self.stays:
                return None
            index = len(self.rows) - 1
        result: Floats = self.rows[index]
        return result

    def moves(self, frame: int) -> bool:
        """Whether it moves between the frame before and this one."""
        now, before = self.row(frame), self.row(frame - 1)
        return now is not None and before is not None and float(now[3] - before[3]) > 1e-4

    def pose(self, frame: int) -> Pose | None:
        row = self.row(frame)
        return None if row is None else Pose(float(row[0]), float(row[1]), float(row[2]))


def standing(pose: Pose, first: int = 0, last: int | None = None) -> Track:
    """A thing that stands at ``pose`` from frame ``first`` to before ``last`` (None: to the end)."""
    count = 1 if last is None else max(1, last - first)
    return Track(first, np.tile([pose.x, pose.y, pose.heading, 0.0], (count, 1)), stays=last is None)


@dataclass(frozen=True)
class Path:
    """A polyline on the ground with rounded progress: positions and headings by distance."""

    points: Floats  # (K, 2)
    _at: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lengths = np.hypot(*np.diff(self.points, axis=0).T)
        object.__setattr__(self, "_at", np.concatenate([[0.0], np.cumsum(lengths)]))

    @property
    def length(self) -> float:
        return float(self._at[-1])

    def rows(self, distances: Floats) -> Floats:
        """Track rows (N, 4) for distances (N,) along the path."""
        x = np.interp(distances, self._at, self.points[:, 0])
        y = np.interp(distances, self._at, self.points[:, 1])
        ahead = np.minimum(distances + 0.3, self.length)
        behind = np.maximum(ahead - 0.6, 0)
        dx = np.interp(ahead, self._at, self.points[:, 0]) - np.interp(behind, self._at, self.points[:, 0])
        dy = np.interp(ahead, self._at, self.points[:, 1]) - np.interp(behind, self._at, self.points[:, 1])
        return np.column_stack([x, y, np.arctan2(dx, dy), distances])


def curve(start: tuple[float, float], end: tuple[float, float], count: int = 24) -> Floats:
    """Points (count, 2) that leave and arrive along y: a lane change or the way into a kerb lane."""
    t = np.linspace(0, 1, count)
    ease = t * t * (3 - 2 * t)
    return np.column_stack([start[0] + (end[0] - start[0]) * ease, start[1] + (end[1] - start[1]) * t])


def drive(path: Path, start_s: float, speed: float, stop_at: float, wait_s: float | None) -> tuple[Track, float]:
    """Drives a path, brakes to a halt at distance ``stop_at``, waits and goes on (None: stays for good).

    Gives the track and the second at which it stands still.
    """
    distances = [0.0]
    pace, here, waited = speed, 0.0, 0.0
    stopped_s = start_s
    halted = False
    while here < path.length - 1e-6 and len(distances) < 4000:
        if not halted:
            limit = np.sqrt(max(0.0, 2 * _BRAKING * 0.7 * (stop_at - here)))
            pace = min(pace + _ACCELERATION * STEP_S, speed, max(limit, 0.12))
            here = min(here + pace * STEP_S, stop_at)
            if stop_at - here < 1e-6:
                halted, pace = True, 0.0
                stopped_s = start_s + len(distances) * STEP_S
                if wait_s is None:
                    distances.append(here)
                    break
        elif waited < (wait_s or 0.0):
            waited += STEP_S
        else:
            pace = min(pace + _ACCELERATION * STEP_S, speed)
            here = min(here + pace * STEP_S, path.length)
        distances.append(here)
    first = round(start_s / STEP_S)
    return Track(first, path.rows(np.array(distances)), stays=wait_s is None), stopped_s


@dataclass(frozen=True)
class LaneCar:
    """A vehicle of a lane: enters at ``enter_s``, ``long`` metres, wants ``speed`` m/s, may wait once."""

    enter_s: float
    long: float
    speed: float
    stop_at: float | None = None
    wait_s: float = 0.0


def lane(path: Path, cars: Sequence[LaneCar], guests: Sequence[tuple[Track, float]], frames: int) -> list[Track]:
    """Cars that follow one another along a path without touching; one track for each car.

    A car that has no room to enter waits outside until there is some, and those behind it wait with it: they enter
    in the order of ``cars``. ``guests`` are vehicles with their lengths that start in the same lane and leave it:
    they are followed as long as they are on it.
    """
    others = [(_while_on(path, track), long) for track, long in guests]
    tracks: list[Track] = []
    for car in cars:
        begin = round(car.enter_s / STEP_S)
        if tracks:
            begin = max(begin, tracks[-1].first)
        track = _follow(path, car, others, range(begin, frames))
        tracks.append(track)
        others.append((track, car.long))
    return tracks


def _while_on(path: Path, track: Track) -> Track:
    """The part of a guest's track up to where it has left the lane sideways."""
    off = np.abs(track.rows[:, 0] - path.points[0, 0]) > 2.0
    last = int(np.argmax(off)) if off.any() else len(track.rows)
    return Track(track.first, track.rows[:last])


def _gap(others: Sequence[tuple[Track, float]], frame: int, here: float, long: float) -> float:
    """Clear metres to the next vehicle ahead."""
    gap = 1e9
    for track, other_long in others:
        row = track.row(frame)
        if row is not None and float(row[3]) > here - 1e-9:
            gap = min(gap, float(row[3]) - here - (other_long + long) / 2)
    return gap


def _follow(path: Path, car: LaneCar, others: Sequence[tuple[Track, float]], frames: range) -> Track:
    """A car's track from the first of ``frames`` with room for it; without any it is empty and begins after them."""
    distances: list[float] = []
    here, pace, waited, first = 0.0, car.speed, 0.0, None
    for frame in frames:
        gap = _gap(others, frame, here, car.long)
        if first is None:
            if gap < _BUMPER_GAP_M + car.speed * 0.8:
                continue
            first = frame
        target = min(car.speed, max(0.0, (gap - _BUMPER_GAP_M) / 1.1))
        if car.stop_at is not None and waited < car.wait_s and here <= car.stop_at:
            left = car.stop_at - here
            if left < 0.05:
                waited += STEP_S
                target = 0.0
            else:
                target = min(target, max(0.15, float(np.sqrt(2 * _BRAKING * 0.6 * left))))
        pace = min(max(target, pace - 4.0 * STEP_S), pace + _ACCELERATION * STEP_S)
        pace = min(pace, max(0.0, gap - 0.4) / STEP_S)
        here += pace * STEP_S
        if here > path.length:
            break
        distances.append(here)
    rows = path.rows(np.array(distances)) if distances else np.zeros((0, 4))
    return Track(frames.stop if first is None else first, rows)


def walk(points: Sequence[tuple[float, float]], start_s: float, speed: float, pauses: dict[int, float]) -> Track:
    """Walks from point to point at ``speed`` m/s, standing ``pauses[i]`` seconds at point i."""
    path = Path(np.array(points, dtype=np.float64))
    distances: list[float] = []
    here = 0.0
    lengths = np.hypot(*np.diff(path.points, axis=0).T)
    for index, length in enumerate(lengths.tolist()):
        distances += [here] * round(pauses.get(index, 0.0) / STEP_S)
        steps = max(1, round(length / (speed * STEP_S)))
        distances += (here + np.linspace(0, length, steps, endpoint=False)).tolist()
        here += length
    distances += [here] * (1 + round(pauses.get(len(lengths), 0.0) / STEP_S))
    return Track(round(start_s / STEP_S), path.rows(np.array(distances)))
