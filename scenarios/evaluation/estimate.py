"""How long a run will take (预计用时): what an item cost when it was measured, on two quiet cores."""

from __future__ import annotations

from collections.abc import Iterable

from scenarios.evaluation.item import Item
from scenarios.language.scenario import Scenario

_LOOK_S = 0.0038
"""Of one camera in the detections tier, the baseline included: 2 to 7 ms, for a quiet street or a dense one."""
_FRAME_S = {"composed": 0.055, "rendered": 0.025}
"""Of one frame: made, looked at by the baseline's detector, and looked at by the node."""
_START_S = {"composed": 2.5, "rendered": 4.0, "real": 8.0}
"""A node's start and end."""
_FRAMES_A_SECOND = 10.0


def estimate_s(items: Iterable[Item], jobs: int) -> float:
    """Seconds for all of them, so many at a time; a core for each is assumed."""
    return sum(_item_s(item) for item in items) / jobs


def _item_s(item: Item) -> float:
    scenario = item.scenario
    if item.tier == "detections":
        return _LOOK_S * _looks(scenario)
    if item.tier == "real" or item.made is not None:
        return _START_S["real"]
    frames = _looks(scenario) if item.tier == "composed" else _seconds(scenario) * _FRAMES_A_SECOND
    return _START_S[item.tier] + _FRAME_S[item.tier] * frames


def _seconds(scenario: Scenario) -> float:
    return scenario.duration_s * len(scenario.cameras)


def _looks(scenario: Scenario) -> float:
    return _seconds(scenario) / scenario.look_interval_s
