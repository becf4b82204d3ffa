"""Which places are raised, and when (上报判定): the last gate before an incident, and what only looks like a problem.

Pure: what is said here follows from the places, the zones and the time of the look alone. The one thing written is
``left_behind`` of places, see :meth:`Firing.note_departures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from detectors.incidents import OpenReason
from detectors.places.doubt import LIKE_FURNITURE
from detectors.places.overflow import Overflowing
from detectors.places.place import LeftBehind, Place
from detectors.places.rules import Governing, Granted, RuleBook
from detectors.places.settings import MemorySettings
from detectors.places.sighting import may_be_one
from ingest.boxes import area, intersection, iou
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import VEHICLES, Point, Zone

_SAME_OBJECT_IOU = 0.4
_OTHER_KIND_IOU = 0.5
_PART_OF_OBJECT = 0.8
_PART_OF_PITCH = 0.5
_OFF_THE_GROUND = 1 / 3
"""Of a vehicle's height: what ends higher within its box is no thing on the ground before it."""

_JUST_BEFORE = timedelta(milliseconds=1)

STOOD_TOGETHER_S = 10.0
"""Two vehicles in a queue have stood together when both stood for so long before one of them left."""
DISCHARGE_S = 30.0
"""Who still stands so long after another one of its queue has left does not wait for the light."""
UNSURE_WAITS = 4
"""So many of its longest waits a queue zone keeps back what nobody saw stay behind."""

BUS_HEIGHT_M = 3.7
BUS_WIDTH_M = 2.5
"""A bus is at least so tall and so wide as its box shows it; a van is less tall. Measured on drawn streets, depth and
all: buses 3.8 and more, cars up to 3.5."""
BUS_PART_OF_STOP = 0.4
"""Without ground points: a bus covers so much of its stop, which is drawn around one bus."""


class GroundSize(Protocol):
    """Metres of what stands on the ground."""

    def size_m(self, box: Box) -> tuple[float, float] | None:
        """Width and height of ``box`` (fractions of the reference view) as if it stood upright where its foot is; None
        where there is no ground."""
        ...

    def distance_m(self, first: Point, second: Point) -> float | None:
        """Metres on the ground between two points of the picture; None at or above the horizon."""
        ...


@dataclass(frozen=True)
class Due:
    """An incident to be opened: by which rule, why, and what of the stay was allowed.

    ``since`` is when the permit ended in whose hours it came (None: it never was allowed), ``excused_s`` the seconds of
    its dwell before that, ``trade`` whom that permit was for.
    """

    governing: Governing
    reason: OpenReason
    since: datetime | None = None
    excused_s: float = 0.0
    trade: str = ""


@dataclass(frozen=True)
class Excuse:
    """Why a stay that would be raised is not: the name of its counter; by whom it is permitted, where that is why."""

    counter: str
    category: Category
    granted: Granted | None = None


