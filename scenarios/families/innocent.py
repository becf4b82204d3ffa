"""Families in which nothing may be raised, or hardly anything: what looks like a problem and is none."""

from __future__ import annotations

from itertools import pairwise

from ingest.taxonomy import Category, ZonePurpose
from scenarios.families.background import lane_path
from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, kerb_place, lay
from scenarios.families.family import family
from scenarios.families.pace import tenth
from scenarios.families.parking import Parked, park, park_wrongly, watched
from scenarios.families.peddling import gather
from scenarios.families.sight import Spot
from scenarios.families.streets import LANE_X, lane_zone, rectangle
from scenarios.language.cast import ActorKind, Halt, Signal, Traffic
from scenarios.language.claims import Innocence, Subject
from scenarios.language.conditions import ConditionKind
from scenarios.language.street import SceneZone

_BAY_M = 5.9
_ALWAYS = 10.0**6


def stop_line_y(draft: Draft, side: int) -> float:
    """Where the queue of a lane begins, so that it stands in view."""
    return float(draft.rng.uniform(27, 31) if side > 0 else draft.rng.uniform(9.5, 11.5))


def queue(draft: Draft, side: int, line_y: float, red_s: float, green_s: float, from_s: float = 0.0) -> None:
    """A lane with a traffic light; its red phases follow one another from ``from_s`` on."""
    begin, _ = draft.street.lane_ends(side)
    signal = Signal(
        stop_at_m=round(abs(line_y - begin), 1),
        red_s=tenth(red_s),
        green_s=tenth(green_s),
        first_red_s=tenth(from_s + draft.pace.soon()),
    )
    every = (2.0, 5.0) if draft.pace.short else (8.0, 30.0)
    draft.traffic.append(
        Traffic(
            path=lane_path(draft, side),
            every_s=every,
            speed_mps=(6.5, 9.0),
            from_s=tenth(from_s),
            seed=draft.looks(),
            kinds=(ActorKind.CAR, ActorKind.CAR, ActorKind.VAN, ActorKind.CAR, ActorKind.TRUCK),
            signal=signal,
        )
    )
    draft.busy.append((side, 0.0, _ALWAYS))


def red_light_queue(draft: Draft) -> None:
    side = draft.side
    line = stop_line_y(draft, side)
    rule = draft.rules(Category.PARKED_VEHICLE)
    draft.add_zone(lane_zone(draft.street, side, 8.0, 33.0, rule))
    middle = float(draft.rng.uniform(14, 18))
    draft.see(Spot(ActorKind.CAR, 0, side * LANE_X, middle), "lane")
    draft.scenery["crossing"] = round(line + (3.5 if side > 0 else -3.5), 1)
    most, share = (40.0, (1.2, 2.0)) if draft.pace.short else (240.0, (0.9, 1.5))
    red = min(most, draft.pace.dwell_s * float(draft.rng.uniform(*share)))
    green = float(draft.rng.uniform(9, 13) if draft.pace.short else draft.rng.uniform(30, 60))
    queue(draft, side, line, red, green)
    draft.innocent(Innocence.QUEUE_AT_LIGHT, Subject.PARKED_VEHICLE, zone="lane")
    draft.until(draft.pace.soon() + 2 * (red + green))


def bus_path(draft: Draft, stop_y: float) -> tuple[tuple[tuple[float, float], ...], float]:
    """A bus's way into its stop at the kerb and on, and the metres from its start to the stop."""
    side, street = draft.side, draft.street
    ahead, lane, kerb = float(side), side * LANE_X, side * (street.kerb - 1.5)
    begin, end = street.lane_ends(side)
    points = [
        (lane, begin),
        (lane, stop_y - 17 * ahead),
        (kerb, stop_y - 6 * ahead),
        (kerb, stop_y + 6 * ahead),
        (lane, stop_y + 17 * ahead),
        (lane, end),
    ]
    slant = (11.0**2 + (kerb - lane) ** 2) ** 0.5
    reach = abs(stop_y - 17 * ahead - begin) + slant + 6.0
    return tuple((round(x, 2), round(y, 2)) for x, y in points), round(reach, 2)


