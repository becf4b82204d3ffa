from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.runtime.nms import MAX_CANDIDATES, suppress
from detectors.types import iou

rows = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 15), st.integers(1, 15), st.integers(0, 2),
              st.integers(1, 100)),
    max_size=25,
)  # fmt: skip


@given(rows, st.sampled_from([0.3, 0.5, 0.7]))
def test_kept_boxes_of_a_kind_do_not_overlap_and_every_dropped_one_has_a_surer_double(
    given_rows: list[tuple[int, ...]], max_iou: float
) -> None:
    table = np.array(given_rows, np.float32).reshape(-1, 6)
    boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], axis=1)
    kinds, scores = table[:, 4].astype(np.int64), table[:, 5] / 100
    kept = suppress(boxes, scores, kinds, max_iou)
    assert (np.diff(scores[kept]) <= 0).all()
    overlap = iou(boxes, boxes)
    same = kinds[:, None] == kinds[None, :]
    among = (overlap > max_iou) & same
    np.fill_diagonal(among, False)
    assert not among[np.ix_(kept, kept)].any()
    for dropped in set(range(len(boxes))) - set(kept.tolist()):
        assert any(among[dropped, keeper] and scores[keeper] >= scores[dropped] for keeper in kept)


def test_a_graph_gone_wild_is_bounded() -> None:
    x = np.arange(3 * MAX_CANDIDATES, dtype=np.float32)
    boxes = np.stack([x, x, x + 0.5, x + 0.5], axis=1)
    kept = suppress(boxes, np.full(len(x), 0.9, np.float32), np.zeros(len(x), np.int64), 0.5)
    assert kept.tolist() == list(range(MAX_CANDIDATES))
