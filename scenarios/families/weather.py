"""Families about weather and light (天气与光照)."""

from __future__ import annotations

from scenarios.families.core import any_problem
from scenarios.families.draft import Draft
from scenarios.families.family import family
from scenarios.families.innocent import cast_shadows
from scenarios.families.streets import rectangle
from scenarios.language.claims import Innocence, Subject
from scenarios.language.conditions import ConditionKind


def amount(draft: Draft, low: float, high: float) -> float:
    """How strong, as a share."""
    return round(float(draft.rng.uniform(low, high)), 2)


def falls(draft: Draft, low: float = 0.4, high: float = 1.0) -> None:
    """Rain from the start, or a shower that comes and goes."""
    strength = amount(draft, low, high)
    if draft.rng.random() < 0.5:
        draft.condition(ConditionKind.RAIN, amount=strength)
    else:
        begin = draft.pace.soon()
        draft.condition(
            ConditionKind.RAIN, begin, begin + 2 * draft.pace.stay(), amount=strength, ramp_s=draft.pace.soon()
        )


def darkens(draft: Draft, most: float) -> None:
    """Daylight goes while the scenario lasts."""
    draft.civil_hour = float(draft.rng.uniform(17.7, 18.4))
    lasts = draft.duration_s * float(draft.rng.uniform(0.4, 0.8))
    draft.condition(ConditionKind.DUSK, draft.pace.soon(), amount=most, ramp_s=round(lasts, 1))


def night(draft: Draft) -> None:
    """Night by street lamps, or with an infra-red picture."""
    draft.civil_hour = float(draft.rng.uniform(20.5, 23.5))
    draft.density *= 0.6
    if draft.rng.random() < 0.5:
        draft.condition(ConditionKind.NIGHT_IR, amount=amount(draft, 0.4, 0.8))
    else:
        draft.condition(ConditionKind.DUSK, amount=amount(draft, 0.75, 1.0))


def rain(draft: Draft) -> None:
    any_problem(draft)
    falls(draft)


def dusk(draft: Draft) -> None:
    any_problem(draft)
    darkens(draft, amount(draft, 0.7, 1.0))


def night_ir(draft: Draft) -> None:
    """The camera switches to infra-red while the problem stands, or has done so before."""
    settle = any_problem(draft)
    draft.civil_hour = float(draft.rng.uniform(18.5, 22.0))
    strength = amount(draft, 0.4, 0.8)
    if draft.rng.random() < 0.3:
        draft.condition(ConditionKind.NIGHT_IR, amount=strength)
        return
    switch = settle + draft.pace.dwell_s * float(draft.rng.uniform(0.3, 1.6))
    draft.condition(ConditionKind.DUSK, 0.0, switch, amount=amount(draft, 0.5, 0.7))
    draft.condition(ConditionKind.NIGHT_IR, switch, amount=strength)
    draft.until(switch + draft.pace.stay())


def headlights(draft: Draft) -> None:
    any_problem(draft)
    draft.civil_hour = float(draft.rng.uniform(19.5, 22.0))
    draft.density *= 1.6
    draft.condition(ConditionKind.DUSK, amount=amount(draft, 0.7, 1.0))
    draft.condition(ConditionKind.HEADLIGHTS, amount=amount(draft, 0.6, 1.0))


def moving_shadow(draft: Draft) -> None:
    """A shadow moves over the problem while it stands."""
    any_problem(draft)
    spot = draft.spots[0]
    cast_shadows(draft, (0.3, 0.6))
    reach = 6.0
    lasts = draft.duration_s
    draft.condition(
        ConditionKind.SHADOW,
        amount=amount(draft, 0.35, 0.65),
        ground=tuple(rectangle(spot.x - 2.5, spot.x + 2.5, spot.y - 2 - reach, spot.y + 2 - reach)),
        drift_mps=(0.0, round(2 * reach / lasts, 5)),
    )
    draft.innocent(Innocence.SHADOW, Subject.STATIC_OBJECT)


FAMILIES = (
    family(rain, "weather", "Rain, steady or a shower, over a problem of any kind."),
    family(dusk, "weather", "Daylight goes while a problem stands."),
    family(night_ir, "weather", "The camera switches to infra-red while a problem stands."),
    family(headlights, "weather", "Headlights sweep over a dark street with a problem."),
    family(moving_shadow, "weather", "Shadows move over a problem and beside it."),
)
