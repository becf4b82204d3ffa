"""What vendors do: walk or push in, set up, serve, move on, pack up (占道经营)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.families.arrivals import Place, keyframe, move, move_to, travel_s
from scenarios.families.draft import Draft
from scenarios.families.pace import tenth
from scenarios.families.sight import Spot
from scenarios.language.cast import ActorKind, Keyframe, Posture
from scenarios.language.claims import Subject

STALLS = (
    ActorKind.STALL_TABLE,
    ActorKind.STALL_PARASOL,
    ActorKind.STALL_CART,
    ActorKind.STALL_TRICYCLE,
    ActorKind.STALL_BLANKET,
)
WHEELED = frozenset({ActorKind.STALL_CART, ActorKind.STALL_TRICYCLE})
_WALK_MPS = 1.3
_TURN_S = 1.5
_UNPACK_S = 2.0
_FROM_Y = -4.0


@dataclass(frozen=True)
class Stall:
    """A stall that stands: its actor, its vendor, where, which way, and from when to when."""

    actor: str
    vendor: str
    kind: ActorKind
    place: Place
    heading_deg: float
    settle_s: float
    leave_s: float | None


@dataclass(frozen=True)
class Pitch:
    """Where a stall stands on which ``side`` and which way it looks; people walk past at ``aisle`` (x)."""

    side: int
    place: Place
    heading_deg: float
    behind: Place
    aisle: float


def any_stall(draft: Draft) -> ActorKind:
    """One of the kinds of stalls."""
    return STALLS[int(draft.rng.integers(len(STALLS)))]


def pitch_at(draft: Draft, y: float, kind: ActorKind, x: float | None = None, side: int = 0) -> Pitch:
    """A pitch at ``y`` on the wide pavement, or that of a given side: at the house line, or ``x`` metres from the
    street's axis."""
    street, side = draft.street, side or draft.side
    depth = 1.7 if side == draft.side else 1.3
    place = (side * (street.edge(side) - depth if x is None else x), y)
    heading = 0.0 if kind is ActorKind.STALL_TRICYCLE else -side * 90.0
    behind = (place[0] + side * 0.95, y + 0.2)
    return Pitch(side, place, heading, behind, side * street.walk(side))


def setup_s(y: float) -> float:
    """The earliest second at which somebody who walks in from the near end can have set up at ``y``."""
    return tenth(travel_s(((0.0, _FROM_Y), (0.0, y)), _WALK_MPS) + 5.5)


def _way_in(pitch: Pitch, end: Place) -> list[Place]:
    return [(pitch.aisle, _FROM_Y), (pitch.aisle, pitch.place[1] - 1.5), end]


def _way_out(pitch: Pitch, begin: Place, far_y: float) -> list[Place]:
    return [begin, (pitch.aisle, begin[1] + 2.0), (pitch.aisle, far_y)]


def _stall_in(pitch: Pitch, kind: ActorKind, settle_s: float) -> tuple[Keyframe, ...]:
    if settle_s == 0:
        return (keyframe(0.0, pitch.place, pitch.heading_deg),)
    if kind not in WHEELED:
        return (keyframe(settle_s, pitch.place, pitch.heading_deg),)
    pushed = move_to(_way_in(pitch, pitch.place), settle_s - _TURN_S, _WALK_MPS)
    return (*pushed, keyframe(settle_s, pitch.place, pitch.heading_deg))


def _stall_out(draft: Draft, pitch: Pitch, kind: ActorKind, leave_s: float) -> tuple[Keyframe, ...]:
    if kind not in WHEELED:
        return ()
    return move(_way_out(pitch, pitch.place, draft.street.far_y - 25), leave_s, _WALK_MPS)


