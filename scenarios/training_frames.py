"""A training set out of the scenario families: moments of their streets, with seeds that nothing is measured on.

Where :mod:`scenarios.training_set` puts things at random, here they stand as people leave them: two-wheelers in rows,
goods on cloths, bulky things (大件弃物) that no class names, bags at walls; in rain, dusk and infra-red light. What has
no class is background, so that it is not learnt as rubbish. The folder is laid out as that of ``make_training_set``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from scenarios.families.crowded import FAMILIES as CROWDED
from scenarios.families.family import Family
from scenarios.families.registry import FAMILIES
from scenarios.families.sight import NoViewError
from scenarios.makers.pictures import CameraPictures
from scenarios.scene.camera import Image
from scenarios.scene.compose import Seen
from scenarios.training_set import CLASSES, TrainingFolder, label_lines, training_seeds

GENERATOR = "kerbwatch-families/1"
FRAMES_PER_SCENARIO = 3
_MOST_DISTURBED = 0.55
"""Of cover and defocus: beyond it nothing can be learnt from a picture."""


def picture_families() -> tuple[list[Family], list[Family]]:
    """Those whose short scenarios can be drawn, by name: with several problems of a kind in one street, and others."""
    drawn = [
        FAMILIES[name]
        for name in sorted(FAMILIES)
        if "composed" in FAMILIES[name].tiers and "short" in FAMILIES[name].profiles
    ]
    return [one for one in drawn if one in CROWDED], [one for one in drawn if one not in CROWDED]


def make_family_set(
    count: int, out_dir: Path, first_seed: int, progress: Callable[[int], None] | None = None
) -> Path:
    """Writes ``count`` pictures with labels and gives the path of ``data.json``.

    Seed by seed the next family in turn is built, every other one with several problems of a kind in one street: what
    they show is rare elsewhere. ``progress`` is called with the number of pictures done. Raises
    ValueError for a seed below ``FIRST_TRAINING_SEED`` or a count below 1. The same arguments write the same files.
    """
    first = training_seeds(count, first_seed)[0]
    folder, seed = TrainingFolder(out_dir), first
    crowded, others = picture_families()
    while folder.pictures < count:
        families = crowded if seed % 2 else others
        for number, (picture, seen) in enumerate(_moments(families[seed // 2 % len(families)], seed)):
            if folder.pictures == count:
                break
            height, width = picture.shape[:2]
            quality = int(np.random.default_rng((seed, 5, number)).integers(45, 95))
            folder.add(f"{seed:08d}_{number}", picture, label_lines(seen, width, height), quality)
            if progress is not None:
                progress(folder.pictures)
        seed += 1
    return folder.close(GENERATOR, range(first, seed))


def _moments(family: Family, seed: int) -> Iterator[tuple[Image, list[Seen]]]:
    """Some moments of a scenario with what has a class, spread over its length; none of a street badly in view."""
    try:
        scenario = family.build(seed, "short")
    except NoViewError:
        return
    rng = np.random.default_rng((seed, 4))
    if not scenario.cameras:
        return
    pictures = CameraPictures(scenario, scenario.cameras[int(rng.integers(len(scenario.cameras)))], "composed")
    edges = np.linspace(0, pictures.count, FRAMES_PER_SCENARIO + 1)
    for low, high in pairwise(edges):
        index = int(rng.uniform(low, high))
        weather = pictures.weather(index)
        if max(weather.covered, weather.defocus) > _MOST_DISTURBED:
            continue
        shot = pictures.shot(index)
        assert shot.image is not None  # a shot that is asked for by its number is drawn
        yield shot.image, [one for one in shot.seen if one.kind in CLASSES]
