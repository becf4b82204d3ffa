"""Processor time per picture of several models, taken in turns on the same pictures with one thread each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from models.training.boxes import Picture
from models.training.reference import Model

_WARM_UP = 3


def seconds_per_picture(
    models: Mapping[str, Model],
    pictures: Sequence[Picture],
    rounds: int = 3,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Median seconds of one whole call (resize, network, boxes) per model.

    Processor time of the process, not wall time: other programs on the machine then hardly count. The models
    take turns picture by picture, so that a slow minute of the machine hits all of them.
    """
    for model in models.values():
        for picture in pictures[:_WARM_UP]:
            model(picture)
    spent: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(rounds):
        for picture in pictures:
            for name, model in models.items():
                began = clock()
                model(picture)
                spent[name].append(clock() - began)
    return {name: float(np.median(values)) for name, values in spent.items()}
