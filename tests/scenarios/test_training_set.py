"""The rendered training set: labels, seeds, repeatability."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import pytest

from ingest.taxonomy import ObjectClass
from scenarios.scene.compose import Seen
from scenarios.training_frames import make_family_set, picture_families
from scenarios.training_set import CLASSES, FIRST_TRAINING_SEED, label_lines, make_training_set, training_seeds


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


def _seen(box: tuple[float, float, float, float], visible: float, inside: float = 1.0, pixels: int = 400) -> Seen:
    return Seen(1, ObjectClass.GARBAGE, box, visible, inside, pixels)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("set")
    make_training_set(6, out, 1_700_000)
    return out


def test_every_picture_has_a_label_file_with_boxes_inside_the_frame(folder: Path) -> None:
    pictures = sorted((folder / "images").glob("*.jpg"))
    assert len(pictures) == 6
    for picture in pictures:
        image = cv2.imread(str(picture))
        assert image is not None
        assert image.shape == (360, 640, 3)
        for line in (folder / "labels" / f"{picture.stem}.txt").read_text(encoding="utf-8").splitlines():
            kind, *numbers = line.split()
            x, y, w, h = map(float, numbers)
            assert 0 <= int(kind) < len(CLASSES)
            assert min(x - w / 2, y - h / 2) >= -1e-5
            assert max(x + w / 2, y + h / 2) <= 1 + 1e-5
            assert w * 640 >= 5.99
            assert h * 360 >= 5.99


def test_the_record_names_classes_in_label_order_and_counts_labels(folder: Path) -> None:
    record = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    assert record["classes"] == ["person", "vehicle", "two_wheeler", "garbage", "stall"]
    lines = [
        line for p in (folder / "labels").glob("*.txt") for line in p.read_text(encoding="utf-8").splitlines()
    ]
    assert sum(record["objects"].values()) == len(lines) > 0


def test_the_same_arguments_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    make_training_set(6, tmp_path, 1_700_000)
    assert _digest(tmp_path) == _digest(folder)


def test_seeds_of_the_demo_never_train() -> None:
    for seed in (0, 41, FIRST_TRAINING_SEED - 1):
        with pytest.raises(ValueError, match="demo seed"):
            training_seeds(10, seed)
    assert min(training_seeds(10_000, FIRST_TRAINING_SEED)) >= FIRST_TRAINING_SEED


def test_a_set_of_no_pictures_is_refused() -> None:
    with pytest.raises(ValueError, match="count 0"):
        training_seeds(0, FIRST_TRAINING_SEED)


def test_what_is_hidden_or_tiny_is_not_labelled() -> None:
    box = (0.5, 0.5, 0.6, 0.6)
    assert label_lines([_seen(box, 0.34)], 640, 360) == []
    assert label_lines([_seen((0.5, 0.5, 0.508, 0.6), 1.0)], 640, 360) == []
    assert label_lines([_seen(box, 1.0, inside=0.1)], 640, 360) == []
    assert label_lines([_seen(box, 0.36)], 640, 360) == ["3 0.550000 0.550000 0.100000 0.100000"]


def test_a_large_thing_cut_by_the_edge_is_labelled() -> None:
    assert len(label_lines([_seen((0.0, 0.0, 0.4, 0.4), 1.0, inside=0.1, pixels=5000)], 640, 360)) == 1


def test_moments_of_families_are_the_same_bytes_for_the_same_seed_and_show_rows_of_one_kind(
    tmp_path: Path,
) -> None:
    crowded, _ = picture_families()
    wheels = next(index for index, one in enumerate(crowded) if one.name == "two_wheelers_along_the_kerb")
    seed = FIRST_TRAINING_SEED + 2 * wheels + 1
    while seed // 2 % len(crowded) != wheels:
        seed += 2
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        record = json.loads(make_family_set(3, folder, seed).read_text(encoding="utf-8"))
        assert record["images"] == 3
        assert record["objects"]["two_wheeler"] >= 4
    assert _digest(first) == _digest(second)


def test_things_without_a_class_are_background(tmp_path: Path) -> None:
    crowded, _ = picture_families()
    things = next(index for index, one in enumerate(crowded) if one.name == "things_left_standing")
    seed = FIRST_TRAINING_SEED + 1
    while seed // 2 % len(crowded) != things:
        seed += 2
    record = json.loads(make_family_set(3, tmp_path, seed).read_text(encoding="utf-8"))
    assert record["objects"]["garbage"] == record["objects"]["stall"] == 0


def test_families_never_train_on_seeds_that_are_measured(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="demo seed"):
        make_family_set(3, tmp_path, 1000)
