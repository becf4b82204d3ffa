"""Families about street vendors (占道经营)."""

from __future__ import annotations

from datetime import time
from math import floor

from ingest.hours import Permit
from ingest.taxonomy import Category, ZonePurpose
from scenarios.families.arrivals import keyframe
from scenarios.families.draft import Draft
from scenarios.families.family import family
from scenarios.families.pace import tenth
from scenarios.families.peddling import (
    STALLS,
    Stall,
    any_stall,
    gather,
    pitch_at,
    set_up,
    setup_s,
    vend,
)
from scenarios.families.sight import Post, Spot
from scenarios.families.streets import PAVEMENT_RULES, pavement_zone, rectangle
from scenarios.language.cast import ActorKind, Keyframe, Posture
from scenarios.language.claims import Innocence, Market, Subject
from scenarios.language.street import SceneZone

REARM_S = 3600.0
"""A vendor back at the same place within an hour was never really gone: one problem. Later it is another one."""
_PUSH_MPS = 0.9
_FOLDED = (ActorKind.STALL_TABLE, ActorKind.STALL_PARASOL, ActorKind.STALL_BLANKET)


def stall_y(draft: Draft) -> float:
    """A place along the street at which cameras see a stall well."""
    return round(float(draft.rng.uniform(10.5, 14.5)), 1)


def vendor_sets_up(draft: Draft) -> None:
    y = stall_y(draft)
    draft.pavement(y, y)
    settle = max(draft.pace.first(), setup_s(y))
    vend(draft, "stall", y, settle, settle + draft.pace.stay() if draft.rng.random() < 0.5 else None)


def vendor_moves_ten_metres(draft: Draft) -> None:
    y, far = round(float(draft.rng.uniform(10.0, 12.0)), 1), round(float(draft.rng.uniform(9.0, 11.0)), 1)
    kind = ActorKind.STALL_CART if draft.rng.random() < 0.5 else ActorKind.STALL_TRICYCLE
    draft.pavement(y, y + far)
    settle = max(draft.pace.first(), setup_s(y))
    move_vendor(draft, "stall", y, far, settle, settle + draft.pace.stay(), kind)


def move_vendor(
    draft: Draft, name: str, y: float, far: float, settle_s: float, moves_s: float, kind: ActorKind
) -> float:
    """A vendor who sets up, moves on by ``far`` metres and stays there: one problem. Gives when it stands again."""
    stall = set_up(draft, name, y, settle_s, kind=kind)
    there = tenth(moves_s + far / _PUSH_MPS)
    _pushed_on(draft, stall.actor, far, moves_s, there, stall.heading_deg)
    _pushed_on(draft, stall.vendor, far, moves_s, there, stall.heading_deg or -draft.side * 90.0)
    x, _ = stall.place
    seed = next(actor.seed for actor in draft.actors if actor.id == name)
    draft.see(Spot(kind, seed, x, y + far, stall.heading_deg, 1.0, (), there), "pavement")
    draft.problem(Subject.STREET_VENDOR, "pavement", [name], stall.settle_s, name=name)
    draft.until(there + draft.pace.stay())
    return there


def _pushed_on(draft: Draft, name: str, far: float, begin_s: float, end_s: float, heading: float) -> None:
    """Lengthen an actor's timeline: it goes on by ``far`` metres along the street and stands again."""
    index = next(number for number, actor in enumerate(draft.actors) if actor.id == name)
    actor = draft.actors[index]
    x, y = actor.at[-1].x, actor.at[-1].y
    added: list[Keyframe] = [keyframe(begin_s, (x, y), heading)]
    added += [keyframe(begin_s + 0.8, (x, y), 0.0), keyframe(end_s - 0.8, (x, y + far), 0.0)]
    added.append(keyframe(end_s, (x, y + far), heading))
    draft.actors[index] = actor.model_copy(update={"at": (*actor.at, *added)})