def buses(draft: Draft, stop_y: float, halt_s: tuple[float, float], every_s: tuple[float, float]) -> None:
    """A bus line with a stop; nothing else uses its lane."""
    path, reach = bus_path(draft, stop_y)
    draft.scenery["bus_stop"] = round(stop_y, 1)
    draft.traffic.append(
        Traffic(
            path=path,
            every_s=(tenth(every_s[0]), tenth(every_s[1])),
            speed_mps=(6.0, 8.0),
            seed=draft.looks(),
            kinds=(ActorKind.BUS,),
            halt=Halt(at_m=reach, for_s=(tenth(halt_s[0]), tenth(halt_s[1]))),
        )
    )
    draft.busy.append((draft.side, 0.0, _ALWAYS))


def bus_at_stop(draft: Draft) -> None:
    y = float(draft.rng.uniform(18, 22))
    draft.kerb(y - 2, y + 2)
    draft.see(Spot(ActorKind.BUS, 0, draft.side * (draft.street.kerb - 1.5), y), "kerb")
    dwell = draft.pace.dwell_s
    every = (30.0, 45.0) if draft.pace.short else (240.0, 500.0)
    buses(draft, y, (dwell * 0.6, dwell * 1.5), every)
    waiting = draft.street.kerb + 1.0
    places = [(draft.side * waiting, y - 2 + index * 0.8) for index in range(int(draft.rng.integers(2, 6)))]
    gather(draft, "waiting", places, 25.0, 25.0 + draft.pace.stay(), -draft.side * 90.0)
    draft.innocent(Innocence.BUS_AT_STOP, Subject.PARKED_VEHICLE, zone="kerb")
    draft.until(every[1] * 2.5)


def bays_at(draft: Draft, y: float, count: int) -> list[float]:
    """Marked bays along the kerb from ``y`` on, and their zone; gives their middles."""
    side, street = draft.side, draft.street
    inner, outer = side * (street.kerb - 2.3), side * street.kerb
    ends = [round(y + _BAY_M * index, 1) for index in range(count + 1)]
    draft.scenery["bays"] = tuple((round(inner, 1), low, round(outer, 1), high) for low, high in pairwise(ends))
    ground = rectangle(side * (street.kerb - 2.6), side * (street.kerb + 0.5), y - 0.6, ends[-1] + 0.3)
    draft.add_zone(SceneZone(name="bays", purpose=ZonePurpose.PARKING_BAY, ground=ground))
    return [low + _BAY_M / 2 for low in ends[:-1]]


def may_stand(draft: Draft, parked: Parked, zone: str, why: Innocence) -> None:
    """A vehicle in sight whose stay must not be raised."""
    watched(draft, parked, zone)
    draft.innocent(
        why,
        Subject.PARKED_VEHICLE,
        [parked.actor],
        zone=zone,
        start_s=parked.settle_s,
        end_s=parked.leave_s,
    )


def inside_bay(draft: Draft) -> None:
    """Cars stand in marked bays within a no-stopping strip; in some seeds another one stands just outside."""
    y, wrong = float(draft.rng.uniform(10, 11)), bool(draft.rng.random() < 0.4)
    places = bays_at(draft, y, 2)
    draft.kerb(y, y + 20.0)
    stood = park(draft, "stood", places[1] if draft.side > 0 else places[0], 0.0)
    settle = draft.pace.first()
    leave = settle + draft.pace.stay() if draft.rng.random() < 0.4 else None
    came = park(draft, "came", places[0] if draft.side > 0 else places[1], settle, leave)
    for parked in (stood, came):
        may_stand(draft, parked, "bays", Innocence.INSIDE_BAY)
    draft.until(settle + draft.pace.stay())
    if wrong:
        place = places[-1] + _BAY_M + float(draft.rng.uniform(1.5, 3.0))
        park_wrongly(draft, "outside", round(place, 1), 0.0)


