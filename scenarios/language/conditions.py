"""What weather, light, lens, stream and clock do to a camera (环境与故障)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from scenarios.language.base import ConfigModel, Degrees, GroundPoint, Name, Seconds, Share


class ConditionKind(StrEnum):
    """What happens, and what ``amount`` (0..1) means for it."""

    RAIN = "rain"  # amount: strength
    DUSK = "dusk"  # amount: loss of daylight, 1 is night by street lamps
    NIGHT_IR = "night_ir"  # infra-red picture: grey, noisy; amount: darkness of the far end
    HEADLIGHTS = "headlights"  # amount: strength of the beams of moving vehicles
    SHADOW = "shadow"  # a shadow drifts over `ground`; amount: how dark
    SHAKE = "shake"  # amount 1: 1 % of the frame's width, to and fro
    ASKEW = "askew"  # the camera was knocked by pan_deg, tilt_deg, roll_deg
    COVERED = "covered"  # amount: how much of the frame is hidden
    DIRTY = "dirty"  # amount: how dirty the lens is
    DEFOCUS = "defocus"  # amount 1: a blur of 2 % of the frame's width
    FREEZE = "freeze"  # the stream repeats its last frame
    OFFLINE = "offline"  # no frames
    FRAME_DROP = "frame_drop"  # amount: share of frames lost
    CLOCK_STEP = "clock_step"  # the node's clock is off by step_s
    POWER_CUT = "power_cut"  # the node is off; its memory on disk stays


BLINDING = frozenset({ConditionKind.COVERED, ConditionKind.FREEZE, ConditionKind.OFFLINE, ConditionKind.POWER_CUT})
"""While one of these lasts the camera cannot look at all (COVERED: from an amount of :data:`BLIND_FROM`). What ASKEW
and DEFOCUS leave to be seen depends on camera and zone: ``scenarios.world.visible``."""

BLIND_FROM = 0.7
"""Share of a frame, or of a zone, from which what cannot be seen of it leaves nothing to look at."""
BLUR_RADIUS = 0.02
"""Radius of the circle that a point becomes at a DEFOCUS of 1, as a share of the frame's width."""


class Condition(ConfigModel):
    """One condition from ``from_s`` to ``to_s`` on some cameras (none named: on all).

    It grows over ``ramp_s`` seconds and fades likewise before ``to_s``.
    """

    kind: ConditionKind
    from_s: Seconds = 0.0
    to_s: Seconds | None = None
    cameras: tuple[Name, ...] = ()
    amount: Share = 1.0
    ramp_s: Annotated[float, Field(ge=0, le=86400)] = 0.0
    pan_deg: Degrees = 0.0
    tilt_deg: Degrees = 0.0
    roll_deg: Degrees = 0.0
    step_s: Annotated[float, Field(ge=-86400 * 30, le=86400 * 30)] = 0.0
    ground: tuple[GroundPoint, ...] = ()
    drift_mps: tuple[float, float] = (0.0, 0.0)

    @model_validator(mode="after")
    def _complete(self) -> Condition:
        if self.to_s is not None and self.to_s <= self.from_s:
            raise ValueError(f"{self.kind}: to_s {self.to_s:g} is not after from_s {self.from_s:g}")
        needs = {
            ConditionKind.ASKEW: (
                bool(self.pan_deg or self.tilt_deg or self.roll_deg),
                "pan_deg, tilt_deg or roll_deg",
            ),
            ConditionKind.CLOCK_STEP: (self.step_s != 0, "step_s"),
            ConditionKind.SHADOW: (len(self.ground) >= 3, "ground (three corners or more)"),
        }
        given, what = needs.get(self.kind, (True, ""))
        if not given:
            raise ValueError(f"{self.kind}: give {what}")
        return self

    @property
    def blinding(self) -> bool:
        """Whether nobody can look anywhere while it lasts at full strength."""
        if self.kind is ConditionKind.COVERED:
            return self.amount >= BLIND_FROM
        return self.kind in BLINDING
