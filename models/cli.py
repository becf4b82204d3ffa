"""The `models` commands: make data sets, train, measure, export. Heavy imports wait for the command."""

from __future__ import annotations

import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from models.catalogue import list_models
from models.errors import ModelError

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(path_type=Path)
_DEFAULT_RECIPE = Path(__file__).parent / "training" / "recipe.toml"
_REFINE_RECIPE = _DEFAULT_RECIPE.with_name("refine.toml")
_VERSION = "0.1.0"
_COMMAND = (
    "kerbwatch models dataset --data DATA && kerbwatch scenarios training-set ... (see docs/models.md)"
    " && kerbwatch models train --init DATA/weights/yolox_nano.onnx --out runs/nano"
    " && kerbwatch models train --init runs/nano/last.pt --recipe models/training/refine.toml --out runs/refined"
    " && kerbwatch models export --run runs/refined --data DATA"
)


def _console() -> Console:
    return Console(soft_wrap=True)


def _checked_extra() -> None:
    try:
        import onnx  # noqa: F401 - only its presence matters
        import torch  # noqa: F401
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing; install it: pip install 'kerbwatch[train]'"
        ) from None


def _threads(count: int) -> None:
    import cv2
    import torch

    torch.set_num_threads(count)
    cv2.setNumThreads(1)


@click.group()
def models() -> None:
    """Make data sets, train, measure and export the project's own weights (extra: train).

    \b
    Examples:
      kerbwatch models list
      kerbwatch models train --help
      kerbwatch models evaluate --help
    """


@models.command("list", epilog="Example: kerbwatch models list")
def list_catalogue() -> None:
    """Show every model a node's configuration can name."""
    table = Table("Name", "Version", "Weights", "Licence", "Classes")
    for entry in list_models():
        card = entry.card
        classes = ", ".join(sorted({str(kind) for kind in card.classes.values()}))
        weights = "shipped" if entry.has_weights else "yours (weights = ...)"
        table.add_row(card.name, card.version, weights, card.provenance.licence, classes)
    _console().print(table)


@models.command(
    epilog="Example: kerbwatch models dataset --data ~/data --out datasets\n\n"
    "The rendered sets are made by the scenarios package; put them beside as rendered and rendered_val."
)
@click.option(
    "--data", type=_FOLDER, required=True, help="Folder with the foreign sets and the teachers' weights."
)
@click.option("--out", type=_NEW, default=Path("datasets"), show_default=True, help="Where the data sets go.")
@click.option("--composites", default=1500, show_default=True, help="How many composites to train on.")
@click.option("--composites-val", default=150, show_default=True, help="How many composites to measure on.")
@click.option("--seed", default=1, show_default=True)
def dataset(data: Path, out: Path, composites: int, composites_val: int, seed: int) -> None:
    """Turn the foreign sets into data-set folders: import, pseudo-label, compose."""
    _checked_extra()
    from models.training.build import build
    from models.training.folder import LabelError

    try:
        with Progress(console=_console()) as progress:
            for line in build(data, out, composites, composites_val, seed, progress):
                progress.console.print(line)
    except LabelError as error:
        raise click.ClickException(str(error)) from None


