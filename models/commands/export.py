"""`kerbwatch models export`: a run becomes an ONNX file with its card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from models.commands.surroundings import checked_extra, console

if TYPE_CHECKING:
    from models.training.card_file import CardFacts
    from models.training.recipe import Recipe

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(path_type=Path)
OURS = "yolox_nano.onnx"
_VERSION = "0.1.0"
_DATASETS = "kerbwatch models dataset --data DATA && kerbwatch scenarios training-set ... (see docs/models.md)"


def made_by(recipes: tuple[Path, ...], name: str, size: tuple[int, int] | None, eight_bits: bool) -> str:
    """How the weights are made again: one run after the other, each from the one before; "" where that is not known."""
    if not recipes:
        return ""
    parts, before = [_DATASETS], "DATA/weights/yolox_nano.onnx"
    for recipe in recipes:
        out = f"runs/{recipe.stem}"
        parts.append(f"kerbwatch models train --init {before} --recipe models/training/{recipe.name} --out {out}")
        before = f"{out}/last.pt"
    said = [f"--recipe models/training/{recipe.name}" for recipe in recipes]
    said += [] if size is None else [f"--size {size[0]}x{size[1]}"]
    said += ["--int8"] if eight_bits else []
    parts.append(f"kerbwatch models export --run {Path(before).parent} {' '.join(said)} --data DATA --name {name}")
    return " && ".join(parts)


def _size(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    try:
        width, height = (int(side) for side in value.split("x"))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not WIDTHxHEIGHT, such as 448x256") from None
    if min(width, height) < 64 or width % 32 or height % 32:
        raise click.BadParameter(f"{value!r}: both sides must be multiples of 32, at least 64")
    return width, height


@click.command(
    epilog="Examples: kerbwatch models export --run runs/mine --name mine\n\n"
    "kerbwatch models export --run runs/recipe --recipe models/training/recipe.toml --data ~/data --name kerbwatch-nano"
    " --out models/weights"
)
@click.option("--run", "run_folder", type=_FOLDER, required=True, help="Folder of the run; it holds last.pt.")
@click.option(
    "--recipe",
    "recipe_files",
    type=_FILE,
    multiple=True,
    help="Recipes of all runs that led here, in order; default: the one that the run itself was made with.",
)
@click.option(
    "--started-from",
    default=OURS,
    show_default=True,
    help="What the first run started from (its --init), or none.",
)
@click.option("--datasets", type=_FOLDER, default=Path("datasets"), show_default=True)
@click.option("--data", type=_FOLDER, help="Folder with test videos and OMZ 2003; without it they are left out.")
@click.option("--out", type=_NEW, default=Path("exported"), show_default=True)
@click.option("--name", help="Of model and file; default: that of the run's folder.")
@click.option("--version", "version", default=_VERSION, show_default=True)
@click.option("--size", callback=_size, help="Input size WIDTHxHEIGHT of the file; default: the recipe's.")
@click.option(
    "--int8", "eight_bits", is_flag=True, help="Quantise to 8 bits; check with `evaluate` that it helps."
)
def export(
    run_folder: Path,
    recipe_files: tuple[Path, ...],
    started_from: str,
    datasets: Path,
    data: Path | None,
    out: Path,
    name: str | None,
    version: str,
    size: tuple[int, int] | None,
    eight_bits: bool,
) -> None:
    """Write a run's averaged weights as ONNX, measure that file, and write its card.

    Thresholds are chosen on the held-out folders that the recipe names in `evaluate_on`. Where anything fails, what
    lies in --out stays as it was.
    """
    checked_extra()
    from models.errors import ModelError
    from models.training.export import ExportError
    from models.training.loop import CheckpointError, recipe_of
    from models.training.recipe import RecipeError, read_recipe

    name = name or run_folder.resolve().name
    try:
        checkpoint = run_folder / "last.pt"
        recipes = [read_recipe(file) for file in recipe_files] or [recipe_of(checkpoint)]
        if not recipes[-1].evaluate_on:
            raise RecipeError(
                "evaluate_on is empty: thresholds are chosen on held-out pictures; name their folder in the recipe"
                " that you give with --recipe"
            )
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".exporting-", dir=out) as aside:
            facts = _measured(
                Path(aside) / f"{name}.onnx", checkpoint, recipes[-1], datasets, data, size, eight_bits
            )
            command = made_by(recipe_files, name, size, eight_bits)
            facts = replace(facts, name=name, version=version, command=command, started_from=started_from)
            _put(facts, recipes, out)
    except (RecipeError, CheckpointError, ExportError, ModelError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    for line in facts.accuracy:
        click.echo(line)


def _measured(
    weights: Path,
    checkpoint: Path,
    recipe: Recipe,
    datasets: Path,
    data: Path | None,
    size: tuple[int, int] | None,
    eight_bits: bool,
) -> CardFacts:
    """Writes the file and measures it."""
    from models.evaluation.for_card import card_figures
    from models.evaluation.report import measure_sets
    from models.evaluation.sources import sets_named
    from models.training.card_file import CardFacts
    from models.training.export import export as write
    from models.training.figures import measure, own
    from models.training.loop import averaged
    from models.training.quantise import calibration_pictures, quantise

    size = size or (recipe.width, recipe.height)
    difference = write(averaged(checkpoint), weights, *size)
    click.echo(
        f"{weights.name}: {weights.stat().st_size / 1e6:.1f} MB, differs from the network by {difference:.1g}"
    )
    if eight_bits:
        quantise(weights, weights, calibration_pictures(datasets, recipe.folders))
    with console().status("measuring, some minutes"):
        thresholds, accuracy = measure(weights, datasets, recipe.evaluate_on, recipe.measure_on, data)
        sets = sets_named(datasets, (*recipe.evaluate_on, *recipe.measure_on))
        measured = measure_sets({weights.stem: own(weights)}, datasets, lambda _: None, sets)
    figures = card_figures(measured)
    return CardFacts(weights.stem, "", weights, thresholds, accuracy, "", size, eight_bits, figures)


def _put(facts: CardFacts, recipes: list[Recipe], out: Path) -> None:
    """Weights first: a card without its weights would be refused, weights without a card are only not listed."""
    from models.card import parse_card
    from models.training.card_file import card_text

    text = card_text(facts, recipes)
    fresh = facts.weights.with_suffix(".toml")
    parse_card(text, origin=str(fresh))
    fresh.write_text(text, encoding="utf-8")
    for file in (facts.weights, fresh):
        file.replace(out / file.name)
