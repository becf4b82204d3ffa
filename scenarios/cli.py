"""Command group ``scenarios``: lists, makes and shows scenarios, clips, training pictures and contact sheets."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click
import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ingest.config import ConfigError
from scenarios.clips import make_clip
from scenarios.contact_sheet import clip_sheet, training_sheet
from scenarios.families import Profile
from scenarios.language.files import load_folder
from scenarios.language.scenario import Scenario
from scenarios.language.street import Tier
from scenarios.making import make, scenario_named
from scenarios.plan import View
from scenarios.pretty.runner import PrettyError, require_blender
from scenarios.shown import family_lines, folder_lines, scenario_lines
from scenarios.story_sheet import scenario_sheet
from scenarios.training_frames import make_family_set
from scenarios.training_set import FIRST_TRAINING_SEED, make_training_set
from scenarios.world.audit import audit

_VIEWS = click.Choice(["junction", "market"])
_FOLDER = click.Path(file_okay=False, path_type=Path)
_PICTURE = click.Path(dir_okay=False, path_type=Path)
_SEED = click.IntRange(0, FIRST_TRAINING_SEED - 1)
_LAZY = {"fit-errors": ("scenarios.errors.cli", "fit_errors", "Fit the error model of detections to a detector.")}
"""Commands whose rooms are heavy: imported only when they are asked for."""


class _Group(click.Group):
    """Also lists the commands that are imported late."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_LAZY]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _LAZY:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = _LAZY[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self.commands[name].get_short_help_str(90)) for name in super().list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([*rows, *((name, summary) for name, (_, _, summary) in _LAZY.items())])


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; gives what is to be told how much is done of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns what a wrong scenario or a missing program raises into a message."""
    try:
        yield
    except (ValueError, ConfigError, PrettyError) as error:
        raise click.ClickException(str(error)) from error


def _scenario_options(command: Callable[..., None]) -> Callable[..., None]:
    """``FAMILY|FILE`` and what a family needs."""
    for option in (
        click.option("--profile", type=click.Choice(["short", "long"]), default="short", show_default=True),
        click.option("--seed", type=_SEED, default=1, show_default=True, help="Details of a family's scenario."),
        click.argument("target", metavar="FAMILY|FILE"),
    ):
        command = option(command)
    return command


@click.group(cls=_Group)
def scenarios() -> None:
    """Streets with exact truth: list, look at and make scenarios.

    \b
    Examples:
      kerbwatch scenarios list
      kerbwatch scenarios show parked_alone --sheet parked_alone.png
      kerbwatch scenarios make parked_alone --tier composed --seed 7 --out made
    """


@scenarios.command("list")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
def list_scenarios(folder: Path | None) -> None:
    """List the families, or the scenario files of a folder.

    \b
    Examples:
      kerbwatch scenarios list
      kerbwatch scenarios list my-streets
    """
    with _refusals():
        lines = family_lines() if folder is None else folder_lines(load_folder(folder))
    click.echo("\n".join(lines))


@scenarios.command("make")
@_scenario_options
@click.option(
    "--tier",
    type=click.Choice(["detections", "composed", "rendered"]),
    help="How it becomes input. Default: the scenario's first.",
)
@click.option(
    "--pretty", is_flag=True, help="Rendered by Blender: slow, one frame for each look, fine to look at."
)
@click.option(
    "--blender-python",
    default=sys.executable,
    metavar="PATH",
    help="Interpreter that can import bpy, for --pretty. Default: this one.",
)
@click.option("--out", type=_FOLDER, required=True, help="Folder; a folder named like the scenario is made in it.")
def make_scenario(
    target: str, seed: int, profile: str, tier: str | None, pretty: bool, blender_python: str, out: Path
) -> None:
    """Make a scenario: its file, its truth, and videos or sightings.

    \b
    Examples:
      kerbwatch scenarios make parked_alone --tier composed --seed 7 --out made
      kerbwatch scenarios make street.scenario.toml --tier detections --out made
      kerbwatch scenarios make parked_alone --tier rendered --pretty --blender-python bpy/bin/python --out made
    """
    with _refusals():
        scenario = scenario_named(target, seed, cast(Profile, profile))
        if pretty:
            require_blender(blender_python)
        chosen = cast(Tier, tier or ("rendered" if pretty else scenario.tiers[0]))
        with _bar(f"{scenario.name} {chosen}") as progress:
            made = make(
                scenario, chosen, out, blender_python=blender_python if pretty else None, progress=progress
            )
    for path in sorted(path for path in made.folder.iterdir() if path.is_file()):
        click.echo(f"{path}  {path.stat().st_size / 1e6:.2f} MB")


@scenarios.command("show")
@_scenario_options
@click.option("--sheet", "picture", type=_PICTURE, help="Write a contact sheet with the truth drawn in.")
@click.option("--camera", help="Camera of the sheet. Default: the first.")
@click.option("--frames", type=click.IntRange(1, 100), default=9, show_default=True, help="Frames of the sheet.")
def show(target: str, seed: int, profile: str, picture: Path | None, camera: str | None, frames: int) -> None:
    """Show timeline and truth of a scenario.

    \b
    Examples:
      kerbwatch scenarios show parked_alone --seed 7
      kerbwatch scenarios show street.scenario.toml --sheet street.png
    """
    with _refusals():
        scenario = scenario_named(target, seed, cast(Profile, profile))
        click.echo("\n".join(scenario_lines(scenario)))
        if picture is not None:
            _write(picture, scenario_sheet(scenario, camera or _first_camera(scenario), frames))


@scenarios.command("audit")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def audit_folder(folder: Path) -> None:
    """Hold the claims of a folder's scenarios against their timelines.

    Exit code: 0 nothing found, 1 some claims are not so.

    \b
    Example:
      kerbwatch scenarios audit my-streets
    """
    found = 0
    with _refusals():
        for path, scenario in load_folder(folder):
            sentences = audit(scenario)
            found += len(sentences)
            click.echo("\n  ".join([f"{path}: {len(sentences) or 'nothing'} found", *sentences]))
    sys.exit(1 if found else 0)


def _first_camera(scenario: Scenario) -> str:
    if not scenario.cameras:
        raise ValueError(f"{scenario.name}: has no camera, so there is nothing to draw; leave --sheet out")
    return scenario.cameras[0].name


@scenarios.command()
@click.option("--seed", type=_SEED, required=True, help="Decides every detail.")
@click.option("--view", type=_VIEWS, required=True, help="What happens in the clip.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the video and its truth file.")
def clip(seed: int, view: str, out: Path) -> None:
    """Render one clip of the demo (640x360, 10 fps, H.264) and its truth file.

    \b
    Examples:
      kerbwatch scenarios clip --seed 7 --view junction --out clips
      kerbwatch scenarios clip --seed 7 --view market --out clips
    """
    with _bar(f"{view} {seed}") as progress:
        made = make_clip(seed, cast(View, view), out, progress)
    click.echo(f"{made.video}  {made.truth.duration_s:.1f} s, {made.video.stat().st_size / 1e6:.2f} MB")
    for problem in made.truth.problems:
        end = "stays" if problem.end_s is None else f"until {problem.end_s:.1f} s"
        click.echo(f"  {problem.category} in {problem.zone} from {problem.start_s:.1f} s, {end}")
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
@click.option("--families", is_flag=True, help="Moments of the scenario families instead of random streets.")
def training_set(count: int, out: Path, first_seed: int, families: bool) -> None:
    """Render training pictures with YOLO labels.

    \b
    Examples:
      kerbwatch scenarios training-set --count 2500 --out datasets/rendered
      kerbwatch scenarios training-set --count 200 --first-seed 1900000 --out datasets/rendered_val
      kerbwatch scenarios training-set --families --count 2500 --out datasets/families
    """
    make = make_family_set if families else make_training_set
    with _bar("pictures") as progress:
        record = make(count, out, first_seed, lambda done: progress(done, count))
    click.echo(f"{record}")


@scenarios.group()
def sheet() -> None:
    """Draw truth onto pictures, many to a sheet, to look at them."""


@sheet.command("clip")
@click.option("--seed", type=_SEED, required=True)
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
