"""What makes a crowded street hard (难度混合): weather, light, passers-by, a bus in the way, a camera that fails.

Families that put several problems into one scenario take one of these difficulties by lot, or none.
"""

from __future__ import annotations

from collections.abc import Callable

from scenarios.families.core import trouble
from scenarios.families.draft import Draft
from scenarios.families.innocent import cast_shadows
from scenarios.families.occlusion import bus_stands, hide_s
from scenarios.families.pace import tenth
from scenarios.families.streets import LANE_X
from scenarios.families.weather import amount, darkens, falls, night
from scenarios.language.claims import Innocence, Subject
from scenarios.language.conditions import ConditionKind

_PLAIN_SHARE = 0.4
_BRIEF_S = (60.0, 480.0)


def _wet(draft: Draft, _: float) -> None:
    falls(draft, 0.3, 0.8)


def _darkening(draft: Draft, _: float) -> None:
    darkens(draft, amount(draft, 0.5, 0.85))


def _by_night(draft: Draft, _: float) -> None:
    night(draft)


def _shaded(draft: Draft, _: float) -> None:
    cast_shadows(draft, (0.3, 0.6))
    for category in (Subject.PARKED_VEHICLE, Subject.GARBAGE, Subject.STATIC_OBJECT):
        draft.innocent(Innocence.SHADOW, category)


def _crowded(draft: Draft, _: float) -> None:
    draft.density *= float(draft.rng.uniform(1.8, 2.6))


def _dirty(draft: Draft, _: float) -> None:
    draft.condition(ConditionKind.DIRTY, amount=amount(draft, 0.15, 0.45))


def _jerky(draft: Draft, _: float) -> None:
    draft.condition(ConditionKind.FRAME_DROP, amount=amount(draft, 0.1, 0.4))


def _bus_waits(draft: Draft, settled_s: float) -> None:
    """A bus stands in the near lane and hides some of what stands at the kerb and behind it."""
    y = float(draft.rng.choice([spot.y for spot in draft.spots]))
    begin = tenth(max(settled_s + draft.pace.soon(), 14.0))
    end = tenth(begin + hide_s(draft))
    bus_stands(draft, (draft.side * (LANE_X + 0.1), round(y - draft.side * 3.0, 1)), begin, end)
    draft.until(end + draft.pace.stay())


def _interrupted(draft: Draft, settled_s: float) -> None:
    """The stream goes, or something covers the lens, for a while."""
    begin, end = trouble(draft, settled_s, _BRIEF_S)
    if draft.rng.random() < 0.5:
        draft.condition(ConditionKind.OFFLINE, begin, end)
    else:
        draft.condition(ConditionKind.COVERED, begin, end, amount=1.0, ramp_s=1.0)


Difficulty = Callable[[Draft, float], None]
_LIGHT: tuple[Difficulty, ...] = (_wet, _darkening, _by_night, _shaded, _crowded, _dirty, _jerky)
_HIDING: tuple[Difficulty, ...] = (_bus_waits, _interrupted)


def mix_in(draft: Draft, settled_s: float, *, all_stay: bool) -> None:
    """Add one difficulty or none, as the last thing of a story.

    ``settled_s``: when the last thing had come to stand. Only where ``all_stay`` may something be hidden for a
    while: what leaves meanwhile would not have been seen for long enough.
    """
    plain = draft.rng.random() < _PLAIN_SHARE
    choices = (*_LIGHT, *_HIDING) if all_stay else _LIGHT
    chosen = choices[int(draft.rng.integers(len(choices)))]
    if not plain:
        chosen(draft, settled_s)
