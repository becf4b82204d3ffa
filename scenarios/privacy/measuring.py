"""Counts what stays visible: labelled faces and plates, and faces that the judge still finds afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detectors.privacy import Redacted, Region, Withheld
from detectors.types import Frame
from scenarios.privacy.judge import FaceJudge, overlap
from scenarios.privacy.labels import Label, LabelKind, read_picture
from scenarios.scoring.intervals import Interval, wilson

HIDDEN_PART = 0.9
"""A face or plate counts as hidden when this part of its box is covered, else as missed."""
FINEST = 3.0
"""... and when its blocks are at least its height divided by this: finer ones could be read."""
SIZES = ((0, 12), (12, 20), (20, 10_000))
"""Size buckets: heights in pixels, from .. below."""
_SAME_FACE_IOU = 0.3

Cover = Callable[[Frame], Redacted | Withheld]


@dataclass(frozen=True, slots=True)
class Rate:
    """`missed` of `of`, with the 95 % interval (Wilson) of that share."""

    name: str
    missed: int
    of: int

    @property
    def interval(self) -> Interval | None:
        """None where there was nothing."""
        return wilson(self.missed, self.of)


@dataclass(frozen=True, slots=True)
class Measured:
    """`rates` by kind, legibility and size; `judged`: faces the judge still finds; parts of pictures covered, 0..1.

    `by_chance` is the mean part of all labelled boxes' pictures that is covered: what a blind cover of that size
    would hide.
    """

    rates: tuple[Rate, ...]
    judged: Rate | None
    pictures: int
    withheld: int
    by_chance: float


def measure(folder: Path, labels: Sequence[Label], cover: Cover, judge: FaceJudge | None) -> Measured:
    """Cover every labelled picture below `folder` and count. A withheld picture shows nothing.

    Raises:
        MeasureError: A picture is absent or another one.
    """
    outcomes: list[tuple[Label, bool]] = []
    parts: list[float] = []
    found = still = withheld = 0
    for group in _by_file(labels):
        picture = read_picture(folder, group)
        covered = cover(picture)
        if isinstance(covered, Withheld):
            withheld += 1
            outcomes += [(label, False) for label in group]
            continue
        blocks = block_sides(covered.regions, picture.shape[0], picture.shape[1])
        parts += [float((blocks > 0).mean())] * len(group)
        outcomes += [(label, is_missed(label, blocks)) for label in group]
        if judge is not None:
            before, after = judge.faces(picture), judge.faces(covered.image)
            found += len(before)
            still += sum(any(overlap(face, other) >= _SAME_FACE_IOU for other in after) for face in before)
    return Measured(
        rates=tuple(_rates(outcomes)),
        judged=None if judge is None else Rate("faces the judge finds before and after", still, found),
        pictures=len(_by_file(labels)),
        withheld=withheld,
        by_chance=float(np.mean(parts)) if parts else 0.0,
    )


def block_sides(regions: Iterable[Region], height: int, width: int) -> NDArray[np.int32]:
    """The block's side at each pixel, H x W; 0 where nothing is covered."""
    sides = np.zeros((height, width), np.int32)
    for region in regions:
        part = sides[region.top : region.bottom, region.left : region.right]
        np.maximum(part, region.block, out=part)
    return sides


def is_missed(label: Label, blocks: NDArray[np.int32]) -> bool:
    """Whether too little of the label's box is covered, or too finely (`blocks` from :func:`block_sides`)."""
    inside = blocks[label.top : label.bottom, label.left : label.right]
    return bool((inside * FINEST >= label.height).mean() < HIDDEN_PART)


def _rates(outcomes: Sequence[tuple[Label, bool]]) -> Iterable[Rate]:
    for kind in LabelKind:
        mine = [(label, missed) for label, missed in outcomes if label.kind is kind]
        yield _rate(f"{kind}s", mine)
        yield _rate(f"{kind}s, legible", [pair for pair in mine if pair[0].legible])
        for low, high in SIZES:
            name = (
                f"{kind}s, {low} px and higher"
                if high >= SIZES[-1][1]
                else f"{kind}s, {low} to {high - 1} px high"
            )
            yield _rate(name, [pair for pair in mine if low <= pair[0].height < high])


def _rate(name: str, outcomes: Sequence[tuple[Label, bool]]) -> Rate:
    return Rate(name, sum(missed for _, missed in outcomes), len(outcomes))


def _by_file(labels: Sequence[Label]) -> list[list[Label]]:
    groups: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        groups[label.file].append(label)
    return list(groups.values())
