"""Families with several problems of one kind in one street, of mixed difficulty: many trials for little computing."""

from __future__ import annotations

from dataclasses import replace

from ingest.taxonomy import Category
from scenarios.families.arrivals import Place, keyframe
from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, dump, visit
from scenarios.families.family import family
from scenarios.families.mixing import mix_in
from scenarios.families.pace import tenth
from scenarios.families.parking import leave_two_wheeler, park, watched
from scenarios.families.peddling import setup_s, vend
from scenarios.families.sight import Post, Spot
from scenarios.families.streets import PAVEMENT_RULES, kerb_zone, pavement_zone
from scenarios.families.vendors import customers
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Subject

BULKY = (
    ActorKind.CRATE,
    ActorKind.FRIDGE,
    ActorKind.SOFA,
    ActorKind.PLANKS,
    ActorKind.BENCH,
    ActorKind.PLANTER,
    ActorKind.BIN,
)
"""Things without a class that somebody puts down: furniture of the street, too, where it was not before."""
_BETWEEN = Post(across=(-2.5, 2.5), fields_of_view=(62.0, 75.0))
"""Over the carriageway, so that both sides are in view."""
_LEARNT_LOOKS = 20
"""By then a camera knows its bare street, also where looks are lost."""


def _looked_at_less(draft: Draft) -> None:
    """Four or five seconds between the looks of a long scenario: the trials count here, not the looks."""
    if not draft.pace.short:
        draft.pace = replace(draft.pace, look_s=float(draft.rng.choice((4.0, 5.0))))


def _opposite_kerb(draft: Draft, y1: float, y2: float) -> str:
    street = replace(draft.street, side=-draft.side)
    zone = kerb_zone(street, max(6.5, y1 - 6), y2 + 6, draft.rules(Category.PARKED_VEHICLE))
    return draft.add_zone(zone.model_copy(update={"name": "kerb-2"}))


def opposite_pavement(draft: Draft, y1: float, y2: float) -> str:
    """The narrow pavement on the other side; gives the zone's name."""
    rule = draft.rules(*PAVEMENT_RULES)
    reach = (max(6.5, y1 - 6), y2 + 6)
    return draft.add_zone(pavement_zone(draft.street, *reach, rule, name="pavement-2", side=-draft.side))


