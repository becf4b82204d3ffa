"""Boxes, scores and names of what was found, as numbers of a profile: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log, log2

import numpy as np
from numpy.typing import NDArray

from scenarios.errors.chain import Floats, correlation_time
from scenarios.errors.degrade import PLAIN
from scenarios.errors.measure import Looked, Measured, ObjectLooks
from scenarios.errors.profile import TYPICAL_PX, Doubles, Edges, Jitter, Scores, Swaps

INTERVALS_S = (0.2, 1.0, 2.0)
"""Distances of looks at which the raw chains are counted."""

_SMALLEST_JITTER = 0.002
_TO_SD = 1.4826
_ENOUGH = 4
_STICKY_FROM = 0.3


def is_clear(sequence: ObjectLooks) -> bool:
    """Whether its boxes tell of the detector alone."""
    return sequence.variant.condition is None and not sequence.variant.cover


def _offsets(looks: Sequence[Looked]) -> tuple[Floats, Floats]:
    """Times and offsets (N x 4) of the looks that found an uncovered object."""
    found = [(look.at_s, look.offsets) for look in looks if look.offsets is not None and look.hidden < 0.05]
    return np.array([at for at, _ in found]), np.array([offsets for _, offsets in found]).reshape(-1, 4)


def _spread_of(values: Floats) -> Floats:
    """Robust standard deviation of each column: one wild box does not decide it."""
    if not len(values):
        return np.full(4, _SMALLEST_JITTER)
    deviation = np.median(np.abs(values - np.median(values, axis=0)), axis=0) * _TO_SD
    return np.asarray(np.maximum(deviation, _SMALLEST_JITTER))


def jitter_of(sequences: Sequence[ObjectLooks], yields: float) -> Jitter:
    tracks = [(item, *_offsets(item.looks)) for item in sequences]
    tracks = [(item, at, offsets) for item, at, offsets in tracks if len(at) >= _ENOUGH]
    lasting = np.array([np.median(offsets, axis=0) for _, _, offsets in tracks]).reshape(-1, 4)
    # What stands shows the detector's own trembling; what moves also shows the teacher's.
    standing = [(at, offsets) for item, at, offsets in tracks if item.stands]
    steady = standing or [(at, offsets) for _, at, offsets in tracks]
    centred = [offsets - np.median(offsets, axis=0) for _, offsets in steady]
    times = [at for at, _ in steady for _ in range(4)]
    columns = [part[:, edge] for part in centred for edge in range(4)]
    return Jitter(
        lasting=_edges(np.median(np.abs(lasting), axis=0) * _TO_SD)
        if len(lasting)
        else _edges(_spread_of(lasting)),
        passing=_edges(_spread_of(np.concatenate(centred) if centred else lasting)),
        correlation_s=round(correlation_time(times, columns, INTERVALS_S), 3) if columns else 1.0,
        yields=round(yields, 3),
    )


def _edges(values: NDArray[np.float64]) -> Edges:
    left, top, right, bottom = (round(float(value), 4) for value in values)
    return left, top, right, bottom


def yields_of(sequences: Sequence[ObjectLooks]) -> float:
    """How far the covered edge of a box follows the cover: 0 not at all, 1 the box shrinks to what is visible."""
    parts = [
        _towards(look) / sequence.variant.cover
        for sequence in sequences
        for look in sequence.looks
        if sequence.variant.cover and look.offsets is not None
    ]
    return float(np.clip(np.median(parts), 0, 1)) if parts else 0.0


def _towards(look: Looked) -> float:
    left, _, right, bottom = look.offsets or (0.0, 0.0, 0.0, 0.0)
    return {"left": left, "right": -right}.get(look.cover_side or "", -bottom)


def jitter_factor(measured: Measured, weaker: Sequence[ObjectLooks]) -> float:
    """How much more boxes tremble at amount 1."""
    plain = [item for item in measured.sequences if item.variant == PLAIN]
    usual, worse = _tremble(plain), _tremble(weaker)
    if usual is None or worse is None:
        return 1.0
    amount = float(np.mean([item.variant.amount for item in weaker]))
    return max(1.0, 1.0 + (worse / usual - 1.0) / amount)


def _tremble(sequences: Sequence[ObjectLooks]) -> float | None:
    parts = [offsets for item in sequences for _, offsets in [_offsets(item.looks)] if len(offsets) >= _ENOUGH]
    centred = [part - np.median(part, axis=0) for part in parts]
    return float(_spread_of(np.concatenate(centred)).mean()) if centred else None


def log_odds(score: float) -> float:
    held = min(max(score, 1e-3), 1 - 1e-3)
    return log(held / (1 - held))


def scores_of(sequences: Sequence[ObjectLooks], floor: float) -> Scores:
    tracks = []
    for item in sequences:
        found = [look for look in item.looks if look.found and look.hidden < 0.05]
        if len(found) >= _ENOUGH:
            values = np.array([log_odds(look.score) for look in found])
            size = float(np.mean([log2(TYPICAL_PX / max(look.size_px, 1.0)) for look in found]))
            tracks.append((np.array([look.at_s for look in found]), values, size))
    means = np.array([values.mean() for _, values, _ in tracks])
    halvings = np.array([item for _, _, item in tracks])
    slope, mean = np.polyfit(halvings, means, 1) if len(tracks) > 2 else (0.0, float(means.mean()))
    centred = [values - values.mean() for _, values, _ in tracks]
    return Scores(
        mean=round(float(mean), 3),
        per_halving=round(float(slope), 3),
        spread=round(float((means - mean - slope * halvings).std()), 3),
        sd=round(float(np.concatenate(centred).std()), 3),
        correlation_s=round(correlation_time([at for at, _, _ in tracks], centred, INTERVALS_S), 3),
        floor=floor,
    )


def swaps_of(sequences: Sequence[ObjectLooks]) -> Swaps:
    found = [[look.named for look in item.looks if look.named is not None] for item in sequences]
    shares = [
        (sum(name is not item.kind for name in names), len(names))
        for item, names in zip(sequences, found, strict=True)
    ]
    sticky = [(wrong, all_) for wrong, all_ in shares if all_ >= _ENOUGH and wrong / all_ >= _STICKY_FROM]
    rest = [(wrong, all_) for wrong, all_ in shares if (wrong, all_) not in sticky]
    into = Counter(
        name for item, names in zip(sequences, found, strict=True) for name in names if name is not item.kind
    )
    total = sum(into.values())
    return Swaps(
        rate=_ratio(rest),
        sticky_share=round(len(sticky) / max(1, sum(all_ >= _ENOUGH for _, all_ in shares)), 4),
        sticky_rate=_ratio(sticky),
        into={kind: round(count / total, 4) for kind, count in into.most_common()} if total else {},
    )


def _ratio(pairs: Sequence[tuple[int, int]]) -> float:
    total = sum(all_ for _, all_ in pairs)
    return round(sum(part for part, _ in pairs) / total, 5) if total else 0.0


def doubles_of(sequences: Sequence[ObjectLooks]) -> Doubles:
    found = [look for item in sequences for look in item.looks if look.found]
    pairs = np.array([(look.found, look.second) for look in found if look.second], np.float64).reshape(-1, 2, 2, 2)
    if not len(pairs):
        return Doubles(rate=0.0, part=(1.0, 1.0), shift=(0.0, 0.0))
    sides, middles = pairs[:, :, 1] - pairs[:, :, 0], pairs.mean(axis=2)
    part = np.median(sides[:, 1] / sides[:, 0], axis=0).round(3)
    shift = np.median(np.abs(middles[:, 1] - middles[:, 0]) / sides[:, 0], axis=0).round(3)
    return Doubles(
        rate=round(len(pairs) / len(found), 5),
        part=(float(part[0]), float(part[1])),
        shift=(float(shift[0]), float(shift[1])),
    )
