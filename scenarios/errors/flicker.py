"""Short-lived sightings of nothing (闪现误检): how often, how large, for how long, and whether they come again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log

import numpy as np

from ingest.boxes import iou
from ingest.taxonomy import ObjectClass
from scenarios.errors.degrade import PLAIN
from scenarios.errors.footage import LOOK_S
from scenarios.errors.measure import FalseSighting, Measured
from scenarios.errors.profile import Flicker
from scenarios.language.conditions import ConditionKind

_SAME_PLACE = 0.4
_EPISODE_GAP_S = 1.0
_COMES_AGAIN = 3
_LASTING_S = 20.0
_MOST = 5.0


def fit_flicker(measured: Measured) -> tuple[Flicker, ...]:
    """One entry for each class that was seen where nothing is, in the recordings as they are."""
    false = [item for item in measured.false if item.variant == PLAIN]
    looks = {number: count for (name, number), count in measured.looks.items() if name == PLAIN.name}
    kinds = sorted({item.kind for item in false})
    return tuple(_one(kind, [item for item in false if item.kind is kind], looks) for kind in kinds)


def in_words(flicker: Sequence[Flicker]) -> str:
    """How often nothing is taken for something, for the profile's notes."""
    passing = ", ".join(f"{one.object_class} {3600 * one.rate / one.life_s:.0f}" for one in flicker)
    lasting = ", ".join(f"{one.object_class} {one.places:g}" for one in flicker)
    return (
        f"sightings of nothing that pass, in a camera-hour: {passing or 'none'}; "
        f"spots in a view where they come again: {lasting or 'none'}"
    )


def flicker_factors(measured: Measured, kinds: Iterable[ConditionKind]) -> dict[ConditionKind, float]:
    """How many times more of them a condition of amount 1 brings, a prior of one sighting on either side."""
    plain = _rate(measured, [PLAIN.name])
    factors = {}
    for kind in kinds:
        names = {item.variant.name for item in measured.sequences if item.variant.condition is kind}
        factors[kind] = float(np.clip(_rate(measured, sorted(names)) / plain, 0.2, _MOST))
    return factors


def _rate(measured: Measured, names: Sequence[str]) -> float:
    count = sum(item.variant.name in names for item in measured.false)
    return (count + 1.0) / (measured.looks_of(names) + 10.0)


def _one(kind: ObjectClass, false: Sequence[FalseSighting], looks: Mapping[int, int]) -> Flicker:
    groups = [(group, _episodes(group)) for group in _groups(false)]
    again = [(group, episodes) for group, episodes in groups if _comes_again(group, episodes)]
    once = [(group, episodes) for group, episodes in groups if not _comes_again(group, episodes)]
    shares = [len(group) / looks[group[0].recording] for group, _ in again]
    sizes = [0.5 * log((item.box[2] - item.box[0]) * (item.box[3] - item.box[1])) for item in false]
    scores = [log(item.score / (1 - min(item.score, 0.999))) for item in false]
    return Flicker(
        object_class=kind,
        rate=round(sum(len(group) for group, _ in once) / sum(looks.values()), 6),
        life_s=_life(once),
        places=round(len(again) / len(looks), 3),
        place_share=round(float(np.mean(shares)), 4) if shares else 0.0,
        place_life_s=_life(again),
        size=_normal(sizes),
        tall=_normal([log(_tall(item)) for item in false]),
        score=_normal(scores),
        seen=len(false),
    )


def _comes_again(group: Sequence[FalseSighting], episodes: Sequence[Sequence[FalseSighting]]) -> bool:
    """Again and again, or without end."""
    return len(episodes) >= _COMES_AGAIN or group[-1].at_s - group[0].at_s >= _LASTING_S


def _life(groups: Sequence[tuple[Sequence[FalseSighting], Sequence[Sequence[FalseSighting]]]]) -> float:
    lengths = [episode[-1].at_s - episode[0].at_s + LOOK_S for _, episodes in groups for episode in episodes]
    return round(float(np.mean(lengths)), 3) if lengths else LOOK_S


def _tall(item: FalseSighting) -> float:
    width, height = item.frame
    return (item.box[3] - item.box[1]) * height / ((item.box[2] - item.box[0]) * width)


def _normal(values: Sequence[float]) -> tuple[float, float]:
    return round(float(np.mean(values)), 3), round(float(np.std(values)), 3)


def _groups(false: Sequence[FalseSighting]) -> list[list[FalseSighting]]:
    """Sightings of one place of one recording."""
    groups: list[list[FalseSighting]] = []
    for item in false:
        home = next(
            (g for g in groups if g[0].recording == item.recording and iou(g[0].box, item.box) >= _SAME_PLACE),
            None,
        )
        if home is None:
            groups.append([item])
        else:
            home.append(item)
    return groups


def _episodes(group: Sequence[FalseSighting]) -> list[list[FalseSighting]]:
    episodes: list[list[FalseSighting]] = []
    for item in sorted(group, key=lambda one: one.at_s):
        if episodes and item.at_s - episodes[-1][-1].at_s <= _EPISODE_GAP_S:
            episodes[-1].append(item)
        else:
            episodes.append([item])
    return episodes
