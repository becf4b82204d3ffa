"""``kerbwatch evaluate``: how many problems are found, missed, doubled and invented."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import cast

import click
from rich.console import Console

from ingest.clock import to_millis
from models.errors import ModelError
from scenarios.errors.profile import ProfileInvalid
from scenarios.evaluation.acceptance import PARTS, Part
from scenarios.evaluation.document import document
from scenarios.evaluation.estimate import estimate_s
from scenarios.evaluation.item import DEFAULT_MODEL, DEFAULT_PROFILE, TIERS, Settings, Suite
from scenarios.evaluation.keys import model_sha256, profile_sha256
from scenarios.evaluation.markdown import MarksMissingError, around, write_markdown
from scenarios.evaluation.outcome import Outcome, Run, gather
from scenarios.evaluation.page import write_page
from scenarios.evaluation.pipeline import Plan, run_items
from scenarios.evaluation.progress import Progression
from scenarios.evaluation.screen import show
from scenarios.evaluation.steps import real_steps
from scenarios.evaluation.store import Store, write_atomically
from scenarios.evaluation.suites import Choice, SuiteName, from_folder, recorded_here, suite
from scenarios.language.street import Tier

INTERRUPTED = 130
GOALS_MISSED = 3
OUT = Path("data/evaluations")
MOST_SEEDS = 10_000
_WIDTH = 180
"""Letters to a line where the output goes into a file: the tables are wide."""


def _seeds(ctx: click.Context, param: click.Parameter, value: str | None) -> range | None:
    """``A-B`` or ``A``, both ends included."""
    if value is None:
        return None
    first, _, last = value.partition("-")
    if not first.isdecimal() or (last and not last.isdecimal()):
        raise click.BadParameter(f"{value!r} is no range of seeds; give for example 1000-1009", ctx, param)
    seeds = range(int(first), int(last or first) + 1)
    if not 0 < len(seeds) <= MOST_SEEDS:
        raise click.BadParameter(
            f"{value!r} holds {len(seeds)} seeds; give 1 to {MOST_SEEDS}, the smaller one first", ctx, param
        )
    return seeds


class _Remembering(click.Command):
    """Keeps the words it was called with, for the record."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["words"] = list(args)
        return super().parse_args(ctx, args)


@click.command("evaluate", cls=_Remembering)
@click.option(
    "--suite",
    "suite_name",
    type=click.Choice(["smoke", "full", "acceptance"]),
    help="Scenarios of this project; 'acceptance' is sized for the goals, on seeds from 1000 on.",
)
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice(PARTS),
    help="Only this part of the acceptance suite; repeatable.",
)
@click.option(
    "--scenarios",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Scenarios of your own: a folder with *.scenario.toml files, each run in every tier it names.",
)
@click.option("--tier", "tiers", multiple=True, type=click.Choice(TIERS), help="Only this tier; repeatable.")
@click.option("--family", "families", multiple=True, help="Only this family; repeatable.")
@click.option(
    "--seeds",
    callback=_seeds,
    metavar="A-B",
    help="These seeds instead of the suite's, e.g. 1000-1009.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Items at a time.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write the figures to this file ('-': stdout; tables then go to stderr).",
)
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here.")
@click.option(
    "--markdown",
    "markdown_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the tables here, between the marks of a file that has them.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=OUT,
    show_default=True,
    help="Where results are kept, one folder per item. What is there and still holds is not run again.",
)
@click.option("--fresh", is_flag=True, help="Run everything again, whatever is kept.")
@click.option("--require-goals", is_flag=True, help="Exit with 3 unless every goal of detection is reached.")
@click.option("--no-baseline", is_flag=True, help="Leave out the detect-track-dwell baseline.")
@click.option("--keep-videos", is_flag=True, help="Keep the videos that are made (gigabytes for the full suite).")
@click.option(
    "--error-profile", default=DEFAULT_PROFILE, show_default=True, help="Detector's errors in the detections tier."
)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Detector of the other tiers.")
@click.pass_context
def evaluate(
    ctx: click.Context,
    suite_name: str | None,
    parts: tuple[str, ...],
    folder: Path | None,
    tiers: tuple[str, ...],
    families: tuple[str, ...],
    seeds: range | None,
    jobs: int,
    json_file: str | None,
    html_file: Path | None,
    markdown_file: Path | None,
    out: Path,
    fresh: bool,
    require_goals: bool,
    no_baseline: bool,
    keep_videos: bool,
    error_profile: str,
    model: str,
) -> None:
    """Run scenarios through the system and a baseline, and compare both with the truth.

    Tiers: detections (error model, logic in this process), composed, rendered and real (videos through node,
    broker and centre). Their figures are never pooled. An interrupted run goes on where it was.

    Exit code: 0 all ran, 1 something failed (the rest is shown), 2 refused, 3 a goal is not reached (only with
    --require-goals), 130 interrupted.

    \b
    Examples:
      kerbwatch evaluate --suite smoke                            under three minutes
      kerbwatch evaluate --suite full --json full.json --html full.html
      kerbwatch evaluate --suite full --tier detections --seeds 1000-1009
      kerbwatch evaluate --suite acceptance --require-goals --markdown accuracy.md
      kerbwatch evaluate --suite acceptance --part negatives
      kerbwatch evaluate --scenarios ./my-streets --html mine.html
    """
    choice = Choice(cast(tuple[Tier, ...], tiers), families, seeds, cast(tuple[Part, ...], parts))
    settings = Settings(error_profile=error_profile, model=model, baseline=not no_baseline)
    chosen = _chosen(suite_name, folder, choice)
    _check(settings)
    json_path = None if json_file in (None, "-") else Path(json_file)
    _check_writable({"--out": out, "--json": json_path, "--html": html_file, "--markdown": markdown_file})
    _check_marks(markdown_file)
    command = shlex.join(["kerbwatch", "evaluate", *ctx.meta["words"]])
    notice = Console(stderr=True)
    store = Store(out)
    began, started_at = time.monotonic(), to_millis(datetime.now(UTC))
    try:
        with _ended_by_signals(), store.locked():
            minutes = estimate_s(chosen.items, jobs) / 60
            notice.print(
                f"{len(chosen.items)} items, about {minutes:.0f} min on {jobs} quiet cores if none is kept"
            )
            with Progression(chosen.items, notice) as progress:
                plan = Plan(jobs=jobs, fresh=fresh, keep_videos=keep_videos)
                done = run_items(chosen.items, settings, store, real_steps(), plan, progress)
            run = Run(command, chosen, settings, started_at, time.monotonic() - began)
            outcome = gather(run, done, store)
            _report(outcome, store, json_file, html_file)
            if markdown_file is not None:
                write_markdown(outcome, markdown_file)
    except KeyboardInterrupt:
        notice.print("Interrupted. What is complete is kept; the same command goes on from there.")
        sys.exit(INTERRUPTED)
    except OSError as error:
        raise click.ClickException(
            f"{error}. What is complete is kept; when this is put right the same command goes on from there."
        ) from error
    sys.exit(_exit_code(outcome, require_goals=require_goals))


