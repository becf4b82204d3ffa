"""`kerbwatch models export`: a run becomes an ONNX file with its card."""

from __future__ import annotations

from pathlib import Path

import click

from models.commands.surroundings import DEFAULT_RECIPE, REFINE_RECIPE, checked_extra, console
from models.errors import ModelError

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(path_type=Path)
_VERSION = "0.1.0"
_DATASETS = "kerbwatch models dataset --data DATA && kerbwatch scenarios training-set ... (see docs/models.md)"


def made_by(recipes: tuple[Path, ...], name: str, size: tuple[int, int] | None, eight_bits: bool) -> str:
    """How the weights are made again: one run after the other, each from the one before."""
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


@click.command(epilog="Example: kerbwatch models export --run runs/refined --data ~/data --out models/weights")
@click.option("--run", "run_folder", type=_FOLDER, default=Path("runs/refined"), show_default=True)
@click.option(
    "--recipe",
    "recipe_files",
    type=_FILE,
    multiple=True,
    default=[DEFAULT_RECIPE, REFINE_RECIPE],
    help="Recipes of the runs, in order; default: those of the shipped weights.",
)
@click.option("--datasets", type=_FOLDER, default=Path("datasets"), show_default=True)
@click.option("--data", type=_FOLDER, help="Folder with test videos and OMZ 2003; without it they are left out.")
@click.option("--out", type=_NEW, default=Path("models/weights"), show_default=True)
@click.option("--name", default="kerbwatch-nano", show_default=True)
@click.option("--version", "version", default=_VERSION, show_default=True)
@click.option("--size", callback=_size, help="Input size WIDTHxHEIGHT of the file; default: the recipe's.")
@click.option(
    "--int8", "eight_bits", is_flag=True, help="Quantise to 8 bits; check with `evaluate` that it helps."
)
def export(
    run_folder: Path,
    recipe_files: tuple[Path, ...],
    datasets: Path,
    data: Path | None,
    out: Path,
    name: str,
    version: str,
    size: tuple[int, int] | None,
    eight_bits: bool,
) -> None:
    """Write a run's averaged weights as ONNX, measure that file, and write its card."""
    checked_extra()
    from models.card import parse_card
    from models.evaluation.for_card import card_figures
    from models.evaluation.report import measure_sets
    from models.training.card_file import CardFacts, card_text
    from models.training.export import ExportError
    from models.training.export import export as write
    from models.training.figures import measure, own
    from models.training.holdout import seen_by
    from models.training.loop import averaged
    from models.training.quantise import calibration_pictures, quantise
    from models.training.recipe import RecipeError, read_recipe

    try:
        recipes = [read_recipe(file) for file in recipe_files]
        recipe = recipes[-1]
        out.mkdir(parents=True, exist_ok=True)
        weights = out / f"{name}.onnx"
        command = made_by(recipe_files, name, size, eight_bits)
        size = size or (recipe.width, recipe.height)
        difference = write(averaged(run_folder / "last.pt"), weights, *size)
        click.echo(
            f"{weights}: {weights.stat().st_size / 1e6:.1f} MB, differs from the network by {difference:.1g}"
        )
        if eight_bits:
            quantise(weights, weights, calibration_pictures(datasets, recipe.folders))
        with console().status("measuring, some minutes"):
            thresholds, accuracy = measure(weights, datasets, recipe.evaluate_on, recipe.measure_on, data)
        measured = measure_sets({name: own(weights)}, datasets, seen_by(), lambda _: None)
        figures = card_figures(measured)
        facts = CardFacts(name, version, weights, thresholds, accuracy, command, size, eight_bits, figures)
        text = card_text(facts, recipes)
        card = weights.with_suffix(".toml")
        parse_card(text, origin=str(card))
        card.write_text(text, encoding="utf-8")
    except (RecipeError, ExportError, ModelError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    for line in accuracy:
        click.echo(line)
