from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.makers.occlusion import shown

FAR = (0.2, 0.2, 0.4, 0.4)


def test_nothing_hides_what_is_nearest() -> None:
    behind, before = shown([FAR, (0.25, 0.2, 0.5, 0.5)], [20.0, 10.0])
    assert behind.share < 1.0
    assert (before.share, before.box) == (1.0, (0.25, 0.2, 0.5, 0.5))


def test_what_is_left_is_boxed() -> None:
    half = shown([FAR], [20.0], covers=[(0.0, 0.0, 0.3, 1.0)])[0]
    assert half.share == pytest.approx(0.5)
    assert half.box == pytest.approx((0.3, 0.2, 0.4, 0.4))


def test_what_is_behind_everything_is_gone() -> None:
    assert shown([FAR], [20.0], covers=[(0.0, 0.0, 1.0, 1.0)])[0].share == 0.0


@given(
    st.lists(
        st.tuples(
            st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.05, 0.2), st.floats(0.05, 0.2), st.floats(1, 60)
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_things_does_not_matter(things: list[tuple[float, ...]], rng: Random) -> None:
    boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in things]
    distances = [d for *_, d in things]
    result = shown(boxes, distances)
    order = list(range(len(things)))
    rng.shuffle(order)
    mixed = shown([boxes[i] for i in order], [distances[i] for i in order])
    assert [result[i] for i in order] == mixed
    assert all(0.0 <= item.share <= 1.0 for item in result)
