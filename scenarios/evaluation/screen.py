"""A run's outcome on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenarios.evaluation.columns import Shown, tables
from scenarios.evaluation.findings import Wrong, worst
from scenarios.evaluation.outcome import Outcome, TierOutcome

WORST = 20
_SEVERE = frozenset({Wrong.MISSED, Wrong.DOUBLED, Wrong.INVENTED, Wrong.MERGED})


def show(outcome: Outcome, console: Console) -> None:
    """Tables per tier, then the worst mistakes, what failed, and what was left out."""
    for tier in outcome.tiers:
        console.print(Text(tier_title(tier), style="bold"))
        for shown in tables(tier.ours, tier.baseline):
            console.print(_table(shown))
    _show_findings(outcome, console)
    for line in closing_lines(outcome):
        console.print(Text(line))
    for done in outcome.failed:
        console.print(Text(f"failed: {done.item.title}", style="red"))
        console.print(Text(f"  {(done.reason or '').splitlines()[0]}"))


def tier_title(tier: TierOutcome) -> str:
    """The tier, and how much is behind its figures."""
    return f"{tier.tier}: {len(tier.judged)} scenario(s), {tier.camera_hours:.1f} camera-hours"


def closing_lines(outcome: Outcome) -> Iterator[str]:
    """How much was done, kept and left out, a sentence each."""
    count = len(outcome.run.suite.items)
    yield f"{outcome.kept} of {count} kept from before, {len(outcome.failed)} failed, {outcome.run.wall_s:.0f} s"
    yield from outcome.run.suite.notes


def _table(shown: Shown) -> Table:
    table = Table(
        title=shown.title,
        title_justify="left",
        title_style="",
        pad_edge=False,
        box=SIMPLE_HEAD,
        collapse_padding=True,
    )
    table.add_column("category", no_wrap=True)
    for number, head in enumerate(shown.heads):
        table.add_column(head, justify="right", style="dim" if number in shown.base else "")
    for line in shown.rows:
        table.add_row(line.label, *line.cells, style="bold" if line is shown.rows[0] else "")
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
