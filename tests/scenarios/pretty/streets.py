"""A small street for the tests of pretty pictures."""

from __future__ import annotations

from typing import Any

from scenarios.language.scenario import Scenario

CAR_S = 4.0


def small_street(**changes: Any) -> Scenario:
    """Six looks at a tree, a car that stops and a person who walks by."""
    content: dict[str, Any] = {
        "name": "small",
        "seed": 3,
        "tiers": ["rendered"],
        "duration_s": 6.0,
        "camera": [{"name": "cam", "x": -3.0, "height": 6.0, "heading_deg": 15, "tilt_deg": 18, "width": 320,
                    "height_px": 180}],
        "zone": [{"name": "kerb", "purpose": "no_stopping", "ground": [(2, 8), (6, 8), (6, 24), (2, 24)],
                  "rule": [{"category": "parked_vehicle", "dwell_s": 1}]}],
        "actor": [
            {"id": "tree", "kind": "tree", "seed": 1, "at": [{"s": 0, "x": 6, "y": 30}]},
            {"id": "car", "kind": "car", "seed": 2, "at": [
                {"s": 0, "x": 3, "y": 2}, {"s": CAR_S, "x": 3, "y": 15}]},
            {"id": "walker", "kind": "person", "seed": 4, "at": [
                {"s": 0, "x": -5.5, "y": 12}, {"s": 6, "x": -5.5, "y": 18}]},
        ],
        "problem": [{"id": "car", "category": "parked_vehicle", "zone": "kerb", "actors": ["car"],
                     "start_s": CAR_S}],
    }  # fmt: skip
    return Scenario.model_validate({**content, **changes})
