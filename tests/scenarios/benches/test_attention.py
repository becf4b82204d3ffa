"""The bench tells what gating saves, and whether it changes what is raised."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from detectors.attention.settings import AttentionSettings
from detectors.runtime import open_detector
from detectors.types import Detector
from ingest.messages import Box
from ingest.taxonomy import Category
from kerbwatch.commands.bench import bench
from models.catalogue import resolve
from scenarios.benches.attention import Measured, Side, Told, camera_of_video, cameras_of_truth, measure
from scenarios.shipped import shipped
from tests.detectors.attention.pictures import SquareDetector, bare, noisy, put

CAR: Box = (0.3, 0.5, 0.45, 0.7)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Ten pictures of a bare street, then forty with a car on it: still but for that."""
    folder = tmp_path / "clip"
    folder.mkdir()
    street = bare()
    street[::24] = street[:, ::32] = 40  # slabs: a street without a sharp edge is one out of focus
    for number in range(50):
        picture = put(noisy(street, number, 1.5), [CAR] if number >= 10 else [])
        assert cv2.imwrite(str(folder / f"{number:03}.png"), picture)
    return folder


def test_a_still_street_needs_few_inferences_and_raises_the_same(clip: Path) -> None:
    ticks = count()
    camera = camera_of_video(clip, zone=(0.0, 0.0, 1.0, 1.0), look_interval_s=1.0, dwell_s=20.0)
    detector = SquareDetector()
    measured = measure(camera, detector, AttentionSettings(), now=lambda: float(next(ticks)))
    assert measured.looks == 50
    assert measured.without_inference > 0.7
    assert measured.same_incidents
    assert [told.category for told in measured.gated.incidents.values()] == [Category.PARKED_VEHICLE]
    assert detector.looks == 50 + sum(measured.counters[name] for name in ("looks_full", "looks_swept"))
    assert measured.cost == 1.0  # by this clock, which ticks once a look
    assert measured.ms_per_camera_hour(measured.gated) == pytest.approx(3600 * 1000)


def test_a_missing_an_added_or_a_moved_incident_differs() -> None:
    told = Told(Category.GARBAGE, "pavement", CAR, 20.0)
    elsewhere = Told(Category.GARBAGE, "pavement", (0.7, 0.5, 0.8, 0.6), 20.0)
    other = Told(Category.STREET_VENDOR, "pavement", CAR, 20.0)

    def same(full: list[Told], gated: list[Told]) -> bool:
        sides = [Side(1.0, {UUID(int=number): one for number, one in enumerate(list_)}) for list_ in (full, gated)]
        return Measured("c", 10, 1.0, {"looks_unchanged": 3}, *sides).same_incidents

    assert same([told, elsewhere], [elsewhere, told])
    assert not same([told], [])
    assert not same([told], [told, told])
    assert not same([told], [elsewhere])
    assert not same([told], [other])


def test_a_live_source_has_no_end_and_is_refused(clip: Path) -> None:
    camera = camera_of_video(clip, zone=(0.0, 0.0, 1.0, 1.0), look_interval_s=1.0, dwell_s=20.0)
    live = type(camera).model_validate(
        {
            "name": "c",
            "source": "rtsp://10.0.0.7/main",
            "zone": [zone.model_dump(by_alias=True) for zone in camera.zone],
        }
    )
    with pytest.raises(ValueError, match="has no end"):
        measure(live, SquareDetector(), AttentionSettings())


def test_a_zone_turned_over_is_refused_in_words(tmp_path: Path) -> None:
    video = tmp_path / "v.mp4"
    video.write_bytes(b"x")
    result = CliRunner().invoke(bench, ["attention", str(video), "--zone", "0.5", "0.5", "0.5", "0.9"])
    assert result.exit_code == 1
    assert "no area" in result.output


def test_a_video_beside_a_node_file_is_refused_not_left_out(tmp_path: Path) -> None:
    video, node = tmp_path / "v.mp4", tmp_path / "node.toml"
    for file in (video, node):
        file.write_bytes(b"x")
    result = CliRunner().invoke(bench, ["attention", str(video), "--node", str(node)])
    assert result.exit_code == 2
    assert "exclude each other" in result.output


@pytest.fixture(scope="module")
def nano() -> Iterator[Detector]:
    detector = open_detector(resolve("kerbwatch-nano"))
    yield detector
    detector.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
def test_gating_raises_the_same_incidents_on_the_shipped_clips(nano: Detector, number: int) -> None:
    folder, truth = shipped()[number]
    (camera,) = cameras_of_truth(truth, folder)
    measured = measure(camera, nano, AttentionSettings())
    assert measured.same_incidents
    assert measured.full.incidents
    assert np.isfinite(measured.cost)
