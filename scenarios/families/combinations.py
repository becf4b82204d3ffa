"""Families in which several difficulties come together."""

from __future__ import annotations

from scenarios.families.camera_faults import knock
from scenarios.families.core import any_problem
from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, dump, kerb_place
from scenarios.families.family import family
from scenarios.families.innocent import queue, stop_line_y
from scenarios.families.occlusion import ACROSS, bus_stands, find_bus_place, hidden_by, hide_s
from scenarios.families.pace import tenth
from scenarios.families.parking import park_wrongly
from scenarios.families.peddling import setup_s, vend
from scenarios.families.sight import Spot
from scenarios.families.vehicles import spot_y
from scenarios.families.vendors import customers, hold_market, move_vendor, stall_y
from scenarios.families.weather import amount, darkens, falls, night
from scenarios.language.cast import ActorKind
from scenarios.language.conditions import ConditionKind
from scenarios.language.street import Tier

_NO_PICTURES: tuple[Tier, ...] = ("detections",)


def rainy_night_parking(draft: Draft) -> None:
    y = spot_y(draft)
    draft.kerb(y, y)
    settle = draft.pace.first()
    leave = settle + draft.pace.stay() if draft.rng.random() < 0.4 else None
    park_wrongly(draft, "car", y, settle, leave)
    night(draft)
    falls(draft, 0.4, 0.8)
    draft.condition(ConditionKind.HEADLIGHTS, amount=amount(draft, 0.4, 0.9))


def dusk_market_crowd(draft: Draft) -> None:
    stalls = hold_market(
        draft, int(draft.rng.integers(3, 5) if draft.pace.short else draft.rng.integers(4, 9)), 0.0
    )
    begin = max(stall.settle_s for stall in stalls)
    for stall in stalls[: 2 if draft.pace.short else 4]:
        customers(draft, stall, begin, begin + draft.pace.stay(), int(draft.rng.integers(2, 5)))
    draft.density *= 1.6
    darkens(draft, amount(draft, 0.5, 0.85))


def replaced_behind_bus(draft: Draft) -> None:
    """While a bus hides it, the car drives off and another one takes its place: two problems."""
    y = spot_y(draft) - 1.0
    draft.kerb(y, y)
    draft.pavement(y, y)
    settle = draft.pace.first()
    hidden = tenth(settle + draft.pace.stay() + 5)
    leave = tenth(hidden + 3 + draft.pace.soon() / 3)
    comes = tenth(leave + 12 + draft.pace.soon() / 2)
    first = park_wrongly(draft, "first", y, settle, leave, kind=ActorKind.CAR)
    bus = find_bus_place(draft, first.place)
    park_wrongly(draft, "second", y, comes, kind=ActorKind.CAR)
    shown = comes + 3 + (0.0 if draft.pace.short else hide_s(draft) / 2)
    bus_stands(draft, bus, hidden, shown)
    draft.until(shown + draft.pace.stay())


def vendor_moves_while_hidden(draft: Draft) -> None:
    """A bus hides the stall; when it drives on, the vendor stands some eight metres farther on: one problem."""
    y, far = stall_y(draft), round(float(draft.rng.uniform(7.5, 9.5)), 1)
    kind = ActorKind.STALL_CART if draft.rng.random() < 0.5 else ActorKind.STALL_TRICYCLE
    draft.pavement(y, y + far)
    settle = max(draft.pace.first(), setup_s(y))
    hidden = tenth(settle + draft.pace.stay())
    there = move_vendor(draft, "stall", y, far, settle, hidden + 3, kind)
    bus = _before_stall(draft, draft.spots[0])
    shown = there + (3.0 if draft.pace.short else hide_s(draft) / 4)
    bus_stands(draft, bus, hidden, shown)
    draft.until(shown + draft.pace.stay())


def _before_stall(draft: Draft, spot: Spot) -> tuple[float, float]:
    """Where a bus near the kerb hides a stall's first place; finds the camera for it."""
    draft.posts = (ACROSS,)
    bus = draft.side * 2.7, spot.y - 2.0
    draft.look(hidden_by([spot], ActorKind.BUS, bus, 0.8))
    return bus


def askew_while_covered(draft: Draft) -> None:
    """Something covers the lens; when it is gone, the camera points elsewhere, until somebody sets it right."""
    settle = any_problem(draft)
    begin = settle + draft.pace.stay()
    covered = draft.pace.gap()
    seen = begin + covered
    askew = draft.pace.gap()
    draft.condition(ConditionKind.COVERED, begin, seen, amount=1.0, ramp_s=1.0)
    knock(draft, begin + covered / 2, seen + askew)
    draft.until(seen + askew + draft.pace.stay())


