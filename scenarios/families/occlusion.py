"""Families in which something stands before a problem for a long time (长时间遮挡)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingest.taxonomy import Category
from scenarios.families.arrivals import Place, move, move_to
from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, dump
from scenarios.families.family import family
from scenarios.families.garbage import bag_y
from scenarios.families.pace import tenth
from scenarios.families.parking import double_parked, park, park_wrongly
from scenarios.families.peddling import gather
from scenarios.families.sight import Post, Spot, hidden_share, outline
from scenarios.families.streets import LANE_X, kerb_zone
from scenarios.families.vehicles import spot_y
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Innocence, Subject
from scenarios.scene.camera import Camera as Pinhole

ACROSS = Post(across=(-8.0, -2.5), heights=(5.2, 6.6))
"""On the other side of the street and low, so that what drives by hides what stands at the kerb."""


def hidden_by(spots: Sequence[Spot], kind: ActorKind, place: Place, least: float) -> Callable[[Pinhole], bool]:
    """Whether a camera's view of every spot is hidden by a thing at ``place`` by at least that share."""

    def hides(eye: Pinhole) -> bool:
        cover = outline(eye, Spot(kind, 0, *place))
        boxes = [outline(eye, spot) for spot in spots]
        return cover is not None and all(box is not None and hidden_share(box, [cover]) >= least for box in boxes)

    return hides


def hide_s(draft: Draft) -> float:
    """How long a place is hidden: seconds in a short scenario, minutes to half an hour in a long one."""
    return tenth(draft.rng.uniform(14, 24) if draft.pace.short else draft.rng.uniform(240, 1800))


def bus_stands(draft: Draft, place: Place, from_s: float, to_s: float) -> None:
    """A bus waits beside the kerb strip (a jam, a broken door), then drives on."""
    side, lane = draft.side, place[0]
    begin, end = draft.street.lane_ends(side)
    arrive = move_to([(lane, begin), place], from_s, 7.0)
    away = move([place, (lane, end)], to_s, 6.0)
    draft.actor("bus", ActorKind.BUS, (*arrive, *away), leaves_s=away[-1].s)
    draft.busy.append((side, max(0.0, arrive[0].s - 8), to_s + 2))
    draft.innocent(Innocence.OUTSIDE_ZONE, Subject.PARKED_VEHICLE, ["bus"], start_s=from_s, end_s=to_s)


def find_bus_place(draft: Draft, place: Place) -> Place:
    """Where in the lane a bus hides a place at the kerb; finds the camera for it."""
    draft.posts = (ACROSS,)
    bus = draft.side * (LANE_X + 0.1), place[1] - 3.2
    draft.look(hidden_by(draft.spots, ActorKind.BUS, bus, 0.75))
    return bus


def bus_occlusion(draft: Draft) -> None:
    y = spot_y(draft) - 1.0
    draft.kerb(y, y)
    draft.pavement(y, y)
    settle = draft.pace.first()
    hidden = settle + (draft.pace.dwell_s * 0.4 if draft.rng.random() < 0.5 else draft.pace.stay()) + 6
    shown = hidden + hide_s(draft)
    car = park_wrongly(draft, "car", y, settle, kind=ActorKind.CAR)
    bus_stands(draft, find_bus_place(draft, car.place), hidden, shown)
    draft.until(shown + draft.pace.stay())


def _crowd_places(draft: Draft, place: Place, count: int) -> list[Place]:
    """Two rows of people between a place and the camera, as a group that stands and talks."""
    camera = draft.cameras[0]
    away = ((camera.x - place[0]) ** 2 + (camera.y - place[1]) ** 2) ** 0.5
    towards = (camera.x - place[0]) / away, (camera.y - place[1]) / away
    across = (-towards[1], towards[0])
    places = []
    for index in range(count):
        row, column = divmod(index, 4)
        back, aside = 0.75 + 0.6 * row, (column - 1.5) * 0.42 + 0.2 * row
        x = place[0] + towards[0] * back + across[0] * aside
        places.append((x, place[1] + towards[1] * back + across[1] * aside))
    return places


def crowd_occlusion(draft: Draft) -> None:
    """People stand before a bag, so close that nothing of it can be seen."""
    y = bag_y(draft)
    draft.pavement(y, y)
    laid = max(draft.pace.first(), carried_s(y))
    place = (draft.side * (draft.street.kerb + float(draft.rng.uniform(2.2, 2.8))), y)
    laid = dump(draft, "bag", place, laid)
    draft.look()
    hidden = laid + (draft.pace.dwell_s * 0.4 if draft.rng.random() < 0.5 else draft.pace.stay()) + 3
    shown = hidden + hide_s(draft)
    places = _crowd_places(draft, place, int(draft.rng.integers(6, 9)))
    people = gather(draft, "crowd", places, hidden, shown, float(draft.rng.uniform(-180, 180)))
    draft.innocent(
        Innocence.WAITING_PEOPLE, Subject.STREET_VENDOR, people, zone="pavement", start_s=hidden, end_s=shown
    )
    draft.until(shown + 5 + draft.pace.stay())


def truck_parks_in_front(draft: Draft) -> None:
    """A truck stops beside a parked car and hides it; both are problems. Then the truck drives off."""
    y, side, street = spot_y(draft), draft.side, draft.street
    zone = kerb_zone(street, max(6.5, y - 9), y + 6, draft.rules(Category.PARKED_VEHICLE))
    xs = sorted((side * 0.6, side * (street.kerb + 0.5)))
    low, high = zone.ground[0][1], zone.ground[2][1]
    ground = ((xs[0], low), (xs[1], low), (xs[1], high), (xs[0], high))
    draft.add_zone(zone.model_copy(update={"ground": tuple((round(x, 1), y) for x, y in ground)}))
    draft.pavement(y, y)
    settle = draft.pace.first()
    park_wrongly(draft, "car", y, settle, kind=ActorKind.CAR)
    comes = tenth(settle + draft.pace.stay())
    goes = tenth(comes + hide_s(draft) + draft.pace.sure_s)
    place = (side * max(2.1, double_parked(draft)), y - 1.4)
    draft.posts = (ACROSS,)
    covers = hidden_by(draft.spots, ActorKind.TRUCK, place, 0.75)
    whole = Spot(ActorKind.TRUCK, 0, *place, 0.0, 1.0, (), comes, goes)
    draft.look(lambda eye: covers(eye) and in_view(eye, whole))
    truck = park(draft, "truck", place[1], comes, goes, kind=ActorKind.TRUCK, off_axis=abs(place[0]))
    draft.problem(Subject.PARKED_VEHICLE, "kerb", [truck.actor], truck.settle_s, truck.leave_s)
    draft.busy.append((side, comes, goes + 4))
    draft.until(goes + draft.pace.stay())


def in_view(eye: Pinhole, spot: Spot) -> bool:
    """Whether a thing is whole in the frame."""
    box = outline(eye, spot)
    return box is not None and box[0] > 0 and box[1] > 0 and box[2] < 1 and box[3] < 1


FAMILIES = (
    family(bus_occlusion, "occlusion", "A bus stands before a parked car for minutes, early or late in its stay."),
    family(crowd_occlusion, "occlusion", "A group of people hides a bag completely for a while."),
    family(truck_parks_in_front, "occlusion", "A truck stops beside a parked car and hides it: two problems."),
)
