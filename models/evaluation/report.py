"""All figures of one measuring run as plain data: what goes into the JSON file and into the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from models.evaluation.disturbances import CURVES, disturbed
from models.evaluation.interval import estimate
from models.evaluation.sources import SETS, SourceSet
from models.evaluation.timing import seconds_per_picture
from models.training.evaluate import Judged, average_precision, judge_pictures, merged
from models.training.folder import CLASSES, Sample, read_folder, read_picture
from models.training.reference import GARBAGE, PERSON, STALL, VEHICLE, Model

_TIMED_PICTURES = 20
Told = Callable[[str], None]
# Which class of which set stands for a curve: one real set for each class that has one.
_CURVE_OF: Mapping[str, tuple[int, ...]] = {
    "dhaka_val": (VEHICLE, PERSON),
    "malta_val": (GARBAGE,),
    "rendered_val": (STALL,),
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Part):
    """AP50 of one model for one class on one set, with the 95 % bootstrap interval over pictures."""

    model: str
    folder: str
    kind: str
    labelled_by: str
    object_class: str
    pictures: int
    labels: int
    ap50: float
    low: float
    high: float


class Timing(_Part):
    """Milliseconds of processor time per picture, one thread, and the ratio to the first model named."""

    model: str
    milliseconds: float
    ratio: float


class CurvePoint(_Part):
    """AP50 of one class under one step of one disturbance; `step` None is the unspoiled picture."""

    model: str
    curve: str
    step: float | None
    folder: str
    object_class: str
    ap50: float


class Figures(_Part):
    """One measuring run."""

    command: str
    figures: tuple[Figure, ...]
    timings: tuple[Timing, ...] = ()
    curves: tuple[CurvePoint, ...] = ()


def measure_sets(
    models: Mapping[str, Model],
    datasets: Path,
    told: Told,
    sets: Sequence[SourceSet] = SETS,
) -> list[Figure]:
    """Every model on every set. Raises LabelError where a set is missing."""
    rows: list[Figure] = []
    for source in sets:
        samples = read_folder(datasets / source.folder)
        labelled = [k for k in source.classes if any((sample.boxes[:, 0] == k).any() for sample in samples)]
        for name, model in models.items():
            told(f"{name} on {source.folder}: {len(samples)} pictures")
            judged = judge_pictures(model, samples)
            rows += [_figure(name, source, kind, judged[kind]) for kind in labelled]
    return rows


def _figure(model: str, source: SourceSet, kind: int, parts: Sequence[Judged]) -> Figure:
    found = estimate(parts)
    return Figure(
        model=model,
        folder=source.folder,
        kind=source.kind.value,
        labelled_by=source.classes[kind].value,
        object_class=CLASSES[kind].value,
        pictures=len(parts),
        labels=sum(part.labelled for part in parts),
        ap50=round(found.value, 3),
        low=round(found.low, 3),
        high=round(found.high, 3),
    )


def measure_time(models: Mapping[str, Model], samples: Sequence[Sample], told: Told) -> list[Timing]:
    """Time per picture of all models in one run, as ratios to the first one."""
    pictures = [read_picture(sample.image) for sample in samples[:_TIMED_PICTURES]]
    told(f"time of {', '.join(models)} on {len(pictures)} pictures")
    spent = seconds_per_picture(models, pictures)
    first = spent[next(iter(models))]
    return [
        Timing(model=name, milliseconds=round(1000 * value, 2), ratio=round(value / first, 3))
        for name, value in spent.items()
    ]


def measure_curves(
    models: Mapping[str, Model],
    datasets: Path,
    pictures: int,
    told: Told,
    sets: Sequence[SourceSet] = SETS,
) -> list[CurvePoint]:
    """Robustness curves on the first `pictures` pictures of each of `sets` that stands for a class."""
    points = []
    for folder, kinds in ((source.folder, _CURVE_OF.get(source.folder, ())) for source in sets):
        if not kinds:
            continue
        samples = read_folder(datasets / folder)[:pictures]
        steps = [("none", None)] + [
            (curve, step) for curve, (_, all_steps, _) in CURVES.items() for step in all_steps
        ]
        for name, model in models.items():
            for curve, step in steps:
                told(f"{name} on {folder}: {curve} {step or ''}")
                looking = model if step is None else disturbed(model, curve, step)
                judged = judge_pictures(looking, samples)
                points += [
                    CurvePoint(
                        model=name,
                        curve=curve,
                        step=step,
                        folder=folder,
                        object_class=CLASSES[kind].value,
                        ap50=round(average_precision(merged(judged[kind])), 3),
                    )
                    for kind in kinds
                    if any(part.labelled for part in judged[kind])
                ]
    return points