def _exit_code(outcome: Outcome, *, require_goals: bool) -> int:
    if outcome.failed:
        return 1
    return GOALS_MISSED if require_goals and not outcome.reaches_all_goals else 0


def _chosen(suite_name: str | None, folder: Path | None, choice: Choice) -> Suite:
    if (suite_name is None) == (folder is None):
        raise click.UsageError("give either --suite or --scenarios")
    if choice.parts and suite_name != "acceptance":
        raise click.UsageError("--part belongs to --suite acceptance")
    if folder is not None:
        if choice.seeds is not None:
            raise click.UsageError("--seeds belongs to --suite: scenario files state their seed themselves")
        chosen = from_folder(folder, choice)
    else:
        from scenarios.families.registry import FAMILIES, SEED_LIMIT

        if choice.seeds is not None and choice.seeds.stop > SEED_LIMIT:
            raise click.BadParameter(f"{SEED_LIMIT} and above make training data", param_hint="--seeds")
        _check_families(choice.families, FAMILIES)
        chosen = suite(cast(SuiteName, suite_name), choice, list(FAMILIES.values()), recorded_here())
    if not chosen.items and not chosen.unbuilt:
        raise click.UsageError("nothing is left to run: no scenario fits --tier, --family and --seeds")
    return chosen


def _check_families(wanted: Sequence[str], known: Collection[str]) -> None:
    for name in wanted:
        if name not in known:
            close = get_close_matches(name, known)
            hint = f"did you mean {' or '.join(close)}?" if close else "kerbwatch scenarios list shows them"
            raise click.BadParameter(f"{name!r} is no family; {hint}", param_hint="--family")


def _check(settings: Settings) -> None:
    """Refuse a model or profile that does not exist before anything runs."""
    try:
        model_sha256(settings.model)
    except ModelError as error:
        raise click.BadParameter(str(error), param_hint="--model") from error
    try:
        profile_sha256(settings.error_profile)
    except ProfileInvalid as error:
        raise click.BadParameter(str(error), param_hint="--error-profile") from error


def _check_marks(markdown_file: Path | None) -> None:
    """Refuse at once a file whose text would be lost."""
    try:
        if markdown_file is not None:
            around(markdown_file)
    except MarksMissingError as error:
        raise click.BadParameter(str(error), param_hint="--markdown") from error


def _check_writable(paths: Mapping[str, Path | None]) -> None:
    """Refuse at once what could not be written after an hour."""
    for option, path in paths.items():
        if path is None:
            continue
        there = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
        if there != path.absolute() and not there.is_dir():
            raise click.BadParameter(f"{str(path)!r}: {there} is no folder; give another path", param_hint=option)
        if not os.access(there, os.W_OK):
            raise click.BadParameter(
                f"{str(path)!r}: {there} may not be written; give another path", param_hint=option
            )


def _report(outcome: Outcome, store: Store, json_file: str | None, html_file: Path | None) -> None:
    console = Console(stderr=json_file == "-")
    if not console.is_terminal:
        console.width = _WIDTH
    show(outcome, console)
    if json_file is not None:
        text = json.dumps(document(outcome), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        if json_file == "-":
            click.echo(text, nl=False)
        else:
            write_atomically(Path(json_file), text)
    if html_file is not None:
        write_page(outcome, store, html_file)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A closed terminal or a plain ``kill`` ends the run like Ctrl-C: its programs must not outlive it."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup wants to outlive its terminal
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
