"""The everyday of a street: traffic in its lanes, people on its pavements, furniture along its kerbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.families.arrivals import keyframe
from scenarios.families.pace import tenth
from scenarios.families.sight import Spot, hidden_share, outline
from scenarios.families.streets import LANE_X
from scenarios.language.cast import Actor, ActorKind, Pedestrians, Traffic
from scenarios.world.shapes import extent_for
from scenarios.world.view import scene_camera

if TYPE_CHECKING:
    from scenarios.families.draft import Draft

_PASSING = (ActorKind.CAR, ActorKind.CAR, ActorKind.CAR, ActorKind.VAN, ActorKind.TRUCK)
_FURNITURE = (ActorKind.BIN, ActorKind.BENCH, ActorKind.SIGN, ActorKind.PLANTER, ActorKind.LAMP, ActorKind.TREE)
_LEAST_WINDOW_S = 6.0


def free_windows(busy: list[tuple[float, float]], end_s: float) -> list[tuple[float, float]]:
    """The times outside all busy spans, each long enough to be worth a stream."""
    windows, at = [], 0.0
    for begin, end in sorted(busy):
        if begin - at >= _LEAST_WINDOW_S:
            windows.append((at, begin))
        at = max(at, end)
    if end_s - at >= _LEAST_WINDOW_S:
        windows.append((at, end_s))
    return windows


def lane_path(draft: Draft, side: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """The lane of a side, in driving direction."""
    begin, end = draft.street.lane_ends(side)
    return (side * LANE_X, begin), (side * LANE_X, end)


def add_traffic(draft: Draft) -> None:
    """Both lanes, but nobody enters while an actor of the story needs the lane."""
    low, high = (7.0, 16.0) if draft.pace.short else (20.0, 70.0)
    for side in (1, -1):
        busy = [(begin, end) for which, begin, end in draft.busy if which == side]
        for begin, end in free_windows(busy, draft.duration_s)[:8]:
            draft.traffic.append(
                Traffic(
                    path=lane_path(draft, side),
                    every_s=(tenth(low / draft.density), tenth(high / draft.density)),
                    speed_mps=(6.5, 9.5),
                    from_s=tenth(begin),
                    to_s=tenth(end),
                    seed=draft.looks(),
                    kinds=_PASSING,
                )
            )


def add_people(draft: Draft) -> None:
    """People walk both ways on either pavement."""
    low, high = (10.0, 26.0) if draft.pace.short else (40.0, 150.0)
    for side in (1, -1):
        middle = draft.street.aisle if side == draft.side else (draft.street.kerb + draft.street.narrow) / 2
        ends = [(side * middle, -4.0), (side * middle, draft.street.far_y - 20)]
        for path in (ends, ends[::-1]):
            draft.pedestrians.append(
                Pedestrians(
                    path=tuple((round(x, 1), y) for x, y in path),
                    every_s=(tenth(low / draft.density), tenth(high / draft.density)),
                    speed_mps=(1.0, 1.6),
                    seed=draft.looks(),
                    width_m=1.0,
                )
            )


def _in_the_way(draft: Draft, thing: Spot) -> bool:
    """Whether a piece of furniture would hide, or stand in, what matters."""
    half_x, half_y, _ = extent_for(thing.kind, thing.seed)
    if any(abs(s.x - thing.x) < half_x + 2.0 and abs(s.y - thing.y) < half_y + 3.0 for s in draft.spots):
        return True
    for camera in draft.cameras:
        eye = scene_camera(camera)
        box = outline(eye, thing)
        if box is None:
            return True
        seen = [outline(eye, spot) for spot in draft.spots]
        if any(one is not None and hidden_share(one, [box]) > 0 for one in seen):
            return True
    return False


def add_furniture(draft: Draft) -> None:
    """A few things that belong to the street, where they hide nothing."""
    street, rng = draft.street, draft.rng
    for number in range(int(rng.integers(2, 7))):
        side = 1 if rng.random() < 0.5 else -1
        kind = _FURNITURE[int(rng.integers(len(_FURNITURE)))]
        thing = Spot(kind, draft.looks(), side * (street.kerb + 0.6), float(rng.uniform(9, 40)), -side * 90.0)
        if not _in_the_way(draft, thing):
            at = keyframe(0.0, (thing.x, thing.y), thing.heading_deg)
            draft.actors.append(Actor(id=f"street-{number}", kind=kind, seed=thing.seed, at=(at,)))


def add_everyday(draft: Draft) -> None:
    """Everything around the story."""
    if draft.furnished:
        add_furniture(draft)
    if draft.vehicles_pass:
        add_traffic(draft)
    if draft.people_pass:
        add_people(draft)
