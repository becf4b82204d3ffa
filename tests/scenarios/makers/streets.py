"""A plain street for tests of the makers: one camera, one zone, and what the test puts there."""

from __future__ import annotations

from typing import Any

from scenarios.language.scenario import Scenario


def actor(name: str, kind: str, x: float, y: float, from_s: float = 0.0, **more: Any) -> dict[str, Any]:
    """Somebody who stands at a place from a second on."""
    return {"id": name, "kind": kind, "at": [{"s": from_s, "x": x, "y": y, "heading_deg": 0.0}], **more}


def street(**parts: Any) -> Scenario:
    """A scenario of 120 s with a look a second; ``parts`` are tables as in a scenario file."""
    content: dict[str, Any] = {
        "name": "test-street",
        "seed": 3,
        "tiers": ["detections"],
        "duration_s": 120.0,
        "camera": [{"name": "cam", "x": 0.0, "y": 0.0, "height": 6.0, "tilt_deg": 20.0}],
        "zone": [
            {
                "name": "lane",
                "purpose": "no_stopping",
                "ground": [[-4, 6], [4, 6], [4, 40], [-4, 40]],
                "rule": [
                    {"category": "parked_vehicle", "dwell_s": 20.0, "clear_s": 5.0},
                    {"category": "garbage", "dwell_s": 20.0, "clear_s": 5.0},
                    {"category": "static_object", "dwell_s": 20.0, "clear_s": 5.0},
                ],
            }
        ],
    }
    return Scenario.model_validate(content | parts)
