"""What happens to rubbish: somebody carries it up and leaves it, it grows, it is collected (暴露垃圾)."""

from __future__ import annotations

from scenarios.families.arrivals import Place, keyframe, move, move_to, travel_s
from scenarios.families.draft import Draft
from scenarios.families.pace import tenth
from scenarios.families.sight import Spot
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Subject

_WALK_MPS = 1.35
_FROM_Y = -4.0
_PAUSE_S = 1.5


def kerb_place(draft: Draft, y: float) -> Place:
    """A place on the wide pavement at ``y``, near the kerb or at the house line."""
    street = draft.street
    near = street.kerb + float(draft.rng.uniform(0.6, 0.9))
    far = street.wall - float(draft.rng.uniform(0.9, 1.3))
    return draft.side * (near if draft.rng.random() < 0.5 else far), y


def carried_s(y: float) -> float:
    """The earliest second at which something carried in from the near end can lie at ``y``."""
    return tenth(travel_s(((0.0, _FROM_Y), (0.0, y)), _WALK_MPS) + 6.0)


def visit(draft: Draft, name: str, place: Place, at_s: float) -> str:
    """Somebody walks up to a place, is busy there around ``at_s``, and walks on."""
    side = 1 if place[0] > 0 else -1
    aisle = side * draft.street.walk(side)
    beside = (place[0], place[1] - 0.55)
    way = [(aisle, _FROM_Y), (aisle, place[1] - 1.8), beside]
    away = [beside, (aisle, place[1] + 2.2), (aisle, 50.0)]
    out = move(away, at_s + _PAUSE_S, _WALK_MPS)
    frames = (*move_to(way, at_s - _PAUSE_S, _WALK_MPS), *out)
    return draft.actor(name, ActorKind.PERSON, frames, leaves_s=out[-1].s)


def lay(
    draft: Draft,
    name: str,
    place: Place,
    laid_s: float,
    gone_s: float | None = None,
    *,
    kind: ActorKind = ActorKind.BAG,
    size: float = 1.0,
    growth: tuple[tuple[float, float], ...] = (),
    zone: str | None = "pavement",
) -> float:
    """Rubbish is carried up and left at ``laid_s`` (0: lies there from the start); claims nothing. ``growth`` are
    (second, size) at which it has grown. Gives the second at which it lies."""
    laid_s = 0.0 if laid_s == 0 else tenth(max(laid_s, carried_s(place[1])))
    if laid_s > 0:
        visit(draft, f"{name}-bearer", place, laid_s)
    frames, before = [keyframe(laid_s, place, 0.0, size)], size
    for second, grown in growth:
        visit(draft, f"{name}-bearer-{len(frames)}", place, second)
        frames += [keyframe(second - 1.0, place, 0.0, before), keyframe(second, place, 0.0, grown)]
        before = grown
    if gone_s is not None:
        gone_s = tenth(gone_s)
        visit(draft, f"{name}-collector", place, gone_s)
    seed = draft.looks()
    draft.actor(name, kind, frames, leaves_s=gone_s, seed=seed)
    end = float("inf") if gone_s is None else gone_s
    if zone is not None:
        draft.see(Spot(kind, seed, *place, 0.0, size, (), laid_s, end), zone)
    return laid_s


def dump(
    draft: Draft,
    name: str,
    place: Place,
    laid_s: float,
    gone_s: float | None = None,
    *,
    kind: ActorKind = ActorKind.BAG,
    size: float = 1.0,
    zone: str = "pavement",
) -> float:
    """Rubbish where none may be: a problem while it lies there. Gives the second at which it lies."""
    laid_s = lay(draft, name, place, laid_s, gone_s, kind=kind, size=size, zone=zone)
    draft.problem(Subject.GARBAGE, zone, [name], laid_s, None if gone_s is None else tenth(gone_s), name=name)
    return laid_s
