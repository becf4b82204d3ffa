"""The detections tier: what a detector with fitted errors would say of a scenario, without drawing a picture.

At each look: what is there, cut by the frame and by nearer things, through weather and faults, with the errors of the
profile. Sightings and picture are in the coordinates of the reference view, as the node's registration gives them; what
the detector itself said is not. Assumed, not measured: which things the change of the picture finds without a name
(:data:`STATIC_CHANCE`), and that a cover hides the frame from its left edge.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from detectors.condition.warp import Warp
from detectors.incidents import BlindReason
from detectors.places.sighting import Sighting, Unseen
from detectors.places.sighting import View as Picture
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from ingest.zones import Point
from scenarios.errors.profile import ErrorProfile
from scenarios.errors.stream import Burden, ErrorStream, Found, InPicture, tidy
from scenarios.language import street
from scenarios.language.conditions import ConditionKind
from scenarios.makers.bare_street import BareStreet, Standing
from scenarios.makers.eyesight import REGISTRATION_ERROR, SHAKE_ERROR, SHAKE_LEFT, Eyesight, Judge
from scenarios.makers.occlusion import Shown, shown
from scenarios.makers.synthetic_view import Light, Painted, SceneView, Shade
from scenarios.world.view import View
from scenarios.world.world import Presence, Weather, World

STATIC_CHANCE = 0.95
"""Of being noticed by the change it makes, for a thing without a name that stands; looked at anew in every look."""
STATIC_LOOKS = 5
"""So many looks it must have stood."""

_STATIC_VISIBLE = 0.5
_STATIC_JITTER = 0.02
_UNNAMED_LOOKS = 10
_SHAKE = 0.01
_ASKEW_STEP = 0.1
_SHAPES = 12
_STRIDE = 0.35


@dataclass(frozen=True)
class Look:
    """One look of one camera.

    Attributes:
        at_s: Seconds since the scenario's start, true time.
        blind: Why nobody could look; then there is nothing else in it but the times and what the detector said.
        sightings: Everything but persons, including what only the change of the picture shows.
        persons: Boxes of persons.
        found: What the detector itself said, with scores; the baseline's input.
        view: The picture.
        blind_since_s: Since when nobody could look, true time, where the node knows that.
        clock_off_s: How far ahead the node's clock is.
        restarted: The node was off since the look before; its memory is what it had saved.
    """

    at_s: float
    blind: BlindReason | None
    sightings: list[Sighting] = field(default_factory=list)
    persons: list[Box] = field(default_factory=list)
    found: tuple[Found, ...] = ()
    view: Picture | None = None
    blind_since_s: float | None = None
    clock_off_s: float = 0.0
    restarted: bool = False


def sightings(world: World, camera: str, profile: ErrorProfile) -> Iterator[Look]:
    """All looks of the camera of that name, in order; raises KeyError for an unknown name.

    The same world and profile give the same looks. While the node has no power there are none.
    """
    eye = _Eye(world, _camera(world, camera), profile)
    step = world.scenario.look_interval_s
    was_off = False
    number = 0
    while (at_s := number * step) < world.scenario.duration_s:
        weather = world.weather(at_s, camera)
        if weather.powered:
            look = eye.look(number, at_s, weather)
            yield replace(look, restarted=True) if was_off else look
        was_off = not weather.powered
        number += 1


def _camera(world: World, name: str) -> street.Camera:
    for camera in world.scenario.cameras:
        if camera.name == name:
            return camera
    known = ", ".join(camera.name for camera in world.scenario.cameras)
    raise KeyError(f"camera {name!r} is none of {known or 'nothing declared'}")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A thing that is in the picture."""

    presence: Presence
    box: Box
    inside: float
    shown: Shown


@dataclass(slots=True)
class _Patience:
    """For how many looks a thing has stood, and when the detector last named it."""

    box: Box
    stood: int = 0
    named: int = -_UNNAMED_LOOKS