def storm(draft: Draft) -> None:
    any_problem(draft)
    draft.civil_hour = float(draft.rng.uniform(16.5, 18.0))
    draft.density *= 0.7
    draft.condition(ConditionKind.RAIN, amount=amount(draft, 0.7, 1.0))
    draft.condition(ConditionKind.DUSK, amount=amount(draft, 0.3, 0.6))
    draft.condition(ConditionKind.SHAKE, amount=amount(draft, 0.3, 0.7))
    draft.condition(ConditionKind.HEADLIGHTS, amount=amount(draft, 0.4, 0.8))


def outage_during_dwell(draft: Draft) -> None:
    """The stream goes while the dwell is running."""
    settle = any_problem(draft)
    begin = settle + draft.pace.dwell_s * float(draft.rng.uniform(0.25, 0.7))
    end = begin + draft.pace.gap()
    kind = ConditionKind.OFFLINE if draft.rng.random() < 0.6 else ConditionKind.FREEZE
    draft.condition(kind, begin, end)
    draft.until(end + draft.pace.stay())


def busy_junction(draft: Draft) -> None:
    """Everything at once, but moderate: traffic light, crowds, a parked car, a vendor, a bag, a shadow."""
    y = spot_y(draft)
    draft.kerb(y, y)
    draft.pavement(11.0, 14.0)
    settle = draft.pace.first()
    park_wrongly(draft, "car", y, settle)
    stall = round(float(draft.rng.uniform(11.0, 13.0)), 1)
    vend(draft, "stall", stall, setup_s(stall) + draft.pace.soon())
    if draft.rng.random() < 0.6:
        bag = round(stall - float(draft.rng.uniform(2.6, 3.2)), 1)
        later = setup_s(stall) + 3 * draft.pace.soon()
        dump(draft, "bag", (draft.side * (draft.street.kerb + 0.8), max(8.5, bag)), later)
    side = -draft.side
    draft.scenery["crossing"] = 34.0
    queue(draft, side, stop_line_y(draft, side), draft.pace.dwell_s * 0.7, draft.pace.dwell_s * 0.8)
    draft.density *= 1.5
    draft.condition(ConditionKind.SHAKE, amount=amount(draft, 0.05, 0.2))
    if draft.rng.random() < 0.4:
        draft.condition(ConditionKind.RAIN, amount=amount(draft, 0.2, 0.5))


def night_dumping_and_collection(draft: Draft) -> None:
    y = round(float(draft.rng.uniform(9.0, 10.0)), 1)
    far = round(y + float(draft.rng.uniform(12.5, 13.5)), 1)
    draft.pavement(y, far)
    laid = max(draft.pace.first(), carried_s(y))
    dump(draft, "first", kerb_place(draft, y), laid, laid + draft.pace.stay())
    later = max(laid + draft.pace.soon(), carried_s(far))
    dump(draft, "second", kerb_place(draft, far), later, kind=ActorKind.HEAP)
    night(draft)
    draft.condition(ConditionKind.HEADLIGHTS, amount=amount(draft, 0.3, 0.7))


def power_cut_and_replacement(draft: Draft) -> None:
    """While the node has no power, one car leaves and another one takes its place: two problems."""
    y = spot_y(draft)
    draft.kerb(y, y)
    settle = draft.pace.first()
    cut = tenth(settle + draft.pace.stay())
    leave = tenth(cut + draft.pace.soon())
    comes = tenth(leave + 12 + draft.pace.gap())
    park_wrongly(draft, "first", y, settle, leave)
    park_wrongly(draft, "second", y, comes)
    on = comes + draft.pace.soon()
    draft.condition(ConditionKind.POWER_CUT, cut, on)
    draft.until(on + draft.pace.stay())


FAMILIES = (
    family(rainy_night_parking, "combinations", "A car parks at night in the rain, headlights pass."),
    family(dusk_market_crowd, "combinations", "A market with customers while daylight goes."),
    family(replaced_behind_bus, "combinations", "One parked car is exchanged for another while a bus hides it."),
    family(vendor_moves_while_hidden, "combinations", "A vendor moves on while a bus stands before the stall."),
    family(askew_while_covered, "combinations", "The camera is knocked askew while its lens is covered."),
    family(storm, "combinations", "Rain, a shaking pole, little light and headlights."),
    family(outage_during_dwell, "combinations", "The stream goes or freezes while the dwell is running."),
    family(busy_junction, "combinations", "Traffic light, crowds, a parked car, a vendor, a bag: all moderate."),
    family(
        night_dumping_and_collection,
        "combinations",
        "Two bags are dumped at night, one of them is collected.",
    ),
    family(
        power_cut_and_replacement,
        "combinations",
        "One parked car is exchanged for another while the node has no power.",
        tiers=_NO_PICTURES,
    ),
)
