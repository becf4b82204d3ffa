"""Videos at any rate: the real file source reads every frame at its true time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.cameras import SourceOptions, open_source
from ingest.cameras.address import parse_address
from ingest.cameras.source import End, Frame
from ingest.clock import SystemClock
from scenarios.makers.pictures import make_pictures
from scenarios.scene.camera import Image
from scenarios.video import VideoWriter
from tests.scenarios.makers.small import small

_START = datetime(2026, 3, 2, 2, tzinfo=UTC)


def _grey(level: int) -> Image:
    return np.full((48, 64, 3), level, np.uint8)


def _looks(path: Path, look_s: float, resume_after_s: float | None = None) -> list[Frame]:
    """What a node gets that looks at the file on the media clock."""
    options = SourceOptions(look_interval_s=look_s, start_at=_START, resume_after_s=resume_after_s)
    source = open_source(parse_address(str(path)), options, clock=SystemClock())
    found: list[Frame] = []
    try:
        while not isinstance(answer := source.read(1.0), End):
            assert isinstance(answer, Frame)
            found.append(answer)
    finally:
        source.close()
    return found


def _written(path: Path, fps: float, times: list[float]) -> Path:
    with VideoWriter(path, 64, 48, fps) as writer:
        for number, at_s in enumerate(times):
            writer.write(_grey(20 + number * 30 % 220), at_s)
    return path


def test_a_node_sees_frames_five_seconds_apart_and_the_gap_between_them(tmp_path: Path) -> None:
    times = [0.0, 5.0, 10.0, 30.0, 35.0, 86_400.0 * 20]
    looks = _looks(_written(tmp_path / "slow.mp4", 0.2, times), 5.0)
    assert [look.position_s for look in looks] == times
    assert [look.at for look in looks] == [_START + timedelta(seconds=at_s) for at_s in times]
    assert [round(float(look.image.mean())) for look in looks] == pytest.approx([20, 50, 80, 110, 140, 170], abs=6)


def test_a_stream_that_begins_late_begins_with_a_black_picture(tmp_path: Path) -> None:
    looks = _looks(_written(tmp_path / "late.mp4", 0.5, [10.0, 12.0]), 2.0)
    assert [look.position_s for look in looks] == [0.0, 10.0, 12.0]
    assert looks[0].image.max() < 3


def test_a_node_that_resumes_goes_on_behind_its_last_look(tmp_path: Path) -> None:
    path = _written(tmp_path / "slow.mp4", 1 / 3, [3.0 * k for k in range(40)])
    assert [look.position_s for look in _looks(path, 3.0, 45.0)] == [3.0 * k for k in range(16, 40)]


@settings(max_examples=15, deadline=None)
@given(look_ms=st.integers(100, 600_000), skips=st.lists(st.booleans(), min_size=2, max_size=12))
def test_every_frame_made_for_a_look_is_that_look(
    tmp_path_factory: pytest.TempPathFactory, look_ms: int, skips: list[bool]
) -> None:
    look_s = look_ms / 1000
    times = [k * look_s for k, skipped in enumerate(skips) if k == 0 or not skipped]
    path = _written(tmp_path_factory.mktemp("looks") / "any.mp4", 1 / look_s, times)
    assert [look.position_s for look in _looks(path, look_s)] == pytest.approx(times, abs=0.0011)


def test_frames_without_a_time_follow_one_another_at_the_rate(tmp_path: Path) -> None:
    path = tmp_path / "plain.mp4"
    with VideoWriter(path, 64, 48, 10) as writer:
        for level in range(12):
            writer.write(_grey(level))
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == 10
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([k / 10 for k in range(12)])


def test_time_that_runs_backwards_and_rates_of_nought_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fps 0 must be above 0"):
        VideoWriter(tmp_path / "none.mp4", 64, 48, 0)
    with VideoWriter(tmp_path / "back.mp4", 64, 48, 1) as writer:
        writer.write(_grey(1), 4.0)
        with pytest.raises(ValueError, match=r"frame at 3 s does not follow the one at 4 s"):
            writer.write(_grey(1), 3.0)


def test_a_scenario_s_video_keeps_the_scenario_s_seconds_across_an_outage(tmp_path: Path) -> None:
    scenario = small([{"kind": "offline", "from_s": 4, "to_s": 10}], duration_s=16.0, look_interval_s=2.0)
    truth = make_pictures(scenario, "composed", tmp_path)
    assert truth.camera.video is not None
    looks = _looks(tmp_path / truth.camera.video, scenario.look_interval_s)
    assert [look.position_s for look in looks] == [0.0, 2.0, 10.0, 12.0, 14.0]


def test_a_small_bag_survives_the_encoder(tmp_path: Path) -> None:
    scenario = small(duration_s=6.0)
    truth = make_pictures(scenario, "composed", tmp_path)
    assert truth.camera.video is not None
    look = _looks(tmp_path / truth.camera.video, 1.0)[-1]
    bag = next(one for one in truth.camera.samples[-1].objects if one.kind == "garbage")
    x1, y1, x2, y2 = (round(side * of) for side, of in zip(bag.box, (320, 180, 320, 180), strict=True))
    assert (x2 - x1) * (y2 - y1) < 400
    inside = look.image[y1:y2, x1:x2].astype(float)
    around = look.image[y1:y2, x2 + 2 : x2 + 2 + (x2 - x1)].astype(float)
    assert np.abs(inside.mean(axis=(0, 1)) - around.mean(axis=(0, 1))).max() > 15