class _Eye:
    """One camera through a scenario."""

    def __init__(self, world: World, camera: street.Camera, profile: ErrorProfile) -> None:
        self._world, self._camera, self._profile = world, camera, profile
        scenario = world.scenario
        self._seed = (scenario.seed, zlib.crc32(f"{scenario.name}/{camera.name}".encode()))
        self._rng = np.random.default_rng((*self._seed, 51))
        self._stream = ErrorStream(
            profile, np.random.default_rng((*self._seed, 52)), camera.width / camera.height_px
        )
        self._straight = View(camera)
        self._judge = Judge(self._straight.lens)
        self._views = {(0.0, 0.0, 0.0): self._straight}
        self._bare = BareStreet()
        self._patience: dict[int, _Patience] = {}
        self._last: Look | None = None
        self._scene: tuple[list[Presence], View, float, list[_Seen]] | None = None

    def look(self, number: int, at_s: float, weather: Weather) -> Look:
        dropped = weather.frame_drop > 0 and self._rng.random() < weather.frame_drop
        if weather.offline or dropped:
            return Look(at_s, BlindReason.OFFLINE, clock_off_s=weather.clock_off_s)
        sight = self._judge.look(at_s, weather, self._view(weather.askew).lens)
        frozen = weather.frozen_since is not None and self._last is not None
        fresh = self._last if frozen and self._last is not None else self._fresh(number, at_s, weather, sight)
        if sight.blind is not None:
            off_s = weather.clock_off_s
            return Look(at_s, sight.blind, found=fresh.found, blind_since_s=sight.since_s, clock_off_s=off_s)
        self._last = replace(fresh, at_s=at_s, clock_off_s=weather.clock_off_s)
        return self._last

    def _fresh(self, number: int, at_s: float, weather: Weather, sight: Eyesight) -> Look:
        view = self._view(weather.askew)
        seen = self._seen(self._world.present(at_s), view, weather.covered)
        shake = self._shake(weather.shake)
        things = [self._in_picture(item, shake) for item in seen]
        found = self._stream.look(at_s, things, self._burden(seen, weather))
        home = self._at_home(seen, sight.warp)
        if sight.blind is None:
            self._remember(number, home, found)
        left = self._left_of(shake, sight.warp)
        boxes = [_registered(item.box, shake, left, sight.warp) for item in found]
        known = [(f, box) for f, box in zip(found, boxes, strict=True) if box is not None]
        named = [Sighting(box, min(1.0, f.score), f.kind) for f, box in known if f.kind is not ObjectClass.PERSON]
        return Look(
            at_s,
            None,
            sightings=[*named, *self._unnamed(number, home, left)],
            persons=[box for f, box in known if f.kind is ObjectClass.PERSON],
            found=tuple(found),
            view=self._picture(number, home, weather, left, sight.unseen),
            clock_off_s=weather.clock_off_s,
        )

    # -- what is in the picture -------------------------------------------------------------------

    def _view(self, askew: tuple[float, float, float]) -> View:
        pan, tilt, roll = (round(angle / _ASKEW_STEP) * _ASKEW_STEP for angle in askew)
        view = self._views.get((pan, tilt, roll))
        if view is None:
            view = self._views[pan, tilt, roll] = View(self._camera, (pan, tilt, roll))
        return view

    def _seen(self, present: list[Presence], view: View, covered: float) -> list[_Seen]:
        if self._scene is not None and self._scene[:3] == (present, view, covered):
            return self._scene[3]
        projected = [(presence, view.project(_shaped(presence))) for presence in present]
        inside = [(presence, outline) for presence, outline in projected if outline is not None]
        inside.sort(key=lambda item: -item[1].distance)
        covers = [(0.0, 0.0, covered, 1.0)] if covered else []
        left = shown([o.box for _, o in inside], [o.distance for _, o in inside], covers)
        seen = [
            _Seen(presence, outline.box, outline.inside, rest)
            for (presence, outline), rest in zip(inside, left, strict=True)
        ]
        self._scene = (present, view, covered, seen)
        return seen

    def _shake(self, amount: float) -> Point:
        if not amount:
            return 0.0, 0.0
        dx, dy = self._rng.uniform(-1, 1, 2).tolist()
        return _SHAKE * amount * dx, _SHAKE * amount * dy * self._camera.width / self._camera.height_px

    def _left_of(self, shake: Point, warp: Warp) -> Point:
        """How far things are off their places after registration."""
        if warp.straight and max(abs(shake[0]), abs(shake[1])) < SHAKE_LEFT:
            return shake
        error = SHAKE_ERROR if any(shake) else REGISTRATION_ERROR
        right, down = (self._rng.standard_normal(2) * error).tolist()
        return right, down

    def _at_home(self, seen: list[_Seen], warp: Warp) -> list[_Seen]:
        """What is in the picture, where the reference view has it."""
        if warp.straight:
            return seen
        usual = [(item, self._straight.project(_shaped(item.presence))) for item in seen]
        return [replace(item, box=outline.box) for item, outline in usual if outline is not None]

    def _in_picture(self, item: _Seen, shake: Point) -> InPicture:
        presence, camera = item.presence, self._camera
        return InPicture(
            number=presence.number,
            kind=presence.object_class,
            box=_moved(item.box, shake),
            shown=_moved(item.shown.box, shake),
            visible=item.shown.share * item.inside,
            size_px=self._profile.size_px(item.box, camera.width, camera.height_px),
        )

    def _burden(self, seen: Sequence[_Seen], weather: Weather) -> Burden:
        glaring = weather.headlights if any(_shines(item.presence) for item in seen) else 0.0
        amounts = {
            ConditionKind.RAIN: weather.rain,
            ConditionKind.DUSK: weather.dusk,
            ConditionKind.NIGHT_IR: weather.night_ir,
            ConditionKind.HEADLIGHTS: glaring,
            ConditionKind.DIRTY: weather.dirty,
            ConditionKind.DEFOCUS: weather.defocus,
        }
        return Burden.of(self._profile.conditions, amounts)

    # -- what has no name -------------------------------------------------------------------------

    def _remember(self, number: int, seen: Sequence[_Seen], found: Sequence[Found]) -> None:
        named = {item.number for item in found if item.number is not None}
        standing = [item for item in seen if not item.presence.moving]
        if self._camera.static_objects:
            before, self._patience = self._patience, {}
            for item in standing:
                patience = before.get(item.presence.number)
                if patience is None or patience.box != item.box:
                    patience = _Patience(item.box)
                patience.stood += 1
                if item.presence.number in named:
                    patience.named = number
                self._patience[item.presence.number] = patience
        self._bare.looked([Standing(item.presence.number, _painted(item)) for item in standing], named)

    def _unnamed(self, number: int, seen: Sequence[_Seen], shake: Point) -> list[Sighting]:
        """What the change of the picture shows; what was there from the start changes nothing."""
        if not self._camera.static_objects or not self._bare.learnt:
            return []
        found = []
        for item in seen:
            patience = self._patience.get(item.presence.number)
            if patience is None or patience.stood < STATIC_LOOKS or number - patience.named < _UNNAMED_LOOKS:
                continue
            at_start = self._bare.was_there(item.presence.number)
            hidden = item.shown.share * item.inside < _STATIC_VISIBLE
            if at_start or hidden or self._rng.random() >= STATIC_CHANCE:
                continue
            wide, tall = item.box[2] - item.box[0], item.box[3] - item.box[1]
            off = (self._rng.standard_normal(4) * _STATIC_JITTER * (wide, tall, wide, tall)).tolist()
            x1, y1, x2, y2 = (a + b for a, b in zip(_moved(item.box, shake), off, strict=True))
            found.append(Sighting(tidy((x1, y1, x2, y2)), 0.75, ObjectClass.UNKNOWN))
        return found

    # -- the picture ------------------------------------------------------------------------------

    def _picture(
        self, number: int, seen: Sequence[_Seen], weather: Weather, left: Point, unseen: Sequence[Unseen]
    ) -> SceneView:
        shades = tuple(
            Shade(tuple((float(x), float(y)) for x, y in outline), shadow.amount)
            for shadow in weather.shadows
            for outline in [self._straight.lens.ground_polygon(np.array(shadow.ground))]
        )
        glares: list[Point] = []
        if weather.headlights:
            glares = [((b[0] + b[2]) / 2, b[3]) for b in (item.box for item in seen if _shines(item.presence))]
        light = Light(weather, shades, tuple(glares), left)
        painted = [_painted(item, left) for item in seen]
        bare = self._bare
        return SceneView(
            self._seed[1], number, painted, light, bare=bare.contains, unknown=bare.unknown, unseen=unseen
        )