def vendor_packs_up_and_returns(draft: Draft) -> None:
    """Inspectors come by: everything is folded up and soon spread out again by the same vendor at the same place."""
    y, seed = stall_y(draft), draft.looks()
    draft.pavement(y, y)
    first = max(draft.pace.first(), setup_s(y))
    leave = tenth(first + draft.pace.stay())
    if draft.pace.short or draft.rng.random() < 0.6:
        kind = _FOLDED[int(draft.rng.integers(len(_FOLDED)))]
        back = tenth(leave + float(draft.rng.uniform(16, 22) if draft.pace.short else draft.rng.uniform(60, 280)))
        _steps_aside(draft, y, kind, seed, (first, leave, back))
    else:
        kind, back = any_stall(draft), tenth(leave + REARM_S * float(draft.rng.uniform(1.15, 1.5)))
        vend(draft, "stall", y, first, leave, kind=kind, seed=seed)
        vend(draft, "stall-again", y, back, kind=kind, seed=seed)
    draft.until(back + draft.pace.stay())


def _steps_aside(draft: Draft, y: float, kind: ActorKind, seed: int, times: tuple[float, float, float]) -> None:
    """The vendor walks up and down nearby between folding up and spreading out again: one problem."""
    first, leave, back = times
    one = set_up(draft, "stall", y, first, kind=kind, seed=seed)
    index = next(number for number, actor in enumerate(draft.actors) if actor.id == one.actor)
    draft.actors[index] = draft.actors[index].model_copy(update={"leaves_s": leave})
    draft.actor("stall-again", kind, [keyframe(back, one.place, one.heading_deg)], seed=seed)
    index = next(number for number, actor in enumerate(draft.actors) if actor.id == one.vendor)
    person = draft.actors[index]
    stand, heading = (person.at[-1].x, person.at[-1].y), person.at[-1].heading_deg
    aside = (draft.side * draft.street.aisle, y + 6.0)
    turns = [
        keyframe(leave + 1, stand, heading),
        keyframe((leave + back) / 2, aside),
        keyframe(back - 1, stand),
        keyframe(back, stand, heading),
    ]
    draft.actors[index] = person.model_copy(update={"at": (*person.at, *turns)})
    draft.problem(Subject.STREET_VENDOR, "pavement", ["stall", "stall-again", one.vendor], one.settle_s)


def vendor_with_crowd(draft: Draft) -> None:
    y = stall_y(draft)
    draft.pavement(y, y)
    settle = max(draft.pace.first(), setup_s(y))
    stall = vend(draft, "stall", y, settle)
    customers(draft, stall, settle + 2, settle + draft.pace.stay(), int(draft.rng.integers(3, 7)))


def customers(draft: Draft, stall: Stall, from_s: float, to_s: float, count: int) -> list[str]:
    """People who stand at a stall's front, some staying, some going early."""
    x, y = stall.place
    side = 1 if x > 0 else -1
    front = x - side * 1.2
    names: list[str] = []
    for index in range(count):
        place = (front - side * float(draft.rng.uniform(0, 0.8)), y + float(draft.rng.uniform(-1.6, 1.6)))
        come = from_s + float(draft.rng.uniform(0, max(1.0, (to_s - from_s) * 0.4)))
        go = come + float(draft.rng.uniform(0.4, 1.0)) * (to_s - come)
        names += gather(draft, f"{stall.actor}-customer-{index}", [place], come, go, side * 90.0)
    return names


def market(draft: Draft) -> None:
    count = int(draft.rng.integers(3, 6) if draft.pace.short else draft.rng.integers(3, 13))
    hold_market(draft, count, draft.pace.first())


