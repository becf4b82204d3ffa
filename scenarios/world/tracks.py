"""Where an actor of the cast is at any second, from its keyframes."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from scenarios.language.cast import Actor, Keyframe

_STILL_M = 1e-6
_GROWTH_STEP = math.log(1.2)  # what grows while it stands gets a new spot after at most this much


@dataclass(frozen=True, slots=True)
class Spot:
    """Place in metres, heading in radians, size factor, and how it moves; see ``Presence``."""

    x: float
    y: float
    heading: float
    size: float
    moving: bool
    travelled: float


@dataclass(frozen=True, slots=True)
class Stand:
    """A time in which something stays at one place. ``spots`` are where it stood, each with the second from which
    that holds: more than one where it turned or grew meanwhile."""

    from_s: float
    to_s: float
    spots: tuple[tuple[float, Spot], ...]

    @property
    def spot(self) -> Spot:
        """How it stood at first."""
        return self.spots[0][1]


class ActorTrack:
    """The timeline of one actor. Between two keyframes it moves evenly; after the last one it stays."""

    def __init__(self, actor: Actor, duration_s: float) -> None:
        self._frames = actor.at
        self._times = [frame.s for frame in actor.at]
        self.first = actor.at[0].s
        self.gone = math.inf if actor.leaves_s is None else actor.leaves_s
        self.last = min(self.gone, duration_s)
        steps = [math.hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(actor.at)]
        self._moves = [step > _STILL_M for step in steps]
        self._travelled = [0.0]
        for step in steps:
            self._travelled.append(self._travelled[-1] + step)
        self._headings = _headings(actor.at, self._moves)

    def at(self, t: float) -> Spot | None:
        """Where it is; None before its first keyframe and from when it leaves."""
        if t < self.first or t >= self.gone:
            return None
        index = bisect_right(self._times, t) - 1
        here = self._frames[index]
        if index == len(self._frames) - 1:
            return Spot(here.x, here.y, self._headings[index][0], here.size, False, self._travelled[index])
        there = self._frames[index + 1]
        share = (t - here.s) / (there.s - here.s)
        begin, turn = self._headings[index]
        return Spot(
            x=here.x + (there.x - here.x) * share,
            y=here.y + (there.y - here.y) * share,
            heading=begin + turn * share,
            size=here.size + (there.size - here.size) * share,
            moving=self._moves[index],
            travelled=self._travelled[index] + (self._travelled[index + 1] - self._travelled[index]) * share,
        )

    def stands(self) -> list[Stand]:
        """Every time it stays at one place, in order."""
        found: list[Stand] = []
        index, count = 0, len(self._frames)
        while index < count:
            end = index
            while end < count - 1 and not self._moves[end]:
                end += 1
            from_s = self._frames[index].s
            to_s = self.last if end == count - 1 else min(self._frames[end].s, self.last)
            if to_s > from_s:
                found.append(Stand(from_s, to_s, self._spots(index, end, to_s)))
            index = end + 1
        return found

    def _spots(self, first: int, last: int, to_s: float) -> tuple[tuple[float, Spot], ...]:
        times = [self._frames[first].s]
        for before, after in pairwise(self._frames[first : last + 1]):
            steps = 1 + int(abs(math.log(after.size / before.size)) / _GROWTH_STEP)
            times += [before.s + (after.s - before.s) * step / steps for step in range(1, steps + 1)]
        spots = [(s, self.at(s)) for s in times if s < to_s]
        return tuple((s, _standing(spot)) for s, spot in spots if spot is not None)


def _standing(spot: Spot) -> Spot:
    return Spot(spot.x, spot.y, spot.heading, spot.size, False, spot.travelled)


def _headings(frames: tuple[Keyframe, ...], moves: list[bool]) -> list[tuple[float, float]]:
    """For each keyframe its heading in radians and how far it turns until the next one.

    A stated heading holds at its keyframe; who then moves to a keyframe without one looks where it goes.
    """
    ways = [math.atan2(b.x - a.x, b.y - a.y) for a, b in pairwise(frames)]
    kept = next((way for way, move in zip(ways, moves, strict=True) if move), 0.0)
    found: list[tuple[float, float]] = []
    for index, frame in enumerate(frames):
        stated = None if frame.heading_deg is None else math.radians(frame.heading_deg)
        after = frames[index + 1].heading_deg if index + 1 < len(frames) else None
        moving = index < len(moves) and moves[index]
        steers = moving and (stated is None or after is None)
        begin = ways[index] if steers else kept if stated is None else stated
        turn = 0.0 if after is None or steers else _turn(begin, math.radians(after))
        found.append((begin, turn))
        kept = begin + turn
    return found


def _turn(begin: float, end: float) -> float:
    """The shorter way round, radians."""
    return (end - begin + math.pi) % (2 * math.pi) - math.pi
