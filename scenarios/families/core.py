"""A plain problem of any kind, for families that are about something else."""

from __future__ import annotations

from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, dump, kerb_place
from scenarios.families.garbage import bag_y
from scenarios.families.parking import park_wrongly
from scenarios.families.peddling import setup_s, vend
from scenarios.families.vehicles import spot_y
from scenarios.families.vendors import stall_y


def any_problem(draft: Draft) -> float:
    """A car, a stall or a bag that stays to the end; gives when it has come to stand."""
    which = draft.rng.random()
    if which < 0.5:
        y = spot_y(draft)
        draft.kerb(y, y)
        draft.pavement(y, y)
        return park_wrongly(draft, "car", y, draft.pace.first()).settle_s
    if which < 0.8:
        y = stall_y(draft)
        draft.pavement(y, y)
        return vend(draft, "stall", y, max(draft.pace.first(), setup_s(y))).settle_s
    y = bag_y(draft)
    draft.pavement(y, y)
    return dump(draft, "bag", kerb_place(draft, y), max(draft.pace.first(), carried_s(y)))


def trouble(draft: Draft, settle_s: float, lasts: tuple[float, float]) -> tuple[float, float]:
    """When something gets in the way for a while: in half of the seeds before the dwell is over, else after it.

    ``lasts`` bounds it in seconds in a long scenario; afterwards there is time to notice the problem afresh.
    """
    pace, rng = draft.pace, draft.rng
    early = rng.random() < 0.5
    begin = settle_s + (pace.dwell_s * float(rng.uniform(0.3, 0.6)) if early else pace.stay())
    end = begin + float(rng.uniform(12, 20) if pace.short else rng.uniform(*lasts))
    draft.until(end + pace.stay())
    return begin, end
