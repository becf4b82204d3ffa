"""Chooses a finished model's thresholds and says in lines for the card how it does, beside chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from models.training.evaluate import (
    Judged,
    at_threshold,
    average_precision,
    best_threshold,
    chance,
    judge_set,
    merged,
)
from models.training.folder import CLASSES, read_folder
from models.training.footage import Standing, agreement, count_photos, seen_shares
from models.training.reference import GARBAGE, PERSON, STALL, TWO_WHEELER, VEHICLE, Model, omz, yolox

_THRESHOLD_RANGE = (0.25, 0.60)
_LEAST_PRECISION = 0.80  # a false find that stands still becomes an operator's work
_LOOKED_AT_CLOSELY = frozenset({TWO_WHEELER, GARBAGE, STALL})
_LET_IN = (
    0.67  # of their best score: a node raises none of these before a close look has found it, surer than this
)
_PARKED = (Standing((651, 43, 723, 100), VEHICLE), Standing((733, 50, 767, 93), VEHICLE))
_PHOTOS = Path(__file__).parent / "labels" / "amsterdam.csv"
_VTEST_EVERY, _CARS_EVERY = 25, 6
_OMZ = "weights/omz/person-vehicle-bike-detection-{0}/person-vehicle-bike-detection-{0}.xml"


_CAUTION = (
    "how to read: number of labels in brackets; persons (and vehicles of malta_val) on real pictures are"
    " pseudo-labels of OMZ 2003 and YOLOX-nano, so their AP50 is agreement with these, not accuracy; composites"
    " and rendered pictures are not real streets; boxes of rubbish_val and of stalls were set by eye; thresholds were"
    " chosen on these same held-out pictures, except malta_val, which nothing was chosen by"
)


def own(model_file: Path) -> Model:
    """Our exported file: its output classes are CLASSES in order."""
    return yolox(model_file, {index: index for index in range(len(CLASSES))})


def judge_sets(
    model: Model, datasets: Path, names: Sequence[str], progress: Callable[[], None] = lambda: None
) -> dict[str, dict[int, Judged]]:
    """Every class on every named data-set folder."""
    judged = {}
    for name in names:
        judged[name] = judge_set(model, read_folder(datasets / name))
        progress()
    return judged


def set_lines(label: str, judged: Mapping[str, Mapping[int, Judged]]) -> list[str]:
    """One line per folder: AP50 of every class that is labelled there, with the number of labels."""
    lines = []
    for name, kinds in judged.items():
        parts = [
            f"{CLASSES[kind].value} {average_precision(found):.3f} ({found.labelled})"
            for kind, found in kinds.items()
            if found.labelled
        ]
        lines.append(f"AP50 on {name}, {label}: {', '.join(parts)}")
    return lines


def chance_judged(datasets: Path, names: Sequence[str]) -> dict[str, dict[int, Judged]]:
    """What a detector scores that draws boxes from the labels' own sizes and places, blind to the picture."""
    rng = np.random.default_rng(0)
    sets = {name: read_folder(datasets / name) for name in names}
    return {name: judge_set(chance(rng, samples), samples) for name, samples in sets.items()}


def choose_thresholds(judged: Mapping[str, Mapping[int, Judged]]) -> dict[int, float]:
    """Per class the score with the best F1 over all held-out folders that label it, within sane bounds.

    Only scores with a precision of 0.8 or more are considered, where a class has such.
    """
    chosen = {}
    for kind in range(len(CLASSES)):
        parts = [kinds[kind] for kinds in judged.values() if kinds[kind].labelled]
        if parts:
            score, _, _ = best_threshold(merged(parts), _LEAST_PRECISION)
            score *= _LET_IN if kind in _LOOKED_AT_CLOSELY else 1.0
            chosen[kind] = round(min(max(score, _THRESHOLD_RANGE[0]), _THRESHOLD_RANGE[1]), 2)
    return chosen


def threshold_lines(judged: Mapping[str, Mapping[int, Judged]], thresholds: Mapping[int, float]) -> list[str]:
    """Precision and recall at the chosen thresholds, per folder and class."""
    lines = []
    for name, kinds in judged.items():
        parts = []
        for kind, limit in thresholds.items():
            if kinds[kind].labelled:
                precision, recall = at_threshold(kinds[kind], limit)
                parts.append(f"{CLASSES[kind].value} {precision:.2f}/{recall:.2f}")
        lines.append(f"precision/recall on {name} at the card's thresholds: {', '.join(parts)}")
    return lines


def footage_lines(label: str, model: Model, data: Path, thresholds: Mapping[int, float]) -> list[str]:
    """Figures on the two test videos of the data folder, which no training run sees."""
    reference = omz(data / _OMZ.format(2003))
    vtest, cars = data / "videos/vtest.avi", data / "videos/car-detection.mp4"
    limits = (thresholds.get(VEHICLE, 0.3), 0.1)
    shares = seen_shares(vtest, _VTEST_EVERY, model, _PARKED, limits)
    persons = agreement(vtest, _VTEST_EVERY, model, reference, PERSON)
    moving = agreement(cars, _CARS_EVERY, model, reference, VEHICLE)
    parked = "; ".join(f"{a:.0%} at {limits[0]:.2f}, {b:.0%} at {limits[1]:.2f}" for a, b in shares)
    precision, recall = at_threshold(moving, limits[0])
    return [
        f"vtest.avi, {label}: frames in which each of the two parked vehicles is found: {parked}",
        f"vtest.avi, {label}: persons AP50 {average_precision(persons):.3f} against OMZ 2003's finds"
        f" ({persons.labelled}; agreement with a model, not accuracy)",
        f"car-detection.mp4, {label}: vehicles AP50 {average_precision(moving):.3f}, precision {precision:.2f},"
        f" recall {recall:.2f} at {limits[0]:.2f}, against OMZ 2003's finds ({moving.labelled})",
    ]


def photo_line(model: Model, data: Path, threshold: float) -> str:
    """Photos of rubbish points in another city, never trained on and sorted by hand: how many are flagged."""
    photos = count_photos(model, data / "garbage_amsterdam_unlabelled", _PHOTOS, GARBAGE, threshold)
    return (
        f"garbage_amsterdam, ours: garbage found at {threshold:.2f} in {photos.flagged} of {photos.with_rubbish} photos"
        f" with rubbish and in {photos.flagged_clean} of {photos.clean} without (day and night, sorted by hand)"
    )


def measure(
    weights: Path, datasets: Path, names: Sequence[str], only_measured: Sequence[str], data: Path | None
) -> tuple[dict[int, float], list[str]]:
    """Thresholds chosen on the folders `names`, and every line of figures; those on videos need `data`.

    `only_measured` are folders that must not have a say in the choice.
    """
    judged = judge_sets(own(weights), datasets, names)
    thresholds = choose_thresholds(judged)
    judged |= judge_sets(own(weights), datasets, only_measured)
    names = (*names, *only_measured)
    lines = [_CAUTION, *set_lines("ours", judged), *threshold_lines(judged, thresholds)]
    lines += set_lines("chance", chance_judged(datasets, names))
    if data is not None:
        lines += footage_lines("ours", own(weights), data, thresholds)
        lines.append(photo_line(own(weights), data, thresholds.get(GARBAGE, _THRESHOLD_RANGE[1])))
    return thresholds, lines
