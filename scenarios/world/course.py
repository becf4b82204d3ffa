"""How far along its path a member of a stream is: straight pieces over time, smoothed at their ends.

The raw course is a polyline of (second, metres). What is shown is its mean over the last :data:`SMOOTH_S` seconds,
so that nothing starts or stops in an instant. A mean over the past keeps what holds for the raw courses: nobody
passes a stop line early, and who kept their distance still does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

SMOOTH_S = 1.5
_EPS = 1e-9


@dataclass(frozen=True, slots=True)
class Course:
    """``places`` (metres, never falling) at ``times`` (seconds, growing); ``speed`` before the first and after the
    last. The member is on the street from ``times[0]`` to ``times[-1]``."""

    times: tuple[float, ...]
    places: tuple[float, ...]
    speed: float

    def raw(self, t: float) -> float:
        """Metres at ``t`` before smoothing."""
        times, places = self.times, self.places
        if t <= times[0]:
            return places[0] + (t - times[0]) * self.speed
        if t >= times[-1]:
            return places[-1] + (t - times[-1]) * self.speed
        index = bisect_right(times, t) - 1
        share = (t - times[index]) / (times[index + 1] - times[index])
        return places[index] + share * (places[index + 1] - places[index])

    def at(self, t: float) -> float:
        """Metres at ``t``."""
        begin = t - SMOOTH_S
        low, high = bisect_right(self.times, begin), bisect_left(self.times, t)
        area, last_t, last_x = 0.0, begin, self.raw(begin)
        for index in range(low, high):
            now, place = self.times[index], self.places[index]
            area += (now - last_t) * (last_x + place) / 2
            last_t, last_x = now, place
        area += (t - last_t) * (last_x + self.raw(t)) / 2
        return area / SMOOTH_S

    def moves(self, t: float) -> bool:
        """Whether it is under way at ``t``."""
        return self.raw(t) - self.raw(t - SMOOTH_S) > 1e-6

    def reaches(self, place: float) -> float:
        """The second at which the raw course first comes to ``place``."""
        index = bisect_left(self.places, place)
        if index == 0:
            return self.times[0] - (self.places[0] - place) / self.speed
        if index == len(self.places):
            return self.times[-1] + (place - self.places[-1]) / self.speed
        share = (place - self.places[index - 1]) / (self.places[index] - self.places[index - 1])
        return self.times[index - 1] + share * (self.times[index] - self.times[index - 1])

    def halts(self) -> list[tuple[float, float]]:
        """Every stand as (from second, to second), smoothing included."""
        found: list[tuple[float, float]] = []
        for index in range(len(self.times) - 1):
            begin, end = self.times[index] + SMOOTH_S, self.times[index + 1]
            if self.places[index + 1] - self.places[index] < _EPS and end > begin:
                found.append((begin, end))
        return found


@dataclass(slots=True)
class CourseBuilder:
    """Collects the corners of a course; corners on a straight line are left out."""

    times: list[float] = field(default_factory=list)
    places: list[float] = field(default_factory=list)

    def add(self, t: float, place: float) -> None:
        """The next corner; one at the moment of the last corner is the same."""
        if self.times and t - self.times[-1] < 1e-7:
            return
        if len(self.times) > 1:
            before = (self.places[-1] - self.places[-2]) / (self.times[-1] - self.times[-2])
            after = (place - self.places[-1]) / (t - self.times[-1])
            if abs(after - before) < 1e-7:
                self.times[-1], self.places[-1] = t, place
                return
        self.times.append(t)
        self.places.append(place)

    def build(self, speed: float) -> Course:
        """The finished course."""
        return Course(tuple(self.times), tuple(self.places), speed)
