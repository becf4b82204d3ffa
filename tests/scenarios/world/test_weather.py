"""Conditions become weather: ramps, the strongest of a kind, what adds up."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.language.conditions import Condition
from scenarios.world.weather import Weather, weather_at


def _conditions(*tables: dict[str, Any]) -> list[Condition]:
    return [Condition.model_validate(table) for table in tables]


def test_a_condition_grows_and_fades_over_its_ramp() -> None:
    rain = _conditions({"kind": "rain", "from_s": 100, "to_s": 200, "amount": 0.8, "ramp_s": 20})
    seen = [weather_at(rain, t).rain for t in (99, 110, 150, 195, 200)]
    assert seen == pytest.approx([0.0, 0.4, 0.8, 0.2, 0.0])


def test_of_one_kind_the_strongest_counts() -> None:
    both = _conditions({"kind": "dirty", "amount": 0.3}, {"kind": "dirty", "amount": 0.5, "to_s": 10})
    assert [weather_at(both, t).dirty for t in (5, 15)] == [0.5, 0.3]


def test_clock_steps_and_knocks_add_up() -> None:
    both = _conditions(
        {"kind": "clock_step", "step_s": 90},
        {"kind": "clock_step", "step_s": -30, "from_s": 10},
        {"kind": "askew", "pan_deg": 3},
        {"kind": "askew", "tilt_deg": 2, "from_s": 10, "ramp_s": 10},
    )
    assert weather_at(both, 5).clock_off_s == 90
    later = weather_at(both, 15)
    assert later.clock_off_s == 60
    assert later.askew == (3.0, 1.0, 0.0)


def test_a_frozen_stream_repeats_the_moment_it_froze() -> None:
    frozen = _conditions({"kind": "freeze", "from_s": 50, "to_s": 80})
    assert [weather_at(frozen, t).frozen_since for t in (49, 60, 80)] == [None, 50.0, None]


def test_without_power_no_frames_come() -> None:
    cut = weather_at(_conditions({"kind": "power_cut"}), 1)
    assert (cut.powered, cut.offline) == (False, True)
    off = weather_at(_conditions({"kind": "offline"}), 1)
    assert (off.powered, off.offline) == (True, True)


def test_a_shadow_drifts() -> None:
    ground = [(0, 0), (1, 0), (1, 1)]
    moving = _conditions(
        {"kind": "shadow", "ground": ground, "from_s": 10, "drift_mps": (0.5, -1.0), "amount": 0.6}
    )
    (shadow,) = weather_at(moving, 14).shadows
    assert shadow.ground == ((2.0, -4.0), (3.0, -4.0), (3.0, -3.0))
    assert shadow.amount == 0.6


def test_no_condition_is_fair_weather() -> None:
    assert weather_at([], 0.0) == Weather()
