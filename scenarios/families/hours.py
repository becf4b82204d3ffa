"""Families that last for hours: streets on which nothing may be raised, and problems that stay for a working day.

They are looked at every ten seconds (stays: every two), for the detections tier only.
"""

from __future__ import annotations

from dataclasses import replace

from ingest.taxonomy import Category
from scenarios.families.crowded import pavement_for_things, put_down
from scenarios.families.draft import Draft, Story
from scenarios.families.dumping import carried_s, dump, lay
from scenarios.families.family import Family, family
from scenarios.families.innocent import bays_at, cast_shadows, may_stand
from scenarios.families.occlusion import bus_stands
from scenarios.families.pace import tenth
from scenarios.families.parking import leave_two_wheeler, park, park_wrongly
from scenarios.families.peddling import gather, setup_s, vend
from scenarios.families.sight import Post
from scenarios.families.streets import LANE_X, PAVEMENT_RULES, kerb_zone, pavement_zone
from scenarios.families.weather import amount
from scenarios.language.cast import Pedestrians
from scenarios.language.claims import Innocence, Subject
from scenarios.language.conditions import ConditionKind
from scenarios.language.street import Tier

_ONLY: tuple[Tier, ...] = ("detections",)
_HOUR_S = 3600.0
_NEAR, _FAR = 8.5, 27.0
_IDLE_LOOK_S, _STAY_LOOK_S = 10.0, 2.0
_STAY_S = 8 * _HOUR_S


def _all_day(draft: Draft, hours: tuple[float, float] = (11.0, 12.0)) -> float:
    """A long innocent day: ten seconds between looks, all rules in force on the whole street. Gives its seconds."""
    lasts = tenth(draft.rng.uniform(*hours) * _HOUR_S)
    draft.pace = replace(draft.pace, look_s=_IDLE_LOOK_S)
    draft.static_objects = bool(draft.rng.random() < 0.5)
    on_pavement = (Category.STATIC_OBJECT, *PAVEMENT_RULES) if draft.static_objects else PAVEMENT_RULES
    draft.add_zone(kerb_zone(draft.street, _NEAR, _FAR, draft.rules(Category.PARKED_VEHICLE)))
    draft.add_zone(pavement_zone(draft.street, _NEAR, _FAR, draft.rules(*on_pavement)))
    draft.until(lasts)
    return lasts


def quiet_hours(draft: Draft) -> None:
    _all_day(draft)
    draft.density = float(draft.rng.uniform(0.15, 0.4))


def busy_hours(draft: Draft) -> None:
    _all_day(draft)
    draft.density = float(draft.rng.uniform(1.5, 2.5))
    draft.innocent(Innocence.PASSING, Subject.PARKED_VEHICLE, zone="kerb")
    draft.innocent(Innocence.PASSING, Subject.STREET_VENDOR, zone="pavement")


def loitering_hours(draft: Draft) -> None:
    """Many stop, talk and look at their telephones; groups wait for half an hour."""
    lasts, street, rng = _all_day(draft), draft.street, draft.rng
    middle = draft.side * (street.aisle + 0.6)
    draft.pedestrians.append(
        Pedestrians(
            path=((round(middle, 1), -4.0), (round(middle, 1), 50.0)),
            every_s=(60.0, 240.0),
            speed_mps=(0.9, 1.4),
            seed=draft.looks(),
            width_m=1.6,
            linger_share=0.5,
            linger_s=(20.0, 900.0),
        )
    )
    begin, group = float(rng.uniform(600, 3600)), 0
    while begin < lasts - 4000:
        group += 1
        y = float(rng.uniform(11, 18))
        places = [
            (middle + float(rng.uniform(-0.9, 0.9)), y + index * float(rng.uniform(0.6, 1.0)))
            for index in range(int(rng.integers(2, 6)))
        ]
        end = begin + float(rng.uniform(300, 1800))
        gather(draft, f"group-{group}", places, begin, end, float(rng.uniform(-180, 180)))
        begin = end + float(rng.uniform(900, 5400))
    draft.innocent(Innocence.WAITING_PEOPLE, Subject.STREET_VENDOR, zone="pavement")


def brief_hours(draft: Draft) -> None:
    """All day long cars stop and drive on, bags are put down and taken up again, each in less than the dwell."""
    lasts, rng = _all_day(draft), draft.rng
    settle, index = draft.pace.first(), 0
    while settle < lasts - 3000:
        index += 1
        leave = settle + draft.pace.brief()
        stop = park(draft, f"stops-{index}", round(float(rng.uniform(12.5, 18)), 1), settle, leave)
        may_stand(draft, stop, "kerb", Innocence.SHORT_STOP)
        if index % 3 == 0:
            _put_down_briefly(draft, f"bag-{index}", settle)
        # A stop soon after another one at the same place would be one car that comes back, for all that can be seen.
        settle = leave + float(rng.uniform(1000, 2600))


