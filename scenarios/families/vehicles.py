"""Families about parked vehicles and two-wheelers (机动车、非机动车乱停放)."""

from __future__ import annotations

from ingest.taxonomy import Category
from scenarios.families.draft import Draft
from scenarios.families.family import family
from scenarios.families.pace import tenth
from scenarios.families.parking import (
    double_parked,
    leave_two_wheeler,
    park,
    park_and_return,
    park_wrongly,
    watched,
)
from scenarios.families.streets import kerb_zone
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Innocence, Subject

REARM_S = 15 * 60.0
"""Who is back within this time was never really gone: one problem. Later it is another one."""
_LENGTH_M = 6.4


def spot_y(draft: Draft) -> float:
    """A place along the street that cameras see well."""
    return round(float(draft.rng.uniform(12.5, 18.0)), 1)


def parked_alone(draft: Draft) -> None:
    y = spot_y(draft)
    draft.kerb(y, y)
    leaves = bool(draft.rng.random() < 0.4)
    settle = draft.pace.first()
    park_wrongly(draft, "car", y, settle, settle + draft.pace.stay() if leaves else None)


def parked_pair(draft: Draft) -> None:
    y, gap = spot_y(draft), float(draft.rng.uniform(5.9, _LENGTH_M))
    draft.kerb(y, y + gap)
    settle = draft.pace.first()
    # Whoever comes second pulls in behind the first, as seen from where both come from.
    ahead, behind = (y + gap, y) if draft.side > 0 else (y, y + gap)
    park_wrongly(draft, "first", ahead, settle)
    later = settle + draft.pace.soon() + 6
    park_wrongly(draft, "second", behind, later, later + draft.pace.stay() if draft.rng.random() < 0.4 else None)


def parked_row(draft: Draft) -> None:
    count, near = int(draft.rng.integers(3, 6)), float(draft.rng.uniform(10.5, 12.0))
    pitch = float(draft.rng.uniform(5.6, 5.9))
    places = [round(near + index * pitch, 1) for index in range(count)]
    draft.kerb(places[0], places[-1])
    there = int(draft.rng.integers(0, count))
    settle = draft.pace.first()
    # Filled from the far end of the way on, so that nobody has to drive through a parked car.
    for index, y in enumerate(places[::-1] if draft.side > 0 else places):
        if index < there:
            park_wrongly(draft, f"car-{index + 1}", y, 0.0)
        else:
            park_wrongly(draft, f"car-{index + 1}", y, settle)
            settle += draft.pace.soon() + 6


def another_car_same_place(draft: Draft) -> None:
    y = spot_y(draft)
    draft.kerb(y, y)
    settle = draft.pace.first()
    for name in ("first", "second"):
        leave = settle + draft.pace.stay()
        park_wrongly(draft, name, y, settle, leave if name == "first" or draft.rng.random() < 0.3 else None)
        settle = leave + draft.pace.gap() + 8


def same_car_returns(draft: Draft) -> None:
    """Back within a quarter of an hour it was never really gone, and is the same problem; later it is a new one."""
    y, seed = spot_y(draft), draft.looks()
    draft.kerb(y, y)
    first = draft.pace.first()
    leave = tenth(first + draft.pace.stay())
    if draft.pace.short or draft.rng.random() < 0.5:
        back = tenth(leave + float(draft.rng.uniform(42, 50) if draft.pace.short else draft.rng.uniform(60, 270)))
        car = park_and_return(draft, "car", y, first, leave, back)
        watched(draft, car, "kerb")
        draft.problem(Subject.PARKED_VEHICLE, "kerb", [car.actor], first)
    else:
        back = tenth(leave + REARM_S * float(draft.rng.uniform(1.2, 1.8)))
        park_wrongly(draft, "car", y, first, leave, seed=seed, kind=ActorKind.CAR)
        park_wrongly(draft, "car-again", y, back, seed=seed, kind=ActorKind.CAR)
    draft.until(back + draft.pace.stay())


