"""When nobody could look: at all, or at a zone that is out of the picture or too blurred to recognise anything in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.taxonomy import SEEN_CATEGORIES, Category
from scenarios.language.conditions import BLUR_RADIUS
from scenarios.scene.camera import Camera
from scenarios.truth import BlindSpan
from scenarios.world.blind import blind_spans
from scenarios.world.visible import LOST_BELOW, PASSES, SMALLER_SIDE_M, ZoneView, turned_deg
from tests.scenarios.world.streets import CAMERA, KERB, PAVEMENT, street

MIDDLE = {**KERB, "ground": ((2.0, 14.0), (5.0, 14.0), (5.0, 30.0), (2.0, 30.0))}
LENS = Camera(x=0.0, y=0.0, height=7.0, yaw=0.0, pitch=math.radians(20), focal=554.0)


def _blind(*tables: dict[str, Any]) -> list[tuple[float, float, str]]:
    scenario = street(condition=tables)
    return [(span.from_s, span.to_s, span.why) for span in blind_spans(scenario, scenario.cameras[0])]


def test_blind_spans_that_touch_are_one() -> None:
    spans = _blind(
        {"kind": "offline", "from_s": 100, "to_s": 200},
        {"kind": "freeze", "from_s": 150, "to_s": 260},
        {"kind": "power_cut", "from_s": 400},
    )
    assert spans == [(100.0, 260.0, "offline"), (400.0, 1000.0, "power_cut")]


def test_a_cover_blinds_only_while_it_is_thick_enough() -> None:
    ramped = {"kind": "covered", "from_s": 100, "to_s": 300, "ramp_s": 50}
    assert _blind(ramped) == [(135.0, 265.0, "covered")]
    assert _blind({**ramped, "amount": 0.5}) == []
    assert _blind({"kind": "covered", "from_s": 100, "to_s": 120, "ramp_s": 50}) == []


def test_weather_does_not_blind_and_other_cameras_stay_sighted() -> None:
    assert _blind({"kind": "rain"}, {"kind": "night_ir"}) == []
    two = street(
        camera=(CAMERA, {**CAMERA, "name": "two"}), condition=({"kind": "offline", "cameras": ["two"], "to_s": 9},)
    )
    assert blind_spans(two, two.cameras[0]) == ()
    assert len(blind_spans(two, two.cameras[1])) == 1


def _spans(*tables: dict[str, Any], **parts: Any) -> list[BlindSpan]:
    scenario = street(condition=tables, **parts)
    return list(blind_spans(scenario, scenario.cameras[0]))


def test_a_camera_turned_away_cannot_look_at_any_zone_and_says_which() -> None:
    (span,) = _spans({"kind": "askew", "pan_deg": 100, "from_s": 200, "to_s": 400})
    assert (span.from_s, span.to_s, span.why, span.certain) == (200, 400, "askew", True)
    assert set(span.zones) == {"kerb", "pavement"}


@pytest.mark.parametrize("angles", [{"pan_deg": 4.0, "tilt_deg": 2.0}, {"pan_deg": -3.0, "roll_deg": 3.0}])
def test_a_knock_that_must_be_borne_blinds_nothing_in_the_middle_of_the_picture(angles: dict[str, float]) -> None:
    assert _spans({"kind": "askew", "from_s": 200, "to_s": 400, **angles}, zone=(MIDDLE,)) == []


def test_a_zone_that_a_knock_turns_out_of_the_frame_is_blind_while_another_one_is_not() -> None:
    """The left kerb leaves the picture to the left; the right one goes to its middle."""
    left = {**KERB, "name": "left", "ground": ((-9.0, 9.0), (-7.0, 9.0), (-7.0, 14.0), (-9.0, 14.0))}
    camera = {**CAMERA, "heading_deg": 0.0, "field_of_view_deg": 75.0}
    spans = _spans({"kind": "askew", "pan_deg": 25}, zone=(KERB, left), camera=(camera,))
    assert [(span.zones, span.certain) for span in spans] == [(("kerb",), False), (("left",), True)]


def test_a_camera_turned_by_more_than_a_knock_may_be_called_blind_but_need_not_be() -> None:
    (span,) = _spans({"kind": "askew", "pan_deg": 8, "from_s": 10, "to_s": 90}, zone=(KERB,))
    assert (span.from_s, span.to_s, span.certain) == (10, 90, False)


def test_a_blur_hides_small_things_before_large_ones() -> None:
    blur = {"kind": "defocus", "amount": 0.6, "from_s": 100, "to_s": 300}
    rubbish = {**PAVEMENT, "rule": ({"category": "garbage", "dwell_s": 60},)}
    near = ((2.0, 8.0), (5.0, 8.0), (5.0, 14.0), (2.0, 14.0))
    (span,) = _spans(blur, zone=({**KERB, "ground": near}, {**rubbish, "ground": near}))
    assert (span.zones, span.why, span.certain) == (("pavement",), "defocus", True)


def test_a_blur_that_comes_slowly_blinds_from_the_moment_at_which_it_is_strong_enough() -> None:
    ramped = {"kind": "defocus", "from_s": 100, "to_s": 500, "ramp_s": 100}
    spans = _spans(ramped, zone=(MIDDLE,))
    assert [span.certain for span in spans] == [False, True, False]
    assert [a.to_s for a in spans[:-1]] == [b.from_s for b in spans[1:]]
    before, blind, after = spans
    assert 100 < before.from_s < blind.from_s < 200
    assert blind.to_s - 400 == pytest.approx(200 - blind.from_s, abs=0.1)
    assert after.to_s - 400 == pytest.approx(200 - before.from_s, abs=0.1)


def test_what_blinds_the_whole_camera_is_not_told_again_for_its_zones() -> None:
    spans = _spans(
        {"kind": "askew", "pan_deg": 100, "from_s": 100, "to_s": 500},
        {"kind": "offline", "from_s": 200, "to_s": 300},
    )
    assert [(span.from_s, span.to_s, span.why, bool(span.zones)) for span in spans] == [
        (100, 200, "askew", True),
        (200, 300, "offline", False),
        (300, 500, "askew", True),
    ]


def test_a_zone_without_rules_has_nothing_to_be_blind_about_for_certain() -> None:
    (span,) = _spans({"kind": "askew", "pan_deg": 100}, zone=({**KERB, "rule": ()},))
    assert not span.certain


def test_footage_of_which_nobody_knows_the_lens_has_no_such_spans() -> None:
    drawn = {
        "name": "kerb",
        "purpose": "no_stopping",
        "camera": "cam",
        "picture": ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)),
        "rule": ({"category": "parked_vehicle", "dwell_s": 60},),
    }
    camera = {"name": "cam", "footage": {"file": "a.mp4", "sha256": "0" * 64}}
    assert _spans({"kind": "defocus"}, zone=(drawn,), camera=(camera,), tiers=("real",)) == []


@settings(max_examples=60)
@given(
    st.floats(8, 45),
    st.sampled_from(SEEN_CATEGORIES),
    st.floats(0.02, 1.0),
)
def test_nobody_could_look_where_fewer_than_three_line_pairs_fit_across_a_thing(
    away_m: float, category: Category, defocus: float
) -> None:
    """A patch of street at one distance: the answer is that of the formula, up to the patch's own depth."""
    corners = [(x, y) for x, y in ((-0.2, away_m), (0.2, away_m), (0.2, away_m + 0.1), (-0.2, away_m + 0.1))]
    polygon = tuple((float(u), float(v)) for u, v in LENS.ground_polygon(np.array(corners)))
    depth_m = away_m * math.cos(math.radians(20)) + 7.0 * math.sin(math.radians(20))
    pairs = PASSES * (SMALLER_SIDE_M[category] * 554.0 / depth_m) / (2 * BLUR_RADIUS * defocus * 640)
    if abs(pairs / LOST_BELOW - 1) < 0.03:
        return
    sight = ZoneView(LENS, polygon, {category}).sight((0.0, 0.0, 0.0), defocus)
    assert (sight is not None and sight.certain) is (pairs < LOST_BELOW)