def hold_market(draft: Draft, count: int, first_s: float) -> list[Stall]:
    """So many stalls side by side, more than five on both sides of the street: each is a problem, and together they
    are a market from the third on."""
    rows = 1 if count <= 5 else 2
    near = 10.5 if rows == 1 else 15.5
    ys = [round(near + (index // rows) * 3.4 + (index % rows) * 1.1, 1) for index in range(count)]
    if rows == 2:
        draft.posts = (Post(across=(-2.5, 2.5), fields_of_view=(66.0, 75.0)),)
    homes = (draft.pavement(ys[0], ys[-1]), _opposite(draft, ys) if rows == 2 else "")
    there = int(draft.rng.integers(0, 2 if draft.pace.short else count // 2 + 1))
    settle, stalls = first_s, []
    for index, y in enumerate(ys):
        kinds = STALLS if index < 6 else STALLS[:3]
        kind = kinds[int(draft.rng.integers(len(kinds)))]
        begins = 0.0 if index < there else max(settle, setup_s(y))
        side = draft.side if index % rows == 0 else -draft.side
        stall = vend(draft, f"stall-{index + 1}", y, begins, kind=kind, side=side, zone=homes[index % rows])
        stalls.append(stall)
        settle = max(settle, begins) + draft.pace.soon() / 2
    starts = sorted(stall.settle_s for stall in stalls)
    draft.markets.append(
        Market(id="market", members=tuple(stall.actor for stall in stalls), start_s=tenth(starts[2]))
    )
    draft.until(starts[-1] + draft.pace.stay())
    return stalls


def _opposite(draft: Draft, ys: list[float]) -> str:
    rule = draft.rules(*PAVEMENT_RULES)
    reach = max(6.5, ys[0] - 5), ys[-1] + 6
    return draft.add_zone(pavement_zone(draft.street, *reach, rule, name="pavement-2", side=-draft.side))


def permitted_hours(draft: Draft) -> None:
    """A zone, in odd seeds a relief point (疏导点), in which vendors are allowed until a certain hour; one overstays,
    another one leaves in time."""
    y = stall_y(draft)
    until_s = float(draft.rng.integers(40, 80) * 60)
    hour = int(draft.rng.integers(8, 18))
    draft.civil_hour = hour - until_s / 3600
    permit = Permit.between(Category.STREET_VENDOR, f"{hour - 3:02d}:00", time(hour).strftime("%H:%M"))
    reach = (max(6.5, y - 6), y + 12)
    zone = pavement_zone(draft.street, *reach, draft.rules(*PAVEMENT_RULES), (permit,))
    draft.add_zone(zone.model_copy(update={"purpose": ZonePurpose.RELIEF_POINT}) if draft.seed % 2 else zone)
    draft.density = 0.5
    settle = max(draft.pace.first(), setup_s(y))
    over = set_up(draft, "overstays", y, settle)
    _permitted(draft, over, until_s)
    draft.problem(Subject.STREET_VENDOR, "pavement", [over.actor], until_s)
    _leaves_in_time(draft, y + 5.5, until_s)
    draft.until(until_s + draft.pace.stay() * 1.5)


def _leaves_in_time(draft: Draft, y: float, until_s: float) -> None:
    begin, end = setup_s(y) + draft.pace.soon(), floor(until_s - draft.pace.gap())
    _permitted(draft, set_up(draft, "in-time", y, begin, end), end)


def _permitted(draft: Draft, stall: Stall, end_s: float) -> None:
    draft.innocent(
        Innocence.PERMITTED_HOURS,
        Subject.STREET_VENDOR,
        [stall.actor],
        zone="pavement",
        start_s=stall.settle_s,
        end_s=end_s,
    )


def relief_point_allowed(draft: Draft) -> None:
    """Vendors inside a relief point (疏导点) are allowed; in some seeds another one stands outside it."""
    y, street, side = stall_y(draft), draft.street, draft.side
    outside = bool(draft.rng.random() < 0.5)
    ground = rectangle(side * (street.kerb + 0.1), side * street.wall, max(6.5, y - 5.0), y + 3.8)
    draft.add_zone(SceneZone(name="relief", purpose=ZonePurpose.RELIEF_POINT, ground=ground))
    draft.pavement(y, y + 9.0)
    settle = max(draft.pace.first(), setup_s(y))
    allowed = set_up(draft, "allowed", y, settle, zone="relief")
    draft.innocent(
        Innocence.RELIEF_POINT,
        Subject.STREET_VENDOR,
        [allowed.actor],
        zone="relief",
        start_s=allowed.settle_s,
    )
    draft.until(settle + draft.pace.stay())
    if outside:
        vend(draft, "outside", y + 7.5, settle + draft.pace.soon())


def out_of_shop(draft: Draft) -> None:
    """A shop puts its goods out in front of its door (店外经营)."""
    y, street, side = stall_y(draft), draft.street, draft.side
    ground = rectangle(side * (street.wall - 3.4), side * street.wall, max(6.5, y - 5.0), y + 5.0)
    rule = draft.rules(Category.STREET_VENDOR)
    draft.add_zone(SceneZone(name="front", purpose=ZonePurpose.SHOP_FRONT, ground=ground, rule=rule))
    settle = draft.pace.first()
    leave = tenth(settle + draft.pace.stay()) if draft.rng.random() < 0.5 else None
    kind = ActorKind.STALL_TABLE if draft.rng.random() < 0.6 else ActorKind.STALL_BLANKET
    pitch = pitch_at(draft, y, kind, street.wall - 1.2)
    seed = draft.looks()
    at = keyframe(settle, pitch.place, pitch.heading_deg)
    draft.actor("goods", kind, [at], leaves_s=leave, seed=seed)
    door = (side * (street.wall - 0.3), y + 1.6)
    out = [keyframe(settle - 5, door), keyframe(settle - 2, (pitch.place[0], y + 1.2))]
    back = [keyframe(settle + 3, (pitch.place[0], y + 1.2)), keyframe(settle + 6, door)]
    draft.actor("keeper", ActorKind.PERSON, [*out, *back], leaves_s=settle + 6.5, posture=Posture.SERVE)
    end = float("inf") if leave is None else leave
    draft.see(Spot(kind, seed, *pitch.place, pitch.heading_deg, 1.0, (), settle, end), "front")
    draft.problem(Subject.STREET_VENDOR, "front", ["goods"], settle, leave)


def vendor_tricycle(draft: Draft) -> None:
    """A tricycle with goods stands right at the kerb, half vehicle, half stall."""
    y = stall_y(draft)
    draft.pavement(y, y)
    settle = max(draft.pace.first(), setup_s(y))
    leave = settle + draft.pace.stay() if draft.rng.random() < 0.5 else None
    vend(draft, "tricycle", y, settle, leave, kind=ActorKind.STALL_TRICYCLE, x=draft.street.kerb + 0.9)


FAMILIES = (
    family(vendor_sets_up, "vendors", "A vendor comes, sets up a stall of any kind, and may pack up later."),
    family(vendor_moves_ten_metres, "vendors", "A vendor moves on by about ten metres: still the same problem."),
    family(
        vendor_packs_up_and_returns,
        "vendors",
        "A vendor packs up and is back at the same place: soon, or (long only) after the re-arm time.",
    ),
    family(vendor_with_crowd, "vendors", "Customers stand around the stall and hide parts of it."),
    family(market, "vendors", "Three to twelve stalls: each is a problem, all together they are a market."),
    family(
        permitted_hours,
        "vendors",
        "Vendors are allowed until a certain hour; one overstays, one leaves in time.",
        tiers=("detections", "composed"),
        profiles=("long",),
    ),
    family(relief_point_allowed, "vendors", "A vendor inside a relief point is allowed, one outside is not."),
    family(out_of_shop, "vendors", "A shop puts its goods out onto the pavement."),
    family(vendor_tricycle, "vendors", "A vendor's tricycle at the kerb."),
)
