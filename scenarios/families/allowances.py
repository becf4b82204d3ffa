"""Families about what is allowed for a while and then is not: garbage before its collection, lanes before a light, bus
stops (定时收运、信号灯排队区、公交站台)."""

from __future__ import annotations

from datetime import time

from ingest.hours import Collection
from ingest.taxonomy import Category, ZonePurpose
from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, kerb_place, lay
from scenarios.families.family import family
from scenarios.families.garbage import bag_y
from scenarios.families.innocent import queue, stop_line_y
from scenarios.families.pace import tenth
from scenarios.families.parking import park_wrongly
from scenarios.families.streets import pavement_zone, rectangle
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Innocence, Subject
from scenarios.language.street import SceneZone

_SET_OUT_S = 6 * 3600.0
_TAKEN_S = 0.6
_GRACE_S = (300, 900)


def collection_hours(draft: Draft) -> None:
    """Bags are set out at a garbage point before the hour of its collection; in most seeds one is left behind, another
    one is always taken in time."""
    y, street, side, rng = bag_y(draft) + 1.0, draft.street, draft.side, draft.rng
    collected_s, hour = float(rng.integers(20, 45) * 60), int(rng.integers(7, 20))
    grace_s, left = float(rng.integers(*_GRACE_S)), bool(rng.random() < 0.7)
    draft.civil_hour, draft.density = hour - collected_s / 3600, 0.5
    low, high = round(y - 3.2, 1), round(y + 3.4, 1)
    draft.add_zone(
        SceneZone(
            name="point",
            purpose=ZonePurpose.GARBAGE_POINT,
            ground=rectangle(side * street.kerb, side * street.wall, low, high),
            rule=draft.rules(Category.GARBAGE),
            collection=Collection(times=(time(hour),), set_out_s=_SET_OUT_S, grace_s=grace_s),
        )
    )
    draft.add_zone(pavement_zone(street, high + 0.1, high + 9, draft.rules(Category.STREET_VENDOR)))
    over = collected_s + grace_s
    taken = tenth(collected_s + _TAKEN_S * grace_s)
    place = kerb_place(draft, y - 1.5)
    laid = lay(draft, "taken", place, max(draft.pace.first(), carried_s(y)), taken, zone="point")
    _set_out(draft, "taken", laid, taken)
    if left:
        beside = (place[0], y + 1.8)
        laid = lay(
            draft, "left", beside, laid + draft.pace.soon() + 20, kind=ActorKind.HEAP, size=0.7, zone="point"
        )
        _set_out(draft, "left", laid, over)
        draft.problem(Subject.GARBAGE, "point", ["left"], over, name="left")
    draft.until(over + draft.pace.stay())


def _set_out(draft: Draft, name: str, from_s: float, to_s: float) -> None:
    draft.innocent(
        Innocence.COLLECTION_POINT, Subject.GARBAGE, [name], zone="point", start_s=from_s, end_s=tenth(to_s)
    )


def parked_before_light(draft: Draft) -> None:
    """A car stands at the kerb of a lane in which others queue at a red light and drive on: it is no queue."""
    side, street = draft.side, draft.street
    line, y = stop_line_y(draft, side), round(float(draft.rng.uniform(14, 18)), 1)
    ground = rectangle(side * 0.2, side * (street.kerb + 0.5), 8.0, 33.0)
    rule = draft.rules(Category.PARKED_VEHICLE)
    draft.add_zone(SceneZone(name="lane", purpose=ZonePurpose.CARRIAGEWAY, ground=ground, rule=rule))
    red = min(240.0, draft.pace.dwell_s * float(draft.rng.uniform(0.6, 1.0)))
    green = float(draft.rng.uniform(30, 60))
    reach = rectangle(side * 0.1, side * (street.kerb + 0.5), 4.0, 55.0)
    draft.add_zone(
        SceneZone(name="queue", purpose=ZonePurpose.SIGNAL_QUEUE, ground=reach, max_wait_s=round(red + 30))
    )
    draft.scenery["crossing"] = round(line + (3.5 if side > 0 else -3.5), 1)
    queue(draft, side, line, red, green)
    draft.innocent(Innocence.QUEUE_AT_LIGHT, Subject.PARKED_VEHICLE, zone="lane")
    park_wrongly(draft, "parked", y, 0.0, zone="lane")
    draft.until(2 * (red + green))


def car_at_bus_stop(draft: Draft) -> None:
    """A car stands where only buses may (公交站台)."""
    side, street, y = draft.side, draft.street, round(float(draft.rng.uniform(13, 17)), 1)
    draft.kerb(y - 4, y + 4)
    ground = rectangle(side * (street.kerb - 3.2), side * street.kerb, y - 9, y + 9)
    draft.add_zone(SceneZone(name="stop", purpose=ZonePurpose.BUS_STOP, ground=ground))
    draft.scenery["bus_stop"] = y
    settle = draft.pace.first()
    park_wrongly(draft, "car", y, settle, settle + draft.pace.stay() if draft.rng.random() < 0.4 else None)


FAMILIES = (
    family(
        collection_hours,
        "garbage",
        "Bags wait for their collection at a garbage point; what it leaves behind is a problem.",
        tiers=("detections", "composed"),
        profiles=("long",),
    ),
    family(
        parked_before_light,
        "vehicles",
        "A car is parked beside a lane in which others queue at a red light.",
        tiers=("detections", "composed"),
        profiles=("long",),
    ),
    family(car_at_bus_stop, "vehicles", "A car, no bus, stands at a bus stop."),
)