@given(st.floats(-60, 60), st.floats(-30, 30), st.floats(-30, 30))
def test_the_angle_of_a_turn_is_none_without_one_and_never_less_than_its_pan_alone(
    pan: float, tilt: float, roll: float
) -> None:
    level = Camera(x=0.0, y=0.0, height=7.0, yaw=0.3, pitch=0.0, focal=500.0)
    assert turned_deg(level, (0.0, 0.0, 0.0)) == pytest.approx(0.0, abs=1e-5)
    assert turned_deg(level, (pan, 0.0, 0.0)) == pytest.approx(abs(pan), abs=1e-4)
    assert turned_deg(level, (pan, tilt, roll)) <= abs(pan) + abs(tilt) + abs(roll) + 1e-4


@settings(max_examples=60)
@given(st.floats(-180, 180), st.floats(-40, 40), st.floats(0, 1), st.floats(0, 1))
def test_more_blur_never_shows_more(pan: float, tilt: float, one: float, other: float) -> None:
    polygon = tuple((float(u), float(v)) for u, v in ((0.3, 0.4), (0.7, 0.4), (0.7, 0.9), (0.3, 0.9)))
    view = ZoneView(LENS, polygon, {Category.PARKED_VEHICLE, Category.GARBAGE})
    less, more = (view.sight((pan, tilt, 0.0), amount) for amount in sorted((one, other)))
    assert _rank(less) <= _rank(more)


def _rank(sight: object) -> int:
    return 0 if sight is None else 2 if sight.certain else 1
