"""Families about what happens to a camera, its stream and its clock (镜头与链路故障)."""

from __future__ import annotations

from scenarios.families.core import any_problem, trouble
from scenarios.families.draft import Draft
from scenarios.families.family import family
from scenarios.families.weather import amount
from scenarios.language.claims import Innocence, Subject
from scenarios.language.conditions import ConditionKind
from scenarios.language.street import Tier

MINUTES = (60.0, 900.0)
_NO_PICTURES: tuple[Tier, ...] = ("detections",)


def unreliable(draft: Draft, span: tuple[float, float]) -> tuple[float, float]:
    """What a faulty picture alone makes one believe in this time is no problem; gives the time again."""
    for category in (Subject.PARKED_VEHICLE, Subject.STREET_VENDOR, Subject.GARBAGE):
        draft.innocent(Innocence.CAMERA_FAULT, category, start_s=span[0], end_s=span[1])
    return span


def shake(draft: Draft) -> None:
    settle = any_problem(draft)
    if draft.rng.random() < 0.5:
        draft.condition(ConditionKind.SHAKE, amount=amount(draft, 0.3, 0.8))
        return
    begin, end = unreliable(draft, trouble(draft, settle, MINUTES))
    draft.condition(ConditionKind.SHAKE, begin, end, amount=amount(draft, 0.5, 1.0), ramp_s=2.0)


def knock(draft: Draft, from_s: float, to_s: float) -> None:
    """The camera points up to five degrees off for a while."""
    rng = draft.rng
    pan = float(rng.uniform(1.5, 4.0)) * (1 if rng.random() < 0.5 else -1)
    tilt, roll = float(rng.uniform(-1.5, 2.0)), float(rng.uniform(-1.5, 1.5))
    draft.condition(
        ConditionKind.ASKEW,
        from_s,
        to_s,
        pan_deg=round(pan, 2),
        tilt_deg=round(tilt, 2),
        roll_deg=round(roll, 2),
    )


def askew_and_back(draft: Draft) -> None:
    knock(draft, *unreliable(draft, trouble(draft, any_problem(draft), MINUTES)))


def lens_covered(draft: Draft) -> None:
    begin, end = unreliable(draft, trouble(draft, any_problem(draft), MINUTES))
    draft.condition(ConditionKind.COVERED, begin, end, amount=amount(draft, 0.85, 1.0), ramp_s=1.0)


def dirty_lens(draft: Draft) -> None:
    any_problem(draft)
    draft.condition(ConditionKind.DIRTY, amount=amount(draft, 0.25, 0.6))


def defocus(draft: Draft) -> None:
    begin, end = unreliable(draft, trouble(draft, any_problem(draft), MINUTES))
    draft.condition(ConditionKind.DEFOCUS, begin, end, amount=amount(draft, 0.15, 0.5), ramp_s=3.0)


def out_of_focus(draft: Draft) -> None:
    """So far that what the zones are about can hardly be recognised, or, some way off, not at all."""
    begin, end = unreliable(draft, trouble(draft, any_problem(draft), MINUTES))
    draft.condition(ConditionKind.DEFOCUS, begin, end, amount=amount(draft, 0.95, 1.0), ramp_s=3.0)


def turned_away(draft: Draft) -> None:
    """Somebody turns the camera so far that no zone is left in the picture, and back."""
    begin, end = unreliable(draft, trouble(draft, any_problem(draft), MINUTES))
    pan = float(draft.rng.uniform(85.0, 120.0)) * (1 if draft.rng.random() < 0.5 else -1)
    draft.condition(ConditionKind.ASKEW, begin, end, pan_deg=round(pan, 1))


def stream_freeze(draft: Draft) -> None:
    begin, end = unreliable(draft, trouble(draft, any_problem(draft), MINUTES))
    draft.condition(ConditionKind.FREEZE, begin, end)


def stream_offline(draft: Draft) -> None:
    begin, end = trouble(draft, any_problem(draft), (60.0, 1800.0))
    draft.condition(ConditionKind.OFFLINE, begin, end)


def frame_drops(draft: Draft) -> None:
    begin, end = trouble(draft, any_problem(draft), MINUTES)
    draft.condition(ConditionKind.FRAME_DROP, begin, end, amount=amount(draft, 0.3, 0.7))


def _clock_steps(draft: Draft, sign: int) -> None:
    begin, end = trouble(draft, any_problem(draft), MINUTES)
    step = sign * float(draft.rng.choice((5.0, 30.0, 300.0, 3600.0)))
    back = end if draft.rng.random() < 0.5 else None
    draft.condition(ConditionKind.CLOCK_STEP, begin, back, step_s=step)


def clock_step_forward(draft: Draft) -> None:
    _clock_steps(draft, 1)


def clock_step_back(draft: Draft) -> None:
    _clock_steps(draft, -1)


def power_cut(draft: Draft) -> None:
    begin, end = trouble(draft, any_problem(draft), (60.0, 3600.0))
    draft.condition(ConditionKind.POWER_CUT, begin, end)


FAMILIES = (
    family(shake, "camera", "The pole shakes, always or for a while."),
    family(askew_and_back, "camera", "The camera is knocked askew by up to five degrees and set right again."),
    family(lens_covered, "camera", "Something covers the lens for a while."),
    family(dirty_lens, "camera", "The lens is dirty."),
    family(defocus, "camera", "The picture is out of focus for a while."),
    family(out_of_focus, "camera", "The lens loses its focus altogether for a while."),
    family(turned_away, "camera", "Somebody turns the camera away for a while, and back."),
    family(stream_freeze, "camera", "The stream repeats one frame for a while."),
    family(stream_offline, "camera", "The stream is gone for a while."),
    family(frame_drops, "camera", "A good part of the frames is lost for a while."),
    family(
        clock_step_forward,
        "camera",
        "The node's clock jumps ahead; in half of the seeds it jumps back later.",
        tiers=_NO_PICTURES,
    ),
    family(
        clock_step_back,
        "camera",
        "The node's clock jumps back; in half of the seeds it jumps ahead later.",
        tiers=_NO_PICTURES,
    ),
    family(power_cut, "camera", "The node has no power for a while.", tiers=_NO_PICTURES),
)
