"""Families about rubbish (暴露垃圾) and about other things that stand still (乱堆杂物)."""

from __future__ import annotations

from ingest.taxonomy import Category, ZonePurpose
from scenarios.families.arrivals import keyframe
from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, dump, kerb_place, lay, visit
from scenarios.families.family import family
from scenarios.families.pace import tenth
from scenarios.families.peddling import setup_s, vend
from scenarios.families.sight import Spot
from scenarios.families.streets import PAVEMENT_RULES, kerb_zone, pavement_zone, rectangle
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Innocence, Subject
from scenarios.language.street import SceneZone

_KINDS = (ActorKind.BAG, ActorKind.BAG, ActorKind.HEAP, ActorKind.CARTONS)


def bag_y(draft: Draft) -> float:
    """A place along the street at which cameras see a bag well."""
    return round(float(draft.rng.uniform(9.5, 13.0)), 1)


def bag_dumped(draft: Draft) -> None:
    y = bag_y(draft)
    draft.pavement(y, y)
    kind = _KINDS[int(draft.rng.integers(len(_KINDS)))]
    dump(draft, "rubbish", kerb_place(draft, y), max(draft.pace.first(), carried_s(y)), kind=kind)


def bag_grows(draft: Draft) -> None:
    """A heap grows and further bags join it: one problem."""
    y = bag_y(draft)
    draft.pavement(y, y)
    place, laid = kerb_place(draft, y), max(draft.pace.first(), carried_s(y))
    size = float(draft.rng.uniform(0.55, 0.7))
    grown = tenth(laid + draft.pace.soon() + 4)
    lay(draft, "heap", place, laid, kind=ActorKind.HEAP, size=size, growth=((grown, size * 1.35),))
    names, last = ["heap"], grown
    for index in range(int(draft.rng.integers(1, 4))):
        last = tenth(last + draft.pace.soon() + 4)
        beside = (place[0] + float(draft.rng.uniform(-0.3, 0.3)), y + (-1) ** index * (1.3 + 0.7 * (index // 2)))
        lay(draft, f"bag-{index + 1}", beside, last, zone=None)
        names.append(f"bag-{index + 1}")
    draft.problem(Subject.GARBAGE, "pavement", names, laid)
    draft.until(last + draft.pace.gap())


def bag_collected(draft: Draft) -> None:
    y = bag_y(draft)
    draft.pavement(y, y)
    laid = max(draft.pace.first(), carried_s(y))
    dump(draft, "rubbish", kerb_place(draft, y), laid, laid + draft.pace.stay())


def bags_two_places(draft: Draft) -> None:
    """Two bags so far apart that they are two problems."""
    y, apart = round(float(draft.rng.uniform(9.0, 10.0)), 1), float(draft.rng.uniform(12.5, 14.0))
    draft.pavement(y, y + apart)
    laid = max(draft.pace.first(), carried_s(y))
    dump(draft, "near", kerb_place(draft, y), laid)
    far = round(y + apart, 1)
    later = max(laid + draft.pace.soon(), carried_s(far))
    dump(draft, "far", kerb_place(draft, far), later, kind=ActorKind.HEAP)


def garbage_beside_vendor(draft: Draft) -> None:
    y = bag_y(draft) + 0.5
    draft.pavement(y - 3.0, y)
    settle = max(draft.pace.first(), setup_s(y))
    stall = vend(draft, "stall", y, settle)
    place = (
        stall.place[0] - draft.side * float(draft.rng.uniform(-0.2, 0.6)),
        y - float(draft.rng.uniform(2.3, 3.0)),
    )
    dump(draft, "bag", place, settle + draft.pace.soon())


def collection_point(draft: Draft) -> None:
    """Bags at the collection point (垃圾投放点) are where they belong; the pavement beside it is not."""
    y, street, side = bag_y(draft) + 1.0, draft.street, draft.side
    low, high = round(y - 2.4, 1), round(y + 2.2, 1)
    x = side * street.kerb, side * street.wall
    draft.add_zone(SceneZone(name="point", purpose=ZonePurpose.GARBAGE_POINT, ground=rectangle(*x, low, high)))
    rule = draft.rules(*PAVEMENT_RULES)
    draft.add_zone(pavement_zone(street, high + 0.1, high + 11, rule))
    place, laid = kerb_place(draft, y), max(draft.pace.first(), carried_s(y))
    lay(draft, "allowed", place, laid, kind=ActorKind.HEAP, size=0.7, zone="point")
    draft.innocent(Innocence.COLLECTION_POINT, Subject.GARBAGE, ["allowed"], zone="point", start_s=laid)
    draft.until(laid + draft.pace.stay())
    if draft.rng.random() < 0.6:
        beside = round(high + float(draft.rng.uniform(2.5, 3.5)), 1)
        dump(draft, "beside", kerb_place(draft, beside), max(laid + draft.pace.soon(), carried_s(beside)))


def crate_on_pavement(draft: Draft) -> None:
    """Something that no model names stands on the pavement; what belongs to the street stays unreported."""
    y, street, side = bag_y(draft), draft.street, draft.side
    reach = (max(6.5, y - 5), y + 9)
    draft.add_zone(pavement_zone(street, *reach, draft.rules(Category.STATIC_OBJECT, *PAVEMENT_RULES)))
    draft.add_zone(kerb_zone(street, *reach, draft.rules(Category.PARKED_VEHICLE)))
    draft.static_objects, draft.furnished = True, False
    place, settle = kerb_place(draft, y), max(draft.pace.first(), carried_s(y))
    leave = tenth(settle + draft.pace.stay()) if draft.rng.random() < 0.4 else None
    visit(draft, "bearer", place, settle)
    seed = draft.looks()
    draft.actor("crate", ActorKind.CRATE, [keyframe(settle, place, 0.0)], leaves_s=leave, seed=seed)
    if leave is not None:
        visit(draft, "remover", place, leave)
    end = float("inf") if leave is None else leave
    draft.see(Spot(ActorKind.CRATE, seed, *place, 0.0, 1.0, (), settle, end), "pavement")
    draft.problem(Subject.STATIC_OBJECT, "pavement", ["crate"], settle, leave)
    bench = draft.actor(
        "bench", ActorKind.BENCH, [keyframe(0.0, (side * (street.kerb + 0.6), y + 6), -side * 90.0)]
    )
    draft.innocent(Innocence.STREET_FURNITURE, Subject.STATIC_OBJECT, [bench], zone="pavement")


FAMILIES = (
    family(bag_dumped, "garbage", "Somebody carries a bag, a heap or cartons up and leaves them."),
    family(bag_grows, "garbage", "A heap grows and one to three bags join it: one problem."),
    family(bag_collected, "garbage", "A bag is dumped and later collected."),
    family(bags_two_places, "garbage", "Two bags more than twelve metres apart: two problems."),
    family(garbage_beside_vendor, "garbage", "A bag is left right beside a stall: two problems of two kinds."),
    family(collection_point, "garbage", "Bags at a collection point are allowed, those beside it are not."),
    family(crate_on_pavement, "static", "A crate that no model names is left on the pavement."),
)
