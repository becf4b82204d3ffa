"""A small street for tests of the makers: few frames, low resolution, everything that can be seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.language.scenario import Scenario

Conditions = list[dict[str, Any]]
CAR, BAG, STALL, CRATE, WALKER = 1, 2, 3, 4, 5


def small(conditions: Conditions | None = None, **changes: Any) -> Scenario:
    """A parked car, a bag, a stall, a crate that nobody claims, and somebody who walks; 8 s, one look a second."""
    content: dict[str, Any] = {
        "name": "small",
        "seed": 3,
        "tiers": ["composed", "rendered"],
        "duration_s": 8.0,
        "scenery": {"seed": 4, "kerb_left": -5, "kerb_right": 5},
        "camera": [
            {
                "name": "cam-a",
                "x": 6.5,
                "height": 6.5,
                "heading_deg": -14,
                "tilt_deg": 19,
                "width": 320,
                "height_px": 180,
            }
        ],
        "zone": [
            {
                "name": "strip",
                "purpose": "no_stopping",
                "ground": [(2.4, 8), (5, 8), (5, 22), (2.4, 22)],
                "rule": [{"category": "parked_vehicle", "dwell_s": 3}],
            }
        ],
        "actor": [
            {"id": "car", "kind": "car", "seed": 5, "at": [{"s": 0, "x": 3.8, "y": 16, "heading_deg": 0}]},
            {"id": "bag", "kind": "bag", "seed": 1, "at": [{"s": 0, "x": 5.6, "y": 10}]},
            {"id": "stall", "kind": "stall_table", "seed": 2, "at": [{"s": 0, "x": -2.0, "y": 21}]},
            {"id": "crate", "kind": "crate", "seed": 1, "at": [{"s": 0, "x": -4.0, "y": 13}]},
            {
                "id": "walker",
                "kind": "person",
                "seed": 6,
                "at": [{"s": 0, "x": -1.5, "y": 12}, {"s": 8, "x": 1.5, "y": 13.5}],
            },
        ],
        "condition": conditions or [],
        "problem": [
            {
                "id": "p-car",
                "category": "parked_vehicle",
                "zone": "strip",
                "actors": ["car"],
                "start_s": 0,
            }
        ],
    }
    return Scenario.model_validate({**content, **changes})


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union of two boxes."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    common = float(np.prod(np.clip(high - low, 0, None)))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return common / (sum(areas) - common)
