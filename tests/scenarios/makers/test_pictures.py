"""Pictures of scenarios: repeatable, true to the timeline, the same truth in every tier."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scenarios.language.scenario import Scenario
from scenarios.makers.pictures import Shot, frame_count, frames, make_pictures
from scenarios.scene.camera import Image
from scenarios.truth import Truth
from scenarios.world.view import View
from scenarios.world.world import World
from tests.scenarios.makers.small import BAG, CAR, CRATE, STALL, WALKER, overlap, small


def _shots(scenario: Scenario, count: int = 8) -> list[Shot]:
    shots = frames(scenario, "cam-a", "composed")
    return [shot for shot, _ in zip(shots, range(count), strict=False)]


def _image(shot: Shot) -> Image:
    assert shot.image is not None
    return shot.image


_ALL_AT_ONCE = [
    {"kind": "rain", "amount": 0.6},
    {"kind": "dusk", "amount": 0.7},
    {"kind": "headlights", "amount": 0.5},
    {"kind": "shake", "amount": 0.5},
    {"kind": "dirty", "amount": 0.5},
    {"kind": "frame_drop", "amount": 0.4},
]


def test_equal_scenarios_give_equal_frames_in_every_weather() -> None:
    first, again = _shots(small(_ALL_AT_ONCE)), _shots(small(_ALL_AT_ONCE))
    assert [shot.image is None for shot in first] == [shot.image is None for shot in again]
    assert any(shot.image is None for shot in first)
    assert all(
        np.array_equal(_image(a), _image(b)) for a, b in zip(first, again, strict=True) if a.image is not None
    )
    assert [shot.seen for shot in first] == [shot.seen for shot in again]


def test_another_seed_gives_other_frames() -> None:
    assert not np.array_equal(_image(_shots(small(), 1)[0]), _image(_shots(small(seed=4), 1)[0]))


def test_there_is_one_frame_a_look_or_ten_a_second() -> None:
    scenario = small(duration_s=7.0, look_interval_s=2.0)
    assert [shot.t for shot in frames(scenario, "cam-a", "composed")] == [0.0, 2.0, 4.0, 6.0]
    assert frame_count(scenario, "rendered") == 70
    assert frame_count(small(duration_s=0.3 * 3, look_interval_s=0.3, problem=[]), "composed") == 3


@pytest.mark.parametrize("kind", ["offline", "power_cut"])
def test_no_frame_comes_while_the_camera_is_away(kind: str) -> None:
    shots = _shots(small([{"kind": kind, "from_s": 2, "to_s": 5}]))
    assert [shot.image is None for shot in shots] == [False, False, True, True, True, False, False, False]
    assert all(shot.seen == () for shot in shots if shot.image is None)


def test_a_frozen_stream_repeats_its_last_frame_and_what_was_in_it() -> None:
    shots = _shots(small([{"kind": "freeze", "from_s": 3, "to_s": 6}]))
    for frozen in shots[3:6]:
        assert np.array_equal(_image(frozen), _image(shots[2]))
        assert frozen.seen == shots[2].seen
    assert not np.array_equal(_image(shots[6]), _image(shots[2]))


def test_a_covered_lens_shows_nothing_and_nothing_is_seen() -> None:
    (shot,) = _shots(small([{"kind": "covered", "amount": 1.0}]), 1)
    assert _image(shot).std(axis=(0, 1)).max() < 6
    assert shot.seen == ()


def test_half_a_cover_hides_what_is_behind_it_only() -> None:
    (bare,), (half,) = _shots(small(), 1), _shots(small([{"kind": "covered", "amount": 0.5}]), 1)
    left = {one.number: one.visible for one in half.seen}
    assert all(left.get(one.number, 0.0) <= one.visible + 1e-9 for one in bare.seen)
    assert sum(left.values()) < sum(one.visible for one in bare.seen)


def test_boxes_of_what_nothing_hides_agree_with_the_world_s_projection() -> None:
    scenario = small()
    world, view = World(scenario), View(scenario.cameras[0])
    compared = 0
    for shot in _shots(scenario, 3):
        present = {one.number: one for one in world.present(shot.t)}
        for one in shot.seen:
            expected = view.project(present[one.number])
            if one.visible > 0.98 and expected is not None:
                assert overlap(one.box, expected.box) > 0.8, one
                compared += 1
    assert compared >= 9


def test_what_no_model_names_is_in_the_truth_only_where_a_claim_is_about_it() -> None:
    claim = {
        "id": "p-crate", "category": "static_object", "zone": "strip", "actors": ["crate"], "start_s": 0,
    }  # fmt: skip
    zone = small().zones[0].model_dump(by_alias=True, exclude={"permits"})
    zone["rule"] = [{"category": "static_object", "dwell_s": 3}]
    (bare,) = _shots(small(), 1)
    (claimed,) = _shots(small(zone=[zone], problem=[claim]), 1)
    assert {one.number for one in bare.seen} == {CAR, BAG, STALL, WALKER}
    assert {one.number for one in claimed.seen} == {CAR, BAG, STALL, CRATE, WALKER}


def test_a_knocked_camera_sees_things_elsewhere_and_where_its_new_pose_says() -> None:
    scenario = small([{"kind": "askew", "pan_deg": 8.0, "roll_deg": 3.0, "from_s": 1}])
    usual, knocked = _shots(scenario, 2)
    boxes = {one.number: one.box for one in knocked.seen}
    view = View(scenario.cameras[0], (8.0, 0.0, 3.0))
    bag = next(one for one in World(scenario).present(1.0) if one.number == BAG)
    expected = view.project(bag)
    assert expected is not None
    assert overlap(boxes[BAG], expected.box) > 0.75
    assert overlap(boxes[BAG], next(one.box for one in usual.seen if one.number == BAG)) < 0.3


def test_shaking_moves_truth_and_picture_together() -> None:
    still, shaken = _shots(small(), 4), _shots(small([{"kind": "shake"}]), 4)
    for before, after in zip(still, shaken, strict=True):
        moved = {one.number: one.box for one in after.seen}
        shifts = {
            (round(moved[one.number][0] - one.box[0], 6), round(moved[one.number][1] - one.box[1], 6))
            for one in before.seen
            if one.number in (BAG, CRATE, WALKER)
        }
        assert len(shifts) == 1


def test_a_thing_that_grows_in_one_place_is_drawn_larger() -> None:
    actors = [{"id": "car", "kind": "car", "seed": 5, "at": [{"s": 0, "x": 3.8, "y": 16, "heading_deg": 0}]}]
    heap = {"id": "bag", "kind": "heap", "seed": 1}
    heap["at"] = [{"s": 0, "x": 0, "y": 13, "size": 0.4}, {"s": 8, "x": 0, "y": 13, "size": 1.6}]
    shots = _shots(small(actor=[*actors, heap]))
    areas = [
        (one.box[2] - one.box[0]) * (one.box[3] - one.box[1])
        for shot in shots
        for one in shot.seen
        if one.number == BAG
    ]
    assert areas == sorted(areas)
    assert areas[-1] > 4 * areas[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, Truth, Path]:
    folder = tmp_path_factory.mktemp("made")
    scenario = small([{"kind": "offline", "from_s": 2, "to_s": 3}], duration_s=4.0)
    return (
        make_pictures(scenario, "composed", folder / "composed"),
        make_pictures(scenario, "rendered", folder / "rendered"),
        folder,
    )


def test_composed_and_rendered_truth_differ_only_in_tier_and_rate(made: tuple[Truth, Truth, Path]) -> None:
    composed, rendered, _ = made
    camera = rendered.camera.model_copy(update={"fps": composed.camera.fps})
    assert rendered.camera.fps == 10.0
    assert rendered.model_copy(update={"tier": "composed", "cameras": (camera,)}) == composed


def test_truth_lies_beside_its_videos_and_samples_each_look(made: tuple[Truth, Truth, Path]) -> None:
    composed, _, folder = made
    assert Truth.load(folder / "composed" / "truth.json") == composed
    assert composed.camera.video is not None
    assert (folder / "composed" / composed.camera.video).stat().st_size > 1000
    assert [sample.t for sample in composed.camera.samples] == [0.0, 1.0, 3.0]


def test_samples_are_thinned_evenly_to_two_hundred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def quick(scenario: Scenario, _name: str, tier: str) -> list[Shot]:
        image = np.zeros((180, 320, 3), np.uint8)
        return [Shot(index * 1.0, image, ()) for index in range(frame_count(scenario, "composed"))]

    monkeypatch.setattr("scenarios.makers.pictures.frames", quick)
    counted: list[tuple[int, int]] = []
    truth = make_pictures(small(duration_s=450), "composed", tmp_path, lambda done, of: counted.append((done, of)))
    times = [sample.t for sample in truth.camera.samples]
    assert len(times) == 200
    assert {round(b - a) for a, b in pairwise(times)} == {2, 3}
    assert counted[-1] == (450, 450)


def test_each_camera_gets_a_video_and_progress_counts_all(tmp_path: Path) -> None:
    first = small().cameras[0].model_dump()
    cameras = [first, {**first, "name": "cam-b", "x": -6.0, "heading_deg": 14.0}]
    counted: list[tuple[int, int]] = []
    truth = make_pictures(
        small(camera=cameras, duration_s=4.0), "composed", tmp_path, lambda done, of: counted.append((done, of))
    )
    assert [camera.video for camera in truth.cameras] == ["cam-a.mp4", "cam-b.mp4"]
    assert all((tmp_path / f"{name}.mp4").exists() for name in ("cam-a", "cam-b"))
    assert counted == [(done, 8) for done in range(1, 9)]


def test_a_tier_or_camera_the_scenario_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="has the tiers composed, not 'rendered'"):
        next(frames(small(tiers=["composed"]), "cam-a", "rendered"))
    with pytest.raises(ValueError, match=r"camera 'cam-x' is none of its cameras \(cam-a\)"):
        next(frames(small(), "cam-x", "composed"))


def test_frames_larger_than_the_noise_tile_can_be_made() -> None:
    camera = {**small().cameras[0].model_dump(), "width": 1120, "height_px": 630}
    (shot,) = _shots(small(camera=[camera]), 1)
    assert _image(shot).shape == (630, 1120, 3)
    assert {one.number for one in shot.seen} == {CAR, BAG, STALL, WALKER}
