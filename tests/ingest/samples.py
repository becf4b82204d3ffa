"""Valid messages to start from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ingest.clock import uuid7
from ingest.fleet import (
    CanaryFigures,
    CommandKind,
    CommandPicture,
    CommandResult,
    ConfigDesired,
    ConfigReported,
    ModelDesired,
    ModelReported,
    NodeCommand,
    TimeAnswer,
)
from ingest.messages import (
    SPOOLED,
    Acknowledgement,
    Blindness,
    CameraStatus,
    Data,
    Dwell,
    Event,
    Eviction,
    Evidence,
    EvidencePicture,
    EvidenceRole,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    NodeStatus,
    Position,
    Reading,
    Rejection,
    schema_urn,
)
from ingest.taxonomy import Category, ObjectClass

T0 = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
SPOOL = UUID("01975d3e-0000-7000-8000-000000000001")


def incident_fields(**changes: Any) -> dict[str, Any]:
    """What opened, updated and closed share."""
    fields: dict[str, Any] = {
        "incident_id": uuid7(T0, b"incident-1"),
        "place_id": uuid7(T0, b"theplace-1"),
        "camera": "north",
        "zone": "kerb",
        "category": Category.PARKED_VEHICLE,
        "object_class": ObjectClass.VEHICLE,
        "box": (0.1, 0.2, 0.3, 0.4),
        "first_seen": T0,
        "last_seen": T0,
        "dwell": Dwell(observed_s=21.0, threshold_s=20.0),
    }
    return {**fields, **changes}


def opened(**changes: Any) -> IncidentOpened:
    """A parked car with one picture."""
    picture = EvidencePicture(
        role=EvidenceRole.WIDE, sha256="ab" * 32, bytes=1000, width=640, height=360, taken_at=T0
    )
    fields = incident_fields(
        zone_polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),
        score=0.8,
        reason="vehicle stood 21 s in kerb (allowed 20 s)",
        reason_code="dwell_exceeded",
        appearance=(0.6, 0.8),
        position=Position(latitude=31.2, longitude=121.4, uncertainty_m=5.0),
        evidence=Evidence(pictures=(picture,)),
    )
    return IncidentOpened(**{**fields, **changes})


def every_record() -> list[Data]:
    """One of each type."""
    return [
        opened(),
        IncidentUpdated(**incident_fields()),
        IncidentClosed(**incident_fields(ended_at=T0, reason_code="looked_and_absent")),
        Blindness(camera="north", zone="kerb", state="began", reason_code="dark", since=T0),
        Reading(sensor="pm-1", quantity="pm2_5", unit="ug/m3", value=35.5, at=T0),
        Eviction(evicted_spool_id=SPOOL, first_seq=1, last_seq=9, count=9, reason_code="quota"),
        NodeStatus(state="online", software="0.1.0", cameras=(CameraStatus(name="north", state="looking"),)),
        Acknowledgement(spool_id=SPOOL, seqs=(1, 2), rejected=(Rejection(seq=3, reason="invalid_fields"),)),
        *fleet_records(),
    ]


def fleet_records() -> list[Data]:
    """Orders and what nodes answer."""
    order: dict[str, Any] = {"site": "xuhui", "node": "j17", "issued_at": T0, "issued_by": "Li Na"}
    kind = CommandKind.SNAPSHOT
    picture = CommandPicture(camera="north", sha256="ab" * 32, bytes=9, width=4, height=3, taken_at=T0)
    return [
        ConfigDesired(**order, revision=1, document={"camera": {"north": {"look_interval_s": 2.0}}}),
        ConfigReported(revision=1, state="rolled_back", running_revision=0, reason_code="probation_over"),
        ModelDesired(**order, revision=1, card_sha256="ab" * 32, card_bytes=1, weights_sha256="cd" * 32),
        ModelReported(revision=1, state="canary", running_sha256="ab" * 32, figures=CanaryFigures(looks=3)),
        NodeCommand(**order, command_id=SPOOL, kind=kind, not_after=T0),
        CommandResult(command_id=SPOOL, kind=kind, outcome="done", pictures=(picture,), log=("a line",)),
        TimeAnswer(site="xuhui", node="j17", about=SPOOL),
    ]


def event(data: Data, *, seq: int = 1, site: str = "xuhui", node: str = "j17", **changes: Any) -> Event:
    """An envelope around ``data``, complete as the edge writes it."""
    camera = getattr(data, "camera", None)
    fields: dict[str, Any] = {
        "id": uuid7(T0),
        "source": f"/{site}/{node}" + (f"/{camera}" if camera else ""),
        "type": data.TYPE,
        "time": T0,
        "dataschema": schema_urn(type(data)),
        "data": data,
    }
    if isinstance(data, SPOOLED):
        fields |= {"spoolid": SPOOL, "seq": seq, "observedtime": T0}
    return Event(**{**fields, **changes})