def there_at_start(draft: Draft) -> None:
    y = spot_y(draft)
    draft.kerb(y, y)
    leave = draft.pace.stay() + draft.pace.gap()
    park_wrongly(draft, "car", y, 0.0, leave if draft.rng.random() < 0.5 else None)


def long_stay(draft: Draft) -> None:
    """A zombie car (僵尸车): a working day at one place, with the light changing above it."""
    y, hours = spot_y(draft), float(draft.rng.uniform(8, 11.5))
    draft.civil_hour, draft.density = float(draft.rng.uniform(6.5, 8.0)), 0.4
    draft.kerb(y, y)
    park_wrongly(draft, "zombie", y, draft.pace.first() if draft.rng.random() < 0.7 else 0.0)
    draft.until(hours * 3600)


def double_parking(draft: Draft) -> None:
    y = spot_y(draft)
    street, side = draft.street, draft.side
    strip = (side * (street.kerb - 2.3), y - 3.1, side * street.kerb, y + 3.1)
    draft.scenery["bays"] = (tuple(round(value, 1) for value in strip),)
    lane = kerb_zone(street, y - 6, y + 6, draft.rules(Category.PARKED_VEHICLE))
    inner, outer = side * 0.4, side * (street.kerb - 2.4)
    ground = tuple((inner if abs(x) < street.kerb else outer, corner) for x, corner in lane.ground)
    draft.add_zone(lane.model_copy(update={"name": "lane", "ground": ground}))
    legal = park(draft, "legal", y, 0.0, kind=ActorKind.CAR)
    draft.innocent(Innocence.INSIDE_BAY, Subject.PARKED_VEHICLE, [legal.actor])
    settle = draft.pace.first()
    leave = settle + draft.pace.stay() if draft.rng.random() < 0.4 else None
    double = double_parked(draft)
    park_wrongly(draft, "double", y + float(draft.rng.uniform(-1, 1)), settle, leave, zone="lane", off_axis=double)
    draft.busy.append((side, settle - 3, 10**6))


def two_wheeler_on_pavement(draft: Draft) -> None:
    y = round(float(draft.rng.uniform(10.5, 14.0)), 1)
    draft.pavement(y, y)
    x = draft.side * (draft.street.kerb + float(draft.rng.uniform(0.7, 1.0)))
    settle = draft.pace.first()
    leave = settle + draft.pace.stay() if draft.rng.random() < 0.4 else None
    leave_two_wheeler(draft, "wheels", (x, y), settle, leave)


def two_wheeler_row(draft: Draft) -> None:
    count, y = int(draft.rng.integers(2, 5)), float(draft.rng.uniform(10.0, 11.5))
    pitch = float(draft.rng.uniform(1.7, 2.2))
    places = [round(y + index * pitch, 1) for index in range(count)]
    draft.pavement(places[0], places[-1])
    x = draft.side * (draft.street.kerb + 1.1)
    settle = draft.pace.first()
    for index, place in enumerate(reversed(places)):
        leave_two_wheeler(draft, f"wheels-{index + 1}", (x, place), settle, heading_deg=draft.side * 90.0)
        settle += draft.pace.soon()


FAMILIES = (
    family(parked_alone, "vehicles", "One car parks in a no-stopping strip; some leave again."),
    family(parked_pair, "vehicles", "Two cars park one behind the other, one after the other."),
    family(parked_row, "vehicles", "Three to five cars bumper to bumper, some of them there from the start."),
    family(another_car_same_place, "vehicles", "A car leaves, soon another one takes its place."),
    family(same_car_returns, "vehicles", "The same car comes back: soon, or (long only) after the re-arm time."),
    family(there_at_start, "vehicles", "A car that stood there when the camera started."),
    family(
        long_stay,
        "vehicles",
        "A zombie car that stands from morning to evening, 8 to 12 hours.",
        tiers=("detections", "composed"),
        profiles=("long",),
    ),
    family(double_parking, "vehicles", "A car stands in the lane beside one that is parked in a bay."),
    family(two_wheeler_on_pavement, "vehicles", "A bicycle or moped is left on the pavement."),
    family(two_wheeler_row, "vehicles", "Two to four two-wheelers are left side by side on the pavement."),
)