def _some_at_start(draft: Draft, count: int) -> int:
    return int(draft.rng.integers(0, 1 + count // 2))


def _cars_on(draft: Draft, side: int, zone: str, places: list[float], *, leaving: bool) -> float:
    """A row along one kerb; gives when the last one stands. The foremost may drive off again."""
    label, street = ("near" if side == draft.side else "far"), draft.street
    there, settle = _some_at_start(draft, len(places)), draft.pace.first()
    last = 0.0
    for index, y in enumerate(places[::-1] if side > 0 else places):
        begins = 0.0 if index < there else settle
        leave = begins + draft.pace.stay() + draft.pace.gap() if leaving and index == 0 else None
        name = f"{label}-{index + 1}"
        parked = park(draft, name, y, begins, leave, side=side, off_axis=street.strip)
        watched(draft, parked, zone)
        draft.problem(Subject.PARKED_VEHICLE, zone, [name], parked.settle_s, parked.leave_s)
        if index >= there:
            settle += draft.pace.soon() + 6
        last = max(last, parked.settle_s)
    return last


def kerb_of_cars(draft: Draft) -> None:
    """Cars along one kerb, or along both."""
    _looked_at_less(draft)
    both = bool(draft.rng.random() < 0.4)
    count, near = int(draft.rng.integers(3, 5) if both else draft.rng.integers(4, 6)), draft.rng.uniform(10.5, 12)
    pitch = float(draft.rng.uniform(5.7, 6.6))
    places = [round(float(near) + index * pitch, 1) for index in range(count)]
    leaving = bool(draft.rng.random() < 0.3)
    draft.kerb(places[0], places[-1])
    settled = _cars_on(draft, draft.side, "kerb", places, leaving=leaving)
    if both:
        draft.posts = (_BETWEEN,)
        places = [round(y + float(draft.rng.uniform(1.0, 2.0)), 1) for y in places[:-1]]
        far = _opposite_kerb(draft, places[0], places[-1])
        settled = max(settled, _cars_on(draft, -draft.side, far, places, leaving=False))
    mix_in(draft, settled, all_stay=not leaving)


def two_wheelers_along_the_kerb(draft: Draft) -> None:
    """Bicycles and mopeds one beside the other, some slanted, some already there."""
    _looked_at_less(draft)
    count, y = int(draft.rng.integers(4, 7)), float(draft.rng.uniform(9.5, 10.5))
    pitch, lean = float(draft.rng.uniform(1.9, 2.7)), float(draft.rng.choice((0.0, 60.0, 90.0)))
    draft.pavement(y, y + count * pitch)
    there, settle, leaving = _some_at_start(draft, count), draft.pace.first(), bool(draft.rng.random() < 0.3)
    for index in reversed(range(count)):
        x = draft.side * (draft.street.kerb + float(draft.rng.uniform(0.8, 1.1)))
        begins = 0.0 if index >= count - there else settle
        leave = begins + draft.pace.stay() + draft.pace.gap() if leaving and index == 0 else None
        place = (x, round(y + index * pitch, 1))
        leave_two_wheeler(draft, f"wheels-{index + 1}", place, begins, leave, heading_deg=draft.side * lean)
        settle += draft.pace.soon() if begins else 0.0
    mix_in(draft, settle, all_stay=not leaving)


def _stalls_on(draft: Draft, side: int, zone: str, ys: list[float], first_s: float) -> float:
    label, settle = ("near" if side == draft.side else "far"), first_s
    for index, y in enumerate(ys):
        begins = 0.0 if draft.rng.random() < 0.25 else max(settle, setup_s(y))
        stall = vend(draft, f"{label}-{index + 1}", y, begins, side=side, zone=zone)
        if draft.rng.random() < 0.3:
            come = stall.settle_s + draft.pace.soon()
            customers(draft, stall, come, come + draft.pace.stay(), int(draft.rng.integers(1, 4)))
        settle = max(settle, stall.settle_s) + draft.pace.soon() / 2
    return settle


def stalls_row_apart(draft: Draft) -> None:
    """Stalls too far from each other to be a market, on one side or on both."""
    _looked_at_less(draft)
    near, apart = float(draft.rng.uniform(10.5, 11.5)), float(draft.rng.uniform(7.0, 8.5))
    count = int(draft.rng.integers(2, 4))
    ys = [round(near + index * apart, 1) for index in range(count)]
    draft.pavement(ys[0], ys[-1])
    settled = _stalls_on(draft, draft.side, "pavement", ys, draft.pace.first())
    if draft.rng.random() < 0.6:
        draft.posts = (_BETWEEN,)
        ys = [round(y + float(draft.rng.uniform(2.5, 4.0)), 1) for y in ys[:2]]
        zone = opposite_pavement(draft, ys[0], ys[-1])
        settled = max(settled, _stalls_on(draft, -draft.side, zone, ys, draft.pace.first()))
    mix_in(draft, settled, all_stay=True)


def _rubbish(draft: Draft, y: float) -> tuple[ActorKind, float]:
    """A kind and size that can be seen so far away."""
    kinds = (ActorKind.BAG, ActorKind.CARTONS, ActorKind.HEAP) if y < 13 else (ActorKind.HEAP,)
    kind = kinds[int(draft.rng.integers(len(kinds)))]
    return kind, 1.0 if kind is ActorKind.HEAP else float(draft.rng.uniform(1.0, 1.25))


def bags_along_the_wall(draft: Draft) -> None:
    """Rubbish at the house line, at the kerb, and across the street: more than ten metres apart, hence problems of
    their own."""
    _looked_at_less(draft)
    street, side, rng = draft.street, draft.side, draft.rng
    y = round(float(rng.uniform(9.0, 10.0)), 1)
    far = round(y + float(rng.uniform(11.0, 12.5)), 1)
    across = round(y + float(rng.uniform(1.5, 6.0)), 1)
    draft.pavement(y, far)
    places: list[tuple[str, Place, str]] = [
        ("first", (side * (street.wall - float(rng.uniform(0.9, 1.3))), y), "pavement"),
        ("second", (side * (street.kerb + float(rng.uniform(0.6, 0.9))), far), "pavement"),
    ]
    if rng.random() < 0.6:
        draft.posts = (_BETWEEN,)
        zone = opposite_pavement(draft, across, across)
        places.append(("third", (-side * (street.kerb + float(rng.uniform(0.6, 0.9))), across), zone))
    laid = draft.pace.first()
    leaving = bool(rng.random() < 0.3)
    for index, (name, place, zone) in enumerate(places):
        kind, size = _rubbish(draft, place[1])
        begins = 0.0 if rng.random() < 0.25 else max(laid, carried_s(place[1]))
        gone = begins + draft.pace.stay() + draft.pace.gap() + 6 if leaving and index == 0 else None
        begins = dump(draft, name, place, begins, gone, kind=kind, size=size, zone=zone)
        laid = max(laid, begins) + draft.pace.soon()
    mix_in(draft, laid, all_stay=not leaving)


def put_down(draft: Draft, name: str, place: Place, at_s: float, leave_s: float | None = None) -> float:
    """Somebody leaves a thing that no model names: a problem while it stands. Gives the second."""
    kind, seed = BULKY[int(draft.rng.integers(len(BULKY)))], draft.looks()
    at_s = tenth(max(at_s, carried_s(place[1])))
    heading = float(draft.rng.choice((0.0, 90.0, -90.0)))
    visit(draft, f"{name}-bearer", place, at_s)
    if leave_s is not None:
        leave_s = tenth(leave_s)
        visit(draft, f"{name}-remover", place, leave_s)
    draft.actor(name, kind, [keyframe(at_s, place, heading)], leaves_s=leave_s, seed=seed)
    end = float("inf") if leave_s is None else leave_s
    draft.see(Spot(kind, seed, *place, heading, 1.0, (), at_s, end), "pavement")
    draft.problem(Subject.STATIC_OBJECT, "pavement", [name], at_s, leave_s, name=name)
    return at_s


def pavement_for_things(draft: Draft, y1: float, y2: float) -> None:
    """The wide pavement, on which nothing may be left, not even what no model names."""
    rule = draft.rules(Category.STATIC_OBJECT, *PAVEMENT_RULES)
    draft.add_zone(pavement_zone(draft.street, max(6.5, y1 - 6), y2 + 6, rule))
    draft.static_objects = True


def known_s(draft: Draft) -> float:
    """When a camera knows its bare street well enough to notice what is new on it."""
    return max(draft.pace.first(), _LEARNT_LOOKS * draft.pace.look_s)


def things_left_standing(draft: Draft) -> None:
    """Crates, a fridge, a sofa, planks, a bench: put down one after the other, apart from each other."""
    _looked_at_less(draft)
    rng, street, side = draft.rng, draft.street, draft.side
    count, y = int(rng.integers(3, 6)), float(rng.uniform(9.5, 10.5))
    pitch = float(rng.uniform(2.8, 3.6))
    pavement_for_things(draft, y, y + count * pitch)
    settle, leaving = known_s(draft), bool(rng.random() < 0.3)
    for index in reversed(range(count)):
        depth = street.wall - 1.2 if rng.random() < 0.5 else street.kerb + 0.8
        leave = settle + draft.pace.stay() + draft.pace.gap() + 20 if leaving and index == 0 else None
        place = (side * depth, round(y + index * pitch, 1))
        settle = put_down(draft, f"thing-{index + 1}", place, settle, leave) + draft.pace.soon() / 2
    mix_in(draft, settle, all_stay=not leaving)


def full_pavement(draft: Draft) -> None:
    """A stall, rubbish, two-wheelers and things without a name on one pavement: every one a problem of its own."""
    _looked_at_less(draft)
    rng, street, side = draft.rng, draft.street, draft.side
    y = float(rng.uniform(9.5, 10.5))
    pavement_for_things(draft, y, y + 12.0)
    at_kerb, at_wall = side * (street.kerb + 0.9), side * (street.wall - 1.2)
    settle = known_s(draft)
    leave_two_wheeler(draft, "wheels-1", (at_kerb, round(y + 5.0, 1)), 0.0, heading_deg=side * 90.0)
    leave_two_wheeler(draft, "wheels-2", (at_kerb, round(y + 7.4, 1)), settle, heading_deg=side * 90.0)
    stall = vend(draft, "stall", round(y + 11.0, 1), max(settle, setup_s(y + 11.0)))
    kind, size = _rubbish(draft, y)
    bag = dump(draft, "rubbish", (at_kerb, round(y, 1)), settle + draft.pace.soon() / 2, kind=kind, size=size)
    thing = put_down(draft, "thing-1", (at_wall, round(y + 3.0, 1)), max(stall.settle_s, bag))
    other = put_down(draft, "thing-2", (at_wall, round(y + 6.6, 1)), thing + draft.pace.soon() / 2)
    mix_in(draft, other, all_stay=True)


FAMILIES = (
    family(kerb_of_cars, "vehicles", "Three to seven cars along one kerb or both, of mixed difficulty."),
    family(
        two_wheelers_along_the_kerb,
        "vehicles",
        "Four to six two-wheelers along the kerb, of mixed difficulty.",
    ),
    family(stalls_row_apart, "vendors", "Two to five stalls, too far apart for a market, of mixed difficulty."),
    family(
        bags_along_the_wall,
        "garbage",
        "Two or three places with rubbish, far from each other, of mixed difficulty.",
    ),
    family(
        things_left_standing,
        "static",
        "Three to five things that no model names are put down, of mixed difficulty.",
    ),
    family(
        full_pavement,
        "combinations",
        "A stall, rubbish, two-wheelers and things without a name on one pavement.",
    ),
)
