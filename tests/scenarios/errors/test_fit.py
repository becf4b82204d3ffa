from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from detectors.types import Detections, Frame
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from models.card import ModelCard
from models.catalogue import resolve
from scenarios.errors.cli import fit_errors
from scenarios.errors.degrade import PLAIN, Variant
from scenarios.errors.fit import fit_profile
from scenarios.errors.footage import Clip, FootageError, Recording, frames, link, read_recording
from scenarios.errors.measure import Measured, measure
from scenarios.errors.profile import Clip as SeenClip
from scenarios.errors.profile import ErrorProfile, Provenance
from scenarios.language.conditions import ConditionKind

WIDTH, HEIGHT = 320, 180
PARKED = (200, 90, 280, 130)
GHOST = (0.05, 0.6, 0.15, 0.75)
DARK = Variant("dusk 1", condition=ConditionKind.DUSK, amount=1.0)


def _walker(number: int) -> Box:
    left = 0.02 + 0.004 * number
    return left, 0.1, left + 0.06, 0.35


class _Scripted:
    """A detector that knows the clip: its answers depend on the number of the call alone."""

    def __init__(self, card: ModelCard, answers: Sequence[list[tuple[Box, float, ObjectClass]]]) -> None:
        self.card, self._answers, self._calls = card, answers, 0

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        rows = self._answers[self._calls % len(self._answers)]
        self._calls += 1
        boxes = np.array([row[0] for row in rows], np.float32).reshape(-1, 4)
        return [Detections(boxes, np.array([row[1] for row in rows], np.float32), tuple(row[2] for row in rows))]

    def close(self) -> None:
        self._calls = 0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "street.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (WIDTH, HEIGHT))
    for _ in range(400):
        writer.write(np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    writer.release()
    return path


def _fractions(box: tuple[int, int, int, int]) -> Box:
    return box[0] / WIDTH, box[1] / HEIGHT, box[2] / WIDTH, box[3] / HEIGHT


def _card() -> ModelCard:
    return resolve("kerbwatch-nano").card


def _truth(number: int) -> list[tuple[Box, float, ObjectClass]]:
    return [
        (_fractions(PARKED), 0.9, ObjectClass.VEHICLE),
        (_walker(number), 0.8, ObjectClass.PERSON),
    ]


def _answer(number: int) -> list[tuple[Box, float, ObjectClass]]:
    """The car's left edge is 10 % of its width off; the walker is missed in every fourth look; a ghost lasts."""
    x1, y1, x2, y2 = _fractions(PARKED)
    rows = [((x1 + 0.1 * (x2 - x1), y1, x2, y2), 0.7, ObjectClass.VEHICLE)]
    if number % 4:
        rows.append((_walker(number), 0.7, ObjectClass.PERSON))
    return [*rows, (GHOST, 0.6, ObjectClass.GARBAGE)]


@pytest.fixture(scope="module")
def recording(clip: Path) -> Recording:
    teacher = _Scripted(_card(), [_truth(n) for n in range(200)])
    return read_recording(clip.parent, Clip(clip.name, parked=(PARKED,)), teacher)


@pytest.fixture(scope="module")
def measured(recording: Recording) -> Measured:
    detector = _Scripted(_card(), [_answer(n) for n in range(200)])
    return measure([recording], detector, lambda _: None, variants=(PLAIN,))


@pytest.fixture(scope="module")
def profile(recording: Recording, measured: Measured) -> ErrorProfile:
    card = _card()
    provenance = Provenance(
        detector=card.name,
        version=card.version,
        weights_sha256=card.sha256,
        input_px=(512, 288),
        stretched=False,
        thresholds={},
        teacher="scripted",
        teacher_sha256=card.sha256,
        clips=(SeenClip(file="street.avi", sha256=recording.sha256, looks=recording.looks),),
        variants=(),
        looks=measured.total_looks,
        command="test",
        fitted_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return fit_profile("scripted", measured, card, provenance)


def test_looks_are_taken_every_fifth_of_a_second(clip: Path) -> None:
    assert sum(1 for _ in frames(clip)) == 200


def test_what_moves_is_one_track_and_what_was_marked_stands(recording: Recording) -> None:
    assert [(track.kind, track.stands, len(track.boxes)) for track in recording.tracks] == [
        (ObjectClass.VEHICLE, True, 200),
        (ObjectClass.PERSON, False, 200),
    ]


def test_every_look_is_held_against_the_truth(measured: Measured) -> None:
    car, walker = measured.sequences
    assert not any(look.found is None for look in car.looks)
    assert [look.found is None for look in walker.looks] == [number % 4 == 0 for number in range(200)]


def test_a_lasting_offset_is_told_from_trembling(profile: ErrorProfile) -> None:
    jitter = profile.classes[ObjectClass.VEHICLE].jitter
    assert jitter.lasting[0] == pytest.approx(0.1 * 1.4826, abs=0.01)
    assert jitter.passing[0] < 0.01


def test_a_sighting_that_stays_where_nothing_is_counts_as_a_place_not_as_flicker(profile: ErrorProfile) -> None:
    (ghost,) = profile.flicker
    assert (ghost.object_class, ghost.rate, ghost.places, ghost.place_share) == (ObjectClass.GARBAGE, 0, 1.0, 1.0)
    assert ghost.life_s > 0


def test_raw_counts_stand_beside_the_fit(profile: ErrorProfile) -> None:
    rows = {(row.object_class, row.interval_s): row for row in profile.intervals if row.conditions == "plain"}
    assert rows[ObjectClass.PERSON, 0.2].miss_to_miss == 0.0
    assert rows[ObjectClass.PERSON, 0.2].hit_to_hit == pytest.approx(2 / 3, abs=0.01)


def test_classes_that_no_clip_holds_are_borrowed_with_the_cards_figures_as_reason(profile: ErrorProfile) -> None:
    stall, car = profile.classes[ObjectClass.STALL], profile.classes[ObjectClass.VEHICLE]
    assert stall.source == "borrowed"
    assert stall.odds_factor == pytest.approx((0.70 / 0.30) / (0.43 / 0.57), abs=0.01)
    assert "recall 0.30 against 0.57" in stall.reason
    assert stall.misses.base > car.misses.base


def test_few_objects_differ_from_one_another_as_much_as_the_many_of_another_class(
    measured: Measured, profile: ErrorProfile
) -> None:
    car, walker = measured.sequences
    crowd = [
        replace(
            walker,
            track=100 + number,
            looks=[replace(look, size_px=look.size_px * (1 + number / 20)) for look in walker.looks],
        )
        for number in range(20)
    ]
    # One sequence is never found, the others always: on its own that would be a huge spread.
    cars = [car, replace(car, looks=[replace(look, found=None, offsets=None) for look in car.looks])]
    fitted = fit_profile("crowd", replace(measured, sequences=[*cars, *crowd]), _card(), profile.provenance)
    misses = {kind: errors.misses for kind, errors in fitted.classes.items()}
    assert misses[ObjectClass.VEHICLE].spread == misses[ObjectClass.PERSON].spread


def test_a_darker_version_asks_the_detector_about_a_darker_picture(recording: Recording) -> None:
    seen: list[float] = []

    class _Watching(_Scripted):
        def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
            seen.append(float(frames[0].mean()))
            return super().detect(frames, min_score=min_score)

    measure([recording], _Watching(_card(), [[]]), lambda _: None, variants=(DARK,))
    assert max(seen) < 60


def test_a_gap_in_a_track_is_bridged_and_a_long_one_ends_it() -> None:
    looks = [[_walker(n)] if n not in (5, 6) and not 20 <= n < 30 else [] for n in range(40)]
    tracks = link(ObjectClass.PERSON, looks)
    assert [(min(track.boxes), max(track.boxes), len(track.boxes)) for track in tracks] == [
        (0, 19, 20),
        (30, 39, 10),
    ]


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match=r"gone\.avi: No such file"):
        read_recording(tmp_path, Clip("gone.avi"), _Scripted(_card(), [[]]))


def test_the_command_says_which_weights_are_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(fit_errors, ["--footage", str(tmp_path), "--out", str(tmp_path / "out.json")])
    assert result.exit_code == 1
    assert "weights of model 'omz-2003'" in result.output
