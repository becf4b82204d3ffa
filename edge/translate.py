"""From what place memory says to what the wire carries; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from detectors.ground import GroundPlane
from detectors.incidents import Closed, Opened, OpenReason, SeesAgain, Standing, Transition, Updated, WentBlind
from detectors.places.allowing import KINDS_KEPT, PermittedKind
from edge.spool import Draft
from ingest.messages import (
    Blindness,
    Dwell,
    Evidence,
    IncidentBase,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    PermittedVisits,
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
    OpenReason.UNNAMED_GARBAGE: ", taken for garbage there",
    OpenReason.OVERFLOW: ", which holds more than it may",
}
_HARDLY_EVER = 0.05
"""Of the looks at a stall: with less than that nobody stands at it, somebody passed."""


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


def permitted_visits(permitted: Mapping[PermittedKind, int]) -> tuple[PermittedVisits, ...]:
    """Permitted visits as the heartbeat tells them, most frequent first."""
    ranked = sorted(permitted.items(), key=lambda item: (-item[1], item[0].zone, item[0].category, item[0].trade))
    return tuple(
        PermittedVisits(zone=kind.zone, category=kind.category, trade=kind.trade, visits=visits)
        for kind, visits in ranked[:KINDS_KEPT]
    )


def reason_text(standing: Standing, reason: OpenReason = OpenReason.DWELL_EXCEEDED, trade: str = "") -> str:
    """Why an incident was raised, for the operator. ``trade``: whom the permit that has ended was for."""
    since = "stood at least" if standing.present_at_start else "stood"
    total_s = standing.observed_s + standing.bridged_s
    unseen = f", {standing.bridged_s:.0f} s of it unobserved" if standing.bridged_s >= 1 else ""
    what = _WORDS[standing.object_class]
    allowed = f"(allowed {standing.threshold_s:g} s{unseen})"
    permit = f" (permit for {trade})" if trade else ""
    circumstance = f"{_CIRCUMSTANCE.get(reason, '')}{permit}"
    return f"{what} {since} {total_s:.0f} s in {standing.zone}{circumstance} {allowed}{_vendor(standing.attended)}"


def _vendor(attended: float | None) -> str:
    if attended is None:
        return ""
    if attended < _HARDLY_EVER:
        return "; unattended: nobody stood at it"
    return f"; somebody stood at it in {attended:.0%} of the looks"


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
        abandoned_at=standing.abandoned_at,
        attended=standing.attended,
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
        reason=reason_text(standing, transition.reason, transition.trade),
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
