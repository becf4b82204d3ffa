"""One camera's eyes and memory: a frame and its detections in, transitions of incidents and zones out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from detectors.appearance import FrameView, cannot_be_seen
from detectors.attention.closely import CloseLook
from detectors.attention.evidence import Interest, interest
from detectors.condition.camera import CameraCondition, Condition
from detectors.condition.straighten import in_picture, in_reference, seen_closely, straightened
from detectors.ground import GroundPlane
from detectors.incidents import BlindReason, Transition
from detectors.places import state
from detectors.places.allowing import PermittedKind
from detectors.places.doubt import Closely
from detectors.places.geometry import clip
from detectors.places.memory import PlaceMemory
from detectors.places.place import Place
from detectors.places.rules import DEFAULT_TIME_ZONE
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Looked, Sighting, everywhere
from detectors.privacy import Rememberable, rememberable
from detectors.reference import Reference, SmallFrame, paint, shrink
from detectors.sizes import GroundSizes
from detectors.snapshot import SnapshotInvalid, pack, unpack
from detectors.static_objects import StaticObjects, StaticRegion
from detectors.types import Detections, check_frame
from ingest.clock import to_millis
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from ingest.zones import Zone

__all__ = ["MemorySettings", "Observer", "SnapshotInvalid"]

_PLACE_MARGIN = 0.15
_MARGIN_PX = 2


class Observer:
    """Place memory and static-object model of one camera. Not thread-safe.

    Args:
        camera: Its name; a snapshot belongs to one camera.
        zones: What is watched, and by which rules.
        static_objects: Also look for things that no model names. The bare street is learnt in either case.
        look_interval_s: The expected distance of two looks, seconds.
        new_id: Makes place and incident ids for a moment (UUIDv7 in real use).
        settings: Constants of place memory.
        time_zone: What hours in rules are meant in.
        plane: The ground, where the camera knows it: then sizes have metres.
    """

    def __init__(
        self,
        camera: str,
        zones: Sequence[Zone],
        *,
        static_objects: bool,
        look_interval_s: float,
        new_id: Callable[[datetime], UUID],
        settings: MemorySettings = MemorySettings(),  # noqa: B008  (frozen)
        time_zone: ZoneInfo = DEFAULT_TIME_ZONE,
        plane: GroundPlane | None = None,
    ) -> None:
        self._camera = camera
        self._settings, self._zones = settings, tuple(zones)
        self._sizes = None if plane is None else GroundSizes(plane)
        self._memory = PlaceMemory(
            zones,
            look_interval_s=look_interval_s,
            new_id=new_id,
            settings=settings,
            time_zone=time_zone,
            ground=self._sizes,
        )
        self._reference = Reference()
        self._static = StaticObjects()
        self._condition = CameraCondition(look_interval_s)
        self._now = Condition()
        self._counters: Counter[str] = Counter()
        self._finds_static = static_objects

    @property
    def counters(self) -> dict[str, int]:
        """What was ignored, evicted or absorbed, by reason; since the first start."""
        views = Counter({"views_given_up": self._condition.restarts})
        return dict(self._memory.counters + self._static.counters + self._counters + views)

    @property
    def permitted(self) -> dict[PermittedKind, int]:
        """Permitted visits since the first start, by what was allowed where and for which trade; bounded."""
        return dict(self._memory.allowances.permitted)

    def look(
        self,
        frame: NDArray[np.uint8],
        at: datetime,
        detections: Detections,
        *,
        looked: Looked = everywhere,
        closely: Sequence[CloseLook] | None = None,
        steady_s: float | None = None,
    ) -> list[Transition]:
        """One look: ``frame`` (uint8, H x W x 3, BGR) taken at ``at`` (UTC) and what the detector saw in it.

        ``looked``: at which boxes of ``frame`` the detector itself looked; elsewhere only its last answer stands, and
        nothing that it lacks can end there. ``closely``: the close looks that :meth:`interest` asked for; None: nobody
        looks closely, and scores alone decide about what nobody saw arrive.
        ``steady_s``: the reading of a clock that nobody can set, by which a step of the other one is known.

        A frame that does not show the reference view (dark, covered, blurred, frozen, turned too far away) counts as
        *could not look*. A camera that was knocked is looked at through the reference view. A look that is not later
        than the last call is ignored and counted (``clock_backwards``).

        Raises:
            DetectorError: ``frame`` is no picture.
            ValueError: ``at`` has no time zone.
        """
        check_frame(frame)
        at = to_millis(at)
        if not self._accepts(at, steady_s):
            return []
        if self._sizes is not None:
            self._sizes.aspect = frame.shape[1] / frame.shape[0]
        small = shrink(frame)
        blind = cannot_be_seen(small)
        if blind is BlindReason.FEATURELESS and self._condition.settled:
            blind = BlindReason.COVERED
        if blind is not None:
            return self._blind(at, Condition(blind), blind)
        kept = rememberable(small, detections)
        now = self._judge(at, small, detections, kept.small)
        if now.blind is not None:
            return self._blind(at, now, now.blind)
        self._now = now
        straight, kept = straightened(detections, now.warp), kept.straightened(now.warp)
        close = None if closely is None else [one for look in closely if (one := seen_closely(look, now.warp))]
        return self._look(at, frame, small, straight, kept, in_reference(looked, now.warp), close)

    def _accepts(self, at: datetime, steady_s: float | None) -> bool:
        before = self._memory.last_call
        accepted = self._memory.accepts(at, steady_s)
        if before is not None and self._memory.last_call is not None:
            self._condition.clock_set(self._memory.last_call - before)
        return accepted

    @property
    def blind_zones(self) -> frozenset[str]:
        """Zones that were told blind and not yet seen again, also before a restart."""
        return frozenset(zone for zone, one in self._memory.blindness.zones.items() if one.told)

    @property
    def condition(self) -> str:
        """How the camera does, in words for its status; empty while all is well."""
        return self._now.detail or (self._now.blind.value if self._now.blind else "")

    def in_reference_view(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture just looked at (uint8, H x W x 3, BGR) as the reference view has it; what a knocked camera does
        not show is black. Boxes of incidents are meant in this one."""
        return self._now.warp.straightened(frame)

    def _judge(self, at: datetime, small: SmallFrame, detections: Detections, kept: SmallFrame) -> Condition:
        restarts = self._condition.restarts
        hidden = paint([clip(box) for box in _boxes(detections)], _shape(small), extra_px=_MARGIN_PX)
        stood = [place.anchor for place in self._memory.places]
        now = self._condition.look(at, small.grey, hidden, kept.grey, stood)
        if self._condition.restarts > restarts:
            self._reference = Reference()
        return now

    def _blind(self, at: datetime, now: Condition, reason: BlindReason) -> list[Transition]:
        self._now = now
        self._counters[f"blind_{reason}"] += 1
        return self._memory.could_not_look(at, reason, since=now.since)

    def _look(
        self,
        at: datetime,
        frame: NDArray[np.uint8],
        small: SmallFrame,
        detections: Detections,
        kept: Rememberable,
        looked: Looked,
        closely: list[Closely] | None,
    ) -> list[Transition]:
        """A look at a picture that shows the reference view; ``detections``, ``kept``, ``looked`` and ``closely`` are
        in its coordinates."""
        warp, unseen = self._now.warp, self._now.unseen
        straight = SmallFrame(warp.straightened(small.colour), warp.straightened(small.grey))
        sightings, persons = _sightings(detections)
        if self._now.registered:
            detected = [*persons, *(sighting.box for sighting in sightings)]
            sightings += self._static_sightings(straight, detected, [box for box, _ in unseen], kept)
        else:
            self._counters["looks_unregistered"] += 1
        before = list(self._memory.places)
        view = FrameView(warp.straightened(frame), straight, self._reference, unseen)
        transitions = self._memory.look(at, sightings, persons, view, looked=looked, closely=closely)
        self._let_go(before, straight)
        return transitions

    def could_not_look(
        self, at: datetime, reason: BlindReason, *, steady_s: float | None = None
    ) -> list[Transition]:
        """Nobody could look at ``at`` (UTC): camera offline, detector failed ..."""
        at = to_millis(at)
        return self._memory.could_not_look(at, reason) if self._accepts(at, steady_s) else []

    def trust_hours(self, trusted: bool) -> None:
        """Whether the time of day is known, from the next look on. Until it is, rules with hours, permits or
        collections neither raise nor end anything; dwell goes on."""
        self._memory.trust_hours(trusted)

    def interest(self, answer: Detections) -> Interest:
        """What the remembered places ask of the next look, given the ``answer`` that stands."""
        warp = self._now.warp
        answer = straightened(answer, warp)
        ruled, enough = self._memory.has_rule_for, self._settings.anchor_sightings
        doubted = self._memory.asks_closely
        return in_picture(interest(self._memory.places, answer, ruled, doubted, enough), warp)

    def snapshot(self) -> bytes:
        """The complete state; a restored observer answers exactly as this one would."""
        condition, views = self._condition.dump()
        header = {
            "camera": self._camera,
            "memory": state.dump(self._memory),
            "static_counters": dict(self._static.counters),
            "counters": dict(self._counters),
            "condition": condition,
            "drawn_zones": _drawn(self._zones),
        }
        return pack(header, self._reference.dump() | self._static.dump() | views)

    @classmethod
    def restore(
        cls,
        data: bytes,
        camera: str,
        zones: Sequence[Zone],
        *,
        static_objects: bool,
        look_interval_s: float,
        new_id: Callable[[datetime], UUID],
        settings: MemorySettings = MemorySettings(),  # noqa: B008  (frozen)
        time_zone: ZoneInfo = DEFAULT_TIME_ZONE,
        plane: GroundPlane | None = None,
    ) -> Observer:
        """An observer that goes on where ``data`` was taken; zones and rules may have changed since.

        Zones drawn anew while the camera does not hang as it did (or while its view is lost) were drawn on what it
        shows now: that becomes the reference view (``views_given_up``).

        Raises:
            SnapshotInvalid: Damaged, of another version, or of another camera.
        """
        header, arrays = unpack(data)
        observer = cls(
            camera,
            zones,
            static_objects=static_objects,
            look_interval_s=look_interval_s,
            new_id=new_id,
            settings=settings,
            time_zone=time_zone,
            plane=plane,
        )
        try:
            if header["camera"] != camera:
                raise SnapshotInvalid(f"snapshot of camera {header['camera']!r}, not of {camera!r}")
            state.load(observer._memory, header["memory"])
            observer._reference.load(arrays)
            observer._static.load(arrays)
            observer._static.counters.update(header["static_counters"])
            observer._counters.update(header["counters"])
            observer._condition.load(header["condition"], arrays)
            if header["drawn_zones"] != _drawn(zones) and not observer._condition.at_home:
                observer._condition.start_over()
                observer._reference, observer._static = Reference(), StaticObjects()
                observer._static.counters.update(header["static_counters"])
            observer._now = Condition(warp=observer._condition.warp)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SnapshotInvalid(f"damaged snapshot: {error!r}") from error
        return observer

    def background(self) -> NDArray[np.uint8] | None:
        """The bare street as a small picture (uint8, H x 320 x 3, BGR); None while it is being learnt.

        A problem that was there at the start is part of it: for that there is no picture "before".
        """
        colour = self._reference.colour
        return None if colour is None else colour.copy()

    def _static_sightings(
        self, small: SmallFrame, detected: list[Box], unseen: list[Box], kept: Rememberable
    ) -> list[Sighting]:
        """Let the reference follow this look, and find what came to stand and has no name. ``small`` and ``kept`` are
        straight."""
        if not self._reference.fits(small):
            self._reference = Reference()
        hidden = paint([*detected, *unseen], _shape(small), extra_px=_MARGIN_PX)
        hidden |= self._now.warp.outside(*_shape(small))
        if not self._reference.ready:
            self._learn(kept.small, hidden | kept.covered)
            return []
        known = [place.anchor for place in self._memory.places if ObjectClass.UNKNOWN not in place.votes]
        explained = self._around(known, small)
        remembered = self._around([place.anchor for place in self._memory.places], small)
        difference = self._reference.difference(small, hidden | remembered)
        found: list[StaticRegion] | None = []
        if self._finds_static:
            found = self._static.look(small, self._reference, difference, hidden, explained)
        if found is None:
            self._reference = Reference()
            return []
        self._reference.adapt(small, difference, hidden | remembered | kept.covered)
        if not self._condition.judges:
            # Learnt in the dark or in fog: by and by the bare street gets outlines to be found by.
            self._condition.settle(self._reference.grey)
        return [Sighting(region.box, region.score, ObjectClass.UNKNOWN) for region in found]

    def _learn(self, small: SmallFrame, hidden: NDArray[np.bool_]) -> None:
        self._reference.learn(small, hidden)
        if self._reference.ready and not (self._condition.settled and self._condition.judges):
            self._condition.settle(self._reference.grey)

    def _let_go(self, before: list[Place], small: SmallFrame) -> None:
        """Learn anew the bare look of places where something stood and left."""
        kept = self._memory.places
        ids = {id(place) for place in kept}
        enough = self._settings.anchor_sightings
        gone = [place.anchor for place in before if id(place) not in ids and place.sightings >= enough]
        if gone and self._reference.ready:
            region = self._around(gone, small) & ~self._around([place.anchor for place in kept], small)
            self._reference.forget(region)
            self._static.clear(region)

    @staticmethod
    def _around(boxes: list[Box], small: SmallFrame) -> NDArray[np.bool_]:
        return paint(boxes, _shape(small), margin=_PLACE_MARGIN, extra_px=_MARGIN_PX)


def _drawn(zones: Sequence[Zone]) -> list[list[list[float]]]:
    """What was drawn for the camera, however it is named and ruled."""
    return sorted([list(point) for point in zone.polygon] for zone in zones)


def _shape(small: SmallFrame) -> tuple[int, int]:
    return small.grey.shape[0], small.grey.shape[1]


def _boxes(detections: Detections) -> list[Box]:
    return [(float(x1), float(y1), float(x2), float(y2)) for x1, y1, x2, y2 in detections.boxes]


def _sightings(detections: Detections) -> tuple[list[Sighting], list[Box]]:
    sightings, persons = [], []
    for row, kind in enumerate(detections.classes):
        x1, y1, x2, y2 = (float(side) for side in detections.boxes[row])
        box = clip((x1, y1, x2, y2))
        if kind is ObjectClass.PERSON:
            persons.append(box)
        else:
            carried = bool(detections.carried[row])
            sightings.append(Sighting(box, float(detections.scores[row]), kind, carried))
    return sightings, persons
