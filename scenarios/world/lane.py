"""Vehicles behind one another (车道): Newell's car-following model, solved event by event.

A follower keeps to its leader's course moved back by a reaction time and one vehicle's length: it is exact, never
touches, and costs a few corners for each vehicle instead of ten steps a second.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.language.cast import Signal
from scenarios.world.course import SMOOTH_S, Course, CourseBuilder

REACTION_S = SMOOTH_S
"""Not below SMOOTH_S: smoothing must not bring a vehicle onto the one that went in before it."""
GAP_M = 2.0
LINE_M = 0.5
"""How far before the stop line a bumper stands."""
_EPS = 1e-9


@dataclass(frozen=True, slots=True)
class Hold:
    """A place (metres, of the vehicle's middle) where a vehicle waits: for a signal, or ``for_s`` seconds."""

    place: float
    signal: Signal | None = None
    for_s: float = 0.0

    def leaves(self, arrival: float) -> float:
        """When it may go on after arriving."""
        return green_from(self.signal, arrival) if self.signal else arrival + self.for_s


@dataclass(frozen=True, slots=True)
class Driver:
    """A vehicle that wants in at ``enter_s``, wants ``speed`` m/s and is ``half`` * 2 metres long."""

    enter_s: float
    speed: float
    half: float
    holds: tuple[Hold, ...] = ()


def is_red(signal: Signal, t: float) -> bool:
    """Whether the light is red at ``t``; before its first red it is green."""
    since = t - signal.first_red_s
    return since >= 0 and since % (signal.red_s + signal.green_s) < signal.red_s


def green_from(signal: Signal, t: float) -> float:
    """``t`` itself, or the end of the red it falls into."""
    if not is_red(signal, t):
        return t
    cycle = signal.red_s + signal.green_s
    return signal.first_red_s + (t - signal.first_red_s) // cycle * cycle + signal.red_s


def follow(drivers: Sequence[Driver], length: float) -> list[Course]:
    """The courses of one lane's vehicles, in the order in which they come.

    Who has no room to enter waits outside. ``length`` is the path's, in metres.
    """
    courses: list[Course] = []
    leader: _Limit | None = None
    for driver in drivers:
        course = _drive(driver, leader, length)
        courses.append(course)
        leader = _Limit(course, driver.half)
    return courses


class _Limit:
    """A leader's course moved back to where its follower may be at most."""

    def __init__(self, course: Course, half: float) -> None:
        self.course = course
        self.half = half

    def behind(self, half: float) -> float:
        """Metres between the two middles."""
        return self.half + half + GAP_M

    def piece(self, t: float, back: float) -> tuple[float, float, float]:
        """Where the limit is at ``t``, its speed, and until when that holds."""
        own = t - REACTION_S
        times, places = self.course.times, self.course.places
        index = bisect_right(times, own + 1e-7) - 1
        if index < 0:
            return self.course.raw(own) - back, self.course.speed, times[0] + REACTION_S
        if index >= len(times) - 1:
            return self.course.raw(own) - back, self.course.speed, float("inf")
        speed = (places[index + 1] - places[index]) / (times[index + 1] - times[index])
        return self.course.raw(own) - back, speed, times[index + 1] + REACTION_S


def _drive(driver: Driver, leader: _Limit | None, length: float) -> Course:
    lead_in = driver.speed * SMOOTH_S / 2  # the mean of the past lies this far behind: at the path's start
    holds = sorted((hold for hold in driver.holds if hold.place < length), key=lambda hold: hold.place)
    place = min([lead_in, *(hold.place for hold in holds)])
    t = driver.enter_s
    back = 0.0
    if leader is not None:
        back = leader.behind(driver.half)
        t = max(t, leader.course.reaches(place + back) + REACTION_S)
    corners = CourseBuilder()
    corners.add(t, place)
    for hold in holds:
        t, place = _advance(corners, t, place, hold.place, driver.speed, leader, back)
        leaves = hold.leaves(t)
        if leaves > t:
            corners.add(leaves, place)
            t = leaves
    _advance(corners, t, place, length + lead_in, driver.speed, leader, back)
    return corners.build(driver.speed)


def _advance(
    corners: CourseBuilder, t: float, place: float, to: float, speed: float, leader: _Limit | None, back: float
) -> tuple[float, float]:
    """Drives on to the place ``to`` as fast as the leader allows."""
    while place < to - _EPS:
        pace, until = speed, float("inf")
        if leader is not None:
            limit, limit_pace, until = leader.piece(t, back)
            if limit - place <= 1e-6:
                pace = min(speed, limit_pace)
            elif limit_pace < speed:
                until = min(until, t + (limit - place) / (speed - limit_pace))
        arrival = t + (to - place) / pace if pace > _EPS else float("inf")
        if arrival <= until:
            t, place = arrival, to
        else:
            place += pace * (until - t)
            t = until
        corners.add(t, place)
    return t, to