@dataclass(frozen=True)
class Firing:
    """The gate of one camera."""

    rules: RuleBook
    settings: MemorySettings
    ground: GroundSize | None = None

    def rule_of(self, place: Place) -> Governing | None:
        """What speaks for a place: of an open incident the rule in its zone."""
        found = self.rules.at(place.anchor, place.category).rules
        if place.incident:
            if place.incident.overflow:
                limit = self.overflowing.rule_of(place)
                found = () if limit is None else (limit,)
            found = tuple(item for item in found if item.zone.name == place.incident.zone)
        return found[0] if found else None

    @property
    def overflowing(self) -> Overflowing:
        """How full the garbage points are."""
        return Overflowing(self.rules, self.trusted)

    def due(self, place: Place, places: Sequence[Place], *, hours_known: bool = True) -> Due | None:
        """Why ``place``, just seen, is to be raised now; None: not now.

        While nobody knows what time it is, rules with hours wait.
        """
        if place.incident or place.category is None or not self.trusted(place):
            return None
        for item in self.rules.at(place.anchor, place.category).rules:
            if (
                (hours_known or not item.clock.has_hours)
                and self._exceeded(place, item)
                and not self._waits(place, item)
                and not self._sells(place, places, item)
            ):
                return None if already_raised(place, places) or on_a_vehicle(place, places) else _due(place, item)
        limit = self.overflowing.due(place, places)
        return None if limit is None or on_a_vehicle(place, places) else Due(limit, OpenReason.OVERFLOW)

    def now_allowed(self, place: Place, places: Sequence[Place], at: datetime) -> bool:
        """Whether a permit has begun for an open incident, or its point holds no more than it may."""
        if place.incident is not None and place.incident.overflow:
            return self.overflowing.has_eased(place, places)
        governing = self.rule_of(place)
        return governing is not None and governing.clock.phase(at).allowed

    def left_out(self, place: Place) -> str | None:
        """The counter of what the sizes of a rule leave out, the first time it is known; else None."""
        if place.left_out or place.incident or place.category is None or not self.trusted(place):
            return None
        for item in self.rules.at(place.anchor, place.category).rules:
            if self._stood(place, item) and (why := self._size_against(place, item)) is not None:
                return f"{why}_{item.category.value}"
        return None

    def excuse(self, place: Place, places: Sequence[Place]) -> Excuse | None:
        """Why a stay is allowed that would be raised otherwise, the first time it is known; else None."""
        if place.excused or place.incident or place.category is None or not self.trusted(place):
            return None
        ruling, total = self.rules.at(place.anchor, place.category), place.dwell.total_s
        if ruling.counted_after_s is not None:
            if total < ruling.counted_after_s:
                return None
            return Excuse(f"permitted_{place.category.value}", place.category, Granted(ruling.free_in))
        for item in ruling.rules:
            if total >= item.rule.dwell_s and item.clock.phase(place.dwell.last_seen).allowed:
                granted = item.granted(place.dwell.last_seen)
                return Excuse(f"permitted_{item.category.value}", item.category, granted)
            if self._exceeded(place, item) and self._waits(place, item):
                return Excuse(f"waiting_{item.category.value}", item.category)
            if self._exceeded(place, item) and self._sells(place, places, item):
                return Excuse(f"selling_{item.category.value}", item.category)
        return None

    def is_abandoned(self, place: Place) -> bool:
        """Whether a vehicle has stood for as long as its rule calls abandoned (僵尸车)."""
        governing = self.rule_of(place)
        limit = governing.rule.abandoned_after_s if governing else None
        return limit is not None and place.dwell.total_s >= limit

    def note_departures(self, gone: Sequence[Place], kept: Sequence[Place]) -> None:
        """Tell who still stands in a queue that another one has left it, and find out who did not drive on."""
        for place in kept:
            place.left_behind = self._settled(place)
        for leaver in gone:
            brief = leaver.dwell.total_s < STOOD_TOGETHER_S
            if brief or leaver.category not in VEHICLES or not self._was_there(leaver):
                continue
            left, queues = leaver.dwell.last_seen, self._queues(leaver)
            for place in kept:
                together = place.first_seen + timedelta(seconds=STOOD_TOGETHER_S) <= left
                known = place.left_behind is not None and place.left_behind.stays is not False
                stayed = place.dwell.last_seen > left and not known
                if together and stayed and queues & self._queues(place) and not _overlap(leaver, place):
                    place.left_behind = LeftBehind(left, place.sightings, place.looks)

    def _was_there(self, place: Place) -> bool:
        """Whether something stood there that the detector was sure of: no double box, no ghost."""
        enough = place.sightings >= self.settings.anchor_sightings
        return enough and place.sightings >= self.settings.sure_part * place.seen_looks

    def _settled(self, place: Place) -> LeftBehind | None:
        """Decides whether it stays: the detector itself must have seen it while the others drove on."""
        left = place.left_behind
        if left is None or left.stays is not None or _since_s(place, left) < DISCHARGE_S:
            return left
        sighted, looks = place.sightings - left.sightings, place.looks - left.looks
        if looks < self.settings.min_sightings:
            return left
        return replace(left, stays=sighted >= self.settings.min_detected_part * looks)

    def _queues(self, place: Place) -> set[str]:
        items = self.rules.at(place.anchor, place.category).rules
        zones = (zone for item in items for zone in item.waits)
        return {zone.name for zone in zones if zone.purpose is ZonePurpose.SIGNAL_QUEUE}

    def _exceeded(self, place: Place, item: Governing) -> bool:
        return self._stood(place, item) and self._size_against(place, item) is None

    def _stood(self, place: Place, item: Governing) -> bool:
        return forbidden_s(place, item) >= item.rule.dwell_s and place.score >= item.rule.min_score

    def _size_against(self, place: Place, item: Governing) -> str | None:
        """Why the sizes of a rule leave a thing out; what cannot be measured (above the horizon) is left out too."""
        rule = item.rule
        if not rule.measures:
            return None
        size = None if self.ground is None else self.ground.size_m(place.anchor)
        if size is None:
            return "size_unknown"
        if max(size) < (rule.min_size_m or 0.0):
            return "too_small"
        return "too_large" if max(size) > (rule.max_size_m or float("inf")) else None

    def _waits(self, place: Place, item: Governing) -> bool:
        """Whether it does no more than wait for a green light, or is a bus at its stop."""
        return any(
            _queues_still(place, zone)
            if zone.purpose is ZonePurpose.SIGNAL_QUEUE
            else place.dwell.total_s < zone.longest_wait_s and self._is_bus(place, zone)
            for zone in item.waits
        )

    def _is_bus(self, place: Place, stop: Zone) -> bool:
        size = None if self.ground is None else self.ground.size_m(place.anchor)
        if size is not None:
            return size[0] >= BUS_WIDTH_M and size[1] >= BUS_HEIGHT_M
        xs, ys = zip(*stop.polygon, strict=True)
        around = (min(xs), min(ys), max(xs), max(ys))
        return intersection(place.anchor, around) >= BUS_PART_OF_STOP * area(around)

    def _sells(self, place: Place, places: Sequence[Place], item: Governing) -> bool:
        """Whether goods are sold from a vehicle (流动售货车): then its vendor is the problem, or is allowed there."""
        if item.category not in VEHICLES or item.rule.also_when_selling:
            return False
        return any(
            other.object_class is ObjectClass.STALL
            and self.trusted(other)
            and _part(other.anchor, place.anchor) >= _PART_OF_PITCH
            and self._is_about_vendors(other)
            for other in places
            if other is not place
        )

    def _is_about_vendors(self, stall: Place) -> bool:
        ruling = self.rules.at(stall.anchor, Category.STREET_VENDOR)
        return bool(ruling.rules) or ruling.counted_after_s is not None

    def trusted(self, place: Place) -> bool:
        """Whether the detector said so often and surely enough that something is there."""
        return (
            place.sightings >= self.settings.min_sightings
            and place.sightings >= self._least_part(place) * place.looks
            and place.seen_looks >= self.settings.min_seen_part * place.looks
            and place.score >= self._least_score(place)
        )

    def _least_part(self, place: Place) -> float:
        unnamed = place.object_class is ObjectClass.UNKNOWN
        return self.settings.min_unnamed_part if unnamed else self.settings.min_detected_part

    def _least_score(self, place: Place) -> float:
        """What the median score must reach; nothing where the camera saw the thing arrive."""
        if place.confirmed is False:
            return float("inf")
        if place.bare_seen and not place.present_at_start:
            return 0.0
        if place.confirmed:
            return self.settings.confirmed_score if place.category in LIKE_FURNITURE else 0.0
        if place.category in LIKE_FURNITURE:
            return self.settings.start_score
        return self.settings.start_vehicle_score if place.category is Category.PARKED_VEHICLE else 0.0


