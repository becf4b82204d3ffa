"""What a detector says of things in a picture, look by look, with the errors of a profile.

Each thing keeps its own state (missed or not, offsets, score) under its number, so that errors come in bursts, last,
and tremble as they were measured. The same calls give the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log, sqrt

import numpy as np

from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from scenarios.errors.chain import kept, miss_probability
from scenarios.errors.profile import ClassErrors, ConditionEffect, ErrorProfile, Flicker
from scenarios.language.conditions import ConditionKind

LEAST_VISIBLE = 1 / 3
"""Less of a thing than this is never found."""
LEAST_PX = 6.0
_LEAST_SIDE = 0.002
_DRAWS = 10
_FORGET_AFTER_S = 600.0


@dataclass(frozen=True, slots=True)
class InPicture:
    """A thing as a perfect detector would see it.

    ``box``: its whole outline inside the frame; ``shown``: the box around what nothing hides; ``visible``: share of
    its outline that is in the frame and not hidden; ``size_px`` as the profile measures it.
    """

    number: int
    kind: ObjectClass
    box: Box
    shown: Box
    visible: float
    size_px: float


@dataclass(frozen=True, slots=True)
class Found:
    """A sighting; ``number`` is the thing's, None where nothing is."""

    box: Box
    score: float
    kind: ObjectClass
    number: int | None


@dataclass(frozen=True, slots=True)
class Burden:
    """What the weather adds, see :class:`ConditionEffect`."""

    miss: float = 0.0
    score: float = 0.0
    jitter: float = 1.0
    flicker: float = 1.0

    @classmethod
    def of(
        cls, effects: Mapping[ConditionKind, ConditionEffect], amounts: Mapping[ConditionKind, float]
    ) -> Burden:
        """All conditions together; what the profile does not name adds nothing."""
        miss = score = 0.0
        jitter = flicker = 1.0
        for kind, amount in amounts.items():
            effect = effects.get(kind)
            if effect is not None and amount > 0:
                miss += effect.miss * amount
                score += effect.score * amount
                jitter *= 1.0 + (effect.jitter - 1.0) * amount
                flicker *= 1.0 + (effect.flicker - 1.0) * amount
        return cls(miss, score, jitter, flicker)


@dataclass(slots=True)
class _State:
    """One thing's memory of its own errors."""

    own_miss: float
    own_score: float
    lasting: list[float]
    passing: list[float]
    score: float
    sticky: bool
    missed: bool | None = None
    at_s: float = 0.0


@dataclass(slots=True)
class _Spark:
    """A sighting of nothing, until it goes out."""

    found: Found
    until_s: float


@dataclass(slots=True)
class _Haunt:
    """A spot where nothing is seen again and again."""

    flicker: Flicker
    found: Found
    on: bool | None = None


@dataclass
class ErrorStream:
    """One camera's detector. ``aspect``: the frame's width by its height."""

    profile: ErrorProfile
    rng: np.random.Generator
    aspect: float
    _states: dict[int, _State] = field(default_factory=dict)
    _sparks: list[_Spark] = field(default_factory=list)
    _haunts: list[_Haunt] | None = None
    _at_s: float | None = None

    def look(self, at_s: float, things: Sequence[InPicture], burden: Burden) -> list[Found]:
        """What the detector finds at ``at_s`` seconds, later than any call before."""
        found: list[Found] = []
        draws = self.rng.standard_normal((len(things), _DRAWS)).tolist() if things else []
        chances = self.rng.random((len(things), 4)).tolist() if things else []
        for thing, normal, even in zip(things, draws, chances, strict=True):
            errors = self.profile.classes.get(thing.kind)
            if errors is not None:
                found += self._sight(at_s, thing, errors, burden, normal, even)
        found += self._nothing(at_s, burden)
        self._at_s = at_s
        if len(self._states) > 4 * len(things) + 64:
            self._states = {n: s for n, s in self._states.items() if at_s - s.at_s < _FORGET_AFTER_S}
        return found

    def _sight(
        self,
        at_s: float,
        thing: InPicture,
        errors: ClassErrors,
        burden: Burden,
        normal: list[float],
        even: list[float],
    ) -> list[Found]:
        state = self._states.get(thing.number)
        if state is None:
            state = self._states[thing.number] = _new_state(errors, normal, float(self.rng.random()))
            normal = self.rng.standard_normal(_DRAWS).tolist()
        gap = at_s - state.at_s
        state.at_s = at_s
        _tremble(state, errors, gap, normal)
        if thing.visible < LEAST_VISIBLE or thing.size_px < LEAST_PX:
            state.missed = True
            return []
        log_odds = errors.misses.log_odds(thing.size_px, 1.0 - thing.visible) + state.own_miss + burden.miss
        share = 1.0 / (1.0 + exp(-max(-30.0, min(30.0, log_odds))))
        memory = kept(gap, errors.misses.burst_s)
        state.missed = even[0] < miss_probability(share, state.missed, memory)
        if state.missed:
            return []
        box = _boxed(thing, state, errors, burden.jitter)
        score = _score(thing, state, errors, burden.score)
        kind = _name(thing.kind, state, errors, even)
        found = [Found(box, score, kind, thing.number)]
        if even[2] < errors.doubles.rate:
            found.append(Found(_second(box, errors, even[3]), score * 0.8, kind, thing.number))
        return found

    # -- sightings of nothing ---------------------------------------------------------------------

    def _nothing(self, at_s: float, burden: Burden) -> list[Found]:
        gap = 3600.0 if self._at_s is None else at_s - self._at_s
        self._sparks = [spark for spark in self._sparks if spark.until_s > at_s]
        for flicker in self.profile.flicker:
            new = flicker.rate * burden.flicker * (1.0 - kept(gap, flicker.life_s))
            for _ in range(int(self.rng.poisson(new))):
                until = at_s + float(self.rng.exponential(flicker.life_s))
                self._sparks.append(_Spark(self._somewhere(flicker), until))
        if self._haunts is None:
            counts = [(flicker, int(self.rng.poisson(flicker.places))) for flicker in self.profile.flicker]
            self._haunts = [_Haunt(flicker, self._somewhere(flicker)) for flicker, n in counts for _ in range(n)]
        for haunt in self._haunts:
            share = min(0.95, haunt.flicker.place_share * burden.flicker)
            off = None if haunt.on is None else not haunt.on
            haunt.on = self.rng.random() >= miss_probability(
                1.0 - share, off, kept(gap, haunt.flicker.place_life_s)
            )
        return [spark.found for spark in self._sparks] + [haunt.found for haunt in self._haunts if haunt.on]

    def _somewhere(self, flicker: Flicker) -> Found:
        size = exp(flicker.size[0] + flicker.size[1] * float(self.rng.standard_normal()))
        tall = exp(flicker.tall[0] + flicker.tall[1] * float(self.rng.standard_normal()))
        wide = min(0.5, max(0.01, size / sqrt(tall * self.aspect)))
        high = min(0.5, max(0.01, size * sqrt(tall * self.aspect)))
        x, y = (float(value) for value in self.rng.random(2))
        left, top = x * (1 - wide), (0.2 + 0.8 * y) * (1 - high)
        kind = flicker.object_class
        score = _odds_to_share(flicker.score[0] + flicker.score[1] * float(self.rng.standard_normal()))
        floor = self.profile.provenance.thresholds.get(kind, 0.0)
        return Found((left, top, left + wide, top + high), max(score, floor), kind, None)


