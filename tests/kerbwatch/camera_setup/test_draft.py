"""Drawing zones and ground points, and the block that comes out."""

from __future__ import annotations

import math
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ground import METRES_PER_DEGREE
from edge.config import NodeConfig
from ingest.config import parse_config
from ingest.taxonomy import SEEN_CATEGORIES, Category, ZonePurpose
from kerbwatch.camera_setup.block import fit_ground, make_block
from kerbwatch.camera_setup.draft import CameraDraft, DrawingError, GroundDraft, default_rules
from kerbwatch.camera_setup.sketch import sketch

HEAD = '[node]\nsite = "xuhui"\nname = "junction-17"\ndata_dir = "data"\n\n'
SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
NUMBER = st.floats(-2, 3, allow_nan=False)


def drawn(*corners: tuple[float, float]) -> CameraDraft:
    """A live camera with these corners clicked."""
    draft = CameraDraft("north", "rtsp://10.0.0.7/main")
    for corner in corners:
        draft.add_corner(*corner)
    return draft


def ground(*positions: tuple[float, float, float, float]) -> list[GroundDraft]:
    """Complete ground points."""
    return [GroundDraft(*position) for position in positions]


@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=3, max_size=8))
def test_every_zone_that_can_be_closed_is_accepted_by_the_edge(corners: list[tuple[float, float]]) -> None:
    draft = drawn()
    try:
        for corner in corners:
            draft.add_corner(*corner)
        if draft.corners:
            draft.close_zone()
    except DrawingError:
        return
    block = make_block(draft, Path())
    assert not draft.corners
    assert block.problems == ()
    config = parse_config(HEAD + block.text, NodeConfig, source="test", base_dir=Path())
    assert len(config.cameras[0].zones) == len(draft.zones)


def test_a_click_on_the_first_corner_closes_the_zone() -> None:
    draft = drawn(*SQUARE, (0.103, 0.097))
    assert [list(zone.polygon) for zone in draft.zones] == [list(SQUARE)]
    assert draft.corners == []


@pytest.mark.parametrize(
    ("corners", "why"),
    [
        ([(0.1, 0.1), (0.9, 0.1)], "at least three"),
        ([(0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)], "edges cross"),
        ([(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)], "no area"),
    ],
)
def test_what_is_no_zone_is_refused_and_the_corners_stay(corners: list[tuple[float, float]], why: str) -> None:
    draft = drawn(*corners)
    with pytest.raises(DrawingError, match=why):
        draft.close_zone()
    assert draft.corners == corners


def test_undo_takes_corners_back_one_by_one_and_reopens_the_last_zone() -> None:
    draft = drawn(*SQUARE)
    draft.close_zone()
    draft.undo_corner()
    assert (draft.zones, draft.corners) == ([], list(SQUARE))
    for _ in range(6):
        draft.undo_corner()
    assert draft.corners == []


def test_a_new_zone_never_takes_the_name_of_another() -> None:
    draft = drawn()
    for number in range(3):
        draft.corners = list(SQUARE)
        draft.close_zone()
        if number == 1:
            draft.zones.pop(0)
    names = [zone.name for zone in draft.zones]
    assert len(set(names)) == len(names)


def test_changed_rules_survive_a_change_of_purpose_untouched_ones_follow_it() -> None:
    draft = drawn(*SQUARE)
    zone = draft.close_zone()
    zone.change_purpose(ZonePurpose.GARBAGE_POINT)
    assert zone.rules == default_rules(ZonePurpose.GARBAGE_POINT)
    zone.rules[0].dwell_s = 42.0
    zone.change_purpose(ZonePurpose.PAVEMENT)
    assert [(rule.category, rule.dwell_s) for rule in zone.rules] == [(Category.GARBAGE, 42.0)]


def test_no_category_gets_two_rules() -> None:
    draft = drawn(*SQUARE)
    zone = draft.close_zone()
    for _ in range(len(SEEN_CATEGORIES) - 1):
        zone.add_rule()
    assert {rule.category for rule in zone.rules} == set(SEEN_CATEGORIES)
    with pytest.raises(DrawingError, match="every category"):
        zone.add_rule()


def test_a_block_with_something_wrong_names_the_field() -> None:
    draft = drawn(*SQUARE)
    zone = draft.close_zone()
    zone.name = "No Stopping!"
    zone.rules[0].dwell_s = 0.0
    problems = " ".join(make_block(draft, Path()).problems)
    assert "zone[0].name" in problems
    assert "dwell_s" in problems


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda draft: draft.zones.clear(), "zone"),
        (lambda draft: draft.add_corner(0.5, 0.5), "still open"),
        (lambda draft: draft.add_ground(0.5, 0.5), "no position"),
    ],
)
def test_a_half_drawn_camera_is_not_ready(spoil: object, why: str) -> None:
    draft = drawn(*SQUARE)
    draft.close_zone()
    assert callable(spoil)
    spoil(draft)
    assert why in " ".join(make_block(draft, Path()).problems)


def test_the_first_frame_of_a_file_reaches_the_block_as_utc(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"")
    draft = drawn(*SQUARE)
    draft.close_zone()
    draft.source = "clip.mp4"
    assert any("start_at" in problem for problem in make_block(draft, tmp_path).problems)
    draft.start_at = datetime(2026, 1, 31, 8, tzinfo=UTC)
    block = make_block(draft, tmp_path)
    assert block.problems == ()
    assert tomllib.loads(block.text)["camera"][0]["start_at"] == draft.start_at


def test_four_points_fit_exactly_and_say_that_this_proves_nothing() -> None:
    fit = fit_ground(
        ground(
            (0.1, 0.9, 31.2, 121.4),
            (0.9, 0.9, 31.2, 121.4003),
            (0.7, 0.3, 31.2006, 121.4003),
            (0.3, 0.3, 31.2006, 121.4),
        )
    )
    assert fit.good
    assert max(fit.errors_m) < 1e-3
    assert "fifth" in fit.text


def test_a_point_that_is_ten_metres_off_shows_as_an_error_of_metres() -> None:
    flat = [
        (x, y, 31.2 + (1 - y) * 1e-3, 121.4 + x * 1e-3)
        for x, y in ((0.1, 0.9), (0.9, 0.9), (0.9, 0.1), (0.1, 0.1))
    ]
    wrong = (0.5, 0.5, 31.2 + 0.5e-3 + 10 / METRES_PER_DEGREE, 121.4 + 0.5e-3)
    fit = fit_ground(ground(*flat, wrong))
    assert 3 < max(fit.errors_m) < 10
    assert fit.errors_m[4] == max(fit.errors_m)
    assert f"{math.sqrt(sum(e * e for e in fit.errors_m) / 5):.2f} m" in fit.text


def test_points_on_one_line_are_refused_with_a_reason() -> None:
    fit = fit_ground(ground(*((0.2 * i, 0.2 * i, 31.2 + i * 1e-4, 121.4) for i in range(1, 5))))
    assert not fit.good
    assert "one line" in fit.text


def test_what_the_user_typed_never_reaches_the_overlay() -> None:
    draft = drawn(*SQUARE)
    draft.close_zone().name = "<script>alert(1)</script>"
    draft.add_ground(0.5, 0.5)
    draft.add_corner(0.2, 0.2)
    assert "script" not in sketch(draft, 640, 480)
