"""Small scenarios for tests: one street, one camera over it, changed by keyword."""

from __future__ import annotations

from typing import Any

from scenarios.language.scenario import Scenario

Table = dict[str, Any]

KERB: Table = {
    "name": "kerb",
    "purpose": "no_stopping",
    "ground": ((2.0, 8.0), (5.0, 8.0), (5.0, 30.0), (2.0, 30.0)),
    "rule": ({"category": "parked_vehicle", "dwell_s": 60},),
}
PAVEMENT: Table = {
    "name": "pavement",
    "purpose": "pavement",
    "ground": ((4.0, 6.0), (9.0, 6.0), (9.0, 40.0), (4.0, 40.0)),
    "rule": (
        {"category": "street_vendor", "dwell_s": 60},
        {"category": "garbage", "dwell_s": 60},
        {"category": "static_object", "dwell_s": 60},
    ),
}
CAMERA: Table = {"name": "cam", "x": 0.0, "y": 0.0, "height": 7.0, "tilt_deg": 18.0, "heading_deg": 8.0}


def actor(name: str, kind: str, *frames: tuple[float, float, float], **more: Any) -> Table:
    """An actor with keyframes (second, x, y)."""
    return {"id": name, "kind": kind, "at": [{"s": s, "x": x, "y": y} for s, x, y in frames], **more}


PARKER = actor("parker", "car", (100.0, 1.6, -20.0), (108.0, 3.0, 18.0), leaves_s=900.0)
PARKED: Table = {
    "id": "parked",
    "category": "parked_vehicle",
    "zone": "kerb",
    "actors": ("parker",),
    "start_s": 108.0,
    "end_s": 900.0,
}


def street(**parts: Any) -> Scenario:
    """A scenario of 1,000 s with one camera, a kerb zone and a pavement zone; ``parts`` replace or add tables."""
    content: Table = {"name": "street", "duration_s": 1000.0, "camera": (CAMERA,), "zone": (KERB, PAVEMENT)}
    return Scenario.model_validate({**content, **parts})


def parking(**parts: Any) -> Scenario:
    """The street with one wrongly parked car, claimed as it is."""
    return street(**{"actor": (PARKER,), "problem": (PARKED,), **parts})
