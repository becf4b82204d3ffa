"""Command group ``scenarios``: makes clips with known truth, training pictures and contact sheets."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click
import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scenarios.clips import make_clip
from scenarios.contact_sheet import clip_sheet, training_sheet
from scenarios.training_set import FIRST_TRAINING_SEED, make_training_set
from scenarios.truth import View

_VIEWS = click.Choice(["junction", "market"])
_FOLDER = click.Path(file_okay=False, path_type=Path)
_PICTURE = click.Path(dir_okay=False, path_type=Path)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


@click.group()
def scenarios() -> None:
    """Make rendered streets with exact truth.

    \b
    Examples:
      kerbwatch scenarios clip --seed 7 --view market --out clips
      kerbwatch scenarios training-set --count 2500 --out datasets/rendered
    """


@scenarios.command()
@click.option(
    "--seed", type=click.IntRange(0, FIRST_TRAINING_SEED - 1), required=True, help="Decides every detail."
)
@click.option("--view", type=_VIEWS, required=True, help="What happens in the clip.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the video and its truth file.")
def clip(seed: int, view: str, out: Path) -> None:
    """Render one clip (640x360, 10 fps, H.264) and its truth file.

    \b
    Examples:
      kerbwatch scenarios clip --seed 7 --view junction --out clips
      kerbwatch scenarios clip --seed 7 --view market --out clips
    """
    with _bar() as bar:
        task = bar.add_task(f"{view} {seed}", total=None)
        made = make_clip(seed, cast(View, view), out, lambda done, of: bar.update(task, completed=done, total=of))
    click.echo(f"{made.video}  {made.truth.duration_s:.1f} s, {made.video.stat().st_size / 1e6:.2f} MB")
    for problem in made.truth.problems:
        end = "stays" if problem.end_s is None else f"until {problem.end_s:.1f} s"
        click.echo(f"  {problem.category.value} in {problem.zone} from {problem.start_s:.1f} s, {end}")
    click.echo(f"{made.truth_file}")


@scenarios.command("training-set")
@click.option("--count", type=click.IntRange(min=1), required=True, help="Number of pictures.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for images, labels and data.json.")
@click.option(
    "--first-seed",
    type=click.IntRange(min=FIRST_TRAINING_SEED),
    default=FIRST_TRAINING_SEED,
    show_default=True,
    help="Seed of the first street; two pictures are made of each street.",
)
def training_set(count: int, out: Path, first_seed: int) -> None:
    """Render training pictures with YOLO labels.

    \b
    Examples:
      kerbwatch scenarios training-set --count 2500 --out datasets/rendered
      kerbwatch scenarios training-set --count 200 --first-seed 1900000 --out datasets/rendered_val
    """
    with _bar() as bar:
        task = bar.add_task("pictures", total=count)
        record = make_training_set(count, out, first_seed, lambda done: bar.update(task, completed=done))
    click.echo(f"{record}")


@scenarios.group()
def sheet() -> None:
    """Draw truth onto pictures, many to a sheet, to look at them."""


@sheet.command("clip")
@click.option("--seed", type=click.IntRange(0, FIRST_TRAINING_SEED - 1), required=True)
@click.option("--view", type=_VIEWS, required=True)
@click.option(
    "--every", type=click.FloatRange(min=1.0), default=10.0, show_default=True, help="Seconds between pictures."
)
@click.option("--out", type=_PICTURE, required=True, help="PNG file to write.")
def sheet_clip(seed: int, view: str, every: float, out: Path) -> None:
    """Sheet of one clip, with zones, problems and what is seen.

    \b
    Example:
      kerbwatch scenarios sheet clip --seed 7 --view market --out market-7.png
    """
    seconds = [every * k for k in range(int(80 / every) + 1)]
    _write(out, clip_sheet(seed, cast(View, view), seconds))


@sheet.command("training")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(min=1), default=16, show_default=True)
@click.option("--out", type=_PICTURE, required=True, help="PNG file to write.")
def sheet_training(folder: Path, count: int, out: Path) -> None:
    """Sheet of a training set's first pictures with their labels.

    \b
    Example:
      kerbwatch scenarios sheet training datasets/rendered --out rendered.png
    """
    _write(out, training_sheet(folder, count))


def _write(out: Path, picture: cv2.typing.MatLike) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(out), picture):
        raise click.ClickException(f"cannot write {out}: is it a .png or .jpg in a folder you may write to?")
    click.echo(f"{out}")