def _registered(box: Box, shake: Point, left: Point, warp: Warp) -> Box | None:
    """A box of the picture where registration puts it; None where that is outside the reference view."""
    return warp.box_back(_moved(box, (left[0] - shake[0], left[1] - shake[1])))


def _shaped(presence: Presence) -> Presence:
    """Passers-by share a few shapes: nothing is claimed of them, and building a shape takes longer than a look."""
    if presence.actor is not None:
        return presence
    return replace(presence, seed=presence.seed % _SHAPES, travelled=round(presence.travelled / _STRIDE) * _STRIDE)


def _moved(box: Box, shift: Point) -> Box:
    if shift == (0.0, 0.0):
        return box
    return tidy((box[0] + shift[0], box[1] + shift[1], box[2] + shift[0], box[3] + shift[1]))


def _painted(item: _Seen, shift: Point = (0.0, 0.0)) -> Painted:
    presence = item.presence
    # Two passers-by of one seed are still two; an actor who comes again under another name looks as before.
    number = presence.number if presence.actor is None or not presence.seed else 0
    return Painted(_moved(item.box, shift), presence.kind, presence.seed * 1009 + number)


def _shines(presence: Presence) -> bool:
    return presence.moving and presence.object_class in (ObjectClass.VEHICLE, ObjectClass.TWO_WHEELER)
