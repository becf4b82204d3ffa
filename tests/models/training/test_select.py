"""Hand labels and picked folders reach the data-set folders with the right boxes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from models.training.folder import LabelError, read_folder, write_sample
from models.training.hand_labels import import_rubbish
from models.training.reference import GARBAGE, STALL, VEHICLE
from models.training.select import has_stall, pick, umbrella_without_stall
from tests.models.training.test_folder import PIXEL


def street(root: Path, name: str, *kinds: int) -> None:
    rows = np.array([[kind, 0.1, 0.1, 0.5, 0.5] for kind in kinds], np.float32).reshape(-1, 5)
    write_sample(root, name, PIXEL, rows)


def test_a_picture_with_an_umbrella_is_a_negative_only_where_no_stall_is(tmp_path: Path) -> None:
    streets = tmp_path / "streets"
    street(streets, "a.png", STALL)
    street(streets, "b.png", VEHICLE)
    street(streets, "c.png")
    table = tmp_path / "candidates.csv"
    table.write_text("image,x1,y1,x2,y2,score\na.png,0,0,1,1,0.5\nb.png,0,0,1,1,0.5\n")
    assert pick(streets, tmp_path / "stalls", has_stall) == 1
    assert pick(streets, tmp_path / "umbrellas", umbrella_without_stall(table)) == 1
    (negative,) = read_folder(tmp_path / "umbrellas")
    assert negative.image.name == "b.png"


def rubbish(tmp_path: Path, digest: str) -> Path:
    (tmp_path / "photos").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "photos" / name).write_bytes(PIXEL)
    table = tmp_path / "rubbish.csv"
    table.write_text(
        f"image,side,sha256,x1,y1,x2,y2\na.png,train,{digest},0.1,0.2,0.5,0.6\nb.png,test,{digest},,,,\n"
    )
    return table


def test_photos_go_to_the_side_that_the_table_names(tmp_path: Path) -> None:
    table = rubbish(tmp_path, sha256(PIXEL).hexdigest())
    counts = dict(import_rubbish(tmp_path / "photos", tmp_path / "out", table))
    assert counts == {"rubbish": 1, "rubbish_val": 1}
    (sample,) = read_folder(tmp_path / "out" / "rubbish")
    assert sample.boxes == pytest.approx(np.array([[GARBAGE, 0.1, 0.2, 0.5, 0.6]]), abs=1e-5)
    (clean,) = read_folder(tmp_path / "out" / "rubbish_val")
    assert not len(clean.boxes)


def test_boxes_are_not_put_on_another_picture_than_the_one_that_was_labelled(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="SHA-256 differs"):
        dict(import_rubbish(tmp_path / "photos", tmp_path / "out", rubbish(tmp_path, "0" * 64)))
