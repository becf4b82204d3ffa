"""A run's outcome on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenarios.evaluation.columns import Shown
from scenarios.evaluation.findings import Wrong, worst
from scenarios.evaluation.goal_table import tier_tables
from scenarios.evaluation.outcome import Outcome, TierOutcome

WORST = 20
_CATEGORY = "category"
_GAP = 2
"""Letters between columns."""
_MARGINS = 2
"""Letters left and right of a table."""
_SEVERE = frozenset({Wrong.MISSED, Wrong.DOUBLED, Wrong.INVENTED, Wrong.MERGED})


def show(outcome: Outcome, console: Console) -> None:
    """Tables per tier, then the worst mistakes, what failed, and what was left out."""
    for tier in outcome.tiers:
        console.print(Text(tier_title(tier), style="bold"))
        for shown in tier_tables(tier):
            for table in fitting(shown, console.width):
                console.print(table)
    _show_findings(outcome, console)
    for line in closing_lines(outcome):
        console.print(Text(line))
    for one in outcome.failed:
        console.print(Text(f"failed: {one.title}", style="red"))
        console.print(Text(f"  {one.reason.splitlines()[0]}"))


def tier_title(tier: TierOutcome) -> str:
    """The tier, and how much is behind its figures."""
    return f"{tier.tier}: {len(tier.judged)} scenario(s), {tier.camera_hours:.1f} camera-hours"


def closing_lines(outcome: Outcome) -> Iterator[str]:
    """How much was done, kept and left out, a sentence each."""
    run = outcome.run
    yield f"{outcome.kept} of {run.count} kept from before, {len(outcome.failed)} failed, {run.wall_s:.0f} s"
    yield from run.suite.notes


def fitting(shown: Shown, width: int) -> Iterator[Table]:
    """As few tables as hold its columns side by side in ``width`` letters; a figure and its baseline stay together.

    A column alone may be too wide for a very narrow terminal: it is then broken into lines.
    """
    room = width - _MARGINS - _letters(_CATEGORY, (line.label for line in shown.rows))
    parts: list[list[int]] = [[]]
    used = 0
    for columns in _together(shown):
        needed = sum(
            _GAP + _letters(shown.heads[number], (line.cells[number] for line in shown.rows)) for number in columns
        )
        if parts[-1] and used + needed > room:
            parts.append([])
            used = 0
        parts[-1] += columns
        used += needed
    for place, part in enumerate(parts):
        yield _table(shown, part, shown.title if place == 0 else f"{shown.title} ({place + 1} of {len(parts)})")


def _together(shown: Shown) -> Iterator[list[int]]:
    for number in range(len(shown.heads)):
        if number not in shown.base:
            yield [number, number + 1] if number + 1 in shown.base else [number]


def _letters(head: str, cells: Iterable[str]) -> int:
    """Width of a column without its margins."""
    return max(len(line) for text in (head, *cells) for line in text.split("\n"))


def _table(shown: Shown, columns: Sequence[int], title: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="",
        pad_edge=False,
        box=SIMPLE_HEAD,
        collapse_padding=True,
    )
    table.add_column(_CATEGORY, no_wrap=True)
    for number in columns:
        table.add_column(shown.heads[number], justify="right", style="dim" if number in shown.base else "")
    for line in shown.rows:
        cells = (line.cells[number] for number in columns)
        table.add_row(line.label, *cells, style="bold" if line is shown.rows[0] else "")
    return table


def _show_findings(outcome: Outcome, console: Console) -> None:
    told = list(outcome.findings())
    if not told:
        console.print("No mistakes.")
        return
    counts = Counter(finding.wrong for finding in told)
    console.print(Text("Mistakes: " + ", ".join(f"{counts[wrong]} {wrong}" for wrong in Wrong if counts[wrong])))
    table = Table(
        "what", "scenario", "category", "which", "why", pad_edge=False, box=SIMPLE_HEAD, collapse_padding=True
    )
    for finding in worst((one for one in told if one.wrong in _SEVERE), WORST):
        scenario = Text(f"{finding.tier}/{finding.scenario}")
        table.add_row(finding.wrong.value, scenario, finding.category, finding.about, Text(finding.explanation))
    if table.row_count:
        console.print(table)
