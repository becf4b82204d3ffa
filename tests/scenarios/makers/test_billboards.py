"""Pictures that users bring: used where they are good, refused by name where they are not."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from scenarios.language.scenario import Scenario
from scenarios.makers.billboards import PictureError
from scenarios.makers.pictures import Shot, frames
from scenarios.world.view import View
from scenarios.world.world import World
from tests.scenarios.makers.small import overlap, small


def _cutout(path: Path, picture: np.ndarray[Any, Any] | None = None) -> Path:
    if picture is None:
        picture = np.full((60, 40, 4), 255, np.uint8)
        picture[..., :3] = (20, 20, 230)
    assert cv2.imwrite(str(path), picture)
    return path


def _with_cutout(path: Path, **changes: Any) -> Scenario:
    actor = {
        "id": "board", "kind": "cutout", "picture": path, "tall_m": 1.8, "object_class": "stall",
        "at": [{"s": 0, "x": 0.0, "y": 12.0}],
    }  # fmt: skip
    return small(tiers=["composed"], actor=[actor], problem=[], **changes)


def _first(scenario: Scenario) -> Shot:
    return next(frames(scenario, "cam-a", "composed"))


def test_a_cutout_stands_where_the_world_projects_it_in_its_own_colours(tmp_path: Path) -> None:
    scenario = _with_cutout(_cutout(tmp_path / "board.png"))
    shot = _first(scenario)
    (one,) = shot.seen
    expected = View(scenario.cameras[0]).project(World(scenario).present(0.0)[0])
    assert expected is not None
    assert overlap(one.box, expected.box) > 0.85
    assert one.kind == "stall"
    assert shot.image is not None
    x, y = int((one.box[0] + one.box[2]) / 2 * 320), int((one.box[1] + one.box[3]) / 2 * 180)
    blue, green, red = shot.image[y, x].tolist()
    assert red > 150
    assert max(blue, green) < 90


def test_a_nearer_car_hides_a_cutout(tmp_path: Path) -> None:
    scenario = _with_cutout(_cutout(tmp_path / "board.png"))
    car = {"id": "car", "kind": "van", "seed": 1, "at": [{"s": 0, "x": 1.2, "y": 8.5, "heading_deg": 90}]}
    board = scenario.actors[0].model_dump()
    hidden = _first(
        scenario.model_copy(update={"actors": small(actor=[board, car], problem=[], tiers=["composed"]).actors})
    )
    shares = {one.number: one.visible for one in hidden.seen}
    assert shares.get(1, 0.0) < 0.7
    assert shares[2] > 0.99


def test_a_sixteen_bit_cutout_is_drawn_like_an_eight_bit_one(tmp_path: Path) -> None:
    picture = np.full((60, 40, 4), 65535, np.uint16)
    picture[..., :3] = np.array((20, 20, 230)) * 257
    deep, plain = _cutout(tmp_path / "deep.png", picture), _cutout(tmp_path / "plain.png")
    drawn, expected = _first(_with_cutout(deep)).image, _first(_with_cutout(plain)).image
    assert drawn is not None
    assert expected is not None
    assert np.array_equal(drawn, expected)


def test_a_background_of_another_size_fills_the_frame(tmp_path: Path) -> None:
    picture = np.zeros((90, 300, 3), np.uint8)
    picture[:, :150], picture[:, 150:] = (200, 60, 60), (60, 60, 200)
    path = tmp_path / "street.png"
    cv2.imwrite(str(path), picture)
    scenery = {"background": path}
    shot = _first(small(scenery=scenery, actor=small().actors[:1], tiers=["composed"]))
    assert shot.image is not None
    assert np.abs(shot.image[:60, 20:120].mean(axis=(0, 1)) - (200, 60, 60)).max() < 12
    assert np.abs(shot.image[:40, 200:300].mean(axis=(0, 1)) - (60, 60, 200)).max() < 12


def test_a_knocked_camera_turns_the_background_with_the_things_in_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    picture = cv2.GaussianBlur(rng.integers(0, 255, (180, 320, 3), dtype=np.uint8), (0, 0), 3)
    path = tmp_path / "street.png"
    cv2.imwrite(str(path), cv2.convertScaleAbs(picture, alpha=4, beta=-380))
    askew = [{"kind": "askew", "pan_deg": 6.0, "from_s": 1}]
    scenario = small(askew, scenery={"background": path}, actor=[], problem=[], tiers=["composed"])
    shots = frames(scenario, "cam-a", "composed")
    usual, knocked = next(shots).image, next(shots).image
    assert usual is not None
    assert knocked is not None
    shift = round(np.tan(np.radians(6.0)) * 320 / 2 / np.tan(np.radians(30)) * np.cos(np.radians(19)))
    middle = usual[85:95, 150 + shift : 170 + shift].astype(int) - knocked[85:95, 150:170]
    unmoved = usual[85:95, 150:170].astype(int) - knocked[85:95, 150:170]
    assert np.abs(middle).mean() < 0.6 * np.abs(unmoved).mean()


def _huge_header(path: Path) -> Path:
    """A PNG of a few bytes that claims 60000 x 60000 pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    end = b"\x00\x00\x00\x00IEND\xaeB`\x82"
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(head + end)
    return path


def _text(path: Path) -> Path:
    path.write_text("no picture at all", encoding="utf-8")
    return path


def _cut_short(path: Path) -> Path:
    whole = _cutout(path, np.random.default_rng(0).integers(0, 255, (60, 40, 4), dtype=np.uint8)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path, "no such file"),
        (lambda path: path.parent, "no such file"),
        (_text, "neither JPEG nor PNG"),
        (_huge_header, "60000 x 60000 pixels"),
        (_cut_short, "decoder refused|transparent"),
        (lambda path: _cutout(path, np.full((9, 9, 3), 80, np.uint8)), "no transparency"),
        (lambda path: _cutout(path, np.zeros((9, 9, 4), np.uint8)), "wholly transparent"),
    ],
    ids=["missing", "folder", "text", "huge", "cut-short", "opaque", "empty"],
)
def test_a_bad_cutout_is_refused_with_actor_and_file(tmp_path: Path, make: Any, reason: str) -> None:
    path = make(tmp_path / "board.png")
    with pytest.raises(PictureError, match=reason) as caught:
        _first(_with_cutout(path))
    assert "'board'" in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("make", [lambda path: path, _text, _huge_header], ids=["missing", "text", "huge"])
def test_a_bad_background_is_refused_with_its_file(tmp_path: Path, make: Any) -> None:
    path = make(tmp_path / "street.png")
    with pytest.raises(PictureError, match=r"scenery\.background"):
        _first(small(scenery={"background": path}, tiers=["composed"]))
