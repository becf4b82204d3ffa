"""`kerbwatch models evaluate`: figures per class and per source, times, robustness curves."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from models.commands.adding import FOLDER_OPTION

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_PLAIN = "kerbwatch models evaluate"


@click.command(
    epilog="Examples: kerbwatch models evaluate --data ~/data --document docs/models.md\n\n"
    "kerbwatch models evaluate runs/mine.onnx --on rendered_val --curves 0\n\n"
    "kerbwatch models evaluate mine --on my_streets --curves 0\n\n"
    "The sets are made by `kerbwatch models dataset` and `kerbwatch scenarios training-set`."
)
@click.argument("names", nargs=-1)
@click.option("--datasets", type=_FOLDER, default=Path("datasets"), show_default=True)
@click.option("--data", type=_FOLDER, help="Folder with the yardsticks' weights; without it they are left out.")
@click.option(
    "--on",
    "folders",
    multiple=True,
    help="Only this set, again for each; also a data-set folder of your own in --datasets. Default: all of ours.",
)
@click.option("--time/--no-time", "timed", default=True, show_default=True, help="Measure time per picture, too.")
@click.option(
    "--curves",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="Pictures of each set for the robustness curves; 0: none.",
)
@click.option("--json", "json_file", type=_FILE, help="Write all figures to this file.")
@FOLDER_OPTION
@click.option("--cards", is_flag=True, help="Put the figures into the cards of the models that ship.")
@click.option("--document", type=_FILE, help="Set the tables between the marks of this Markdown file.")
def evaluate(
    names: tuple[str, ...],
    datasets: Path,
    data: Path | None,
    folders: tuple[str, ...],
    timed: bool,
    curves: int,
    json_file: Path | None,
    folder: Path,
    cards: bool,
    document: Path | None,
) -> None:
    """Measure models on held-out pictures: AP50 with intervals, times as ratios, robustness.

    NAMES are models of the catalogue, cards, or files exported by `kerbwatch models export`; default: all that ship.
    YOLOX models with this project's input and OMZ ones can be measured. Nothing is written before all is measured.
    With --data the yardsticks (OMZ 2004 and 2003, YOLOX-nano) are measured in the same run.
    """
    from models.errors import ModelError
    from models.evaluation.for_card import write_cards
    from models.evaluation.running import Plan, measure
    from models.evaluation.tables import around, markdown, write_tables
    from models.training.folder import LabelError

    console = Console(soft_wrap=True, stderr=True)
    command = " ".join([_PLAIN, *(_shown(word) for word in sys.argv[3:])])
    plan = Plan(names, datasets, data, folders, timed, curves, command, folder)
    try:
        if document is not None:
            around(document)  # a wrong document is told now, not after an hour of measuring
        with console.status("measuring") as status:
            figures = measure(plan, status.update)
        click.echo(markdown(figures))
        if json_file is not None:
            json_file.write_text(figures.model_dump_json(indent=1) + "\n", encoding="utf-8")
        if cards:
            write_cards(figures.figures)
        if document is not None:
            write_tables(figures, document)
    except (LabelError, ModelError, OSError) as error:
        raise click.ClickException(str(error)) from None


def _shown(word: str) -> str:
    """Paths of this machine say nothing to a reader: only their last part is shown."""
    option, equals, value = word.rpartition("=") if word.startswith("--") else ("", "", word)
    return option + equals + (Path(value).name if value.startswith(("/", "~", "..")) else value)
