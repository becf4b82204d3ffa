from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.runtime.preprocess import place, prepare
from models.card import InputSpec

sizes = st.integers(1, 5000)
specs = st.builds(
    InputSpec,
    width=st.sampled_from([32, 448, 512, 1024]),
    height=st.sampled_from([32, 256, 288, 1024]),
    colour=st.just("BGR"),
    resize=st.sampled_from(["letterbox", "stretch"]),
    pad_anchor=st.sampled_from(["top_left", "centre"]),
)
fraction = st.floats(0.0, 1.0, width=32)


def spec(**changes: object) -> InputSpec:
    return InputSpec.model_validate({"width": 8, "height": 4, "colour": "BGR", "resize": "stretch", **changes})


@given(sizes, sizes, specs, st.tuples(fraction, fraction, fraction, fraction))
def test_a_box_comes_back_to_where_it_was(
    width: int, height: int, wanted: InputSpec, box: tuple[float, float, float, float]
) -> None:
    placement = place(width, height, wanted)
    given_box = np.array([box], np.float32)
    back = placement.to_frame(placement.to_input(given_box))
    shift = np.abs(back - given_box) * np.array([width, height, width, height])
    assert shift.max() < 0.5


@given(sizes, sizes, specs)
def test_the_frame_lies_inside_the_input_and_keeps_its_shape_when_letterboxed(
    width: int, height: int, wanted: InputSpec
) -> None:
    put = place(width, height, wanted)
    assert put.left >= 0
    assert put.top >= 0
    assert 1 <= put.width <= wanted.width - put.left
    assert 1 <= put.height <= wanted.height - put.top
    if wanted.resize == "letterbox":
        assert put.width == wanted.width or put.height == wanted.height
        ratio = min(wanted.width / width, wanted.height / height)
        assert abs(put.width - max(1, width * ratio)) <= 0.5 + 1e-6
        assert abs(put.height - max(1, height * ratio)) <= 0.5 + 1e-6


def test_a_box_in_the_padding_ends_at_the_frame_edge() -> None:
    placement = place(100, 100, spec(resize="letterbox"))
    np.testing.assert_array_equal(placement.to_frame(np.array([[-9, 1, 99, 3]], np.float32)), [[0, 0.25, 1, 0.75]])


def test_a_marked_pixel_lands_where_the_placement_says() -> None:
    frame = np.zeros((100, 200, 3), np.uint8)
    frame[40:60, 150:170] = 255
    wanted = InputSpec.model_validate(
        {
            "width": 128,
            "height": 128,
            "colour": "BGR",
            "resize": "letterbox",
            "pad_anchor": "centre",
            "pad_value": 0,
        }
    )
    blob, placement = prepare(frame, wanted)
    bright = np.argwhere(blob[0, 0] > 127)
    found = np.array([[bright[:, 1].min(), bright[:, 0].min(), bright[:, 1].max() + 1, bright[:, 0].max() + 1]])
    expected = placement.to_input(np.array([[0.75, 0.4, 0.85, 0.6]], np.float32))
    assert np.abs(found - expected).max() <= 1.0


def test_padding_colour_order_and_normalisation_follow_the_card() -> None:
    frame = np.full((4, 4, 3), (10, 20, 30), np.uint8)
    blob, _ = prepare(
        frame, spec(resize="letterbox", colour="RGB", scale=2.0, mean=[1.0, 2.0, 3.0], std=[1.0, 2.0, 4.0])
    )
    assert blob.dtype == np.float32
    assert blob.shape == (1, 3, 4, 8)
    np.testing.assert_allclose(blob[0, :, 0, 0], [(30 * 2 - 1) / 1, (20 * 2 - 2) / 2, (10 * 2 - 3) / 4])
    np.testing.assert_allclose(blob[0, :, 0, 7], [(114 * 2 - 1) / 1, (114 * 2 - 2) / 2, (114 * 2 - 3) / 4])


def test_channels_last_graphs_get_channels_last() -> None:
    frame = np.full((4, 8, 3), (10, 20, 30), np.uint8)
    blob, _ = prepare(frame, spec(layout="NHWC"))
    assert blob.shape == (1, 4, 8, 3)
    np.testing.assert_array_equal(blob[0, 0, 0], [10, 20, 30])


@pytest.mark.parametrize("shape", [(1, 1), (1, 9000), (9000, 1), (3, 4096)])
@pytest.mark.parametrize("resize", ["letterbox", "stretch"])
def test_pictures_of_any_shape_can_be_prepared(shape: tuple[int, int], resize: str) -> None:
    frame = np.full((*shape, 3), 7, np.uint8)
    blob, _ = prepare(frame, spec(resize=resize))
    assert blob.shape == (1, 3, 4, 8)
    assert (blob == 7).any()


def test_a_window_into_a_larger_picture_can_be_prepared() -> None:
    picture = np.zeros((20, 20, 3), np.uint8)
    window = picture[2:10:2, ::-1]
    assert prepare(window, spec())[0].shape == (1, 3, 4, 8)