def forbidden_s(place: Place, item: Governing) -> float:
    """Seconds of a place's dwell since what the rule forbids was last allowed; 0 while it is."""
    seen, total = place.dwell.last_seen, place.dwell.total_s
    phase = item.clock.phase(seen)
    if phase.allowed:
        return 0.0
    if phase.since is None or phase.since <= place.first_seen:
        return total
    return min(total, (seen - phase.since).total_seconds())


def _due(place: Place, item: Governing) -> Due:
    since = item.clock.phase(place.dwell.last_seen).since
    if since is not None and since <= place.first_seen:
        since = None
    excused = place.dwell.total_s - forbidden_s(place, item)
    trade = "" if since is None else item.granted(since - _JUST_BEFORE).trade
    return Due(item, _reason(place, item, since), since, excused, trade)


def _reason(place: Place, item: Governing, since: datetime | None) -> OpenReason:
    if item.category is Category.GARBAGE and place.category is Category.STATIC_OBJECT:
        return OpenReason.UNNAMED_GARBAGE
    if item.zone.collection is not None and item.category is Category.GARBAGE and since is not None:
        return OpenReason.COLLECTION_MISSED
    if since is not None:
        return OpenReason.PERMIT_ENDED
    if item.zone.purpose is ZonePurpose.SHOP_FRONT and item.category is Category.STREET_VENDOR:
        return OpenReason.OUT_OF_SHOP_TRADE
    return OpenReason.DWELL_EXCEEDED


