"""One measuring run: opens the models, leaves out what one of them knows, and collects all figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import NameTaken
from models.evaluation.opening import YARDSTICKS, label, open_model, shipped
from models.evaluation.report import Figures, measure_curves, measure_sets, measure_time
from models.evaluation.sources import SETS, sets_named
from models.training.folder import read_folder


@dataclass(frozen=True)
class Plan:
    """What to measure; empty `names` mean all shipped models, empty `folders` all sets, no `data` no yardsticks.

    `own`: folder of the user's models.
    """

    names: tuple[str, ...]
    datasets: Path
    data: Path | None
    folders: tuple[str, ...]
    timed: bool
    curve_pictures: int
    command: str
    own: Path | None = None


def measure(plan: Plan, told: Callable[[str], None]) -> Figures:
    """Raises ModelError for a model, LabelError for a set that cannot be used."""
    sets = sets_named(plan.datasets, plan.folders or [source.folder for source in SETS])
    names = plan.names or tuple(shipped())
    yardsticks = YARDSTICKS if plan.data is not None else ()
    _check_labels((*names, *yardsticks))
    models = {label(name): open_model(name, plan.data, folder=plan.own) for name in (*names, *yardsticks)}
    timings, curves = [], []
    if plan.timed:
        timed = dict(models)
        if plan.data is not None:
            timed |= {
                f"{label(n)} (openvino)": open_model(n, plan.data, backend="openvino", folder=plan.own)
                for n in names
            }
        timings = measure_time(timed, read_folder(plan.datasets / sets[0].folder), told)
    if plan.curve_pictures:
        looked = {label(name): models[label(name)] for name in names}
        curves = measure_curves(looked, plan.datasets, plan.curve_pictures, told, sets)
    return Figures(
        command=plan.command,
        figures=tuple(measure_sets(models, plan.datasets, told, sets)),
        timings=tuple(timings),
        curves=tuple(curves),
    )


def _check_labels(names: Sequence[str]) -> None:
    named: dict[str, str] = {}
    for name in names:
        if named.setdefault(label(name), name) != name:
            raise NameTaken(
                f"{named[label(name)]} and {name} would share one column, {label(name)!r}; rename a file"
            )