def _vendor(draft: Draft, name: str, pitch: Pitch, settle_s: float, leave_s: float | None) -> str:
    """The person: comes with the stall, stands behind it and serves, goes with it."""
    serving = keyframe(settle_s, pitch.behind, pitch.heading_deg or -pitch.side * 90.0)
    if settle_s == 0:
        frames: tuple[Keyframe, ...] = (serving,)
    else:
        frames = (*move_to(_way_in(pitch, pitch.behind), settle_s - _UNPACK_S, _WALK_MPS), serving)
    gone = None
    if leave_s is not None:
        out = move(_way_out(pitch, pitch.behind, draft.street.far_y - 25), leave_s + 0.5, _WALK_MPS)
        frames, gone = (*frames, *out), out[-1].s
    return draft.actor(name, ActorKind.PERSON, frames, leaves_s=gone, posture=Posture.SERVE)


def set_up(
    draft: Draft,
    name: str,
    y: float,
    settle_s: float,
    leave_s: float | None = None,
    *,
    kind: ActorKind | None = None,
    seed: int | None = None,
    x: float | None = None,
    side: int = 0,
    zone: str | None = "pavement",
) -> Stall:
    """A vendor comes and sets up at ``y`` by ``settle_s`` (0: stands there from the start); claims nothing.

    ``zone`` is where the stall must be seen to stand; None where the camera need not see it.
    """
    kind = any_stall(draft) if kind is None else kind
    seed = draft.looks() if seed is None else seed
    pitch = pitch_at(draft, y, kind, x, side)
    settle_s = 0.0 if settle_s == 0 else tenth(max(settle_s, setup_s(y)))
    leave_s = None if leave_s is None else tenth(leave_s)
    frames, gone = _stall_in(pitch, kind, settle_s), leave_s
    if leave_s is not None:
        out = _stall_out(draft, pitch, kind, leave_s)
        frames, gone = (*frames, *out), out[-1].s if out else leave_s
    draft.actor(name, kind, frames, leaves_s=gone, seed=seed)
    vendor = _vendor(draft, f"{name}-vendor", pitch, settle_s, leave_s)
    end = float("inf") if leave_s is None else leave_s
    if zone is not None:
        draft.see(Spot(kind, seed, *pitch.place, pitch.heading_deg, 1.0, (), settle_s, end), zone)
    return Stall(name, vendor, kind, pitch.place, pitch.heading_deg, settle_s, leave_s)


def vend(
    draft: Draft,
    name: str,
    y: float,
    settle_s: float,
    leave_s: float | None = None,
    *,
    kind: ActorKind | None = None,
    seed: int | None = None,
    x: float | None = None,
    side: int = 0,
    zone: str = "pavement",
) -> Stall:
    """A vendor where none may be: a problem while the stall stands."""
    stall = set_up(draft, name, y, settle_s, leave_s, kind=kind, seed=seed, x=x, side=side, zone=zone)
    draft.problem(Subject.STREET_VENDOR, zone, [name], stall.settle_s, stall.leave_s, name=name)
    return stall


def gather(
    draft: Draft, name: str, places: Sequence[Place], come_s: float, go_s: float, faces_deg: float
) -> list[str]:
    """People walk up one after the other, stand at the places from about ``come_s`` to ``go_s``, walk off."""
    side = 1 if places[0][0] > 0 else -1
    aisle, people = side * draft.street.walk(side), []
    for number, place in enumerate(places):
        speed = float(draft.rng.uniform(1.2, 1.6))
        way = [(aisle, _FROM_Y), (aisle, place[1] - 1.0), place]
        arrive = tenth(max(come_s - float(draft.rng.uniform(0, 2)), travel_s(way, speed) + 0.1))
        leave = tenth(max(go_s + float(draft.rng.uniform(0, 3)), arrive + 1.5))
        away = move([place, (aisle, place[1] + 2.0), (aisle, 50.0)], leave, speed)
        frames = (*move_to(way, arrive, speed), keyframe(arrive + 0.6, place, faces_deg), *away)
        people.append(draft.actor(f"{name}-{number}", ActorKind.PERSON, frames, leaves_s=away[-1].s))
    return people
