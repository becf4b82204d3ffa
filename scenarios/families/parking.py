"""What drivers do: park where they must not, stop for a moment, stand in a bay."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.families.arrivals import around, drive_in, drive_out, keyframe, move, move_to, travel_s
from scenarios.families.draft import Draft
from scenarios.families.pace import tenth
from scenarios.families.sight import Spot
from scenarios.families.streets import LANE_X
from scenarios.language.cast import ActorKind, Keyframe
from scenarios.language.claims import Subject

_CARS = (ActorKind.CAR, ActorKind.CAR, ActorKind.CAR, ActorKind.VAN)

_CAR_WIDTH_M = 1.9


@dataclass(frozen=True)
class Parked:
    """A vehicle that stands: its actor, where, and from when to when."""

    actor: str
    place: tuple[float, float]
    settle_s: float
    leave_s: float | None


def any_car(draft: Draft) -> ActorKind:
    """A car, now and then a van."""
    return _CARS[int(draft.rng.integers(len(_CARS)))]


def park(
    draft: Draft,
    name: str,
    y: float,
    settle_s: float,
    leave_s: float | None = None,
    *,
    kind: ActorKind | None = None,
    seed: int | None = None,
    side: int | None = None,
    off_axis: float | None = None,
    swing: float = 11.0,
) -> Parked:
    """A vehicle drives up and stands at ``y``, by default at the kerb of the story's side; ``settle_s`` 0: it stood
    there already. ``off_axis`` is the distance from the street's axis; see ``drive_in`` for ``swing``."""
    side, kind = draft.side if side is None else side, kind or any_car(draft)
    place = (side * (draft.street.strip if off_axis is None else off_axis), y)
    settle_s, speed = tenth(settle_s), float(draft.rng.uniform(6.5, 8.0))
    if settle_s == 0:
        frames: tuple[Keyframe, ...] = (keyframe(0.0, place, 0.0 if side > 0 else 180.0),)
    else:
        frames = drive_in(draft.street, side, place, settle_s, speed, swing)
        draft.busy.append((side, max(0.0, frames[0].s - 5), settle_s - 2))
    gone = None
    if leave_s is not None:
        leave_s = tenth(leave_s)
        out = drive_out(draft.street, side, place, leave_s, speed)
        frames, gone = (*frames, *out), out[-1].s
        draft.busy.append((side, leave_s - 9, leave_s + 6))
    draft.actor(name, kind, frames, leaves_s=gone, seed=seed)
    return Parked(name, place, settle_s, leave_s)


def park_and_return(draft: Draft, name: str, y: float, settle_s: float, leave_s: float, back_s: float) -> Parked:
    """A car stands at the kerb, drives around, and stands at the same place again from ``back_s``."""
    place, speed = (draft.side * draft.street.strip, y), 7.5
    leave_s, back_s = tenth(leave_s), tenth(back_s)
    first = drive_in(draft.street, draft.side, place, tenth(settle_s), speed)
    again = around(draft.street, draft.side, place, leave_s, back_s, speed)
    draft.actor(name, ActorKind.CAR, (*first, *again))
    draft.busy += [(draft.side, max(0.0, first[0].s - 5), settle_s - 2), (draft.side, leave_s - 9, back_s - 2)]
    draft.busy.append((-draft.side, leave_s - 9, back_s - 2))
    return Parked(name, place, tenth(settle_s), None)


def watched(draft: Draft, parked: Parked, zone: str | None) -> None:
    """The camera must see this stay well."""
    actor = next(one for one in draft.actors if one.id == parked.actor)
    heading = 0.0 if parked.place[0] > 0 else 180.0
    end = float("inf") if parked.leave_s is None else parked.leave_s
    draft.see(Spot(actor.kind, actor.seed, *parked.place, heading, 1.0, (), parked.settle_s, end), zone)


def park_wrongly(
    draft: Draft,
    name: str,
    y: float,
    settle_s: float,
    leave_s: float | None = None,
    *,
    zone: str = "kerb",
    kind: ActorKind | None = None,
    seed: int | None = None,
    off_axis: float | None = None,
) -> Parked:
    """A vehicle parks where it must not, which is a problem while it stands."""
    parked = park(draft, name, y, settle_s, leave_s, kind=kind, seed=seed, off_axis=off_axis)
    watched(draft, parked, zone)
    draft.problem(Subject.PARKED_VEHICLE, zone, [name], parked.settle_s, parked.leave_s)
    return parked


def leave_two_wheeler(
    draft: Draft,
    name: str,
    place: tuple[float, float],
    settle_s: float,
    leave_s: float | None = None,
    *,
    zone: str = "pavement",
    kind: ActorKind | None = None,
    heading_deg: float = 0.0,
) -> str:
    """Somebody rides up the pavement, leaves a bicycle or moped there and walks off (非机动车乱停放); ``settle_s`` 0:
    it stood there already."""
    kind = kind or (ActorKind.MOPED if draft.rng.random() < 0.6 else ActorKind.BICYCLE)
    speed, settle_s = float(draft.rng.uniform(2.2, 3.2)), tenth(settle_s)
    aisle = (draft.side * draft.street.aisle, -4.0)
    if settle_s == 0:
        frames: tuple[Keyframe, ...] = (keyframe(0.0, place, heading_deg),)
    else:
        turn = (draft.side * draft.street.aisle, place[1] - 2.0)
        frames = move_to([aisle, turn, place], settle_s - (1.5 if heading_deg else 0.0), speed)
        if heading_deg:
            frames = (*frames, keyframe(settle_s, place, heading_deg))
    gone = None
    if leave_s is not None:
        leave_s = tenth(leave_s)
        out = move([place, (aisle[0], place[1] + 3), (aisle[0], 55.0)], leave_s, speed)
        frames, gone = (*frames, *out), out[-1].s
    seed = draft.looks()
    draft.actor(name, kind, frames, leaves_s=gone, seed=seed)
    if settle_s > 0:
        walk = [(place[0] - draft.side * 0.6, place[1]), (aisle[0], place[1] + 2), (aisle[0], 50.0)]
        gone_s = settle_s + 1 + travel_s(walk, 1.3)
        draft.actor(f"{name}-rider", ActorKind.PERSON, move(walk, settle_s + 1, 1.3), leaves_s=gone_s)
    end = float("inf") if leave_s is None else leave_s
    draft.see(Spot(kind, seed, *place, heading_deg, 1.0, (), settle_s, end), zone)
    draft.problem(Subject.PARKED_TWO_WHEELER, zone, [name], settle_s, leave_s)
    return name


def double_parked(draft: Draft) -> float:
    """Distance from the axis at which a vehicle stands beside one at the kerb."""
    return max(LANE_X + 0.3, draft.street.strip - _CAR_WIDTH_M - 0.5)