def _queues_still(place: Place, queue: Zone) -> bool:
    """Whether it may yet drive on with its queue.

    Where the detector did not see it stay while the others drove on, it most likely drove on too and another one stands
    in its place by now; such a place gets a few more chances to be seen staying.
    """
    left = place.left_behind
    if left is None:
        return place.dwell.total_s < queue.longest_wait_s
    if left.stays is None:
        return True
    return not left.stays and place.dwell.total_s < UNSURE_WAITS * queue.longest_wait_s


def _since_s(place: Place, left: LeftBehind) -> float:
    return (place.dwell.last_seen - left.at).total_seconds()


def already_raised(place: Place, places: Sequence[Place]) -> bool:
    """Whether an incident is open for the object that ``place`` is another view of.

    What came after that object was last seen is no view of it: a truck that now hides a parked car.
    """
    return any(
        other.incident is not None
        and other is not place
        and other.seen_look >= place.born_look
        and one_object(other, place)
        for other in places
    )


def on_a_vehicle(place: Place, places: Sequence[Place]) -> bool:
    """Whether rubbish came with a vehicle: it ends so high within the vehicle's box that it cannot lie before it."""
    if place.category is not Category.GARBAGE:
        return False
    return any(
        other.object_class is ObjectClass.VEHICLE
        and other.seen_look >= place.born_look >= other.born_look
        and _part(other.anchor, place.anchor) >= _PART_OF_OBJECT
        and place.anchor[3] < other.anchor[3] - _OFF_THE_GROUND * (other.anchor[3] - other.anchor[1])
        for other in places
    )


def one_object(raised: Place, place: Place) -> bool:
    """Whether ``place`` is another view of the object that ``raised`` stands for, or a part of it."""
    overlap = iou(raised.anchor, place.anchor)
    if not may_be_one(raised.object_class, place.object_class):
        return overlap >= _OTHER_KIND_IOU
    # A bag beside a stall lies within the stall's box and is a problem of its own; two boxes of one kind are not.
    one_kind = raised.object_class is place.object_class
    unnamed = ObjectClass.UNKNOWN in (raised.object_class, place.object_class)
    part = _part(raised.anchor, place.anchor)
    return overlap >= _SAME_OBJECT_IOU or (part >= _PART_OF_OBJECT and (one_kind or unnamed))


def _overlap(one: Place, other: Place) -> bool:
    return _part(one.anchor, other.anchor) >= _PART_OF_PITCH


def _part(one: Box, other: Box) -> float:
    """How much of the smaller box lies in the larger one."""
    smaller = min(area(one), area(other))
    return intersection(one, other) / smaller if smaller > 0 else 0.0
