"""`kerbwatch models train`: one run of training, resumable."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import Progress

from models.commands.surroundings import DEFAULT_RECIPE, checked_extra, console, use_threads

if TYPE_CHECKING:
    import torch

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_COUNT, _SOME = click.IntRange(min=0), click.IntRange(min=1)
_NEW = click.Path(path_type=Path)


@click.command(
    epilog="Examples: kerbwatch models train --init yolox_nano.onnx\n\n"
    "kerbwatch models train --init none --recipe mine.toml --out runs/mine\n\nkerbwatch models train --resume"
)
@click.option("--datasets", type=_FOLDER, default=Path("datasets"), show_default=True)
@click.option(
    "--recipe", "recipe_file", type=_FILE, default=DEFAULT_RECIPE, help="Settings; default: the shipped run's."
)
@click.option(
    "--init",
    "initial",
    default="none",
    show_default=True,
    help="Start: a YOLOX-nano or exported ONNX file, an earlier run's last.pt, or none.",
)
@click.option("--out", type=_NEW, default=Path("runs/nano"), show_default=True, help="Folder of the run.")
@click.option("--threads", type=_SOME, default=2, show_default=True, help="Threads for the network.")
@click.option("--workers", type=_COUNT, default=1, show_default=True, help="Processes that prepare pictures.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where the network runs; auto: the graphics card where torch can use one.",
)
@click.option("--resume", is_flag=True, help="Go on from the run's last checkpoint.")
def train(
    datasets: Path,
    recipe_file: Path,
    initial: str,
    out: Path,
    threads: int,
    workers: int,
    device: str,
    resume: bool,
) -> None:
    """Train on data-set folders; the checkpoint lets a broken run go on, on another device too."""
    checked_extra()
    from models.training.folder import CLASSES, LabelError
    from models.training.initial import InitialWeightsError
    from models.training.loop import CheckpointError, Report, Run
    from models.training.network import Network
    from models.training.prepare import starting_network
    from models.training.recipe import RecipeError, read_recipe

    use_threads(threads)
    where = _device(device)
    try:
        recipe = read_recipe(recipe_file)
        start = None if initial == "none" else Path(initial)
        network = Network(len(CLASSES)) if resume else starting_network(recipe, datasets, start)
        run = Run(network, recipe, out, where)
        console().print(f"training on {where.type}")
        if resume:
            run.resume()
        began = time.monotonic()
        with Progress(console=console()) as progress:
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


def _device(choice: str) -> torch.device:
    import torch

    from models.training.loop import best_device

    if choice == "auto":
        return best_device()
    if choice == "cuda" and not torch.cuda.is_available():
        raise click.ClickException(
            "--device cuda: torch finds no graphics card; install its CUDA build, or leave --device out"
        )
    return torch.device(choice)