def _new_state(errors: ClassErrors, normal: list[float], even: float) -> _State:
    return _State(
        own_miss=errors.misses.spread * normal[0],
        own_score=errors.scores.spread * normal[1],
        lasting=[sd * draw for sd, draw in zip(errors.jitter.lasting, normal[2:6], strict=True)],
        passing=[sd * draw for sd, draw in zip(errors.jitter.passing, normal[6:10], strict=True)],
        score=0.0,
        sticky=even < errors.swaps.sticky_share,
    )


def _tremble(state: _State, errors: ClassErrors, gap: float, normal: list[float]) -> None:
    """The passing part of box and score: first-order autoregressive."""
    memory = kept(gap, errors.jitter.correlation_s)
    fresh = sqrt(1.0 - memory * memory)
    state.passing = [
        memory * value + fresh * sd * draw
        for value, sd, draw in zip(state.passing, errors.jitter.passing, normal[:4], strict=True)
    ]
    memory = kept(gap, errors.scores.correlation_s)
    state.score = memory * state.score + sqrt(1.0 - memory * memory) * errors.scores.sd * normal[4]


def _boxed(thing: InPicture, state: _State, errors: ClassErrors, factor: float) -> Box:
    yields = errors.jitter.yields
    whole = thing.box
    sides = [a + (b - a) * yields for a, b in zip(whole, thing.shown, strict=True)]
    wide, tall = whole[2] - whole[0], whole[3] - whole[1]
    off = [(a + b * factor) for a, b in zip(state.lasting, state.passing, strict=True)]
    return tidy(
        (sides[0] + off[0] * wide, sides[1] + off[1] * tall, sides[2] + off[2] * wide, sides[3] + off[3] * tall)
    )


def tidy(box: Box) -> Box:
    """Within the frame, the right way round, and not without area."""
    x1, y1 = min(max(box[0], 0.0), 1 - _LEAST_SIDE), min(max(box[1], 0.0), 1 - _LEAST_SIDE)
    return x1, y1, min(max(box[2], x1 + _LEAST_SIDE), 1.0), min(max(box[3], y1 + _LEAST_SIDE), 1.0)


def _score(thing: InPicture, state: _State, errors: ClassErrors, shift: float) -> float:
    scores = errors.scores
    halvings = log(32.0 / max(thing.size_px, 1.0)) / log(2.0)
    value = scores.mean + scores.per_halving * halvings + state.own_score + state.score + shift
    return max(scores.floor, _odds_to_share(value))


def _odds_to_share(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, log_odds))))


def _name(kind: ObjectClass, state: _State, errors: ClassErrors, even: list[float]) -> ObjectClass:
    swaps = errors.swaps
    rate = swaps.sticky_rate if state.sticky else swaps.rate
    if even[1] >= rate or not swaps.into:
        return kind
    # The even draw that decided on the swap also picks the name.
    left = even[1] / rate
    for other, share in swaps.into.items():
        left -= share
        if left < 0:
            return other
    return kind


def _second(box: Box, errors: ClassErrors, where: float) -> Box:
    """To the left and up or to the right and down, by chance."""
    doubles, side = errors.doubles, 1.0 if where < 0.5 else -1.0
    wide, tall = box[2] - box[0], box[3] - box[1]
    x = (box[0] + box[2]) / 2 + side * doubles.shift[0] * wide
    y = (box[1] + box[3]) / 2 + side * doubles.shift[1] * tall
    half, high = wide * doubles.part[0] / 2, tall * doubles.part[1] / 2
    return tidy((x - half, y - high, x + half, y + high))
