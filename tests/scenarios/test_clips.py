"""Clips as files: decodable, complete, small, and the same for the same seed."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest
from pydantic import ValidationError

from scenarios.clips import Clip, make_clip, plan_clip, render
from scenarios.truth import Truth
from scenarios.video import VideoWriter, encoder_name


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return make_clip(5, "market", tmp_path_factory.mktemp("clips"))


@pytest.mark.slow
def test_a_clip_decodes_to_as_many_frames_as_its_truth_says_at_its_rate(clip: Clip) -> None:
    with av.open(str(clip.video)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.codec_context.width, stream.codec_context.height) == (640, 360)
        assert stream.average_rate == 10
        keys = [index for index, frame in enumerate(container.decode(stream)) if frame.key_frame]
    with av.open(str(clip.video)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == round(clip.truth.duration_s * 10)
    assert max(b - a for a, b in itertools.pairwise(keys)) <= 10
    assert clip.video.stat().st_size < 2_500_000


@pytest.mark.slow
def test_the_truth_file_reads_back_and_samples_every_second(clip: Clip) -> None:
    truth = Truth.load(clip.truth_file)
    assert truth == clip.truth
    assert [s.t for s in truth.camera.samples] == [float(t) for t in range(len(truth.camera.samples))]
    assert len(truth.camera.samples) >= truth.duration_s - 1
    numbers = {one.id for sample in truth.camera.samples[40:] for one in sample.objects if one.kind == "garbage"}
    assert len(numbers) == 1


def test_frames_of_the_same_seed_are_equal_to_the_bit() -> None:
    plan = plan_clip(8, "junction")
    first, again = (
        [f for f, _ in render(plan, 200, 203)],
        [f for f, _ in render(plan_clip(8, "junction"), 200, 203)],
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_a_written_video_has_a_key_frame_each_second(tmp_path: Path) -> None:
    path = tmp_path / "short.mp4"
    rng = np.random.default_rng(0)
    with VideoWriter(path, 64, 48, 10) as writer:
        for _ in range(25):
            writer.write(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8))
    with av.open(str(path)) as container:
        keys = [frame.key_frame for frame in container.decode(video=0)]
    assert len(keys) == 25
    assert [i for i, key in enumerate(keys) if key] == [0, 10, 20]


def test_there_is_an_h264_encoder() -> None:
    assert av.codec.Codec(encoder_name(), "w").is_encoder


def test_a_problem_in_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(
        '{"scenario": "wrong", "seed": 1, "tier": "rendered", "starts_at": "2026-03-02T02:00:00Z",'
        ' "duration_s": 90, "cameras": [{"name": "market", "fps": 10, "width": 640, "height": 360}],'
        ' "problems": [{"id": "bag", "category": "garbage", "zone": "nowhere", "start_s": 3, "dwell_s": 12}]}',
        encoding="utf-8",
    )
    with pytest.raises(ValidationError, match="zone 'nowhere'"):
        Truth.load(path)