def cast_shadows(draft: Draft, amount: tuple[float, float]) -> None:
    """Two shadows that drift over kerb strip and pavement."""
    rng, side, street = draft.rng, draft.side, draft.street
    pace = 0.15 if draft.pace.short else 0.008
    for index, across in enumerate((street.strip, street.kerb + 2.5)):
        x, y = side * across, float(rng.uniform(10, 17))
        wide, long = float(rng.uniform(0.8, 1.6)), float(rng.uniform(1.2, 3.0))
        draft.condition(
            ConditionKind.SHADOW,
            draft.pace.soon() * index,
            amount=round(float(rng.uniform(*amount)), 2),
            ramp_s=tenth(draft.pace.soon()),
            ground=tuple(rectangle(x - wide, x + wide, y - long, y + long)),
            drift_mps=(0.0, round(float(rng.uniform(-pace, pace)), 4)),
        )


def shadows(draft: Draft) -> None:
    cast_shadows(draft, (0.35, 0.65))
    for category in (Subject.PARKED_VEHICLE, Subject.GARBAGE, Subject.STREET_VENDOR):
        draft.innocent(Innocence.SHADOW, category)


def pedestrians_only(draft: Draft) -> None:
    draft.vehicles_pass, draft.density = False, float(draft.rng.uniform(2.0, 3.5))
    draft.innocent(Innocence.PASSING, Subject.STREET_VENDOR, zone="pavement")
    draft.pavement(11, 17)


def traffic_only(draft: Draft) -> None:
    draft.people_pass, draft.density = False, float(draft.rng.uniform(2.0, 3.0))
    draft.innocent(Innocence.PASSING, Subject.PARKED_VEHICLE, zone="kerb")
    draft.kerb(11, 19)


def waiting_people(draft: Draft) -> None:
    """People wait together, much longer than any dwell."""
    y = float(draft.rng.uniform(11, 15))
    draft.pavement(y, y)
    x = draft.side * (draft.street.kerb + float(draft.rng.uniform(1.8, 2.8)))
    rng = draft.rng
    places = [
        (x + float(rng.uniform(-0.9, 0.9)), y + index * float(rng.uniform(0.6, 1.0)))
        for index in range(int(rng.integers(3, 8)))
    ]
    come = draft.pace.first() + 6
    people = gather(draft, "waits", places, come, come + 2 * draft.pace.stay(), float(rng.uniform(-180, 180)))
    draft.see(Spot(ActorKind.PERSON, 0, *places[0]), "pavement")
    draft.innocent(Innocence.WAITING_PEOPLE, Subject.STREET_VENDOR, people, zone="pavement", start_s=come)


def short_stops(draft: Draft) -> None:
    """Cars that stop for a moment and a bag that is put down and taken up again."""
    settle = draft.pace.first()
    y = float(draft.rng.uniform(12.5, 18))
    draft.kerb(y, y)
    bag_y = round(float(draft.rng.uniform(9.5, 12)), 1)
    draft.pavement(bag_y, y)
    for index in range(2 if draft.pace.short else int(draft.rng.integers(3, 7))):
        leave = settle + draft.pace.brief()
        stop = park(draft, f"stops-{index + 1}", y, settle, leave)
        may_stand(draft, stop, "kerb", Innocence.SHORT_STOP)
        settle = leave + draft.pace.gap() + 9
    put = carried_s(bag_y) + draft.pace.soon()
    taken = tenth(max(put + draft.pace.brief(), put + 4))
    put = lay(draft, "put-down", kerb_place(draft, bag_y), put, taken)
    draft.innocent(Innocence.SHORT_STOP, Subject.GARBAGE, ["put-down"], zone="pavement", start_s=put, end_s=taken)


def empty_street(draft: Draft) -> None:
    draft.vehicles_pass = draft.people_pass = False


FAMILIES = (
    family(red_light_queue, "innocent", "Cars queue at a red light, some longer than the dwell."),
    family(bus_at_stop, "innocent", "Buses stand at their stop in a no-stopping strip, people wait there."),
    family(inside_bay, "innocent", "Cars in marked bays are allowed, one just outside (some seeds) is not."),
    family(shadows, "innocent", "Dark shadows drift over kerb and pavement."),
    family(pedestrians_only, "innocent", "Many people, no vehicle, no problem."),
    family(traffic_only, "innocent", "Dense flowing traffic, no problem."),
    family(waiting_people, "innocent", "A group of people waits much longer than the dwell."),
    family(short_stops, "innocent", "Cars stop for less than the dwell; a bag is put down for a moment."),
    family(empty_street, "innocent", "Nothing happens at all."),
)
