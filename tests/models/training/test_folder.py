"""Labels: broken ones are refused naming file and line, sound ones survive a round trip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.folder import LabelError, read_folder, read_labels, write_sample
from models.training.reference import GARBAGE
from models.training.sources import Source, import_source

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415478da6360606000000004000127340a8d0000000049454e44ae426082"
)


def labels(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("0 0.5 0.5 0.2", "4 values"),
        ("0 0.5 0.5 0.2 nought", "not a row of numbers"),
        ("0 0.5 0.5 1.2 0.2", "leaves the picture"),
        ("0 0.5 0.5 0.0 0.2", "empty"),
        ("7 0.5 0.5 0.2 0.2", "class 7"),
        ("0 0.1 0.1 0.2 0.1 0.2", "neither a box nor a polygon"),
    ],
)
def test_a_broken_label_is_refused_naming_file_and_line(tmp_path: Path, line: str, says: str) -> None:
    path = labels(tmp_path, f"0 0.5 0.5 0.1 0.1\n{line}\n")
    with pytest.raises(LabelError, match=says) as refusal:
        read_labels(path, {0: 0}.__getitem__)
    assert str(refusal.value).startswith(f"{path}:2:")


def test_a_polygon_becomes_the_box_around_it(tmp_path: Path) -> None:
    rows = read_labels(labels(tmp_path, "0 0.1 0.2 0.5 0.3 0.4 0.8\n"), lambda _: GARBAGE)
    assert rows == pytest.approx(np.array([[GARBAGE, 0.1, 0.2, 0.5, 0.8]]))


def test_a_class_mapped_to_none_is_dropped(tmp_path: Path) -> None:
    rows = read_labels(labels(tmp_path, "0 0.5 0.5 0.1 0.1\n1 0.5 0.5 0.1 0.1\n"), {0: None, 1: 2}.__getitem__)
    assert rows[:, 0].tolist() == [2.0]


coordinate = st.floats(0.0, 1.0, width=32)


@given(st.lists(st.tuples(st.integers(0, 4), coordinate, coordinate, coordinate, coordinate), max_size=6))
def test_written_labels_are_read_back_to_a_millionth(
    tmp_path_factory: pytest.TempPathFactory, raw: list[tuple[int, float, float, float, float]]
) -> None:
    rows = [(kind, min(a, c), min(b, d), max(a, c), max(b, d)) for kind, a, b, c, d in raw]
    boxes = np.array([row for row in rows if row[3] - row[1] > 1e-3 and row[4] - row[2] > 1e-3], np.float32)
    root = tmp_path_factory.mktemp("set")
    write_sample(root, "one.png", PIXEL, boxes.reshape(-1, 5), boxes.reshape(-1, 5)[:, 1:])
    (sample,) = read_folder(root)
    assert sample.boxes == pytest.approx(boxes.reshape(-1, 5), abs=2e-6)
    assert sample.ignore == pytest.approx(boxes.reshape(-1, 5)[:, 1:], abs=2e-6)


def test_a_picture_without_a_label_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(PIXEL)
    with pytest.raises(LabelError, match=r"a\.txt: missing"):
        read_folder(tmp_path)


def test_an_import_names_the_broken_label_of_a_foreign_set(tmp_path: Path) -> None:
    for part in ("images", "labels"):
        (tmp_path / "foreign" / part).mkdir(parents=True)
    (tmp_path / "foreign" / "images" / "a.png").write_bytes(PIXEL)
    (tmp_path / "foreign" / "labels" / "a.txt").write_text("99 0.5 0.5 0.1 0.1\n")
    source = Source("ours", "foreign", {0: GARBAGE})
    with pytest.raises(LabelError, match=r"a\.txt:1: class 99"):
        import_source(source, tmp_path, tmp_path / "out")