@models.command(
    epilog="Examples: kerbwatch models train --init yolox_nano.onnx\n\n"
    "kerbwatch models train --init none --recipe mine.toml --out runs/mine\n\nkerbwatch models train --resume"
)
@click.option("--datasets", type=_FOLDER, default=Path("datasets"), show_default=True)
@click.option(
    "--recipe", "recipe_file", type=_FILE, default=_DEFAULT_RECIPE, help="Settings; default: the shipped run's."
)
@click.option(
    "--init",
    "initial",
    default="none",
    show_default=True,
    help="Start: a YOLOX-nano ONNX file, an earlier run's last.pt, or none.",
)
@click.option("--out", type=_NEW, default=Path("runs/nano"), show_default=True, help="Folder of the run.")
@click.option("--threads", default=2, show_default=True, help="Threads for the network.")
@click.option("--workers", default=1, show_default=True, help="Processes that prepare pictures.")
@click.option("--resume", is_flag=True, help="Go on from the run's last checkpoint.")
def train(
    datasets: Path, recipe_file: Path, initial: str, out: Path, threads: int, workers: int, resume: bool
) -> None:
    """Train on data-set folders; the checkpoint lets a broken run go on."""
    _checked_extra()
    from models.training.folder import CLASSES, LabelError
    from models.training.initial import InitialWeightsError
    from models.training.loop import CheckpointError, Report, Run
    from models.training.network import Network
    from models.training.prepare import starting_network
    from models.training.recipe import RecipeError, read_recipe

    _threads(threads)
    try:
        recipe = read_recipe(recipe_file)
        start = None if initial == "none" else Path(initial)
        network = Network(len(CLASSES)) if resume else starting_network(recipe, datasets, start)
        run = Run(network, recipe, out)
        if resume:
            run.resume()
        began = time.monotonic()
        with Progress(console=_console()) as progress:
            task = progress.add_task("training", total=recipe.steps, completed=run.step)

            def told(report: Report) -> None:
                progress.advance(task)
                if report.step % 25 == 0:
                    parts = report.losses
                    progress.console.print(
                        f"step {report.step} loss {float(parts.total.detach()):.2f} box {parts.box:.3f} objectness"
                        f" {parts.objectness:.3f} class {parts.kind:.3f} after {time.monotonic() - began:.0f} s"
                    )

            run.advance(datasets, told, workers)
    except (RecipeError, LabelError, InitialWeightsError, CheckpointError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{run.checkpoint}")


@models.command(
    epilog="Example: kerbwatch models evaluate models/weights/kerbwatch-nano.onnx --on dhaka_val --on rendered_val"
)
@click.argument("weights", type=_FILE)
@click.option("--datasets", type=_FOLDER, default=Path("datasets"), show_default=True)
@click.option(
    "--on", "names", multiple=True, required=True, help="Data-set folder to measure on; repeat for more."
)
def evaluate(weights: Path, datasets: Path, names: tuple[str, ...]) -> None:
    """Measure an exported file (AP50, best-F1 threshold) on labelled data-set folders."""
    _checked_extra()
    from models.training.evaluate import average_precision, best_threshold
    from models.training.figures import judge_sets, own
    from models.training.folder import CLASSES, LabelError

    try:
        judged = judge_sets(own(weights), datasets, names)
    except LabelError as error:
        raise click.ClickException(str(error)) from None
    table = Table("data set", "class", "labels", "AP50", "threshold", "precision", "recall")
    for name, kinds in judged.items():
        for kind, found in kinds.items():
            if found.labelled:
                figures = (average_precision(found), *best_threshold(found))
                table.add_row(
                    name, CLASSES[kind].value, str(found.labelled), *(f"{value:.3f}" for value in figures)
                )
    _console().print(table)


@models.command(epilog="Example: kerbwatch models export --run runs/refined --data ~/data --out models/weights")
@click.option("--run", "run_folder", type=_FOLDER, default=Path("runs/refined"), show_default=True)
@click.option(
    "--recipe",
    "recipe_files",
    type=_FILE,
    multiple=True,
    default=[_DEFAULT_RECIPE, _REFINE_RECIPE],
    help="Recipes of the runs, in order; default: those of the shipped weights.",
)
@click.option("--datasets", type=_FOLDER, default=Path("datasets"), show_default=True)
@click.option(
    "--data", type=_FOLDER, help="Folder with test videos and yardstick weights; without it they are left out."
)
@click.option("--out", type=_NEW, default=Path("models/weights"), show_default=True)
@click.option("--name", default="kerbwatch-nano", show_default=True)
@click.option("--version", "version", default=_VERSION, show_default=True)
def export(
    run_folder: Path,
    recipe_files: tuple[Path, ...],
    datasets: Path,
    data: Path | None,
    out: Path,
    name: str,
    version: str,
) -> None:
    """Write a run's averaged weights as ONNX, measure that file, and write its card."""
    _checked_extra()
    from models.card import parse_card
    from models.training.card_file import CardFacts, card_text
    from models.training.export import ExportError
    from models.training.export import export as write
    from models.training.figures import measure
    from models.training.loop import averaged
    from models.training.recipe import RecipeError, read_recipe

    try:
        recipes = [read_recipe(file) for file in recipe_files]
        recipe = recipes[-1]
        out.mkdir(parents=True, exist_ok=True)
        weights = out / f"{name}.onnx"
        difference = write(averaged(run_folder / "last.pt"), weights, recipe.width, recipe.height)
        click.echo(
            f"{weights}: {weights.stat().st_size / 1e6:.1f} MB, differs from the network by {difference:.1g}"
        )
        with _console().status("measuring, some minutes"):
            thresholds, accuracy = measure(weights, datasets, recipe.evaluate_on, data)
        text = card_text(CardFacts(name, version, weights, thresholds, accuracy, _COMMAND), recipes)
        card = weights.with_suffix(".toml")
        parse_card(text, origin=str(card))
        card.write_text(text, encoding="utf-8")
    except (RecipeError, ExportError, ModelError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    for line in accuracy:
        click.echo(line)


if __name__ == "__main__":
    models()