def _put_down_briefly(draft: Draft, name: str, at_s: float) -> None:
    place = (
        draft.side * (draft.street.kerb + float(draft.rng.uniform(0.6, 1.0))),
        tenth(draft.rng.uniform(10, 12)),
    )
    taken = tenth(at_s + draft.pace.brief())
    put = lay(draft, name, place, at_s, taken)
    draft.innocent(Innocence.SHORT_STOP, Subject.GARBAGE, [name], zone="pavement", start_s=put, end_s=taken)


def bay_hours(draft: Draft) -> None:
    """Cars in marked bays, one of them all day, the other bay taken and left again and again."""
    lasts, rng = _all_day(draft), draft.rng
    first, second = bays_at(draft, round(float(rng.uniform(11, 13)), 1), 2)
    stays, changes = (second, first) if draft.side > 0 else (first, second)
    stood = [park(draft, "stays", stays, 0.0)]
    settle = draft.pace.first()
    while settle < lasts - 9000:
        leave = settle + float(rng.uniform(600, 7200))
        stood.append(park(draft, f"visits-{len(stood)}", changes, settle, leave))
        settle = leave + float(rng.uniform(120, 1800))
    for parked in stood:
        may_stand(draft, parked, "bays", Innocence.INSIDE_BAY)


def weather_hours(draft: Draft) -> None:
    """Showers, drifting shadows, and daylight that goes in the evening."""
    lasts, rng = _all_day(draft), draft.rng
    draft.civil_hour = float(rng.uniform(8.0, 11.0))
    at = float(rng.uniform(600, 5000))
    while at < lasts - 8000:
        end = at + float(rng.uniform(900, 5400))
        draft.condition(ConditionKind.RAIN, at, end, amount=amount(draft, 0.3, 1.0), ramp_s=120.0)
        at = end + float(rng.uniform(1800, 9000))
    cast_shadows(draft, (0.3, 0.65))
    draft.condition(ConditionKind.DUSK, lasts * 0.7, amount=amount(draft, 0.6, 0.9), ramp_s=lasts * 0.15)
    for category in (Subject.PARKED_VEHICLE, Subject.GARBAGE, Subject.STATIC_OBJECT):
        draft.innocent(Innocence.SHADOW, category)


def night_hours(draft: Draft) -> None:
    """From dusk to morning: infra-red, or street lamps and headlights."""
    lasts = _all_day(draft, (10.5, 11.5))
    draft.civil_hour = float(draft.rng.uniform(18.0, 19.0))
    draft.density = float(draft.rng.uniform(0.3, 0.8))
    if draft.rng.random() < 0.5:
        draft.condition(ConditionKind.DUSK, 0.0, 2400.0, amount=0.7, ramp_s=1200.0)
        draft.condition(ConditionKind.NIGHT_IR, 2000.0, lasts - 1500, amount=amount(draft, 0.4, 0.8))
    else:
        draft.condition(ConditionKind.DUSK, 0.0, lasts - 900, amount=amount(draft, 0.7, 1.0), ramp_s=1800.0)
        draft.condition(ConditionKind.HEADLIGHTS, 900.0, amount=amount(draft, 0.4, 0.9))


def troubled_hours(draft: Draft) -> None:
    """A camera whose stream goes and freezes, whose pole shakes and whose lens is covered now and then."""
    lasts, rng = _all_day(draft), draft.rng
    kinds = (
        ConditionKind.OFFLINE,
        ConditionKind.FREEZE,
        ConditionKind.SHAKE,
        ConditionKind.COVERED,
        ConditionKind.POWER_CUT,
    )
    at = float(rng.uniform(900, 3600))
    while at < lasts - 6000:
        end = at + float(rng.uniform(60, 1800))
        draft.condition(kinds[int(rng.integers(len(kinds)))], at, end, amount=1.0)
        at = end + float(rng.uniform(1200, 5400))
    for category in (Subject.PARKED_VEHICLE, Subject.STREET_VENDOR, Subject.GARBAGE):
        draft.innocent(Innocence.CAMERA_FAULT, category)


