"""From what place memory says to what the wire carries; pure."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.ground import GroundPlane
from detectors.incidents import Closed, Opened, OpenReason, SeesAgain, Standing, Transition, Updated, WentBlind
from edge.spool import Draft
from ingest.messages import (
    Blindness,
    Dwell,
    Evidence,
    IncidentBase,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    Position,
)
from ingest.taxonomy import ObjectClass
from ingest.zones import Zone

IncidentRecord = IncidentOpened | IncidentUpdated | IncidentClosed

_WORDS: dict[ObjectClass, str] = {
    ObjectClass.PERSON: "person",
    ObjectClass.VEHICLE: "vehicle",
    ObjectClass.TWO_WHEELER: "two-wheeler",
    ObjectClass.GARBAGE: "garbage",
    ObjectClass.STALL: "stall",
    ObjectClass.UNKNOWN: "unknown object",
}

_CIRCUMSTANCE: dict[OpenReason, str] = {
    OpenReason.OUT_OF_SHOP_TRADE: " in front of a shop",
    OpenReason.PERMIT_ENDED: " after its permitted hours",
    OpenReason.COLLECTION_MISSED: " after the collection",
}


@dataclass(frozen=True)
class CameraView:
    """What a camera's messages say about it.

    Attributes:
        camera: Its name.
        source: CloudEvents source of its events.
        zones: Its zones by name.
        model: The model that looks, name and version.
        plane: Maps picture to ground, where the camera was calibrated.
        fixed: Position of the view as a whole.
        by_node_clock: Whether its times are the node's, not those of a recording.
    """

    camera: str
    source: str
    zones: dict[str, Zone]
    model: str
    plane: GroundPlane | None
    fixed: Position | None
    by_node_clock: bool = True

    def position_of(self, standing: Standing) -> Position | None:
        """Where a problem touches the ground: below the middle of its box, else the camera's view."""
        x1, _, x2, y2 = standing.box
        on_plane = None if self.plane is None else self.plane.position((x1 + x2) / 2, y2)
        return on_plane or self.fixed


def to_draft(transition: Transition, view: CameraView, evidence: Evidence) -> Draft:
    """The event that reports a transition; ``evidence`` belongs to ``Opened`` alone."""
    if isinstance(transition, WentBlind | SeesAgain):
        return Draft(_blindness(transition, view), view.source, transition.at, transition.zone, view.by_node_clock)
    data = _incident(transition, view, evidence)
    return Draft(data, view.source, transition.at, str(transition.standing.incident_id), view.by_node_clock)


def reason_text(standing: Standing, reason: OpenReason = OpenReason.DWELL_EXCEEDED) -> str:
    """Why an incident was raised, for the operator."""
    since = "stood at least" if standing.present_at_start else "stood"
    total_s = standing.observed_s + standing.bridged_s
    unseen = f", {standing.bridged_s:.0f} s of it unobserved" if standing.bridged_s >= 1 else ""
    what = _WORDS[standing.object_class]
    allowed = f"(allowed {standing.threshold_s:g} s{unseen})"
    return f"{what} {since} {total_s:.0f} s in {standing.zone}{_CIRCUMSTANCE.get(reason, '')} {allowed}"


def _incident(transition: Opened | Updated | Closed, view: CameraView, evidence: Evidence) -> IncidentRecord:
    standing = transition.standing
    base = IncidentBase(
        incident_id=standing.incident_id,
        place_id=standing.place_id,
        camera=view.camera,
        zone=standing.zone,
        category=standing.category,
        object_class=standing.object_class,
        box=standing.box,
        first_seen=standing.first_seen,
        last_seen=standing.last_seen,
        present_at_start=standing.present_at_start,
        dwell=Dwell(
            observed_s=standing.observed_s, bridged_s=standing.bridged_s, threshold_s=standing.threshold_s
        ),
    )
    shared = dict(base)
    if isinstance(transition, Updated):
        return IncidentUpdated(**shared, appearance=standing.appearance, reason_code=transition.reason.value)
    if isinstance(transition, Closed):
        return IncidentClosed(**shared, ended_at=standing.last_seen, reason_code=transition.reason.value)
    shared["evidence"] = evidence
    return IncidentOpened(
        **shared,
        zone_polygon=view.zones[standing.zone].polygon,
        score=standing.score,
        reason=reason_text(standing, transition.reason),
        reason_code=transition.reason.value,
        appearance=standing.appearance,
        position=view.position_of(standing),
        model=view.model,
    )


def _blindness(transition: WentBlind | SeesAgain, view: CameraView) -> Blindness:
    ended = isinstance(transition, SeesAgain)
    return Blindness(
        camera=view.camera,
        zone=transition.zone,
        state="ended" if ended else "began",
        reason_code=transition.reason.value,
        since=transition.since,
        until=transition.at if ended else None,
    )
