"""One camera's eyes and memory: a frame and its detections in, transitions of incidents and zones out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from detectors.appearance import FrameView, cannot_be_seen
from detectors.incidents import BlindReason, Transition
from detectors.places import state
from detectors.places.geometry import clip
from detectors.places.memory import PlaceMemory
from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting
from detectors.reference import Reference, SmallFrame, paint, shrink
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
    ) -> None:
        self._camera = camera
        self._settings = settings
        self._memory = PlaceMemory(zones, look_interval_s=look_interval_s, new_id=new_id, settings=settings)
        self._reference = Reference()
        self._static = StaticObjects()
        self._finds_static = static_objects

    @property
    def counters(self) -> dict[str, int]:
        """What was ignored, evicted or absorbed, by reason; since the first start."""
        return dict(self._memory.counters + self._static.counters)

    def look(self, frame: NDArray[np.uint8], at: datetime, detections: Detections) -> list[Transition]:
        """One look: ``frame`` (uint8, H x W x 3, BGR) taken at ``at`` (UTC) and what the detector saw in it.

        A frame too dark or featureless to show anything counts as *could not look*. A look that is not later
        than the last call is ignored and counted (``clock_backwards``).

        Raises:
            DetectorError: ``frame`` is no picture.
            ValueError: ``at`` has no time zone.
        """
        check_frame(frame)
        at = to_millis(at)
        small = shrink(frame)
        blind = cannot_be_seen(small)
        if blind is not None:
            return self._memory.could_not_look(at, blind)
        if not self._memory.accepts(at):
            return []
        sightings, persons = _sightings(detections)
        detected = [*persons, *(sighting.box for sighting in sightings)]
        sightings += self._static_sightings(small, detected)
        before = list(self._memory.places)
        transitions = self._memory.look(at, sightings, persons, FrameView(frame, small, self._reference))
        self._let_go(before, small)
        return transitions

    def could_not_look(self, at: datetime, reason: BlindReason) -> list[Transition]:
        """Nobody could look at ``at`` (UTC): camera offline, detector failed ..."""
        return self._memory.could_not_look(to_millis(at), reason)

    def snapshot(self) -> bytes:
        """The complete state; a restored observer answers exactly as this one would."""
        header = {
            "camera": self._camera,
            "memory": state.dump(self._memory),
            "static_counters": dict(self._static.counters),
        }
        return pack(header, self._reference.dump() | self._static.dump())

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
    ) -> Observer:
        """An observer that goes on where ``data`` was taken; zones and rules may have changed since.

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
        )
        try:
            if header["camera"] != camera:
                raise SnapshotInvalid(f"snapshot of camera {header['camera']!r}, not of {camera!r}")
            state.load(observer._memory, header["memory"])
            observer._reference.load(arrays)
            observer._static.load(arrays)
            observer._static.counters.update(header["static_counters"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SnapshotInvalid(f"damaged snapshot: {error!r}") from error
        return observer

    def background(self) -> NDArray[np.uint8] | None:
        """The bare street as a small picture (uint8, H x 320 x 3, BGR); None while it is being learnt.

        A problem that was there at the start is part of it: for that there is no picture "before".
        """
        colour = self._reference.colour
        return None if colour is None else colour.copy()

    def _static_sightings(self, small: SmallFrame, detected: list[Box]) -> list[Sighting]:
        """Let the reference follow this look, and find what came to stand and has no name."""
        if not self._reference.fits(small):
            self._reference = Reference()
        shape = small.grey.shape
        hidden = paint(detected, (shape[0], shape[1]), extra_px=_MARGIN_PX)
        if not self._reference.ready:
            self._reference.learn(small, hidden)
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
        self._reference.adapt(small, difference, hidden | remembered)
        return [Sighting(region.box, region.score, ObjectClass.UNKNOWN) for region in found]

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
        shape = small.grey.shape
        return paint(boxes, (shape[0], shape[1]), margin=_PLACE_MARGIN, extra_px=_MARGIN_PX)


def _sightings(detections: Detections) -> tuple[list[Sighting], list[Box]]:
    sightings, persons = [], []
    for row, kind in enumerate(detections.classes):
        x1, y1, x2, y2 = (float(side) for side in detections.boxes[row])
        box = clip((x1, y1, x2, y2))
        if kind is ObjectClass.PERSON:
            persons.append(box)
        else:
            sightings.append(Sighting(box, float(detections.scores[row]), kind))
    return sightings, persons
