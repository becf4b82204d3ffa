"""The figures as Markdown tables, set between two marks of a document so that nobody copies numbers by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.errors import ModelError
from models.evaluation.disturbances import CURVES
from models.evaluation.report import CurvePoint, Figure, Figures

BEGIN = "<!-- model figures: begin -->"
END = "<!-- model figures: end -->"


class MarksMissingError(ModelError):
    """The document lacks the two marks, so nobody knows where the tables belong."""


def write_tables(figures: Figures, document: Path) -> None:
    """Replaces what stands between the marks. Raises MarksMissingError, OSError."""
    before, after = around(document)
    document.write_text(f"{before}{BEGIN}\n\n{markdown(figures)}\n{END}{after}", encoding="utf-8")


def around(document: Path) -> tuple[str, str]:
    """What stands before the marks and after them. Raises MarksMissingError, OSError."""
    before, found, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise MarksMissingError(f"{document}: has no {BEGIN} followed by {END}; put them where the tables belong")
    return before, after


def markdown(figures: Figures) -> str:
    """All tables of one run."""
    return "\n".join([*_accuracy(figures), *_times(figures), *_curves(figures)])


def _row(cells: Iterator[str] | list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _head(cells: list[str], left: int) -> list[str]:
    return [_row(cells), "|" + "---|" * left + "---:|" * (len(cells) - left)]


def _accuracy(figures: Figures) -> Iterator[str]:
    yield f"`{figures.command}`"
    yield ""
    yield "AP50 with the 95 % bootstrap interval over pictures. Labels by *teacher*: agreement with other models, not"
    yield "accuracy. Labels by *ours*: few boxes set by eye, experimental."
    yield ""
    names = list(dict.fromkeys(row.model for row in figures.figures))
    yield from _head(["pictures", "set", "class", "labels by", "labels", *names], 4)
    found = {(row.folder, row.object_class, row.model): row for row in figures.figures}
    for folder, kind in dict.fromkeys((row.folder, row.object_class) for row in figures.figures):
        first = found[folder, kind, names[0]]
        cells = [first.kind, folder, kind, first.labelled_by, f"{first.labels} in {first.pictures}"]
        yield _row([*cells, *(_estimate(found[folder, kind, name]) for name in names)])
    yield ""


def _estimate(row: Figure) -> str:
    return f"{row.ap50:.3f} ({row.low:.2f}-{row.high:.2f})"


def _times(figures: Figures) -> Iterator[str]:
    if not figures.timings:
        return
    first = figures.timings[0].model
    yield f"Processor time per picture (resize, network, boxes), one thread, in turns; ratio to {first}."
    yield ""
    yield from _head(["model", "ms", "ratio"], 1)
    for timing in figures.timings:
        yield _row([timing.model, f"{timing.milliseconds:.1f}", f"{timing.ratio:.2f}"])
    yield ""


def _curves(figures: Figures) -> Iterator[str]:
    names = list(dict.fromkeys(point.model for point in figures.curves))
    for name in names:
        points = [point for point in figures.curves if point.model == name]
        columns = list(dict.fromkeys((point.object_class, point.folder) for point in points))
        yield f"How AP50 of {name} falls as pictures get worse:"
        yield ""
        yield from _head(["disturbance", "step", *(f"{kind} ({folder})" for kind, folder in columns)], 1)
        for curve, step in dict.fromkeys((point.curve, point.step) for point in points):
            unit = "" if step is None else f" ({CURVES[curve][2]})"
            shown = "" if step is None else f"{step:g}"
            yield _row([curve + unit, shown, *(_value(points, curve, step, column) for column in columns)])
        yield ""


def _value(points: list[CurvePoint], curve: str, step: float | None, column: tuple[str, str]) -> str:
    return next(
        f"{point.ap50:.3f}"
        for point in points
        if (point.curve, point.step, point.object_class, point.folder) == (curve, step, *column)
    )
