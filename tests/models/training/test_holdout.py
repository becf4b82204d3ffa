"""The hold-out: no look-alikes on both sides, and the committed list is what the command makes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.commands.split import split
from models.training.folder import LabelError, pictures
from models.training.hand_labels import RUBBISH, STALLS, read_hand_labels
from models.training.holdout import (
    DHAKA_LIST,
    LOOKALIKE_BITS,
    choose,
    fingerprint,
    list_text,
    lookalike_groups,
    read_list,
)
from models.training.reference import GARBAGE, STALL

_DATA = Path(os.environ.get("KERBWATCH_FOOTAGE", Path(__file__).resolve().parents[4] / "shared" / "data"))
_STREETS = _DATA / "vehicles_dhaka" / "train" / "images"
needs_streets = pytest.mark.skipif(not _STREETS.is_dir(), reason=f"{_STREETS}: the street pictures are not here")


def test_lookalikes_form_one_group_over_a_chain() -> None:
    prints = np.zeros((4, 128), np.uint8)
    prints[1, :6] = 1
    prints[2, :12] = 1
    prints[3] = 1
    assert lookalike_groups(prints, limit=8) == [0, 0, 0, 3]


def _nearest(prints: NDArray[np.uint8], inside: NDArray[np.bool_]) -> int:
    """The smallest hash distance between the two sides."""
    a, b = (prints[side].astype(np.float32) for side in (inside, ~inside))
    return int((a @ (1 - b).T + (1 - a) @ b.T).min(initial=128))


@given(st.integers(0, 2**32 - 1), st.integers(20, 60))
def test_no_two_pictures_within_the_limit_are_on_two_sides(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    prints = (rng.random((count, 128)) < 0.08).astype(np.uint8)
    names = [f"{index:04}.jpg" for index in range(count)]
    held_out = {picture.name for picture in choose(names, prints)}
    inside = np.array([name in held_out for name in names])
    assert _nearest(prints, inside) > LOOKALIKE_BITS


def test_a_list_survives_the_round_trip(tmp_path: Path) -> None:
    committed = read_list(DHAKA_LIST)
    path = tmp_path / "again.txt"
    path.write_text(list_text(committed))
    assert read_list(path) == committed


def test_a_broken_list_is_refused_naming_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# head\n0001.jpg 0001.jpg\n0002.jpg\n")
    with pytest.raises(LabelError, match=r"list\.txt:3"):
        read_list(path)


@needs_streets
def test_the_committed_list_is_what_the_street_pictures_give() -> None:
    done = CliRunner().invoke(split, ["--data", str(_DATA), "--check"])
    assert done.exit_code == 0, done.output


@needs_streets
def test_no_street_picture_has_a_lookalike_on_the_other_side() -> None:
    images = pictures(_STREETS)
    held_out = {picture.name for picture in read_list(DHAKA_LIST)}
    inside = np.array([image.name in held_out for image in images])
    assert 0.18 < inside.mean() < 0.22
    assert _nearest(np.stack([fingerprint(image) for image in images]), inside) > LOOKALIKE_BITS


def test_the_hand_labels_name_each_picture_once_with_its_digest() -> None:
    stalls, rubbish = read_hand_labels(STALLS, STALL), read_hand_labels(RUBBISH, GARBAGE)
    assert len(stalls) > 30
    assert {picture.side for picture in rubbish.values()} == {"train", "test"}
    assert all(len(picture.digest) == 64 for picture in (*stalls.values(), *rubbish.values()))
    assert any(not len(picture.boxes) for picture in rubbish.values())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a.jpg,d,0.5,0.1,0.4,0.2", "not inside"),
        ("a.jpg,d,x,0.1,0.4,0.2", "not four numbers"),
        ("b.jpg,e,0.1,0.1,0.2,0.2", "two digests"),
    ],
)
def test_a_broken_hand_label_is_refused_naming_its_line(tmp_path: Path, row: str, says: str) -> None:
    path = tmp_path / "stalls.csv"
    path.write_text(f"image,sha256,x1,y1,x2,y2\nb.jpg,d,0.1,0.1,0.2,0.2\n{row}\n")
    with pytest.raises(LabelError, match=says) as refusal:
        read_hand_labels(path, STALL)
    assert str(refusal.value).startswith(f"{path}:3")