def eight_hours(draft: Draft) -> None:
    """Cars, two-wheelers, a stall, rubbish and a thing without a name stay for eight hours and more."""
    rng, street, side = draft.rng, draft.street, draft.side
    draft.pace = replace(draft.pace, look_s=_STAY_LOOK_S)
    draft.civil_hour, draft.density = float(rng.uniform(9.5, 10.5)), float(rng.uniform(0.2, 0.4))
    draft.posts = (Post(across=(-3.5, 0.0), fields_of_view=(58.0, 72.0)),)
    draft.add_zone(kerb_zone(street, 11.0, 31.0, draft.rules(Category.PARKED_VEHICLE)))
    pavement_for_things(draft, 13.0, 21.0)
    y, settle = float(rng.uniform(9.5, 10.5)), draft.pace.first()
    last = settle + 1500
    leave = last + _STAY_S + float(rng.uniform(300, 1200))

    def goes() -> float:
        return tenth(leave + float(rng.uniform(0, 900)))

    at_kerb, at_wall = side * (street.kerb + 0.9), side * (street.wall - 1.1)
    cars = [round(y + 8.0, 1), round(y + 14.5, 1)]
    # The foremost comes first and goes first: nobody drives through a parked car.
    for index, place in enumerate(cars[::-1] if side > 0 else cars):
        begins = 0.0 if index == 0 and rng.random() < 0.4 else settle + 120.0 * index
        park_wrongly(draft, f"car-{index + 1}", place, begins, tenth(leave + 400.0 * index))
    leave_two_wheeler(draft, "wheels-1", (at_kerb, round(y + 3.5, 1)), settle, goes(), heading_deg=side * 90.0)
    leave_two_wheeler(draft, "wheels-2", (at_kerb, round(y + 6.0, 1)), 0.0, goes(), heading_deg=side * 90.0)
    vend(draft, "stall", round(y + 10.0, 1), max(settle + 200.0, setup_s(y + 10.0)), goes())
    dump(draft, "rubbish", (at_wall, round(y, 1)), max(settle + 400.0, carried_s(y)), goes())
    put_down(draft, "thing", (at_wall, round(y + 4.5, 1)), settle + 600.0, goes())
    _day_brings(draft, last, leave)


def _day_brings(draft: Draft, from_s: float, to_s: float) -> None:
    """In turn, some minutes each: a bus, a blind camera, a frozen stream, no power; rain, and dusk towards the end.
    Over by half an hour before ``to_s``, so that everybody's leaving is seen."""
    rng, at = draft.rng, from_s + 300.0
    troubles = [ConditionKind.OFFLINE, ConditionKind.COVERED, ConditionKind.FREEZE, ConditionKind.POWER_CUT, None]
    number = 0
    while at < to_s - 4 * _HOUR_S / 3:
        lasts = float(rng.uniform(60, 420))
        kind = troubles[number % len(troubles)]
        if kind is not None:
            draft.condition(kind, at, at + lasts, amount=1.0)
        elif number < len(troubles):
            y = float(rng.choice([spot.y for spot in draft.spots]))
            bus_stands(
                draft, (draft.side * (LANE_X + 0.1), round(y - draft.side * 3.0, 1)), tenth(at), tenth(at + lasts)
            )
        number += 1
        at += lasts + float(rng.uniform(1800, 4200))
    if rng.random() < 0.5:
        draft.condition(ConditionKind.RAIN, from_s, from_s + 7200, amount=amount(draft, 0.3, 0.7), ramp_s=300.0)
    draft.condition(ConditionKind.DUSK, to_s - 2.5 * _HOUR_S, amount=amount(draft, 0.5, 0.8), ramp_s=2 * _HOUR_S)


def _hours(story: Story, summary: str) -> Family:
    return family(story, "hours", summary, tiers=_ONLY, profiles=("long",))


FAMILIES = (
    _hours(quiet_hours, "Half a day on which hardly anybody comes by."),
    _hours(busy_hours, "Half a day of dense traffic and many people, no problem."),
    _hours(loitering_hours, "Half a day on which people stop, talk and wait in groups."),
    _hours(brief_hours, "Half a day on which cars stop and bags are put down for less than the dwell."),
    _hours(bay_hours, "Half a day of cars in marked bays, some for hours."),
    _hours(weather_hours, "Half a day of showers, drifting shadows and dusk on an innocent street."),
    _hours(night_hours, "A night on an innocent street, by infra-red or with headlights."),
    _hours(troubled_hours, "Half a day on an innocent street with a camera that fails again and again."),
    _hours(
        eight_hours, "Problems of five kinds that stay for more than eight hours, through all that a day brings."
    ),
)
NEGATIVE = tuple(one.name for one in FAMILIES if one.name != eight_hours.__name__)
"""Those in which nothing may be raised."""
STAYS = (eight_hours.__name__,)
"""Those whose problems stay for eight hours and more."""
