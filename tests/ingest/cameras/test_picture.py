"""Single pictures from strangers: refused by their header, never half decoded."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras import SourceError, SourceFailure
from ingest.cameras.picture import decode_picture, picture_size
from tests.ingest.cameras.makers import jpeg, numbered

GOOD = jpeg(3)
PNG = cv2.imencode(".png", numbered(3))[1].tobytes()


def test_a_good_picture_has_its_pixels() -> None:
    assert decode_picture(PNG).tolist() == numbered(3).tolist()
    assert decode_picture(GOOD).shape == (48, 64, 3)


def with_size(width: int, height: int) -> bytes:
    """The good JPEG whose header claims another size."""
    at = GOOD.index(b"\xff\xc0")
    return GOOD[: at + 5] + struct.pack(">HH", height, width) + GOOD[at + 9 :]


def test_a_bomb_is_refused_before_decoding() -> None:
    bomb = with_size(60_000, 60_000)
    assert picture_size(bomb) == (60_000, 60_000)
    with pytest.raises(SourceError) as refusal:
        decode_picture(bomb)
    assert refusal.value.reason is SourceFailure.TOO_LARGE


def test_a_png_bomb_is_refused_before_decoding() -> None:
    bomb = PNG[:16] + struct.pack(">II", 60_000, 60_000) + PNG[24:]
    with pytest.raises(SourceError) as refusal:
        decode_picture(bomb)
    assert refusal.value.reason is SourceFailure.TOO_LARGE


@pytest.mark.parametrize("content", [GOOD[: len(GOOD) // 2], PNG[: len(PNG) // 2], GOOD[:20], with_size(0, 0)])
def test_a_picture_cut_short_is_corrupt_and_not_half_grey(content: bytes) -> None:
    with pytest.raises(SourceError) as refusal:
        decode_picture(content)
    assert refusal.value.reason is SourceFailure.CORRUPT


@pytest.mark.parametrize("content", [b"", b"GIF89a....", b"<svg/>", b"\x00" * 100])
def test_other_formats_are_refused(content: bytes) -> None:
    with pytest.raises(SourceError) as refusal:
        decode_picture(content)
    assert refusal.value.reason is SourceFailure.UNSUPPORTED


def test_an_orientation_tag_turns_nothing() -> None:
    entry = struct.pack("<HHIHHI", 0x0112, 3, 1, 6, 0, 0)
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00" + entry
    turned = GOOD[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + GOOD[2:]
    assert decode_picture(turned).shape == (48, 64, 3)


@given(st.binary(max_size=400), st.integers(0, 400))
def test_damage_ends_in_a_picture_or_a_typed_error(noise: bytes, at: int) -> None:
    damaged = GOOD[:at] + noise + GOOD[at + len(noise) :]
    try:
        image = decode_picture(damaged, max_pixels=1_000_000)
    except SourceError:
        return
    assert image.dtype == np.uint8
    assert image.ndim == 3
