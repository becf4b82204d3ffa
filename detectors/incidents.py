"""What place memory tells the node: an incident opened, still stands, ended; a zone went blind, can be seen again.

Pure records; the node turns them into wire messages and adds the pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass


class OpenReason(StrEnum):
    """Why an incident was raised."""

    DWELL_EXCEEDED = "dwell_exceeded"
    OUT_OF_SHOP_TRADE = "out_of_shop_trade"  # 店外经营
    PERMIT_ENDED = "permit_ended"  # still there after its permitted hours
    COLLECTION_MISSED = "collection_missed"  # left behind by the collection
    UNNAMED_GARBAGE = "unnamed_garbage"  # 静态变化判定: at a garbage point, and named by no model
    OVERFLOW = "overflow"  # 满溢: a garbage point holds more than it may, at whatever hour


class CloseReason(StrEnum):
    """Why an incident ended. *Could not look* is never among them."""

    LOOKED_AND_ABSENT = "looked_and_absent"
    REPLACED = "replaced_by_another_object"
    LEFT_ZONE = "left_zone"
    PERMITTED = "permitted"  # still there, but its permitted hours have begun


class UpdateReason(StrEnum):
    """Why an incident is told again."""

    STILL_STANDS = "still_stands"
    ABANDONED = "abandoned"  # 僵尸车: told once, when a vehicle has stood for as long as its rule says


class BlindReason(StrEnum):
    """Why a place or zone could not be looked at (失明原因)."""

    OFFLINE = "offline"
    DARK = "dark"
    FEATURELESS = "featureless"
    COVERED = "covered"
    BLURRED = "blurred"
    FROZEN = "frozen"
    DETECTOR_FAILED = "detector_failed"
    OCCLUDED = "occluded"
    CAMERA_MOVED = "camera_moved"


@dataclass(frozen=True)
class Standing:
    """A problem as it stands at one moment: what opened, updated and closed share.

    Times are UTC (media time where the source has one); ``box`` is x1, y1, x2, y2 in fractions of the frame.
    """

    incident_id: UUID
    place_id: UUID
    zone: str
    category: Category
    object_class: ObjectClass
    box: Box
    first_seen: datetime
    last_seen: datetime
    present_at_start: bool
    observed_s: float
    bridged_s: float
    threshold_s: float
    score: float
    appearance: tuple[float, ...]
    abandoned_at: datetime | None = None
    """When a vehicle had stood for as long as its rule calls abandoned (僵尸车)."""
    attended: float | None = None
    """Of a vendor's stall: the share of the looks at it, 0..1, in which a person stood there (摊主在场)."""


@dataclass(frozen=True)
class Opened:
    """A rule fired."""

    at: datetime
    standing: Standing
    reason: OpenReason
    trade: str = ""
    """Whom the permit that has ended was for, in words."""


@dataclass(frozen=True)
class Updated:
    """The problem still stands; sent at most once per update interval."""

    at: datetime
    standing: Standing
    reason: UpdateReason = UpdateReason.STILL_STANDS


@dataclass(frozen=True)
class Closed:
    """The place was looked at and the problem was gone since ``standing.last_seen``, or is none any more."""

    at: datetime
    standing: Standing
    reason: CloseReason


@dataclass(frozen=True)
class WentBlind:
    """A zone could not be looked at since ``since``."""

    at: datetime
    zone: str
    since: datetime
    reason: BlindReason


@dataclass(frozen=True)
class SeesAgain:
    """A blind zone was looked at again."""

    at: datetime
    zone: str
    since: datetime
    reason: BlindReason


Transition = Opened | Updated | Closed | WentBlind | SeesAgain
