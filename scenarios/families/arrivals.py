"""How things come and go: cars drive along their lane and pull in, people walk, carts are pushed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from scenarios.families.streets import LANE_X, Street
from scenarios.language.cast import Keyframe

Place = tuple[float, float]
_SWING_M = 11.0
_CURVE = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def keyframe(s: float, place: Place, heading_deg: float | None = None, size: float = 1.0) -> Keyframe:
    """A keyframe with times to a tenth of a second and places to a centimetre."""
    return Keyframe(
        s=round(s, 2),
        x=round(float(place[0]), 2),
        y=round(float(place[1]), 2),
        heading_deg=heading_deg,
        size=round(size, 2),
    )


def _curve(begin: Place, end: Place) -> list[Place]:
    """A smooth change of lane, as points."""
    points = []
    for share in _CURVE:
        across = share * share * (3 - 2 * share)
        points.append((begin[0] + (end[0] - begin[0]) * across, begin[1] + (end[1] - begin[1]) * share))
    return points


def _legs(points: Sequence[Place]) -> list[float]:
    return [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]


def _pull_in(street: Street, side: int, place: Place, swing: float) -> tuple[list[Place], list[float]]:
    """The way to a place at the kerb, and the share of full speed on each leg."""
    ahead, lane = float(side), side * LANE_X
    start = (lane, street.lane_ends(side)[0])
    curve = _curve((lane, place[1] - ahead * swing), (place[0], place[1] - ahead * 2.5))
    return [start, *curve, place], [1.0, 0.75, 0.65, 0.55, 0.5, 0.45, 0.25]


def drive_in(
    street: Street, side: int, place: Place, settle_s: float, speed: float, swing: float = _SWING_M
) -> tuple[Keyframe, ...]:
    """From the lane's start to a stand at ``place`` at ``settle_s``; it leaves the lane ``swing`` metres before.

    Raises ValueError where there is no time.
    """
    points, shares = _pull_in(street, side, place, swing)
    times = [settle_s]
    for leg, share in zip(reversed(_legs(points)), reversed(shares), strict=True):
        times.append(times[-1] - leg / (speed * share))
    if times[-1] < 0:
        raise ValueError(f"{place}: to stand at {settle_s:g} s it would have to set out at {times[-1]:.1f} s")
    return tuple(keyframe(s, point) for s, point in zip(reversed(times), points, strict=True))


def drive_out(street: Street, side: int, place: Place, leave_s: float, speed: float) -> tuple[Keyframe, ...]:
    """From a stand at ``place`` at ``leave_s`` back into the lane and off; the first keyframe still stands."""
    ahead, lane = float(side), side * LANE_X
    curve = _curve((place[0], place[1] + ahead), (lane, place[1] + ahead * (_SWING_M - 1)))
    points = [place, *curve, (lane, street.lane_ends(side)[1])]
    shares = [0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0]
    return tuple(_forward(points, leave_s, [speed * share for share in shares]))


def around(
    street: Street, side: int, place: Place, leave_s: float, back_s: float, speed: float
) -> tuple[Keyframe, ...]:
    """Off along the lane, back in the other one, and to the same place at ``back_s``: it turns at both ends.

    On the way it drives as slowly as the time allows. Raises ValueError where there is no time.
    """
    out = drive_out(street, side, place, leave_s, speed)
    begin, end = street.lane_ends(side)
    _, shares = _pull_in(street, side, place, _SWING_M)
    points, _ = _pull_in(street, side, place, _SWING_M)
    needed = sum(leg / (speed * share) for leg, share in zip(_legs(points), shares, strict=True))
    turned = [(side * LANE_X, end), (-side * LANE_X, end), (-side * LANE_X, begin), (side * LANE_X, begin)]
    spare = back_s - needed - out[-1].s
    if spare <= travel_s(turned, 2 * speed):
        raise ValueError(f"{place}: back at {back_s:g} s is too soon after leaving at {leave_s:g} s")
    loop = move(turned, out[-1].s, travel_s(turned, 1.0) / spare)
    return (*out, *loop[1:-1], *drive_in(street, side, place, back_s, speed))


def _forward(points: Sequence[Place], begin_s: float, speeds: Sequence[float]) -> list[Keyframe]:
    frames, s = [keyframe(begin_s, points[0])], begin_s
    for leg, speed, point in zip(_legs(points), speeds, points[1:], strict=True):
        s += leg / speed
        frames.append(keyframe(s, point))
    return frames


def travel_s(points: Sequence[Place], speed: float) -> float:
    """Seconds needed along the points."""
    return sum(_legs(points)) / speed


def move(points: Sequence[Place], begin_s: float, speed: float) -> tuple[Keyframe, ...]:
    """Along the points at an even speed, from ``begin_s``."""
    return tuple(_forward(points, begin_s, [speed] * (len(points) - 1)))


def move_to(points: Sequence[Place], arrive_s: float, speed: float) -> tuple[Keyframe, ...]:
    """Along the points at an even speed, to be there at ``arrive_s``; the start may not lie before 0."""
    begin = arrive_s - travel_s(points, speed)
    if begin < 0:
        raise ValueError(f"{points[-1]}: to be there at {arrive_s:g} s it would have to set out at {begin:.1f} s")
    return move(points, begin, speed)
