"""Weather, light, lens, stream and clock of a camera at a moment, from the scenario's conditions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scenarios.language.conditions import Condition, ConditionKind

Askew = tuple[float, float, float]
"""Degrees by which a camera is turned: pan to the right, tilt down, roll clockwise."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A shadow on the ground: its outline in metres where it has drifted to, and how dark it is (0..1)."""

    ground: tuple[tuple[float, float], ...]
    amount: float


@dataclass(frozen=True, slots=True)
class Weather:
    """What a camera has to cope with. Strengths run from 0 to 1, see ``ConditionKind``.

    Attributes:
        askew: Degrees by which the camera is turned: pan to the right, tilt down, roll clockwise.
        frozen_since: Second whose picture the stream repeats; None while it runs.
        offline: No frames come; also while the power is cut.
        clock_off_s: Seconds that the node's clock is ahead.
    """

    rain: float = 0.0
    dusk: float = 0.0
    night_ir: float = 0.0
    headlights: float = 0.0
    shake: float = 0.0
    covered: float = 0.0
    dirty: float = 0.0
    defocus: float = 0.0
    frame_drop: float = 0.0
    askew: Askew = (0.0, 0.0, 0.0)
    frozen_since: float | None = None
    offline: bool = False
    powered: bool = True
    clock_off_s: float = 0.0
    shadows: tuple[Shadow, ...] = ()


def strength(condition: Condition, t: float) -> float:
    """Its amount at ``t``, ramps applied; 0 outside its time."""
    end = math.inf if condition.to_s is None else condition.to_s
    if not condition.from_s <= t < end:
        return 0.0
    if condition.ramp_s == 0:
        return condition.amount
    return condition.amount * min(1.0, (t - condition.from_s) / condition.ramp_s, (end - t) / condition.ramp_s)


def of_camera(conditions: Sequence[Condition], camera: str) -> list[Condition]:
    """The conditions that befall a camera."""
    return [condition for condition in conditions if not condition.cameras or camera in condition.cameras]


def weather_at(conditions: Sequence[Condition], t: float) -> Weather:
    """All conditions together: of each kind the strongest, knocks and clock steps added up."""
    now = [c for c in conditions if c.from_s <= t and (c.to_s is None or t < c.to_s)]
    if not now:
        return Weather()
    amounts: dict[ConditionKind, float] = {}
    for condition in now:
        amounts[condition.kind] = max(amounts.get(condition.kind, 0.0), strength(condition, t))
    knocks = [(c, strength(c, t)) for c in now if c.kind is ConditionKind.ASKEW]
    frozen = [c.from_s for c in now if c.kind is ConditionKind.FREEZE]
    powered = ConditionKind.POWER_CUT not in amounts
    return Weather(
        rain=amounts.get(ConditionKind.RAIN, 0.0),
        dusk=amounts.get(ConditionKind.DUSK, 0.0),
        night_ir=amounts.get(ConditionKind.NIGHT_IR, 0.0),
        headlights=amounts.get(ConditionKind.HEADLIGHTS, 0.0),
        shake=amounts.get(ConditionKind.SHAKE, 0.0),
        covered=amounts.get(ConditionKind.COVERED, 0.0),
        dirty=amounts.get(ConditionKind.DIRTY, 0.0),
        defocus=amounts.get(ConditionKind.DEFOCUS, 0.0),
        frame_drop=amounts.get(ConditionKind.FRAME_DROP, 0.0),
        askew=(
            sum((c.pan_deg * s for c, s in knocks), 0.0),
            sum((c.tilt_deg * s for c, s in knocks), 0.0),
            sum((c.roll_deg * s for c, s in knocks), 0.0),
        ),
        frozen_since=min(frozen) if frozen else None,
        offline=ConditionKind.OFFLINE in amounts or not powered,
        powered=powered,
        clock_off_s=sum((c.step_s for c in now if c.kind is ConditionKind.CLOCK_STEP), 0.0),
        shadows=tuple(_shadow(c, t) for c in now if c.kind is ConditionKind.SHADOW),
    )


def askew_spans(conditions: Sequence[Condition], duration_s: float) -> list[tuple[float, float, Askew]]:
    """When a camera hangs askew, and how: from second, to second, pose. While it is being turned, the pose halfway."""
    edges: set[float] = set()
    for condition in conditions:
        if condition.kind is ConditionKind.ASKEW:
            begin, ramp = condition.from_s, condition.ramp_s
            end = duration_s if condition.to_s is None else condition.to_s
            edges |= {begin, begin + ramp, end, end if condition.to_s is None else max(begin, end - ramp)}
    moments = sorted(min(edge, duration_s) for edge in edges)
    spans = [(a, b, weather_at(conditions, (a + b) / 2).askew) for a, b in pairwise(moments) if a < b]
    return [span for span in spans if any(span[2])]


def _shadow(condition: Condition, t: float) -> Shadow:
    dx, dy = (speed * (t - condition.from_s) for speed in condition.drift_mps)
    return Shadow(tuple((x + dx, y + dy) for x, y in condition.ground), strength(condition, t))
